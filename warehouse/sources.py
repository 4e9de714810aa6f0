"""The registry of sources: each NAME.yml in transforms/sources with the `parse` of the NAME.py beside it."""

import importlib
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from transforms.frames import Parsed
from warehouse.errors import UsageError

FOLDER = Path(__file__).resolve().parents[1] / "transforms" / "sources"


class Freshness(BaseModel):
    warn_after_days: int
    error_after_days: int


class Assertions(BaseModel):
    """The bounds that a batch of the source must keep."""

    min_papers: int
    max_papers: int
    max_reject_share: float
    max_null_abstract_share: float


class Source(BaseModel):
    """A source's facts, as its YAML gives them; a field too many or too few is an error."""

    model_config = ConfigDict(extra="forbid")

    name: str
    title: str
    publisher: str
    url: str
    licence: str
    description: str
    formats: list[str]
    file_patterns: list[str]
    schedule: str
    freshness: Freshness
    rank_of_trust: int
    assertions: Assertions
    lookups: dict[str, list[str]] = {}
    limits: dict[str, int] = {}

    @cached_property
    def _module(self) -> Any:
        return importlib.import_module(f"transforms.sources.{self.name}")

    @property
    def parser_version(self) -> str:
        return str(self._module.PARSER_VERSION)

    def parse(self, content: bytes) -> Parsed:
        parse: Callable[[bytes, Mapping[str, Any]], Parsed] = self._module.parse
        return parse(content, self.model_dump())


def source_names() -> list[str]:
    return sorted(file.stem for file in FOLDER.glob("*.yml"))


def source(name: str) -> Source:
    """The source of that name. Raises UsageError where there is none."""
    if name not in source_names():
        raise UsageError(f"there is no source '{name}'", f"Sources: {', '.join(source_names())}.")
    return Source(name=name, **yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8")))


def sources() -> list[Source]:
    return [source(name) for name in source_names()]
