"""A paper as Hugging Face's daily papers API and the JSON inside its pages give it.

The shape is that of huggingface_hub's `PaperInfo`: an outer object of the listing, with the paper itself under `paper`;
third parties save the inner one alone. A paper's id is its arXiv id.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from transforms.formats.entries import Entry, Reject, objects
from transforms.formats.fields import Fields, Upstream, links
from transforms.identity.identifiers import arxiv_id


def parse_listed_papers(values: list[Any], listed_on: date | None, upstream: Upstream) -> Iterator[Entry | Reject]:
    """The papers of a listing, ranked from 1 in its order."""
    ranks = iter(range(1, len(values) + 1))
    return objects(iter(values), lambda value: _listed_paper(value, next(ranks), listed_on, upstream))


def _listed_paper(value: dict[str, object], rank: int, listed_on: date | None, upstream: Upstream) -> Entry | Reject:
    """The paper of one entry of a listing: ids, texts, authors, upvotes, who submitted it, its repository and project
    page."""
    listing = Fields(value, upstream)
    paper = listing.inner("paper") if "paper" in value else listing
    found, title = arxiv_id(paper.text("id")), paper.text("title") or listing.text("title")
    authors = paper.take("authors") or listing.take("authors")
    stars = paper.integer("githubStars", "github_stars")
    record: dict[str, object] = {
        "source_record_id": found,
        "arxiv_id": found,
        "title_raw": title,
        "abstract_raw": paper.text("summary", "abstract") or listing.text("summary"),
        "authors": _names(authors),
        "rank": rank,
        "listed_on": listed_on,
        "upvotes": paper.integer("upvotes"),
        "github_stars": stars,
        "submitter": _name(paper.take("submittedOnDailyBy") or listing.take("submittedBy", "submitter")),
        "organization": _name(listing.take("organization") or paper.take("organization")),
        "keywords": paper.texts("ai_keywords", "tags"),
    }
    if paper is not listing:
        record["published_on"] = paper.day("publishedAt")
    about = links("githubRepo", paper.text("githubRepo", "github_repo")) + links(
        "projectPage", paper.text("projectPage", "project_page")
    )
    if not title:
        return Reject("no_title", f"the entry of rank {rank} has no title", str(value)[:300])
    return Entry(record, about)


def _names(authors: object) -> list[str] | None:
    found = [name.strip(" ,") for each in authors if (name := _name(each))] if isinstance(authors, list) else []
    return [name for name in found if name] or None


def _name(value: object) -> str | None:
    """The name of a person or organization, given as a text or as an object."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("fullname", "name", "user") if isinstance(value.get(key), str)), None)
    return value.strip() or None if isinstance(value, str) else None
