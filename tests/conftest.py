"""What tests share: the real files, where they lie beside the project, and warehouses made of the sample."""

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest
from filelock import FileLock

from warehouse.settings import PROJECT, Settings
from warehouse.steps.audit import audit
from warehouse.steps.build import build
from warehouse.steps.check import check
from warehouse.steps.land import land
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.steps.pipeline import Report, run
from warehouse.steps.publish import publish
from warehouse.storage.connection import connect

# The machines that tests run on are of all speeds: no example has a deadline.
hypothesis.settings.register_profile("paperhouse", deadline=None)
hypothesis.settings.load_profile("paperhouse")

T = TypeVar("T")
SHARED = PROJECT.parent / "shared"
SAMPLE = PROJECT / "sample" / "hf_listing"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real files that are not the project's own."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"needs the real files in {SHARED / 'data'}, which are not part of the project")
    return SHARED


@pytest.fixture(scope="session")
def real_listing(shared: Path) -> Path:
    return shared / "data" / "hf_papers_listing.txt"


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLE


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty home, in a folder with a space and a quote in its name."""
    return Settings(home=tmp_path / "it's a home")


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Settings], T]) -> tuple[Settings, T]:
    """A home of that name and what `make` gave when it filled it: made by the first of the test processes that asks for
    it."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    settings, result = Settings(home=root / name), root / f"{name}.pickle"
    with FileLock(root / f"{name}.lock"):
        if not result.exists():
            result.write_bytes(pickle.dumps(make(settings)))
        return settings, pickle.loads(result.read_bytes())  # noqa: S301 - it is our own


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Report]:
    """A warehouse of the sample, made once by all seven steps. Tests only read it; `warehouse_copy` is for those that
    write."""
    return made_once(tmp_path_factory, "built", lambda settings: run(settings, "hf_listing", [SAMPLE]))


@pytest.fixture(scope="session")
def marts(built, tmp_path_factory):
    """The published tables of the sample without their constraints, to be harmed."""
    database = tmp_path_factory.mktemp("marts") / "marts.duckdb"
    with connect(database) as connection:
        connection.execute(f"attach '{built[0].published / 'paperhouse.duckdb'}' as published (read_only)")
        connection.execute("create schema bare")
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'published' and schema_name = 'marts'"
        ).fetchall():
            connection.execute(f"create table bare.{table} as from published.marts.{table}")
    return database


@pytest.fixture(scope="session")
def whole_sample(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of all sources of the sample, made once. Tests only read it."""
    return made_once(tmp_path_factory, "whole", _load_all)[0]


def _load_all(settings: Settings) -> None:
    for name in ("hf_listing", "hf_daily", "pwc", "link_checks", "arxiv_source"):
        for batch_id in land(settings, name, [PROJECT / "sample" / name]):
            parse(settings, batch_id)
            check(settings, batch_id)
            load(settings, batch_id)
    build(settings)
    audit(settings)
    publish(settings)


@pytest.fixture
def warehouse_copy(built: tuple[Settings, Report], tmp_path: Path) -> Settings:
    shutil.copytree(built[0].home, tmp_path / "copy", symlinks=True)
    return Settings(home=tmp_path / "copy")


@pytest.fixture
def listing(tmp_path: Path) -> Callable[..., Path]:
    """Writes a listing page: title and abstract of each paper, one a line."""

    def write(*papers: tuple[str, str], name: str = "page.txt") -> Path:
        page = tmp_path / name
        page.write_text("".join(f"{title}\n{abstract}\n" for title, abstract in papers), "utf-8")
        return page

    return write
