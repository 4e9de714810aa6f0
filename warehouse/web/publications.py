"""The publication that the explorer shows: opened once, locked, and left for the next one when that comes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import duckdb

from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.storage.connection import ended_after, load_extension
from warehouse.storage.publication import open_publication, publication_file

_AT_ONCE, _WAIT_SECONDS = 8, 2.0  # pages, and streams, that are asked for at once; how long others wait for their turn


@dataclass
class _Open:
    version: str
    connection: duckdb.DuckDBPyConnection
    readers: int = 0


class Publications:
    """Gives each request a connection of its own to the publication of now, which stays until the request is done."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._pages, self._streams = threading.Semaphore(_AT_ONCE), threading.Semaphore(_AT_ONCE)
        self._now: _Open | None = None

    @contextmanager
    def reading(self, most_seconds: float | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to one publication. Raises UsageError where nothing is published, TimeoutError where the block
        asks longer than most_seconds, by default what a page may take, or where as many ask already."""
        turns = self._streams if most_seconds else self._pages
        if not turns.acquire(timeout=_WAIT_SECONDS):
            raise TimeoutError("the site is busy: try again")
        try:
            with self._cursor(most_seconds or self._settings.web_query_seconds) as cursor:
                yield cursor
        finally:
            turns.release()

    @contextmanager
    def _cursor(self, most_seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
        shown = self._enter()
        cursor = shown.connection.cursor()
        cursor.execute("use marts")
        try:
            with ended_after(cursor, most_seconds):
                yield cursor
        finally:
            cursor.close()
            self._leave(shown)

    def version(self) -> str:
        """The number of the publication of now. Raises UsageError where there is none."""
        return publication_file(self._settings).parent.name

    def _enter(self) -> _Open:
        with self._lock:
            version = self.version()
            if self._now is None or self._now.version != version:
                last, self._now = self._now, _Open(version, self._open())
                if last and last.readers == 0:
                    last.connection.close()
            self._now.readers += 1
            return self._now

    def _leave(self, shown: _Open) -> None:
        with self._lock:
            shown.readers -= 1
            if shown.readers == 0 and shown is not self._now:
                shown.connection.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        """Read-only, with search where it is installed, and locked: no query can open a file or change a setting."""
        connection = open_publication(self._settings)
        with suppress(UsageError):  # without it, the search page says so
            load_extension(connection, "fts")
        connection.execute("set enable_external_access = false; set lock_configuration = true")
        return connection
