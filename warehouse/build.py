"""Build: raw tables → staging → intermediate → marts, by dbt; what was loaded since the last build, or everything."""

import json
import shutil
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.clock import now, timed
from warehouse.database import insert, open_build_database, rows, write_lock
from warehouse.dbt import project_hash, run_dbt, target
from warehouse.errors import StepError
from warehouse.settings import Settings
from warehouse.sources import sources


@dataclass(frozen=True)
class Build:
    build_number: int
    load_number: int  # of the last load that the marts hold
    is_full_refresh: bool
    seconds: float


def build(settings: Settings, full_refresh: bool = False) -> Build:
    """Builds and tests the marts. Raises RejectedError where a dbt test fails, StepError where dbt does."""
    with write_lock(settings, "build"):
        with open_build_database(settings) as connection:
            _register_sources(connection)
            plan = _plan(connection, full_refresh)
        arguments = ["--vars", json.dumps({"built_load_number": plan.built_load_number}), "--exclude-resource-type", "unit_test"]
        with timed() as watch:
            run_dbt(settings, "build", *arguments, *(["--full-refresh"] if plan.is_full_refresh else []))
        with open_build_database(settings) as connection:
            facts = {"built_at": now(), "load_number": plan.load_number, "project_hash": project_hash(), "build_seconds": watch.seconds}
            insert(connection, "raw.builds", {"build_number": plan.build_number, "is_full_refresh": plan.is_full_refresh, **facts})
    return Build(plan.build_number, plan.load_number, plan.is_full_refresh, watch.seconds)


def last_build(connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    """The row of raw.builds of the last build, or None."""
    return next(iter(rows(connection, "select * from raw.builds order by build_number desc limit 1")), None)


def docs(settings: Settings) -> str:
    """dbt's static docs as one HTML file; made anew only where the dbt project changed. The caller holds the write lock."""
    page = target(settings) / f"docs-{project_hash()}.html"
    if not page.exists():
        run_dbt(settings, "docs", "generate", "--static")
        for old in target(settings).glob("docs-*.html"):
            old.unlink()
        shutil.copyfile(target(settings) / "static_index.html", page)
    return str(page)


@dataclass(frozen=True)
class _Plan:
    build_number: int
    load_number: int
    built_load_number: int
    is_full_refresh: bool


def _plan(connection: duckdb.DuckDBPyConnection, full_refresh: bool) -> _Plan:
    """What the next build has to do. Everything, where the dbt project changed or a load took an earlier one's place."""
    last = last_build(connection)
    (load_number,) = connection.execute("select coalesce(max(load_number), 0) from raw.loads").fetchone() or (0,)
    if not load_number:
        raise StepError("nothing is loaded yet", "Next: paperhouse run --source NAME PATH")
    if last is None:
        return _Plan(1, load_number, 0, True)
    replaced = connection.execute("select count(*) from raw.loads where is_replacement and load_number > ?", [last["load_number"]]).fetchone()
    is_full = full_refresh or last["project_hash"] != project_hash() or replaced != (0,)
    return _Plan(last["build_number"] + 1, load_number, 0 if is_full else last["load_number"], is_full)


def _register_sources(connection: duckdb.DuckDBPyConnection) -> None:
    for facts in sources():
        values = [facts.name, facts.title, facts.publisher, facts.url, facts.licence, facts.rank_of_trust]
        connection.execute("insert or replace into raw.sources values (?, ?, ?, ?, ?, ?)", values)
