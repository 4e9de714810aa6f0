"""How a score stands to those that it competes with: a second look, at all pairs and triples of a paper together."""

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
Features = npt.NDArray[np.float32]
COMPARED = ("share", "to_best", "rank", "likely", "sum", "second")
_LIKELY = 0.1


def compare(scores: Scores, groups: Sequence[Hashable]) -> Features:
    """Of each score: its share of its group's sum, its part of the best, its rank, the number of likely ones in the
    group, their sum, and the second best."""
    if not len(scores):
        return np.zeros((0, len(COMPARED)), dtype=np.float32)
    numbers: dict[Hashable, int] = {}
    group = np.fromiter((numbers.setdefault(each, len(numbers)) for each in groups), dtype=np.int64, count=len(scores))
    count = len(numbers)
    sums = np.bincount(group, weights=scores, minlength=count)
    likely = np.bincount(group, weights=scores > _LIKELY, minlength=count)
    order = np.lexsort((-scores, group))
    ordered, starts = group[order], np.searchsorted(group[order], np.arange(count))
    rank = np.empty(len(scores))
    rank[order] = np.arange(len(scores)) - starts[ordered]
    best = scores[order[starts]]
    sizes = np.bincount(group, minlength=count)
    second = np.where(sizes > 1, scores[order[np.minimum(starts + 1, len(scores) - 1)]], 0.0)
    tiny = 1e-9
    columns = (
        scores / (sums[group] + tiny),
        scores / (best[group] + tiny),
        rank,
        likely[group],
        sums[group],
        second[group],
    )
    return np.stack(columns, axis=1).astype(np.float32)
