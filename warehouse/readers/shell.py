"""SQL on the publication: one query, or DuckDB's own shell."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.storage.connection import extension_file, load_extension, quoted
from warehouse.storage.publication import open_publication, publication_file


def run_query(settings: Settings, sql: str, write: Callable[[duckdb.DuckDBPyRelation | None], None]) -> None:
    """Lets `write` have the rows of the last statement. Raises UsageError where DuckDB cannot run it."""
    with open_publication(settings) as connection:
        if not sql.strip():
            raise UsageError("the query is empty", "Without any query, DuckDB's shell opens: paperhouse sql")
        try:
            load_extension(connection, "fts")
            write(connection.sql(sql))
        except duckdb.Error as error:
            raise UsageError(
                str(error),
                "The tables: paperhouse sql 'show tables'; their columns: paperhouse sql 'describe fct_papers'",
            ) from error


def open_shell(settings: Settings) -> None:
    """Becomes DuckDB's shell on the publication, read-only, in the schema marts. Raises UsageError where it is not
    installed."""
    beside = Path(sys.executable).with_name("duckdb")
    program = str(beside) if beside.exists() else shutil.which("duckdb")
    if program is None:
        raise UsageError("DuckDB's shell is not installed", "Next: make setup. Or: paperhouse sql 'select …'")
    file = publication_file(settings)
    begin = (f"load {quoted(str(extension_file('fts')))}", "set TimeZone = 'UTC'", "use marts")
    os.execv(program, [program, "-readonly", *(part for each in begin for part in ("-cmd", each)), str(file)])  # noqa: S606 - there is no shell
