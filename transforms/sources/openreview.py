"""OpenReview's notes, as its API, version 2, gives them: each field of the content is an object with a value.

The format: https://docs.openreview.net/reference/api-v2/entities/note
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import IO, Any

from transforms.formats import (
    BrokenFileError,
    Entry,
    Fields,
    Parsed,
    Reject,
    Row,
    Section,
    SourceConfig,
    Upstream,
    collect,
    iter_json_array,
    links,
    objects,
    one_for_each,
    printable,
    read_json_document,
)

PARSER_VERSION = "1"

_VENUE = re.compile(r"^(?P<venue>.+?),?\s(?P<year>(?:19|20)\d\d)\b\s*(?P<track>.*)$")  # ICLR 2024 poster


class Lookups(Section):
    withdrawn: list[str]
    not_accepted: list[str]


class Config(SourceConfig):
    lookups: Lookups


def parse(file: IO[bytes], config: Config) -> Iterator[Parsed]:
    """The submissions of a venue."""
    upstream = Upstream()
    items = objects(_notes(file), lambda note: read_entry(Fields(_flat(note), upstream), config))
    return collect(items, upstream, "notes")


def _notes(file: IO[bytes]) -> Iterator[Any]:
    """The notes of an array, one at a time, or of an answer of the API as a whole."""
    start = file.read(64).lstrip()
    file.seek(0)
    if start.startswith(b"["):
        yield from iter_json_array(file)
        return
    document = read_json_document(file)
    notes = document.get("notes") if isinstance(document, dict) else None
    if not isinstance(notes, list):
        raise BrokenFileError("it is neither an array of notes nor an object with one under 'notes'")
    yield from notes


def _flat(note: Mapping[str, Any]) -> dict[str, Any]:
    """The note with its content's values, as `content.title`."""
    content = note.get("content")
    found = content if isinstance(content, dict) else {}
    values = {f"content.{name}": each.get("value") if isinstance(each, dict) else each for name, each in found.items()}
    return {name: value for name, value in note.items() if name != "content"} | values


def read_entry(fields: Fields, config: Config) -> Entry | Reject:
    """The submission of one fields."""
    own_id, forum, title = fields.text("id"), fields.text("forum"), fields.text("content.title")
    authors, author_ids = _people(fields.take("content.authors"), fields.take("content.authorids"))
    place, group = fields.text("content.venue") or "", fields.text("content.venueid") or ""
    venue = None if _is_said(config.lookups.not_accepted, place, group) else _VENUE.match(place)
    record: Row = {
        "source_record_id": own_id,
        "openreview_id": forum or own_id,
        "title_raw": title,
        "abstract_raw": fields.text("content.abstract"),
        "authors": authors,
        "author_ids": author_ids,
        "keywords": fields.texts("content.keywords"),
        "published_on": _day(fields.take("pdate")) or _day(fields.take("cdate")),
        "updated_on": _day(fields.take("mdate")),
        "venue": venue["venue"] if venue else None,
        "venue_year": int(venue["year"]) if venue else None,
        "track": (venue["track"] or None) if venue else None,
        "licence": fields.text("license"),
        "is_withdrawn": _is_said(config.lookups.withdrawn, place, group),
    }
    about = links("code", fields.text("content.code")) + links("project", fields.text("content.project_page"))
    if not title or (forum and forum != own_id):
        what = "has no title" if not title else f"is an answer to {forum}, no submission"
        return Reject("no_title" if not title else "no_submission", f"the note {own_id} {what}", own_id or "")
    return Entry(record, about)


def _is_said(patterns: list[str], *texts: str) -> bool:
    return any(re.search(pattern, text, re.I) for pattern in patterns for text in texts)


def _people(authors: Any, ids: Any) -> tuple[list[str] | None, list[str] | None]:
    """(names, ids) of authors: texts beside a list of ids, or objects with both; ids only where each author has one."""
    people = authors if isinstance(authors, list) else []
    if all(isinstance(each, dict) for each in people):
        ids = [each.get("username") for each in people]
        people = [each.get("fullname") for each in people]
    names = [printable(str(each)).strip() for each in people if each]
    return names or None, one_for_each(names, (str(each or "") for each in ids) if isinstance(ids, list) else ())


def _day(milliseconds: Any) -> date | None:
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).date()
    except (TypeError, ValueError, OverflowError, OSError):
        return None
