"""Connections to DuckDB: their settings, extensions, transactions, and what is asked of them and put into them."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse.errors import StepError, UsageError, classify_system_error
from warehouse.settings import Settings
from warehouse.storage.files import temporary_folder

# Texts as zstd: a third of the time to write and a quarter of the bytes of what DuckDB would choose. Any DuckDB since
# 1.2 reads it.
_STORAGE: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.2.0",
    "force_compression": "zstd",
}


def connect(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection whose instants read as UTC."""
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=_STORAGE)
    except duckdb.Error as error:
        raise classify_system_error(error) or StepError(
            f"cannot open {path}: {error}", "If another program has it open, close it and try again."
        ) from error
    connection.execute("set TimeZone = 'UTC'")
    return connection


def connect_writer(path: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection for who writes much: in bounded memory, and rows in any order, as in order one processor writes
    while the others wait."""
    connection = connect(path)
    connection.execute(limit(settings))
    connection.execute("set preserve_insertion_order = false")
    return connection


def rows_of_papers(connection: duckdb.DuckDBPyConnection, table: str, papers: str) -> str:
    """A condition for those rows of a table whose paper_id is in another table. dbt appends what it changes, so that
    the texts before the first of these rows need not be read."""
    condition = f"paper_id in (select paper_id from {papers})"
    first = scalar(connection, f"select min(rowid) from {table} where {condition}")
    return "false" if first is None else f"rowid >= {first} and {condition}"


def limit(settings: Settings) -> str:
    """The statement that bounds the memory of a connection's database."""
    return f"set memory_limit = {quoted(settings.memory_limit)}"


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Loads an extension of DuckDB from its wheel, without the network. Raises UsageError where the wheel is not
    installed."""
    connection.execute(f"load {quoted(str(extension_file(name)))}")


def extension_file(name: str) -> Path:
    """The file of an extension, in its wheel. Raises UsageError where that is not installed."""
    try:
        wheel = files(f"duckdb_extension_{name}")
    except ModuleNotFoundError:
        raise UsageError(f"DuckDB's extension {name} is not installed", "Next: make setup, or make extras") from None
    found = sorted(Path(str(wheel)).glob(f"extensions/v{duckdb.__version__}/{name}.duckdb_extension"))
    if not found:
        raise UsageError(
            f"DuckDB's extension {name} is not of DuckDB's version, {duckdb.__version__}", "Next: make setup"
        )
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


@contextmanager
def ended_after(connection: duckdb.DuckDBPyConnection, most_seconds: float | None) -> Iterator[None]:
    """Raises TimeoutError where what the connection is asked in the block takes longer; without a bound, never."""
    timer = threading.Timer(most_seconds, connection.interrupt) if most_seconds else None
    if timer:
        timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise TimeoutError(f"the query took longer than {most_seconds:g} s") from error
    finally:
        if timer:
            timer.cancel()


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object] | dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The query's rows as dicts."""
    result = connection.execute(query, parameters or [])
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def insert(connection: duckdb.DuckDBPyConnection, table: str, values: dict[str, Any]) -> None:
    """One row, by the names of its columns."""
    marks = ", ".join("?" for _ in values)
    connection.execute(f"insert into {table} ({', '.join(values)}) values ({marks})", list(values.values()))


def insert_frame(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """A frame's rows, by the names of their columns. They go through a Parquet file: DuckDB reads frames directly only
    with pyarrow."""
    if frame.height:
        with temporary_folder(Path(tempfile.gettempdir()), "paperhouse") as folder:
            file = folder / "frame.parquet"
            frame.write_parquet(file, compression="uncompressed")
            connection.execute(f"insert into {table} by name from read_parquet(?)", [str(file)])


def scalar(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object] | None = None) -> Any:
    """The first column of the query's first row; None where there is no row."""
    row = connection.execute(query, parameters or []).fetchone()
    return row and row[0]


def quoted(text: str) -> str:
    """The text as an SQL literal, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"
