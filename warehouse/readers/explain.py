"""A published claim with the reading that found it, so that a wrong one can be traced."""

from dataclasses import asdict
from typing import Any

import duckdb

from transforms.claims.explain import explain
from warehouse.errors import require_one
from warehouse.storage.connection import rows
from warehouse.vocabularies import read_vocabulary


def explain_claim(connection: duckdb.DuckDBPyConnection, claim_id: str) -> dict[str, Any]:
    """The claim's row with its paper's title, the tokens of its sentence, the numbers in it, its form, and the metrics
    and datasets that were proposed.

    claim_id: the id or its beginning. Raises UsageError where it is the beginning of none, or of several.
    """
    query = (
        "select claims.*, papers.title from fct_claimed_metrics as claims join fct_papers as papers using "
        "(paper_id) where starts_with(claim_id, ?)"
    )
    found = rows(connection, query, [claim_id])
    claim = require_one(found, "claim", "claims", claim_id, "`paperhouse show` and fct_claimed_metrics have the ids.")
    (texts,) = rows(connection, "select title, abstract from fct_papers where paper_id = ?", [claim["paper_id"]])
    text = texts[claim["section"]]
    sentence_start = text.rfind(claim["evidence"], 0, claim["char_start"] + len(claim["evidence"]))
    start = claim["char_start"] - sentence_start
    return claim | asdict(
        explain(read_vocabulary(), claim["evidence"], start, text[: max(0, sentence_start)], texts["title"])
    )
