"""From a source's upstream entries to frames: each field is taken out of its entry as it is used, and what is left over is counted."""

import codecs
import gzip
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any, cast

from transforms.frames import LISTED_LINKS, RECORDS, REJECTS, RESULTS, TERMS, Parsed, conform

CHUNK_ENTRIES = 20_000  # of a piece, which one process reads
EXCERPT_CHARACTERS = 120

Row = dict[str, object]
MOST_VALUE_CHARACTERS = 1 << 25  # of one value of an array
MOST_WHOLE_BYTES = 1 << 25  # of a file that has to be read as a whole: its objects take twenty times that of memory
_DECODER = json.JSONDecoder()
# What a compressed or cut file raises when it is read.
BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, OSError)


class BrokenFileError(ValueError):
    """The file cannot be read to its end."""


class Fields:
    """An entry of the upstream. Each `take` removes a field; `Upstream` hears of every field and of what nobody took."""

    def __init__(self, entry: Mapping[str, Any], upstream: "Upstream", path: str = "") -> None:
        self._left = dict(entry)
        self._upstream = upstream
        self._path = path
        for name, value in entry.items():
            upstream.saw(path + name, value)

    def take(self, *names: str) -> Any:
        """The first of the names that the entry has with a value; all of them are taken."""
        values = [self._left.pop(name, None) for name in names]
        return next((value for value in values if value not in (None, "", [], {})), None)

    def text(self, *names: str) -> str | None:
        value = self.take(*names)
        return None if value is None or isinstance(value, list | dict) else printable(str(value)).strip() or None

    def texts(self, *names: str) -> list[str] | None:
        value = self.take(*names)
        found = [printable(str(each)).strip(" ,\n\t") for each in value if each is not None] if isinstance(value, list) else []
        return [each for each in found if each] or None

    def integer(self, *names: str) -> int | None:
        value = self.take(*names)
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            return None
        return number if abs(number) < 2**31 else None

    def flag(self, *names: str) -> bool | None:
        value = self.take(*names)
        return value if isinstance(value, bool) else None

    def day(self, *names: str) -> date | None:
        return day(self.text(*names))

    def inner(self, *names: str) -> "Fields":
        """A nested object, whose fields are told by their path; an empty one where there is none."""
        value = self.take(*names)
        return Fields(value if isinstance(value, dict) else {}, self._upstream, f"{self._path}{names[0]}.")

    def done(self) -> None:
        """Counts what nobody took."""
        self._upstream.unread.update(self._path + name for name in self._left)


@dataclass
class Upstream:
    """What the fields of a file's entries were: name → JSON type → how often, and how often each was not taken."""

    types: dict[str, Counter[str]] = field(default_factory=dict)
    unread: Counter[str] = field(default_factory=Counter)

    def saw(self, name: str, value: object) -> None:
        self.types.setdefault(name, Counter())[_json_type(value)] += 1


@dataclass(frozen=True)
class Entry:
    """One entry that could be read: a paper, results, terms or several of them, with the links that it lists."""

    record: Row | None = None
    links: list[Row] = field(default_factory=list)
    results: list[Row] = field(default_factory=list)
    terms: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Reject:
    """One entry, or piece of one, that could not be read. A reason that begins with 'broken' says that the file as a whole could not."""

    reason: str
    message: str
    excerpt: str = ""


def collected(items: Iterator[Entry | Reject], upstream: Upstream, format_name: str) -> Iterator[Parsed]:
    """The items of a file as frames, CHUNK_ENTRIES at a time, and at least one piece. Entries count from 1.

    Where the items raise because the file cannot be read further, the last one is a reject of reason 'broken_file'.
    """
    piece, index = _Piece(), 0
    for index, item in enumerate(_until_broken(items), start=1):
        piece.add(item, index)
        if index % CHUNK_ENTRIES == 0:
            yield piece.parsed(upstream, format_name)
            piece = _Piece()
    if piece.size or index == 0 or upstream.types:
        yield piece.parsed(upstream, format_name)


class _Piece:
    def __init__(self) -> None:
        self.size = 0
        self._rows: dict[str, list[Row]] = {name: [] for name in ("records", "rejects", "links", "results", "terms")}

    def add(self, item: Entry | Reject, index: int) -> None:
        self.size += 1
        place: Row = {"entry_index": index}
        if isinstance(item, Reject):
            excerpt = printable(item.excerpt)[:EXCERPT_CHARACTERS]
            self._rows["rejects"].append({**place, "line_count": 0, "reason": item.reason, "message": item.message, "excerpt": excerpt})
            return
        if item.record:
            self._rows["records"].append({**place, "line_count": 0, **item.record})
        self._rows["links"] += [{**place, **link} for link in item.links]
        self._rows["results"] += [{**place, **result} for result in item.results]
        self._rows["terms"] += [{**place, **term} for term in item.terms]

    def parsed(self, upstream: Upstream, format_name: str) -> Parsed:
        types, unread = {name: dict(counts) for name, counts in upstream.types.items()}, dict(upstream.unread)
        upstream.types.clear()
        upstream.unread.clear()
        return Parsed(
            records=conform(self._rows["records"], RECORDS),
            rejects=conform(self._rows["rejects"], REJECTS),
            entry_count=self.size,
            format=format_name,
            listed_links=conform(self._rows["links"], LISTED_LINKS),
            results=conform(self._rows["results"], RESULTS),
            terms=conform(self._rows["terms"], TERMS),
            upstream_fields=types,
            unread_fields=unread,
        )


def _until_broken(items: Iterator[Entry | Reject]) -> Iterator[Entry | Reject]:
    """The items; where the file breaks off, a last one that says so."""
    try:
        yield from items
    except (*BROKEN, ValueError, RecursionError) as error:
        raise_trouble(error)
        yield Reject("broken_file", f"the file cannot be read to its end: {str(error) or type(error).__name__}; fetch or save it anew")


def raise_trouble(error: BaseException) -> None:
    """Raises the error where it is the machine's, as of a disk that cannot be read: it says nothing of the file."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error


def objects(values: Iterator[Any], read: Any) -> Iterator[Entry | Reject]:
    """read(value) for each value that is a JSON object, a reject for each other."""
    for value in values:
        if isinstance(value, dict):
            yield read(value)
        else:
            yield Reject("not_an_object", f"the entry is a JSON {_json_type(value)}, not an object", str(value))


def broken(error: Exception) -> Reject:
    """The reject that stands for a file as a whole."""
    return Reject("broken_file", str(error) or type(error).__name__)


def whole(file: IO[bytes]) -> bytes:
    """The file's content. Raises BrokenFileError where it is more than can be read at once."""
    content = file.read(MOST_WHOLE_BYTES + 1)
    if len(content) > MOST_WHOLE_BYTES:
        raise BrokenFileError(f"it holds more than {MOST_WHOLE_BYTES:,} bytes, the most that is read at once; split it")
    return content


def json_of(file: IO[bytes]) -> Any:
    """The file's JSON as a whole. Raises BrokenFileError where it is none."""
    content = whole(file)
    try:
        return json.loads(content or b"null")
    except (ValueError, RecursionError) as error:
        raise BrokenFileError(f"it is no JSON: {str(error)[:200]}") from error


def json_array(file: IO[bytes]) -> Iterator[Any]:
    """The values of the file's JSON array, one at a time; no more of the file than a value is in memory.

    Raises BrokenFileError where it is no array or breaks off. (ijson would need memory in the square of the depth of nesting.)
    """
    text = _Text(file)
    if text.next_character() != "[":
        raise BrokenFileError("it is no JSON array")
    text.skip(1)
    if text.next_character() == "]":
        return
    while True:
        yield text.next_value()
        match text.next_character():
            case ",":
                text.skip(1)
            case "]":
                return
            case other:
                raise BrokenFileError(f"after a value there is {other!r}, not a comma" if other else "it breaks off after a value")


class _Text:
    """A file of JSON, decoded as far as it is needed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._decode = file, codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._at, self._is_whole = "", 0, False

    def next_character(self) -> str:
        """The next character that is no white space; '' at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text) or self._is_whole:
                return self._text[self._at : self._at + 1]
            self._read(1 << 20)

    def skip(self, count: int) -> None:
        self._at += count

    def next_value(self) -> Any:
        self.next_character()
        wanted = 1 << 20
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                if end < len(self._text) or self._is_whole:  # else a number may go on
                    self._at = end
                    return value
                problem = "it breaks off within a value"
            except RecursionError:
                raise BrokenFileError("a value is nested too deeply") from None
            except ValueError as error:
                problem = f"it is no JSON: {error}"
            if self._is_whole or len(self._text) > MOST_VALUE_CHARACTERS:
                raise BrokenFileError(problem)
            self._read(wanted)
            wanted *= 2

    def _read(self, size: int) -> None:
        content = self._file.read(size)
        self._is_whole = not content
        self._text, self._at = self._text[self._at :] + self._decode(content, self._is_whole), 0


def decompressed(file: IO[bytes], most_bytes: int) -> IO[bytes]:
    """The file's content, out of gzip or the one member of a zip where it is packed so; reading beyond most_bytes raises BrokenFileError."""
    magic = file.read(4)
    file.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return _capped(cast("IO[bytes]", gzip.GzipFile(fileobj=file)), most_bytes)
    if magic[:4] == b"PK\x03\x04":
        archive = zipfile.ZipFile(file)
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise BrokenFileError(f"the zip file holds {len(members)} files, not one; unpack it and name the one")
        return _capped(archive.open(members[0]), most_bytes)
    return _capped(file, most_bytes)


class _Capped(io.RawIOBase):
    def __init__(self, file: IO[bytes], most_bytes: int) -> None:
        self._file, self._left, self._most = file, most_bytes, most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._file.read(len(buffer))
        self._left -= len(content)
        if self._left < 0:
            raise BrokenFileError(f"it holds more than {self._most:,} bytes when unpacked, the most that the source's YAML allows")
        buffer[: len(content)] = content
        return len(content)


def _capped(file: IO[bytes], most_bytes: int) -> IO[bytes]:
    return io.BufferedReader(_Capped(file, most_bytes), 1 << 20)


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


def printable(text: str) -> str:
    """The text with what DuckDB, terminals or UTF-8 cannot carry (NUL, lone surrogates) replaced by U+FFFD."""
    return re.sub(r"[\x00\ud800-\udfff]", "\ufffd", text)


def _json_type(value: object) -> str:
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
