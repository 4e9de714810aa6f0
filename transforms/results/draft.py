"""What is known of a paper while it is linked, stage by stage, and the features that each stage's model reads.

cells: which numbers an editor would take; triples: which leaderboards the paper belongs to; reports: whether to any;
pairs: which cell goes with which triple, each on its own; choices and boards: pairs and triples again, beside what
they compete with; links: what a cell is about, whoever's result it is.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from transforms.results import cells as of_cells
from transforms.results import pairs as of_pairs
from transforms.results import triples as of_triples
from transforms.results.cells import Located, column_key, describe_cells, list_cells
from transforms.results.matches import Matches, Tables
from transforms.results.names import split_tokens
from transforms.results.paper import Reading, leaf
from transforms.results.relations import COMPARED, Features, Scores, compare
from transforms.results.scales import Numbers, Scales
from transforms.results.triples import Candidate, Rates, describe_triples, find_candidates
from transforms.results.words import Words

_COMMAND = re.compile(r"\\[A-Za-z@]+\*?(?:\[[^\]]{0,80}\])?(?:\{[\w.:/,-]*\})?")
_PAIR_GROUPS = ("triple", "cell", "dataset_metric", "label", "column", "table", "dataset", "label_triple")
_BOARD_GROUPS = ("dataset", "task", "pair", "dataset_metric")
_BEST = 3
_LARGEST = 1e30
REPORT_FEATURES = (
    "words", *(f"cell_{place}" for place in range(3)), "cell_sum",
    *(f"triple_{place}" for place in range(5)), "triple_sum",
    "cells", "triples", "tables", "characters", "bold_cells",
)  # fmt: skip
CHOICE_FEATURES = (
    *(f"{group}_{what}" for group in _PAIR_GROUPS for what in COMPARED),
    "pair_score", "reports", "pair_sum", "pair_best", "triple_sum",
    *of_pairs.FEATURES,
)  # fmt: skip
BOARD_FEATURES = (
    "score", *(f"pair_{place}" for place in range(_BEST)), "pair_sum", "pairs",
    *(f"{group}_{what}" for group in _BOARD_GROUPS for what in COMPARED),
    "triple_sum", "all_pairs", "reports", "rank",
    *of_triples.FEATURES,
)  # fmt: skip
_RANKS = [of_cells.FEATURES.index(name) for name in ("column_rank", "row_rank")]
_FACTOR = of_pairs.FEATURES.index("scale_factor")
_NO_SCORES: Scores = np.zeros(0)


@dataclass(slots=True)
class Draft:
    """cell_scores, triple_scores: of all cells and candidates. top_cells, top_triples: places of the best, in their
    order; pairs: places in these two, a row each."""

    reading: Reading
    cells: list[Located]
    candidates: list[Candidate]
    tables: Tables
    cell_features: Features
    triple_features: Features
    cell_scores: Scores = field(default_factory=lambda: _NO_SCORES)
    triple_scores: Scores = field(default_factory=lambda: _NO_SCORES)
    reports: float = 0.0
    top_cells: list[int] = field(default_factory=list)
    top_triples: list[int] = field(default_factory=list)
    pairs: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))
    pair_features: Features = field(default_factory=lambda: np.zeros((0, len(of_pairs.FEATURES)), dtype=np.float32))
    pair_scores: Scores = field(default_factory=lambda: _NO_SCORES)

    @property
    def pair_factors(self) -> Features:
        """By what each pair's number is made as large as the results of its triple."""
        return self.pair_features[:, _FACTOR]

    def triple(self, place: int) -> Candidate:
        """The candidate at a place of top_triples."""
        return self.candidates[self.top_triples[place]]

    def cell(self, place: int) -> Located:
        """The cell at a place of top_cells."""
        return self.cells[self.top_cells[place]]


def start(reading: Reading, words: Words, rates: Rates, families: Mapping[str, str]) -> Draft:
    """The cells and candidates of a paper with their features."""
    cells, candidates = list_cells(reading), find_candidates(reading)
    return Draft(
        reading,
        cells,
        candidates,
        Tables(reading, families),
        make_matrix(describe_cells(reading, cells, words), len(of_cells.FEATURES)),
        make_matrix(describe_triples(reading, candidates, rates, families), len(of_triples.FEATURES)),
    )


def make_matrix(rows: Iterable[Sequence[float]], width: int) -> Features:
    """The rows as an array."""
    return bound(np.array(list(rows)).reshape(-1, width))


def bound(numbers: Numbers) -> Features:
    """The numbers as features: what a table says may be larger than these can be."""
    bounded: Features = np.clip(numbers, -_LARGEST, _LARGEST).astype(np.float32)
    return bounded


def list_body_words(reading: Reading) -> set[str]:
    """The words of a paper's text, without commands and numbers."""
    return {f"b:{word}" for word in split_tokens(_COMMAND.sub(" ", reading.body)) if not word.isdigit()}


def measure(draft: Draft) -> list[float]:
    """How much the paper holds: cells, candidates, tables, characters, bold cells."""
    bold = sum(each.cell.cell.seen.bold for each in draft.cells)
    tables = draft.reading.paper.tables
    return [
        float(size) for size in (len(draft.cells), len(draft.candidates), len(tables), len(draft.reading.body), bold)
    ]


def describe_report(words: float, cells: Scores, triples: Scores, sizes: Sequence[float]) -> Features:
    """One row, in the order of REPORT_FEATURES. words: the weight of the text's words; cells, triples: all scores."""
    row = [words, *_take_best(cells, 3), cells.sum(), *_take_best(triples, 5), triples.sum(), *sizes]
    return np.array([row], dtype=np.float32)


def _take_best(scores: Scores, count: int) -> list[float]:
    best = np.sort(scores)[::-1][:count]
    return [*best.tolist(), *[0.0] * (count - len(best))]


def pair(draft: Draft, scales: Scales, families: Mapping[str, str]) -> None:
    """Gives the draft the pairs of its best cells and triples, with their features."""
    draft.top_cells = np.argsort(-draft.cell_scores, kind="stable")[: of_pairs.MOST_CELLS].tolist()
    draft.top_triples = np.argsort(-draft.triple_scores, kind="stable")[: of_pairs.MOST_TRIPLES].tolist()
    compared = of_pairs.compare_scores(draft.cells, draft.cell_scores.tolist())
    ranks = draft.cell_features[:, _RANKS].tolist()
    draft.pairs, features = of_pairs.describe_pairs(
        draft.reading,
        draft.tables,
        [(draft.cells[at], float(draft.cell_scores[at]), [*ranks[at], *compared[at]]) for at in draft.top_cells],
        Matches([draft.candidates[at] for at in draft.top_triples], scales, families),
        _top_scores(draft),
    )
    draft.pair_features = bound(features)


def describe_choices(draft: Draft) -> Features:
    """The pairs beside what they compete with, in the order of CHOICE_FEATURES."""
    scores = draft.pair_scores
    groups: dict[str, list[Hashable]] = defaultdict(list)
    for cell_place, triple_place in draft.pairs.tolist():
        located, triple = draft.cell(cell_place), draft.triple(triple_place).triple
        label = leaf(located.cell.row)
        groups["triple"].append(triple_place)
        groups["cell"].append(cell_place)
        groups["dataset_metric"].append((triple.dataset, triple.metric))
        groups["label"].append(label)
        groups["column"].append((*column_key(located), triple_place))
        groups["table"].append(located.table_index)
        groups["dataset"].append(triple.dataset)
        groups["label_triple"].append((label, triple_place))
    compared = [compare(scores, groups[name]) for name in _PAIR_GROUPS]
    count = len(scores)
    paper = [draft.reports, scores.sum(), scores.max(initial=0.0), _top_scores(draft).sum()]
    whole = np.concatenate([scores[:, None], np.broadcast_to(np.array(paper), (count, len(paper)))], axis=1)
    return np.concatenate([*compared, whole.astype(np.float32), draft.pair_features], axis=1, dtype=np.float32)


def _top_scores(draft: Draft) -> Scores:
    return draft.triple_scores[draft.top_triples]


def describe_boards(draft: Draft) -> Features:
    """The best triples beside each other and with their pairs, in the order of BOARD_FEATURES."""
    count = len(draft.top_triples)
    scores = _top_scores(draft)
    triples = [draft.triple(place).triple for place in range(count)]
    groups: dict[str, Sequence[Hashable]] = {
        "dataset": [each.dataset for each in triples],
        "task": [each.task for each in triples],
        "pair": [(each.task, each.dataset) for each in triples],
        "dataset_metric": [(each.dataset, each.metric) for each in triples],
    }
    of_triple = [draft.pair_scores[draft.pairs[:, 1] == place] for place in range(count)]
    own = [[*_take_best(each, _BEST), each.sum(), float(len(each))] for each in of_triple]
    paper = [scores.sum(), draft.pair_scores.sum(), draft.reports]
    columns = [
        scores[:, None],
        np.array(own).reshape(count, _BEST + 2),
        *(compare(scores, groups[name]) for name in _BOARD_GROUPS),
        np.broadcast_to(np.array(paper), (count, len(paper))),
        np.arange(count)[:, None],
        draft.triple_features[np.array(draft.top_triples, dtype=np.int64)],
    ]
    return np.concatenate(columns, axis=1, dtype=np.float32)
