"""The tables of a publication's DuckDB file: copied whole from the build, or, in a copy of the last publication, those
rows replaced that are of changed papers."""

from collections.abc import Collection

import duckdb

from warehouse.storage.connection import quoted, rows, rows_of_papers, transaction
from warehouse.storage.lake import ALIAS

# DuckDB chooses the form of a column: names of few kinds are a third of the bytes in a dictionary, and read three times
# as fast, as in zstd. Long texts are zstd in any case, as to look for a form takes half as long as to write them. Any
# DuckDB since 1.2 reads both.
_COMPRESSION = "set force_compression = 'auto'; set zstd_min_string_length = 16"
_LONG = 40  # bytes, of the mean of some texts
_SOME = 10_000
_AUTHOR_PAPERS = "select coalesce(author_id, name_key) as author_key, paper_id, name from marts.brg_paper_authors"


def choose_compression(connection: duckdb.DuckDBPyConnection) -> None:
    """How a publication's file is written; the build database is written faster, and read less often."""
    connection.execute(_COMPRESSION)


def create_tables(connection: duckdb.DuckDBPyConnection, names: Collection[str], order: str = "") -> None:
    """Tables of the marts of the build, which is attached. order: a column to sort them by, so that who asks for a
    value of it reads one row group."""
    sorted_by = f"order by {order}" if order else ""
    for name in names:
        connection.execute(f'create or replace table marts."{name}" ({_define_columns(connection, name)})')
        connection.execute(f'insert into marts."{name}" from {ALIAS}.marts."{name}" {sorted_by}')
    _copy_comments(connection, list(names))


def _define_columns(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """The columns of a table of the build with their types, and the compression of those that hold long texts."""
    columns = connection.execute(f'describe {ALIAS}.marts."{table}"').fetchall()
    lengths = [f'avg(strlen("{name}")) as "{name}"' for name, its_type, *_ in columns if its_type == "VARCHAR"]
    some = f'(from {ALIAS}.marts."{table}" limit {_SOME})'
    (means,) = rows(connection, f"select {', '.join(['count(*)', *lengths])} from {some}")

    def compression(name: str) -> str:
        return "using compression zstd" if (means.get(name) or 0) > _LONG else ""

    return ", ".join(f'"{name}" {its_type} {compression(name)}' for name, its_type, *_ in columns)


def find_changed_papers(connection: duckdb.DuckDBPyConnection, is_published: bool = False) -> None:
    """Makes the temporary table `changed` (paper_id) of the papers that the build changed; none where the last
    publication is of this build."""
    connection.execute(
        f"create or replace temp table changed as from {ALIAS}.intermediate.int_changed_papers where not ?",
        [is_published],
    )


def replace_changed_rows(connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
    """The rows of `changed` papers, in tables that have paper_id, as they are in the build."""
    for name in names:
        connection.execute(f'delete from marts."{name}" where paper_id in (from changed)')
        new = f'{ALIAS}.marts."{name}"'
        connection.execute(f'insert into marts."{name}" from {new} where {rows_of_papers(connection, new, "changed")}')


def create_lookups(connection: duckdb.DuckDBPyConnection) -> None:
    """What the explorer asks by another key than papers: the papers of an author, sorted by author."""
    connection.execute("create schema lookups")
    connection.execute(f"create table lookups.author_papers as {_AUTHOR_PAPERS} order by author_key, paper_id")


def replace_changed_lookups(connection: duckdb.DuckDBPyConnection) -> None:
    """The rows of `changed` papers, which stand behind the sorted ones."""
    connection.execute("delete from lookups.author_papers where paper_id in (from changed)")
    connection.execute(f"insert into lookups.author_papers {_AUTHOR_PAPERS} where paper_id in (from changed)")


def _copy_comments(connection: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    """The descriptions of the tables and their columns, which dbt wrote into the build database."""
    found = f"""
        where database_name = '{ALIAS}' and schema_name = 'marts' and list_contains(?, table_name)
            and comment is not null
    """
    tables = connection.execute(f"select table_name, comment from duckdb_tables() {found}", [names]).fetchall()
    query = f"select table_name, column_name, comment from duckdb_columns() {found}"
    columns = connection.execute(query, [names]).fetchall()
    with transaction(connection):  # some hundred, each of which would be written by itself
        for table, comment in tables:
            connection.execute(f'comment on table marts."{table}" is {quoted(comment)}')
        for table, column, comment in columns:
            connection.execute(f'comment on column marts."{table}"."{column}" is {quoted(comment)}')
