"""The vocabularies that claims and links are read with, made ready for matching. The words themselves are dbt seeds."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from transforms.conditions import find_conditions, split_name

_ABBREVIATED = re.compile(r".{3,} ?\(([a-z]{2,6})\)")
_OF_EVERY_TEST = re.compile(r"^(?:(?:%|test|average|avg|overall) )+|(?: (?:%|score)| ?\((?:test|mm|m|average)\))+$")
_BRACKETED_UNIT = re.compile(r"\((?:%|in %|↑|↓)\)")
# "Hits@10", "MAE @ 12 step", "Rank-5"
_CUT_OFF = re.compile(r"(?:@ ?|(?<=^rank) ?)(\d[\d.:]*(?: ?(?:%|h|min|steps?|km|m|cm|mm))?)$")
_JOINTS = re.compile(r"[-_\s]+")


@dataclass(frozen=True)
class Metric:
    name: str
    unit: str | None
    higher_is_better: bool | None
    family: str


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first, each as a whole word.

    Words are grouped by the kind of their ends, so that a word boundary is tried once a place and not once a word.

    >>> import re; re.findall(any_of(["top-1", "top-1 accuracy", "~"]), "~1 top-1 accuracy, atop-1")
    ['~', 'top-1 accuracy']
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        before = "(?<![A-Za-z0-9])" if word[0].isalnum() else ""
        after = "(?![A-Za-z0-9])" if word[-1].isalnum() else ""
        groups.setdefault((before, after), []).append(re.escape(word))
    return "(?:" + "|".join(f"{before}(?:{'|'.join(group)}){after}" for (before, after), group in groups.items()) + ")"


class Vocabulary:
    """The seeds as frames, by name: metrics, datasets, models, units, cues, claim_forms, link_hosts (columns: the
    header of each CSV)."""

    def __init__(self, seeds: Mapping[str, pl.DataFrame]) -> None:
        self._seeds = seeds

    def rows(self, seed: str) -> list[dict[str, Any]]:
        """The rows of a seed."""
        return self._seeds[seed].to_dicts()

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Every spelling of every metric. One with capitals counts as it is written ("mAP"), one without in any case.

        A canonical name, in lower case, is no spelling where the metric has it with capitals too: "map" is mostly
        another word.
        """
        return {
            spelling: Metric(row["metric"], row["unit"], row["higher_is_better"], row["family"])
            for row in self.rows("metrics")
            for synonyms in [_split(row["synonyms"])]
            for name in (row["metric"], *synonyms)
            if name != row["metric"]
            or not name.isalpha()
            or name not in {synonym.lower() for synonym in synonyms if synonym != synonym.lower()}
            for spelling in _variants(name)
        }

    @cached_property
    def datasets(self) -> dict[str, str]:
        """Every spelling of every dataset, with its canonical name. Case counts: "Pile" is a dataset, "pile" is not."""
        return {
            spelling: row["dataset"]
            for row in self.rows("datasets")
            for spelling in (row["dataset"], *_split(row["aliases"]))
        }

    @cached_property
    def folded_metrics(self) -> dict[str, str]:
        """Every spelling of every metric in headings too, as `fold_metric` leaves it, with its canonical name."""
        return {
            fold_metric(spelling): row["metric"]
            for row in self.rows("metrics")
            for spelling in (*_split(row["synonyms"]), *_split(row["headings"]), row["metric"])
        }

    @cached_property
    def usual_conditions(self) -> dict[str, str]:
        """Dataset → the condition that holds where none is named."""
        return {row["dataset"]: row["usual_condition"] for row in self.rows("datasets") if row["usual_condition"]}

    def name_dataset(self, written: str) -> str:
        """The canonical name of a dataset; of one that no vocabulary knows, the name as it is written, without
        conditions."""
        return self.split_dataset(written)[0]

    def split_dataset(self, written: str) -> tuple[str, list[str]]:
        """A dataset's canonical name, and the conditions that stand in its name: "WMT14 En-De"."""
        if canonical := self.datasets.get(written):
            own = {each.name for each in find_conditions(canonical)}
            return canonical, [each.name for each in find_conditions(written) if each.name not in own]
        bare, conditions = split_name(written)
        return self.datasets.get(bare, bare), conditions

    def name_metric(self, written: str) -> str:
        """The canonical name of a metric, as a leaderboard's heading has it."""
        return self.split_metric(written)[0]

    def split_metric(self, written: str) -> tuple[str, list[str]]:
        """A metric's canonical name, also with an abbreviation in brackets or words that every test has ("% Test
        Accuracy"), and the conditions that stand in its name ("Hits@10"); of one that no vocabulary knows, the name
        without case, hyphens and unit."""
        name, conditions = written, [each.name for each in find_conditions(written)]
        canonical = self._find_metric(fold_metric(name))
        if not canonical:
            name, conditions = split_name(written)
            canonical = self._find_metric(fold_metric(name))
        if not canonical:
            return fold_metric(written) or written, []
        own = {each.name for each in find_conditions(canonical)} | set(_find_cut_off(canonical))
        if canonical in self._first_answers:
            own.add("@1")
        return canonical, [each for each in (*conditions, *_find_cut_off(fold_metric(name))) if each not in own]

    @cached_property
    def _first_answers(self) -> frozenset[str]:
        """Metrics of the first answer, where none is named: accuracy@1 is an accuracy."""
        return frozenset(row["metric"] for row in self.rows("metrics") if row["family"] == "classification")

    def _find_metric(self, folded: str) -> str | None:
        names = (folded, *_shorten(folded))
        return next((self.folded_metrics[each] for each in names if each in self.folded_metrics), None)

    def join_conditions(self, datasets: Iterable[str], names: Iterable[str]) -> str | None:
        """Conditions as they are kept: each once, by commas, without what is usual on a dataset; null where there is
        none."""
        usual = {self.usual_conditions.get(dataset, "") for dataset in datasets} | {""}
        return ", ".join(sorted(set(names) - usual)) or None

    @cached_property
    def models(self) -> list[str]:
        """Names of families of models: what begins with one is no dataset."""
        return self._seeds["models"].filter(pl.col("kind") == "model")["model"].to_list()

    @cached_property
    def fields(self) -> list[str]:
        """Names of fields and things ("NLP", "GPU") that look like those of datasets."""
        return self._seeds["models"].filter(pl.col("kind") != "model")["model"].to_list()

    @cached_property
    def units(self) -> dict[str, tuple[str, str]]:
        """Every spelling of a unit, in lower case, with the unit and what it measures."""
        return {
            token: (unit, measure)
            for token, unit, measure in self._seeds["units"].select("token", "unit", "measure").iter_rows()
        }

    @cached_property
    def forms(self) -> list[dict[str, Any]]:
        """The rows of claim_forms, in the order in which they are to be tried."""
        return self.rows("claim_forms")

    @cached_property
    def all_cues(self) -> list[tuple[str, str]]:
        """(role, word or phrase)."""
        return list(self._seeds["cues"].select("role", "cue").iter_rows())

    def cues(self, *roles: str) -> list[str]:
        """The words that play the roles."""
        return [cue for role, cue in self.all_cues if role in roles]

    @cached_property
    def bounds(self) -> list[str]:
        """'up_to', 'at_least' …: the bounds that cues express."""
        return sorted({role.removeprefix("bound_") for role, _ in self.all_cues if role.startswith("bound_")})

    @cached_property
    def known_hosts(self) -> frozenset[str]:
        """The hosts of which the vocabulary says what their paths lead to."""
        return frozenset(host for host, _, _ in self.link_hosts)

    @cached_property
    def link_hosts(self) -> list[tuple[str, re.Pattern[str], str]]:
        """(host, pattern of the path, kind), in the order in which they are to be tried."""
        return [(host, re.compile(pattern), kind) for host, pattern, kind in self._seeds["link_hosts"].iter_rows()]


def fold_metric(name: str) -> str:
    """The name without case, hyphens and a unit in brackets: what its spellings share.

    >>> fold_metric("Top-1 Accuracy (%)")
    'top 1 accuracy'
    """
    return _JOINTS.sub(" ", _BRACKETED_UNIT.sub("", name.lower(), count=1)).strip()


def _find_cut_off(folded: str) -> list[str]:
    """The cut-off of a heading, as a condition.

    >>> _find_cut_off("hits@10"), _find_cut_off("rank 5"), _find_cut_off("accuracy")
    (['@10'], ['@5'], [])
    """
    return [f"@{each}" for each in _CUT_OFF.findall(folded)]


def _shorten(folded: str) -> Iterator[str]:
    """What may be the name of a metric in a longer heading.

    >>> list(_shorten("word error rate (wer)")), list(_shorten("% test accuracy")), list(_shorten("mae @ 12 step"))
    (['wer'], ['accuracy'], ['mae'])
    """
    if abbreviated := _ABBREVIATED.fullmatch(folded):
        yield abbreviated[1]
    for more in (_OF_EVERY_TEST, _CUT_OFF):
        if (bare := more.sub("", folded).strip()) != folded:
            yield bare


def _split(spellings: str | None) -> list[str]:
    return spellings.split("|") if spellings else []


def _variants(name: str) -> set[str]:
    """The name in one and in several, with a hyphen and without one.

    >>> sorted(_variants("error rate"))
    ['error rate', 'error rates', 'error-rate', 'error-rates']
    """
    stems = {name, name.replace(" ", "-"), name.replace("-", " ")}
    return stems | {f"{stem}s" for stem in stems if stem[-1].isalpha() and stem[-1] not in "sy"}
