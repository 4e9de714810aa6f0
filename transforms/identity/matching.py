"""Matching: whether two mentions are one paper.

Edges between mentions come from shared ids, and from titles that agree: exactly, but for a version word, a subtitle or
a typo, guarded by authors, years and abstracts. They depend on the mentions alone, never on the order of loading.
"""

from dataclasses import dataclass

import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from transforms.frames import Schema
from transforms.identity.mentions import Mention, TitleWords, prepare

RESOLVER_VERSION = "2"
EDGES: Schema = {"a": pl.String(), "b": pl.String(), "matched_by": pl.String(), "match_score": pl.Float64()}
Edge = tuple[str, str, str, float]  # a row of EDGES
# How strong a rule is: clusters are grown by the strongest edges first.
_ID_RULES = ("override", "source_record_id", "arxiv_id", "acl_id", "openreview_id", "doi")
TEXT_RULES = ("title", "title_version", "title_subtitle", "title_fuzzy", "text")
STRENGTH = {rule: i for i, rule in enumerate(_ID_RULES + TEXT_RULES)}
# an edge that holds two mentions apart: their titles agree, and what else is known speaks against one paper
CANNOT_LINK = "apart"
MAX_YEARS_APART = 3


@dataclass(frozen=True)
class Evidence:
    """What speaks for or against one paper beside the titles. None: unknown."""

    same_people: bool | None
    abstract: float | None  # likeness from 0 to 1
    years_apart: int | None

    @property
    def is_for(self) -> bool:
        near = self.years_apart is None or self.years_apart <= MAX_YEARS_APART
        return (self.abstract is not None and self.abstract >= 0.8) or (
            self.same_people is True and near and not self.is_other_text
        )

    @property
    def is_against(self) -> bool:
        if self.abstract is not None and self.abstract >= 0.9:
            return False
        far = self.years_apart is not None and self.years_apart > MAX_YEARS_APART
        return (
            self.same_people is False
            or (self.same_people is None and self.is_other_text)
            or (far and self.same_people is not True)
        )

    @property
    def is_other_text(self) -> bool:
        return self.abstract is not None and self.abstract < 0.5


def weigh_evidence(a: Mention, b: Mention) -> Evidence:
    same_people = None
    if a.surnames and b.surnames:
        shared, fewest = len(a.surnames & b.surnames), min(len(a.surnames), len(b.surnames))
        same_people = shared * 2 >= fewest
    abstract = None
    if a.abstract_head and b.abstract_head:
        length = min(len(a.abstract_head), len(b.abstract_head))
        if length >= 60:  # a cut abstract is compared as far as it goes
            abstract = fuzz.ratio(a.abstract_head[:length], b.abstract_head[:length]) / 100
    years_apart = abs(a.year - b.year) if a.year and b.year else None
    return Evidence(same_people, abstract, years_apart)


def match_pair(a: Mention, b: Mention) -> tuple[str, float] | None:
    """(rule, score) where the two are of one paper, (CANNOT_LINK, 0) where only their titles say so, else None."""
    seen = weigh_evidence(a, b)
    found = (
        _same_title(a, b, seen)
        if a.joined == b.joined
        else _near_title(a, b, seen) or _same_text(a, b, seen) or _sibling(a, b)
    )
    return (CANNOT_LINK, 0.0) if found and seen.is_against else found


def _same_title(a: Mention, b: Mention, seen: Evidence) -> tuple[str, float] | None:
    if len(a.content) < 2 and not seen.is_for:
        return None  # "Introduction", "Editorial": a title that many papers have
    is_exact = a.core == a.title_key and b.core == b.title_key
    rule = "title" if is_exact or a.title_key == b.title_key else "title_version"
    return rule, 1.0 if seen.is_for else 0.95


def _near_title(a: Mention, b: Mention, seen: Evidence) -> tuple[str, float] | None:
    """The titles agree but for a subtitle, or but for typos."""
    shorter, longer = sorted((a, b), key=lambda mention: len(mention.whole))
    dropped = _dropped_part(shorter, longer)
    if dropped is not None:
        # In a long subtitle a number or a word like "discussion" is part of what it says.
        if a.words.parts(dropped) or (len(dropped.split()) <= 4 and a.words.marks(dropped)):
            return None
        is_long = len(shorter.content) >= 5 and seen.same_people is None
        return ("title_subtitle", 0.95 if seen.is_for else 0.85) if seen.is_for or is_long else None
    likeness = fuzz.ratio(a.whole, b.whole) / 100
    if likeness < 0.8 or a.marks != b.marks:
        return None
    if _differ_by_typos(a, b, 2 if seen.is_for else 1) and (seen.is_for or len(shorter.content) >= 3):
        return "title_fuzzy", round(likeness * (1 if seen.is_for else 0.95), 4)
    return None


def _same_text(a: Mention, b: Mention, seen: Evidence) -> tuple[str, float] | None:
    """The titles differ in their words, and the abstracts do not: a preprint and its publication."""
    if not _long_text(a, b) or a.marks != b.marks:
        return None
    likeness = fuzz.token_sort_ratio(a.whole, b.whole) / 100
    if (
        seen.abstract is None
        or seen.abstract < 0.85
        or seen.same_people is False
        or (likeness < 0.6 and not seen.same_people)
    ):
        return None
    return "text", round((likeness + seen.abstract) / 2, 4)


def _sibling(a: Mention, b: Mention) -> tuple[str, float] | None:
    """The titles are one but for what distinguishes a part, a numbered version or an erratum from another, or have one
    name and two subtitles."""
    is_marked = a.marks != b.marks and a.unmarked == b.unmarked
    is_namesake = len(a.parts) > 1 and len(b.parts) > 1 and a.parts[0] == b.parts[0]
    return (CANNOT_LINK, 0.0) if is_marked or is_namesake else None


def _long_text(a: Mention, b: Mention) -> bool:
    return min(len(a.abstract_head), len(b.abstract_head)) >= 150


def _dropped_part(shorter: Mention, longer: Mention) -> str | None:
    """What the longer title has more, where the shorter is all but its subtitle, or all but what goes before the
    subtitle."""
    parts = longer.parts
    for i in range(1, len(parts)):
        before, after = " ".join(parts[:i]), " ".join(parts[i:])
        if shorter.whole == before:
            return after
        if shorter.whole == after:
            return before
    return None


def _differ_by_typos(a: Mention, b: Mention, most_edits: int) -> bool:
    """Whether the titles have the same words, but for a few misspelt, joined, split or small ones."""
    first, second = a.whole.split(), b.whole.split()
    changes = 0
    for operation in Levenshtein.opcodes(first, second):
        if operation.tag == "equal":
            continue
        left, right = first[operation.src_start : operation.src_end], second[operation.dest_start : operation.dest_end]
        if "".join(left) == "".join(right) or all(word in a.words.stop for word in left + right):
            continue
        if not left or not right or not a.words.is_typo("".join(left), "".join(right), most_edits):
            return False
        changes += 1
    return changes <= max(1, min(len(first), len(second)) // 4)


def score_pairs(pairs_and_mentions: tuple[pl.DataFrame, pl.DataFrame], words: TitleWords) -> pl.DataFrame:
    """pairs (a, b) and the MENTIONS that they name → EDGES for those that are of one paper, or whose titles alone say
    so."""
    pairs, mentions = pairs_and_mentions
    ready = prepare(mentions, words)
    rows = [(a, b, *found) for a, b in pairs.select("a", "b").iter_rows() if (found := match_pair(ready[a], ready[b]))]
    return pl.DataFrame(rows, schema=EDGES, orient="row")
