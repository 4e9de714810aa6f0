"""The ACL Anthology's XML, one file a collection, paper by paper.

The format: https://github.com/acl-org/acl-anthology/blob/master/data/xml/schema.rnc
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from lxml import etree

from transforms.formats import (
    Entry,
    Fields,
    Parsed,
    Reject,
    Row,
    SourceConfig,
    Upstream,
    acl_id,
    collect,
    doi,
    links,
    one_for_each,
)
from transforms.formats.xml_tree import free, iter_xml

PARSER_VERSION = "1"


def parse(file: IO[bytes], config: SourceConfig) -> Iterator[Parsed]:
    """The papers of one collection."""
    upstream = Upstream()
    return collect(_papers(file, upstream), upstream, "collection")


def _papers(file: IO[bytes], upstream: Upstream) -> Iterator[Entry | Reject]:
    collection: str | None = None
    volume: dict[str, str | None] = {}
    for event, element in iter_xml(file, "collection"):
        if event == "start" and element.tag == "collection":
            collection = element.get("id")
        elif event == "start" and element.tag == "volume":
            volume = {"id": element.get("id"), "year": None, "venue": None}
        elif event == "end" and element.tag == "meta":
            volume |= {name: element.findtext(name) for name in ("year", "venue")}
        elif event == "end" and element.tag == "paper":
            yield _paper(element, collection, volume, upstream)
            free(element)


def _paper(
    paper: etree._Element, collection: str | None, volume: Mapping[str, str | None], upstream: Upstream
) -> Entry | Reject:
    fields = Fields(_children(paper) | {"id": paper.get("id")}, upstream)
    number, title, named = fields.text("id"), fields.text("title"), fields.text("url")
    found = acl_id(named) or acl_id(f"{collection}-{volume.get('id')}.{number}")
    people = [each for each in fields.objects("author") if each["name"]]
    authors = [each["name"] for each in people] or None
    venue, written = volume.get("venue"), volume.get("year") or ""
    year = int(written) if written.isdigit() else None
    record: Row = {
        "source_record_id": found or named,
        "acl_id": found,
        "doi": doi(fields.text("doi")),
        "title_raw": title,
        "abstract_raw": fields.text("abstract"),
        "authors": authors,
        "author_ids": one_for_each(authors, (each["id"] for each in people)),
        "year": year,
        "venue": venue.upper() if venue else None,
        "venue_year": year,
        "track": volume.get("id"),
    }
    about = [link for url in fields.take("pwccode") or [] for link in links("pwccode", url)]
    if not title:
        return Reject("no_title", f"the paper {found or number} has no title", found or "")
    return Entry(record, about)


def _children(paper: etree._Element) -> dict[str, Any]:
    """The paper's children by name: text, authors as objects, and the URLs of code."""
    found: dict[str, Any] = {}
    for child in paper:
        if not isinstance(child.tag, str):
            continue
        if child.tag == "author":
            parts = [" ".join((child.findtext(part) or "").split()) for part in ("first", "last")]
            person = {"name": " ".join(part for part in parts if part), "id": child.get("id")}
            found.setdefault("author", []).append(person)
        elif child.tag == "pwccode":
            found.setdefault("pwccode", []).append(child.get("url") or "")
        else:
            found[child.tag] = " ".join("".join(map(str, child.itertext())).split())
    return found
