"""docs/adding.md, followed: its own files make a source that works."""

import re
import shutil
import sys

import pytest

import transforms.sources
from warehouse.operations.describe import describe
from warehouse.settings import PROJECT
from warehouse.steps.check import check
from warehouse.steps.land import land
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.upstream import sources

PAGE = (PROJECT / "docs" / "adding.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"```(json|yaml|python)\n(.*?)```", PAGE, re.S))


@pytest.fixture
def digest(tmp_path, monkeypatch):
    """The registry with the page's source, and the page's file."""
    folder = tmp_path / "sources"
    shutil.copytree(sources.SOURCES, folder)
    (folder / "quarry_digest.yml").write_text(BLOCKS["yaml"], "utf-8")
    (folder / "quarry_digest.py").write_text(BLOCKS["python"], "utf-8")
    monkeypatch.setattr(sources, "SOURCES", folder)
    monkeypatch.setattr(transforms.sources, "__path__", [str(folder)])
    file = tmp_path / "digest.jsonl"
    file.write_text(BLOCKS["json"], "utf-8")
    yield file
    sys.modules.pop("transforms.sources.quarry_digest", None)


def test_the_source_of_the_page_fits_its_file(digest):
    fit = next(fit for fit in describe(digest) if fit.source == "quarry_digest")
    assert (fit.problem, fit.paper_count, fit.reject_count) == (None, 1, 1)
    assert fit.unread == {"pages": 1, "by": 1}
    assert (fit.records[0]["own_id"], fit.records[0]["authors"]) == ("2401.00001", ["Ann Stone"])


def test_the_source_of_the_page_is_loaded(digest, settings):
    (batch,) = land(settings, "quarry_digest", [digest])
    note = parse(settings, batch)
    check(settings, batch)
    load(settings, batch)
    assert (note.paper_count, note.reject_count, note.claim_count) == (1, 1, 1)
