"""From records to papers, and to the claims and links of their texts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from transforms.claims.extract import extract_claims
from transforms.links import extract_links
from transforms.papers import normalise
from transforms.parallel import parallel_map
from transforms.text.sentences import drop_repeated_texts
from transforms.vocabulary import Vocabulary

CHUNK = 20_000  # texts; starting processes takes a second

Found = tuple[pl.DataFrame, pl.DataFrame]


def extract(texts: pl.DataFrame, vocabulary: Vocabulary) -> Found:
    """texts (text_id, title, abstract; cleaned) → CLAIMS and LINKS, in the order of the texts and of what stands in
    them; by all processors."""
    texts = drop_repeated_texts(texts)
    claims, links = zip(*parallel_map(_extract, list(texts.iter_slices(CHUNK)) or [texts], vocabulary), strict=True)
    return pl.concat(claims), pl.concat(links)


@dataclass(frozen=True)
class Task:
    """What is the same for all records of a file. known: says which of some text_ids have claims and links at
    hand."""

    source: str
    listed_on: date | None
    vocabulary: Vocabulary
    known: Callable[[pl.Series], pl.Series]


def read(records: pl.DataFrame, task: Task) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.Series]:
    """RECORDS → PAPERS, CLAIMS and LINKS of those of their texts that are not known, of each text once, and the
    text_ids of those that are."""
    papers = normalise(records, task.source, task.listed_on)
    texts = drop_repeated_texts(papers.select("text_id", "title", "abstract"))
    known = task.known(texts["text_id"])
    return papers, *_extract(texts.filter(~pl.col("text_id").is_in(known.implode())), task.vocabulary), known


def _extract(texts: pl.DataFrame, vocabulary: Vocabulary) -> Found:
    return extract_claims(texts, vocabulary), extract_links(texts, vocabulary)
