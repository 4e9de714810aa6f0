"""Guardrails: how far new marts may fall behind the last publication.

Two kinds of papers are left out on both sides: those that are new since then (a list without abstracts may join, but
what readers had must stay), and those of batches that were released or withdrawn since then, as that is what was
decided.
"""

from collections.abc import Sequence
from typing import Any

import duckdb

from warehouse.settings import Settings
from warehouse.storage.batches import Batch
from warehouse.storage.connection import quoted, rows
from warehouse.storage.decisions import Decision, decision
from warehouse.storage.publication import manifest, publication_file, row_counts
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
_NOW = """
with papers as (
    select *, paper_id in (from decided) as is_decided, first_seen_at <= $landed_until::timestamptz as is_known from
        marts.fct_papers
)
select
    count(*) as papers, count(*) filter (is_decided) as decided, count(*) filter (is_known and not is_decided) as known,
    (select count(abstract) from marts.fct_papers where paper_id in (from decided)) as decided_abstracts,
    (select count(*) from marts.fct_claimed_metrics where paper_id in (from decided)) as decided_claims,
    (select count(*) from marts.fct_repo_links where paper_id in (from decided)) as decided_links
from papers
"""
_BEFORE = """
select
    (select count(*) from last_publication.marts.fct_papers where paper_id in (from decided)) as papers,
    (select count(*) from last_publication.marts.fct_repo_links where paper_id in (from decided)) as links,
    (select list(distinct source) from raw.loads where list_contains($batches, batch_id)) as sources
"""


def find_decisions_since_publication(settings: Settings, connection: duckdb.DuckDBPyConnection) -> dict[str, Decision]:
    """batch id → the decision to release or withdraw it, of the batches that came or went since the last
    publication."""
    batches: Sequence[Batch] = find_batches_since_publication(settings, connection, ("loaded", "withdrawn"))
    found = {
        batch.batch_id: decision(settings, batch.batch_id, "release") or decision(settings, batch.batch_id, "withdraw")
        for batch in batches
    }
    return {batch_id: decided for batch_id, decided in found.items() if decided}


def guardrails(settings: Settings, connection: duckdb.DuckDBPyConnection, decided_batches: list[str]) -> dict[str, Any]:
    """The least that the suites of the marts accept: min_papers, min_claims, min_links, min_abstract_share, sources.

    connection: to the build database. decided_batches: the ids of those whose papers are left out.
    """
    last = manifest(settings)
    if last is None:
        return NONE
    counts = row_counts(last)
    connection.execute(
        f"attach if not exists {quoted(str(publication_file(settings)))} as last_publication (read_only)"
    )
    try:
        connection.execute(_DECIDED, {"batches": decided_batches})
        (now,) = rows(connection, _NOW, {"landed_until": last.get("landed_until") or last["published_at"]})
        (before,) = rows(connection, _BEFORE, {"batches": decided_batches})
    finally:
        connection.execute("detach last_publication")
    claims_per_paper = counts["fct_claimed_metrics"] / max(1, counts["fct_papers"])
    least_abstract_share = max(0.0, last["abstract_share"] - settings.guardrail_max_null_jump)
    return {
        "min_papers": max(
            1, now["decided"] + int((counts["fct_papers"] - before["papers"]) * settings.guardrail_min_rows_share)
        ),
        "min_claims": now["decided_claims"]
        + int(claims_per_paper * now["known"] * settings.guardrail_min_claims_share),
        "min_links": now["decided_links"]
        + int((counts["fct_repo_links"] - before["links"]) * settings.guardrail_min_rows_share),
        "min_abstract_share": (least_abstract_share * now["known"] + now["decided_abstracts"]) / max(1, now["papers"]),
        "sources": sorted(set(last.get("sources", [])) - set(before["sources"] or [])),
    }
