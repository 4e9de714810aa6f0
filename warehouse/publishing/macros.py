"""What a publication offers beside its tables: macros for common questions, and full-text search."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from string import Template

import duckdb

from warehouse.errors import UsageError
from warehouse.publishing.index import add_changed_texts, create_index, index_schema, remove_changed_texts
from warehouse.storage.connection import extension_file, load_extension

_SQL = Path(__file__).parent / "sql"
_COMMENT = re.compile(r"^comment on (?:macro|macro table|view) marts\.\w+ is\s+'(.*)';$", re.M)
# What is searched: the table, its key, its columns.
_INDEXES = (("fct_papers", "paper_id", "title, abstract"), ("fct_claimed_metrics", "claim_id", "evidence"))
# The keys of the table's rows that are of some papers, by which searches filter.
_OF_PAPERS = {
    "fct_papers": "from",
    "fct_claimed_metrics": "select claim_id from marts.fct_claimed_metrics where paper_id in",
}


def can_index() -> bool:
    """Whether DuckDB's extension fts is installed. Where it is not, `search` reports it."""
    with suppress(UsageError):
        extension_file("fts")
        return True
    return False


def make_indexes(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the indexes of words and the macros that search them. Needs DuckDB's extension fts."""
    load_extension(connection, "fts")
    for table, key, columns in _INDEXES:
        create_index(connection, table, key, columns)
    make_search_macros(connection)


@contextmanager
def find_changed_texts(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Around what replaces the rows of `changed` papers: takes old texts out of the indexes, and adds the new ones.
    Needs DuckDB's extension fts."""
    load_extension(connection, "fts")
    for table, key, _ in _INDEXES:
        remove_changed_texts(connection, table, key)
    yield
    for table, key, columns in _INDEXES:
        add_changed_texts(connection, table, key, columns)


def make_reader_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macros of sql/readers.sql over the marts."""
    connection.execute(_text("readers"))


def make_search_macros(connection: duckdb.DuckDBPyConnection, catalog: str = "") -> None:
    """Makes the macros of sql/search.sql over the indexes. catalog: where the publication's tables are, for a database
    that only has views of them, as rows of views have no numbers."""
    ranking = Template(_text("bm25"))
    papers, claims = (
        ranking.substitute(index=index_schema(table), of_papers=_OF_PAPERS[table]).rstrip() for table, _, _ in _INDEXES
    )
    table = f"{catalog}.marts.fct_papers" if catalog else "marts.fct_papers"
    connection.execute(Template(_text("search")).substitute(papers=papers, claims=claims, table=table))


def read_macro_comments() -> list[str]:
    """What each macro and view does, in words that begin with how it is called."""
    return [text for name in ("readers", "search") for text in _COMMENT.findall(_text(name))]


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text("utf-8")
