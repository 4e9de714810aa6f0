"""How large the results of a metric are that leaderboards hold: of a dataset and metric, and of the metric alone."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

_POINTS = 20  # parts that known results are divided into
_PERCENT = 2  # from which on the smaller results of a metric are no fractions
_FEWEST = 3  # results of a dataset's metric, below which those of the metric on any dataset count

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """count: of results; points: from the smallest to the largest, at equal shares of them."""

    count: int
    points: tuple[float, ...]

    def factor(self, values: Numbers) -> Numbers:
        """What makes values as large as the known results: 100 for a fraction among percents, 0.01 for a percent among
        fractions, else 1.

        >>> make_scale([71, 74, 76]).factor(np.array([0.75, 75]))
        array([100.,   1.])
        """
        points, sizes = self.points, np.abs(values)
        if points[len(points) // 4] > _PERCENT:
            return np.where(sizes <= 1, 100.0, 1.0)
        return np.where(sizes > 1, 0.01, 1.0) if 0 < points[-1] <= 1 else np.ones_like(values)

    def place(self, values: Numbers) -> Numbers:
        """A row a value, made as large as the results: their number, the share of them below it, its distance from
        their median in powers of ten, and in spans of their middle half, and its factor."""
        points = self.points
        low, median, high = (points[len(points) * part // 4] for part in (1, 2, 3))
        factors = self.factor(values)
        scaled = factors * values
        columns = (
            np.full_like(values, math.log1p(self.count)),
            np.searchsorted(points, scaled) / len(points),
            np.array([_log(value) for value in scaled.tolist()]) - _log(median),
            (scaled - median) / (high - low) if high > low else np.full_like(values, math.nan),
            factors,
        )
        return np.stack(columns, axis=1)


def _log(value: float) -> float:
    """The power of ten, not by NumPy, whose last bit differs between processors: models split at exact values."""
    return math.log10(abs(value) + 1e-6)


def make_scale(values: Iterable[float]) -> Scale:
    """The scale of known results.

    >>> make_scale([3.0, 1.0, 2.0])
    Scale(count=3, points=(1.0, 2.0, 3.0))
    """
    known = sorted(values)
    if len(known) <= _POINTS:
        return Scale(len(known), tuple(known))
    points = tuple(known[round(part * (len(known) - 1) / _POINTS)] for part in range(_POINTS + 1))
    return Scale(len(known), points)


Scales = Mapping[tuple[str, str], Scale]  # (dataset, metric), and ("", metric)


def find_scale(scales: Scales, dataset: str, metric: str) -> Scale | None:
    """The scale of a dataset's metric, or that of the metric where too few results are known; None without any."""
    for at, fewest in (((dataset, metric), _FEWEST), (("", metric), 1)):
        scale = scales.get(at)
        if scale and scale.count >= fewest:
            return scale
    return None


@cache
def load_scales(path: Path) -> dict[tuple[str, str], Scale]:
    """The scales of a CSV with dataset, metric, results and points, which spaces part."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["dataset"], row["metric"]): Scale(int(row["results"]), tuple(map(float, row["points"].split())))
            for row in csv.DictReader(file)
        }


def write_scales(path: Path, scales: Scales) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["dataset", "metric", "results", "points"])
        for (dataset, metric), scale in sorted(scales.items()):
            writer.writerow([dataset, metric, scale.count, _join(scale.points)])


def _join(points: Sequence[float]) -> str:
    return " ".join(f"{point:.6g}" for point in points)
