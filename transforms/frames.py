"""The fixed schemas of every frame that paperhouse passes from step to step, and the function that holds a frame to one."""

from dataclasses import dataclass, field

import polars as pl

Schema = dict[str, pl.DataType]

# What a source's parser gives for each entry that it could read. Lines count from 1 in the landed file.
RECORDS: Schema = {
    "entry_index": pl.Int32(),  # position of the entry in its source, from 1
    "line_first": pl.Int32(),
    "line_last": pl.Int32(),
    "line_count": pl.Int32(),  # lines that belong to the entry, chrome between them not counted
    "source_record_id": pl.String(),  # the source's own id; null where it has none
    "title_raw": pl.String(),
    "abstract_raw": pl.String(),
    "arxiv_id": pl.String(),
    "doi": pl.String(),
    "published_on": pl.Date(),
    "updated_on": pl.Date(),
    "listed_on": pl.Date(),
    "rank": pl.Int32(),
    "upvotes": pl.Int32(),
    "is_withdrawn": pl.Boolean(),
}

# One row for each entry, or piece of one, that could not be read.
REJECTS: Schema = {
    "entry_index": pl.Int32(),
    "line_first": pl.Int32(),
    "line_last": pl.Int32(),
    "line_count": pl.Int32(),
    "reason": pl.String(),
    "message": pl.String(),
    "excerpt": pl.String(),
}

# RECORDS normalised: repaired text beside the raw, with identity. One row an entry.
PAPERS: Schema = {
    "paper_id": pl.String(),
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

# Where in a paper's text something stands: char_start and char_end count characters from 0 in the repaired title or abstract.
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
    "higher_is_better": pl.Boolean(),
    "subject": pl.String(),
    "comparator": pl.String(),
    "datasets": pl.List(pl.String()),
    "confidence": pl.Float64(),
    "is_optional": pl.Boolean(),
    "rule": pl.String(),  # the form that found the claim
    "extractor_version": pl.String(),
}

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


@dataclass(frozen=True)
class Parsed:
    """What a parser made of one landed file.

    Every line of the file is in exactly one place: a record, a reject, or among the ignored lines (blank, page chrome).
    """

    records: pl.DataFrame  # RECORDS
    rejects: pl.DataFrame  # REJECTS
    line_count: int
    ignored_line_count: int
    unread_fields: dict[str, int] = field(default_factory=dict)  # upstream fields that no parser took, with how often


def conform(rows: pl.DataFrame | list[dict[str, object]], schema: Schema) -> pl.DataFrame:
    """The rows with exactly the schema's columns, in its order; columns that are lacking are null.

    Raises polars.exceptions.InvalidOperationError where a value does not fit its type, and ValueError for a column too many.
    """
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows, schema_overrides=_known(rows, schema), infer_schema_length=None)
    if extra := set(frame.columns) - set(schema):
        raise ValueError(f"columns that the schema lacks: {', '.join(sorted(extra))}")
    if frame.is_empty():
        return pl.DataFrame(schema=schema)
    return frame.select((pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name) for name, dtype in schema.items())


def _known(rows: list[dict[str, object]], schema: Schema) -> Schema:
    return {name: dtype for name, dtype in schema.items() if any(name in row for row in rows)}
