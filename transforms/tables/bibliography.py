"""What a paper's citations are called in its text: the authors and the year behind a key."""

import re
from collections.abc import Mapping
from itertools import islice

from transforms.tables.macros import match_group

MAX_ENTRIES = 5_000  # of a file
_BIBITEM = re.compile(r"\\bibitem\s*\[")
_KEY = re.compile(r"\s*\{([^{}]*)\}")
_NATBIB = re.compile(r"^(?P<authors>.+?)\((?P<year>(?:19|20)\d\d[a-z]?|[^()]{0,12})\)", re.S)
BIB_ENTRY = re.compile(r"@[A-Za-z]+\s*\{\s*([^,\s{}]+)\s*,")
_FIELD = re.compile(r"\b(author|editor|year|date)\s*=\s*(?:\{|\"|(\d{4}))", re.I)
_AND = re.compile(r"\s+and\s+")


def read_citations(files: Mapping[str, str]) -> dict[str, str]:
    """key → how a sentence names it, "Jiang et al. (2019)", from the archive's .bbl files, else its .bib files."""
    found: dict[str, str] = {}
    for name, text in files.items():
        if name.lower().endswith(".bib"):
            found |= _read_bib(text)
    for name, text in files.items():
        if name.lower().endswith((".bbl", ".tex")):
            found |= _read_bibitems(text)
    return found


def _read_bibitems(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in islice(_BIBITEM.finditer(text), MAX_ENTRIES):
        end = match_group(text, match.end() - 1, "[", "]")
        key = _KEY.match(text, end) if end else None
        if end and key and (parts := _NATBIB.match(text[match.end() : end - 1].replace("{", "").replace("}", ""))):
            authors = parts["authors"].replace("~", " ").replace("\\", "").strip()
            found[key[1].strip()] = f"{authors} ({parts['year']})"
    return found


def _read_bib(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    entries = list(islice(BIB_ENTRY.finditer(text), MAX_ENTRIES))
    ends = [each.start() for each in entries[1:]] + [len(text)]
    for entry, following in zip(entries, ends, strict=False):
        fields = {field[1].lower(): _read_field(text, field) for field in _FIELD.finditer(text, entry.end(), following)}
        people = fields.get("author") or fields.get("editor")
        year = (fields.get("year") or fields.get("date") or "")[:4]
        if people:
            found[entry[1]] = f"{_name_authors(people)} ({year})" if year else _name_authors(people)
    return found


def _read_field(text: str, field: re.Match[str]) -> str:
    if field[2]:
        return field[2]
    return read_value(text, field.end() - 1)


def read_value(text: str, start: int) -> str:
    """What stands in braces or quotation marks."""
    if text[start] == "{":
        return text[start + 1 : (match_group(text, start) or start + 2) - 1]
    return text[start + 1 : text.find('"', start + 1)]


def _name_authors(people: str) -> str:
    """The surnames: of one, of two, or of the first of more."""
    names = [name for each in _AND.split(" ".join(people.split())) if (name := _surname(each))]
    if len(names) > 2 or (names and "others" in people):
        return f"{names[0]} et al."
    return " and ".join(names)


def _surname(name: str) -> str:
    plain = name.replace("{", "").replace("}", "").strip()
    if plain == "others":
        return ""
    return plain.split(",")[0].strip() if "," in plain else plain.split(" ")[-1]
