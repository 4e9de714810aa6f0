"""References in RIS, read by rispy, whose names of fields are used here.

The format: https://en.wikipedia.org/wiki/RIS_(file_format). An ID is unique in its file alone, so that it is no
record id.
"""

import re
from collections.abc import Iterator
from typing import IO, Any

import rispy

from transforms.formats import (
    Entry,
    Fields,
    Parsed,
    Reject,
    Row,
    SourceConfig,
    Upstream,
    collect,
    day,
    links,
    names_paper,
    paper_ids,
)
from transforms.formats.blocks import iter_blocks

PARSER_VERSION = "1"

_BEGIN = re.compile(rb"TY  ?- ")
_END = "\nER  - \n"  # rispy drops a reference that has none
_YEAR = re.compile(r"\b(1[89]|20)\d\d\b")
_MEETINGS = ("CONF", "CPAPER")


def parse(file: IO[bytes], config: SourceConfig) -> Iterator[Parsed]:
    """The references of one file."""
    upstream = Upstream()
    blocks = iter_blocks(file, config.limits.unpacked_max_bytes, _BEGIN)
    return collect((_reference(block, upstream) for block in blocks), upstream, "references")


def _reference(block: str, upstream: Upstream) -> Entry | Reject:
    try:
        found: list[dict[str, Any]] = rispy.loads(block + _END)
    except (ValueError, OSError, LookupError) as error:
        return Reject("no_reference", f"the reference cannot be read: {str(error)[:200]}", block)
    if not found:
        return Reject("no_reference", "the reference cannot be read: its first line has no type", block)
    fields = Fields({name: _strings(value) for name, value in found[0].items()}, upstream)
    kind, own_id = fields.text("type_of_reference"), fields.text("id", "accession_number")
    title = fields.text("title", "primary_title")
    written, date = fields.text("year", "publication_year"), fields.text("date")
    found_year = _YEAR.search(written or date or "")
    number = int(found_year[0]) if found_year else None
    meeting, journal = fields.text("secondary_title"), fields.text("journal_name", "alternate_title3")
    venue = meeting if kind in _MEETINGS else journal or meeting
    urls = fields.texts("urls") or []
    places = [place for place in (fields.text("doi"), *urls) if place]
    record: Row = {
        "title_raw": title,
        "abstract_raw": fields.text("abstract", "notes_abstract"),
        "authors": _people(fields.texts("authors", "first_authors")),
        **paper_ids(places),
        "published_on": day((date or written or "").strip("/").replace("/", "-")),
        "year": number,
        "keywords": fields.texts("keywords"),
        "venue": venue,
        "venue_year": number if venue else None,
    }
    if not title:
        return Reject("no_title", f"the reference {own_id or ''} of type {kind} has no title", block)
    about = [link for url in urls if not names_paper(url) for link in links("urls", url)]
    return Entry(record, about)


def _strings(value: Any) -> Any:
    """What rispy gives, with its tags that it does not know as a plain object."""
    return {str(tag): each for tag, each in value.items()} if isinstance(value, dict) else value


def _people(names: list[str] | None) -> list[str] | None:
    """The authors, first names first: RIS has "Last, First, Suffix"."""
    found = [[part.strip() for part in name.split(",")] for name in names or []]
    ordered = [" ".join(part for part in (*parts[1:2], parts[0], *parts[2:]) if part) for parts in found]
    return [name for name in ordered if name] or None
