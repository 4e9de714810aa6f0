"""One DAG for each live source, made from the YAML files in transforms/sources: fetch_hf_daily, fetch_arxiv_api,
fetch_arxiv_html and others."""

from datetime import UTC, datetime

from airflow.sdk import Param, dag, task

from warehouse.airflow import tasks
from warehouse.airflow.dags import DAG_OPTIONS, deadline
from warehouse.airflow.pools import host_pool
from warehouse.airflow.task_groups import ingest
from warehouse.upstream.sources import Source, read_live_sources

DOC = """
### fetch_{name}

Reads **{title}** from {url}, lands each answer, and loads it: **fetch → parse → check → load**.

- {scheduled}; with `from` and `to`, it fetches those days.
- `airflow backfill create --dag-id fetch_{name} --from-date … --to-date …` fetches each day of the span; the last day
  is the one before `--to-date`, as that is the instant at which it begins.
- A run that was killed goes on where it was. Hosts are asked one request at a time (pool `{pool}`).
- It begins paused, and needs `PAPERHOUSE_CONTACT`: no host is contacted before you allow it.
- A run that loaded something new emits the asset `raw_papers` once, at its end, which starts `build_marts`.
"""
BY_DAYS = "A scheduled run goes on from where the last refresh ended"
BY_PAPERS = "A scheduled run asks for the papers of lists of the last {days} days, {most} at most"


def fetch_source(source: Source) -> None:
    config = source.config
    pool, papers = host_pool(config.live.url), config.live.papers
    scheduled = BY_PAPERS.format(days=papers.listed_days, most=papers.most) if papers else BY_DAYS

    @dag(
        dag_id=f"fetch_{config.name}",
        schedule=config.live.schedule,
        is_paused_upon_creation=True,
        **DAG_OPTIONS | {"start_date": datetime(2023, 5, 1, tzinfo=UTC)},
        deadline=deadline(),
        tags=["paperhouse", "fetch"],
        doc_md=DOC.format(name=config.name, title=config.title, url=config.url, pool=pool, scheduled=scheduled),
        params={
            "from": Param(
                None,
                type=["null", "string"],
                format="date",
                description="the first day; empty: where the last refresh ended",
            ),
            "to": Param(
                None,
                type=["null", "string"],
                format="date",
                description="the last day; empty: the source's last whole day",
            ),
        },
    )
    def refresh() -> None:
        @task(pool=pool)
        def fetch(params=None, dag_run=None) -> list[str]:
            return tasks.fetch(config.name, params, dag_run.logical_date if dag_run.run_type == "backfill" else None)

        ingest(fetch())

    refresh()


for each in read_live_sources():
    fetch_source(each)
