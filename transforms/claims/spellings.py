"""The vocabularies' spellings with their classes of word, as one lexicon."""

from collections.abc import Iterator

from transforms.claims.forms import collect_words
from transforms.claims.lexicon import Lexicon
from transforms.claims.tokens import Spelling
from transforms.vocabulary import Metric, Vocabulary

SIGNS = ("%", "x", "×")  # units that are no words
# Classes of word that are no roles of cues.
_CLASSES = (
    "bound",
    "metric",
    "graded",
    "quality",
    "dataset",
    "model",
    "field",
    "number",
    "amount",
    "word",
    "name",
    "figure",
    "punctuation",
)
# Words that this package speaks of by themselves.
_LITERALS = "in of on for by with while when across using at or but from to".split()
GRADES = ("percent", "score")  # the units of metrics that a bare number can be the level of


def make_lexicon(vocabulary: Vocabulary) -> Lexicon:
    return Lexicon(_spellings(vocabulary), [unit for unit in vocabulary.units if unit not in SIGNS])


def _spellings(vocabulary: Vocabulary) -> Iterator[Spelling]:
    for role, cue in vocabulary.all_cues:
        yield Spelling(cue, role)
        if role.startswith("bound_"):
            yield Spelling(cue, "bound")
    for spelling, metric in vocabulary.metrics.items():
        for word_class in _classes(metric):
            yield Spelling(spelling, word_class, metric=metric.name)
    for spelling, dataset in vocabulary.datasets.items():
        yield Spelling(spelling, "dataset", dataset=dataset)
    for word_class, names in (("model", vocabulary.models), ("field", vocabulary.fields)):
        for name in names:
            yield Spelling(name, word_class)
    roles = {role for role, _ in vocabulary.all_cues}
    for word in sorted((collect_words(vocabulary.forms) | set(_LITERALS)) - roles - set(_CLASSES)):
        yield Spelling(word, word)


def _classes(metric: Metric) -> Iterator[str]:
    yield "metric"
    if metric.unit in GRADES:
        yield "graded"
    if metric.unit in GRADES or metric.family == "general":
        yield "quality"
