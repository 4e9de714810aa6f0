"""Whether a cell is the result of a triple: what cell and triple have in common."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from transforms.results import matches
from transforms.results.cells import Located, column_key, describe_size
from transforms.results.matches import SHARE_TABLE, Matches, Tables
from transforms.results.paper import Reading, is_own, leaf
from transforms.results.relations import Scores
from transforms.results.scales import Numbers

K = TypeVar("K", bound=Hashable)
FEATURES = (
    "cell_score", "cell_rank", "triple_score", "triple_rank",
    *matches.FEATURES,
    "magnitude", "is_fraction", *matches.PLACE_FEATURES,
    "is_bold", "is_own_row", "is_own_column", "row_cites", "table_index", "decimals",
    "rank_in_column", "rank_in_row",
    "label_mean", "label_best", "label_place", "column_mean", "column_place", "table_mean", "table_place", "repeats",
)  # fmt: skip
MOST_CELLS, MOST_TRIPLES = 100, 50  # of a paper, the best first
_SURE_CELLS, _SURE_TRIPLES = 40, 5  # of which each goes with each
_SHARED = 0.5  # of a dataset's words stand around a cell, from which on they go together


def describe_pairs(
    reading: Reading,
    tables: Tables,
    cells: Sequence[tuple[Located, float, Sequence[float]]],
    triples: Matches,
    triple_scores: Scores,
) -> tuple[np.ndarray, Numbers]:
    """Each cell with each triple that may be its own: their places, a row a pair, and the FEATURES.

    cells: with their scores, the best first, and what compares them with their column and row; triples: likewise.
    """
    if not cells or not len(triple_scores):
        return np.zeros((0, 2), dtype=np.int64), np.zeros((0, len(FEATURES)))
    located = [cell for cell, _, _ in cells]
    matched = triples.describe([tables.view(cell) for cell in located])
    is_pair = matched[:, :, SHARE_TABLE] >= _SHARED
    is_pair[:_SURE_CELLS, :_SURE_TRIPLES] = True
    of_cell, of_triple = np.nonzero(is_pair)
    sizes = np.array([describe_size(cell) for cell in located])
    own = np.array([[*_describe_cell(reading, cell), *compared] for cell, _, compared in cells])
    features = np.concatenate(
        [
            np.array([score for _, score, _ in cells])[of_cell, None],
            of_cell[:, None],
            triple_scores[of_triple, None],
            of_triple[:, None],
            matched[is_pair],
            sizes[of_cell, :2],
            triples.place(np.array([cell.value for cell in located]))[is_pair],
            own[of_cell],
        ],
        axis=1,
    )
    return np.stack([of_cell, of_triple], axis=1), features


def _describe_cell(reading: Reading, located: Located) -> list[float]:
    return [
        float(located.cell.cell.seen.bold),
        float(is_own(reading.labels.get(leaf(located.cell.row)))),
        float(is_own(reading.labels.get(leaf(located.cell.column)))),
        float(len(located.cell.row_cites)),
        float(located.table_index),
        describe_size(located)[2],
    ]


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
