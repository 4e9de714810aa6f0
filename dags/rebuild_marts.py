"""
### rebuild_marts

Once a week, makes every mart anew and asks every row: **build** in full **→ audit → publish**, as `build_marts` does.

In between, `build_marts` makes and asks the rows of changed papers alone. What it cannot see, this finds: a row that
something else changed, two papers whose keys got the same hash, a test or a suite that became stricter.
"""

from airflow.sdk import dag, task

from warehouse.airflow import tasks
from warehouse.airflow.dags import DAG_OPTIONS, deadline
from warehouse.airflow.pools import WRITE_POOL
from warehouse.airflow.task_groups import audit_and_publish


@dag(
    schedule="@weekly",
    **DAG_OPTIONS | {"start_date": None},  # with one, the week that has passed would run when a home is made
    deadline=deadline(),
    tags=["paperhouse", "marts"],
    doc_md=__doc__,
)
def rebuild_marts() -> None:
    @task(pool=WRITE_POOL)
    def build() -> int:
        return tasks.rebuild()

    audit_and_publish(build())


rebuild_marts()
