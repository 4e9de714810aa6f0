"""Which paper a record is of: the arXiv id without version where known, else the DOI, else a hash of the normalised title."""

import re
import unicodedata
from hashlib import blake2b

import polars as pl

_TITLE_NOISE = re.compile(r"[\W_]+")


def stable_hash(text: str, digest_size: int = 8) -> str:
    """A hash that is the same in every process, on every machine and for ever: BLAKE2b in hexadecimal."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=digest_size).hexdigest()


def normalised_title(title: str) -> str:
    """The title without case, accents' encoding, punctuation and white space: what two spellings of one title share.

    >>> normalised_title("RoAST: Robustifying  Language-Models")
    'roast robustifying language models'
    """
    return _TITLE_NOISE.sub(" ", unicodedata.normalize("NFKC", title).casefold()).strip()


def with_paper_id(papers: pl.DataFrame) -> pl.DataFrame:
    """The papers with paper_id (from arxiv_id, doi and title) and source_record_id (the source's own, else the paper_id)."""
    arxiv_id = pl.col("arxiv_id").str.replace(r"v\d+$", "")
    title_hash = pl.col("title").map_elements(lambda title: f"title:{stable_hash(normalised_title(title))}", return_dtype=pl.String)
    return papers.with_columns(paper_id=pl.coalesce(arxiv_id, pl.col("doi").str.to_lowercase(), title_hash)).with_columns(
        source_record_id=pl.coalesce("source_record_id", "paper_id")
    )


def with_text_id(papers: pl.DataFrame) -> pl.DataFrame:
    """The papers with text_id, the hash of title and abstract: equal texts have equal claims, wherever they come from."""
    text = pl.concat_str(pl.col("title"), pl.lit("\n"), pl.col("abstract").fill_null(""))
    return papers.with_columns(text_id=text.map_elements(lambda joined: stable_hash(joined, digest_size=12), return_dtype=pl.String))
