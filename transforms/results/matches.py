"""What triples and the places of cells have in common, of all at once: the names and words around a cell that are those
of a triple, and how its number lies among the triple's known results."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.results.cells import Located
from transforms.results.names import split_tokens
from transforms.results.paper import Reading
from transforms.results.scales import Numbers, Scales, find_scale
from transforms.results.triples import Candidate, family_of

FEATURES = (
    "dataset_in_column", "dataset_in_row", "dataset_in_caption", "dataset_in_section",
    "dataset_share_column", "dataset_share_row", "dataset_share_caption", "dataset_share_table",
    "other_datasets_in_path", "is_dataset_in_other_heads", "other_datasets_in_caption",
    "metric_in_column", "metric_in_row", "metric_in_caption",
    "metric_share_column", "metric_share_row", "metric_share_caption", "metric_share_table",
    "is_family_in_column", "is_family_in_row", "is_family_in_caption",
    "other_metrics_in_path", "is_metric_in_other_heads",
    "task_in_caption", "task_share_caption", "task_share_section", "task_share_path",
)  # fmt: skip
SHARE_TABLE = FEATURES.index("dataset_share_table")
PLACE_FEATURES = ("scale_count", "scale_place", "scale_distance", "scale_step", "scale_factor")
_NO_SCALE = (0.0, math.nan, math.nan, math.nan, 1.0)

Name = tuple[str, str]  # kind and name
Bits = npt.NDArray[np.bool_]


@dataclass(slots=True)
class View:
    """The names and the words around a cell; families: canonical metrics; others: what the table's other heads name."""

    column: frozenset[Name]
    row: frozenset[Name]
    caption: frozenset[Name]
    section: frozenset[Name]
    others: frozenset[Name]
    column_tokens: frozenset[str]
    row_tokens: frozenset[str]
    caption_tokens: frozenset[str]
    section_tokens: frozenset[str]
    column_families: frozenset[str]
    row_families: frozenset[str]
    caption_families: frozenset[str]


class Tables:
    """The views of a paper's cells, each made once."""

    def __init__(self, reading: Reading, families: Mapping[str, str]) -> None:
        self.reading, self.families = reading, families
        self._views: dict[tuple[int, tuple[str, ...], tuple[str, ...]], View] = {}

    def view(self, located: Located) -> View:
        key = (located.table_index, located.cell.row, located.cell.column)
        if key not in self._views:
            self._views[key] = self._make(located)
        return self._views[key]

    def _families(self, names: frozenset[Name]) -> frozenset[str]:
        return frozenset(family_of(name, self.families) for kind, name in names if kind == "metric")

    def _names(self, heads: Sequence[str]) -> frozenset[Name]:
        return frozenset(name for head in heads for name in self.reading.find(head).whole)

    def _words(self, heads: Sequence[str]) -> frozenset[str]:
        return frozenset().union(*(self.reading.split(head) for head in heads))

    def _make(self, located: Located) -> View:
        reading = self.reading
        cell, table = located.cell, located.table
        column, row = self._names(cell.column), self._names(cell.row)
        caption = frozenset(reading.of_caption[located.table_index].whole)
        return View(
            column,
            row,
            caption,
            frozenset(reading.find(table.section or "").whole),
            frozenset(reading.of_heads[located.table_index].whole) - column - row,
            self._words(cell.column),
            self._words(cell.row),
            reading.split(table.caption or ""),
            reading.split(table.section or ""),
            self._families(column),
            self._families(row),
            self._families(caption),
        )


class _Index:
    """Which of some keys sets hold: an array of sets × keys. Each set is looked at once."""

    def __init__(self, keys: Sequence[Hashable]) -> None:
        self.at: dict[Hashable, int] = {}
        for key in keys:
            self.at.setdefault(key, len(self.at))
        self._known: dict[frozenset[Hashable], list[int]] = {}

    def mark(self, sets: Sequence[frozenset[Hashable]]) -> Bits:
        found = np.zeros((len(sets), len(self.at)), dtype=np.bool_)
        for place, each in enumerate(sets):
            if each not in self._known:
                self._known[each] = [self.at[key] for key in each if key in self.at]
            found[place, self._known[each]] = True
        return found


class _Words:
    """The words of a part of each triple: what share of them the sets of an array hold."""

    def __init__(self, index: _Index, texts: Sequence[frozenset[str]]) -> None:
        self._triples = index.mark(texts).T.astype(np.int32)
        self._sizes = np.array([len(each) for each in texts], dtype=np.float64)

    def share(self, marked: Bits) -> Numbers:
        shared = (marked.astype(np.int32) @ self._triples).astype(np.float64)
        return np.divide(shared, self._sizes, out=np.zeros_like(shared), where=self._sizes > 0)


class Matches:
    """Some triples of a paper, ready to be compared with its cells."""

    def __init__(self, candidates: Sequence[Candidate], scales: Scales, families: Mapping[str, str]) -> None:
        triples = [candidate.triple for candidate in candidates]
        names = {kind: [(kind, getattr(triple, kind)) for triple in triples] for kind in ("dataset", "metric", "task")}
        self._names = _Index([name for of_kind in names.values() for name in of_kind])
        self._places = {kind: [self._names.at[name] for name in of_kind] for kind, of_kind in names.items()}
        words = {kind: [frozenset(split_tokens(name)) for _, name in of_kind] for kind, of_kind in names.items()}
        self._tokens = _Index([token for texts in words.values() for text in texts for token in sorted(text)])
        self._words = {kind: _Words(self._tokens, texts) for kind, texts in words.items()}
        of_families = [family_of(triple.metric, families) for triple in triples]
        self._families = _Index(of_families)
        self._family_places = [self._families.at[family] for family in of_families]
        self._scales = [find_scale(scales, triple.dataset, triple.metric) for triple in triples]

    def describe(self, views: Sequence[View]) -> Numbers:
        """An array of views × triples × FEATURES."""
        column, row, caption, section, others = (
            self._names.mark([getattr(view, part) for view in views])
            for part in ("column", "row", "caption", "section", "others")
        )
        column_words, row_words, caption_words, section_words = (
            self._tokens.mark([getattr(view, part) for view in views])
            for part in ("column_tokens", "row_tokens", "caption_tokens", "section_tokens")
        )
        path_words = column_words | row_words
        words = (column_words, row_words, caption_words, path_words | caption_words | section_words)
        paths = [view.column | view.row for view in views]
        captions = [view.caption for view in views]
        datasets, metrics, tasks = (self._places[kind] for kind in ("dataset", "metric", "task"))
        of_datasets, of_metrics, of_tasks = (self._words[kind] for kind in ("dataset", "metric", "task"))
        columns = [
            *(part[:, datasets] for part in (column, row, caption, section)),
            *map(of_datasets.share, words),
            _count_kind(paths, "dataset") - (column | row)[:, datasets],
            others[:, datasets],
            _count_kind(captions, "dataset") - caption[:, datasets],
            *(part[:, metrics] for part in (column, row, caption)),
            *map(of_metrics.share, words),
            *(
                self._families.mark([getattr(view, part) for view in views])[:, self._family_places]
                for part in ("column_families", "row_families", "caption_families")
            ),
            _count_kind(paths, "metric") - (column | row)[:, metrics],
            others[:, metrics],
            caption[:, tasks],
            *map(of_tasks.share, (caption_words, section_words, path_words)),
        ]
        return np.stack([part.astype(np.float64) for part in columns], axis=-1)

    def place(self, values: Numbers) -> Numbers:
        """An array of values × triples × PLACE_FEATURES: how each value lies among the known results of dataset and
        metric, and by what it is made as large as they."""
        placed = np.empty((len(values), len(self._scales), len(PLACE_FEATURES)))
        for triple, scale in enumerate(self._scales):
            placed[:, triple] = scale.place(values) if scale else _NO_SCALE
        return placed


def _count_kind(sets: Sequence[frozenset[Name]], kind: str) -> Numbers:
    """A column of how many names of a kind each set holds."""
    return np.array([[sum(each[0] == kind for each in names)] for names in sets], dtype=np.float64).reshape(-1, 1)
