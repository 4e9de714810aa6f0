"""Guardrails: how far new marts may fall behind the last publication.

What is compared are the papers that readers had, by their ids: where they are now, and with how many claims, links and
abstracts. Papers that became one since then count as one where claims and links are compared: what they share is told
once. Papers that are new since then count neither for nor against, nor do those of batches that were released or
withdrawn since then, as that is what was decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.settings import Settings
from warehouse.storage.batches import Batch
from warehouse.storage.connection import quoted, rows
from warehouse.storage.decisions import Decision, read_decision
from warehouse.storage.publication import publication_file, read_manifest
from warehouse.storage.quarantine import find_batches_since_publication

NONE: dict[str, Any] = {"min_papers": 1, "min_claims": 0, "min_links": 0, "min_abstract_share": 0.0, "sources": []}

_DECIDED = """
create or replace temp table decided as
select mentions.paper_id
from raw.papers as papers inner join raw.mention_papers as mentions using (mention_id) where list_contains($batches,
papers.batch_id)
union select paper_id from last_publication.marts.paper_aliases where list_contains($batches, batch_id)
union select paper_id from last_publication.marts.paper_listings where list_contains($batches, batch_id)
"""
# The papers of the last publication, and where each is now: an id that it was published under leads to it.
_COMPARED = """
create or replace temp table compared as
select last.paper_id as last_id, coalesce(papers.paper_id, former.paper_id) as paper_id
from last_publication.marts.fct_papers as last
left join marts.fct_papers as papers on last.paper_id = papers.paper_id
left join raw.former_ids as former on last.paper_id = former.former_id
where last.paper_id not in (from decided) and coalesce(papers.paper_id, former.paper_id, '') not in (from decided)
"""
_COUNTS = """
select
    (select count({id}) from compared) as papers,
    (select count(distinct paper_id) from compared) as papers_now,
    (select count(*) from {marts}.fct_claimed_metrics where paper_id in (select {id} from compared)) as claims,
    (
        select count(distinct (coalesce(compared.paper_id, compared.last_id), links.url))
        from {marts}.fct_repo_links as links inner join compared on links.paper_id = compared.{id}
    ) as links,
    (
        -- Of papers without an abstract, as DuckDB knows where there are none without reading those of the others.
        select coalesce(1 - count(*) / nullif((select count(distinct {id}) from compared), 0), 0)
        from {marts}.fct_papers where abstract is null and paper_id in (select {id} from compared)
    ) as abstract_share
"""
_ALL = """
select
    (select count(*) from marts.fct_papers) as papers, (select count(*) from marts.fct_papers) as papers_now,
    (select count(*) from marts.fct_claimed_metrics) as claims,
    (select count(*) from marts.fct_repo_links) as links,
    (select coalesce(count(abstract) / nullif(count(*), 0), 0) from marts.fct_papers) as abstract_share
"""
_SOURCES = """
select distinct source from last_publication.marts.paper_aliases where paper_id in (select last_id from compared)
"""
_DECIDED_SOURCES = "select distinct source from raw.loads where list_contains($batches, batch_id)"


@dataclass(frozen=True)
class Guardrails:
    """bounds: the least that the suites of the marts accept: min_papers, min_claims, min_links, min_abstract_share,
    sources. query: SQL of what they are held against, a row a source."""

    bounds: dict[str, Any]
    query: str


def find_decisions_since_publication(settings: Settings, connection: duckdb.DuckDBPyConnection) -> dict[str, Decision]:
    """batch id → the decision to release or withdraw it, of the batches that came or went since the last
    publication."""
    batches: Sequence[Batch] = find_batches_since_publication(settings, connection, ("loaded", "withdrawn"))
    found = {
        batch.batch_id: read_decision(settings, batch.batch_id, "release")
        or read_decision(settings, batch.batch_id, "withdraw")
        for batch in batches
    }
    return {batch_id: decided for batch_id, decided in found.items() if decided}


def measure_guardrails(
    settings: Settings, connection: duckdb.DuckDBPyConnection, decided_batches: list[str], is_lifted: bool = False
) -> Guardrails:
    """How the marts of the build compare with the last publication.

    connection: to the build database. decided_batches: the ids of those whose papers are left out. is_lifted: nothing
    is compared, as there is a reason why the new marts differ.
    """
    (found,) = rows(connection, _ALL)
    if read_manifest(settings) is None or is_lifted:
        return Guardrails(NONE, _as_query(connection, found))
    file = quoted(str(publication_file(settings)))
    connection.execute(f"attach if not exists {file} as last_publication (read_only)")
    try:
        connection.execute(_DECIDED, {"batches": decided_batches})
        connection.execute(_COMPARED)
        (before,) = rows(connection, _COUNTS.format(marts="last_publication.marts", id="last_id"))
        (now,) = rows(connection, _COUNTS.format(marts="marts", id="paper_id"))
        sources = {row["source"] for row in rows(connection, _SOURCES)}
        decided = {row["source"] for row in rows(connection, _DECIDED_SOURCES, {"batches": decided_batches})}
    finally:
        connection.execute("detach last_publication")
    claims_per_paper = before["claims"] / max(1, before["papers"])
    bounds = {
        "min_papers": max(1, int(before["papers"] * settings.guardrail_min_rows_share)),
        "min_claims": int(claims_per_paper * now["papers_now"] * settings.guardrail_min_claims_share),
        "min_links": int(before["links"] * settings.guardrail_min_rows_share),
        "min_abstract_share": max(0.0, before["abstract_share"] - settings.guardrail_max_null_jump),
        "sources": sorted(sources - decided),
    }
    # Where nothing is left to compare, there must be a paper all the same.
    return Guardrails(bounds, _as_query(connection, now if before["papers"] else found))


def _as_query(connection: duckdb.DuckDBPyConnection, counts: dict[str, Any]) -> str:
    """The counts beside each source that has papers, as SQL: what Great Expectations takes."""
    found = connection.execute("select distinct source from marts.paper_aliases order by source").fetchall()
    numbers = ", ".join(f"{value} as {name}" for name, value in counts.items())
    sources = ", ".join(quoted(source) for (source,) in found)
    return (
        f"select unnest([{sources}]::varchar[]) as source, {numbers}" if found else f"select null as source, {numbers}"
    )
