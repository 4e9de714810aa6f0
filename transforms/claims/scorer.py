"""Picks one of the options that were proposed for a number: a linear model over features that say how each was found.

The weights are learnt from annotated papers (`paperhouse evaluate train`) and kept in weights.csv beside this module: a
row for each feature. They are read without scikit-learn.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from transforms.claims.groups import Group
from transforms.claims.lexicon import Lexicon
from transforms.claims.tokens import NUMBER, Tokens
from transforms.claims.turns import OFF_TURN, TURN

WEIGHTS = Path(__file__).with_name("weights.csv")

T = TypeVar("T")
EXCLUSIVE_MODELS = ("datasets",)
_SURE_TURN = 0.94  # 104 of 108 names whose turn it was on annotated papers were right
_DISTANCES = (0, 1, 2, 3, 5, 8, 12, 20)
_SIDES = ("behind", "before")  # of the number
# Classes of the word before what is proposed, and of the word behind it.
_BEHIND = (
    *("in", "of", "on", "for", "with", "to", "from", "by", "across", "at", "the", "compared", "open", "comma", "and"),
    *("using", "slash", "beat_verb"),
)
_AHEAD_OF = (
    *("of", "is", "at", "to", "by", "from", "open", "reach", "in", "on", "for", "comma", "and", "close", "clause_end"),
    *("beat_verb", "report_verb", "up_noun", "down_noun"),
)
_UNITS = {"percent": "share", "points": "share", "score": "score", "times": "times"}


def unit_class(unit: str) -> str:
    return _UNITS.get(unit, "other")


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """values: what it gives each number of the group; place: the token that it stands at, if one."""

    values: list[T]
    place: int | None
    features: list[str]


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """The options of a group, how likely each is right, the best one, and how likely that is."""

    options: list[Option[T]]
    probabilities: list[float]
    best: Option[T]
    probability: float


class Scorer:
    """weights: model → feature → weight; the feature "bias" belongs to every option.

    Of datasets one option is right, and their probabilities sum to 1 (a softmax). Of metrics several may be, in other
    words, and each is judged by itself (logistic regression).
    """

    def __init__(self, weights: Mapping[str, Mapping[str, float]]) -> None:
        self._weights = weights

    def score(self, model: str, features: Sequence[str]) -> float:
        weights = self._weights.get(model, {})
        return weights.get("bias", 0.0) + sum([weights.get(feature, 0.0) for feature in features])

    def choose(self, model: str, options: list[Option[T]]) -> Choice[T]:
        """The likeliest option."""
        best, likely = self.rank(model, [option.features for option in options])
        return Choice(options, likely, options[best], likely[best])

    def rank(self, model: str, options: Sequence[Sequence[str]]) -> tuple[int, list[float]]:
        """The place of the likeliest of some options, of which the features are given, and how likely each is. A name
        whose turn it is goes before all whose turn it is not; of equals the first."""
        scores = [self.score(model, features) for features in options]
        likely = softmax(scores) if model in EXCLUSIVE_MODELS else [logistic(score) for score in scores]
        takes_turn = [TURN in features for features in options]
        may_be = [place for place, features in enumerate(options) if OFF_TURN not in features or not any(takes_turn)]
        best = max(may_be, key=scores.__getitem__)
        if takes_turn[best]:
            likely[best] = max(likely[best], _SURE_TURN)
        return best, likely

    def confidence(self, form: float, metric: float, datasets: float) -> float:
        """The calibrated probability that a claim is right in full, from those of its form, metric and datasets; never
        above the latter two."""
        weights = self._weights.get("confidence", {})
        if not weights:
            return form
        parts = {"form": form, "metric": metric, "datasets": datasets}
        total = sum(weights.get(name, 0.0) * logit(part) for name, part in parts.items())
        return round(min(logistic(weights.get("bias", 0.0) + total), metric, datasets), 3)


@cache
def read_scorer(file: Path = WEIGHTS) -> Scorer:
    """The scorer of a file of weights (model, feature, weight)."""
    weights: dict[str, dict[str, float]] = {}
    with file.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            weights.setdefault(row["model"], {})[row["feature"]] = float(row["weight"])
    return Scorer(weights)


def logistic(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def softmax(scores: Sequence[float]) -> list[float]:
    largest = max(scores)
    powers = [math.exp(score - largest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def logit(probability: float) -> float:
    bounded = max(0.001, min(0.999, probability))
    return math.log(bounded / (1 - bounded))


class Gap:
    """Features of the way from a number to what is proposed for it: side, distance, and what lies between."""

    def __init__(self, lexicon: Lexicon) -> None:
        tags = lexicon.tags
        between = {
            "clause_end": tags("clause_end"),
            "comma": tags("comma"),
            "and": tags("and", "or"),
            "open": tags("open"),
            "close": tags("close"),
            "verb": tags("up_verb", "down_verb", "beat_verb", "lose_verb", "report_verb", "restore_verb"),
            "compared": tags("compared", "versus"),
            "while": tags("while", "but", "when"),
            "with": tags("with", "using"),
            "metric": tags("metric"),
            "name": tags("dataset", "name"),
        }
        # Features as they are written, by side, as making them anew for each number would take a third of the time.
        self._over = {side: [(tags, f"{side}:over_{name}") for name, tags in between.items()] for side in _SIDES}
        self._distance = {
            side: [f"{side}:{sum(length > bound for bound in _DISTANCES)}" for length in range(_DISTANCES[-1] + 2)]
            for side in _SIDES
        }
        self._number = tags(NUMBER)
        self._behind = {side: _named_tags(lexicon, _BEHIND, f"behind_{{}}:{side}") for side in _SIDES}
        self._ahead_of = {side: _named_tags(lexicon, _AHEAD_OF, f"ahead_of_{{}}:{side}") for side in _SIDES}

    def features(self, tokens: Tokens, groups: Sequence[Group], k: int, first: int, last: int) -> list[str]:
        """Of what is written from token first to token last, for the group k."""
        group, tags = groups[k], tokens.tags
        if first > group.last:
            side, between = "behind", tags[group.last + 1 : first]
        else:
            side, between = "before", tags[last + 1 : group.first]
        distances = self._distance[side]
        found = [
            side,
            distances[min(len(between), len(distances) - 1)],
            f"{side}:{group.form.metric_side}",
            self._behind[side].get(tags[first - 1] if first else "", f"behind_other:{side}"),
            self._ahead_of[side].get(tags[last + 1 : last + 2], f"ahead_of_other:{side}"),
        ]
        if group.is_continued:
            found.append(f"listed:{side}")
        found += [name for tags, name in self._over[side] if not tags.isdisjoint(between)]
        if not self._number.isdisjoint(between):
            numbers = sum(tag in self._number for tag in between)
            found.append(f"{side}:over_number{min(numbers, 2)}")
        beside = (groups[each] for each in (k - 1, k + 1) if 0 <= each < len(groups))
        if any(
            0 < (first - other.last if first > other.last else other.first - last) - 1 < len(between)
            for other in beside
        ):
            found.append(f"{side}:nearer_another")
        return found


def _named_tags(lexicon: Lexicon, words: Sequence[str], name: str) -> dict[str, str]:
    """The character of each word's class → the name with the word in it."""
    return {tag: name.format(word) for word in words for tag in lexicon.tags(word)}
