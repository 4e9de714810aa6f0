"""Bibliographies in BibTeX or BibLaTeX, read by bibtexparser.

The format: https://www.bibtex.org/Format/, https://ctan.org/pkg/biblatex. A key is unique in its file alone, so
that it is no record id.
"""

import logging
import re
from collections.abc import Iterator
from typing import IO

from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, ParsingFailedBlock
from bibtexparser.model import Entry as Item
from pylatexenc.latex2text import LatexNodes2Text

from transforms.formats import (
    Entry,
    Fields,
    Parsed,
    Reject,
    Row,
    SourceConfig,
    Upstream,
    collect,
    day,
    links,
    names_paper,
    paper_ids,
)
from transforms.formats.blocks import iter_blocks

PARSER_VERSION = "1"

_BEGIN = re.compile(rb"\s*@\s*(?P<type>[A-Za-z]+)\s*[{(]")
_NO_ENTRY = ("comment", "preamble", "string")
_CASE = re.compile(r"\{([^{}\\$]*)\}")  # braces that keep the case of what they hold
_YEAR = re.compile(r"\b(1[89]|20)\d\d\b")
_MOST_NAME = 200  # characters; what is longer is left as it is
_MOST_DEPTH = 5  # of braces in braces
_MOST_STRINGS = 1000
_LATEX = LatexNodes2Text(keep_comments=True)  # type: ignore[no-untyped-call]

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it warns of becomes a reject


def parse(file: IO[bytes], config: SourceConfig) -> Iterator[Parsed]:
    """The entries of one file."""
    upstream = Upstream()
    return collect(_entries(file, config.limits.unpacked_max_bytes, upstream), upstream, "entries")


def _entries(file: IO[bytes], most_bytes: int, upstream: Upstream) -> Iterator[Entry | Reject]:
    """Block by block, as one that is broken may swallow what follows; each after the strings that it may name."""
    strings: list[tuple[str, str]] = []  # name and block
    for block in iter_blocks(file, most_bytes, _BEGIN):
        match = _BEGIN.match(block.encode("utf-8", "replace"))
        kind = match["type"].decode().lower() if match else ""
        if kind == "string" and len(strings) < _MOST_STRINGS:
            strings.append((_name(block), block))
        if kind not in _NO_ENTRY:
            words = block.lower()
            yield _read(block, [string for name, string in strings if name in words], upstream)


def _name(string: str) -> str:
    """The name that an @string defines."""
    return re.split(r"[{(]", string, maxsplit=1)[1].partition("=")[0].strip().lower()


def _read(block: str, strings: list[str], upstream: Upstream) -> Entry | Reject:
    library = parse_string("\n".join([*strings, block]))
    item = next(iter([*library.entries, *_duplicates(library)]), None)
    if item is None:
        failed: list[ParsingFailedBlock] = library.failed_blocks
        why = " ".join(str(failed[0].error).split())[:200] if failed and failed[0].error else ""
        return Reject("no_entry", f"the entry cannot be read: {why or 'its braces or quotes do not match'}", block)
    return _paper(item, upstream)


def _duplicates(library: Library) -> Iterator[Item]:
    """Entries that say something twice: the first is taken."""
    for each in library.failed_blocks:
        if isinstance(each, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock) and isinstance(
            each.ignore_error_block, Item
        ):
            yield each.ignore_error_block


def _paper(item: Item, upstream: Upstream) -> Entry | Reject:
    given = {each.key.lower(): str(each.value) for each in reversed(item.fields)}
    fields = Fields(given | {"entry_type": item.entry_type}, upstream)
    kind, title, abstract = fields.text("entry_type"), fields.text("title"), fields.text("abstract")
    booktitle, journal = fields.text("booktitle"), fields.text("journal", "journaltitle")
    date, year = fields.text("date"), fields.text("year")
    eprint, archive = fields.text("eprint"), (fields.text("archiveprefix", "eprinttype") or "").lower()
    url, own_doi, keywords = fields.text("url"), fields.text("doi"), fields.text("keywords")
    written = re.search(r"arXiv:\s*[\w./-]+", " ".join(filter(None, (journal, booktitle))), re.I)
    named = eprint if archive in ("arxiv", "") else None
    places = [place for place in (named, own_doi, url, written and written[0]) if place]
    found_year = _YEAR.search(year or date or "")
    number = int(found_year[0]) if found_year else None
    venue = None if written else _plain(booktitle or journal)
    record: Row = {
        "title_raw": _plain(title),
        "abstract_raw": abstract,
        "authors": _people(fields.text("author")),
        **paper_ids(places),
        "published_on": day(date),
        "year": number,
        "keywords": [each.strip() for each in re.split(r"[,;]", keywords) if each.strip()] if keywords else None,
        "venue": venue,
        "venue_year": number if venue else None,
        "comments": fields.text("note"),
    }
    if not record["title_raw"]:
        return Reject("no_title", f"the {kind} {item.key} has no title", item.key or "")
    return Entry(record, links("url", url) if url and not names_paper(url) else [])


def _plain(text: str | None) -> str | None:
    """The text without the braces that keep its case; what holds a macro stays as it is, for the repair of texts.

    >>> _plain("{BERT}: Pre-training of {Deep {Bidirectional}} Transformers")
    'BERT: Pre-training of Deep Bidirectional Transformers'
    """
    for _ in range(_MOST_DEPTH):
        text = _CASE.sub(r"\1", text) if text else None
    return " ".join(text.split()) if text else None


def _people(names: str | None) -> list[str] | None:
    """The authors, first names first; "and others" is nobody."""
    found = [_person(name) for name in split_multiple_persons_names(names)] if names else []
    return [name for name in found if name and name != "others"] or None


def _person(name: str) -> str:
    parts = parse_single_name_into_parts(name, strict=False)
    ordered = " ".join(" ".join(each) for each in (parts.first, parts.von, parts.last, parts.jr) if each) or name
    if len(ordered) <= _MOST_NAME and re.search(r"[\\{}~]", ordered):
        ordered = _LATEX.latex_to_text(ordered)  # type: ignore[no-untyped-call]
    return " ".join(ordered.split())
