"""Finds the tables of a document: tabular environments with caption, label and section."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from transforms.tables.macros import match_group, skip_brackets, skip_space

TABULARS = (
    "tabular tabular* tabularx tabulary tabu longtable longtabu supertabular xtabular mpsupertabular NiceTabular "
    "NiceTabular* NiceTabularX tblr longtblr array deluxetable deluxetable* tabularray xltabular ltablex"
).split()
_WITH_WIDTH = frozenset("tabular* tabularx tabulary NiceTabular* NiceTabularX xltabular".split())
_FLOATS = (
    "table table* sidewaystable sidewaystable* wraptable floatingtable margintable SCtable subtable subtable* "
    "longtable figure figure* wrapfigure minipage subfigure"
).split()
_NUMBERED = frozenset("table table* sidewaystable sidewaystable* wraptable longtable".split())
MAX_ENVIRONMENTS = 2_000  # of a document
_MAX_FLOATS, _MAX_SECTIONS, _MAX_CAPTIONS = 5_000, 5_000, 50  # of a document, and captions of a float
_MAX_OPEN = 200  # environments in each other
_MARK = re.compile(r"\\(begin|end)\s*\{\s*([A-Za-z]+\*?)\s*\}")
_CAPTION = re.compile(r"\\(?:caption\*?|captionof\s*\{\s*table\s*\}|subcaption|tablecaption|topcaption)\s*(?:\[|\{)")
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_SECTION = re.compile(r"\\(?:sub)*section\*?\s*(?:\[[^\]]*\]\s*)?\{")
_MATH = frozenset(
    "equation equation* align align* gather gather* math displaymath eqnarray eqnarray* multline split cases".split()
)


@dataclass(slots=True)
class Environment:
    """A tabular environment. start, end: in the document; body_start: behind the specification; number: of its float,
    from 1, as the page counts; captions, labels: of the float, as TeX."""

    name: str
    specification: str
    body: str
    start: int
    body_start: int
    end: int
    number: int | None = None
    part: int = 0  # among the environments of its float, from 0
    caption: str | None = None
    label: str | None = None
    section: str | None = None


@dataclass(slots=True)
class _Float:
    name: str
    start: int
    end: int


def find_environments(text: str) -> tuple[list[Environment], list[int]]:
    """The outermost tabular environments of a text, and where those begin that never end."""
    stack: list[tuple[str, int, int]] = []
    found: list[Environment] = []
    floats: list[_Float] = []
    unended: list[int] = []
    for match in _MARK.finditer(text):
        kind, name = match[1], match[2]
        if kind == "begin":
            if len(stack) < _MAX_OPEN:
                stack.append((name, match.start(), match.end()))
            continue
        while stack and stack[-1][0] != name:
            other, start, _ = stack[-1]
            if not any(each[0] == name for each in stack):
                break
            if other in TABULARS:
                unended.append(start)
            stack.pop()
        if not stack or stack[-1][0] != name:
            continue
        _, start, end = stack.pop()
        is_inner = any(each[0] in TABULARS or each[0] in _MATH for each in stack)
        if name in TABULARS and not is_inner and len(found) < MAX_ENVIRONMENTS:
            environment = _read_environment(text, name, start, end, match.start(), match.end())
            found += [environment] if environment else []
        if name in _FLOATS and len(floats) < _MAX_FLOATS:
            floats.append(_Float(name, start, match.end()))
    unended += [start for name, start, _ in stack if name in TABULARS]
    _place(text, found, floats)
    return found, sorted(unended)


def _read_environment(text: str, name: str, start: int, at: int, body_end: int, end: int) -> Environment | None:
    at = skip_brackets(text, at)
    if name in _WITH_WIDTH:
        at = _skip_group(text, at)
        at = skip_brackets(text, at)
    elif name in ("tabu", "longtabu"):
        spread = re.compile(r"\s*(?:to|spread)\s*[^{}]*").match(text, at)
        at = spread.end() if spread else at
    behind = _skip_group(text, at)
    if behind > body_end:
        return None
    specification = text[at:behind].strip()[1:-1]
    if name == "array" and not re.search(r"\\(?:hline|toprule|midrule)", text[behind:body_end]):
        return None
    return Environment(name, specification, text[behind:body_end], start, behind, end)


def _skip_group(text: str, at: int) -> int:
    start = skip_space(text, at)
    return (match_group(text, start) or start) if text[start : start + 1] == "{" else at


def _place(text: str, environments: list[Environment], floats: list[_Float]) -> None:
    """Gives each environment what its float says, and the section that it stands in."""
    floats.sort(key=lambda each: (each.start, -each.end))
    count = end = 0
    for each in floats:
        if each.start < end:
            continue  # inside of another
        end = each.end
        is_numbered = each.name in _NUMBERED and _CAPTION.search(text, each.start, each.end)
        count += bool(is_numbered)
        inside = [found for found in environments if each.start <= found.start < each.end]
        within = [other for other in floats if each.start <= other.start and other.end <= each.end]
        label = _LABEL.search(text, each.start, each.end)
        for part, environment in enumerate(inside):
            environment.number, environment.part = count if is_numbered else None, part
            around = [other for other in within if other.start < environment.start < other.end]
            around.sort(key=lambda other: other.end - other.start)
            captions = (_find_caption(text, other, environment) for other in around)
            environment.caption = next((caption for caption in captions if caption), None)
            environment.label = label[1] if label else None
    starts = [match.end() - 1 for match in islice(_SECTION.finditer(text), _MAX_SECTIONS)]
    for environment in environments:
        if before := bisect_left(starts, environment.start):
            environment.section = _group_at(text, starts[before - 1])


def _find_caption(text: str, of: _Float, environment: Environment) -> str | None:
    """The float's caption; of several the nearest to the environment."""
    captions = list(islice(_iter_captions(text, of.start, of.end), _MAX_CAPTIONS))
    if not captions:
        return None
    return min(captions, key=lambda each: min(abs(each[0] - environment.end), abs(environment.start - each[0])))[1]


def _iter_captions(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    for match in _CAPTION.finditer(text, start, end):
        at = match.end() - 1
        if text[at] == "[":
            at = skip_space(text, match_group(text, at, "[", "]") or at)
        if text[at : at + 1] == "{":
            yield match.start(), _group_at(text, at)


def _group_at(text: str, at: int) -> str:
    return text[at + 1 : (match_group(text, at) or at + 1) - 1]
