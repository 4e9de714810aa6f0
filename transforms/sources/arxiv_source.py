"""E-prints as arXiv serves them, and its bulk archives of them: the tables of each paper's LaTeX.

How they are packed: https://info.arxiv.org/help/bulk_data_s3.html and https://info.arxiv.org/help/mimetypes.html
"""

import re
import tarfile
from collections.abc import Iterator
from typing import IO

from transforms.formats import Entry, Parsed, Reject, Row, SourceConfig, Upstream, arxiv_id, collect
from transforms.tables.archive import NoSourceError, read_sources
from transforms.tables.read import Paper, Table, read_paper

PARSER_VERSION = "1"

_ID = re.compile(
    r"(?:^|/)(?:arXiv[-_.:])?(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?[-_/]?\d{7})"
    r"(?:v(?P<version>\d{1,3}))?(?=\.|$|[-_ ])",
    re.I,
)
_OLD = re.compile(r"(?P<archive>[a-z-]+)(?:\.[A-Z]{2})?[-_/]?(?P<number>\d{7})$", re.I)
_MEMBER = re.compile(r"\.(?:gz|pdf)$")


def parse_named(file: IO[bytes], config: SourceConfig, name: str) -> Iterator[Parsed]:
    """The e-print, or those of a bulk archive; name: of the file, which has the arXiv id."""
    return collect(_entries(file, config.limits.unpacked_max_bytes, name), Upstream(), "latex")


def _entries(file: IO[bytes], most_bytes: int, name: str) -> Iterator[Entry | Reject]:
    members = _open_bulk(file)
    file.seek(0)
    for member, content in members or [(name, file)]:
        found = content.read(most_bytes + 1)
        if len(found) > most_bytes:
            allowed = f"more than {most_bytes:,} bytes, the most that the source's YAML allows"
            yield Reject("too_large", f"{member}: it holds {allowed}", member)
        else:
            yield from _read(found, member)


def _open_bulk(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]] | None:
    """The members of a bulk archive; None of any other file: its members are e-prints themselves."""
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            first = next((member for member in archive if member.isreg()), None)
            if first is None or not (_MEMBER.search(first.name) and _ID.search(first.name)):
                return None
    except (tarfile.TarError, OSError, ValueError):
        return None
    return _iter_bulk(file)


def _iter_bulk(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(fileobj=file, mode="r:") as archive:
        for member in archive:
            if member.isreg() and (content := archive.extractfile(member)):
                yield member.name, content


def _read(content: bytes, name: str) -> Iterator[Entry | Reject]:
    """The paper, and a reject for each table that cannot be read."""
    try:
        paper = read_paper(read_sources(content).files)
    except NoSourceError as error:
        yield Reject(error.reason, f"{name}: {error}", name)
        return
    if paper is None:
        yield Reject("no_document", f"{name}: no file of it has \\begin{{document}}", name)
        return
    found, version = _find_id(name)
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
    yield Entry(
        record,
        tables=[_describe(table, index) for index, table in enumerate(paper.tables)],
        table_cells=[cell for index, table in enumerate(paper.tables) for cell in _list_cells(paper, table, index)],
    )
    for place in paper.unended:
        yield Reject("unended_table", f"{name}: the table in {place.file}, line {place.line}, has no end", name)


def _find_id(name: str) -> tuple[str | None, int | None]:
    """The arXiv id and version that a file's name has: "2401.00001v2.tar.gz", "hep-th9901001.gz"."""
    match = _ID.search(name)
    if not match:
        return None, None
    old = _OLD.match(match["id"])
    found = arxiv_id(f"{old['archive'].lower()}/{old['number']}" if old else match["id"])
    return found, int(match["version"]) if match["version"] else None


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


def _list_cells(paper: Paper, table: Table, index: int) -> Iterator[Row]:
    for cell in table.cells:
        start, end = paper.find_cell(table, cell)
        yield {
            "table_index": index,
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
