"""Whether a result belongs on the leaderboard that it is taken for: metric, dataset and own method are right.

A logistic regression over a few of the linker's features, learned from rows that were judged by reading
(tests/gold/table_results.jsonl); rows.csv holds it, `paperhouse evaluate train-rows` makes it.
"""

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from transforms.results import pairs as of_pairs
from transforms.results.attributes import is_own_result
from transforms.results.cells import Located
from transforms.results.choose import Result
from transforms.results.draft import Draft
from transforms.results.links import rank_boards
from transforms.results.names import Triple
from transforms.results.relations import Scores

_OF_PAIR = (
    *("metric_share_column", "metric_share_table", "dataset_share_table", "scale_distance", "scale_factor", "repeats"),
    *("is_dataset_in_other_heads", "task_in_caption"),
)
_PLACES = [of_pairs.FEATURES.index(name) for name in _OF_PAIR]
_LIKELIHOODS = ("confidence", "board", "link", "pair", "other_cell", "other_triple")
_OF_WORDS = ("is_of_two", "has_other_cut_off", "is_compound", "is_qualified")
FEATURES = (*_LIKELIHOODS, "is_own", *_OF_WORDS, *_OF_PAIR)
# Words of tables in which a dataset may be the one that was learned from.
_TWO_DATASETS = re.compile(r"→|->|\bto\b|source|target|transfer|pre-?train|domain", re.I)
_CUT_OFF = re.compile(r"(?:@|\b(?:r|rank|hits?|recall|top|map|ap|f1|p|pck)[- @]?)(\d+(?:\.\d+)?)", re.I)
_LEAST = 1e-4  # of a likelihood, whose log-odds are the feature
_BIAS = "bias"


@dataclass(frozen=True)
class Judge:
    """Of each feature: its mean and spread in the rows that were learned from, and its weight."""

    weights: Mapping[str, tuple[float, float, float]]
    bias: float

    def judge(self, features: Sequence[float]) -> float:
        """How likely a row is right, by its FEATURES."""
        score = self.bias
        for name, value in zip(FEATURES, features, strict=True):
            mean, spread, weight = self.weights[name]
            score += weight * (value - mean) / spread
        return 1 / (1 + math.exp(-score))


def describe_rows(
    draft: Draft, results: Sequence[Result], choices: Scores, boards: Scores, links: Scores
) -> list[list[float] | None]:
    """The FEATURES of each result; null without a number. choices, boards, links: scores as of `Linked`."""
    cells = {id(draft.cell(place)): place for place in range(len(draft.top_cells))}
    triples = {draft.triple(place).triple: place for place in range(len(draft.top_triples))}
    pairs = {(cell, triple): row for row, (cell, triple) in enumerate(draft.pairs.tolist())}
    about = [(each.dataset, each.metric) for each in (draft.triple(place).triple for place in rank_boards(boards))]
    described: list[list[float] | None] = []
    for result in results:
        if result.cell is None:
            described.append(None)
            continue
        cell, triple = cells[id(result.cell)], triples[result.triple]
        pair = pairs[cell, triple]
        is_same = np.array([each == (result.triple.dataset, result.triple.metric) for each in about], dtype=np.bool_)
        likelihoods = [
            result.confidence,
            result.board,
            float(links[draft.top_cells[cell]][is_same].sum()),
            float(draft.pair_scores[pair]),
            _find_best_other(choices, draft.pairs, 1, triple, pair),
            _find_best_other(choices, draft.pairs, 0, cell, pair),
        ]
        own = is_own_result(draft.reading, result.cell)
        described.append(
            [
                *map(_log_odds, likelihoods),
                0.5 if own is None else float(own),
                *map(float, _describe_words(result.triple, result.cell)),
                *np.nan_to_num(draft.pair_features[pair, _PLACES], nan=0.0).tolist(),
            ]
        )
    return described


def _describe_words(triple: Triple, located: Located) -> list[bool]:
    """Whether the table may have several datasets of one model, the heads name another cut-off than the metric does
    (R@5, R@10), the cell holds several numbers, and the dataset's name has a part that tells it from others."""
    heads = (*located.cell.row, *located.cell.column)
    of_metric, of_heads = (set(_CUT_OFF.findall(" | ".join(texts))) for texts in ([triple.metric], heads))
    return [
        any(_TWO_DATASETS.search(each) for each in (*heads, located.table.caption or "")),
        bool(of_metric and of_heads and not of_metric & of_heads),
        any(sign in located.cell.value.text for sign in "/,"),
        any(sign in triple.dataset for sign in "(-"),
    ]


def _find_best_other(choices: Scores, pairs: np.ndarray, column: int, place: int, pair: int) -> float:
    """The best of the pairs that compete with one."""
    is_other = pairs[:, column] == place
    is_other[pair] = False
    return float(choices[is_other].max(initial=0.0))


def _log_odds(likelihood: float) -> float:
    bounded = min(max(likelihood, _LEAST), 1 - _LEAST)
    return math.log(bounded / (1 - bounded))


@cache
def load_judge(path: Path) -> Judge:
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["feature"]: row for row in csv.DictReader(file)}
    bias = float(rows.pop(_BIAS)["weight"])
    weights = {name: (float(row["mean"]), float(row["spread"]), float(row["weight"])) for name, row in rows.items()}
    return Judge(weights, bias)


def write_judge(path: Path, judge: Judge) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["feature", "mean", "spread", "weight"])
        for name in FEATURES:
            writer.writerow([name, *(f"{number:.5g}" for number in judge.weights[name])])
        writer.writerow([_BIAS, "", "", f"{judge.bias:.5g}"])
