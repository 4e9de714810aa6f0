"""Searching the publication: by words, and by meaning."""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from warehouse.errors import UsageError
from warehouse.publishing.vectors import DIMENSIONS, embed_words
from warehouse.readers.papers import find_papers
from warehouse.storage.connection import load_extension, rows, scalar


@dataclass(frozen=True)
class Filters:
    """Of which papers: those that have each of these that is given."""

    in_year: int | None = None  # of publication, else of the venue
    in_venue: str | None = None  # in any case
    in_category: str | None = None  # arXiv's, as cs.CL
    has_code: bool | None = None
    from_source: str | None = None  # known to it


_NEAREST = f"""
from (
    from paper_vectors
    select paper_id, array_cosine_similarity(vector::float[{DIMENSIONS}], $vector::float[{DIMENSIONS}]) as similarity
    where paper_id in (from papers_with($in_year, $in_venue, $in_category, $has_code, $from_source))
    order by similarity desc, paper_id
    limit $most
) inner join fct_papers as papers using (paper_id)
select papers.title, round(similarity::double, 3) as similarity, papers.claim_count, papers.repo_link_count, paper_id
order by similarity desc, paper_id
"""


def search(
    connection: duckdb.DuckDBPyConnection,
    words: str,
    most: int,
    is_for_claims: bool = False,
    filters: Filters = Filters(),
) -> list[dict[str, Any]]:
    """The rows of `search_papers`, or of `search_claims`, for the words. Raises UsageError where the publication has no
    index."""
    load_extension(connection, "fts")
    if not scalar(
        connection,
        "select count(*) from duckdb_functions() where schema_name = 'marts' and function_name = 'search_papers'",
    ):
        raise UsageError(
            "the publication has no index of words: it was made without DuckDB's extension fts, or with "
            "PAPERHOUSE_SEARCH_INDEX=false",
            "Next: make setup, then paperhouse publish",
        )
    given = {name: value for name, value in asdict(filters).items() if value is not None}
    arguments = "".join(f", {name} := ${name}" for name in given)
    macro = "search_claims" if is_for_claims else "search_papers"
    return rows(connection, f"from {macro}($words, most := {int(most)}{arguments})", {"words": words} | given)


def search_by_meaning(
    connection: duckdb.DuckDBPyConnection, words: str, most: int, filters: Filters = Filters()
) -> list[dict[str, Any]]:
    """The papers whose titles and abstracts are nearest in meaning to the words: title, similarity, claim_count,
    repo_link_count, paper_id.

    Raises UsageError where the model is not installed, or the publication has no vectors.
    """
    _need_vectors(connection)
    return rows(connection, _NEAREST, {"vector": embed_words(words), "most": most} | asdict(filters))


def find_similar(
    connection: duckdb.DuckDBPyConnection, words: str, most: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The paper that the words name, and those nearest to it in meaning: the rows of `similar_papers`.

    Raises UsageError where the words name none, or several, or where the publication has no vectors.
    """
    found = find_papers(connection, words)
    if len(found) > 1:
        named = "".join(f"\n  {each['paper_id']}  {each['title']}" for each in found)
        raise UsageError(f"{len(found)} papers have '{words}' in their titles:{named}", "Name one by its id.")
    _need_vectors(connection)
    return found[0], rows(connection, f"from similar_papers(?, most := {int(most)})", [found[0]["paper_id"]])


def _need_vectors(connection: duckdb.DuckDBPyConnection) -> None:
    if not scalar(connection, "select count(*) from paper_vectors"):
        raise UsageError(
            "the publication has no vectors: it was made without the extra `meaning`",
            "Next: make extras, then paperhouse build, audit, publish",
        )
