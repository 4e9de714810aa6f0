"""The vocabularies that claims and links are read with, made ready for matching. The words themselves are dbt seeds."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl


@dataclass(frozen=True)
class Metric:
    name: str
    unit: str | None
    higher_is_better: bool | None


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
    """The seeds as frames, by name: metrics, datasets, units, cues, link_hosts (columns: the header of each seed's CSV)."""

    def __init__(self, seeds: Mapping[str, pl.DataFrame]) -> None:
        self._seeds = seeds

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Every spelling, in lower case, of every metric."""
        return {
            spelling.lower(): Metric(row["metric"], row["unit"], row["higher_is_better"])
            for row in self._seeds["metrics"].iter_rows(named=True)
            for spelling in (row["metric"], *_split(row["synonyms"]))
        }

    @cached_property
    def datasets(self) -> dict[str, str]:
        """Every spelling of every dataset, with its canonical name. Case counts: "Pile" is a dataset, "pile" is not."""
        return {
            spelling: row["dataset"]
            for row in self._seeds["datasets"].iter_rows(named=True)
            for spelling in (row["dataset"], *_split(row["aliases"]))
        }

    @cached_property
    def units(self) -> dict[str, str]:
        return dict(self._seeds["units"].select("token", "unit").iter_rows())

    def cues(self, *roles: str) -> list[str]:
        """The words that play the roles."""
        return self._seeds["cues"].filter(pl.col("role").is_in(roles))["cue"].to_list()

    @cached_property
    def bounds(self) -> list[str]:
        return sorted(role for role in self._seeds["cues"]["role"].unique() if role.startswith("bound_"))

    @cached_property
    def known_hosts(self) -> frozenset[str]:
        """The hosts of which the vocabulary says what their paths lead to."""
        return frozenset(host for host, _, _ in self.link_hosts)

    @cached_property
    def link_hosts(self) -> list[tuple[str, re.Pattern[str], str]]:
        """(host, pattern of the path, kind), in the order in which they are to be tried."""
        return [(host, re.compile(pattern), kind) for host, pattern, kind in self._seeds["link_hosts"].iter_rows()]


def _split(spellings: str | None) -> list[str]:
    return spellings.split("|") if spellings else []
