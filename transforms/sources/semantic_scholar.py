"""Semantic Scholar's datasets `papers` and `abstracts`: lines of JSON.

The format: https://api.semanticscholar.org/api-docs/datasets
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from transforms.formats.entries import Entry, Reject
from transforms.formats.fields import Fields, Row, one_for_each
from transforms.formats.json_lines import parse_json_lines
from transforms.frames import Parsed
from transforms.identity.identifiers import acl_id, arxiv_id, doi

PARSER_VERSION = "1"


def parse(file: IO[bytes], config: Mapping[str, Any]) -> Iterator[Parsed]:
    """The papers, or the abstracts, of one file of a dataset."""
    return parse_json_lines(file, config, _line, "lines")


def _line(fields: Fields) -> Entry | Reject:
    corpus_id, title, abstract = fields.text("corpusid"), fields.text("title"), fields.text("abstract")
    access = fields.inner("openaccessinfo")
    ids = _ids(fields.inner("externalids") if title else access.inner("externalids"))
    people = fields.objects("authors")
    authors = [str(each.get("name") or "") for each in people] or None
    record: Row = {
        "source_record_id": corpus_id,
        "title_raw": title or "",
        "abstract_raw": abstract,
        "authors": authors,
        "author_ids": one_for_each(authors, (str(each.get("authorId") or "") for each in people)),
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
