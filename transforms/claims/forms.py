"""The forms of language in which papers state numbers: what goes before the number, what comes after, what that means.

They are rows of the seed claim_forms. `before` and `after` are patterns over the classes of the tokens next to the
number:

    up_verb any{8} by fill|bound*      a word of class up_verb, up to eight of any, "by", then words that only fill or
    bound number [points]? on                  brackets group, and a group may be left out

A class is a role of the seed cues, a shape (number, word, name, figure …), `metric`, `graded` (a metric that has levels
without a unit), `dataset`, `any` (all but amounts and ends of clauses), `calm` (that, without verbs of change), `near`
(what a noun phrase is made of), `end` (of a clause or the sentence), or a word that stands for itself. The first form
that fits decides; its name is the claim's `rule`, so that a wrong claim can be traced.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from transforms.claims.lexicon import Lexicon
from transforms.claims.tokens import AMOUNT, CLAUSE_END, NUMBER, PUNCTUATION, Tokens

WEAK_CONFIDENCE = 0.7
_PIECE = re.compile(r"(?P<open>\[)|(?P<close>\]\??)|(?P<classes>[a-z_|]+)(?P<times>[*+?]|\{(?:\d-)?\d+\})?")
_WIDE = {  # what each leaves out
    "any": [AMOUNT, CLAUSE_END],
    "calm": [AMOUNT, CLAUSE_END, "up_verb", "down_verb", "beat_verb", "lose_verb"],
    "near": [
        NUMBER,
        CLAUSE_END,
        PUNCTUATION,
        "link",
        "up_verb",
        "down_verb",
        "beat_verb",
        "report_verb",
        "open",
        "close",
        "comma",
        "compared",
        "versus",
    ],
}


@dataclass(frozen=True, slots=True)
class Form:
    name: str
    before: "_Side | None"  # over the tags in reverse, from the number on
    sign: str  # "+", "-" or ""
    after: "_Side | None"  # None where anything may stand there
    units: frozenset[str]
    kind: str  # 'level', 'change', or 'none': then the number is no claim
    direction: str | None
    subject: str
    metric_side: str  # where its metric is looked for: see metrics.py
    default_metric: str | None  # what such a number measures where nothing is named
    is_optional: bool
    confidence: float

    @property
    def is_weak(self) -> bool:
        """Whether a number that goes on a list is better read as the numbers before it."""
        return self.confidence <= WEAK_CONFIDENCE and self.metric_side != "condition"

    @property
    def needs_metric(self) -> bool:
        """Whether a number without a percent sign is a level only of something that is named."""
        return (
            self.kind == "level"
            and self.metric_side in ("before", "around")
            and not self.is_optional
            and not self.default_metric
        )


@dataclass(frozen=True, slots=True)
class _Side:
    """A pattern over tags, and the tags that it can begin with; None: with any."""

    pattern: re.Pattern[str]
    first: frozenset[str] | None

    def may_begin(self, tag: str) -> bool:
        return self.first is None or tag in self.first


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a pattern as a regular expression over tags, with what it can begin with ("" for the end)."""

    pattern: str
    first: frozenset[str]
    is_optional: bool


def collect_words(rows: Iterable[dict[str, Any]]) -> set[str]:
    """The names in the patterns of claim_forms that are not this module's own: classes, and words that stand for
    themselves."""
    pieces = (piece for row in rows for side in ("before", "after") for piece in _PIECE.finditer(row[side] or ""))
    used = {name for piece in pieces if piece["classes"] for name in piece["classes"].split("|")}
    return used - _WIDE.keys() - {"end"}


class Forms:
    """The rows of claim_forms, made ready for one lexicon."""

    def __init__(self, rows: Iterable[dict[str, Any]], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._forms = [self._form(row) for row in rows]
        self._by_neighbours: dict[tuple[str, str, str], list[Form]] = {}

    def _form(self, row: dict[str, Any]) -> Form:
        units = row["units"].replace("all", "percent points score times")
        return Form(
            name=row["form"],
            before=self._side(row["before"], reverse=True),
            sign=row["sign"] or "",
            after=self._side(row["after"]),
            units=frozenset(units.split()),
            kind=row["kind"],
            direction=row["direction"],
            subject=row["subject"],
            metric_side=row["metric_side"],
            default_metric=row["default_metric"],
            is_optional=row["is_optional"],
            confidence=row["confidence"],
        )

    def _side(self, text: str | None, reverse: bool = False) -> _Side | None:
        if not text:
            return None
        parts = self._parts(_PIECE.finditer(text), reverse)
        return _Side(_compiled(parts), None if all(part.is_optional for part in parts) else _first(parts))

    def _parts(self, pieces: Iterator[re.Match[str]], reverse: bool) -> list[_Part]:
        """The pieces up to the end of their group, in the order in which they are to be matched."""
        parts: list[_Part] = []
        for piece in pieces:
            if piece["open"]:
                group = self._parts(pieces, reverse)
                parts.append(_Part(f"(?:{_compiled(group).pattern})?", _first(group), is_optional=True))
            elif piece["close"]:
                break
            else:
                parts.append(self._part(piece["classes"].split("|"), piece["times"] or ""))
        return parts[::-1] if reverse else parts

    def _part(self, names: list[str], times: str) -> _Part:
        tags: set[str] = set().union(*(self._tags(CLAUSE_END if name == "end" else name) for name in names))
        pattern = f"[{''.join(sorted(tags))}]"
        if "end" in names:
            pattern, tags = f"(?:{pattern}|$)", tags | {""}
        if times[:1] == "{":  # {8} stands for up to eight, {1-3} for one to three
            times = times.replace("-", ",") if "-" in times else "{0," + times[1:]
        return _Part(pattern + times, frozenset(tags), is_optional=times[:1] in ("*", "?") or times.startswith("{0"))

    def _tags(self, name: str) -> frozenset[str]:
        return self._lexicon.tags() - self._lexicon.tags(*_WIDE[name]) if name in _WIDE else self._lexicon.tags(name)

    def fitting(self, tokens: Tokens, first: int, last: int, measure: str, is_whole: bool) -> Form | None:
        """The first form that fits the numbers from token first to token last, which are of one list; None: they are no
        claims.

        Bare whole numbers are mostly counts: only the forms fit that name 'whole' among their units.
        """
        sign = tokens.numbers[first].value_text[0].replace("−", "-")
        before, after = len(tokens.tags) - first, last + 1
        for form in self._possible(
            "whole" if is_whole else measure, tokens.reverse[before : before + 1], tokens.tags[after : after + 1]
        ):
            if (
                (not form.sign or form.sign == sign)
                and (form.after is None or form.after.pattern.match(tokens.tags, after))
                and (form.before is None or form.before.pattern.match(tokens.reverse, before))
            ):
                return form if form.kind != "none" else None
        return None

    def _possible(self, unit: str, before: str, after: str) -> list[Form]:
        """The forms that the tags next to a number leave possible, found once for each such pair."""
        key = (unit, before, after)
        if key not in self._by_neighbours:
            self._by_neighbours[key] = [
                form
                for form in self._forms
                if unit in form.units
                and (not form.before or form.before.may_begin(before))
                and (not form.after or form.after.may_begin(after))
            ]
        return self._by_neighbours[key]


def _compiled(parts: list[_Part]) -> re.Pattern[str]:
    return re.compile("".join(part.pattern for part in parts))


def _first(parts: list[_Part]) -> frozenset[str]:
    """What the parts, one after the other, can begin with."""
    needed = next((i for i, part in enumerate(parts) if not part.is_optional), len(parts) - 1)
    return frozenset().union(*(part.first for part in parts[: needed + 1]))
