"""Whether a cell is the result of a triple: what cell and triple have in common."""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from transforms.results.cells import Located, column_key, describe_size
from transforms.results.names import split_tokens
from transforms.results.paper import Reading, is_own, leaf
from transforms.results.scales import Scales, find_scale
from transforms.results.triples import Candidate, family_of

K = TypeVar("K", bound=Hashable)
MATCH_FEATURES = (
    "dataset_in_column", "dataset_in_row", "dataset_in_caption", "dataset_in_section",
    "dataset_share_column", "dataset_share_row", "dataset_share_caption", "dataset_share_table",
    "other_datasets_in_path", "is_dataset_in_other_heads", "other_datasets_in_caption",
    "metric_in_column", "metric_in_row", "metric_in_caption",
    "metric_share_column", "metric_share_row", "metric_share_caption", "metric_share_table",
    "is_family_in_column", "is_family_in_row", "is_family_in_caption",
    "other_metrics_in_path", "is_metric_in_other_heads",
    "task_in_caption", "task_share_caption", "task_share_section", "task_share_path",
)  # fmt: skip
FEATURES = (
    "cell_score", "cell_rank", "triple_score", "triple_rank",
    *MATCH_FEATURES,
    "magnitude", "is_fraction", "scale_count", "scale_place", "scale_distance", "scale_step", "scale_factor",
    "is_bold", "is_own_row", "is_own_column", "row_cites", "table_index", "decimals",
    "rank_in_column", "rank_in_row",
    "label_mean", "label_best", "label_place", "column_mean", "column_place", "table_mean", "table_place", "repeats",
)  # fmt: skip
_SHARE_TABLE = MATCH_FEATURES.index("dataset_share_table")
MOST_CELLS, MOST_TRIPLES = 100, 50  # of a paper, the best first
_SURE_CELLS, _SURE_TRIPLES = 40, 5  # of which each goes with each
_NO_SCALE = [0.0, math.nan, math.nan, math.nan]
_SHARED = 0.5  # of a dataset's words stand around a cell, from which on they go together


@dataclass(slots=True)
class View:
    """The names, as kind and name, and the words around a cell; families: canonical metrics; others: what the table's
    other heads name."""

    column: set[tuple[str, str]]
    row: set[tuple[str, str]]
    caption: set[tuple[str, str]]
    section: set[tuple[str, str]]
    others: set[tuple[str, str]]
    column_tokens: frozenset[str]
    row_tokens: frozenset[str]
    caption_tokens: frozenset[str]
    section_tokens: frozenset[str]
    table_tokens: frozenset[str]
    column_families: set[str]
    row_families: set[str]
    caption_families: set[str]


class Tables:
    """The views of a paper's cells, each made once."""

    def __init__(self, reading: Reading, families: Mapping[str, str]) -> None:
        self.reading, self.families = reading, families
        self._views: dict[tuple[int, tuple[str, ...], tuple[str, ...]], View] = {}

    def _families(self, names: set[tuple[str, str]]) -> set[str]:
        return {family_of(name, self.families) for kind, name in names if kind == "metric"}

    def view(self, located: Located) -> View:
        key = (located.table_index, located.cell.row, located.cell.column)
        if key not in self._views:
            self._views[key] = self._make(located)
        return self._views[key]

    def _names(self, heads: Sequence[str]) -> set[tuple[str, str]]:
        return {name for head in heads for name in self.reading.find(head).whole}

    def _words(self, heads: Sequence[str]) -> frozenset[str]:
        return frozenset().union(*(self.reading.split(head) for head in heads))

    def _make(self, located: Located) -> View:
        reading = self.reading
        cell, table = located.cell, located.table
        column, row = self._names(cell.column), self._names(cell.row)
        caption = set(reading.of_caption[located.table_index].whole)
        tokens = (
            self._words(cell.column),
            self._words(cell.row),
            reading.split(table.caption or ""),
            reading.split(table.section or ""),
        )
        return View(
            column,
            row,
            caption,
            set(reading.find(table.section or "").whole),
            set(reading.of_heads[located.table_index].whole) - column - row,
            *tokens,
            frozenset[str]().union(*tokens),
            self._families(column),
            self._families(row),
            self._families(caption),
        )


def _share(tokens: frozenset[str], of: frozenset[str]) -> float:
    return len(tokens & of) / len(tokens) if tokens else 0.0


def _find_in(name: tuple[str, str], view: View) -> list[float]:
    return [float(name in view.column), float(name in view.row), float(name in view.caption)]


def _share_with(tokens: frozenset[str], view: View) -> list[float]:
    parts = (view.column_tokens, view.row_tokens, view.caption_tokens, view.table_tokens)
    return [_share(tokens, part) for part in parts]


def _count_others(name: tuple[str, str], names: set[tuple[str, str]]) -> float:
    """The other names of its kind."""
    return float(sum(each[0] == name[0] and each != name for each in names))


class OfCandidate:
    """A candidate, ready to be compared with cells."""

    def __init__(self, candidate: Candidate, scales: Scales, families: Mapping[str, str]) -> None:
        triple = candidate.triple
        self.dataset, self.metric, self.task = (
            ("dataset", triple.dataset), ("metric", triple.metric), ("task", triple.task),
        )  # fmt: skip
        self.dataset_tokens = frozenset(split_tokens(triple.dataset))
        self.metric_tokens = frozenset(split_tokens(triple.metric))
        self.task_tokens = frozenset(split_tokens(triple.task))
        self.family = family_of(triple.metric, families)
        self.scale = find_scale(scales, triple.dataset, triple.metric)
        self._matches: dict[int, list[float]] = {}

    def match(self, view: View) -> list[float]:
        if id(view) not in self._matches:
            self._matches[id(view)] = [*self._match_dataset(view), *self._match_metric(view), *self._match_task(view)]
        return self._matches[id(view)]

    def place(self, value: float) -> list[float]:
        """How the value lies among the known results of dataset and metric, and by what it is made as large as they."""
        factor = self.factor(value)
        return [*(self.scale.place(factor * value) if self.scale else _NO_SCALE), factor]

    def factor(self, value: float) -> float:
        return self.scale.factor(value) if self.scale else 1.0

    def _match_dataset(self, view: View) -> list[float]:
        dataset = self.dataset
        return [
            *_find_in(dataset, view),
            float(dataset in view.section),
            *_share_with(self.dataset_tokens, view),
            _count_others(dataset, view.column | view.row),
            float(dataset in view.others),
            _count_others(dataset, view.caption),
        ]

    def _match_metric(self, view: View) -> list[float]:
        metric = self.metric
        return [
            *_find_in(metric, view),
            *_share_with(self.metric_tokens, view),
            float(self.family in view.column_families),
            float(self.family in view.row_families),
            float(self.family in view.caption_families),
            _count_others(metric, view.column | view.row),
            float(metric in view.others),
        ]

    def _match_task(self, view: View) -> list[float]:
        return [
            float(self.task in view.caption),
            _share(self.task_tokens, view.caption_tokens),
            _share(self.task_tokens, view.section_tokens),
            _share(self.task_tokens, view.column_tokens | view.row_tokens),
        ]


def describe_pairs(
    reading: Reading,
    tables: Tables,
    cells: Sequence[tuple[Located, float, Sequence[float]]],
    candidates: Sequence[tuple[OfCandidate, float]],
) -> Iterator[tuple[int, int, list[float]]]:
    """Each cell with each candidate that may be its own: their places, and features in the order of FEATURES.

    cells: with their scores, the best first, and what compares them with their column and row; candidates: likewise.
    """
    for cell_rank, (located, cell_score, compared) in enumerate(cells):
        view = tables.view(located)
        magnitude, is_fraction, decimals = describe_size(located)
        base = [
            float(located.cell.cell.seen.bold),
            float(is_own(reading.labels.get(leaf(located.cell.row)))),
            float(is_own(reading.labels.get(leaf(located.cell.column)))),
            float(len(located.cell.row_cites)),
            float(located.table_index),
            decimals,
            *compared,
        ]
        for triple_rank, (of_candidate, triple_score) in enumerate(candidates):
            matched = of_candidate.match(view)
            is_sure = cell_rank < _SURE_CELLS and triple_rank < _SURE_TRIPLES
            if not is_sure and matched[_SHARE_TABLE] < _SHARED:
                continue
            features = [
                cell_score,
                float(cell_rank),
                triple_score,
                float(triple_rank),
                *matched,
                magnitude,
                is_fraction,
                *of_candidate.place(located.value),
                *base,
            ]
            yield cell_rank, triple_rank, features


def compare_scores(cells: Sequence[Located], scores: Sequence[float]) -> list[list[float]]:
    """How each cell's score stands to those of the same row's head, column and table: mean, best and place of the
    row's head over all tables, mean of the column and place in it, mean of the table and place among tables, and how
    often the number stands in the paper."""
    by_label = _collect((leaf(each.cell.row) for each in cells), scores)
    by_column = _collect(map(column_key, cells), scores)
    by_table = _collect((each.table_index for each in cells), scores)
    best = {key: max(found) for key, found in by_label.items()}
    labels = _rank(best)
    tables = _rank({key: _mean(sorted(found)[-5:]) for key, found in by_table.items()})
    means = [{key: _mean(found) for key, found in groups.items()} for groups in (by_label, by_column, by_table)]
    repeats = Counter(each.cell.value.text for each in cells)
    described: list[list[float]] = []
    for each, score in zip(cells, scores, strict=True):
        label, column = leaf(each.cell.row), column_key(each)
        described.append(
            [
                means[0][label],
                best[label],
                labels[label],
                means[1][column],
                float(sum(other > score for other in by_column[column])),
                means[2][each.table_index],
                tables[each.table_index],
                float(repeats[each.cell.value.text]),
            ]
        )
    return described


def _collect(keys: Iterable[K], scores: Sequence[float]) -> dict[K, list[float]]:
    groups: dict[K, list[float]] = defaultdict(list)
    for key, score in zip(keys, scores, strict=True):
        groups[key].append(score)
    return groups


def _rank(values: Mapping[K, float]) -> dict[K, float]:
    order = sorted(values, key=lambda key: -values[key])
    return {key: float(place) for place, key in enumerate(order)}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
