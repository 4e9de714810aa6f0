"""What feeds and digest share: its strongest claims, and its page."""

from typing import Any
from urllib.parse import quote

# The two sentences of a paper that claim most surely, each with the numbers that it claims.
STRONGEST_CLAIMS = """(
    select list({'numbers': numbers, 'evidence': evidence} order by confidence desc, evidence)[:2]
    from (
        select
            evidence, max(confidence) as confidence,
            string_agg(value_text || coalesce(' ' || metric, ''), ', ' order by char_start) as numbers
        from fct_claimed_metrics where paper_id = papers.paper_id and subject = 'proposed' and not is_optional group
            by evidence
    ) as sentences
) as claims"""


def build_paper_url(paper: dict[str, Any]) -> str | None:
    """Where a paper can be read, by its ids."""
    if paper.get("arxiv_id"):
        return f"https://arxiv.org/abs/{paper['arxiv_id']}"
    return f"https://doi.org/{quote(paper['doi'], safe='/:;()')}" if paper.get("doi") else None
