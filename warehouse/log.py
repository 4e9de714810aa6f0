"""The log of the steps: one line of JSON for each in logs/paperhouse.jsonl, with step, batch, source, rows and
seconds."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog

from transforms.text.repair import clean
from warehouse.clock import timed
from warehouse.redaction import redact
from warehouse.settings import Settings


def log_file(settings: Settings) -> Path:
    return settings.logs / "paperhouse.jsonl"


@contextmanager
def logged(settings: Settings, step: str, **facts: Any) -> Iterator[dict[str, Any]]:
    """Logs its block as one step, with how long it took and how it ended; what the block puts into the dict is logged
    too.

    The log is no step of its own: where it cannot be written, the work goes on.
    """
    found: dict[str, Any] = {}
    with timed() as watch:
        try:
            yield found
        except BaseException as error:
            _write(
                settings,
                "failed",
                step,
                facts | found | {"seconds": watch.so_far, "error": type(error).__name__, "message": str(error)},
            )
            raise
    _write(settings, "done", step, facts | found | {"seconds": watch.seconds})


def log_problem(settings: Settings, step: str, **facts: Any) -> None:
    """Logs what a step left out, and went on."""
    _write(settings, "left out", step, facts)


def _write(settings: Settings, event: str, step: str, facts: dict[str, Any]) -> None:
    with suppress(OSError):
        settings.logs.mkdir(parents=True, exist_ok=True)
        with log_file(settings).open("a", encoding="utf-8", errors="backslashreplace") as file:
            # A logger of our own, not structlog's global one: that is Airflow's in its tasks.
            logger = structlog.wrap_logger(
                structlog.WriteLogger(file),
                processors=[
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
                    lambda _logger, _name, line: redact(str(line)),
                ],
            )
            logger.msg(event, step=step, **facts)
    if settings.log_to_stderr:
        line = " ".join(f"{name}={value}" for name, value in {"step": step, **facts}.items())
        sys.stderr.write(f"paperhouse: {event} {redact(clean(line))}\n")
