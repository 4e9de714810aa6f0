"""A load corpus of any size: abstracts recombined from real sentences, so that their lengths, numbers and links are real while every paper is new."""

import random
from pathlib import Path

import polars as pl

from transforms.papers import normalise
from transforms.sentences import sentence_spans
from warehouse.settings import PROJECT
from warehouse.sources import source

SENTENCES_PER_ABSTRACT = (5, 9)


def corpus(papers: int, listing: Path | None = None, seed: int = 7) -> pl.DataFrame:
    """(text_id, title, abstract) of so many papers. listing: a saved papers page to take sentences from; without one, the bundled sample."""
    files = [listing] if listing else sorted((PROJECT / "sample" / "hf_listing").glob("*.txt"))
    frames = [normalise(source("hf_listing").parse(file.read_bytes()).records, "hf_listing") for file in files]
    sources = pl.concat(frames).drop_nulls("abstract")
    sentences = [abstract[start:end] for abstract in sources["abstract"] for start, end in sentence_spans(abstract)]
    words = [word for title in sources["title"] for word in title.split()]
    chance = random.Random(seed)  # noqa: S311
    titles = [" ".join(chance.choices(words, k=chance.randint(5, 12))) for _ in range(papers)]
    abstracts = [" ".join(chance.choices(sentences, k=chance.randint(*SENTENCES_PER_ABSTRACT))) for _ in range(papers)]
    return pl.DataFrame({"text_id": [f"t{i}" for i in range(papers)], "title": titles, "abstract": abstracts})


def snapshot_texts(file: Path) -> pl.DataFrame:
    """(text_id, title, abstract) of the papers of an arXiv snapshot, white space folded."""
    folded = pl.col("title", "abstract").str.strip_chars().str.replace_all(r"\s+", " ")
    texts = pl.scan_ndjson(file).select(folded).collect()
    return texts.select(pl.int_range(pl.len()).cast(pl.String).alias("text_id"), "title", "abstract")
