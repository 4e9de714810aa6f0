"""What all DAGs have."""

from datetime import UTC, datetime, timedelta
from typing import Any

from warehouse.airflow.failures import report_failure, report_late
from warehouse.settings import Settings

DAG_OPTIONS: dict[str, Any] = {
    "start_date": datetime(2026, 1, 1, tzinfo=UTC),
    "catchup": False,
    "max_active_runs": 1,
    "default_args": {
        "owner": "paperhouse",
        "retries": 3,
        "retry_delay": timedelta(seconds=10),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "on_failure_callback": report_failure,
    },
}


def deadline() -> Any:
    """The deadline of each run of a DAG, reported by `report_late`; None where the settings have none."""
    from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback  # type: ignore[attr-defined]

    minutes = Settings().deadline_minutes
    if not minutes:
        return None
    callback = SyncCallback(report_late, {"minutes": minutes})
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=timedelta(minutes=minutes), callback=callback
    )
