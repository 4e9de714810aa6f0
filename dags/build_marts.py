"""
### build_marts

Makes the marts of what was loaded and shows them to readers: **build** (dbt models and tests) **→ audit** (Great
Expectations and guardrails against the last publication) **→ publish** (one atomic rename).

Starts when `ingest_papers` has loaded something (asset `raw_papers`), and is skipped where nothing of it is new. A
failed test or audit publishes nothing and leaves the last publication in place; the task's log has the reason and where
to look.
"""

from airflow.sdk import Asset, dag, task

from warehouse.airflow import tasks
from warehouse.airflow.dags import DAG_OPTIONS, deadline
from warehouse.airflow.pools import WRITE_POOL
from warehouse.airflow.task_groups import audit_and_publish


@dag(
    schedule=[Asset("raw_papers")],
    **DAG_OPTIONS,
    deadline=deadline(),
    tags=["paperhouse", "marts"],
    doc_md=__doc__,
)
def build_marts() -> None:
    @task(pool=WRITE_POOL)
    def build() -> int:
        return tasks.build()

    audit_and_publish(build())


build_marts()
