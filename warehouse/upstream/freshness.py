"""How fresh each source is against its schedule and the bounds of its YAML."""

from datetime import datetime, timedelta
from typing import Any

import duckdb
from croniter import croniter

from transforms.config import SourceConfig
from warehouse.storage.connection import rows
from warehouse.upstream.sources import read_sources

_LAST_LOADS = (
    "select source, max(finished_at) as last_loaded_at from {} where outcome in ('loaded', 'unchanged') group by source"
)


def measure_freshness(connection: duckdb.DuckDBPyConnection, loads: str, at: datetime) -> list[dict[str, Any]]:
    """One row a source that was ever loaded: source, schedule, last_loaded_at, age_days, due_at (of a live one: when
    the load after the last was due), state ('fresh', 'late', 'missing').

    late and missing begin so many days after the last load as the YAML sets. loads: the table of loads.
    """
    last = {row["source"]: row["last_loaded_at"] for row in rows(connection, _LAST_LOADS.format(loads))}
    return [_row(source.config, last[source.name], at) for source in read_sources() if source.name in last]


def _row(config: SourceConfig, last_loaded_at: datetime, at: datetime) -> dict[str, Any]:
    age = max(timedelta(), at - last_loaded_at)  # of a clock that went back: as fresh as can be
    schedule = config.live.schedule if config.live else None
    return {
        "source": config.name,
        "schedule": schedule,
        "last_loaded_at": last_loaded_at,
        "age_days": round(age / timedelta(days=1), 1),
        "due_at": croniter(schedule, last_loaded_at).get_next(datetime) if schedule else None,
        "state": _state(config, age),
    }


def _state(config: SourceConfig, age: timedelta) -> str:
    if age > timedelta(days=config.freshness.error_after_days):
        return "missing"
    return "late" if age > timedelta(days=config.freshness.warn_after_days) else "fresh"
