"""Entries of a source: records, results, terms, link checks, corrections and rejects, collected into frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from transforms.formats.fields import Row, Upstream, json_type, printable
from transforms.formats.files import BROKEN
from transforms.frames import PARSED, Parsed, conform
from transforms.identity.identifiers import paper_ids

CHUNK_ENTRIES = 20_000  # of a piece, which one process reads
EXCERPT_CHARACTERS = 120
_LISTS = (
    *("results", "terms", "link_checks", "corrections"),
    *("tables", "table_cells", "table_results", "table_references"),
)


@dataclass(frozen=True)
class Entry:
    """One entry that could be read: a paper, results, terms, link checks, corrections or several of them, with the
    links that it lists."""

    record: Row | None = None
    links: list[Row] = field(default_factory=list)
    results: list[Row] = field(default_factory=list)
    terms: list[Row] = field(default_factory=list)
    link_checks: list[Row] = field(default_factory=list)
    corrections: list[Row] = field(default_factory=list)
    tables: list[Row] = field(default_factory=list)
    table_cells: list[Row] = field(default_factory=list)
    table_results: list[Row] = field(default_factory=list)
    table_references: list[Row] = field(default_factory=list)


def results_of_paper(
    results: list[Row], title: str | None, url: str | None, links: Sequence[Row] = (), **more: Any
) -> Entry:
    """The results, and the paper that a title or an address names, where one does, with its links. more: further fields
    of its record."""
    ids = paper_ids([url] if url else [])
    if not title and not any(ids.values()):
        return Entry(results=results)
    return Entry({"source_record_id": url, "title_raw": title or "", **ids, **more}, list(links), results)


@dataclass(frozen=True)
class Reject:
    """One entry, or piece of one, that could not be read. A reason that begins with 'broken' says that the file as a
    whole could not."""

    reason: str
    message: str
    excerpt: str = ""


def collect(items: Iterator[Entry | Reject], upstream: Upstream, format_name: str, first: int = 1) -> Iterator[Parsed]:
    """The items of a file as frames, CHUNK_ENTRIES at a time, and at least one piece. Entries count from `first`.

    Where the items raise because the file cannot be read further, the last one is a reject of reason 'broken_file'.
    """
    piece, index = _Rows(), 0
    for index, item in enumerate(_until_broken(items), start=1):
        piece.add(item, first + index - 1)
        upstream.end_entry()
        if index % CHUNK_ENTRIES == 0:
            yield piece.parsed(upstream, format_name)
            piece = _Rows()
    if piece.size or index == 0 or upstream.types:
        yield piece.parsed(upstream, format_name)


class _Rows:
    def __init__(self) -> None:
        self.size = 0
        self._rows: dict[str, list[Row]] = {name: [] for name in PARSED}

    def add(self, item: Entry | Reject, index: int) -> None:
        self.size += 1
        place: Row = {"entry_index": index}
        if isinstance(item, Reject):
            excerpt = printable(item.excerpt)[:EXCERPT_CHARACTERS]
            self._rows["rejects"].append(
                {**place, "line_count": 0, "reason": item.reason, "message": item.message, "excerpt": excerpt}
            )
            return
        if item.record:
            self._rows["records"].append({**place, "line_count": 0, **item.record})
        self._rows["listed_links"] += [{**place, **link} for link in item.links]
        for name in _LISTS:
            self._rows[name] += [{**place, **row} for row in getattr(item, name)]

    def parsed(self, upstream: Upstream, format_name: str) -> Parsed:
        types, unread = {name: dict(counts) for name, counts in upstream.types.items()}, dict(upstream.unread)
        upstream.types.clear()
        upstream.unread.clear()
        frames: dict[str, Any] = {name: conform(self._rows[name], schema) for name, schema in PARSED.items()}
        return Parsed(
            **frames,
            entry_count=self.size,
            format=format_name,
            upstream_fields=types,
            unread_fields=unread,
        )


def _until_broken(items: Iterator[Entry | Reject]) -> Iterator[Entry | Reject]:
    """The items; where the file breaks off, a last one that reports it."""
    try:
        yield from items
    except (*BROKEN, ValueError, RecursionError) as error:
        raise_system_error(error)
        yield Reject(
            "broken_file",
            f"the file cannot be read to its end: {str(error) or type(error).__name__}; fetch or save it again",
        )


def raise_system_error(error: BaseException) -> None:
    """Raises the error where it is the machine's, as of a disk that cannot be read: it is no fault of the file."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error


def objects(values: Iterator[Any], read: Any) -> Iterator[Entry | Reject]:
    """read(value) for each value that is a JSON object, a reject for each other."""
    for value in values:
        if isinstance(value, dict):
            yield read(value)
        else:
            yield Reject("not_an_object", f"the entry is a JSON {json_type(value)}, not an object", str(value))


def broken(error: Exception) -> Reject:
    """The reject that stands for a file as a whole."""
    return Reject("broken_file", str(error) or type(error).__name__)
