"""DBLP's XML, paper by paper.

The format: https://dblp.org/xml/docu/dblpxml.pdf. Its letters are entities of a DTD that lies beside the dump; they are
HTML's names, and no DTD is read.
"""

import html
import re
from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from transforms.formats import (
    Entry,
    Fields,
    Parsed,
    Reject,
    Row,
    Section,
    SourceConfig,
    Upstream,
    collect,
    links,
    names_paper,
    one_for_each,
    open_decompressed,
    paper_ids,
    printable,
)
from transforms.formats.xml_tree import free, iter_xml

PARSER_VERSION = "1"

_REPEATED = ("author", "ee", "url", "editor", "cite", "pages", "note")
_NAMESAKE = re.compile(r"\s\d{4}$")  # DBLP's number of a person with others' name


class Lookups(Section):
    papers: list[str]
    no_venue: list[str]


class Config(SourceConfig):
    lookups: Lookups


def parse(file: IO[bytes], config: Config) -> Iterator[Parsed]:
    """The papers of the dump."""
    upstream = Upstream()
    return collect(_papers(file, config, upstream), upstream, "dblp")


def _papers(file: IO[bytes], config: Config, upstream: Upstream) -> Iterator[Entry | Reject]:
    content, lookups = open_decompressed(file, config.limits.unpacked_max_bytes), config.lookups
    for event, element in iter_xml(content, "dblp", is_typed=True):
        parent = element.getparent()
        if event == "end" and parent is not None and parent.getparent() is None:
            if element.tag in lookups.papers:
                yield _paper(element, lookups, upstream)
            free(element)


def _paper(element: etree._Element, lookups: Lookups, upstream: Upstream) -> Entry | Reject:
    fields = Fields(_children(element) | {"key": element.get("key")}, upstream)
    key, title = fields.text("key"), fields.text("title")
    people = [each for each in fields.objects("author") if each["name"]]
    authors = [each["name"] for each in people] or None
    venue, written = fields.text("booktitle", "journal"), fields.text("year") or ""
    year = int(written) if written.isdecimal() and len(written) == 4 else None
    places, volume = fields.texts("ee") or [], fields.text("volume")
    venue = None if venue in lookups.no_venue else venue
    record: Row = {
        "source_record_id": key,
        "title_raw": title.removesuffix(".") if title else None,
        "authors": authors,
        "author_ids": one_for_each(authors, (each["orcid"] for each in people)),
        **paper_ids([*places, (volume or "").removeprefix("abs/")]),
        "year": year,
        "venue": venue,
        "venue_year": year if venue else None,
    }
    about = [link for place in places if not names_paper(place) for link in links("ee", place)]
    if not title:
        return Reject("no_title", f"the {element.tag} {key} has no title", key or "")
    return Entry(record, about)


def _children(element: etree._Element) -> dict[str, Any]:
    """The children by name: text, authors as objects, and what may stand several times as lists."""
    found: dict[str, Any] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        text = _text(child)
        if child.tag == "author":
            person = {"name": _NAMESAKE.sub("", text), "orcid": child.get("orcid")}
            found.setdefault("author", []).append(person)
        elif child.tag in _REPEATED:
            found.setdefault(child.tag, []).append(text)
        else:
            found[child.tag] = text
    return found


def _text(element: etree._Element) -> str:
    """The element's text, with that of elements in it, and its entities as what HTML calls so."""
    parts = [element.text or ""]
    for child in element:
        if child.tag is etree.Entity:
            parts.append(html.unescape(child.text or ""))
        elif isinstance(child.tag, str):
            parts.append(_text(child))
        parts.append(child.tail or "")
    return " ".join(printable("".join(parts)).split())
