"""A Parquet file, row by row, as the objects that a JSON array of the same data would hold."""

import math
from collections.abc import Iterator
from datetime import date
from typing import IO, Any

import polars as pl

from transforms.formats.files import BrokenFileError

MAGIC = b"PAR1"
_ROWS = 500  # at once; one row of Papers with Code's evaluation tables is a task with all of its leaderboards


def is_parquet(file: IO[bytes]) -> bool:
    start = file.read(len(MAGIC))
    file.seek(0)
    return start == MAGIC


def iter_parquet(file: IO[bytes], most_bytes: int) -> Iterator[dict[str, Any]]:
    """The rows: structs as objects, maps as lists of {key, value}, days and instants as ISO 8601, NaN as null. A few
    rows and what a row group holds of them are in memory.

    Raises BrokenFileError where the file is none, is cut or damaged, or holds more than most_bytes when unpacked.
    """
    left: float = most_bytes
    try:
        for frame in pl.scan_parquet(file).collect_batches(chunk_size=_ROWS, maintain_order=True):
            left -= frame.estimated_size()
            if left < 0:
                raise BrokenFileError(
                    f"it holds more than {most_bytes:,} bytes when unpacked, the most that the source's YAML allows"
                )
            for row in frame.iter_rows(named=True):
                yield _plain(row)
    except pl.exceptions.PolarsError as error:
        raise BrokenFileError(f"the Parquet file cannot be read: {str(error)[:200]}") from error


def _plain(value: Any) -> Any:
    match value:
        case str() | bool() | int() | None:
            return value
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case float():
            return None if math.isnan(value) else value
        case date():
            return value.isoformat()
        case _:
            return str(value)
