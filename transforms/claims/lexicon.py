"""The vocabularies as one lexicon: which spelling is of which class of word."""

from collections.abc import Iterator

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
