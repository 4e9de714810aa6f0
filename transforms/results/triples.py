"""Which tasks, datasets and metrics a paper may have results of: the candidates, and their features."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from transforms.results.names import Triple, split_tokens
from transforms.results.paper import Reading

ZONES = ("title", "abstract", "captions", "heads", "body")
FEATURES = (
    "count", "share_of_dataset", "share_of_task_dataset", "metrics_of_pair", "dataset_count", "dataset_triples",
    "task_count", "metric_count", "dataset_rate", "dataset_tries", "task_rate",
    *(f"dataset_{zone}" for zone in ZONES), *(f"part_{zone}" for zone in ZONES),
    "is_exact_case", "covered", "covered_near", "dataset_tables", "dataset_length", "dataset_tokens",
    "is_inside_longer", "dataset_place_rank",
    *(f"task_{zone}" for zone in ZONES), "task_in_title", "task_in_abstract", "task_in_captions", "task_words",
    *(f"metric_{zone}" for zone in ZONES), "metric_in_heads", "metric_in_captions", "metric_tables",
    "is_family_in_heads", "datasets", "paper_cells", "paper_tables",
)  # fmt: skip
MOST = 400  # candidates of a paper


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a name that papers mention was one of their results: name → (results, mentions), in papers."""

    datasets: Mapping[str, tuple[int, int]]
    tasks: Mapping[str, tuple[int, int]]
    own: frozenset[tuple[str, str]] = frozenset()  # names that the paper itself counts for
    seen: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    triple: Triple
    count: int


def find_candidates(reading: Reading) -> list[Candidate]:
    """The triples of the datasets that the paper mentions, those with most results first where they are too many."""
    names = reading.names
    datasets = set(reading.covered)
    for mentions in reading.mentions.values():
        datasets |= {name for kind, name in (*mentions.whole, *mentions.part) if kind == "dataset"}
    found = [
        Candidate(triple, count)
        for dataset in sorted(datasets)
        for index in names.of_dataset.get(dataset, ())
        for triple in [names.triples[index]]
        if (count := names.count_triple(triple)) > 0
    ]
    if len(found) <= MOST:
        return found
    strong = {
        name for kind, name in reading.mentions["heads"].whole | reading.mentions["captions"].whole if kind == "dataset"
    }
    found.sort(key=lambda each: (each.triple.dataset not in strong, -each.count))
    return found[:MOST]


def describe_triples(
    reading: Reading, candidates: Sequence[Candidate], rates: Rates, families: Mapping[str, str]
) -> Iterator[list[float]]:
    """The features of each candidate, in the order of FEATURES. families: metric → its canonical name."""
    context = _Context(reading, candidates, rates, families)
    for candidate in candidates:
        yield context.describe(candidate)


def family_of(metric: str, families: Mapping[str, str]) -> str:
    return families.get(metric, metric)


class _Context:
    def __init__(
        self, reading: Reading, candidates: Sequence[Candidate], rates: Rates, families: Mapping[str, str]
    ) -> None:
        self.reading, self.rates, self.families = reading, rates, families
        self.tokens = {zone: set(tokens) for zone, tokens in reading.tokens.items()}
        tables = reading.paper.tables
        self.sizes = [math.log1p(sum(len(table.cells) for table in tables)), float(len(tables))]
        self.of_dataset: Counter[str] = Counter()
        self.of_pair: Counter[tuple[str, str]] = Counter()
        self.metrics_of_pair: Counter[tuple[str, str]] = Counter()
        self.triples_of: Counter[str] = Counter()
        for each in candidates:
            self.of_dataset[each.triple.dataset] += each.count
            self.of_pair[each.triple.task, each.triple.dataset] += each.count
            self.metrics_of_pair[each.triple.task, each.triple.dataset] += 1
            self.triples_of[each.triple.dataset] += 1
        self.datasets = {name: self._describe_dataset(name) for name in self.of_dataset}
        order = sorted(self.datasets, key=lambda name: -self._weigh(name))
        self.rank = {name: float(place) for place, name in enumerate(order)}
        self.tasks = {name: self._describe_task(name) for name in {each.triple.task for each in candidates}}
        self.head_families = {
            family_of(name, families)
            for mentions in (reading.mentions["heads"], reading.mentions["captions"])
            for kind, name in mentions.whole
            if kind == "metric"
        }
        self.metrics = {name: self._describe_metric(name) for name in {each.triple.metric for each in candidates}}

    def describe(self, candidate: Candidate) -> list[float]:
        triple, names = candidate.triple, self.reading.names
        pair = (triple.task, triple.dataset)
        return [
            math.log1p(candidate.count),
            candidate.count / self.of_dataset[triple.dataset],
            candidate.count / self.of_pair[pair],
            float(self.metrics_of_pair[pair]),
            math.log1p(names.count_results(("dataset", triple.dataset))),
            float(self.triples_of[triple.dataset]),
            math.log1p(names.count_results(("task", triple.task))),
            math.log1p(names.count_results(("metric", triple.metric))),
            *self._rate("dataset", triple.dataset),
            self._rate("task", triple.task)[0],
            *self.datasets[triple.dataset],
            self.rank[triple.dataset],
            *self.tasks[triple.task],
            *self.metrics[triple.metric],
            float(len(self.datasets)),
            *self.sizes,
        ]

    def _rate(self, kind: str, name: str) -> tuple[float, float]:
        counts = self.rates.datasets if kind == "dataset" else self.rates.tasks
        hits, tries = counts.get(name, (0, 0))
        hits -= (kind, name) in self.rates.own
        tries -= (kind, name) in self.rates.seen
        return (hits + 0.2) / (tries + 2), math.log1p(max(tries, 0))

    def _count(self, kind: str, name: str) -> list[float]:
        return [math.log1p(self.reading.mentions[zone].whole[kind, name]) for zone in ZONES]

    def _count_tables(self, kind: str, name: str) -> float:
        """The tables whose heads or caption mention the name."""
        both = zip(self.reading.of_heads, self.reading.of_caption, strict=True)
        return float(sum((kind, name) in heads.whole or (kind, name) in caption.whole for heads, caption in both))

    def _share_tokens(self, name: str, zones: Sequence[str]) -> list[float]:
        """The share of the name's words that each zone has."""
        tokens = set(split_tokens(name))
        return [len(tokens & self.tokens[zone]) / max(1, len(tokens)) for zone in zones]

    def _describe_dataset(self, name: str) -> list[float]:
        reading = self.reading
        key = ("dataset", name)
        tokens = split_tokens(name)
        return [
            *self._count(*key),
            *(math.log1p(reading.mentions[zone].part[key]) for zone in ZONES),
            float(name in reading.body),
            reading.covered.get(name, 0.0),
            reading.covered_near.get(name, 0.0),
            self._count_tables(*key),
            float(len(name)),
            float(len(tokens)),
            float(self._is_inside_longer(name)),
        ]

    def _is_inside_longer(self, name: str) -> bool:
        mentions = self.reading.mentions
        count = mentions["body"].whole["dataset", name]
        return any(
            other != name and name in other and mentions["body"].whole["dataset", other] >= count > 0
            for other in self.of_dataset
        )

    def _weigh(self, name: str) -> float:
        mentions, key = self.reading.mentions, ("dataset", name)
        near = sum(mentions[zone].whole[key] for zone in ("title", "abstract", "captions", "heads"))
        return 5 * near + mentions["body"].whole[key] + self.reading.covered_near.get(name, 0.0)

    def _describe_task(self, name: str) -> list[float]:
        shares = self._share_tokens(name, ("title", "abstract", "captions"))
        return [*self._count("task", name), *shares, float(len(set(split_tokens(name))))]

    def _describe_metric(self, name: str) -> list[float]:
        return [
            *self._count("metric", name),
            *self._share_tokens(name, ("heads", "captions")),
            self._count_tables("metric", name),
            float(family_of(name, self.families) in self.head_families),
        ]
