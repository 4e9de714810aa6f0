"""Learns from rows of boards that were judged by reading how sure a claim's row is, by scikit-learn."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from transforms.claims.scorer import logistic, logit
from transforms.identity.keys import stable_hash
from warehouse.errors import UsageError
from warehouse.evaluation.judging import Judged, find_threshold, read_lines
from warehouse.storage.connection import rows

_INVERSE_PENALTY = 1.0  # scikit-learn's C, by cross-validation over papers
_FOLDS = 6
_ENTRIES = """
select coalesce(papers.arxiv_id, papers.title) as paper, board.dataset, board.metric, board.value_text as value,
    claims.confidence as claim_confidence, board.is_sure,
    list_append(board.signs, if(board.cell_id is null, null, 'in_own_table')) as signs
from leaderboard as board inner join fct_papers as papers using (paper_id)
left join fct_claimed_metrics as claims using (claim_id)
"""

Row = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """Judged rows of a split: how many there are and are right, and how many of these boards show as sure; gone: those
    that boards do not have any more."""

    rows: int
    right: int
    shown: int
    shown_right: int
    gone: int


def learn_boards(connection: duckdb.DuckDBPyConnection, gold: Path, out: Path) -> Judged:
    """Learns from the judged claims that the publication's boards still have, those of the split 'tune', and
    writes a weight for each sign into a file: dbt_project/seeds/board_weights.csv.

    Raises UsageError where a line is no judged row, or the publication has none of them.
    """
    judged = [row for row in read_judged(gold) if row["split"] == "tune" and row["evidence"] == "claim"]
    entries = _read_entries(connection)
    found = [(row, entry) for row in judged if (entry := entries.get(_key(row["paper"], **row["row"])))]
    found = [
        (row, entry) for row, entry in found if entry["claim_confidence"] is not None and entry["signs"] is not None
    ]
    if not found:
        raise UsageError(f"no row of {gold} is on a board of this publication", "Publish the papers that it names.")
    signs = sorted({sign for _, entry in found for sign in entry["signs"] if sign})
    matrix = np.array([_describe(entry, signs) for _, entry in found])
    rights = np.array([is_right(row) for row, _ in found])
    folds = np.array([int(stable_hash(row["paper"]), 16) % _FOLDS for row, _ in found])
    likely = np.zeros(len(rights))
    for fold in range(_FOLDS):
        weights = _fit(matrix[folds != fold], rights[folds != fold])
        likely[folds == fold] = [logistic(float(row @ weights)) for row in matrix[folds == fold]]
    _write(out, dict(zip(["any", "confidence", *signs], _fit(matrix, rights).tolist(), strict=True)))
    return Judged(len(found), len(judged) - len(found), *find_threshold(likely, rights))


def score_boards(connection: duckdb.DuckDBPyConnection, gold: Path) -> dict[str, Shown]:
    """By split and evidence: what of the judged rows the publication's boards show, and what of it is right."""
    entries = _read_entries(connection)
    parts: dict[str, list[tuple[Row, Row | None]]] = {}
    for row in read_judged(gold):
        found = entries.get(_key(row["paper"], **row["row"]))
        parts.setdefault(f"{row['split']}, {row['evidence']}", []).append((row, found))
    return {
        name: Shown(
            rows=len(part),
            right=sum(is_right(row) for row, _ in part),
            shown=sum(bool(entry and entry["is_sure"]) for _, entry in part),
            shown_right=sum(bool(entry and entry["is_sure"]) and is_right(row) for row, entry in part),
            gone=sum(entry is None for _, entry in part),
        )
        for name, part in sorted(parts.items())
    }


def read_judged(gold: Path) -> list[Row]:
    """The lines of a file of judged rows. Raises UsageError for one that is none."""
    return read_lines(gold, _read_judged)


def _read_judged(row: Row) -> Row:
    _key(row["paper"], **row["row"])
    return {"split": row["split"], "evidence": row["evidence"], "right": dict(row["right"]), **row}


def is_right(row: Row) -> bool:
    """Whether the row belongs on its board, as the reader says."""
    return all(row["right"].values())


def _read_entries(connection: duckdb.DuckDBPyConnection) -> Mapping[tuple[str, ...], Row]:
    found = rows(connection, _ENTRIES)
    return {
        _key(each["paper"], each["dataset"], each["metric"], each["value"]): each for each in found if each["value"]
    }


def _key(paper: str, dataset: str, metric: str, value: str) -> tuple[str, ...]:
    return paper, dataset, metric, value


def _describe(entry: Row, signs: Sequence[str]) -> list[float]:
    return [1.0, logit(entry["claim_confidence"]), *(float(sign in entry["signs"]) for sign in signs)]


def _fit(matrix: np.ndarray, rights: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_INVERSE_PENALTY).fit(matrix[:, 1:], rights)
    return np.concatenate([model.intercept_, model.coef_[0]])


def _write(out: Path, weights: Mapping[str, float]) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sign", "weight"])
        writer.writerows((sign, round(weight, 3)) for sign, weight in weights.items())
