"""Build: raw tables → staging → intermediate → marts, by dbt; what was loaded since the last build, or everything."""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.clock import now, timed
from warehouse.dbt import build_marts
from warehouse.errors import RejectedError, StepError
from warehouse.log import logged
from warehouse.publishing.vectors import embed
from warehouse.settings import Settings
from warehouse.steps.resolve import resolve
from warehouse.storage.connection import insert, rows, scalar
from warehouse.storage.copies import copying_publication
from warehouse.storage.database import build_database, open_build_database, write_lock
from warehouse.storage.publication import read_last_version
from warehouse.storage.published_ids import load_published_ids
from warehouse.storage.quarantine import flag_unpublished_batches
from warehouse.upstream.sources import read_sources
from warehouse.versions import project_hash


@dataclass(frozen=True)
class Build:
    build_number: int
    load_number: int  # of the last load that the marts hold
    is_full_refresh: bool
    seconds: float


def rebuild_mark(settings: Settings) -> Path:
    """A file that is there while the build database holds less than what landed."""
    return settings.build / "rebuilding"


def build(settings: Settings, full_refresh: bool = False) -> Build:
    """Finds each record's paper, then builds and tests the marts. Raises RejectedError where a dbt test fails,
    StepError where dbt does, or where a rebuild was not finished.

    The build is recorded when it starts. One that does not end, or fails, may leave marts of any kind: the next one
    makes all of them.
    """
    with logged(settings, "build") as entry, write_lock(settings, "build"):
        if rebuild_mark(settings).exists():
            raise StepError("a rebuild of the build database was not finished", "Next: paperhouse rebuild")
        with open_build_database(settings) as connection:
            _register_sources(connection)
            plan = _plan(settings, connection, full_refresh)
            facts = {
                "build_number": plan.build_number,
                "load_number": plan.load_number,
                "is_full_refresh": plan.is_full_refresh,
            }
            insert(
                connection,
                "raw.builds",
                facts | {"state": "running", "started_at": now(), "project_hash": plan.project_hash},
            )
            if settings.text_vectors:
                embed(connection)
            load_published_ids(settings, connection)
            resolution = resolve(connection, plan.built_load_number, plan.load_number)
        with nullcontext() if plan.is_full_refresh else copying_publication(settings), timed() as watch:
            try:
                build_marts(settings, plan.is_full_refresh)
            except RejectedError as error:
                with open_build_database(settings) as connection:
                    _end(connection, plan.build_number, {"state": "failed"})
                    hint = flag_unpublished_batches(settings, connection, error.message, None)
                raise RejectedError(error.message, f"{error.hint}\n{hint}") from error
        with open_build_database(settings) as connection:
            entry.update(facts, rows=scalar(connection, "select count(*) from marts.fct_papers"))
            measured = {"resolve_seconds": resolution.seconds, "build_seconds": watch.seconds}
            _end(connection, plan.build_number, measured | {"state": "built", "built_at": now()})
    return Build(plan.build_number, plan.load_number, plan.is_full_refresh, watch.seconds)


def _end(connection: duckdb.DuckDBPyConnection, build_number: int, values: dict[str, Any]) -> None:
    assignments = ", ".join(f"{name} = ?" for name in values)
    connection.execute(f"update raw.builds set {assignments} where build_number = ?", [*values.values(), build_number])


def require_finished_build(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The row of the last build, whose marts are complete. Raises StepError where there is none, or where it did not
    end well."""
    build = read_last_build(connection)
    if build is None:
        raise StepError("nothing is built yet", "Next: paperhouse build")
    if build["state"] != "built":
        raise StepError(
            f"build {build['build_number']} did not finish: its marts may be incomplete", "Next: paperhouse build"
        )
    return build


def is_incremental_to(connection: duckdb.DuckDBPyConnection, build: dict[str, Any], published: dict[str, Any]) -> bool:
    """Whether the marts of a build are those of the publication with that manifest but for int_changed_papers."""
    last = "select max(build_number) from raw.builds where published_version is not null"
    same = "select count(*) from raw.builds where build_number = ? and published_version = ? and project_hash = ?"
    whole = "select count(*) from raw.builds where build_number > ? and is_full_refresh"
    if published["build_number"] != scalar(connection, last):
        return False
    of_it = [published["build_number"], published["version"], build["project_hash"]]
    return bool(scalar(connection, same, of_it)) and not scalar(connection, whole, of_it[:1])


def read_last_build(connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    """The row of raw.builds of the build that was started last, or None."""
    return next(iter(rows(connection, "select * from raw.builds order by build_number desc limit 1")), None)


def is_published(settings: Settings) -> bool:
    """Whether the last publication is of all that is loaded, by the models of now."""
    with build_database(settings, "status") as connection:
        last = read_last_build(connection)
        load_number = scalar(connection, "select max(load_number) from raw.loads")
    if last is None or last["published_version"] is None:
        return False
    held = (last["published_version"], last["load_number"], last["project_hash"])
    return held == (read_last_version(settings), load_number, project_hash(settings))


def has_news(settings: Settings) -> bool:
    """Whether something is loaded, or a model changed, that the last publication does not hold."""
    with build_database(settings, "status") as connection:
        is_loaded = scalar(connection, "select max(load_number) from raw.loads") is not None
    return is_loaded and not is_published(settings)


@dataclass(frozen=True)
class _Plan:
    build_number: int
    load_number: int
    built_load_number: int
    is_full_refresh: bool
    project_hash: str


# Corrections of names, which may be on any paper.
_RENAMED = """
select count(*) from raw.loads
where
    source = 'corrections' and load_number > ?
    and (outcome = 'withdrawn' or batch_id in (select batch_id from raw.corrections where name is not null))
"""


def _plan(settings: Settings, connection: duckdb.DuckDBPyConnection, full_refresh: bool) -> _Plan:
    """What the next build has to do. Everything, where the dbt project changed, a load took an earlier one's
    place, people renamed something, the last build did not end, or nothing is published yet."""
    last = read_last_build(connection)
    load_number = scalar(connection, "select max(load_number) from raw.loads")
    if not load_number:
        raise StepError("nothing is loaded yet", "Next: paperhouse run --source NAME PATH")
    current = project_hash(settings)
    if last is None:
        return _Plan(1, load_number, 0, True, current)
    replaced = scalar(
        connection, "select count(*) from raw.loads where is_replacement and load_number > ?", [last["load_number"]]
    )
    renamed = scalar(connection, _RENAMED, [last["load_number"]])
    is_published_once = scalar(connection, "select count(published_version) from raw.builds") > 0
    is_full = (
        full_refresh
        or last["state"] != "built"
        or last["project_hash"] != current
        or replaced > 0
        or renamed > 0
        or not is_published_once
    )
    return _Plan(last["build_number"] + 1, load_number, 0 if is_full else last["load_number"], is_full, current)


def _register_sources(connection: duckdb.DuckDBPyConnection) -> None:
    for config in (source.config for source in read_sources()):
        values = {
            "source": config.name,
            "title": config.title,
            "publisher": config.publisher,
            "url": config.url,
            "licence": config.licence,
            "description": " ".join(config.description.split()),
            "schedule": config.live and config.live.schedule,
            "text_trust": config.trust.text,
            "dates_trust": config.trust.dates,
            **config.freshness.model_dump(),
        }
        connection.execute("delete from raw.sources where source = ?", [config.name])
        insert(connection, "raw.sources", values)
