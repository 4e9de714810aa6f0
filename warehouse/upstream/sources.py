"""The registry of sources: each NAME.yml in transforms/sources with the `parse` of the NAME.py beside it."""

import importlib
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from io import BytesIO
from typing import IO, Any

import yaml
from pydantic import BaseModel, ConfigDict

from transforms.frames import Parsed, Piece, combine
from transforms.tidy import materialize
from warehouse.errors import UsageError
from warehouse.versions import SOURCES


class Section(BaseModel):
    """A piece of a source's YAML; a field too many or too few is an error."""

    model_config = ConfigDict(extra="forbid")


class Freshness(Section):
    warn_after_days: int
    error_after_days: int


class Trust(Section):
    """The source's rank among those that know a paper, for its title and abstract (text) and for its days (dates)."""

    text: int
    dates: int


class Assertions(Section):
    """The bounds that a batch of the source must keep."""

    min_papers: int
    max_papers: int
    max_reject_share: float
    max_null_abstract_share: float
    allows_lists_without_abstracts: bool = False  # a file that has none at all: it did not lose any
    tolerated_rejects: int = 0  # so many do not count for the share

    def reject_share(self, reject_count: int, entry_count: int) -> float:
        return max(0, reject_count - self.tolerated_rejects) / max(1, entry_count)


class Live(Section):
    """How the source is read from the network, see transforms/formats/paging.py."""

    schedule: str
    url: str
    content_types: list[str]
    requests_per_second: float
    lag_days: int  # a scheduled refresh ends so many days before the day that it runs on
    overlap_days: int  # and begins so many days before where the last one ended
    page_size: int = 0
    categories: list[str] = []
    set: str | None = None
    empty_days: list[str] = []


class Source(Section):
    """A source's config, as its YAML gives them."""

    name: str
    title: str
    publisher: str
    url: str
    licence: str
    description: str
    formats: dict[str, list[str]]  # name → the upstream fields without which a file cannot be of it
    file_patterns: list[str]
    file_name: str | None = None  # a pattern of a file's name, whose groups are its papers' venue and venue_year
    freshness: Freshness
    trust: Trust
    assertions: Assertions
    lookups: dict[str, list[str]] = {}
    limits: dict[str, int] = {}
    live: Live | None = None

    @cached_property
    def module(self) -> Any:
        """NAME.py: `parse`, and for a live source `first_request` and `inspect_page`."""
        return importlib.import_module(f"transforms.sources.{self.name}")

    @property
    def parser_version(self) -> str:
        return str(self.module.PARSER_VERSION)

    def venue_of(self, file_name: str) -> tuple[str | None, int | None]:
        """(venue, year) of the papers of a file, by its name; the lookup `venues` has how venues are written."""
        match = re.match(self.file_name, file_name, re.I) if self.file_name else None
        if not match:
            return None, None
        known = {re.sub(r"\W", "", name).casefold(): name for name in self.lookups.get("venues", [])}
        return known.get(match["venue"].casefold(), match["venue"].upper()), int(match["venue_year"])

    def lacking_fields(self, format_name: str, upstream_fields: Mapping[str, Mapping[str, int]]) -> list[str]:
        """The fields that a file of the format must have, and no entry has with a value."""
        needed = self.formats.get(format_name, [])
        return [name for name in needed if set(upstream_fields.get(name, {})) <= {"null"}]

    def iter_pieces(self, file: IO[bytes]) -> Iterator[Piece]:
        """What the file holds, piece by piece; every file gives at least one."""
        pieces: Iterator[Piece] = self.module.parse(file, self.model_dump())
        return pieces

    def pieces(self, file: IO[bytes]) -> Iterator[Parsed]:
        return map(materialize, self.iter_pieces(file))

    def parse(self, content: bytes) -> Parsed:
        """What the bytes hold, as a whole."""
        return combine(self.pieces(BytesIO(content)))


def source_names() -> list[str]:
    return sorted(file.stem for file in SOURCES.glob("*.yml"))


def source(name: str) -> Source:
    """The source of that name. Raises UsageError where there is none."""
    if name not in source_names():
        raise UsageError(f"there is no source '{name}'", f"Sources: {', '.join(source_names())}.")
    return Source(name=name, **yaml.safe_load((SOURCES / f"{name}.yml").read_text("utf-8")))


def sources() -> list[Source]:
    return [source(name) for name in source_names()]


def live_sources() -> list[Source]:
    """The sources that can be read from the network."""
    return [config for config in sources() if config.live]
