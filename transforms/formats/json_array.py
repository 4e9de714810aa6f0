"""A JSON array, value by value."""

import codecs
import json
from collections.abc import Callable, Iterator
from typing import IO, Any, TypeVar

from transforms.config import SourceConfig
from transforms.formats.entries import Entry, Reject, collect, objects
from transforms.formats.fields import Fields, Upstream
from transforms.formats.files import BrokenFileError
from transforms.frames import Parsed

MAX_VALUE_CHARACTERS = 1 << 25  # of one value of an array
_DECODER = json.JSONDecoder()
ConfigT = TypeVar("ConfigT", bound=SourceConfig)


def json_array(
    read_entry: Callable[[Fields, ConfigT], Entry | Reject], format_name: str
) -> Callable[[IO[bytes], ConfigT], Iterator[Parsed]]:
    """A source's `parse`: read_entry(fields, config) for each object of the file's JSON array, a reject for each other
    value."""

    def parse(file: IO[bytes], config: ConfigT) -> Iterator[Parsed]:
        upstream = Upstream()
        entries = objects(iter_json_array(file), lambda entry: read_entry(Fields(entry, upstream), config))
        return collect(entries, upstream, format_name)

    return parse


def iter_json_array(file: IO[bytes]) -> Iterator[Any]:
    """The values of the file's JSON array, one at a time; no more of the file than a value is in memory.

    Raises BrokenFileError where it is no array or breaks off. (ijson would need memory in the square of the depth of
    nesting.)
    """
    text = _Text(file)
    if text.next_character() != "[":
        raise BrokenFileError("it is not a JSON array")
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
                raise BrokenFileError(
                    f"after a value there is {other!r}, not a comma" if other else "it breaks off after a value"
                )


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
                problem = f"it is not JSON: {error}"
            if self._is_whole or len(self._text) > MAX_VALUE_CHARACTERS:
                raise BrokenFileError(problem)
            self._read(wanted)
            wanted *= 2

    def _read(self, size: int) -> None:
        content = self._file.read(size)
        self._is_whole = not content
        self._text, self._at = self._text[self._at :] + self._decode(content, self._is_whole), 0
