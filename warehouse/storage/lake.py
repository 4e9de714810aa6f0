"""DuckLake as the warehouse: the catalog in PostgreSQL, the rows as Parquet in a folder or an S3 bucket.

Many processes read and write it at once, and each commit is a snapshot: `paperhouse publish` tags one.
"""

import os
from collections.abc import Collection

import duckdb

from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.storage.connection import extension_file, limit, quoted

ALIAS = "warehouse"  # as DuckDB calls the build database of the other backend


def list_statements(settings: Settings) -> list[str]:
    """What makes any connection of DuckDB see the lake as `warehouse`, and use it.

    Raises UsageError where no catalog is set, or an extension is not installed.
    """
    if not settings.ducklake_catalog.get_secret_value().startswith("postgres:"):
        hint = 'Set PAPERHOUSE_DUCKLAKE_CATALOG, as in "postgres:host=… dbname=…"'
        raise UsageError("the backend ducklake needs a catalog in PostgreSQL, which several processes can write", hint)
    if settings.lake_password:
        os.environ["PGPASSWORD"] = settings.lake_password  # libpq takes it from there, so that no statement has it
    extensions = ["ducklake", "postgres_scanner"]
    if settings.lake_data.startswith("s3://"):
        extensions.append("httpfs")
    return [
        "set TimeZone = 'UTC'",
        limit(settings),
        f"set temp_directory = {quoted(str(settings.build / 'tmp'))}",
        *(f"load {quoted(str(extension_file(name)))}" for name in extensions),
        *_secret(settings),
        f"attach if not exists {quoted(settings.lake)} as {ALIAS} (data_path {quoted(settings.lake_data)})",
        f"use {ALIAS}",
    ]


def open_lake(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection to the lake."""
    connection = duckdb.connect()
    for statement in list_statements(settings):
        connection.execute(statement)
    return connection


def clear_lake(settings: Settings) -> None:
    """Drops all that the build made in the lake, whatever version of paperhouse made it. Tagged snapshots keep their
    rows."""
    with open_lake(settings) as connection:
        query = f"select schema_name from duckdb_schemas() where database_name = '{ALIAS}' and schema_name <> 'main'"
        for (schema,) in connection.execute(query).fetchall():
            connection.execute(f'drop schema {ALIAS}."{schema}" cascade')


def tag(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    """Names the snapshot that the transaction under way commits after the publication; the rows of the marts are those
    of it."""
    connection.execute(f"call {ALIAS}.set_commit_message('paperhouse', {quoted(_tag(version))})")


def expire(connection: duckdb.DuckDBPyConnection, kept: Collection[int], grace_seconds: float) -> None:
    """Expires the snapshots before the last that are of no publication that is kept, and deletes the files that only
    expired ones needed, once they did for so long."""
    query = f"""
        select snapshot_id from {ALIAS}.snapshots()
        where snapshot_id < (select max(snapshot_id) from {ALIAS}.snapshots()) and not list_contains(?,
        coalesce(commit_message, ''))
    """
    expired = [number for (number,) in connection.execute(query, [[_tag(version) for version in kept]]).fetchall()]
    if expired:
        connection.execute(f"call ducklake_expire_snapshots('{ALIAS}', versions => {expired})")
    connection.execute(f"call ducklake_cleanup_old_files('{ALIAS}', older_than => now() - to_seconds({grace_seconds}))")


def _tag(version: int) -> str:
    return f"publication {version}"


def _secret(settings: Settings) -> list[str]:
    facts = {"type": "s3", **{name: value.get_secret_value() for name, value in settings.ducklake_store.items()}}
    pairs = ", ".join(f"{name} {quoted(value)}" for name, value in facts.items())
    return [f"create or replace secret paperhouse_lake ({pairs})"] if settings.ducklake_store else []
