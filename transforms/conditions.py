"""Under which conditions a number was measured: split, subset, languages, number of examples, extra data, attack. Which
there are, and how they are written, stands in conditions.csv; one without a name ("test set") is what holds anyway."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_CONDITIONS = Path(__file__).with_name("conditions.csv")
_LANGUAGES = Path(__file__).with_name("languages.csv")
FILES = (_CONDITIONS, _LANGUAGES)
# Right before a condition: that it does not hold.
_NEGATED = re.compile(
    r"\b(?:without|no|not|w/o|than|outperforms|outperforming|over|beats|beating)"
    r"(?: (?:any|using|extra|additional|an?|the|adversarial))*\s?$",
    re.I,
)
_NUMBER = r"(\d[\d.,]*%?)"
_EDGES = " \t,;:|/()[]-–—"
_REMEMBERED = 8192


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition with its place in a text."""

    start: int
    end: int
    name: str  # empty where it is what holds anyway
    kind: str  # what it is a condition of: 'split', 'shots', 'languages' …


@lru_cache(maxsize=_REMEMBERED)
def find_conditions(text: str) -> tuple[Condition, ...]:
    """The conditions that a text names, in the order of conditions.csv; none within another.

    >>> [each.name for each in find_conditions("5-shot accuracy, English-to-German, on the dev set")]
    ['5-shot', 'dev', 'en-de']
    """
    found: list[Condition] = []
    lowered = text.lower()
    for words, pattern, name, kind in _patterns():
        for match in pattern.finditer(text) if any(word in lowered for word in words) else ():
            if not any(each.start < match.end() and match.start() < each.end for each in found):
                is_denied = _NEGATED.search(text, 0, match.start()) is not None
                found.append(Condition(match.start(), match.end(), "" if is_denied else _expand(match, name), kind))
    return tuple(found)


@lru_cache(maxsize=_REMEMBERED)
def split_name(written: str) -> tuple[str, list[str]]:
    """A name of a dataset or metric without the conditions in it, and these; whole, where little else is in it.

    >>> split_name("WMT2014 English-German"), split_name("LibriSpeech test-clean"), split_name("test-dev")
    (('WMT2014', ['en-de']), ('LibriSpeech', ['test-clean']), ('test-dev', []))
    """
    found = find_conditions(written)
    bare = written
    for each in sorted(found, key=lambda each: -each.start):
        bare = f"{bare[: each.start].rstrip(_EDGES)} {bare[each.end :].lstrip(_EDGES)}".strip()
    if not found or not any(character.isupper() for character in bare):
        return written, []
    return bare, [each.name for each in found]


def _expand(match: re.Match[str], name: str) -> str:
    """The condition with what its groups stand for: a language by its code."""
    languages = _languages()
    for number, group in enumerate(match.groups(), start=1):
        name = name.replace(f"\\{number}", languages.get(group.lower(), group.lower().replace(",", "")))
    return name


@cache
def _patterns() -> list[tuple[Sequence[str], re.Pattern[str], str, str]]:
    """Words of which one stands in every text that the pattern finds something in, the pattern, the condition, and its
    kind."""
    languages = _languages()
    named = {"{code}": list(languages.values()), "{language}": list(languages)}
    with _CONDITIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for placeholder, words in named.items():
            row["holds"] = row["holds"].replace(placeholder, "|".join(words))
            row["pattern"] = row["pattern"].replace(placeholder, f"({'|'.join(words)})").replace("{number}", _NUMBER)
    return [
        (
            row["holds"].split("|"),
            re.compile(rf"(?<![\w-])(?<!\d[.,])(?:{row['pattern']})(?![\w-])", re.I),
            row["condition"],
            row["kind"],
        )
        for row in rows
    ]


@cache
def _languages() -> Mapping[str, str]:
    """Name in lower case → code of ISO 639-1."""
    with _LANGUAGES.open(encoding="utf-8", newline="") as file:
        return {row["language"].lower(): row["code"] for row in csv.DictReader(file)}
