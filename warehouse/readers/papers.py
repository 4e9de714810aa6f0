"""Papers of the publication: found by id or words, and read with their claims and links."""

from collections import defaultdict
from typing import Any

import duckdb

from warehouse.errors import UsageError
from warehouse.storage.connection import rows, scalar

_PLACES = "section desc, char_start"  # the order of claims and links
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


def read_papers(connection: duckdb.DuckDBPyConnection, paper_ids: list[str]) -> dict[str, dict[str, Any]]:
    """paper id → its row of fct_papers, with claims and links, in the order of their places."""
    claims = read_groups(connection, "fct_claimed_metrics", "paper_id", paper_ids, _PLACES)
    links = read_groups(connection, "fct_repo_links", "paper_id", paper_ids, _PLACES)
    return {
        paper["paper_id"]: paper | {"claims": claims[paper["paper_id"]], "links": links[paper["paper_id"]]}
        for paper in rows(connection, "from fct_papers where paper_id in (select unnest($1))", [paper_ids])
    }


def read_groups(
    connection: duckdb.DuckDBPyConnection, table: str, key: str, values: list[str], order: str
) -> defaultdict[str, list[dict[str, Any]]]:
    """value → the rows of the table that have it as their key, in an order; no rows for others."""
    groups = defaultdict(list)
    query = f"from {table} where {key} in (select unnest($1)) order by {order}"
    for each in rows(connection, query, [values]):
        groups[each[key]].append(each)
    return groups
