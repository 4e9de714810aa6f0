"""A build has a state from its start: what did not end is neither audited nor published, and the next build makes every mart."""

from pathlib import Path

import pytest
import yaml

from tests.warehouse.test_steps import PROSE, ingest, raw_rows
from warehouse.audit import audit
from warehouse.build import build
from warehouse.errors import StepError
from warehouse.publication import manifest
from warehouse.publish import publish
from warehouse.sources import source_names

KILLED = KeyboardInterrupt  # as little caught as SIGKILL is


def kill(*_):
    raise KILLED


def break_build(settings, monkeypatch, harm="select 1"):
    """A build that ends after its marts were changed and before it is recorded as built."""
    with monkeypatch.context() as patched:
        patched.setattr("warehouse.build.build_marts", lambda *_: kill())
        with pytest.raises(KILLED):
            build(settings)
    raw_rows(settings, harm)


def test_what_did_not_end_is_neither_audited_nor_published(warehouse_copy, monkeypatch):
    published = manifest(warehouse_copy)
    break_build(warehouse_copy, monkeypatch)
    assert [row["state"] for row in raw_rows(warehouse_copy, "select state from raw.builds order by build_number")] == ["built", "running"]
    for step in (audit, publish):
        with pytest.raises(StepError, match="build 2 did not end"):
            step(warehouse_copy)
    assert manifest(warehouse_copy) == published


def test_the_build_after_one_that_did_not_end_makes_every_mart(warehouse_copy, monkeypatch):
    """Also where nothing of the project differs: the edit that broke it was reverted."""
    break_build(warehouse_copy, monkeypatch, "update marts.fct_papers set title = 'made by a bad model' returning 1")
    assert build(warehouse_copy).is_full_refresh
    assert raw_rows(warehouse_copy, "select * from marts.fct_papers where title = 'made by a bad model'") == []
    assert not build(warehouse_copy).is_full_refresh


def test_a_change_of_a_sources_configuration_makes_every_mart(settings, listing, tmp_path, monkeypatch):
    """What the YAML says of trust decides which text a paper has: old papers must follow it too."""
    import warehouse.sources

    folder = tmp_path / "sources"
    folder.mkdir()
    for name in source_names():
        (folder / f"{name}.yml").write_text((warehouse.sources.FOLDER / f"{name}.yml").read_text("utf-8"), "utf-8")
    monkeypatch.setattr("warehouse.sources.FOLDER", folder)
    monkeypatch.setattr("warehouse.dbt.SOURCES", folder)
    ingest(settings, listing(("A Title", PROSE)))
    build(settings)
    change(folder / "hf_listing.yml", lambda facts: facts["trust"].update(text=77))
    ingest(settings, listing(("B Title", PROSE), name="later.txt"))
    assert build(settings).is_full_refresh
    assert raw_rows(settings, "select text_trust from marts.dim_sources where source = 'hf_listing'") == [{"text_trust": 77}]
    assert not build(settings).is_full_refresh


def change(file: Path, edit):
    facts = yaml.safe_load(file.read_text("utf-8"))
    edit(facts)
    file.write_text(yaml.safe_dump(facts), "utf-8")
