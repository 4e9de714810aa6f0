"""A paper of the publication, with its claims and links in their places."""

from typing import Any

import duckdb

from warehouse.errors import UsageError
from warehouse.storage.connection import rows, scalar

_MATCHES = 20  # listed where the words fit several papers


def find_papers(connection: duckdb.DuckDBPyConnection, words: str) -> list[dict[str, Any]]:
    """The paper (paper_id, title) of that id, or those of that alias, else those whose titles hold every word; the
    shortest titles first.

    Raises UsageError where there is none.
    """
    if paper_id := find_paper_id(connection, words):
        return rows(connection, "select paper_id, title from fct_papers where paper_id = ?", [paper_id])
    by_alias = """
        select paper_id, title from fct_papers where paper_id in (select paper_id from paper_aliases where alias = ?)
    """
    by_words = f"""
        select paper_id, title from fct_papers
        where list_bool_and([contains(lower(title), word) for word in string_split(lower($1), ' ')])
        order by length(title), paper_id limit {_MATCHES}
    """
    found = rows(connection, by_alias, [words]) or rows(connection, by_words, [" ".join(words.split())])
    if not found:
        raise UsageError(f"no paper has the id '{words}' or a title with all of these words", "Try fewer words.")
    return found


def find_paper_id(connection: duckdb.DuckDBPyConnection, published_id: str) -> str | None:
    """The id that the paper has now which has this one or was published under it before; None where there is none."""
    query = """
        select paper_id from fct_papers where paper_id = $1
        union all select paper_id from paper_aliases where alias = $1 and alias_kind = 'former_id'
        limit 1
    """
    found: str | None = scalar(connection, query, [published_id])
    return found


def paper(connection: duckdb.DuckDBPyConnection, paper_id: str) -> dict[str, Any]:
    """The paper's row of fct_papers, with its claims and links, in the order of their places."""
    place = "order by section desc, char_start"
    return rows(connection, "select * from fct_papers where paper_id = ?", [paper_id])[0] | {
        "claims": rows(connection, f"select * from fct_claimed_metrics where paper_id = ? {place}", [paper_id]),
        "links": rows(connection, f"select * from fct_repo_links where paper_id = ? {place}", [paper_id]),
    }
