"""The published claims as the gold files have them, for scorers outside."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from warehouse.evaluation.scoring import named_as_written
from warehouse.storage.connection import rows


def export_claims(connection: duckdb.DuckDBPyConnection, optional: bool) -> Iterator[str]:
    """Each published paper as a line of JSON: {"title": …, "claims": […]}; optional claims only where they are asked
    for."""
    claims: dict[str, list[dict[str, Any]]] = {}
    for claim in rows(
        connection,
        "select * exclude (first_seen_at, first_seen_on) from fct_claimed_metrics order by paper_id, section "
        "desc, char_start",
    ):
        if optional or not claim["is_optional"]:
            claims.setdefault(claim["paper_id"], []).append(claim | named_as_written(claim))
    for paper in rows(connection, "select paper_id, title from fct_papers order by paper_id"):
        yield json.dumps({"title": paper["title"], "claims": claims.get(paper["paper_id"], [])}, ensure_ascii=False)
