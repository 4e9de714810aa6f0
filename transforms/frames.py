"""The fixed schemas of every frame that paperhouse passes from step to step, and the function that holds a frame to
one."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import polars as pl

Schema = dict[str, pl.DataType]
_MOST = 2**31
_SURROGATES = re.compile(r"[\ud800-\udfff]")
INSTANT = pl.Datetime("us", "UTC")

# What a source's parser gives for each entry that it could read. Lines count from 1 in the landed file.
RECORDS: Schema = {
    "entry_index": pl.Int32(),  # position of the entry in its source, from 1
    "line_first": pl.Int32(),
    "line_last": pl.Int32(),
    "line_count": pl.Int32(),  # lines that belong to the entry, chrome between them not counted
    "source_record_id": pl.String(),  # the source's own id; null where it has none
    "title_raw": pl.String(),  # empty where the source gives an id and no title
    "abstract_raw": pl.String(),
    "authors": pl.List(pl.String()),  # as written, in their order; null where the source names none
    "author_ids": pl.List(pl.String()),  # the source's id of each author; null where it does not give each one's
    "arxiv_id": pl.String(),  # without version
    "doi": pl.String(),  # lower case; never arXiv's own, which are arXiv ids
    "acl_id": pl.String(),
    "openreview_id": pl.String(),
    "published_on": pl.Date(),
    "year": pl.Int32(),  # of publication, where the source gives no day
    "updated_on": pl.Date(),
    "version": pl.Int32(),  # the version that title and abstract are of, from 1
    "version_days": pl.List(pl.Date()),  # the day of each version, from the first
    "listed_on": pl.Date(),
    "rank": pl.Int32(),
    "upvotes": pl.Int32(),
    "github_stars": pl.Int32(),
    "submitter": pl.String(),  # who listed it
    "organization": pl.String(),
    "keywords": pl.List(pl.String()),
    "categories": pl.List(pl.String()),  # arXiv's, the primary one first
    "venue": pl.String(),
    "venue_year": pl.Int32(),
    "track": pl.String(),
    "comments": pl.String(),  # the authors', on arXiv
    "journal_ref": pl.String(),
    "licence": pl.String(),
    "is_withdrawn": pl.Boolean(),
}

# One row a link that a source lists for an entry, outside of its title and abstract.
LISTED_LINKS: Schema = {
    "entry_index": pl.Int32(),
    "field": pl.String(),  # the upstream field that holds it
    "url": pl.String(),  # canonical
    "url_text": pl.String(),
    "host": pl.String(),
    "kind": pl.String(),
    "owner": pl.String(),
    "name": pl.String(),
    "is_official": pl.Boolean(),
    "mentioned_in_paper": pl.Boolean(),
    "framework": pl.String(),
}

# One row a result that a leaderboard reports: a model's value of one metric on one dataset.
RESULTS: Schema = {
    "entry_index": pl.Int32(),
    "task": pl.String(),
    "parent_task": pl.String(),  # of which the task is a part
    "areas": pl.List(pl.String()),  # of research, as 'Computer Vision'
    "dataset": pl.String(),  # by its canonical name, as the metric
    "dataset_text": pl.String(),  # as the leaderboard writes it
    "metric": pl.String(),
    "metric_text": pl.String(),
    "condition": pl.String(),  # under which it was measured; several by commas
    "model": pl.String(),
    "value_text": pl.String(),
    "value": pl.Float64(),  # null where the text is no number
    "value_problem": pl.String(),  # then why: 'empty', 'several_numbers' or 'no_number'
    "uses_additional_data": pl.Boolean(),
    "paper_title": pl.String(),
    "paper_url": pl.String(),
    "reported_on": pl.Date(),
    "code_urls": pl.List(pl.String()),
    "verification": pl.String(),  # who stands for it: 'verified', 'self_reported', 'community' or 'third_party'
}

# One row a method, dataset or task that a catalogue describes.
TERMS: Schema = {
    "entry_index": pl.Int32(),
    "kind": pl.String(),  # 'method', 'dataset' or 'task'
    "name": pl.String(),
    "full_name": pl.String(),
    "description": pl.String(),
    "url": pl.String(),
    "introduced_on": pl.Date(),
    "paper_title": pl.String(),
    "paper_url": pl.String(),
    "areas": pl.List(pl.String()),  # a method's collections, a dataset's tasks
}

# One row a table of an e-print.
TABLES: Schema = {
    "entry_index": pl.Int32(),
    "table_index": pl.Int32(),  # in the document, from 0
    "table_number": pl.Int32(),  # as the page counts; null without a caption
    "label": pl.String(),
    "caption": pl.String(),
    "section": pl.String(),
    "file": pl.String(),
    "table_line_first": pl.Int32(),  # of its environment in the file, from 1
    "table_line_last": pl.Int32(),
    "row_count": pl.Int32(),
    "column_count": pl.Int32(),
    "numeric_cell_count": pl.Int32(),
    "table_parser_version": pl.String(),
}

# One row a number of a table.
TABLE_CELLS: Schema = {
    "entry_index": pl.Int32(),
    "table_index": pl.Int32(),
    "row_index": pl.Int32(),  # from 0, heads counted
    "column_index": pl.Int32(),
    "row_path": pl.List(pl.String()),  # the heads of the row, the outer first
    "column_path": pl.List(pl.String()),
    "value_text": pl.String(),  # as a reader sees it
    "value": pl.Float64(),
    "spread": pl.Float64(),  # what stands behind ±
    "value_unit": pl.String(),  # what stands behind the number, as it is written
    "is_bold": pl.Boolean(),
    "is_underlined": pl.Boolean(),
    "row_citations": pl.List(pl.String()),  # the keys that the row's heads cite
    "file": pl.String(),
    "line": pl.Int32(),
    "char_start": pl.Int32(),  # of the cell's TeX in the file
    "char_end": pl.Int32(),
    "task": pl.String(),  # what the number is a result of; null where nothing is likely
    "dataset": pl.String(),  # by its canonical name, as the metric
    "dataset_text": pl.String(),  # as leaderboards write it
    "metric": pl.String(),
    "metric_text": pl.String(),
    "condition": pl.String(),  # a split, a number of examples, a pair of languages
    "model": pl.String(),  # as the table's head names it
    "is_own": pl.Boolean(),  # of the paper's own method; null where it does not show
    "link_confidence": pl.Float64(),  # that dataset and metric are right, from 0 to 1
    "linker_version": pl.String(),
}

# One row a result that a leaderboard's editor would take of an e-print.
TABLE_RESULTS: Schema = {
    "entry_index": pl.Int32(),
    "table_index": pl.Int32(),  # with row and column the cell; null where the paper is on the leaderboard by its text,
    "row_index": pl.Int32(),  # and no number of its tables is
    "column_index": pl.Int32(),
    "task": pl.String(),
    "dataset": pl.String(),  # by its canonical name, as the metric
    "dataset_text": pl.String(),  # as leaderboards write it
    "metric": pl.String(),
    "metric_text": pl.String(),
    "condition": pl.String(),
    "model": pl.String(),
    "is_own": pl.Boolean(),
    "value_text": pl.String(),
    "value": pl.Float64(),
    "confidence": pl.Float64(),  # that an editor takes this number for this leaderboard, from 0 to 1
    "leaderboard_confidence": pl.Float64(),  # that the paper is on it at all
    "row_confidence": pl.Float64(),  # that metric, dataset and own method are right; null without a number
    "factor": pl.Float64(),  # what makes the value as large as the leaderboard's others: 100 of a fraction
    "linker_version": pl.String(),
}

# One row a work that heads of rows cite in the tables of an e-print.
TABLE_REFERENCES: Schema = {
    "entry_index": pl.Int32(),
    "citation_key": pl.String(),  # as the source writes it
    "title": pl.String(),  # as a reader sees it
    "title_key": pl.String(),  # as identity compares it
    "arxiv_id": pl.String(),
    "doi": pl.String(),
}

# One row a look at the place that a link leads to.
LINK_CHECKS: Schema = {
    "entry_index": pl.Int32(),
    "url": pl.String(),  # canonical
    "checked_at": INSTANT,
    "http_status": pl.Int32(),  # null where no answer came
    "state": pl.String(),  # 'available', 'moved', 'gone', 'private' or 'unknown'
    "redirected_to": pl.String(),  # where it moved to
    "stars": pl.Int32(),
    "forks": pl.Int32(),
    "last_commit_at": INSTANT,
    "licence": pl.String(),  # as SPDX writes it
    "is_archived": pl.Boolean(),
    "etag": pl.String(),  # by which the next check asks whether something changed
    "problem": pl.String(),  # why the state is unknown
}

# One row for each entry, or piece of one, that could not be read, and for each claim or link of an entry that was
# dropped: only that has a section, and characters of it; its lines count for its entry.
REJECTS: Schema = {
    "entry_index": pl.Int32(),
    "line_first": pl.Int32(),
    "line_last": pl.Int32(),
    "line_count": pl.Int32(),
    "section": pl.String(),
    "char_start": pl.Int32(),
    "char_end": pl.Int32(),
    "reason": pl.String(),
    "message": pl.String(),
    "excerpt": pl.String(),
}

# RECORDS normalised: repaired text beside the raw, with identity. One row an entry.
PAPERS: Schema = {
    "own_id": pl.String(),  # the id that the record by itself would give its paper
    "mention_id": pl.String(),  # hash of source, source_record_id and title_key: what identity is resolved for
    "title_key": pl.String(),  # the title as identity compares it
    "text_id": pl.String(),  # hash of title and abstract; claims and links hang on it
    "source": pl.String(),
    "source_record_id": pl.String(),
    **{name: dtype for name, dtype in RECORDS.items() if name not in ("source_record_id", "title_raw", "abstract_raw")},
    "title": pl.String(),
    "title_raw": pl.String(),
    "abstract": pl.String(),
    "abstract_raw": pl.String(),
    "language": pl.String(),  # ISO 639-1, null where unsure
}

# Where in a paper's text something stands: char_start and char_end count characters from 0 in the repaired title or
# abstract.
PLACE: Schema = {
    "text_id": pl.String(),
    "section": pl.String(),  # 'title' or 'abstract'
    "sentence_index": pl.Int32(),  # from 0 in its section
    "char_start": pl.Int32(),
    "char_end": pl.Int32(),
}

# One row a claimed number of a distinct text.
CLAIMS: Schema = {
    **PLACE,
    "evidence": pl.String(),
    "value_text": pl.String(),
    "value": pl.Float64(),
    "value_high": pl.Float64(),
    "unit": pl.String(),
    "kind": pl.String(),
    "direction": pl.String(),
    "bound": pl.String(),
    "metric": pl.String(),
    "metric_text": pl.String(),
    "subject": pl.String(),
    "comparator": pl.String(),
    "datasets": pl.List(pl.String()),  # by their canonical names
    "dataset_texts": pl.List(pl.String()),  # each as it is written first
    "condition": pl.String(),  # under which it was measured; several by commas
    "condition_text": pl.String(),  # words behind the dataset's name that say under which, and that nobody knows
    "confidence": pl.Float64(),
    "is_optional": pl.Boolean(),
    "rule": pl.String(),  # the form that found the claim
    "extractor_version": pl.String(),
}

# One row for what a person says of a number or a name.
CORRECTIONS: Schema = {
    "entry_index": pl.Int32(),
    "target": pl.String(),  # what it is about
    "verdict": pl.String(),
    "value_text": pl.String(),  # the number as it was read
    "char_start": pl.Int32(),  # where it stands, of a claim
    "dataset": pl.String(),  # of the row that is meant
    "metric": pl.String(),
    "model": pl.String(),
    "name": pl.String(),  # of a dataset, metric or model that is another, or none
    "new_name": pl.String(),
    "new_task": pl.String(),
    "new_metric": pl.String(),
    "new_dataset": pl.String(),
    "new_condition": pl.String(),
    "new_value": pl.Float64(),
    "new_subject": pl.String(),
    "author": pl.String(),
    "made_on": pl.Date(),
    "reason": pl.String(),
    "evidence_url": pl.String(),
}

# What the columns of a claim may hold; the invariants, the suite of a batch and the reader of annotations ask here.
CLAIM_VALUES = {
    "section": ("title", "abstract"),
    "unit": tuple("percent points times score seconds minutes hours days bytes flops count other".split()),
    "kind": ("level", "change"),
    "direction": ("up", "down", None),
    "bound": ("exact", "up_to", "at_least", "less_than", "about"),
    "subject": ("proposed", "baseline"),
}
LINK_VALUES = {"availability": ("available", "promised")}

# One row a link of a distinct text.
LINKS: Schema = {
    **PLACE,
    "url": pl.String(),
    "url_text": pl.String(),
    "host": pl.String(),
    "kind": pl.String(),
    "owner": pl.String(),
    "name": pl.String(),
    "availability": pl.String(),
    "extractor_version": pl.String(),
}


# What a parser fills, by the fields of Parsed.
PARSED: dict[str, Schema] = {
    "records": RECORDS,
    "rejects": REJECTS,
    "listed_links": LISTED_LINKS,
    "results": RESULTS,
    "terms": TERMS,
    "link_checks": LINK_CHECKS,
    "corrections": CORRECTIONS,
    "tables": TABLES,
    "table_cells": TABLE_CELLS,
    "table_results": TABLE_RESULTS,
    "table_references": TABLE_REFERENCES,
}


@dataclass(frozen=True)
class Parsed:
    """What a parser made of one landed file, or of one piece of it.

    Every line of a file of lines is in exactly one place: a record, a reject, or among the ignored lines (blank, page
    chrome). Formats that do not consist of lines count none.
    """

    records: pl.DataFrame  # RECORDS
    rejects: pl.DataFrame  # REJECTS
    entry_count: int = 0  # as the parser met them: each is among the kept_entries
    line_count: int = 0
    ignored_line_count: int = 0
    format: str = ""  # which of the source's formats it is, as its YAML names it
    listed_links: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LISTED_LINKS))
    results: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RESULTS))
    terms: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TERMS))
    link_checks: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LINK_CHECKS))
    corrections: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CORRECTIONS))
    tables: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TABLES))
    table_cells: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TABLE_CELLS))
    table_results: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TABLE_RESULTS))
    table_references: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TABLE_REFERENCES))
    upstream_fields: dict[str, dict[str, int]] = field(default_factory=dict)  # upstream field → JSON type → how often
    unread_fields: dict[str, int] = field(default_factory=dict)  # upstream fields that no parser took, with how often

    def without_rows(self) -> "Parsed":
        """What is known of the piece as a whole, without its frames."""
        return replace(
            self,
            **{name: getattr(self, name).clear() for name in PARSED},
        )

    @property
    def kept_entries(self) -> pl.Series:
        """The indices of the entries that a frame has, each once."""
        frames = (self.records, self.rejects, self.results, self.terms, self.link_checks, self.corrections)
        return pl.concat([frame["entry_index"] for frame in frames]).unique()


# What a parser yields: a piece of the file, or what makes one, which is then done by the process that reads its texts.
Piece = Parsed | Callable[[], Parsed]


def combine(pieces: Iterable[Parsed]) -> Parsed:
    """The pieces of one file as a whole."""
    parts = list(pieces)
    whole = {name: pl.concat([getattr(part, name) for part in parts]) for name in PARSED} if parts else {}
    unread: Counter[str] = Counter()
    upstream: dict[str, Counter[str]] = {}
    for part in parts:
        unread.update(part.unread_fields)
        for name, types in part.upstream_fields.items():
            upstream.setdefault(name, Counter()).update(types)
    return Parsed(
        **(whole or {"records": pl.DataFrame(schema=RECORDS), "rejects": pl.DataFrame(schema=REJECTS)}),
        entry_count=sum(part.entry_count for part in parts),
        line_count=sum(part.line_count for part in parts),
        ignored_line_count=sum(part.ignored_line_count for part in parts),
        format=parts[-1].format if parts else "",
        upstream_fields={name: dict(types) for name, types in upstream.items()},
        unread_fields=dict(unread),
    )


def conform(rows: pl.DataFrame | list[dict[str, object]], schema: Schema) -> pl.DataFrame:
    """The rows with exactly the schema's columns, in its order; columns that are lacking are null.

    Raises polars.exceptions.InvalidOperationError where a value does not fit its type, and ValueError for a column too
    many.
    """
    frame = rows if isinstance(rows, pl.DataFrame) else _framed(rows, schema)
    if extra := set(frame.columns) - set(schema):
        raise ValueError(f"columns that are not in the schema: {', '.join(sorted(extra))}")
    if frame.is_empty():
        return pl.DataFrame(schema=schema)
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


def _framed(rows: list[dict[str, object]], schema: Schema) -> pl.DataFrame:
    try:
        return pl.DataFrame(rows, schema_overrides=_known(rows, schema), infer_schema_length=None)
    except (UnicodeEncodeError, OverflowError):
        usable = [{name: _usable(value) for name, value in row.items()} for row in rows]
        if usable == rows:
            raise
        return _framed(usable, schema)


def _usable(value: object) -> object:
    """The value without lone surrogates, which JSON can escape and no text has; None of a number that fits no
    column."""
    if isinstance(value, list):
        return [_usable(each) for each in value]
    if isinstance(value, int) and abs(value) >= _MOST:
        return None
    return _SURROGATES.sub("\ufffd", value) if isinstance(value, str) else value


def _known(rows: list[dict[str, object]], schema: Schema) -> Schema:
    return {name: dtype for name, dtype in schema.items() if any(name in row for row in rows)}
