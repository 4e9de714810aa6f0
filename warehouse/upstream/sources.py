"""The registry of sources: each NAME.yml in transforms/sources with the NAME.py beside it."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from types import ModuleType
from typing import IO

import yaml
from pydantic import ValidationError

from transforms.config import SourceConfig
from transforms.frames import Parsed, Piece, combine
from transforms.tidy import materialize
from warehouse.errors import UsageError
from warehouse.versions import SOURCES

FIELDS = "docs/source-fields.md has all fields."


@dataclass(frozen=True)
class Source:
    """A source: its config, and the module that reads its files. The module has PARSER_VERSION and `parse`, or
    `parse_named`, which takes the name of the file too; where the source is live `first_request` and `inspect_page`;
    where it has papers' tables `read_again`, which gives one paper of a file; where it needs more than every source
    has, a class `Config` says what."""

    config: SourceConfig
    module: ModuleType

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def parser_version(self) -> str:
        return str(self.module.PARSER_VERSION)

    def iter_pieces(self, file: IO[bytes], name: str = "") -> Iterator[Piece]:
        """What the file holds, piece by piece; every file gives at least one. name: of the file, as it was found, for
        the parsers that read it: `parse_named`."""
        if parse_named := getattr(self.module, "parse_named", None):
            named: Iterator[Piece] = parse_named(file, self.config, name)
            return named
        pieces: Iterator[Piece] = self.module.parse(file, self.config)
        return pieces

    def pieces(self, file: IO[bytes], name: str = "") -> Iterator[Parsed]:
        return map(materialize, self.iter_pieces(file, name))

    def parse(self, content: bytes) -> Parsed:
        """What the bytes hold, as a whole."""
        return combine(self.pieces(BytesIO(content)))


def list_source_names() -> list[str]:
    return sorted(file.stem for file in SOURCES.glob("*.yml"))


def read_source(name: str) -> Source:
    """The source of that name.

    Raises UsageError where there is none, or where a field of its YAML is wrong or lacks.
    """
    if name not in list_source_names():
        raise UsageError(f"there is no source '{name}'", f"Sources: {', '.join(list_source_names())}.")
    module, file = importlib.import_module(f"transforms.sources.{name}"), SOURCES / f"{name}.yml"
    config_class: type[SourceConfig] = getattr(module, "Config", SourceConfig)
    try:
        return Source(config_class(name=name, **yaml.safe_load(file.read_text("utf-8"))), module)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise UsageError(f"{file}: {wrong}", FIELDS) from None
    except (TypeError, yaml.YAMLError) as error:
        raise UsageError(f"{file} is not the YAML of a source: {error}", FIELDS) from None


def read_sources() -> list[Source]:
    """All sources. Raises UsageError where a YAML is wrong."""
    return [read_source(name) for name in list_source_names()]


def read_live_sources() -> list[Source]:
    """The sources that can be read from the network."""
    return [source for source in read_sources() if source.config.live]
