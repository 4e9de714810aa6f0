"""The publication as readers see it: its paths, its manifest, and a read-only connection to it."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.clock import now
from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.storage.connection import connect, limit
from warehouse.storage.files import read_json

# What stands in published/: each name leads through `current` to the publication of now, so that one rename changes
# all.
NAMES = ("paperhouse.duckdb", "parquet", "manifest.json", "docs", "report.html", "feeds")
# A publication that is being made, in versions/. Nothing else there that is no number is ours.
STAGED = re.compile(r"\.\d+\.tmp")


def find_current_folder(settings: Settings) -> Path:
    return settings.published / "current"


def list_versions(settings: Settings) -> Path:
    return settings.published / "versions"


def list_kept_versions(settings: Settings) -> list[int]:
    """The numbers of the publications that are kept, the oldest first."""
    return sorted(int(folder.name) for folder in list_versions(settings).iterdir() if folder.name.isdigit())


def read_manifest(settings: Settings) -> dict[str, Any] | None:
    """The last publication's manifest, or None where nothing is published."""
    found: dict[str, Any] | None = read_json(find_current_folder(settings) / "manifest.json")
    return found


def read_last_version(settings: Settings) -> int:
    """The number of the last publication; 0 where there is none."""
    return int((read_manifest(settings) or {"version": 0})["version"])


def read_row_counts(published: dict[str, Any]) -> dict[str, int]:
    """The rows of each table, by a manifest."""
    return {table: facts["row_count"] for table, facts in published["tables"].items()}


def published_files(published: dict[str, Any]) -> list[dict[str, Any]]:
    """file, byte_count and sha256 of each file with tables, by a manifest; the DuckDB file first."""
    return [published["database"], *(file for facts in published["tables"].values() for file in table_files(facts))]


def table_files(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """The files of a table, by what a manifest says of it: one, and no `files`, before 0.3."""
    files: list[dict[str, Any]] = facts.get("files", [facts])
    return files


def publication_file(settings: Settings) -> Path:
    """The DuckDB file of the publication of now: a later publication is another file. Raises UsageError where nothing
    is published."""
    file = find_current_folder(settings).resolve() / "paperhouse.duckdb"
    if not file.exists():
        raise UsageError(
            f"nothing is published in {settings.published} yet", "Next: paperhouse run --source NAME PATH, or make run"
        )
    return file


def open_publication(settings: Settings, file: Path | None = None) -> duckdb.DuckDBPyConnection:
    """The publication of now, or that of a file, read-only; a later publication does not disturb it. Raises UsageError
    where nothing is published."""
    connection = connect(file or publication_file(settings), read_only=True)
    connection.execute(limit(settings))
    connection.execute("set search_path = 'marts'")
    return connection


def published_at(connection: duckdb.DuckDBPyConnection) -> tuple[int, datetime]:
    """The publication's version, and when it was made."""
    found: tuple[int, datetime] = connection.execute("select version, published_at from publication").fetchone() or (
        0,
        now(),
    )
    return found
