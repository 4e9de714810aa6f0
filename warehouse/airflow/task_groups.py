"""What several DAGs do alike. With what they landed: one mapped line of tasks a batch, parse → check → load; then one
event for all of them. With what they built: audit → publish → mirror."""

from typing import Any

from airflow.sdk import Asset, task, task_group

from warehouse.airflow import tasks
from warehouse.airflow.pools import BATCH_POOL, WRITE_POOL

MARTS = Asset("marts")


@task(pool=BATCH_POOL)
def parse(batch_id: str) -> str:
    return tasks.parse(batch_id)


@task(pool=BATCH_POOL)
def check(batch_id: str) -> str:
    return tasks.check(batch_id)


# Before any build that waits for the pool: marts are built once for many loads.
@task(pool=WRITE_POOL, priority_weight=100)
def load(batch_id: str) -> str:
    return tasks.load(batch_id)


# A teardown: it runs whether lines failed or not, and the state of the run is that of the lines.
@task(pool=WRITE_POOL, priority_weight=100, outlets=[Asset("raw_papers")])
def announce() -> None:
    tasks.announce()


@task_group
def batch(batch_id: str) -> None:
    load(check(parse(batch_id)))  # type: ignore[arg-type]


def ingest(batch_ids: Any) -> None:
    """Takes in each of the batches that a task has landed, then announces them together."""
    batch.expand(batch_id=batch_ids) >> announce().as_teardown()


@task(pool=WRITE_POOL)
def audit() -> str:
    return tasks.audit()


@task(pool=WRITE_POOL, outlets=[MARTS])
def publish(outlet_events: Any = None) -> int:
    return tasks.publish(outlet_events[MARTS])


@task
def mirror(version: int) -> str:
    return tasks.mirror(version)


def audit_and_publish(build_number: Any) -> None:
    """Audits and publishes what a task has built, then mirrors it, where a mirror is set."""
    published = publish()
    build_number >> audit() >> published
    if tasks.has_mirror():
        mirror(published)  # type: ignore[arg-type]
