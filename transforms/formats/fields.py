"""The fields of an upstream entry: each is taken as it is used, and those that are left are counted."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from transforms.text.characters import UNSTORABLE

Row = dict[str, object]


class Fields:
    """An entry of the upstream, or an object in one. Each `take` removes a field; `Upstream` records every field, and
    those that no parser took."""

    def __init__(self, entry: Mapping[str, Any], upstream: "Upstream", path: str = "") -> None:
        self._left = dict(entry)
        self._upstream = upstream
        self._path = path
        upstream.see(self, path, entry)

    def take(self, *names: str) -> Any:
        """The first of the names that the entry has with a value; all of them are taken."""
        values = [self._left.pop(name, None) for name in names]
        return next((value for value in values if value not in (None, "", [], {})), None)

    def text(self, *names: str) -> str | None:
        value = self.take(*names)
        return None if value is None or isinstance(value, list | dict) else printable(str(value)).strip() or None

    def texts(self, *names: str) -> list[str] | None:
        value = decoded(self.take(*names))
        found = (
            [printable(str(each)).strip(" ,\n\t") for each in value if each is not None]
            if isinstance(value, list)
            else []
        )
        return [each for each in found if each] or None

    def objects(self, *names: str) -> list[dict[str, Any]]:
        """The objects of a list; what else is in it is left out."""
        value = decoded(self.take(*names))
        return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

    def integer(self, *names: str) -> int | None:
        value = self.take(*names)
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            return None
        return number if abs(number) < 2**31 else None

    def count(self, *names: str) -> int | None:
        """A number from 0 on; None for what counts nothing."""
        number = self.integer(*names)
        return number if number is not None and number >= 0 else None

    def flag(self, *names: str) -> bool | None:
        value = self.take(*names)
        return value if isinstance(value, bool) else None

    def day(self, *names: str) -> date | None:
        return day(self.text(*names))

    def inner(self, *names: str) -> "Fields":
        """A nested object, whose fields are named by their path; an empty one where there is none."""
        value = decoded(self.take(*names))
        return Fields(value if isinstance(value, dict) else {}, self._upstream, f"{self._path}{names[0]}.")

    def list_left(self) -> list[str]:
        """The fields that were not taken, by their path."""
        return [self._path + name for name in self._left]


def decoded(value: Any) -> Any:
    """The value, out of JSON where a table holds it so."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


@dataclass
class Upstream:
    """What the fields of a file's entries were: name → JSON type → how often, and how often each was not taken."""

    types: dict[str, Counter[str]] = field(default_factory=dict)
    unread: Counter[str] = field(default_factory=Counter)
    _open: list[Fields] = field(default_factory=list)  # of the entry that is being read

    def see(self, fields: Fields, path: str, entry: Mapping[str, Any]) -> None:
        self._open.append(fields)
        for name, value in entry.items():
            self.types.setdefault(path + name, Counter())[json_type(value)] += 1

    def end_entry(self) -> None:
        """Counts what no parser took of the entry that was read."""
        for fields in self._open:
            self.unread.update(fields.list_left())
        self._open.clear()


def day(text: str | None) -> date | None:
    """The day that an ISO 8601 date or instant begins with, or None.

    >>> day("2026-03-05T08:38:46.167756+00:00")
    datetime.date(2026, 3, 5)
    """
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def links(field_name: str, urls: str | None, **facts: object) -> list[Row]:
    """A row for each URL that an upstream field holds; several stand between spaces, commas or semicolons."""
    return [{"field": field_name, "url_text": url, **facts} for url in re.split(r"[\s,;]+", urls or "") if url]


def one_for_each(authors: list[str] | None, ids: Iterable[str | None]) -> list[str] | None:
    """The authors' ids, where there is one for each author.

    >>> one_for_each(["Ann Stone", "Ben Rock"], ["~Ann1", "~Ben2"])
    ['~Ann1', '~Ben2']
    >>> one_for_each(["Ann Stone", "Ben Rock"], ["~Ann1", ""])
    """
    found = [each for each in ids if each]
    return found if found and len(found) == len(authors or []) else None


def printable(text: str) -> str:
    """The text with what DuckDB, terminals or UTF-8 cannot carry (NUL, lone surrogates) replaced by U+FFFD."""
    return UNSTORABLE.sub("\ufffd", text)


def json_type(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
