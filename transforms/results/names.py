"""The names that leaderboards give tasks, datasets and metrics, and where a text mentions them.

names.csv holds what Papers with Code had: each task, dataset and metric with the number of its results.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

KINDS = ("task", "dataset", "metric")
_FILE = Path(__file__).with_name("names.csv")
_TOKEN = re.compile(r"[a-z]+|\d+")
_NUMERAL = re.compile(r"\d+\.\d+|\d+")
_BRACKETED = re.compile(r"\(.*?\)|\[.*?\]")
_MAX_TOKENS = 10  # of a name in a text
_SHORTEST_PART = 3
_COVERED = 0.75  # of a name's tokens, from which on a text may mean it


@dataclass(frozen=True, slots=True)
class Triple:
    """What a leaderboard ranks by. count: of results that it held."""

    task: str
    dataset: str
    metric: str
    count: int


@dataclass(slots=True)
class Mentions:
    """How often a text holds a name: as a whole, or its first words alone."""

    whole: Counter[tuple[str, str]] = field(default_factory=Counter)
    part: Counter[tuple[str, str]] = field(default_factory=Counter)


def split_tokens(text: str) -> list[str]:
    """Words and numbers in lower case.

    >>> split_tokens("CIFAR-10, CIFAR10 (top-1)")
    ['cifar', '10', 'cifar', '10', 'top', '1']
    """
    return _TOKEN.findall(text.lower())


def find_numerals(text: str) -> list[str]:
    """The numbers of a text as they are written, without sign.

    >>> find_numerals("76.40 ± 0.3 (v2)")
    ['76.40', '0.3', '2']
    """
    return _NUMERAL.findall(text)


class Names:
    """Names ready for matching, however a text divides one into words: "VoiceBank + DEMAND", "Voice Bank-Demand"."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = list(triples)
        self._hidden: set[tuple[str, str]] = set()
        self._hidden_triples: Counter[tuple[str, str, str]] = Counter()
        self.of_dataset: dict[str, list[int]] = defaultdict(list)
        for index, triple in enumerate(self.triples):
            self.of_dataset[triple.dataset].append(index)
        self._counts: Counter[tuple[str, str]] = Counter()
        for triple in self.triples:
            for kind in KINDS:
                self._counts[kind, getattr(triple, kind)] += triple.count
        self._whole: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._part: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for kind in KINDS:
            for name in dict.fromkeys(getattr(triple, kind) for triple in self.triples):
                self._add(kind, name)
        self._prefixes = {key[:end] for key in (*self._whole, *self._part) for end in range(1, len(key) + 1)}
        self._by_rarest = _index_by_rarest(self.of_dataset)

    def _add(self, kind: str, name: str) -> None:
        whole = "".join(split_tokens(name))
        if not whole:
            return
        self._whole[whole].append((kind, name))
        words = name.split()
        parts = {"".join(split_tokens(_BRACKETED.sub(" ", name)))}
        parts |= {"".join(split_tokens(" ".join(words[:count]))) for count in range(1, len(words))}
        for part in parts - {whole}:
            if len(part) >= _SHORTEST_PART:
                self._part[part].append((kind, name))

    def count_results(self, name: tuple[str, str]) -> int:
        """The results that leaderboards held for a task, dataset or metric: ("dataset", "COCO")."""
        return self._counts[name]

    def hide(self, results: Iterable[tuple[str, str, str]]) -> "Names":
        """The names as they were without some results, (task, dataset, metric) each: so is a paper read that they were
        learned from."""
        view = copy(self)
        view._counts = self._counts.copy()
        view._hidden_triples = Counter(results)
        for key, count in view._hidden_triples.items():
            view._counts.subtract(dict.fromkeys(zip(KINDS, key, strict=True), count))
        view._hidden = {
            name for key in view._hidden_triples for name in zip(KINDS, key, strict=True) if view._counts[name] <= 0
        }
        return view

    def count_triple(self, triple: Triple) -> int:
        return triple.count - self._hidden_triples[triple.task, triple.dataset, triple.metric]

    def find(self, tokens: Sequence[str]) -> Mentions:
        """The names that the tokens hold."""
        found = Mentions()
        prefixes, wholes, parts = self._prefixes, self._whole, self._part
        count = len(tokens)
        for start in range(count):
            joined = ""
            for end in range(start, min(count, start + _MAX_TOKENS)):
                joined += tokens[end]
                if joined not in prefixes:
                    break
                if joined in wholes:
                    found.whole.update(wholes[joined])
                if joined in parts:
                    found.part.update(parts[joined])
        for name in self._hidden:
            del found.whole[name], found.part[name]
        return found

    def find_covered(self, tokens: set[str]) -> dict[str, float]:
        """Datasets of which the tokens, in any order, hold the rarest and most: name → share."""
        found: dict[str, float] = {}
        for token in tokens:
            for name, of_name in self._by_rarest.get(token, ()):
                share = len(of_name & tokens) / len(of_name)
                if share >= _COVERED and ("dataset", name) not in self._hidden:
                    found[name] = share
        return found


def _index_by_rarest(names: Iterable[str]) -> dict[str, list[tuple[str, set[str]]]]:
    of_name = {name: set(split_tokens(name)) for name in names}
    frequency = Counter(token for tokens in of_name.values() for token in tokens)
    index: dict[str, list[tuple[str, set[str]]]] = defaultdict(list)
    for name, tokens in of_name.items():
        if tokens:
            index[min(tokens, key=lambda token: (frequency[token], token))].append((name, tokens))
    return index


@cache
def load_names() -> Names:
    """The names that the project ships."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return Names(
            Triple(row["task"], row["dataset"], row["metric"], int(row["results"])) for row in csv.DictReader(file)
        )
