"""The forms of language in which papers state numbers: what goes before the number, what comes after, what that means.

They are rows of the seed claim_forms. `before` and `after` are patterns over the classes of the tokens next to the number:

    up_verb any{8} by fill|bound*      a word of class up_verb, up to eight of any, "by", then words that only fill or bound
    number [points]? on                  brackets group, and a group may be left out

A class is a role of the seed cues, a shape (number, word, name, figure …), `metric`, `graded` (a metric that has levels without a
unit), `dataset`, `any` (all but amounts and ends of clauses), `calm` (that, without verbs of change), `near` (what a noun phrase is
made of), `end` (of a clause or the sentence), or a word that stands for itself. The first form that fits decides; its name
is the claim's `rule`, so that a wrong claim can be traced.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from transforms.claims.reading import AMOUNT, CLAUSE_END, NUMBER, PUNCTUATION, Lexicon, Reading

WEAK_CONFIDENCE = 0.7
_PIECE = re.compile(r"(?P<open>\[)|(?P<close>\]\??)|(?P<classes>[a-z_|]+)(?P<times>[*+?]|\{(?:\d-)?\d+\})?")
_WIDE = {
    "any": [AMOUNT, CLAUSE_END],
    "calm": [AMOUNT, CLAUSE_END, "up_verb", "down_verb", "beat_verb", "lose_verb"],
    "near": [NUMBER, CLAUSE_END, PUNCTUATION, "link", "up_verb", "down_verb", "beat_verb", "report_verb", "open", "close", "comma", "compared", "versus"],
}


@dataclass(frozen=True, slots=True)
class Form:
    name: str
    before: re.Pattern[str] | None  # over the tags in reverse, from the number on; None where anything may stand there
    sign: str  # "+", "-" or ""
    after: re.Pattern[str] | None
    units: frozenset[str]
    kind: str  # 'level', 'change', or 'none': then the number is no claim
    direction: str | None
    subject: str
    metric_side: str  # where its metric is looked for: see attributes.py
    default_metric: str | None  # what such a number measures where nothing is named
    is_optional: bool
    confidence: float

    @property
    def is_weak(self) -> bool:
        """Whether a number that goes on a list is better read as the numbers before it."""
        return self.confidence <= WEAK_CONFIDENCE

    @property
    def needs_metric(self) -> bool:
        """Whether a number without a percent sign is a level only of something that is named."""
        return self.kind == "level" and self.metric_side in ("before", "around") and not self.is_optional and not self.default_metric


def words_of(rows: Iterable[dict[str, Any]], classes: set[str]) -> set[str]:
    """The words that stand for themselves in the patterns of claim_forms: those that are none of the classes."""
    pieces = (piece for row in rows for side in ("before", "after") for piece in _PIECE.finditer(row[side] or ""))
    used = {name for piece in pieces if piece["classes"] for name in piece["classes"].split("|")}
    return used - classes - _WIDE.keys() - {"end"}


class Forms:
    """The rows of claim_forms, made ready for one lexicon."""

    def __init__(self, rows: Iterable[dict[str, Any]], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        forms = [self._form(row) for row in rows]
        units = {unit for form in forms for unit in form.units}
        self._by_unit = {unit: [form for form in forms if unit in form.units] for unit in units}

    def _form(self, row: dict[str, Any]) -> Form:
        units = row["units"].replace("all", "percent points score times")
        return Form(
            name=row["form"],
            before=self._pattern(row["before"], reverse=True),
            sign=row["sign"] or "",
            after=self._pattern(row["after"]),
            units=frozenset(units.split()),
            kind=row["kind"],
            direction=row["direction"],
            subject=row["subject"],
            metric_side=row["metric_side"],
            default_metric=row["default_metric"],
            is_optional=row["is_optional"],
            confidence=row["confidence"],
        )

    def _pattern(self, text: str | None, reverse: bool = False) -> re.Pattern[str] | None:
        return re.compile(self._sequence(_PIECE.finditer(text), reverse)) if text else None

    def _sequence(self, pieces: Iterator[re.Match[str]], reverse: bool) -> str:
        """The pieces up to the end of their group, as a regular expression over tags."""
        parts: list[str] = []
        for piece in pieces:
            if piece["open"]:
                parts.append(f"(?:{self._sequence(pieces, reverse)})?")
            elif piece["close"]:
                break
            else:
                parts.append(self._classes(piece["classes"].split("|")) + _quantifier(piece["times"]))
        return "".join(reversed(parts) if reverse else parts)

    def _classes(self, names: list[str]) -> str:
        if "end" in names:
            return f"(?:{self._classes([CLAUSE_END, *(name for name in names if name != 'end')])}|$)"
        for wide in set(names) & _WIDE.keys():
            others = "".join(self._classes([name])[1:-1] for name in names if name != wide)
            letters = set(self._lexicon.letters_of(_WIDE[wide])) - set(others)
            return f"[^{''.join(sorted(letters))}]"
        return f"[{self._lexicon.letters_of(names)}]"

    def fitting(self, reading: Reading, first: int, last: int, measure: str, is_whole: bool) -> Form | None:
        """The first form that fits the numbers from token first to token last, which are of one list; None: they are no claims.

        Bare whole numbers are mostly counts: only the forms fit that name 'whole' among their units.
        """
        sign = reading.numbers[first].value_text[0].replace("−", "-")
        before, after = len(reading.tags) - first, last + 1
        for form in self._by_unit.get("whole" if is_whole else measure, ()):
            if (
                (not form.sign or form.sign == sign)
                and (form.after is None or form.after.match(reading.tags, after))
                and (form.before is None or form.before.match(reading.reverse, before))
            ):
                return form if form.kind != "none" else None
        return None


def _quantifier(times: str | None) -> str:
    """{8} stands for up to eight, {1-3} for one to three."""
    if times and times[0] == "{":
        return "{" + times[1:-1].replace("-", ",") + "}" if "-" in times else "{0," + times[1:]
    return times or ""
