"""
### send_digest

Writes to the subscribers in `var/subscribers.yml` what is new: papers with their strongest claims and links, new heads
of leaderboards, code that was promised and has come. Starts when `build_marts` has published (asset `marts`); each
subscriber gets at most one letter a day or week, no paper twice, and a run that is repeated sends nothing again.

The mail server is Airflow's connection `smtp_default`.
"""

from airflow.sdk import Asset, dag, task

from warehouse.airflow import tasks
from warehouse.airflow.dags import DAG_OPTIONS, deadline


@dag(
    schedule=[Asset("marts")],
    **DAG_OPTIONS,
    deadline=deadline(),
    tags=["paperhouse", "digest"],
    doc_md=__doc__,
)
def send_digest() -> None:
    @task
    def send() -> int:
        return tasks.send_digest()

    send()


send_digest()
