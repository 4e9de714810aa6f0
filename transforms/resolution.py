"""Which records are of one paper: candidate pairs by blocking, a judgement of each pair, and clusters that no pair of ids contradicts.

A mention is what a source says of a paper under one record id and one title. Edges between mentions come from shared ids, and from titles
that agree: exactly, but for a version word, a subtitle or a typo, guarded by authors, years and abstracts. Everything here depends on the
mentions alone, never on the order of their loading.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, Levenshtein

from transforms.frames import Schema
from transforms.identity import surname

RESOLVER_VERSION = "1"

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
    "abstract_head": pl.String(),  # see transforms.identity.abstract_head
}
KEYS: Schema = {"mention_id": pl.String(), "key": pl.UInt64(), "is_text": pl.Boolean()}  # is_text: the key is of the abstract
MEMBERSHIPS: Schema = {
    "mention_id": pl.String(),
    "cluster": pl.String(),  # the least mention of those that are one paper
    "component": pl.String(),  # the least mention of those that any edges join, contradictions or not
    "matched_by": pl.String(),  # the strongest edge to another mention of the cluster; null where there is none
    "match_score": pl.Float64(),
}
EDGES: Schema = {"a": pl.String(), "b": pl.String(), "matched_by": pl.String(), "match_score": pl.Float64()}

Edge = tuple[str, str, str, float]  # a row of EDGES

# How strong a rule is: clusters are grown by the strongest edges first.
_ID_RULES = ("override", "source_record_id", "arxiv_id", "acl_id", "openreview_id", "doi")
_TEXT_RULES = ("title", "title_version", "title_subtitle", "title_fuzzy", "text")
STRENGTH = {rule: i for i, rule in enumerate(_ID_RULES + _TEXT_RULES)}
APART = "apart"  # an edge that holds two mentions apart: their titles agree, and what else is known speaks against one paper
EXCLUSIVE_IDS = ("arxiv_id", "acl_id", "openreview_id")  # a paper has at most one of each
MOST_YEARS_APART = 3
BLOCK_TOKENS = 4
SHORT_TITLE = 7  # words that count
NAME_CHARACTERS = 12  # a shorter part of a title names nothing by itself
HEAD_CHARACTERS = 60  # of an abstract, that a key is made of


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
        """What tells two papers of nearly one title apart: numbers, numerals of parts, and words like erratum."""
        return sorted([*_NUMBER.findall(title), *self.parts(title), *(word for word in title.split() if word in self.distinct)])

    def unmarked(self, title: str) -> str:
        """The title without what `marks` finds, so that parts, errata and numbered versions of one work share it."""
        words = self._part.sub("", title).split()
        left_out = self.distinct | self.stop | {":"}
        return " ".join(word for word in words if word not in left_out and not word[-1].isdigit())

    def parts(self, title: str) -> list[str]:
        """The numerals that say which part of a series it is."""
        return [first or second for first, second in self._part.findall(title)]

    def is_typo(self, left: str, right: str, most_edits: int) -> bool:
        """Whether two words are one but for a slip: never in the first letter, and no prefix that makes another word."""
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


@dataclass(frozen=True)
class Evidence:
    """What speaks for or against one paper beside the titles. None: unknown."""

    same_people: bool | None
    abstract: float | None  # likeness from 0 to 1
    years_apart: int | None

    @property
    def is_for(self) -> bool:
        near = self.years_apart is None or self.years_apart <= MOST_YEARS_APART
        return (self.abstract is not None and self.abstract >= 0.8) or (self.same_people is True and near and not self.is_other_text)

    @property
    def is_against(self) -> bool:
        if self.abstract is not None and self.abstract >= 0.9:
            return False
        far = self.years_apart is not None and self.years_apart > MOST_YEARS_APART
        return self.same_people is False or (self.same_people is None and self.is_other_text) or (far and self.same_people is not True)

    @property
    def is_other_text(self) -> bool:
        return self.abstract is not None and self.abstract < 0.5


def evidence(a: Mention, b: Mention) -> Evidence:
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


def judge(a: Mention, b: Mention) -> tuple[str, float] | None:
    """(rule, score) where the two are of one paper, (APART, 0) where only their titles say so, else None."""
    seen = evidence(a, b)
    found = _same_title(a, b, seen) if a.joined == b.joined else _near_title(a, b, seen) or _same_text(a, b, seen) or _sibling(a, b)
    return (APART, 0.0) if found and seen.is_against else found


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
    """The titles differ in their words, and the abstracts do not: a preprint and what became of it."""
    if not _long_text(a, b) or a.marks != b.marks:
        return None
    likeness = fuzz.token_sort_ratio(a.whole, b.whole) / 100
    if seen.abstract is None or seen.abstract < 0.85 or seen.same_people is False or (likeness < 0.6 and not seen.same_people):
        return None
    return "text", round((likeness + seen.abstract) / 2, 4)


def _sibling(a: Mention, b: Mention) -> tuple[str, float] | None:
    """The titles are one but for what tells a part, a numbered version or an erratum from another, or have one name and two subtitles."""
    is_marked = a.marks != b.marks and a.unmarked == b.unmarked
    is_namesake = len(a.parts) > 1 and len(b.parts) > 1 and a.parts[0] == b.parts[0]
    return (APART, 0.0) if is_marked or is_namesake else None


def _long_text(a: Mention, b: Mention) -> bool:
    return min(len(a.abstract_head), len(b.abstract_head)) >= 150


def _dropped_part(shorter: Mention, longer: Mention) -> str | None:
    """What the longer title has more, where the shorter is all but its subtitle, or all but what goes before the subtitle."""
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


def _ready(frame: pl.DataFrame, words: TitleWords) -> dict[str, Mention]:
    """MENTIONS, ready to be compared, by mention_id."""
    columns = ("mention_id", "title_key", "authors", "year", "abstract_head")
    return {
        mention_id: Mention(words.core(title), title, tuple(authors or ()), year, head or "", words)
        for mention_id, title, authors, year, head in frame.select(columns).iter_rows()
    }


def blocking_keys(mentions: pl.DataFrame, words: TitleWords) -> pl.DataFrame:
    """MENTIONS → KEYS: mentions that share a key are compared. A key is a hash of a few words of the title, or of how the abstract begins."""
    rows = [
        (mention_id, key)
        for mention_id, title, authors, head in mentions.select("mention_id", "title_key", "authors", "abstract_head").iter_rows()
        for key in set(_keys(words.core(title), surname(authors[0]) if authors else None, head, words))
    ]
    keys = pl.DataFrame(rows, schema={"mention_id": pl.String, "key": pl.String}, orient="row")
    return keys.with_columns(pl.col("key").hash(seed=7), is_text=pl.col("key").str.starts_with("~"))


def _keys(core: str, author: str | None, head: str | None, words: TitleWords) -> Iterator[str]:
    if head and len(head) >= HEAD_CHARACTERS:
        yield "~" + head[:HEAD_CHARACTERS]
    parts = [[word for word in part.split() if word not in words.stop] for part in core.split(" : ")]
    content = [word for part in parts for word in part]
    for part in [content, *(parts if len(parts) > 1 else [])]:
        joined = "".join(part)
        if part is content or len(joined) >= NAME_CHARACTERS:
            yield "=" + joined
        if author and len(joined) < NAME_CHARACTERS:  # a name by itself, that many papers may have
            yield f"a{author}={joined}"
    if 3 <= len(content) <= SHORT_TITLE:  # a typo is in one word, not in its first letter: each word is left out once
        for i in range(len(content)):
            yield f"-{content[i][0]} " + " ".join(content[:i] + content[i + 1 :])
    elif content:
        yield "<" + " ".join(content[:BLOCK_TOKENS])
        yield ">" + " ".join(content[-BLOCK_TOKENS:])
        yield "#" + " ".join(sorted(sorted(set(content), key=lambda word: (-len(word), word))[:BLOCK_TOKENS]))
    if author and len(content) >= 2:
        yield f"@{author} " + " ".join(word[:4] for word in content[:2])
        yield f"@{author} ." + " ".join(word[:4] for word in content[-2:])


def somewhat_alike(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs (a, b, is_text, title_a, title_b) that are worth a judgement: with one abstract, like titles, or titles of one name."""
    alike = process.cpdist(pairs["title_a"].to_list(), pairs["title_b"].to_list(), scorer=fuzz.ratio, score_cutoff=78, workers=-1)
    first, other = pl.col("title_a"), pl.col("title_b")
    one_holds_the_other = first.str.contains(other, literal=True) | other.str.contains(first, literal=True)
    namesakes = first.str.contains(" : ", literal=True) & (first.str.split(" : ").list.first() == other.str.split(" : ").list.first())
    return pairs.filter(pl.col("is_text") | pl.Series(alike > 0) | one_holds_the_other | namesakes)


def judged(pairs_and_mentions: tuple[pl.DataFrame, pl.DataFrame], words: TitleWords) -> pl.DataFrame:
    """pairs (a, b) and the MENTIONS that they name → EDGES for those that are of one paper, or whose titles alone say so."""
    pairs, mentions = pairs_and_mentions
    ready = _ready(mentions, words)
    rows = [(a, b, *found) for a, b in pairs.select("a", "b").iter_rows() if (found := judge(ready[a], ready[b]))]
    return pl.DataFrame(rows, schema=EDGES, orient="row")


def clustered(edges: Iterable[Edge], ids: Mapping[str, Iterable[tuple[str, str]]]) -> pl.DataFrame:
    """EDGES → MEMBERSHIPS, grown by the strongest edges first; an edge that would contradict ids, or join what is apart, is left out.

    ids: for each mention its (namespace, value) of namespaces that a paper has one value of: EXCLUSIVE_IDS, and one for each forced split.
    Where a bare title fits two papers, the one with more records has it.
    """
    found = sorted(edges)
    joining = [edge for edge in found if edge[2] != APART]
    growth = _Growth({mention for a, b, _, _ in joining for mention in (a, b)}, ids, [(a, b) for a, b, rule, _ in found if rule == APART])
    joining.sort(key=lambda edge: (STRENGTH[edge[2]], -edge[3]))
    for a, b, rule, score in joining:
        if score >= 1:
            growth.join(a, b, is_forced=rule == "override")
    sizes = Counter(growth.sets.root(mention) for mention in growth.mentions)
    largest = {edge: max(sizes[growth.sets.root(edge[0])], sizes[growth.sets.root(edge[1])]) for edge in joining if edge[3] < 1}
    for edge in sorted(largest, key=lambda edge: (STRENGTH[edge[2]], -edge[3], -largest[edge])):
        growth.join(edge[0], edge[1])
    components, came_by = _Sets(growth.mentions), dict[str, tuple[str, float]]()
    for a, b, rule, score in joining:
        components.join(a, b)
        if growth.sets.root(a) == growth.sets.root(b):
            came_by.setdefault(a, (rule, score))
            came_by.setdefault(b, (rule, score))
    for a, b, rule, _ in found:
        if rule == APART and a in growth.mentions and b in growth.mentions:
            components.join(a, b)
    rows = [(each, growth.sets.root(each), components.root(each), *came_by.get(each, (None, None))) for each in sorted(growth.mentions)]
    return pl.DataFrame(rows, schema=MEMBERSHIPS, orient="row")


class _Growth:
    """Clusters as they grow, with the ids that each holds and the mentions that it must not be joined with."""

    def __init__(self, mentions: set[str], ids: Mapping[str, Iterable[tuple[str, str]]], apart: Iterable[tuple[str, str]]) -> None:
        self.mentions = mentions
        self.sets = _Sets(mentions)
        self._ids = {mention: dict(ids.get(mention, ())) for mention in mentions}
        self._foes: dict[str, set[str]] = defaultdict(set)
        for a, b in apart:
            if a in mentions and b in mentions:
                self._foes[a].add(b)
                self._foes[b].add(a)

    def join(self, a: str, b: str, is_forced: bool = False) -> None:
        """Makes one cluster of those of a and b, unless something contradicts."""
        one, other = self.sets.root(a), self.sets.root(b)
        if one == other or not (is_forced or self._may(one, other)):
            return
        ids, foes = self._ids.pop(one) | self._ids.pop(other), self._foes.pop(one, set()) | self._foes.pop(other, set())
        root = self.sets.join(one, other)
        self._ids[root] = ids
        if foes:
            self._foes[root] = foes

    def _may(self, one: str, other: str) -> bool:
        if any(self._ids[one].get(space, value) != value for space, value in self._ids[other].items()):
            return False
        fewer, root = sorted((one, other), key=lambda each: len(self._foes.get(each, ())))
        return not any(self.sets.root(foe) == root for foe in self._foes.get(fewer, ()))


class _Sets:
    """Disjoint sets, each named by its least member."""

    def __init__(self, members: Iterable[str]) -> None:
        self._parent = {member: member for member in members}

    def root(self, member: str) -> str:
        parent = self._parent
        while (above := parent[member]) != member:
            parent[member] = member = parent[above]
        return member

    def join(self, one: str, other: str) -> str:
        least, greatest = sorted((self.root(one), self.root(other)))
        self._parent[greatest] = least
        return least
