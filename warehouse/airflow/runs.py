"""What the runs of DAGs have left: open loads, and whether a run goes on with them."""

from collections.abc import Callable

from warehouse.settings import Settings
from warehouse.storage.loads import find_orphaned_batches, name_opener


def find_orphaned(settings: Settings, is_live: Callable[[str], bool], names: list[str]) -> list[str]:
    """The open loads of the sources that no live run goes on with, and those of this task's own run."""
    return find_orphaned_batches(settings, name_opener(), is_live, names)


def is_live(run: str) -> bool:
    """Whether the run of a DAG, as raw.loads.opened_by names it, has not ended. A run that Airflow does not know
    has."""
    from airflow.sdk.exceptions import AirflowRuntimeError
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    dag_id, _, run_id = run.partition(" ")
    try:
        return RuntimeTaskInstance.get_dagrun_state(dag_id, run_id) in ("queued", "running")
    except AirflowRuntimeError:
        return False
