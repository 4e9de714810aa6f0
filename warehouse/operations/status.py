"""What the warehouse holds: the loads, the last publication, the rejects, and what waits in quarantine."""

from typing import Any

import duckdb

from warehouse.clock import now
from warehouse.errors import StepError
from warehouse.settings import Settings
from warehouse.storage.connection import rows
from warehouse.storage.database import build_database, has_build_database
from warehouse.storage.files import read_json
from warehouse.storage.publication import open_publication, read_manifest, read_row_counts
from warehouse.upstream.freshness import measure_freshness

_BUSY_SECONDS = 3  # status reports a running step instead of waiting for it

_LOADS = """
select batch_id, source, original_name, started_at, coalesce(outcome, 'open') as outcome, paper_count, reject_count,
    claim_count, link_count, check_page, message
from {} order by started_at desc, load_id desc limit {}
"""
_REJECTS = "select reason, count(*) as reject_count from {} group by reason order by reject_count desc, reason"


_UNKNOWN_METRICS = """
select metric, count(*) as results from leaderboard where higher_is_better is null
group by metric order by results desc, metric limit 5
"""


def read_status(settings: Settings, limit: int = 10) -> dict[str, Any]:
    """home, publication (version, published_at, row counts), freshness of each source, loads (the latest first),
    rejects by reason, quarantine (batch → why), corrections by state, unknown_metrics (metric, results), busy.

    Where a step holds the build database, busy names it, and loads and rejects are those of the publication.
    """
    found = read_manifest(settings)
    publication = found and {
        "version": found["version"],
        "published_at": found["published_at"],
        "row_counts": read_row_counts(found),
    }
    quarantine = {
        folder.name: read_json(folder / "why.json")
        for folder in sorted(settings.quarantine.glob("*"))
        if folder.is_dir()
    }
    state: dict[str, Any] = {
        "home": str(settings.home),
        "publication": publication,
        "freshness": [],
        "loads": [],
        "rejects": [],
        "quarantine": quarantine,
        "corrections": {},
        "unknown_metrics": [],
        "busy": None,
    }
    if found:
        state |= _read_reading(settings)
    if has_build_database(settings):
        try:
            with build_database(
                settings.model_copy(update={"lock_timeout_seconds": _BUSY_SECONDS}), "status"
            ) as connection:
                return state | _history(connection, "raw.loads", "raw.rejects", limit)
        except StepError as error:
            state["busy"] = error.message
            if found:
                with open_publication(settings) as connection:
                    return state | _history(connection, "load_history", "rejects", limit)
    return state


def _read_reading(settings: Settings) -> dict[str, Any]:
    """corrections: state → how many; unknown_metrics: metric and results of those whose direction nobody knows, the
    most frequent first."""
    with open_publication(settings) as connection:
        try:
            states = rows(connection, "select state, count(*) as count from fct_corrections group by all order by all")
            return {
                "corrections": {each["state"]: each["count"] for each in states},
                "unknown_metrics": rows(connection, _UNKNOWN_METRICS),
            }
        except duckdb.CatalogException:  # made by another version
            return {}


def _history(connection: duckdb.DuckDBPyConnection, loads: str, rejects: str, limit: int) -> dict[str, Any]:
    return {
        "freshness": measure_freshness(connection, loads, now()),
        "loads": rows(connection, _LOADS.format(loads, int(limit))),
        "rejects": rows(connection, _REJECTS.format(rejects)),
    }
