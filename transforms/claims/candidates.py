"""Numbers in a sentence that could state a claim: the value, the high end of a range, the unit, and the place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_SIGN = r"\s?%|\s?[xX×](?![A-Za-z0-9]|\s?\d)"


def number_pattern(unit_words: Iterable[str]) -> str:
    """A verbose pattern for a number that stands free, with its unit, where unit_words are those that the units
    vocabulary knows.

    Free: not inside a word, a version, a date, a path, a citation or a formula; of numbers joined by a slash only those
    with a sign ("3.0%/5.2%", "1.6x/2.9x") or with decimals on both sides ("0.82/0.91") are free; of sizes ("224 × 224")
    none is.
    """
    words = "|".join(re.escape(word) for word in sorted(unit_words, key=len, reverse=True))
    return rf"""
    # before: no letter, digit or mark of a version, formula or place; no currency; not the second of "224 × 224"
    (?<![\w.,^_\\\#@{{\[-])(?<![€£$])(?<!\d[x×])(?<!\d\s[x×]\s)
    # behind a slash only where the number before it has a sign, one to three decimals, or is followed by a space
    (?:(?<!/)|(?<=[%x×]/)|(?<=\.\d/)|(?<=\.\d\d/)|(?<=\.\d\d\d/)|(?<=[^\d]/\s))
    (?P<value_text>
        (?:(?<![\w)\]%])[+−-])?                                 # a sign, where it is no hyphen
        (?P<low>{_NUMBER})(?P<low_sign>{_SIGN})?
        (?:\s?(?:[-–—~]|--)\s?(?P<high>{_NUMBER}))?             # the high end of a range
        (?P<sign>{_SIGN})?
    )
    (?P<plus>\+(?=[\s%×x]))?(?P<plus_sign>(?<=\+)\s?[%×x])?     # "10+", "10+%"
    (?P<spread>\s?±\s?(?:{_NUMBER})\s?%?)?
    (?P<magnitude>\s?(?:[KMGBT](?![A-Za-z0-9])|thousand\b|million\b|billion\b|trillion\b))?
    (?P<unit_word>[\s~-]?(?i:{words})(?![A-Za-z]))?
    # behind: no letter, further digit, power, unit that was not taken, or the second of "224 × 224"
    (?![A-Za-z0-9^]|[.,]\d|[-‐][A-Za-z0-9]|\s?%|\s?×|\s[x×]\s?\d)
    (?:(?<=%)|(?!/\d)|(?=/\d+\.\d))                             # before a slash only with a sign or before decimals
    """


@dataclass(frozen=True, slots=True)
class Candidate:
    start: int  # of value_text, in the sentence
    end: int
    phrase_end: int  # behind the spread and the unit's word
    value_text: str
    value: float  # without sign
    value_high: float | None
    unit_token: str | None  # "%", "x", "points" …: a token of the units vocabulary; null for a bare number
    has_magnitude: bool  # "45.4M", "3 billion": the value is what stands before it
    is_minimum: bool  # "10+"

    @property
    def is_whole(self) -> bool:
        """Whether it is written without a sign, a decimal point and a unit: mostly a count, a year or a version."""
        return self.unit_token is None and self.value_text.lstrip("+−-").replace(",", "").isdigit()


def make_candidate(match: re.Match[str]) -> Candidate:
    """The candidate of a match of number_pattern."""
    token = (
        match["sign"]
        or match["low_sign"]
        or match["plus_sign"]
        or (match["spread"] and match["spread"].endswith("%") and "%")
        or match["unit_word"]
    )
    low, high = parse_number(match["low"]), parse_number(match["high"]) if match["high"] else None
    if high is not None and high < low:  # "10-2x": the low end is the value, however it is written
        low, high = high, low
    return Candidate(
        start=match.start("value_text"),
        end=match.end("value_text"),
        phrase_end=match.end(),
        value_text=match["value_text"],
        value=low,
        value_high=high,
        unit_token=token.strip(" -~").lower() if token else None,
        has_magnitude=match["magnitude"] is not None,
        is_minimum=match["plus"] is not None,
    )


def parse_number(text: str) -> float:
    """The value of the digits: separators of thousands do not count.

    >>> parse_number("24,000.5")
    24000.5
    """
    return float(text.replace(",", ""))
