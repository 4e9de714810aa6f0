"""OpenReview's notes, as its API, version 2, gives them: each field of the content is an object with a value.

The format: https://docs.openreview.net/reference/api-v2/entities/note
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import IO, Any

from transforms.formats.entries import Entry, Reject, collect, objects
from transforms.formats.fields import Fields, Row, Upstream, links, one_for_each, printable
from transforms.formats.files import BrokenFileError, read_json_document
from transforms.formats.json_array import iter_json_array
from transforms.frames import Parsed

PARSER_VERSION = "1"

_VENUE = re.compile(r"^(?P<venue>.+?),?\s(?P<year>(?:19|20)\d\d)\b\s*(?P<track>.*)$")  # ICLR 2024 poster


def parse(file: IO[bytes], config: Mapping[str, Any]) -> Iterator[Parsed]:
    """The submissions of a venue."""
    upstream = Upstream()
    items = objects(_notes(file), lambda note: _submission(Fields(_flat(note), upstream), config["lookups"]))
    yield from collect(items, upstream, "notes")


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


def _submission(note: Fields, lookups: Mapping[str, list[str]]) -> Entry | Reject:
    own_id, forum, title = note.text("id"), note.text("forum"), note.text("content.title")
    authors, author_ids = _people(note.take("content.authors"), note.take("content.authorids"))
    place, group = note.text("content.venue") or "", note.text("content.venueid") or ""
    venue = None if _is_said(lookups["not_accepted"], place, group) else _VENUE.match(place)
    record: Row = {
        "source_record_id": own_id,
        "openreview_id": forum or own_id,
        "title_raw": title,
        "abstract_raw": note.text("content.abstract"),
        "authors": authors,
        "author_ids": author_ids,
        "keywords": note.texts("content.keywords"),
        "published_on": _day(note.take("pdate")) or _day(note.take("cdate")),
        "updated_on": _day(note.take("mdate")),
        "venue": venue["venue"] if venue else None,
        "venue_year": int(venue["year"]) if venue else None,
        "track": (venue["track"] or None) if venue else None,
        "licence": note.text("license"),
        "is_withdrawn": _is_said(lookups["withdrawn"], place, group),
    }
    about = links("code", note.text("content.code")) + links("project", note.text("content.project_page"))
    note.done()
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
