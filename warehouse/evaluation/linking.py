"""Learns the linker's models from papers' sources and the results that leaderboards held for them.

Each stage is learned on what the stages before say of papers that they were not learned from (three folds), and each
paper is read with the names as they were without its own results.
"""

import csv
import gzip
import hashlib
from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import scipy.sparse  # type: ignore[import-untyped]
import xgboost

from transforms.parallel import parallel_map
from transforms.results import draft as drafts
from transforms.results.cells import FEATURES as CELL_FEATURES
from transforms.results.cells import WORD_ZONES, Located, split_words
from transforms.results.draft import Draft, list_body_words
from transforms.results.links import describe_links, match_boards, rank_boards
from transforms.results.names import Names, load_names
from transforms.results.paper import Reading, read_zones
from transforms.results.relations import Features, Scores
from transforms.results.scales import Scale, Scales, make_scale, write_scales
from transforms.results.triples import Candidate, Rates
from transforms.results.words import NO_WORDS, SIZE, Words, hash_words, write_words
from transforms.tables.archive import NoSourceError, read_sources
from transforms.tables.read import Paper, read_paper
from warehouse.errors import UsageError
from warehouse.evaluation.results import read_annotated, read_number

FOLDS = 3
_PARTS = 12  # of the papers, of which one is kept apart for tests and one for tuning
_OTHERS = 5  # one of so many papers without results teaches the pairs
_WORD_COLUMNS = [CELL_FEATURES.index(f"words_{zone}") for zone in WORD_ZONES]
_PARAMETERS: Mapping[str, Any] = {
    "objective": "binary:logistic", "tree_method": "hist", "max_depth": 7, "eta": 0.08, "min_child_weight": 10,
    "subsample": 0.7, "colsample_bytree": 0.6, "max_bin": 128, "seed": 0,
}  # fmt: skip
_ROUNDS = {"cells": 250, "triples": 250, "reports": 150, "pairs": 250, "choices": 200, "boards": 200, "links": 120}
_SPECIAL: Mapping[str, Mapping[str, Any]] = {
    "reports": {"max_depth": 4, "eta": 0.05, "min_child_weight": 5},
    "choices": {"max_depth": 6, "colsample_bytree": 0.5, "min_child_weight": 15},
    "boards": {"max_depth": 5},
    "links": {"max_depth": 5},
}

Key = tuple[str, str, str]
Name = tuple[str, str]
Report = Callable[[str], None]
_MOST_WRONG = 1_200_000  # rows that a model is learned from
_FACTORS = (1, 100, 0.01)  # a table may give fractions where leaderboards have percent, and the other way round
_RAREST_WORD = 15  # papers that a word of a text must stand in
_SMALLEST = 1e-3  # weights of words below it are left out
Gold = Mapping[str, Sequence[Mapping[str, Any]]]


def split_of(arxiv_id: str) -> str:
    """'test' of one paper of twelve, by a hash of its id, 'tune' of another, else 'look'."""
    return {0: "test", 1: "tune"}.get(_hash(arxiv_id) % _PARTS, "look")


def _hash(arxiv_id: str) -> int:
    return int(hashlib.sha256(arxiv_id.encode()).hexdigest(), 16)


def keys_of(results: Iterable[Mapping[str, Any]]) -> list[Key]:
    return [(result["task"], result["dataset"], result["metric"]) for result in results]


def find_source(folder: Path, arxiv_id: str) -> Path | None:
    """The e-print of a paper in a folder of them."""
    files = (folder / f"{arxiv_id}{ending}" for ending in (".gz", ".tar.gz", ".tar"))
    return next((file for file in files if file.exists()), None)


def read_source(folder: Path, arxiv_id: str) -> Paper | None:
    """The paper of a folder of e-prints; None where there is none that can be read."""
    file = find_source(folder, arxiv_id)
    try:
        return read_paper(read_sources(file.read_bytes()).files) if file else None
    except NoSourceError:
        return None


@dataclass(frozen=True)
class _Context:
    """What every paper is read with."""

    sources: Path
    gold: Gold
    names: Names
    families: Mapping[str, str]
    rates: Rates
    values: Mapping[tuple[str, str], Sequence[tuple[str, float]]]  # (dataset, metric) → results with their papers
    scales: dict[tuple[str, str], Scale]

    def own_scales(self, arxiv_id: str) -> Scales:
        """The scales as they are without the paper's results."""
        changed = {
            at for _, dataset, metric in keys_of(self.gold[arxiv_id]) for at in ((dataset, metric), ("", metric))
        }
        others = {at: [value for paper, value in self.values.get(at, ()) if paper != arxiv_id] for at in changed}
        return ChainMap({at: make_scale(values) for at, values in others.items()}, self.scales)

    def read(self, arxiv_id: str) -> Reading | None:
        """A paper, read with the names as they are without it."""
        paper = read_source(self.sources, arxiv_id)
        return read_zones(paper, self.names.hide(keys_of(self.gold[arxiv_id]))) if paper else None

    def start(self, arxiv_id: str) -> Draft | None:
        """The draft of a paper, read as if names, rates and scales had not been learned from it."""
        reading = self.read(arxiv_id)
        if reading is None:
            return None
        seen = _list_mentioned(reading)
        own = _names_of(keys_of(self.gold[arxiv_id])) & seen
        rates = Rates(self.rates.datasets, self.rates.tasks, own, seen)
        return drafts.start(reading, NO_WORDS, rates, self.families)


def _list_mentioned(reading: Reading) -> frozenset[Name]:
    mentioned = (name for mentions in reading.mentions.values() for name in mentions.whole)
    return frozenset(name for name in mentioned if name[0] in ("task", "dataset"))


def _names_of(keys: Iterable[Key]) -> frozenset[Name]:
    return frozenset(name for task, dataset, _ in keys for name in (("task", task), ("dataset", dataset)))


# Passes: what is done with each paper, on all processors. A piece has what the stages before say of the paper.


@dataclass(slots=True)
class Stage:
    """The features of a paper's rows at a stage, whether each is right, and the scores that the stage gives them."""

    features: Features
    is_right: np.ndarray
    scores: Scores = field(default_factory=lambda: np.zeros(0))


@dataclass(slots=True)
class _Paper:
    """cell_words: places of the words of each cell, by zone."""

    arxiv_id: str
    fold: int
    has_results: bool
    cell_words: list[list[list[int]]]
    body_words: list[int]
    cells: Stage
    triples: Stage
    sizes: list[float]
    words: float = 0.0  # the weight of its text's words


def _mention(arxiv_id: str, context: _Context) -> frozenset[Name] | None:
    reading = context.read(arxiv_id)
    return _list_mentioned(reading) if reading else None


def _describe(arxiv_id: str, context: _Context) -> _Paper | None:
    draft = context.start(arxiv_id)
    if draft is None:
        return None
    results = context.gold[arxiv_id]
    values = {read_number(result["score"]) for result in results} - {None}
    keys = set(keys_of(results))
    return _Paper(
        arxiv_id,
        _hash(arxiv_id) // _PARTS % FOLDS,
        bool(results),
        [[hash_words(words[zone]) for zone in WORD_ZONES] for words in map(split_words, draft.cells)],
        hash_words(sorted(list_body_words(draft.reading))),
        Stage(
            draft.cell_features,
            _mark(any(_scale(each, factor) in values for factor in _FACTORS) for each in draft.cells),
        ),
        Stage(draft.triple_features, _mark(_key(each) in keys for each in draft.candidates)),
        drafts.measure(draft),
    )


def _mark(rights: Iterable[bool]) -> np.ndarray:
    return np.array(list(rights), dtype=bool)


def _key(candidate: Candidate) -> Key:
    return candidate.triple.task, candidate.triple.dataset, candidate.triple.metric


@dataclass(frozen=True)
class _Scored:
    """What the first stages say of a paper."""

    arxiv_id: str
    cells: Scores
    triples: Scores
    reports: float
    pairs: Scores = field(default_factory=lambda: np.zeros(0))
    boards: Scores = field(default_factory=lambda: np.zeros(0))

    def draft(self, context: _Context) -> Draft:
        draft = cast("Draft", context.start(self.arxiv_id))
        draft.cell_scores, draft.triple_scores, draft.reports = self.cells, self.triples, self.reports
        drafts.pair(draft, context.own_scales(self.arxiv_id), context.families)
        draft.pair_scores = self.pairs
        return draft


def _rights(draft: Draft, results: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Of each pair whether it is one of the results."""
    right = {(*key, read_number(result["score"])) for key, result in zip(keys_of(results), results, strict=True)}
    return _mark(
        (*_key(draft.triple(triple)), _scale(draft.cell(cell), factor)) in right
        for (cell, triple), factor in zip(draft.pairs.tolist(), draft.pair_factors.tolist(), strict=True)
    )


def _scale(located: Located, factor: float) -> float | None:
    number = read_number(located.cell.value.text)
    return None if number is None else round(number * factor, 6)


def _pair(scored: _Scored, context: _Context) -> Stage:
    draft = scored.draft(context)
    return Stage(draft.pair_features, _rights(draft, context.gold[scored.arxiv_id]))


def _compare(scored: _Scored, context: _Context) -> tuple[Stage, Stage]:
    """The pairs and the triples, beside what they compete with."""
    draft = scored.draft(context)
    results = context.gold[scored.arxiv_id]
    keys = set(keys_of(results))
    boards = _mark(_key(draft.triple(place)) in keys for place in range(len(draft.top_triples)))
    return Stage(drafts.describe_choices(draft), _rights(draft, results)), Stage(drafts.describe_boards(draft), boards)


def _link(scored: _Scored, context: _Context) -> Stage:
    """The triples of the cells that are results: which of them each is about."""
    draft = scored.draft(context)
    right = _rights(draft, context.gold[scored.arxiv_id])
    of_cell: dict[int, set[int]] = defaultdict(set)
    for (cell, triple), is_right in zip(draft.pairs.tolist(), right, strict=True):
        if is_right:
            of_cell[cell].add(triple)
    places = sorted(of_cell)
    best = rank_boards(scored.boards)
    matches = match_boards(draft, scored.boards, context.own_scales(scored.arxiv_id), context.families)
    features = describe_links(draft, scored.boards, matches, [draft.top_cells[place] for place in places])
    return Stage(features, _mark(triple in of_cell[place] for place in places for triple in best))


# Learning


@dataclass(frozen=True)
class Learned:
    """papers: that were learned from; rows: of each stage."""

    papers: int
    rows: Mapping[str, int]


def learn(sources: Path, gold: Sequence[Path], families: Mapping[str, str], out: Path, report: Report) -> Learned:
    """Learns all stages from a folder of e-prints and the files of their results, and writes them into a folder. Papers
    of the split `test` are left out. report: is told which stage begins.

    Raises UsageError where a file is no annotation, or no e-print of its papers is there.
    """
    results = {each: found for each, found in read_annotated(gold).items() if split_of(each) != "test"}
    context = _Context(sources, results, load_names(), families, Rates({}, {}), *_collect_scales(results))
    report("reading the papers")
    mentioned = dict(zip(results, parallel_map(_mention, list(results), context), strict=True))
    seen = {each: names for each, names in mentioned.items() if names is not None}
    if not seen:
        raise UsageError(f"{sources} has no e-print of the annotated papers", "Name the folder with their ID.gz files.")
    context = replace(context, rates=_count_rates(results, seen))
    report("describing cells and triples")
    papers = [paper for paper in parallel_map(_describe, list(seen), context) if paper]
    folds = _Folds(papers)
    out.mkdir(parents=True, exist_ok=True)
    _learn_words(papers, folds, out)
    rows = {}
    report("learning cells and triples")
    rows["cells"] = folds.learn("cells", [paper.cells for paper in papers], out)
    rows["triples"] = folds.learn("triples", [paper.triples for paper in papers], out)
    reports = [
        Stage(
            drafts.describe_report(each.words, each.cells.scores, each.triples.scores, each.sizes),
            _mark([each.has_results]),
        )
        for each in papers
    ]
    rows["reports"] = folds.learn("reports", reports, out)
    report_of = {each.arxiv_id: float(stage.scores[0]) for each, stage in zip(papers, reports, strict=True)}
    taught = [paper for paper in papers if paper.has_results or _hash(paper.arxiv_id) % _OTHERS == 0]
    folds = _Folds(taught)
    scored = [
        _Scored(each.arxiv_id, each.cells.scores, each.triples.scores, report_of[each.arxiv_id]) for each in taught
    ]
    report("pairing cells and triples")
    pairs = parallel_map(_pair, scored, context)
    rows["pairs"] = folds.learn("pairs", pairs, out)
    scored = [replace(each, pairs=stage.scores) for each, stage in zip(scored, pairs, strict=True)]
    report("comparing pairs")
    choices, boards = zip(*parallel_map(_compare, scored, context), strict=True)
    rows["choices"] = folds.learn("choices", choices, out)
    rows["boards"] = folds.learn("boards", boards, out)
    scored = [replace(each, boards=stage.scores) for each, stage in zip(scored, boards, strict=True)]
    report("linking cells")
    rows["links"] = folds.learn("links", parallel_map(_link, scored, context), out)
    _write_families(out / "families.csv", families)
    _write_rates(out / "rates.csv", context.rates)
    write_scales(out / "scales.csv", context.scales)
    return Learned(len(papers), rows)


def _collect_scales(
    results: Gold,
) -> tuple[dict[tuple[str, str], list[tuple[str, float]]], dict[tuple[str, str], Scale]]:
    values: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for arxiv_id, found in results.items():
        for result in found:
            number = read_number(result["score"])
            if number is not None:
                values[result["dataset"], result["metric"]].append((arxiv_id, number))
                values["", result["metric"]].append((arxiv_id, number))
    return dict(values), {at: make_scale(value for _, value in found) for at, found in values.items()}


def _count_rates(results: Gold, seen: Mapping[str, frozenset[Name]]) -> Rates:
    counts: dict[str, dict[str, tuple[int, int]]] = {"task": {}, "dataset": {}}
    for arxiv_id, names in seen.items():
        own = _names_of(keys_of(results[arxiv_id]))
        for kind, name in names:
            hits, mentions = counts[kind].get(name, (0, 0))
            counts[kind][name] = hits + ((kind, name) in own), mentions + 1
    return Rates(counts["dataset"], counts["task"])


def _write_families(path: Path, families: Mapping[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["metric", "family"])
        writer.writerows(sorted(families.items()))


def _write_rates(path: Path, rates: Rates) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["kind", "name", "results", "mentions"])
        for kind, counts in (("dataset", rates.datasets), ("task", rates.tasks)):
            writer.writerows([kind, name, *found] for name, found in sorted(counts.items()))


class _Folds:
    """The papers' parts: each part is scored by what is learned from the others."""

    def __init__(self, papers: Sequence[_Paper]) -> None:
        self.of_paper = np.array([paper.fold for paper in papers])

    def learn(self, stage: str, parts: Sequence[Stage], out: Path) -> int:
        """Gives each paper's rows scores of a model that was not learned from it, and writes the model of all; returns
        the number of rows."""
        features = np.concatenate([part.features for part in parts])
        right = np.concatenate([part.is_right for part in parts])
        fold = np.repeat(self.of_paper, [len(part.is_right) for part in parts])
        scores = np.zeros(len(right))
        for each in range(FOLDS):
            scores[fold == each] = _fit(stage, features[fold != each], right[fold != each]).inplace_predict(
                features[fold == each]
            )
        for part, own in zip(parts, _split(scores, parts), strict=True):
            part.scores = own
        (out / f"{stage}.ubj.gz").write_bytes(
            gzip.compress(bytes(_fit(stage, features, right).save_raw("ubj")), mtime=0)
        )
        return len(right)


def _split(rows: np.ndarray, parts: Sequence[Stage]) -> list[np.ndarray]:
    """The rows of each part."""
    return np.split(rows, np.cumsum([len(part.is_right) for part in parts])[:-1])


def _fit(stage: str, features: Features, right: np.ndarray) -> xgboost.Booster:
    """Where rows are many, one of several wrong ones stands for all of them."""
    share = min(1.0, _MOST_WRONG / max(1, (~right).sum()))
    chosen = right | (np.random.default_rng(0).random(len(right)) < share)
    weights = np.where(right[chosen], 1.0, 1 / share)
    parameters = {**_PARAMETERS, **_SPECIAL.get(stage, {})}
    return xgboost.train(parameters, xgboost.DMatrix(features[chosen], right[chosen], weight=weights), _ROUNDS[stage])


def _learn_words(papers: Sequence[_Paper], folds: _Folds, out: Path) -> None:
    """The weights of words by logistic regression; fills the columns of words in the features of cells and reports."""
    from sklearn.linear_model import LogisticRegression, SGDClassifier

    zones = [
        _count_words([cell[zone] for paper in papers for cell in paper.cell_words]) for zone in range(len(WORD_ZONES))
    ]
    words = sum(zones[1:], zones[0])
    right = np.concatenate([paper.cells.is_right for paper in papers])
    of_cell = np.repeat(folds.of_paper, [len(paper.cells.is_right) for paper in papers])

    def weigh_cells(chosen: np.ndarray) -> np.ndarray:
        model = SGDClassifier(
            loss="log_loss",
            penalty="elasticnet",
            l1_ratio=0.15,
            alpha=2e-6,
            max_iter=8,
            tol=None,
            random_state=0,
            average=True,
        )
        return _round(model.fit(words[chosen], right[chosen]).coef_.ravel())

    columns = np.zeros((len(right), len(zones)), dtype=np.float32)
    for each in range(FOLDS):
        weights = weigh_cells(of_cell != each).astype(np.float32)
        for column, zone in enumerate(zones):
            columns[of_cell == each, column] = zone[of_cell == each] @ weights
    for paper, own in zip(papers, _split(columns, [paper.cells for paper in papers]), strict=True):
        paper.cells.features[:, _WORD_COLUMNS] = own

    body = _count_words([paper.body_words for paper in papers])
    has_results = np.array([paper.has_results for paper in papers])
    frequent = np.asarray(body.sum(axis=0)).ravel() >= _RAREST_WORD

    def weigh_body(chosen: np.ndarray) -> np.ndarray:
        known = body.multiply(frequent).tocsr()
        known = known.multiply(1 / np.sqrt(np.maximum(1, known.sum(axis=1)))).tocsr()
        model = LogisticRegression(C=3.0, max_iter=300).fit(known[chosen], has_results[chosen])
        return _round(model.coef_.ravel() * frequent)

    for each in range(FOLDS):
        chosen = folds.of_paper == each
        learned = Words(np.zeros(SIZE, dtype=np.float16), weigh_body(~chosen))
        for paper in (paper for paper, is_chosen in zip(papers, chosen, strict=True) if is_chosen):
            paper.words = learned.weigh_places(paper.body_words)
    all_cells, all_papers = np.ones(len(right), dtype=bool), np.ones(len(papers), dtype=bool)
    write_words(out / "words.npy.gz", weigh_cells(all_cells), weigh_body(all_papers))


def _round(weights: np.ndarray) -> np.ndarray:
    """As they are written, with those left out that are nearly none."""
    return np.where(np.abs(weights) < _SMALLEST, 0, weights).astype(np.float16)


def _count_words(rows: Sequence[Sequence[int]]) -> scipy.sparse.csr_matrix:
    ends = np.cumsum([0, *map(len, rows)])
    places = np.fromiter((place for row in rows for place in row), dtype=np.int32, count=ends[-1])
    counts = scipy.sparse.csr_matrix((np.ones(len(places), dtype=np.float32), places, ends), shape=(len(rows), SIZE))
    counts.sum_duplicates()
    counts.data[:] = np.minimum(counts.data, 3)
    return counts
