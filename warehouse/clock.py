"""The clock, in one place: instants are UTC."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


class Stopwatch:
    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Measures its block, by a clock that does not jump."""
    watch, start = Stopwatch(), time.monotonic()
    try:
        yield watch
    finally:
        watch.seconds = round(time.monotonic() - start, 3)
