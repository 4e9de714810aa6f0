"""A paper of the publication, with its claims and links in their places."""

from typing import Any

import duckdb

from warehouse.errors import UsageError
from warehouse.storage.connection import rows

_MATCHES = 20  # listed where the words fit several papers


def find_papers(connection: duckdb.DuckDBPyConnection, words: str) -> list[dict[str, Any]]:
    """The papers (paper_id, title) of that id or alias, else those whose titles hold every word; the shortest titles
    first.

    Raises UsageError where there is none.
    """
    by_id = (
        "select paper_id, title from fct_papers where paper_id in (select paper_id from paper_aliases "
        "where alias = $1) or paper_id = $1"
    )
    by_words = f"""
        select paper_id, title from fct_papers
        where list_bool_and([contains(lower(title), word) for word in string_split(lower($1), ' ')])
        order by length(title), paper_id limit {_MATCHES}
    """
    found = rows(connection, by_id, [words]) or rows(connection, by_words, [" ".join(words.split())])
    if not found:
        raise UsageError(f"no paper has the id '{words}' or a title with all of these words", "Try fewer words.")
    return found


def paper(connection: duckdb.DuckDBPyConnection, paper_id: str) -> dict[str, Any]:
    """The paper's row of fct_papers, with its claims and links, in the order of their places."""
    place = "order by section desc, char_start"
    return rows(connection, "select * from fct_papers where paper_id = ?", [paper_id])[0] | {
        "claims": rows(connection, f"select * from fct_claimed_metrics where paper_id = ? {place}", [paper_id]),
        "links": rows(connection, f"select * from fct_repo_links where paper_id = ? {place}", [paper_id]),
    }
