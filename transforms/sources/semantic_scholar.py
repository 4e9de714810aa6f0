"""Semantic Scholar's datasets `papers` and `abstracts`: lines of JSON.

The format: https://api.semanticscholar.org/api-docs/datasets
"""

from transforms.formats import Entry, Fields, Reject, Row, SourceConfig, acl_id, arxiv_id, doi, json_lines, one_for_each

PARSER_VERSION = "1"


def read_entry(fields: Fields, config: SourceConfig) -> Entry | Reject:
    """The paper, or the abstract, of one line."""
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
    if not title and not (abstract and any(ids.values())):
        what = "no title" if not abstract else "no title, and no arXiv, ACL or DOI id by which it finds its paper"
        return Reject("no_title", f"the line of corpusid {corpus_id} has {what}", corpus_id or "")
    return Entry(record)


parse = json_lines(read_entry)


def _ids(external: Fields) -> Row:
    found: Row = {
        "arxiv_id": arxiv_id(external.text("ArXiv")),
        "acl_id": acl_id(external.text("ACL")),
        "doi": doi(external.text("DOI")),
    }
    return found
