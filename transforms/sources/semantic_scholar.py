"""Semantic Scholar's datasets `papers` and `abstracts`: lines of JSON.

The format: https://api.semanticscholar.org/api-docs/datasets
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from transforms.formats.entries import Entry, Reject, collect
from transforms.formats.fields import Fields, Row, Upstream
from transforms.formats.json_lines import json_lines
from transforms.frames import Parsed
from transforms.identity.identifiers import acl_id, arxiv_id, doi

PARSER_VERSION = "1"


def parse(file: IO[bytes], config: Mapping[str, Any]) -> Iterator[Parsed]:
    """The papers, or the abstracts, of one file of a dataset."""
    upstream = Upstream()
    most_bytes = config["limits"]["unpacked_max_bytes"]
    items = json_lines(file, most_bytes, lambda entry: _line(Fields(entry, upstream)))
    yield from collect(items, upstream, "lines")


def _line(fields: Fields) -> Entry | Reject:
    corpus_id, title, abstract = fields.text("corpusid"), fields.text("title"), fields.text("abstract")
    access = fields.inner("openaccessinfo")
    ids = _ids(fields.inner("externalids") if title else access.inner("externalids"))
    authors = fields.take("authors")
    people = [each for each in authors if isinstance(each, dict)] if isinstance(authors, list) else []
    author_ids = [str(each.get("authorId") or "") for each in people]
    record: Row = {
        "source_record_id": corpus_id,
        "title_raw": title or "",
        "abstract_raw": abstract,
        "authors": [str(each.get("name") or "") for each in people] or None,
        "author_ids": author_ids if author_ids and all(author_ids) else None,
        **ids,
        "published_on": fields.day("publicationdate"),
        "year": fields.integer("year"),
        "venue": fields.text("venue"),
        "licence": access.text("license"),
    }
    access.done()
    fields.done()
    if not title and not (abstract and any(ids.values())):
        what = "no title" if not abstract else "no title, and no arXiv, ACL or DOI id by which it finds its paper"
        return Reject("no_title", f"the line of corpusid {corpus_id} has {what}", corpus_id or "")
    return Entry(record)


def _ids(external: Fields) -> Row:
    found: Row = {
        "arxiv_id": arxiv_id(external.text("ArXiv")),
        "acl_id": acl_id(external.text("ACL")),
        "doi": doi(external.text("DOI")),
    }
    external.done()
    return found
