"""Lines of JSON objects, one at a time."""

import json
from collections.abc import Callable, Iterator
from typing import IO, Any, TypeVar

from transforms.config import SourceConfig
from transforms.formats.entries import Entry, Reject, collect
from transforms.formats.fields import Fields, Upstream, json_type
from transforms.formats.files import open_decompressed
from transforms.frames import Parsed

MAX_LINE_BYTES = 1 << 24
ConfigT = TypeVar("ConfigT", bound=SourceConfig)


def json_lines(
    read_entry: Callable[[Fields, ConfigT], Entry | Reject], format_name: str = "lines"
) -> Callable[[IO[bytes], ConfigT], Iterator[Parsed]]:
    """A source's `parse`: read_entry(fields, config) for each line of a file, plain or packed, a reject for each line
    that holds no object; blank lines are ignored."""

    def parse(file: IO[bytes], config: ConfigT) -> Iterator[Parsed]:
        upstream = Upstream()
        items = _lines(
            file, config.limits.unpacked_max_bytes, lambda entry: read_entry(Fields(entry, upstream), config)
        )
        return collect(items, upstream, format_name)

    return parse


def _lines(
    file: IO[bytes], most_bytes: int, read: Callable[[dict[str, Any]], Entry | Reject]
) -> Iterator[Entry | Reject]:
    content, number = open_decompressed(file, most_bytes), 0
    while line := content.readline(MAX_LINE_BYTES):
        number += 1
        if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := content.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield Reject("too_long", f"line {number} has more than {MAX_LINE_BYTES:,} bytes", _excerpt(line))
        elif line.strip():
            yield _value(line, number, read)


def _value(line: bytes, number: int, read: Callable[[dict[str, Any]], Entry | Reject]) -> Entry | Reject:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Reject("not_json", f"line {number} is not JSON: {str(error)[:200]}", _excerpt(line))
    if not isinstance(value, dict):
        return Reject("not_an_object", f"line {number} is a JSON {json_type(value)}, not an object", _excerpt(line))
    return read(value)


def _excerpt(line: bytes) -> str:
    return line[:1000].decode("utf-8", "replace")
