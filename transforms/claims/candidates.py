"""Numbers in a sentence that could state a claim: the value, the high end of a range, the unit sign, and the place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_UNIT_SIGN = r"\s?%|\s?[xX×](?![A-Za-z0-9]|\s?\d)"
_CANDIDATE = re.compile(
    rf"""(?<![\w.,^_\\$#@=-])(?<!(?<!%)/)          # not inside a word, a version, a date, a path or a formula; 3%/5% are two
    (?P<value_text>
        (?:(?<=[\s(])[+-])?
        (?P<low>{_NUMBER})(?P<low_sign>{_UNIT_SIGN})?
        (?:\s?[-–~]\s?(?P<high>{_NUMBER}))?
        (?P<sign>{_UNIT_SIGN})?
    )
    (?P<spread>\s?±\s?(?:{_NUMBER})\s?%?)?
    (?P<word>\s?-?\s?(?:percentage\ points?|percent|points?|pp|times|fold)(?![A-Za-z]))?
    (?![A-Za-z0-9]|[.,]\d|-[A-Za-z0-9]|\^|\s?%|\s?×|\s(?:thousand|million|billion|trillion)s?\b)(?:(?<=%)|(?!/\d))""",
    re.X,
)


@dataclass(frozen=True)
class Candidate:
    start: int  # of value_text, in the sentence
    end: int
    phrase_end: int  # behind the spread and the unit's word
    value_text: str
    value: float
    value_high: float | None
    unit_token: str | None  # "%", "x", "points" …: a token of the units vocabulary; null for a bare number


def candidates(sentence: str) -> Iterator[Candidate]:
    """Every number of the sentence that stands free, from left to right.

    >>> [(c.value_text, c.value, c.value_high, c.unit_token) for c in candidates("8-10x less, +3.2 points, ResNet-50, 1.5B")]
    [('8-10x', 8.0, 10.0, 'x'), ('+3.2', 3.2, None, 'points')]
    """
    for match in _CANDIDATE.finditer(sentence):
        token = match["sign"] or match["low_sign"] or (match["spread"] and match["spread"].endswith("%") and "%") or match["word"]
        yield Candidate(
            start=match.start("value_text"),
            end=match.end("value_text"),
            phrase_end=match.end(),
            value_text=match["value_text"],
            value=_number(match["low"]),
            value_high=_number(match["high"]) if match["high"] else None,
            unit_token=token.strip(" -") if token else None,
        )


def _number(text: str) -> float:
    return float(text.replace(",", ""))
