"""Narrows sentences down to those that may hold a claim, before they are read token by token."""

import re
from collections.abc import Callable

import polars as pl

from transforms.claims.spellings import GRADES, SIGNS
from transforms.vocabulary import Vocabulary

# A bare whole number where a claim's could stand: behind a word that leads to a value, or before a name or a measure.
_WHOLE = (
    r"(?:\b(?i:of|by|to|from|at|is|are|was|over|than|about|above|below|exceed\w*|reach\w*|achiev\w*|attain\w*|obtain\w*|gain\w*|and|on|in)|[(=:,/])"
    r"\s?(?:(?i:an?|the|average|mean|over|about|around|up|to|of|nearly|almost|only|just|approximately|roughly|more|than|least|at)\s|[<>~≈])*\d[\d,]*(?:\W|$)"
    r"|\b\d[\d,]*[\s-](?:[a-z]+\s)?(?:[A-Z]|(?i:accuracy|points?|perplexity|recall|precision|dice|kappa|correlation))"
)


def may_claim(vocabulary: Vocabulary) -> tuple[str, Callable[[pl.Expr], pl.Expr]]:
    """What narrows sentences down to those that may hold a claim: a regular expression, and a dearer test of what it
    matches.

    A claim's number has a unit, a sign or decimals, or its sentence names a metric that has levels without a unit.
    """
    units = "|".join(re.escape(unit) for unit in vocabulary.units if unit not in SIGNS)
    free, value = (
        r"(?:^|[\s(\[~=<>≥≤≈∼±/:&“\"'+−–—-])",
        r"\d[\d,]*(?:\.\d+)?(?:\s?(?:[-–—~]|--)\s?\d[\d,]*(?:\.\d+)?)?\+?",
    )
    amount = (
        rf"{free}{value}(?:\s?(?:%|[xX×](?:\W|$)|±)|[\s~-]?(?i:{units})\b)"  # with a unit
        rf"|{free}(?:\d[\d,]*)?\.\d+(?:\W|$)"  # with decimals
        r"|(?:^|[\s(~])[+−-]\d|\bout of\b|factors? of \d"
    )
    graded = [spelling for spelling, metric in vocabulary.metrics.items() if metric.unit in GRADES]
    in_any_case = [spelling for spelling in graded if spelling == spelling.lower()]
    as_written = [spelling for spelling in graded if spelling != spelling.lower()]

    def is_likely(text: pl.Expr) -> pl.Expr:
        names_metric = text.str.contains_any(in_any_case, ascii_case_insensitive=True) | text.str.contains_any(
            as_written
        )
        return text.str.contains(amount) | names_metric

    # Ends of words without Unicode, as that halves the time: what is let through too much is read and dropped.
    return f"{amount}|{_WHOLE}".replace(r"\b", r"(?-u:\b)"), is_likely
