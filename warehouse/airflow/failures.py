"""What Airflow reports of tasks that failed and of runs that are late: in the task's log and in logs/failures.jsonl."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.clock import now
from warehouse.redaction import redact
from warehouse.settings import Settings


def report_failure(context: dict[str, Any]) -> None:
    """Airflow's failure callback: says what failed and where to look, in the task's log and in logs/failures.jsonl."""
    instance, error, settings = context["task_instance"], context.get("exception"), Settings()
    failure = {
        "at": now().isoformat(),
        "dag_id": instance.dag_id,
        "task_id": instance.task_id,
        "map_index": instance.map_index,
        "run_id": instance.run_id,
        "try_number": instance.try_number,
        "message": redact(str(error)),
    }
    _note(settings, failure)
    print(
        f"{instance.dag_id}.{instance.task_id} failed: {failure['message']}\nAll failures: {_failures_file(settings)}; "
        f"state: paperhouse status"
    )


def report_late(context: dict[str, Any], minutes: float) -> None:
    """Airflow's deadline callback: a run of a DAG takes longer than it should. The run goes on."""
    settings, run = Settings(), context["dag_run"]
    message = (
        f"{run['dag_id']} is late: its run {run['dag_run_id']} was not done {minutes:g} minutes after it was queued"
    )
    _note(
        settings,
        {
            "at": now().isoformat(),
            "dag_id": run["dag_id"],
            "task_id": None,
            "run_id": run["dag_run_id"],
            "message": message,
        },
    )
    print(f"{message}\nWho holds the lock: paperhouse doctor")


def _note(settings: Settings, failure: dict[str, Any]) -> None:
    settings.logs.mkdir(parents=True, exist_ok=True)
    with _failures_file(settings).open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(json.dumps(failure, ensure_ascii=False) + "\n")


def read_failures(settings: Settings, since: datetime) -> list[dict[str, Any]]:
    """The tasks' failures that were noted since the instant, the oldest first."""
    file = _failures_file(settings)
    noted = [_failure(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
    return [
        failure
        for failure in noted
        if failure and failure["task_id"] and datetime.fromisoformat(failure["at"]) >= since
    ]


def _failure(line: str) -> dict[str, Any] | None:
    """What a line notes; None of one that a full disk or a kill cut off."""
    try:
        failure: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return failure


def _failures_file(settings: Settings) -> Path:
    return settings.logs / "failures.jsonl"
