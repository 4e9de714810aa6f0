"""The snapshot of arXiv's metadata: one JSON object a line, plain, gzip or zip, three million lines and more, read
piece by piece.

Lines are read by polars, as millions of Python objects would cost minutes; a piece that holds a line polars cannot read
is read line by line.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import IO, Any

import polars as pl

from transforms.formats.arxiv import Config
from transforms.formats.entries import CHUNK_ENTRIES, EXCERPT_CHARACTERS, raise_system_error
from transforms.formats.fields import printable
from transforms.formats.files import BROKEN, BrokenFileError, open_decompressed
from transforms.frames import RECORDS, REJECTS, Parsed, Piece, conform
from transforms.identity.identifiers import doi

PARSER_VERSION = "3"

MAX_PIECE_BYTES, MAX_LINE_BYTES, MAX_EXCERPT_BYTES = 100_000_000, 1 << 22, 1000
_TEXTS = (
    "id",
    "authors",
    "title",
    "comments",
    "doi",
    "abstract",
    "update_date",
    "submitter",
    "categories",
    "journal-ref",
    "license",
)
_SCHEMA = {
    **dict.fromkeys(_TEXTS, pl.String()),
    "versions": pl.List(pl.Struct({"version": pl.String(), "created": pl.String()})),
    "authors_parsed": pl.List(pl.List(pl.String())),
}


def parse(file: IO[bytes], config: Config) -> Iterator[Piece]:
    """The snapshot's papers, CHUNK_ENTRIES lines at a time; blank lines are ignored."""
    first, is_empty = 0, True
    try:
        content = open_decompressed(file, config.limits.unpacked_max_bytes)
        while lines := _lines(content):
            is_empty = False
            yield partial(_piece, lines, first, config)
            first += len(lines)
    except (*BROKEN, BrokenFileError) as error:
        raise_system_error(error)
        reject = {
            "entry_index": first + 1,
            "line_count": 0,
            "reason": "broken_file",
            "message": f"the file cannot be read to its end: {error}",
        }
        yield Parsed(conform([], RECORDS), conform([reject], REJECTS), entry_count=1, format="json_lines")
        return
    if is_empty:
        yield Parsed(conform([], RECORDS), conform([], REJECTS), format="json_lines")


def _lines(content: IO[bytes]) -> list[bytes]:
    """The next lines: so many, or of so many bytes. Of a line that is too long the beginning is kept, which is no
    JSON."""
    lines: list[bytes] = []
    left = MAX_PIECE_BYTES
    while len(lines) < CHUNK_ENTRIES and left > 0 and (line := content.readline(MAX_LINE_BYTES)):
        part = line
        while len(part) == MAX_LINE_BYTES and not part.endswith(b"\n") and (part := content.readline(MAX_LINE_BYTES)):
            line = line[:MAX_EXCERPT_BYTES]
        lines.append(line)
        left -= len(line)
    return lines


def _piece(lines: list[bytes], before: int, config: Config) -> Parsed:
    numbers = [before + i for i, line in enumerate(lines, start=1) if line.strip()]
    kept = [line for line in lines if line.strip()]
    rejects: list[dict[str, object]] = []
    try:
        frame = (
            pl.read_ndjson(
                b"".join(line if line.endswith(b"\n") else line + b"\n" for line in kept), infer_schema_length=None
            )
            if kept
            else pl.DataFrame()
        )
        if frame.height != len(kept):
            raise pl.exceptions.ComputeError("a line holds more than one object, or less")
    except pl.exceptions.PolarsError:
        frame, numbers, rejects = _line_by_line(kept, numbers)
    papers, bad = _papers(frame, pl.Series("line_first", numbers, pl.Int32), config)
    return Parsed(
        records=papers,
        rejects=conform([*rejects, *bad], REJECTS).sort("entry_index"),
        entry_count=len(kept),
        line_count=len(lines),
        ignored_line_count=len(lines) - len(kept),
        format="json_lines",
        upstream_fields={
            name: {_type_name(dtype): frame.height - frame[name].null_count()} for name, dtype in frame.schema.items()
        },
        unread_fields={name: frame.height - frame[name].null_count() for name in frame.columns if name not in _SCHEMA},
    )


def _line_by_line(lines: list[bytes], numbers: list[int]) -> tuple[pl.DataFrame, list[int], list[dict[str, object]]]:
    """(the lines that are objects, their numbers, rejects for the others)."""
    found, kept, rejects = [], [], []
    for number, line in zip(numbers, lines, strict=True):
        try:
            value = json.loads(line)
            problem = None if isinstance(value, dict) else "the line is no JSON object"
        except (ValueError, RecursionError) as error:
            value, problem = None, f"the line is not JSON: {str(error)[:200]}"
        if problem:
            rejects.append(_reject(number, "not_json", problem, printable(line.decode("utf-8", "replace"))))
        else:
            # What polars has no type for, or another than is due, is left out of its field; the line's title and id
            # decide.
            found.append(_tame(value))
            kept.append(number)
    return pl.DataFrame(found, schema_overrides=_SCHEMA, infer_schema_length=None, strict=False), kept, rejects


def _tame(value: dict[str, Any]) -> dict[str, Any]:
    texts = {name: printable(text) for name in _TEXTS if isinstance(text := value.get(name), str)}
    versions = (
        [each for each in value.get("versions") or [] if isinstance(each, dict)]
        if isinstance(value.get("versions"), list)
        else []
    )
    return texts | {
        "versions": [{"version": str(each.get("version")), "created": str(each.get("created"))} for each in versions],
        "authors_parsed": [],
    }


def _papers(frame: pl.DataFrame, numbers: pl.Series, config: Config) -> tuple[pl.DataFrame, list[dict[str, object]]]:
    # Lines of empty objects have no column, but are lines.
    frame = numbers.to_frame().select(
        "line_first",
        *(
            (frame[name] if name in frame.columns else pl.lit(None)).cast(dtype, strict=False).alias(name)
            for name, dtype in _SCHEMA.items()
        ),
    )
    arxiv = pl.col("id").str.strip_chars().str.to_lowercase().str.replace(r"v\d+$", "").str.replace(r"\.[a-z]{2}/", "/")
    days = pl.col("versions").list.eval(
        pl.element().struct.field("created").str.slice(5, 11).str.strip_chars().str.to_date("%d %b %Y", strict=False)
    )
    names = pl.col("authors_parsed").list.eval(
        pl.concat_str(
            pl.element().list.get(1, null_on_oob=True),
            pl.element().list.get(0, null_on_oob=True),
            separator=" ",
            ignore_nulls=True,
        ).str.strip_chars()
    )
    withdrawn = pl.any_horizontal(
        pl.col("comments").str.contains(f"(?i){pattern}") for pattern in config.lookups.withdrawn
    )
    papers = frame.with_columns(
        arxiv_id=pl.when(arxiv.str.contains(r"^(?:\d{4}\.\d{4,5}|[a-z-]+/\d{7})$")).then(arxiv),
        title_raw=pl.col("title").str.strip_chars().replace("", None),
        abstract_raw=pl.col("abstract").str.strip_chars().replace("", None),
        authors=pl.when(names.list.len() > 0).then(names).otherwise(pl.concat_list("authors")),
        doi=pl.col("doi").str.split(" ").list.first().map_elements(doi, return_dtype=pl.String),
        version_days=days,
        categories=pl.col("categories").str.extract_all(r"\S+"),
        journal_ref=pl.col("journal-ref"),
        licence=pl.col("license"),
        is_withdrawn=withdrawn.fill_null(False),
        updated_on=pl.col("update_date").str.to_date("%Y-%m-%d", strict=False),
        entry_index=pl.col("line_first"),
        line_last=pl.col("line_first"),
        line_count=pl.lit(1, pl.Int32),
    ).with_columns(
        source_record_id=pl.col("arxiv_id"),
        published_on=pl.col("version_days").list.first(),
        updated_on=pl.coalesce(pl.col("version_days").list.last(), "updated_on"),
        version=pl.col("versions").list.len().cast(pl.Int32),
    )
    is_good = pl.col("arxiv_id").is_not_null() & pl.col("title_raw").is_not_null()
    bad = [
        _reject(
            line,
            "no_arxiv_id" if arxiv_id is None else "no_title",
            f"line {line} has no {'arXiv id' if arxiv_id is None else 'title'}",
            title or "",
        )
        for line, arxiv_id, title in papers.filter(~is_good).select("line_first", "arxiv_id", "title").iter_rows()
    ]
    good = papers.filter(is_good)
    return conform(good.select(name for name in good.columns if name in RECORDS), RECORDS), bad


def _reject(line: int, reason: str, message: str, excerpt: str) -> dict[str, object]:
    place = {"entry_index": line, "line_first": line, "line_last": line, "line_count": 1}
    return {**place, "reason": reason, "message": message, "excerpt": excerpt[:EXCERPT_CHARACTERS]}


def _type_name(dtype: pl.DataType) -> str:
    if dtype == pl.String:
        return "string"
    if dtype == pl.Boolean:
        return "boolean"
    if isinstance(dtype, pl.List):
        return "array"
    return "object" if isinstance(dtype, pl.Struct) else "null" if dtype == pl.Null else "number"
