"""Versions: hashes of what frames and marts follow from. Where one differs, they are made again."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import polars as pl

from transforms import claims, links
from transforms.claims.scorer import WEIGHTS
from transforms.identity.keys import stable_hash
from transforms.identity.matching import RESOLVER_VERSION
from warehouse.settings import PROJECT, Settings
from warehouse.vocabularies import vocabulary_hash

DBT_PROJECT = PROJECT / "dbt_project"
SOURCES = PROJECT / "transforms" / "sources"
PUBLISHING = PROJECT / "warehouse" / "publishing"
SUITES = PROJECT / "expectations" / "suites"
EXTRACTOR_VERSION = (
    f"claims {claims.EXTRACTOR_VERSION}, weights {stable_hash(WEIGHTS.read_text('utf-8'))[:8]}, "
    f"links {links.EXTRACTOR_VERSION}"
)


def texts_fingerprint() -> str:
    """Texts that were read under the same one have the same claims and links."""
    return stable_hash(EXTRACTOR_VERSION + vocabulary_hash())


def resolver_version() -> str:
    return f"resolver {RESOLVER_VERSION}, polars {pl.__version__}"  # polars hashes the keys


def read_model_name() -> str | None:
    """The model's name and version; None where it is not installed."""
    try:
        return f"wordllama {version('wordllama')}"
    except PackageNotFoundError:
        return None


def project_hash(settings: Settings) -> str:
    """A hash of the dbt project, of the sources' YAML and of the versions of what fills the raw tables: where it
    differs, the marts are to be built in full."""
    model = read_model_name() if settings.text_vectors else None
    kinds = ("*.sql", "*.yml", "*.csv", "*.md")
    files = sorted([*(file for kind in kinds for file in DBT_PROJECT.rglob(kind)), *SOURCES.glob("*.yml")])
    return stable_hash(EXTRACTOR_VERSION + resolver_version() + (model or "") + _read_all(files))


def publishing_version() -> str:
    """A hash of what writes the tables of a publication, its index and its macros."""
    files = sorted(file for file in PUBLISHING.rglob("*") if file.suffix in (".py", ".sql"))
    return stable_hash(_read_all(files))


def suites_version() -> str:
    """A hash of the suites: where it differs, rows that passed before are asked again."""
    return stable_hash(_read_all(sorted(file for file in SUITES.rglob("*") if file.is_file())))


def _read_all(files: Iterable[Path]) -> str:
    return "".join(f"{file.name}\n{file.read_text('utf-8')}" for file in files)
