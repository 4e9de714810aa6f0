"""From a source's records to papers: repaired text beside the raw, language and identity."""

from datetime import date

import polars as pl

from transforms.frames import PAPERS, conform
from transforms.identity.keys import add_identity, add_text_id
from transforms.text.language import detect_language
from transforms.text.repair import repair_texts

# The year that an arXiv id begins with; arXiv began in 1991.
_digits = pl.coalesce(
    pl.col("arxiv_id").str.extract(r"/(\d{2})\d{5}$"), pl.col("arxiv_id").str.extract(r"^(\d{2})\d{2}\.")
).cast(pl.Int32)
_arxiv_year = _digits + pl.when(_digits > 90).then(1900).otherwise(2000)


def normalise(
    records: pl.DataFrame,
    source: str,
    listed_on: date | None = None,
    venue: str | None = None,
    venue_year: int | None = None,
) -> pl.DataFrame:
    """RECORDS of one landed file → PAPERS, in the same order.

    listed_on, venue, venue_year: of the listing as a whole, for records that do not carry their own.
    """
    papers = records.with_columns(
        source=pl.lit(source),
        title=repair_texts("title_raw"),
        abstract=repair_texts("abstract_raw"),
        listed_on=pl.coalesce("listed_on", pl.lit(listed_on, dtype=pl.Date)),
        venue=pl.coalesce("venue", pl.lit(venue, dtype=pl.String)),
        venue_year=pl.coalesce("venue_year", pl.lit(venue_year, dtype=pl.Int32)),
        year=pl.coalesce("year", pl.col("published_on").dt.year(), _arxiv_year),
    ).with_columns(language=detect_language(pl.concat_str("title", pl.col("abstract").fill_null(""), separator=" ")))
    return conform(add_text_id(add_identity(papers)), PAPERS)
