"""The vocabularies as one lexicon: which spelling is of which class of word."""

import re
from collections.abc import Callable, Iterator

import polars as pl

from transforms.claims.forms import words_of
from transforms.claims.reading import Entry, Lexicon
from transforms.vocabulary import Vocabulary

SIGNS = ("%", "x", "×")  # units that are no words
GRADES = ("percent", "score")  # the units of metrics that a bare number can be the level of


def lexicon_of(vocabulary: Vocabulary) -> Lexicon:
    return Lexicon(_entries(vocabulary), [unit for unit in vocabulary.units if unit not in SIGNS])


def _entries(vocabulary: Vocabulary) -> Iterator[Entry]:
    for role, cue in vocabulary.all_cues:
        yield Entry(cue, role)
        if role.startswith("bound_"):
            yield Entry(cue, "bound")
    for spelling, metric in vocabulary.metrics.items():
        yield Entry(spelling, "metric", metric=metric.name)
        if metric.unit in GRADES:
            yield Entry(spelling, "graded")
        if metric.unit in GRADES or metric.family == "general":
            yield Entry(spelling, "quality")
    for spelling, dataset in vocabulary.datasets.items():
        yield Entry(spelling, "dataset", dataset=dataset)
    for model in vocabulary.models:
        yield Entry(model, "model")
    for name in vocabulary.fields:
        yield Entry(name, "field")
    classes = {role for role, _ in vocabulary.all_cues} | {"bound", "metric", "graded", "quality", "dataset", "model", "field", "number", "word", "name", "figure", "clause_end", "punctuation"}
    for word in sorted(words_of(vocabulary.forms, classes)):
        yield Entry(word, word)
    for word in ("in", "of", "on", "for", "by", "with", "while", "when", "across", "using", "at", "or", "but", "from"):
        yield Entry(word, word)


# A bare whole number where a claim's could stand: behind a word that leads to a value, or before a name or a measure.
_WHOLE = (
    r"(?:\b(?i:of|by|to|from|at|is|are|was|over|than|about|above|below|exceed\w*|reach\w*|achiev\w*|attain\w*|obtain\w*|gain\w*|and|on|in)|[(=:,/])"
    r"\s?(?:(?i:an?|the|average|mean|over|about|around|up|to|of|nearly|almost|only|just|approximately|roughly|more|than|least|at)\s|[<>~≈])*\d[\d,]*(?:\W|$)"
    r"|\b\d[\d,]*[\s-](?:[a-z]+\s)?(?:[A-Z]|(?i:accuracy|points?|perplexity|recall|precision|dice|kappa|correlation))"
)


def may_claim(vocabulary: Vocabulary) -> tuple[str, Callable[[pl.Expr], pl.Expr]]:
    """What narrows sentences down to those that may hold a claim: a regular expression, and a dearer test of what it matches.

    A claim's number has a unit, a sign or decimals, or its sentence names a metric that has levels without a unit.
    """
    units = "|".join(re.escape(unit) for unit in vocabulary.units if unit not in SIGNS)
    free, value = r"(?:^|[\s(\[~=<>≈∼±/:&“\"'+−–—-])", r"\d[\d,]*(?:\.\d+)?(?:\s?(?:[-–—~]|--)\s?\d[\d,]*(?:\.\d+)?)?\+?"
    amount = (
        rf"{free}{value}(?:\s?(?:%|[xX×](?:\W|$)|±)|[\s~-]?(?i:{units})\b)"  # with a unit
        rf"|{free}(?:\d[\d,]*)?\.\d+(?:\W|$)"  # with decimals
        r"|(?:^|[\s(~])[+−-]\d|\bout of\b|factors? of \d"
    )
    graded = [spelling for spelling, metric in vocabulary.metrics.items() if metric.unit in GRADES]
    in_any_case = [spelling for spelling in graded if spelling == spelling.lower()]
    as_written = [spelling for spelling in graded if spelling != spelling.lower()]

    def is_likely(text: pl.Expr) -> pl.Expr:
        names_metric = text.str.contains_any(in_any_case, ascii_case_insensitive=True) | text.str.contains_any(as_written)
        return text.str.contains(amount) | names_metric

    return f"{amount}|{_WHOLE}", is_likely
