"""
### ingest_papers

Takes files into the warehouse's raw tables: **land → parse → check → load**, one mapped line of tasks a file.

- Once a day it takes what waits in the inboxes, `var/inbox/SOURCE`, also what failed its check before; with `paths`,
  those files, folders or globs of the inboxes or of `PAPERHOUSE_INPUT_FOLDERS`.
- `airflow backfill create --dag-id ingest_papers --from-date … --to-date …` takes, for each day, the inbox files
  whose names carry that day.
- A batch that fails its Great Expectations check is not loaded; it is kept in `var/quarantine`, and the task's log
  names the Data Docs page.
- A run that loaded something new emits the asset `raw_papers` once, at its end, which starts `build_marts`.
"""

from airflow.sdk import Param, dag, task

from warehouse.airflow import tasks
from warehouse.airflow.dags import DAG_OPTIONS, deadline
from warehouse.airflow.pools import WRITE_POOL
from warehouse.airflow.task_groups import ingest


@dag(
    schedule="@daily",
    **DAG_OPTIONS,
    deadline=deadline(),
    tags=["paperhouse", "ingest"],
    doc_md=__doc__,
    params={
        "source": Param(
            "", type="string", description="a source: NAME of a NAME.yml in transforms/sources; empty: all inboxes"
        ),
        "paths": Param([], type="array", description="files, folders or globs of that source; empty: the inbox"),
    },
)
def ingest_papers() -> None:
    @task(pool=WRITE_POOL)
    def land(params=None, dag_run=None) -> list[str]:
        return tasks.land(params, dag_run.logical_date if dag_run.run_type == "backfill" else None)

    ingest(land())


ingest_papers()
