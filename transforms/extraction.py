"""From records to papers, and to the claims and links of their texts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from transforms import invariants
from transforms.claims.extract import extract_claims
from transforms.formats.entries import EXCERPT_CHARACTERS
from transforms.frames import REJECTS, conform
from transforms.links import extract_links
from transforms.papers import normalise
from transforms.parallel import parallel_map
from transforms.text.sentences import drop_repeated_texts
from transforms.vocabulary import Vocabulary

CHUNK = 20_000  # texts; starting processes takes a second

Found = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


def extract(texts: pl.DataFrame, vocabulary: Vocabulary) -> Found:
    """texts (text_id, title, abstract; cleaned) → CLAIMS, LINKS and what was DROPPED of both, in the order of the texts
    and of what stands in them; by all processors."""
    texts = drop_repeated_texts(texts)
    found = parallel_map(_extract, list(texts.iter_slices(CHUNK)) or [texts], vocabulary)
    claims, links, dropped = zip(*found, strict=True)
    return pl.concat(claims), pl.concat(links), pl.concat(dropped)


@dataclass(frozen=True)
class TextContext:
    """What is the same for all records of a file. known: says which of some text_ids have claims and links at
    hand."""

    source: str
    listed_on: date | None
    vocabulary: Vocabulary
    known: Callable[[pl.Series], pl.Series]
    venue: str | None = None
    venue_year: int | None = None


@dataclass(frozen=True)
class ReadRecords:
    """What was read of some records. claims, links: of those of their texts that are not known, of each text once."""

    papers: pl.DataFrame  # PAPERS
    claims: pl.DataFrame  # CLAIMS
    links: pl.DataFrame  # LINKS
    rejects: pl.DataFrame  # REJECTS: the claims and links that were dropped
    known: pl.Series  # text_ids


def read_records(records: pl.DataFrame, context: TextContext) -> ReadRecords:
    """Normalises RECORDS and reads their texts."""
    papers = normalise(records, context.source, context.listed_on, context.venue, context.venue_year)
    texts = drop_repeated_texts(papers.select("text_id", "title", "abstract"))
    known = context.known(texts["text_id"])
    claims, links, dropped = _extract(texts.filter(~pl.col("text_id").is_in(known.implode())), context.vocabulary)
    return ReadRecords(papers, claims, links, _rejects(dropped, papers), known)


def _extract(texts: pl.DataFrame, vocabulary: Vocabulary) -> Found:
    claims, dropped_claims = invariants.drop_invalid(
        extract_claims(texts, vocabulary), texts, invariants.CLAIMS, "value_text"
    )
    links, dropped_links = invariants.drop_invalid(
        extract_links(texts, vocabulary), texts, invariants.LINKS, "url_text"
    )
    return claims, links, pl.concat([dropped_claims, dropped_links])


def _rejects(dropped: pl.DataFrame, papers: pl.DataFrame) -> pl.DataFrame:
    """DROPPED as REJECTS, each of the first entry that has its text."""
    entries = papers.select("text_id", "entry_index", "line_first", "line_last").unique("text_id", keep="first")
    rejects = dropped.join(entries, on="text_id", how="left", maintain_order="left").select(
        "entry_index",
        "line_first",
        "line_last",
        *("section", "char_start", "char_end", "reason"),
        line_count=pl.lit(0),
        message=pl.format("dropped at characters {} to {} of the {}", "char_start", "char_end", "section"),
        excerpt=pl.col("excerpt").fill_null("").str.slice(0, EXCERPT_CHARACTERS),
    )
    return conform(rejects, REJECTS)
