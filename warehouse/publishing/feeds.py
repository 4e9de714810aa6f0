"""The newest papers of a publication as feeds: Atom (RFC 4287) and JSON Feed 1.1 (jsonfeed.org)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from lxml import etree

from transforms.text.repair import clean
from warehouse.publishing.papers import IS_NEWS, STRONGEST_CLAIMS, build_page_url
from warehouse.storage.connection import rows
from warehouse.storage.files import write_json
from warehouse.storage.publication import published_at

_TITLE = "paperhouse: papers and what they claim"
_ATOM = "http://www.w3.org/2005/Atom"
_MIN, _MAX = 50, 500  # papers: the newest, and all that landed in the last days, as arXiv lists hundreds a day
_DAYS = 3

_ORDER = "first_seen_at desc, changed_on desc, paper_id"
_NEWEST = f"""
with newest as (
    select paper_id, first_seen_at, coalesce(
        updated_on, if(published_precision = 'day', published_on, null), last_listed_on, published_on
    ) as changed_on
    from fct_papers as papers
    where {IS_NEWS}
    order by {_ORDER}
    limit {_MAX}
),
recent as (
    select paper_id, row_number() over (order by {_ORDER}) as position
    from newest
    qualify position <= if(
        first_seen_at >= (select max(first_seen_at) from newest) - interval {_DAYS} day, {_MAX}, {_MIN}
    )
),
papers as (
    select fct_papers.*, recent.position
    from fct_papers
    inner join recent using (paper_id)
)
select
    paper_id, coalesce(title, paper_id) as title, abstract, authors, arxiv_id, doi, first_seen_at, {STRONGEST_CLAIMS}
from papers
order by position
"""


def write_feeds(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """papers.atom and papers.json in the folder: the newest papers, with their abstracts and strongest claims."""
    folder.mkdir()
    papers, (_, at) = rows(connection, _NEWEST), published_at(connection)
    feed = build_atom("urn:paperhouse:papers", _TITLE, at, map(_entry, papers))
    etree.ElementTree(feed).write(
        str(folder / "papers.atom"), encoding="utf-8", xml_declaration=True, pretty_print=True
    )
    write_json(
        folder / "papers.json",
        {"version": "https://jsonfeed.org/version/1.1", "title": _TITLE, "items": [_item(paper) for paper in papers]},
    )


def build_atom(identifier: str, title: str, at: datetime, entries: Iterable[dict[str, Any]]) -> etree._Element:
    """A feed as Atom. entries: id, title, updated (an instant), authors (names, perhaps none), link (perhaps none) and
    content of each."""
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]  # its stubs know no default namespace
    _add(feed, "id", identifier)
    _add(feed, "title", clean(title))
    _add(feed, "updated", at.isoformat())
    for each in entries:
        entry = _add(feed, "entry")
        _add(entry, "id", each["id"])
        _add(entry, "title", clean(each["title"]))
        _add(entry, "updated", each["updated"].isoformat())
        for name in each["authors"] or ["unknown"]:
            _add(_add(entry, "author"), "name", clean(name))
        if each["link"]:
            _add(entry, "link", href=each["link"])
        _add(entry, "content", each["content"], type="text")
    return feed


def _entry(paper: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _id(paper),
        "title": paper["title"],
        "updated": paper["first_seen_at"],
        "authors": paper["authors"],
        "link": build_page_url(paper),
        "content": "\n\n".join(_paragraphs(paper)),
    }


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = text
    return element


def _item(paper: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _id(paper),
        "url": build_page_url(paper),
        "title": clean(paper["title"]),
        "content_text": "\n\n".join(_paragraphs(paper)),
        "date_published": paper["first_seen_at"].isoformat(),
        "authors": [{"name": clean(name)} for name in paper["authors"] or []],
    }


def _id(paper: dict[str, Any]) -> str:
    return f"urn:paperhouse:{clean(paper['paper_id'])}"


def _paragraphs(paper: dict[str, Any]) -> Iterator[str]:
    if paper["abstract"]:
        yield clean(paper["abstract"])
    for claim in paper["claims"] or []:
        yield clean(f"{claim['numbers']}: {claim['evidence']}")
