"""
### ingest_papers

Takes what a source received into the warehouse's raw tables: **land → parse → check → load**, one mapped line of tasks a file.

- Without parameters it takes what waits in `var/inbox/SOURCE`; with `paths`, those files, folders or globs.
- `airflow backfill create --dag-id ingest_papers --from-date … --to-date …` takes, for each day, the inbox files whose names carry that day.
- A batch that fails its Great Expectations check is not loaded; it is kept in `var/quarantine`, and the task's log names the Data Docs page.
- Loads emit the asset `raw_papers`, which starts `build_marts`.
"""

from datetime import UTC, datetime

from airflow.sdk import Asset, Param, dag, task, task_group

from warehouse import tasks


@dag(
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=tasks.DEFAULT_ARGS,
    tags=["paperhouse", "ingest"],
    doc_md=__doc__,
    params={
        "source": Param("hf_listing", type="string", description="a source: NAME of a NAME.yml in transforms/sources"),
        "paths": Param([], type="array", description="files, folders or globs; empty: the source's inbox"),
    },
)
def ingest_papers() -> None:
    @task(pool=tasks.WRITE_POOL)
    def land(params=None, dag_run=None) -> list[str]:
        return tasks.land(params, dag_run.logical_date if dag_run.run_type == "backfill" else None)

    @task
    def parse(batch_id: str) -> str:
        return tasks.parse(batch_id)

    @task
    def check(batch_id: str) -> str:
        return tasks.check(batch_id)

    @task(pool=tasks.WRITE_POOL, outlets=[Asset("raw_papers")])
    def load(batch_id: str) -> str:
        return tasks.load(batch_id)

    @task_group
    def batch(batch_id: str) -> None:
        load(check(parse(batch_id)))

    batch.expand(batch_id=land())


ingest_papers()
