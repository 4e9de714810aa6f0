"""Links a paper's numbers to what they are results of, with the models that the project ships.

weights/ holds a model a stage (XGBoost's UBJSON, gzipped), the words' weights, the rates of names and the scales of
metrics, and metrics' canonical names at the time: `paperhouse evaluate train-results` makes them; and rows.csv, which
`paperhouse evaluate train-rows` makes.
"""

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import xgboost

from transforms.results import draft as drafts
from transforms.results.choose import Result, choose
from transforms.results.draft import Draft
from transforms.results.judge import Judge, describe_rows, load_judge
from transforms.results.links import describe_links, match_boards, rank_boards
from transforms.results.names import Names, load_names
from transforms.results.paper import read_zones
from transforms.results.relations import Features, Scores
from transforms.results.scales import Scales, load_scales
from transforms.results.triples import Rates
from transforms.results.words import Words, load_words
from transforms.tables.read import Paper

LINKER_VERSION = "3"
MOST_LINKED = 5_000  # cells of a paper, the likeliest
_CHUNK = 500  # cells whose features are held at once
STAGES = ("cells", "triples", "reports", "pairs", "choices", "boards", "links")
WEIGHTS = Path(__file__).with_name("weights")


@dataclass(frozen=True, slots=True)
class CellLink:
    """What a cell is about. confidence: that dataset and metric are right."""

    task: str
    dataset: str
    metric: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Linked:
    """links: of each numeric cell of the paper in order, null where none is likely. choices: of the draft's pairs that
    an editor takes them; boards: of its top triples that the paper is on them; link_scores: a row a cell, a column for
    each of rank_boards(boards). row_features: of each result what it is judged by, null without a number; rights: that
    metric, dataset and own method are right, null also without a judge."""

    draft: Draft
    results: list[Result]
    links: list[CellLink | None]
    choices: Scores
    boards: Scores
    link_scores: Scores
    row_features: list[list[float] | None]
    rights: list[float | None]


class Linker:
    """words: the weights of words; families: each metric's canonical name."""

    def __init__(
        self,
        names: Names,
        words: Words,
        rates: Rates,
        scales: Scales,
        families: Mapping[str, str],
        boosters: Mapping[str, xgboost.Booster],
        judge: Judge | None,
    ) -> None:
        self.names, self.words, self.rates, self.scales = names, words, rates, scales
        self.families, self.boosters, self.judge = families, boosters, judge

    def link(self, paper: Paper) -> Linked:
        """The results of a paper, and what each of its cells is about."""
        draft = drafts.start(read_zones(paper, self.names), self.words, self.rates, self.families)
        draft.cell_scores = self._predict("cells", draft.cell_features)
        draft.triple_scores = self._predict("triples", draft.triple_features)
        weight = self.words.weigh_body(drafts.list_body_words(draft.reading))
        report = drafts.describe_report(weight, draft.cell_scores, draft.triple_scores, drafts.measure(draft))
        draft.reports = float(self._predict("reports", report)[0])
        drafts.pair(draft, self.scales, self.families)
        draft.pair_scores = self._predict("pairs", draft.pair_features)
        choices = self._predict("choices", drafts.describe_choices(draft))
        boards = self._predict("boards", drafts.describe_boards(draft))
        link_scores = self._score_links(draft, boards)
        links = _take_likeliest(draft, boards, link_scores)
        results = choose(draft, choices, boards)
        row_features = describe_rows(draft, results, choices, boards, link_scores)
        rights = [self.judge.judge(row) if self.judge and row else None for row in row_features]
        return Linked(draft, results, links, choices, boards, link_scores, row_features, rights)

    def _score_links(self, draft: Draft, boards: Scores) -> Scores:
        """Of the likeliest cells; what no board is scored for keeps 0."""
        width = len(rank_boards(boards))
        scores = np.zeros((len(draft.cells), width))
        triples = match_boards(draft, boards, self.scales, self.families)
        places = np.sort(np.argsort(-draft.cell_scores, kind="stable")[:MOST_LINKED])
        for start in range(0, len(places), _CHUNK):
            chunk = places[start : start + _CHUNK]
            features = describe_links(draft, boards, triples, chunk.tolist())
            scores[chunk] = self._predict("links", features).reshape(len(chunk), width)
        return scores

    def weigh(self, stage: str, row: Features) -> list[float]:
        """What each feature of a row adds to the log-odds of a stage, and the stage's bias last."""
        matrix = xgboost.DMatrix(row.reshape(1, -1))
        return [float(part) for part in self.boosters[stage].predict(matrix, pred_contribs=True)[0]]

    def _predict(self, stage: str, features: Features) -> Scores:
        if not len(features):
            return np.zeros(0)
        return self.boosters[stage].inplace_predict(features).astype(np.float64)


def _take_likeliest(draft: Draft, boards: Scores, scores: Scores) -> list[CellLink | None]:
    """Of each cell the likeliest dataset and metric, with the likeliest task of theirs."""
    triples = [draft.triple(place).triple for place in rank_boards(boards)]
    links: list[CellLink | None] = []
    for row in scores:
        if not row.any():
            links.append(None)
            continue
        best = triples[int(row.argmax())]
        same = [(each.dataset, each.metric) == (best.dataset, best.metric) for each in triples]
        links.append(CellLink(best.task, best.dataset, best.metric, min(float(row[same].sum()), 1.0)))
    return links


@cache
def load_booster(path: Path) -> xgboost.Booster:
    booster = xgboost.Booster(params={"nthread": 1})
    booster.load_model(bytearray(gzip.decompress(path.read_bytes())))
    return booster


@cache
def load_rates(path: Path) -> Rates:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counts = {
        kind: {row["name"]: (int(row["results"]), int(row["mentions"])) for row in rows if row["kind"] == kind}
        for kind in ("dataset", "task")
    }
    return Rates(counts["dataset"], counts["task"])


@cache
def load_families(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["metric"]: row["family"] for row in csv.DictReader(file)}


@cache
def load_linker(folder: Path = WEIGHTS, has_judge: bool = True) -> Linker:
    """The linker that the project ships, or one of another folder of weights; without a judge, whose features may be
    others than its weights are of, to learn one."""
    return Linker(
        load_names(),
        load_words(folder / "words.npy.gz"),
        load_rates(folder / "rates.csv"),
        load_scales(folder / "scales.csv"),
        load_families(folder / "families.csv"),
        {stage: load_booster(folder / f"{stage}.ubj.gz") for stage in STAGES},
        load_judge(folder / "rows.csv") if has_judge and (folder / "rows.csv").exists() else None,
    )
