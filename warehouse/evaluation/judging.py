"""Learns from rows that were judged by reading whether a result of a table belongs on its leaderboard, by
scikit-learn."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from transforms.parallel import parallel_imap
from transforms.results.choose import Result
from transforms.results.judge import FEATURES, Judge, write_judge
from transforms.results.linker import load_linker
from warehouse.errors import UsageError
from warehouse.evaluation.linking import find_source, read_source

_INVERSE_PENALTY = 0.05  # scikit-learn's C, by cross-validation over papers
_FOLDS = 8
_PRECISION = 0.9  # of the rows that are shown
_RIGHT = ("metric", "dataset", "own")
_ASKED = ("level", "board")  # of those rows alone that stood on boards

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Judged:
    """rows: that were learned from; lost: that the linker does not take any more; threshold: the least probability at
    which, in cross-validation over papers, the share that is right is _PRECISION; shown: rows above it, right: of
    them."""

    rows: int
    lost: int
    threshold: float
    shown: int
    right: int


def learn_judge(sources: Sequence[Path], gold: Path, out: Path) -> Judged:
    """Learns from the e-prints of the judged papers, and writes what it learned into a file.

    Raises UsageError where a line is no judged row, or no e-print of its papers is there.
    """
    papers = _read_gold(gold)
    folders = {paper: folder for paper in papers if (folder := _find_folder(sources, paper))}
    if not folders:
        raise UsageError(f"no e-print of {gold} is in {', '.join(map(str, sources))}", "They are named ID.gz.")
    described = parallel_imap(_describe, iter(folders.items()), papers)
    found = [
        (paper, features, is_right)
        for paper, rows in zip(folders, described, strict=True)
        for features, is_right in rows
    ]
    matrix = np.array([features for _, features, _ in found])
    rights = np.array([is_right for *_, is_right in found])
    write_judge(out, _fit(matrix, rights))
    threshold, shown, right = _validate(matrix, rights, [paper for paper, *_ in found])
    return Judged(len(found), sum(map(len, papers.values())) - len(found), threshold, shown, right)


def _read_gold(gold: Path) -> dict[str, list[Row]]:
    def read(row: Row) -> tuple[str, Row]:
        right = [*(row["right"][name] for name in _RIGHT), *(row["right"].get(name, True) for name in _ASKED)]
        return row["paper"], row["row"] | {"is_right": all(right)}

    papers: dict[str, list[Row]] = defaultdict(list)
    for paper, row in read_lines(gold, read):
        papers[paper].append(row)
    return papers


def read_lines(gold: Path, read: Callable[[Row], T]) -> list[T]:
    """The judged rows of a file, as `read` gives them. Raises UsageError for a line of which it makes nothing."""
    found: list[T] = []
    for number, line in enumerate(gold.read_text("utf-8").splitlines(), 1):
        try:
            found.append(read(json.loads(line)))
        except (ValueError, TypeError, KeyError) as error:
            raise UsageError(f"{gold}, line {number}, is no judged row: {error}", "See tests/gold/README.md.") from None
    return found


def _find_folder(sources: Iterable[Path], paper: str) -> Path | None:
    return next((folder for folder in sources if find_source(folder, paper)), None)


def _describe(place: tuple[str, Path], papers: Mapping[str, list[Row]]) -> list[tuple[list[float], bool]]:
    """The features of those of a paper's judged rows that the linker takes, and whether each is right. place: the
    paper, and the folder of its e-print."""
    name, folder = place
    paper = read_source(folder, name)
    if paper is None:
        return []
    linked = load_linker(has_judge=False).link(paper)
    described = zip(linked.results, linked.row_features, strict=True)
    taken = {_key(result): features for result, features in described if features}
    judged = (
        (taken.get((row["task"], row["dataset"], row["metric"], row["value"])), row["is_right"]) for row in papers[name]
    )
    return [(features, is_right) for features, is_right in judged if features]


def _key(result: Result) -> tuple[str, str, str, str]:
    triple = result.triple
    return triple.task, triple.dataset, triple.metric, result.cell.cell.value.text if result.cell else ""


def _fit(matrix: np.ndarray, rights: np.ndarray) -> Judge:
    from sklearn.linear_model import LogisticRegression

    means, spreads = matrix.mean(axis=0), matrix.std(axis=0)
    spreads[spreads == 0] = 1.0
    model = LogisticRegression(C=_INVERSE_PENALTY).fit((matrix - means) / spreads, rights)
    parts = zip(FEATURES, means.tolist(), spreads.tolist(), model.coef_[0].tolist(), strict=True)
    return Judge({name: (mean, spread, weight) for name, mean, spread, weight in parts}, float(model.intercept_[0]))


def _validate(matrix: np.ndarray, rights: np.ndarray, papers: Sequence[str]) -> tuple[float, int, int]:
    """(threshold, rows above it, right ones of them), each row judged by what was learned from other papers."""
    fold_of = {paper: place % _FOLDS for place, paper in enumerate(sorted(set(papers)))}
    folds = np.array([fold_of[paper] for paper in papers])
    likely = np.zeros(len(rights))
    for fold in range(_FOLDS):
        judge = _fit(matrix[folds != fold], rights[folds != fold])
        likely[folds == fold] = [judge.judge(row) for row in matrix[folds == fold]]
    return find_threshold(likely, rights)


def find_threshold(likely: np.ndarray, rights: np.ndarray) -> tuple[float, int, int]:
    """(the least probability at which the share that is right is _PRECISION, rows above it, right ones of them)."""
    order = np.argsort(-likely, kind="stable")
    shares = np.cumsum(rights[order]) / np.arange(1, len(rights) + 1)
    good = np.flatnonzero(shares >= _PRECISION)
    shown = int(good[-1]) + 1 if len(good) else 0
    return float(likely[order[shown - 1]]) if shown else 1.0, shown, int(rights[order[:shown]].sum())
