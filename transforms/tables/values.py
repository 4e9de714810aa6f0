"""The number that a cell holds, with its spread and unit."""

import re
from dataclasses import dataclass

_NUMERAL = r"(?:\d{1,3}(?:[,\u202f ]\d{3})+(?![\d])|\d+)(?:\.\d+)?|\.\d+"
_VALUE = re.compile(
    rf"^[(\[<>≤≥≈~=↑↓+*]*\s*(?P<sign>[-−–+])?\s*\$?\s*(?P<value>{_NUMERAL})(?:\s*(?:[×x·*]\s*10\^?\s*(?P<power>[-−]?\d+)|e(?P<e>[-−+]?\d+)))?"
    rf"\s*(?P<magnitude>[KMBGT](?![A-Za-z]))?\s*(?P<percent>%)?(?:\s*(?:±|\+/-|\+−)\s*(?P<spread>{_NUMERAL})|\s*\(\s*±?\s*(?P<inner>[+−-]?\d[\d.]*)\s*%?\s*\))?"
)
_LETTERS = re.compile(r"[A-Za-zα-ω]{2,}")
_MAX_CHARACTERS = 40
# Behind a number: its unit alone, or a further number.
_UNIT = re.compile(r"[A-Za-zµμ%°]{1,10}(?:/[A-Za-z]{1,8})?[²³*†‡.]?$|[x×%]|[/|,;(\[±+−–-]\s*[(\[±+−–-]?\s*[\d.]")
# "(1, 2)", a place or a range, and "3D", "1st", which are words.
_NAME = re.compile(r"[(\[]\s*[\d.]+\s*[,;–-]|\d{1,2}(?:[Dd]|st|nd|rd|th)\b")


@dataclass(frozen=True, slots=True)
class Value:
    """spread: what stands behind ±; unit: "%", "x", "ms" … as it is written behind the number."""

    value: float
    text: str
    spread: float | None = None
    unit: str | None = None


def parse_value(text: str) -> Value | None:
    """The first number of a cell's text; None where it is none, or a name with a number in it.

    >>> parse_value("76.4 ± 0.3"), parse_value("ResNet-50"), parse_value("–")
    (Value(value=76.4, text='76.4 ± 0.3', spread=0.3, unit=None), None, None)
    """
    if not text or len(text) > _MAX_CHARACTERS or _NAME.match(text) or not (match := _VALUE.match(text)):
        return None
    rest = text[match.end() :].strip(" )]*†‡§⋆∗↑↓")
    if _LETTERS.match(text) or (rest and not _is_unit(rest)):
        return None
    value = float(re.sub(r"[,\u202f ]", "", match["value"]))
    if power := match["power"] or match["e"]:
        exponent = int(power.replace("−", "-"))
        value = value * 10**exponent if abs(exponent) < 300 else value
    if match["sign"] in ("-", "−", "–"):
        value = -value
    spread = match["spread"] and float(re.sub(r"[,\u202f ]", "", match["spread"]))
    unit = match["percent"] or match["magnitude"] or (rest if rest and rest[0].isalpha() and len(rest) < 12 else None)
    return Value(value, text, spread or None, unit)


def _is_unit(rest: str) -> bool:
    return _UNIT.match(rest) is not None
