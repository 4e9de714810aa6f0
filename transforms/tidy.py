"""Values that a frame may hold. What a source writes into a field and no reader, key or check can use is taken out
value by value, so that one of them never stops the batch that it came with, nor those after it."""

from dataclasses import replace
from typing import Any

import polars as pl

from transforms.frames import PARSED, Parsed, Piece
from transforms.text.characters import UNPRINTABLE_IN_NAMES

VERSION = "1"
FIRST_YEAR, LAST_YEAR = 1900, 2100
NAME_CHARACTERS = 300  # of a name, a list's items, an id; more is cut off, and … shows it
URL_CHARACTERS = 2000
_TEXTS = ("title_raw", "abstract_raw", "description", "comments", "paper_title", "title", "abstract")  # read elsewhere
_LONG = ("url", "url_text", "paper_url", "redirected_to", "code_urls", "source_record_id", "caption")
_YEARS = ("year", "venue_year")
_LEAST = {"rank": 1, "version": 1, "upvotes": 0, "github_stars": 0}


def materialize(piece: Piece) -> Parsed:
    """What a parser made of a piece of the file, tidied."""
    return tidy(piece if isinstance(piece, Parsed) else piece())


def tidy(parsed: Parsed) -> Parsed:
    """The same frames, in which names and ids are of one line, print, and are not endless, years can be years, and what
    counts counts from 0, or from 1."""
    tidied: dict[str, Any] = {name: _tidied(getattr(parsed, name)) for name in PARSED if name != "rejects"}
    return replace(parsed, **tidied)


def _tidied(frame: pl.DataFrame) -> pl.DataFrame:
    if frame.is_empty():
        return frame
    values = [
        _named(pl.col(name), name) if dtype == pl.String else pl.col(name).list.eval(_named(pl.element(), name))
        for name, dtype in frame.schema.items()
        if dtype in (pl.String, pl.List(pl.String)) and name not in _TEXTS
    ]
    years = [
        pl.when(pl.col(name).is_between(FIRST_YEAR, LAST_YEAR)).then(name).alias(name)
        for name in _YEARS
        if name in frame.columns
    ]
    counts = [
        pl.when(pl.col(name) >= least).then(name).alias(name) for name, least in _LEAST.items() if name in frame.columns
    ]
    return frame.with_columns(*values, *years, *counts)


def _named(text: pl.Expr, name: str) -> pl.Expr:
    most = URL_CHARACTERS if name in _LONG else NAME_CHARACTERS
    printed = text.str.replace_all(UNPRINTABLE_IN_NAMES, " ").str.replace_all(r" {2,}", " ").str.strip_chars(" ")
    clean = pl.when(text.str.contains(UNPRINTABLE_IN_NAMES)).then(printed).otherwise(text)
    cut = pl.format("{}…", clean.str.head(most - 1))
    return pl.when(clean.str.len_chars() > most).then(cut).otherwise(clean)
