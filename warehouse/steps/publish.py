"""Publish: the audited marts → a read-only DuckDB file and zstd Parquet files, which readers see after one atomic
rename."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from transforms.identity.keys import stable_hash
from warehouse.clock import now
from warehouse.dbt import list_marts, list_marts_by_paper, write_docs
from warehouse.errors import StepError
from warehouse.log import logged
from warehouse.publishing.feeds import write_feeds
from warehouse.publishing.macros import can_index, find_changed_texts, make_indexes, make_reader_macros
from warehouse.publishing.parquet import Links, create_segments, export_segments, export_whole, extend_segments
from warehouse.publishing.report import report
from warehouse.publishing.tables import (
    choose_compression,
    create_lookups,
    create_tables,
    find_changed_papers,
    replace_changed_lookups,
    replace_changed_rows,
)
from warehouse.settings import PROJECT, Settings
from warehouse.steps.build import is_incremental_to, require_finished_build
from warehouse.storage.connection import connect_writer, quoted, scalar, transaction
from warehouse.storage.copies import remove_copies, take_copy
from warehouse.storage.database import open_build_database, write_lock
from warehouse.storage.files import describe_file, put_folder, sync, temporary_name, write_json
from warehouse.storage.lake import ALIAS, expire, list_statements, tag
from warehouse.storage.publication import (
    NAMES,
    STAGED,
    find_current_folder,
    list_kept_versions,
    list_versions,
    open_publication,
    read_last_version,
    read_manifest,
)
from warehouse.storage.published_ids import record_published_ids
from warehouse.storage.quarantine import find_unpublished, release_from_quarantine
from warehouse.versions import publishing_version, suites_version


def publish(settings: Settings) -> dict[str, Any]:
    """Publishes the marts of the last build and returns the manifest. Raises StepError where no audit has passed
    them."""
    with logged(settings, "publish") as entry, write_lock(settings, "publish"):
        with open_build_database(settings) as connection:
            build = require_finished_build(connection)
            if not build["is_audit_passed"]:
                raise StepError("the last build has no audit that passed", "Next: paperhouse audit")
            record_published_ids(settings, connection)
        docs = write_docs(settings)
        version = read_last_version(settings) + 1
        has_index = settings.search_index and can_index()
        facts = _facts(settings, version, build, has_index)
        base = _find_base(settings, build, facts["format"])
        staging = list_versions(settings) / f".{version}.tmp"
        shutil.rmtree(staging, ignore_errors=True)
        (staging / "docs").mkdir(parents=True)
        shutil.copyfile(docs, staging / "docs" / "index.html")
        file = staging / "paperhouse.duckdb"
        if base and not take_copy(settings, base.folder, base.manifest["database"], file):
            base = None
        with connect_writer(file, settings) as connection:
            tables = _write_tables(settings, connection, staging, facts, base, has_index)
        with ThreadPoolExecutor() as beside:
            database = beside.submit(describe_file, staging, file)
            pages = [beside.submit(write, settings, file, staging) for write in (_write_report, _write_feeds)]
        for page in pages:
            page.result()
        published = {**facts, "database": database.result(), "tables": tables}
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
            remove_copies(settings)
            kept = _remove_old_publications(settings, version)
            if settings.backend == "ducklake":
                expire(connection, kept, settings.publication_grace_seconds)
    return published


@dataclass(frozen=True)
class _Base:
    """The last publication, of which the next is a copy but for changed papers."""

    folder: Path
    manifest: dict[str, Any]
    is_of_this_build: bool


def _find_base(settings: Settings, build: dict[str, Any], its_format: str) -> _Base | None:
    """None where all has to be written: there is no publication that this build is incremental to, or it was made in
    another format."""
    last = read_manifest(settings)
    if last is None or last.get("format") != its_format:
        return None
    with open_build_database(settings) as connection:
        if not is_incremental_to(connection, build, last):
            return None
    return _Base(find_current_folder(settings).resolve(), last, last["build_number"] == build["build_number"])


def _facts(settings: Settings, version: int, build: dict[str, object], has_index: bool) -> dict[str, Any]:
    """audit_page: of the Data Docs, from the home. suites: a hash of what the audit asked. format: one of what else
    makes a publication what it is; where it differs, the next one is written whole."""
    return {
        "version": version,
        "published_at": now().isoformat(timespec="seconds"),
        "git_revision": _git_revision(),
        "build_number": build["build_number"],
        "load_number": build["load_number"],
        "audit_page": build["audit_page"],
        "guardrails_lifted_because": build["because"],
        "suites": suites_version(),
        "format": stable_hash(f"{publishing_version()} {duckdb.__version__} {has_index} {settings.backend}"),
    }


def _write_report(settings: Settings, file: Path, staging: Path) -> None:
    with open_publication(settings, file) as connection:
        (staging / "report.html").write_text(report(connection), "utf-8")


def _write_feeds(settings: Settings, file: Path, staging: Path) -> None:
    with open_publication(settings, file) as connection:
        write_feeds(connection, staging / "feeds")


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


def _write_tables(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    staging: Path,
    facts: dict[str, Any],
    base: _Base | None,
    has_index: bool,
) -> dict[str, Any]:
    """The marts and a table `publication`, as tables and as Parquet; returns each one's manifest entry."""
    choose_compression(connection)
    _attach_build(settings, connection)
    by_paper = list_marts_by_paper()
    others = sorted(set(list_marts()) - set(by_paper))
    links = None
    if base is None:
        connection.execute("create schema marts")
        create_tables(connection, by_paper, order="paper_id")
        create_tables(connection, others)
        create_lookups(connection)
        make_reader_macros(connection)
        if has_index:
            make_indexes(connection)
        create_segments(connection, by_paper)
    else:
        find_changed_papers(connection, base.is_of_this_build)
        with find_changed_texts(connection) if has_index else nullcontext():
            replace_changed_rows(connection, by_paper)
        replace_changed_lookups(connection)
        create_tables(connection, others)
        links = Links(base.folder, base.manifest["tables"], extend_segments(connection, by_paper))
    connection.execute(
        "create or replace table marts.publication as select ?::integer as version, ?::timestamptz as published_at, "
        "?::varchar as git_revision, ?::varchar as audit_page",
        [facts[name] for name in ("version", "published_at", "git_revision", "audit_page")],
    )
    connection.execute(f"detach {ALIAS}")
    return _export_tables(connection, staging, facts["version"], links)


def _export_tables(
    connection: duckdb.DuckDBPyConnection, staging: Path, version: int, links: Links | None
) -> dict[str, Any]:
    """All tables as Parquet; returns each one's manifest entry."""
    by_paper = list_marts_by_paper()

    def export(table: str) -> dict[str, Any]:
        with connection.cursor() as cursor:
            if table in by_paper:
                return export_segments(cursor, table, staging, version, links)
            return export_whole(cursor, table, staging, version)

    names = sorted([*list_marts(), "publication"])
    with ThreadPoolExecutor(2 if links else 1) as writers:  # a whole table of papers has work for all processors
        return dict(zip(names, writers.map(export, names), strict=True))


def _attach_build(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    if settings.backend == "duckdb":
        connection.execute(f"attach {quoted(str(settings.build_database))} as {ALIAS} (read_only)")
        return
    own = scalar(connection, "select current_database()")
    for statement in list_statements(settings):
        connection.execute(statement)
    connection.execute(f"use {own}")


def _show(settings: Settings, version: int, staging: Path) -> None:
    """Puts the staged files on disk, then turns `current` to them in one rename."""
    for file in staging.rglob("*"):
        if file.is_file():
            file.chmod(0o444)
    # In place of one that a crash left behind before it was shown.
    put_folder(staging, list_versions(settings) / str(version))
    for name in NAMES:
        link = settings.published / name
        if not link.is_symlink():
            link.symlink_to(Path("current") / name)
    turning = temporary_name(find_current_folder(settings))
    turning.symlink_to(Path("versions") / str(version))
    turning.replace(find_current_folder(settings))
    sync(settings.published)


def _remove_old_publications(settings: Settings, version: int) -> list[int]:
    """Keeps the last publications, and those that were the last one until lately, as a reader may be in the middle of
    one; returns their numbers."""
    for folder in list_versions(settings).iterdir():
        if STAGED.fullmatch(folder.name):
            shutil.rmtree(folder, ignore_errors=True)
        elif folder.name.isdigit() and int(folder.name) <= version - max(1, settings.publications_kept):
            successor = list_versions(settings) / str(int(folder.name) + 1)
            if (
                not successor.exists()
                or now().timestamp() - successor.stat().st_mtime > settings.publication_grace_seconds
            ):
                shutil.rmtree(folder, ignore_errors=True)
    return list_kept_versions(settings)
