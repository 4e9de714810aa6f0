"""A server for many readers: DuckDB's Quack over the publication, read-only, which goes over to each new publication by
itself."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from warehouse.clock import now
from warehouse.errors import UsageError
from warehouse.publishing.macros import make_reader_macros, make_search_macros
from warehouse.readers.select_only import SelectOnly
from warehouse.readers.sockets import is_loopback, refuse_open_host
from warehouse.settings import Settings
from warehouse.storage.connection import limit, load_extension, quoted
from warehouse.storage.files import read_secret
from warehouse.storage.publication import list_versions, publication_file

_EXTENSIONS = ("httpfs", "quack", "fts")
_LOOK_SECONDS = 1.0  # between two looks for a new publication, or for a query that runs too long
PUBLICATION = "publication"  # as the server calls the publication that it shows


def serve(settings: Settings, host: str, port: int, on_progress: Callable[[str], None]) -> None:
    """Serves until it is interrupted. on_progress: called with how to connect, and with each publication that it
    switches to.

    Raises UsageError where nothing is published, or where others could connect and no token of your own is set.
    """
    token = _token(settings, host)
    shown = publication_file(settings)
    views = _write_views(settings, shown, port)
    with duckdb.connect(str(views), read_only=True) as server:
        for extension in _EXTENSIONS:
            load_extension(server, extension)
        server.execute("set TimeZone = 'UTC'")
        server.execute(limit(settings))
        server.execute(_attach(shown))
        _lock(server, list_versions(settings))
        uri = f"quack:{host}:{port}"
        try:
            options = f"token := {quoted(token)}, allow_other_hostname := {not is_loopback(host)}, disable_ssl := true"
            server.execute(f"from quack_serve({quoted(uri)}, {options})")
        except duckdb.Error as error:
            raise UsageError(f"cannot serve on {uri}: {error}", "Another port: paperhouse serve --port 9495") from error
        on_progress(
            f"serving publication {shown.parent.name} on {uri}; stop it with Ctrl-C\nin any DuckDB: install "
            f"quack; load quack;"
        )
        on_progress(f"attach '{uri}' as paperhouse (token '…'); from paperhouse.marts.fct_papers;")
        while True:
            time.sleep(_LOOK_SECONDS)
            if (file := publication_file(settings)) != shown:
                if _columns(file) != _columns(shown):
                    _restart(on_progress, f"publication {file.parent.name} has other columns")
                # What runs on the last one goes on there; a query sees one of them, never both.
                server.execute(_attach(file))
                shown = file
                on_progress(f"serving publication {shown.parent.name}")
            if _runs_too_long(server, settings.serve_query_seconds):
                _restart(
                    on_progress,
                    f"a query ran longer than {settings.serve_query_seconds:g} s (PAPERHOUSE_SERVE_QUERY_SECONDS)",
                )


def _attach(file: Path) -> str:
    return f"attach or replace {quoted(str(file))} as {PUBLICATION} (read_only)"


def _write_views(settings: Settings, file: Path, port: int) -> Path:
    """A database of views of the publication and of its macros. The server opens it read-only, so that nothing it
    serves can be written."""
    views = settings.home / "serve" / f"views-{port}.duckdb"
    views.parent.mkdir(parents=True, exist_ok=True)
    views.unlink(missing_ok=True)
    with duckdb.connect(str(views)) as connection:
        load_extension(connection, "fts")
        connection.execute(_attach(file))
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = ?", [PUBLICATION]
        ).fetchall()
        for schema in sorted({schema for schema, _ in tables}):
            connection.execute(f'create schema if not exists "{schema}"')
        for schema, table in tables:
            connection.execute(f'create view "{schema}"."{table}" as from {PUBLICATION}."{schema}"."{table}"')
        make_reader_macros(connection)
        make_search_macros(connection, PUBLICATION)
    return views


def _columns(file: Path) -> list[tuple[str, ...]]:
    """Every column of the publication: views are made for those of one, and fail on others."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() order by all"
        ).fetchall()


def _runs_too_long(server: duckdb.DuckDBPyConnection, seconds: float) -> bool:
    started = "select min(query_started_at) from quack_active_connections() where state = 'active'"
    (first,) = server.execute(started).fetchone() or (None,)
    return first is not None and (now().replace(tzinfo=None) - first).total_seconds() > seconds


def _restart(on_progress: Callable[[str], None], why: str) -> None:
    """Becomes a new server: Quack has no way to end one query. Clients attach again."""
    on_progress(f"{why}: the server starts again")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - there is no shell


def _token(settings: Settings, host: str) -> str:
    """The token that clients must show: the one that is set, else one of our own, kept in a file that only you can
    read."""
    if settings.serve_token:
        return settings.serve_token.get_secret_value()
    refuse_open_host(host, "PAPERHOUSE_SERVE_TOKEN")
    return read_secret(settings.serve_token_file)


def _lock(server: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """From now on clients may read, and nothing else: no file but publications, no setting, no statement that
    writes."""
    macros = server.execute(
        "select function_name from duckdb_functions() where database_name = current_database() and "
        "function_type = 'table_macro'"
    )
    guard = SelectOnly(frozenset(name for (name,) in macros.fetchall()))

    def may_run(_session: str, query: str) -> bool:
        return guard.allows(query)

    server.create_function("may_run", may_run, ["VARCHAR", "VARCHAR"], "BOOLEAN", side_effects=True)
    server.execute("set global quack_authorization_function = 'may_run'")
    server.execute("set global python_enable_replacements = false")
    server.execute(f"set allowed_directories = [{quoted(str(folder))}]")
    server.execute("set enable_external_access = false")
    server.execute("set lock_configuration = true")
