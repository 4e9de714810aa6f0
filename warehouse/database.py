"""The private build database: one writer at a time, the raw tables' definitions, and who holds the lock."""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from transforms.frames import CLAIMS, LINKS, LISTED_LINKS, PAPERS, REJECTS, RESULTS, TERMS, Schema
from transforms.identity import stable_hash
from warehouse.errors import StepError, UsageError, told
from warehouse.locks import held
from warehouse.settings import Settings

# Texts as zstd: a third of the time to write and a quarter of the bytes of what DuckDB would choose. Any DuckDB since 1.2 reads it.
_STORAGE: dict[str, str | bool | int | float | list[str]] = {"storage_compatibility_version": "v1.2.0", "force_compression": "zstd"}
_SQL_TYPES: dict[pl.DataType, str] = {
    pl.String(): "varchar",
    pl.Int32(): "integer",
    pl.Float64(): "double",
    pl.Boolean(): "boolean",
    pl.Date(): "date",
    pl.List(pl.String()): "varchar[]",
    pl.List(pl.Date()): "date[]",
}

_LOADS = """
    load_id varchar not null, batch_id varchar not null, attempt integer not null, source varchar not null,
    original_name varchar, sha256 varchar not null, byte_count bigint not null, listed_on date,
    landed_at timestamptz not null, started_at timestamptz not null, finished_at timestamptz,
    outcome varchar, message varchar, fingerprint varchar, parser_version varchar, extractor_version varchar,
    line_count bigint, ignored_line_count bigint, entry_count bigint, paper_count bigint, reject_count bigint,
    claim_count bigint, link_count bigint, listed_link_count bigint, result_count bigint, term_count bigint, upstream_format varchar,
    upstream_fields varchar, schema_changes varchar, unread_fields varchar, is_check_passed boolean, check_page varchar,
    load_number bigint, is_replacement boolean, parse_seconds double, check_seconds double, load_seconds double,
    because varchar, decided_by varchar, opened_by varchar
"""
_BUILDS = """
    build_number bigint not null, state varchar not null, started_at timestamptz not null, built_at timestamptz,
    load_number bigint not null, project_hash varchar not null,
    is_full_refresh boolean not null, resolve_seconds double, build_seconds double, is_audit_passed boolean, audit_page varchar,
    audited_at timestamptz,
    published_version bigint, because varchar
"""
_SOURCES = """
    source varchar not null, title varchar, publisher varchar, url varchar, licence varchar, description varchar, schedule varchar,
    text_trust integer, dates_trust integer, warn_after_days integer, error_after_days integer
"""
# What warehouse/resolve.py keeps, see there.
_MENTIONS = """
    mention_id varchar not null, source varchar not null, source_record_id varchar not null, title_key varchar not null, own_id varchar not null,
    arxiv_id varchar, doi varchar, acl_id varchar, openreview_id varchar, authors varchar[], year integer, landed_at timestamptz not null
"""
_MENTION_PAPERS = """
    mention_id varchar not null, paper_id varchar not null, component varchar not null, matched_by varchar not null, match_score double not null
"""


def columns(schema: Schema) -> str:
    """The schema's columns as SQL."""
    return ", ".join(f'"{name}" {_SQL_TYPES[dtype]}' for name, dtype in schema.items())


def _tables() -> dict[str, str]:
    batch = "batch_id varchar not null, load_number bigint not null, landed_at timestamptz not null"
    return {
        "loads": _LOADS,
        "builds": _BUILDS,
        "sources": _SOURCES,
        "papers": f"{batch}, {columns(PAPERS)}",
        "rejects": f"{batch}, {columns(REJECTS)}",
        "listed_links": f"{batch}, {columns(LISTED_LINKS)}",
        "results": f"{batch}, {columns(RESULTS)}",
        "terms": f"{batch}, {columns(TERMS)}",
        "claims": columns(CLAIMS),
        "links": columns(LINKS),
        "text_vectors": "text_id varchar not null, vector tinyint[] not null, model varchar not null",
        "mentions": _MENTIONS,
        "mention_keys": "mention_id varchar not null, key ubigint not null, is_text boolean not null",
        "mention_edges": "a varchar not null, b varchar not null, matched_by varchar not null, match_score double not null",
        "mention_papers": _MENTION_PAPERS,
        "paper_changes": "paper_id varchar not null, load_number bigint not null",
    }


def write_lock(settings: Settings, step: str) -> AbstractContextManager[None]:
    """Holds the build database for one step; a second writer waits."""
    return held(settings.build / "warehouse.lock", "the build database", step, settings.lock_timeout_seconds)


@contextmanager
def build_database(settings: Settings, step: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build database, open for writing by this process alone."""
    with write_lock(settings, step), open_build_database(settings) as connection:
        yield connection


def open_build_database(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The build database with its raw tables made; only for who holds the `write_lock`.

    Raises StepError where another version of paperhouse made it with other tables.
    """
    connection = connect_build(settings)
    tables = _tables()
    version = stable_hash("".join(f"{name} {definition}" for name, definition in tables.items()))
    query = "select table_name from duckdb_tables() where schema_name = 'raw' and database_name = current_database()"
    made = {name for (name,) in connection.execute(query).fetchall()}
    if made and ("version" not in made or scalar(connection, "select version from raw.version") != version):
        connection.close()
        way_out = "Make it anew from what landed: paperhouse rebuild"
        raise StepError(f"the build database, {place(settings)}, was made by another version of paperhouse", way_out)
    if not made:
        with transaction(connection):
            connection.execute("create schema if not exists raw")
            for name, definition in tables.items():
                connection.execute(f"create table raw.{name} ({definition})")
            connection.execute("create table raw.version as select ? as version", [version])
    return connection


def connect_build(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection to the build database of the backend that is set."""
    if settings.backend == "duckdb":
        return connect_writer(settings.build_database, settings)
    from warehouse.lake import open_lake

    try:
        return open_lake(settings)
    except duckdb.Error as error:
        raise told(error) or StepError(f"cannot open {place(settings)}: {error}", "Is its catalog up, and are its data there?") from error


def has_build_database(settings: Settings) -> bool:
    """Whether there may be a build database: of a lake only its catalog can tell."""
    return settings.backend == "ducklake" or settings.build_database.exists()


def place(settings: Settings) -> str:
    """Where the build database is, in words."""
    return str(settings.build_database) if settings.backend == "duckdb" else f"the lake of {settings.lake_data}"


def connect(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection whose instants read as UTC."""
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=_STORAGE)
    except duckdb.Error as error:
        raise told(error) or StepError(f"cannot open {path}: {error}", "If another program has it open, close it and try again.") from error
    connection.execute("set TimeZone = 'UTC'")
    return connection


def connect_writer(path: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection for who writes much: in bounded memory, and rows in any order, as in order one processor writes while the others wait."""
    connection = connect(path)
    connection.execute(limit(settings))
    connection.execute("set preserve_insertion_order = false")
    return connection


def limit(settings: Settings) -> str:
    """The statement that bounds the memory of a connection's database."""
    return f"set memory_limit = {quoted(settings.memory_limit)}"


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Loads an extension of DuckDB from its wheel, without the network. Raises UsageError where the wheel is not installed."""
    connection.execute(f"load {quoted(str(extension_file(name)))}")


def extension_file(name: str) -> Path:
    """The file of an extension, in its wheel. Raises UsageError where that is not installed."""
    try:
        wheel = files(f"duckdb_extension_{name}")
    except ModuleNotFoundError:
        raise UsageError(f"DuckDB's extension {name} is not installed", "Next: make setup") from None
    found = sorted(Path(str(wheel)).glob(f"extensions/v{duckdb.__version__}/{name}.duckdb_extension"))
    if not found:
        raise UsageError(f"DuckDB's extension {name} is not of DuckDB's version, {duckdb.__version__}", "Next: make setup")
    return found[0]


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of its block, or nothing of it."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def rows(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object] | dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The query's rows as dicts."""
    result = connection.execute(query, parameters or [])
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def insert(connection: duckdb.DuckDBPyConnection, table: str, values: dict[str, Any]) -> None:
    """One row, by the names of its columns."""
    marks = ", ".join("?" for _ in values)
    connection.execute(f"insert into {table} ({', '.join(values)}) values ({marks})", list(values.values()))


def insert_frame(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """A frame's rows, by the names of their columns. They go through a Parquet file: DuckDB reads frames directly only with pyarrow."""
    if frame.height:
        with tempfile.TemporaryDirectory(prefix="paperhouse-") as folder:
            file = Path(folder) / "frame.parquet"
            frame.write_parquet(file, compression="uncompressed")
            connection.execute(f"insert into {table} by name from read_parquet(?)", [str(file)])


def scalar(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object] | None = None) -> Any:
    """The first column of the query's first row; None where there is no row."""
    row = connection.execute(query, parameters or []).fetchone()
    return row and row[0]


def quoted(text: str) -> str:
    """The text as an SQL literal, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"
