"""
### watch_inbox

Waits until a file comes into `var/inbox/SOURCE` and takes it in: **wait → land → parse → check → load**; then it waits
for the next.

- It looks once a minute (`PAPERHOUSE_INBOX_POKE_SECONDS`).
- A file that has landed before is left alone, also where its check failed: fix it, and copy it there again.
- A run that loaded something new emits the asset `raw_papers` once, at its end, which starts `build_marts`.
"""

from datetime import timedelta

from airflow.sdk import PokeReturnValue, dag, task

from warehouse.airflow import tasks
from warehouse.airflow.dags import DAG_OPTIONS
from warehouse.airflow.pools import WRITE_POOL
from warehouse.airflow.task_groups import ingest


@dag(
    schedule="@continuous",
    **DAG_OPTIONS,
    tags=["paperhouse", "ingest"],
    doc_md=__doc__,
)
def watch_inbox() -> None:
    @task.sensor(poke_interval=tasks.inbox_poke_seconds(), timeout=timedelta(days=7), mode="reschedule", soft_fail=True)
    def wait() -> PokeReturnValue:
        names = tasks.find_waiting_sources()
        return PokeReturnValue(is_done=bool(names), xcom_value=names)

    @task(pool=WRITE_POOL)
    def land(names: list[str]) -> list[str]:
        return tasks.land_inboxes(names)

    ingest(land(wait()))


watch_inbox()
