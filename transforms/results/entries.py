"""A paper's own source as an entry: its record, its tables with their numbers, and what these are results of."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from transforms.formats import Entry, Reject, Row
from transforms.identity.identifiers import arxiv_id, doi
from transforms.identity.keys import title_key
from transforms.tables.read import Paper, Table
from transforms.tables.references import Reference

if TYPE_CHECKING:
    from transforms.results.cells import Located

PARSER_VERSION = "4"  # raise it where the linker or its weights change, too

_ID = re.compile(
    r"(?:^|/)(?:arXiv[-_.:])?(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?[-_/]?\d{7})"
    r"(?:v(?P<version>\d{1,3}))?(?=\.|$|[-_ ])",
    re.I,
)
_OLD = re.compile(r"(?P<archive>[a-z-]+)(?:\.[A-Z]{2})?[-_/]?(?P<number>\d{7})$", re.I)


def read_entry(paper: Paper, name: str) -> Iterator[Entry | Reject]:
    """The paper, and a reject for each table that cannot be read; name: of its file, which has the arXiv id."""
    found, version = find_id(name)
    if not found and not paper.title:
        yield Reject("no_arxiv_id", f"{name}: neither its name has an arXiv id nor its source a title", name)
        return
    record: Row = {
        "source_record_id": found,
        "title_raw": paper.title or "",
        "abstract_raw": paper.abstract,
        "arxiv_id": found,
        "version": version,
    }
    # Imported late: XGBoost takes a second, and most commands read no tables.
    from transforms.results.linker import load_linker
    from transforms.results.rows import describe_link, describe_results

    linked = load_linker().link(paper)
    yield Entry(
        record,
        tables=[_describe(table, index) for index, table in enumerate(paper.tables)],
        table_cells=[
            _place(paper, located) | describe_link(linked, located, link)
            for located, link in zip(linked.draft.cells, linked.links, strict=True)
        ],
        table_results=describe_results(linked),
        table_references=[_describe_reference(reference) for reference in paper.references],
    )
    for place in paper.unended:
        yield Reject("unended_table", f"{name}: the table in {place.file}, line {place.line}, has no end", name)


def find_id(name: str) -> tuple[str | None, int | None]:
    """The arXiv id and version that a file's name has: "2401.00001v2.tar.gz", "hep-th9901001.gz"."""
    match = _ID.search(name)
    if not match:
        return None, None
    old = _OLD.match(match["id"])
    found = arxiv_id(f"{old['archive'].lower()}/{old['number']}" if old else match["id"])
    return found, int(match["version"]) if match["version"] else None


def _describe_reference(reference: Reference) -> Row:
    return {
        "citation_key": reference.key,
        "title": reference.title,
        "title_key": title_key(reference.title) if reference.title else None,
        "arxiv_id": arxiv_id(reference.arxiv_id) if reference.arxiv_id else None,
        "doi": doi(reference.doi),
    }


def _describe(table: Table, index: int) -> Row:
    return {
        "table_index": index,
        "table_number": table.number,
        "label": table.label,
        "caption": table.caption,
        "section": table.section,
        "file": table.place.file,
        "table_line_first": table.place.line,
        "table_line_last": table.end.line,
        "row_count": table.grid.row_count,
        "column_count": table.grid.column_count,
        "numeric_cell_count": len(table.cells),
        "table_parser_version": PARSER_VERSION,
    }


def _place(paper: Paper, located: "Located") -> Row:
    cell = located.cell
    start, end = paper.find_cell(located.table, cell)
    return {
        "table_index": located.table_index,
        "row_index": cell.cell.row,
        "column_index": cell.cell.column,
        "row_path": list(cell.row),
        "column_path": list(cell.column),
        "value_text": cell.value.text,
        "value": cell.value.value,
        "spread": cell.value.spread,
        "value_unit": cell.value.unit,
        "is_bold": cell.cell.seen.bold,
        "is_underlined": cell.cell.seen.underlined,
        "row_citations": list(cell.row_cites),
        "file": start.file,
        "line": start.line,
        "char_start": start.char,
        "char_end": end.char if end.file == start.file else None,
    }
