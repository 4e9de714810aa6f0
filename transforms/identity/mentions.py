"""Mentions, ready to be compared, and the words of titles that rules know.

A mention is what a source states about a paper under one record id and one title.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl
from rapidfuzz.distance import OSA

from transforms.frames import Schema
from transforms.identity.keys import surname

MENTIONS: Schema = {
    "mention_id": pl.String(),
    "own_id": pl.String(),
    "title_key": pl.String(),
    "arxiv_id": pl.String(),
    "doi": pl.String(),
    "acl_id": pl.String(),
    "openreview_id": pl.String(),
    "authors": pl.List(pl.String()),
    "year": pl.Int32(),
    "abstract_head": pl.String(),  # see transforms.identity.keys.abstract_head
}
EXCLUSIVE_IDS = ("arxiv_id", "acl_id", "openreview_id")  # a paper has at most one of each
_NUMBER = re.compile(r"\d+")


class TitleWords:
    """The vocabulary title_words: words by role (version, distinct, part, numeral, prefix, stop)."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        words = defaultdict(set)
        for row in rows:
            words[row["role"]].add(row["word"])
        self.stop, self.distinct = frozenset(words["stop"]), frozenset(words["distinct"])
        self._prefixes = tuple(words["prefix"])
        self._version_ends = frozenset(word.split()[-1] for word in words["version"])
        versions = "|".join(sorted((re.escape(word) for word in words["version"]), key=len, reverse=True))
        # At the end, or before the subtitle's mark; never the whole title.
        self._version = re.compile(rf"(?<=\w) (?:: )?(?:{versions})(?= :|$)|^(?:{versions}) : ")
        parts, numerals = "|".join(sorted(words["part"])), "|".join(sorted(words["numeral"], key=len, reverse=True))
        self._part = re.compile(rf"\b(?:{parts}) ({numerals})\b|\b(ii|iii|iv|vi|vii|viii|ix)\b")

    def core(self, title_key: str) -> str:
        """The title without version words.

        >>> TitleWords([{"role": "version", "word": "extended version"}]).core("a title : extended version")
        'a title'
        """
        return title_key if self._version_ends.isdisjoint(title_key.split()) else self._version.sub("", title_key)

    def marks(self, title: str) -> list[str]:
        """What distinguishes two papers of nearly the same title: numbers, numerals of parts, and words like
        erratum."""
        return sorted(
            [*_NUMBER.findall(title), *self.parts(title), *(word for word in title.split() if word in self.distinct)]
        )

    def unmarked(self, title: str) -> str:
        """The title without what `marks` finds, so that parts, errata and numbered versions of one work share it."""
        words = self._part.sub("", title).split()
        left_out = self.distinct | self.stop | {":"}
        return " ".join(word for word in words if word not in left_out and not word[-1].isdigit())

    def parts(self, title: str) -> list[str]:
        """The numerals that say which part of a series it is."""
        return [first or second for first, second in self._part.findall(title)]

    def is_typo(self, left: str, right: str, most_edits: int) -> bool:
        """Whether two words are one but for a slip: never in the first letter, and no prefix that makes another
        word."""
        shorter, longer = sorted((left, right), key=len)
        if len(shorter) < 5 or left[0] != right[0] or any(longer == prefix + shorter for prefix in self._prefixes):
            return False
        return OSA.distance(left, right, score_cutoff=most_edits) <= most_edits


@dataclass(frozen=True)
class Mention:
    """A row of MENTIONS, ready to be compared."""

    core: str
    title_key: str
    authors: tuple[str, ...]
    year: int | None
    abstract_head: str
    words: TitleWords

    @cached_property
    def whole(self) -> str:
        return self.core.replace(" : ", " ")

    @cached_property
    def parts(self) -> list[str]:
        return self.core.split(" : ")

    @cached_property
    def surnames(self) -> frozenset[str]:
        return frozenset(name for author in self.authors if (name := surname(author)))

    @cached_property
    def joined(self) -> str:
        return self.whole.replace(" ", "")

    @cached_property
    def marks(self) -> list[str]:
        return self.words.marks(self.whole)

    @cached_property
    def unmarked(self) -> str:
        return self.words.unmarked(self.core)

    @cached_property
    def content(self) -> list[str]:
        return [word for word in self.whole.split() if word not in self.words.stop]


def prepare(frame: pl.DataFrame, words: TitleWords) -> dict[str, Mention]:
    """MENTIONS, ready to be compared, by mention_id."""
    columns = ("mention_id", "title_key", "authors", "year", "abstract_head")
    return {
        mention_id: Mention(words.core(title), title, tuple(authors or ()), year, head or "", words)
        for mention_id, title, authors, year, head in frame.select(columns).iter_rows()
    }
