"""A server for many readers: DuckDB's Quack over the publication, read-only, which goes over to each new publication by itself."""

import re
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import duckdb

from warehouse.database import load_extension, quoted
from warehouse.errors import UsageError
from warehouse.files import secret
from warehouse.macros import make_reader_macros, make_search_macros
from warehouse.publication import publication_file, versions
from warehouse.settings import Settings

_LOOK_SECONDS = 1.0  # between two looks for a new publication
_READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.TRANSACTION}
# What would let a SELECT stop the server, start another, or run text that was not looked at.
_FORBIDDEN = re.compile(r"quack_|\bquery(_table)?\W*\(", re.I)


def serve(settings: Settings, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serves until it is interrupted. say: told how to connect, and of each publication that it goes over to.

    Raises UsageError where nothing is published, or where others could connect and no token of your own is set.
    """
    token = _token(settings, host)
    with duckdb.connect() as server:
        for extension in ("httpfs", "quack", "fts"):
            load_extension(server, extension)
        server.execute("set TimeZone = 'UTC'")
        shown = _show(server, publication_file(settings), None)
        make_reader_macros(server)
        make_search_macros(server)
        _lock(server, versions(settings))
        uri = f"quack:{host}:{port}"
        try:
            options = f"token := {quoted(token)}, allow_other_hostname := {not _is_loopback(host)}, disable_ssl := true"
            server.execute(f"from quack_serve({quoted(uri)}, {options})")
        except duckdb.Error as error:
            raise UsageError(f"cannot serve on {uri}: {error}", "Another port: paperhouse serve --port 9495") from error
        say(f"serving publication {shown.parent.name} on {uri}; stop it with Ctrl-C\nin any DuckDB: install quack; load quack;")
        say(f"attach '{uri}' as paperhouse (token '…'); from paperhouse.marts.fct_papers;")
        while True:
            time.sleep(_LOOK_SECONDS)
            if (file := publication_file(settings)) != shown:
                shown = _show(server, file, shown)
                say(f"serving publication {shown.parent.name}")


def _token(settings: Settings, host: str) -> str:
    """The token that clients must show: the one that is set, else one of our own, kept in a file that only you can read."""
    if settings.serve_token:
        return settings.serve_token.get_secret_value()
    if not _is_loopback(host):
        raise UsageError(
            f"{host} can be reached by others, and no token is set", "Set PAPERHOUSE_SERVE_TOKEN, and put a proxy that speaks TLS in front."
        )
    return secret(settings.serve_token_file)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _lock(server: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """From now on clients may read, and nothing else: no file but publications, no setting, no statement that writes."""
    parser = duckdb.connect()

    def may_run(_session: str, query: str) -> bool:
        try:
            kinds = {statement.type for statement in parser.cursor().extract_statements(query)}
        except duckdb.Error:
            return True  # the server says better what is wrong with it
        return kinds <= _READING and not _FORBIDDEN.search(query)

    server.create_function("may_run", may_run, ["VARCHAR", "VARCHAR"], "BOOLEAN", side_effects=True)
    server.execute("set global quack_authorization_function = 'may_run'")
    server.execute(f"set allowed_directories = [{quoted(str(folder))}]")
    server.execute("set enable_external_access = false")
    server.execute("set lock_configuration = true")


def _show(server: duckdb.DuckDBPyConnection, file: Path, shown: Path | None) -> Path:
    """Turns every view to the publication's tables in one transaction; what runs on the last one goes on there, and the one before is closed."""
    name = _catalog(file)
    server.execute(f"attach if not exists {quoted(str(file))} as {name} (read_only)")
    tables = server.execute("select schema_name, table_name from duckdb_tables() where database_name = ?", [name]).fetchall()
    server.begin()
    for schema in sorted({schema for schema, _ in tables}):
        server.execute(f"create schema if not exists {schema}")
    for schema, table in tables:
        server.execute(f'create or replace view {schema}."{table}" as from {name}.{schema}."{table}"')
    server.commit()
    attached = server.execute("select database_name from duckdb_databases() where starts_with(database_name, 'publication_')").fetchall()
    for (old,) in attached:
        if old not in (name, shown and _catalog(shown)):
            server.execute(f"detach {old}")
    return file


def _catalog(file: Path) -> str:
    return f"publication_{file.parent.name}"
