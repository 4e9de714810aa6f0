"""The clock, in one place: instants are UTC."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


def now_after(last: datetime | None) -> datetime:
    """Now, but later than the last instant, even where the clock went back since then."""
    return max(now(), last + timedelta(microseconds=1)) if last else now()


def now() -> datetime:
    return datetime.now(UTC)


class Stopwatch:
    """seconds: of the whole block, once it has ended."""

    seconds: float = 0.0

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def so_far(self) -> float:
        return round(time.monotonic() - self._start, 3)


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Measures its block, by a clock that does not jump."""
    watch = Stopwatch()
    try:
        yield watch
    finally:
        watch.seconds = watch.so_far
