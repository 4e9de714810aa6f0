"""Publish: the audited marts → a read-only DuckDB file and zstd Parquet files, which readers see after one atomic
rename."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb

from warehouse.clock import now
from warehouse.dbt import docs, marts
from warehouse.errors import StepError
from warehouse.log import logged
from warehouse.publishing.feeds import write_feeds
from warehouse.publishing.macros import make_macros
from warehouse.publishing.report import report
from warehouse.settings import PROJECT, Settings
from warehouse.steps.build import require_finished_build
from warehouse.storage.connection import connect_writer, quoted, scalar, transaction
from warehouse.storage.database import open_build_database, write_lock
from warehouse.storage.files import file_sha256, put_folder, sync, write_json
from warehouse.storage.lake import ALIAS, expire, statements, tag
from warehouse.storage.publication import NAMES, STAGED, current, read_last_version, versions
from warehouse.storage.quarantine import find_unpublished, release_from_quarantine


def publish(settings: Settings) -> dict[str, Any]:
    """Publishes the marts of the last build and returns the manifest. Raises StepError where no audit has passed
    them."""
    with logged(settings, "publish") as entry, write_lock(settings, "publish"):
        with open_build_database(settings) as connection:
            build = require_finished_build(connection)
        if not build["is_audit_passed"]:
            raise StepError("the last build has no audit that passed", "Next: paperhouse audit")
        page = docs(settings)
        version = read_last_version(settings) + 1
        staging = versions(settings) / f".{version}.tmp"
        shutil.rmtree(staging, ignore_errors=True)
        (staging / "parquet").mkdir(parents=True)
        (staging / "docs").mkdir()
        shutil.copyfile(page, staging / "docs" / "index.html")
        facts = _facts(version, build)
        with connect_writer(staging / "paperhouse.duckdb", settings) as connection:
            tables = _copy_marts(settings, connection, staging, facts)
            measured = _measured(connection)
            connection.execute("set search_path = 'marts'")
            (staging / "report.html").write_text(report(connection), "utf-8")
            write_feeds(connection, staging / "feeds")
        database = {"file": "paperhouse.duckdb", **_file_facts(staging / "paperhouse.duckdb")}
        published = {**facts, **measured, "database": database, "tables": tables}
        write_json(staging / "manifest.json", published)
        entry.update(version=version, rows=tables["fct_papers"]["row_count"])
        _show(settings, version, staging)
        with open_build_database(settings) as connection:
            for batch in find_unpublished(settings, connection):
                release_from_quarantine(settings, batch)
            with transaction(connection):
                connection.execute(
                    "update raw.builds set published_version = ? where build_number = ?",
                    [version, build["build_number"]],
                )
                if settings.backend == "ducklake":
                    tag(connection, version)
            kept = _remove_old_publications(settings, version)
            if settings.backend == "ducklake":
                expire(connection, kept, settings.publication_grace_seconds)
    return published


def _facts(version: int, build: dict[str, object]) -> dict[str, Any]:
    return {
        "version": version,
        "published_at": now().isoformat(timespec="seconds"),
        "git_revision": _git_revision(),
        "build_number": build["build_number"],
        "load_number": build["load_number"],
        "guardrails_lifted_because": build["because"],
    }


def _measured(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What the next audit compares with."""
    query = "select coalesce(avg((abstract is not null)::integer), 0), max(first_seen_at) from marts.fct_papers"
    abstract_share, landed_until = connection.execute(query).fetchone() or (0, None)
    sources = connection.execute("select distinct source from marts.paper_aliases order by source").fetchall()
    return {
        "abstract_share": abstract_share,
        "landed_until": landed_until and landed_until.isoformat(),
        "sources": [source for (source,) in sources],
    }


def _git_revision() -> str | None:
    """The project's commit, with '+' where the working tree differs from it; None outside of git."""
    git = ["git", "-C", str(PROJECT)]
    try:
        revision = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip()
        status = subprocess.run(
            [*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return revision + ("+" if status.strip() else "")


def _copy_marts(
    settings: Settings, connection: duckdb.DuckDBPyConnection, staging: Path, facts: dict[str, Any]
) -> dict[str, Any]:
    """Every table of the marts, and a table `publication`; returns each one's manifest entry.

    Each row has its publication's version too: a reader of files of two publications notices.
    """
    _attach_build(settings, connection)
    connection.execute("create schema marts")
    connection.execute(
        "create table marts.publication as "
        "select ?::integer as version, ?::timestamptz as published_at, ?::varchar as git_revision, version as "
        "publication_version",
        [facts["version"], facts["published_at"], facts["git_revision"]],
    )
    names = marts()
    for table in names:
        query = (
            f'create table marts."{table}" as select *, {int(facts["version"])}::integer as '
            f'publication_version from {ALIAS}.marts."{table}"'
        )
        connection.execute(query)
    _copy_comments(connection, names)
    connection.execute(f"detach {ALIAS}")
    make_macros(connection, settings.search_index)
    return {table: _export(connection, table, staging) for table in sorted([*names, "publication"])}


def _attach_build(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    if settings.backend == "duckdb":
        connection.execute(f"attach {quoted(str(settings.build_database))} as {ALIAS} (read_only)")
        return
    own = scalar(connection, "select current_database()")
    for statement in statements(settings):
        connection.execute(statement)
    connection.execute(f"use {own}")


def _copy_comments(connection: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    """The descriptions of the tables and their columns, which dbt wrote into the build database."""
    tables = f"""
        select table_name, comment from duckdb_tables()
        where database_name = '{ALIAS}' and schema_name = 'marts' and list_contains(?,
        table_name) and comment is not null
    """
    for table, comment in connection.execute(tables, [names]).fetchall():
        connection.execute(f'comment on table marts."{table}" is {quoted(comment)}')
    columns = tables.replace("duckdb_tables()", "duckdb_columns()").replace("table_name,", "table_name, column_name,")
    for table, column, comment in connection.execute(columns, [names]).fetchall():
        connection.execute(f'comment on column marts."{table}"."{column}" is {quoted(comment)}')


def _export(connection: duckdb.DuckDBPyConnection, table: str, staging: Path) -> dict[str, Any]:
    file = staging / "parquet" / f"{table}.parquet"
    connection.execute(f'copy marts."{table}" to {quoted(str(file))} (format parquet, compression zstd)')
    row_count = scalar(connection, f'select count(*) from marts."{table}"')
    return {"row_count": row_count, "file": f"parquet/{table}.parquet", **_file_facts(file)}


def _file_facts(file: Path) -> dict[str, Any]:
    return {"byte_count": file.stat().st_size, "sha256": file_sha256(file)}


def _show(settings: Settings, version: int, staging: Path) -> None:
    """Puts the staged files on disk, then turns `current` to them in one rename."""
    for file in staging.rglob("*"):
        if file.is_file():
            file.chmod(0o444)
    put_folder(
        staging, versions(settings) / str(version)
    )  # in place of one that a crash left behind before it was shown
    for name in NAMES:
        link = settings.published / name
        if not link.is_symlink():
            link.symlink_to(Path("current") / name)
    turning = settings.published / f".current.{os.getpid()}"
    turning.unlink(missing_ok=True)
    turning.symlink_to(Path("versions") / str(version))
    turning.replace(current(settings))
    sync(settings.published)


def _remove_old_publications(settings: Settings, version: int) -> list[int]:
    """Keeps the last publications, and those that were the last one until lately, as a reader may be in the middle of
    one; returns their numbers."""
    for folder in versions(settings).iterdir():
        if STAGED.fullmatch(folder.name):
            shutil.rmtree(folder, ignore_errors=True)
        elif folder.name.isdigit() and int(folder.name) <= version - settings.publications_kept:
            successor = versions(settings) / str(int(folder.name) + 1)
            if (
                not successor.exists()
                or now().timestamp() - successor.stat().st_mtime > settings.publication_grace_seconds
            ):
                shutil.rmtree(folder, ignore_errors=True)
    return [int(folder.name) for folder in versions(settings).iterdir() if folder.name.isdigit()]
