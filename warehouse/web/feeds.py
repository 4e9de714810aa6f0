"""What the feeds of single pages list: papers of an author, entries of a dataset's leaderboards."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from warehouse.publishing.changes import hash_change
from warehouse.web.queries import Facts
from warehouse.web.rendering import board_url, page_url, paper_url


def list_papers(facts: Facts) -> Iterator[Facts]:
    """The papers of an author, those without a date left out."""
    for paper in facts["papers"]:
        if paper["published_on"]:
            yield {
                "id": f"urn:paperhouse:{paper['paper_id']}",
                "title": paper["title"] or paper["paper_id"],
                "updated": _begin(paper["published_on"]),
                "authors": [facts["author"]],
                "link": paper_url(paper["paper_id"]),
                "content": f"{paper['claim_count']} claims, {paper['repo_link_count']} links",
            }


def list_entries(facts: Facts) -> Iterator[Facts]:
    """The newest entries of a dataset's leaderboards, and before them what changed of those that were there."""
    for change in facts["changes"]:
        yield {
            "id": f"urn:paperhouse:change:{hash_change(change)}",
            "title": f"{change['metric']}: {change['before'] or 'nothing'} → {change['after'] or 'nothing'}",
            "updated": facts["published_at"],
            "authors": [],
            "link": page_url("datasets", facts["dataset"]),
            "content": change["why"],
        }
    for entry in facts["entries"]:
        rank = f", rank {entry['rank']}" if entry["rank"] else ""
        condition = f", {entry['condition']}" if entry["condition"] else ""
        value = f"{entry['metric']}{condition} {entry['value']:g} ({entry['unit']})"
        yield {
            "id": f"urn:paperhouse:{entry['entry_id']}",
            "title": f"{value}{rank}: {entry['model'] or entry['title']}",
            "updated": _begin(entry["published_on"]),
            "authors": [],
            "link": board_url(entry),
            "content": entry["evidence"] or entry["title"] or "",
        }


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
