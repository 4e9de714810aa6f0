"""OpenAlex's works: lines of JSON, https://docs.openalex.org/api-entities/works/work-object."""

from collections.abc import Mapping
from typing import Any

from transforms.formats import Entry, Fields, Reject, Row, SourceConfig, json_lines, paper_ids, printable

PARSER_VERSION = "1"

_MAX_WORDS = 20_000  # of an abstract; a longer one is no abstract


def read_entry(fields: Fields, config: SourceConfig) -> Entry | Reject:
    """The work of one line."""
    own_id, title, found = fields.text("id"), fields.text("title", "display_name"), fields.text("doi")
    places = [place for each in fields.objects("locations") if isinstance(place := each.get("landing_page_url"), str)]
    named = [*([found] if found else []), *places]
    people = fields.objects("authorships")
    primary, keywords = fields.inner("primary_location"), fields.objects("keywords")
    venue = primary.inner("source")
    record: Row = {
        "source_record_id": own_id,
        "title_raw": title,
        "abstract_raw": abstract(fields.take("abstract_inverted_index")),
        "authors": [name for each in people if (name := _name(each))] or None,
        **paper_ids(named),
        "published_on": fields.day("publication_date"),
        "year": fields.integer("publication_year"),
        "keywords": [str(each["display_name"]) for each in keywords if each.get("display_name")] or None,
        "venue": venue.text("display_name"),
        "licence": primary.text("license"),
        "is_withdrawn": fields.flag("is_retracted"),
    }
    return Entry(record) if title else Reject("no_title", f"the work {own_id} has no title", own_id or "")


parse = json_lines(read_entry, "works")


def _name(authorship: Mapping[str, Any]) -> str | None:
    """The name as the paper has it, else as OpenAlex does."""
    author = authorship.get("author")
    known = author.get("display_name") if isinstance(author, dict) else None
    return str(authorship.get("raw_author_name") or known or "").strip() or None


def abstract(index: Any) -> str | None:
    """The text of an inverted index: word → its places, from 0.

    >>> abstract({"stones": [1, 3], "We": [0], "sort": [2]})
    'We stones sort stones'
    """
    if not isinstance(index, dict):
        return None
    places = {
        place: str(word)
        for word, found in index.items()
        if isinstance(found, list)
        for place in found
        if isinstance(place, int) and 0 <= place < _MAX_WORDS
    }
    return printable(" ".join(places[place] for place in sorted(places))) or None
