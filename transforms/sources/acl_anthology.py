"""The ACL Anthology's XML, one file a collection, paper by paper.

The format: https://github.com/acl-org/acl-anthology/blob/master/data/xml/schema.rnc
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from lxml import etree

from transforms.formats.entries import Entry, Reject, collect
from transforms.formats.fields import Fields, Upstream, links
from transforms.formats.files import BrokenFileError
from transforms.frames import Parsed
from transforms.identity.identifiers import acl_id, doi

PARSER_VERSION = "1"


def parse(file: IO[bytes], config: Mapping[str, Any]) -> Iterator[Parsed]:
    """The papers of one collection."""
    upstream = Upstream()
    yield from collect(_papers(file, config, upstream), upstream, "collection")


def _papers(file: IO[bytes], config: Mapping[str, Any], upstream: Upstream) -> Iterator[Entry | Reject]:
    collection: str | None = None
    volume: dict[str, str | None] = {}
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        for event, element in etree.iterparse(file, events=("start", "end"), **options):
            if event == "start":
                if collection is None:
                    collection = _collection(element)
                elif element.tag == "volume":
                    volume = {"id": element.get("id"), "year": None, "venue": None}
            elif element.tag == "meta":
                volume |= {name: element.findtext(name) for name in ("year", "venue")}
            elif element.tag == "paper":
                yield _paper(element, collection or "", volume, upstream, config["lookups"]["venues"])
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise BrokenFileError(f"it is no XML: {error}") from error


def _collection(root: etree._Element) -> str:
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]
        raise BrokenFileError("it declares a document type, which this source never does; entities are not expanded")
    if root.tag != "collection":
        raise BrokenFileError(f"its root is <{etree.QName(root).localname}>, not <collection>")
    return root.get("id") or ""


def _paper(
    paper: etree._Element, collection: str, volume: Mapping[str, str | None], upstream: Upstream, venues: list[str]
) -> Entry | Reject:
    fields = Fields(_children(paper) | {"id": paper.get("id")}, upstream)
    number, title, named = fields.text("id"), fields.text("title"), fields.text("url")
    found = acl_id(named) or acl_id(f"{collection}-{volume.get('id')}.{number}")
    people, venue, year = fields.take("author") or [], volume.get("venue"), volume.get("year")
    own_ids = [each.get("id") or "" for each in people]
    record: dict[str, object] = {
        "source_record_id": found or named,
        "acl_id": found,
        "doi": doi(fields.text("doi")),
        "title_raw": title,
        "abstract_raw": fields.text("abstract"),
        "authors": [each["name"] for each in people if each["name"]] or None,
        "author_ids": own_ids if own_ids and all(own_ids) else None,
        "year": int(year) if year and year.isdigit() else None,
        "venue": next((each for each in venues if each.casefold() == venue), venue.upper()) if venue else None,
        "venue_year": int(year) if year and year.isdigit() else None,
        "track": volume.get("id"),
    }
    about = [link for url in fields.take("pwccode") or [] for link in links("pwccode", url)]
    fields.done()
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
