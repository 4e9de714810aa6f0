"""A conference's papers as the project paperlists collects them: a JSON array, one object a paper, with many keys of
which few are always there."""

import re

from transforms.formats import (
    Entry,
    Fields,
    Reject,
    Row,
    SourceConfig,
    acl_id,
    arxiv_id,
    doi,
    first_id,
    json_array,
    links,
    one_for_each,
    openreview_id,
)

PARSER_VERSION = "3"

_BIBTEX_DOI = re.compile(r"\bdoi\s*=\s*[{\"]\s*([^}\"]+)", re.I)
_BIBTEX_YEAR = re.compile(r"\byear\s*=\s*[{\"]?\s*(\d{4})", re.I)


def read_entry(fields: Fields, config: SourceConfig) -> Entry | Reject:
    """One paper of the conference."""
    title, own_id, bibtex = fields.text("title"), fields.text("id"), fields.text("bibtex") or ""
    places = [place for name in ("site", "pdf", "oa", "openreview", "arxiv") if (place := fields.text(name))]
    bibtex_doi, year = _BIBTEX_DOI.search(bibtex), _BIBTEX_YEAR.search(bibtex)
    named = [*places, *([bibtex_doi[1]] if bibtex_doi else []), *([own_id] if own_id else [])]
    authors = _authors(fields.text("author", "author_site"))
    record: Row = {
        "source_record_id": places[0] if places else own_id,
        "title_raw": title,
        "abstract_raw": fields.text("abstract"),
        "authors": authors,
        "author_ids": one_for_each(authors, re.split(r"\s*;\s*", fields.text("authorids") or "")),
        "arxiv_id": first_id(arxiv_id, places),
        "doi": first_id(doi, named),
        "acl_id": first_id(acl_id, named),
        "openreview_id": first_id(openreview_id, places),
        "year": int(year[1]) if year else None,
        "track": fields.text("track"),
        "keywords": [word for each in re.split(r"\s*[;,]\s*", fields.text("keywords") or "") if (word := each.strip())]
        or None,
    }
    about = links("github", fields.text("github")) + links("project", fields.text("project"))
    if not title:
        return Reject("no_title", f"the entry {own_id or ''} has no title", own_id or "")
    return Entry(record, about)


parse = json_array(read_entry, "paperlists")


def _authors(text: str | None) -> list[str] | None:
    """The authors of a line. Where semicolons stand between them, a comma stands within a name: "Last, First".

    >>> _authors("Müller, Jan; Doe, Ann"), _authors("Jan Müller, Ann Doe")
    (['Jan Müller', 'Ann Doe'], ['Jan Müller', 'Ann Doe'])
    """
    names = [name.strip() for name in (text or "").split(";" if ";" in (text or "") else ",")]
    return [" ".join(reversed([part.strip() for part in name.split(",", 1)])) for name in names if name] or None
