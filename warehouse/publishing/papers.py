"""What feeds and digest share: its strongest claims, and its page."""

from functools import cache
from typing import Any
from urllib.parse import quote

from warehouse.settings import Settings

# The two sentences of a paper that claim most surely, each with the numbers that it claims.
STRONGEST_CLAIMS = """(
    select list({'numbers': numbers, 'evidence': evidence} order by confidence desc, evidence)[:2]
    from (
        select
            evidence, max(confidence) as confidence,
            string_agg(
                case
                    when kind <> 'change' or direction is null then value_text
                    when unit = 'times' then value_text || if(direction = 'up', ' more', ' less')
                    when value_text[1] in ('+', '-', '\u2212') then value_text
                    else if(direction = 'up', '+', '\u2212') || value_text
                end || coalesce(' ' || metric, ''),
                ', ' order by char_start
            ) as numbers
        from fct_claimed_metrics
        where
            paper_id = papers.paper_id and subject = 'proposed' and not is_optional
            and verdict is distinct from 'wrong'
        group by evidence
    ) as sentences
) as claims"""


# Papers that a list or a text speaks of: of what a leaderboard's row names alone there is no news.
IS_NEWS = "(papers.abstract is not null or papers.last_listed_on is not null)"


def build_page_url(paper: dict[str, Any]) -> str:
    """Where a paper can be read: by its ids, else in the explorer."""
    return build_paper_url(paper) or f"{_explorer()}/papers/{quote(paper['paper_id'], safe='')}"


@cache
def _explorer() -> str:
    """Its address; read once, as a feed asks for hundreds of papers."""
    return Settings().explorer_url.rstrip("/")


def build_paper_url(paper: dict[str, Any]) -> str | None:
    """Where a paper can be read, by its ids."""
    if paper.get("arxiv_id"):
        return f"https://arxiv.org/abs/{paper['arxiv_id']}"
    return f"https://doi.org/{quote(paper['doi'], safe='/:;()')}" if paper.get("doi") else None
