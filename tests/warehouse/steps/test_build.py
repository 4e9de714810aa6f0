"""A build has a state from its start: what did not end is neither audited nor published, and the next build makes every
mart."""

import shutil
from pathlib import Path

import pytest

import warehouse.dbt
import warehouse.versions
from tests.warehouse.steps.test_steps import PROSE, ingest, marts, raw_rows
from warehouse.errors import RejectedError, StepError
from warehouse.settings import Settings
from warehouse.steps.audit import audit
from warehouse.steps.build import build, is_published
from warehouse.steps.publish import publish
from warehouse.storage.publication import read_manifest
from warehouse.upstream.sources import list_source_names
from warehouse.versions import read_model_name
from warehouse.vocabularies import read_vocabulary, vocabulary_hash

KILLED = KeyboardInterrupt  # as little caught as SIGKILL is


def kill(*_):
    raise KILLED


def break_build(settings, monkeypatch, harm="select 1"):
    """A build that ends after its marts were changed and before it is recorded as built."""
    with monkeypatch.context() as patched:
        patched.setattr("warehouse.steps.build.build_marts", lambda *_: kill())
        with pytest.raises(KILLED):
            build(settings)
    raw_rows(settings, harm)


def test_what_did_not_end_is_neither_audited_nor_published(warehouse_copy, monkeypatch):
    published = read_manifest(warehouse_copy)
    break_build(warehouse_copy, monkeypatch)
    assert [row["state"] for row in raw_rows(warehouse_copy, "select state from raw.builds order by build_number")] == [
        "built",
        "running",
    ]
    for step in (audit, publish):
        with pytest.raises(StepError, match="build 2 did not finish"):
            step(warehouse_copy)
    assert read_manifest(warehouse_copy) == published


def test_the_build_after_one_that_did_not_end_makes_every_mart(warehouse_copy, monkeypatch):
    """Also where nothing of the project differs: the edit that broke it was reverted."""
    break_build(warehouse_copy, monkeypatch, "update marts.fct_papers set title = 'made by a bad model' returning 1")
    assert build(warehouse_copy).is_full_refresh
    assert raw_rows(warehouse_copy, "select * from marts.fct_papers where title = 'made by a bad model'") == []
    assert not build(warehouse_copy).is_full_refresh


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the dbt project and of the sources' YAML, of which builds are made."""
    dbt, sources = tmp_path / "dbt_project", tmp_path / "sources"
    shutil.copytree(warehouse.versions.DBT_PROJECT, dbt, ignore=shutil.ignore_patterns("target", "logs"))
    sources.mkdir()
    for name in list_source_names():
        (sources / f"{name}.yml").write_text((warehouse.versions.SOURCES / f"{name}.yml").read_text("utf-8"), "utf-8")
    for module in ("versions", "dbt"):
        monkeypatch.setattr(f"warehouse.{module}.DBT_PROJECT", dbt)
    monkeypatch.setattr("warehouse.vocabularies.SEEDS", dbt / "seeds")
    for module in ("versions", "upstream.sources"):
        monkeypatch.setattr(f"warehouse.{module}.SOURCES", sources)
    forget_vocabularies()
    yield tmp_path
    monkeypatch.undo()
    forget_vocabularies()


def forget_vocabularies():
    read_vocabulary.cache_clear()
    vocabulary_hash.cache_clear()


def change(file: Path, old: str, new: str):
    content = file.read_text("utf-8")
    assert old in content
    file.write_text(content.replace(old, new), "utf-8")


CHANGES = {  # kind of input → what is changed of it, each of which old papers show
    "seed": lambda project, _: change(
        project / "dbt_project/seeds/metrics.csv", ",percent,true,classification", ",percent,false,classification"
    ),
    "source": lambda project, _: change(project / "sources/hf_listing.yml", "  text: 30", "  text: 77"),
    "macro": lambda project, _: change(project / "dbt_project/macros/keys.sql", ", 1, 16)", ", 1, 15)"),
    "model": lambda project, _: change(
        project / "dbt_project/models/marts/fct_papers.sql", "    papers.title,", "    upper(papers.title) as title,"
    ),
    "identity": lambda _, monkeypatch: monkeypatch.setattr("warehouse.versions.resolver_version", lambda: "another"),
    "extractor": lambda _, monkeypatch: monkeypatch.setattr("warehouse.versions.EXTRACTOR_VERSION", "another"),
    "vectors": lambda _, monkeypatch: monkeypatch.setenv("PAPERHOUSE_TEXT_VECTORS", "false"),
}


@pytest.mark.parametrize("kind", sorted(CHANGES))
def test_each_kind_of_change_is_news(kind, project, warehouse_copy, monkeypatch):
    if kind == "vectors" and read_model_name() is None:
        pytest.skip("the extra `meaning` is not installed: make extras")
    assert is_published(warehouse_copy)
    CHANGES[kind](project, monkeypatch)
    assert not is_published(Settings(home=warehouse_copy.home))


@pytest.mark.trust
def test_after_every_kind_of_change_a_build_of_what_is_new_is_as_a_full_one(settings, listing, project, monkeypatch):
    ingest(settings, listing(("A Title", PROSE)))
    build(settings)
    for kind in ("seed", "source", "macro", "model"):
        CHANGES[kind](project, monkeypatch)
    forget_vocabularies()
    # The first is parsed again.
    ingest(settings, listing(("B Title", PROSE), name="later.txt"), listing(("A Title", PROSE)))
    build(settings)
    found = marts(settings)
    assert {row["title"] for row in found["fct_papers"]} == {"A TITLE", "B TITLE"}
    assert {len(row["claim_id"]) for row in found["fct_claimed_metrics"]} == {15}
    assert {row["higher_is_better"] for row in found["fct_claimed_metrics"]} == {False}
    assert {row["text_trust"] for row in found["dim_sources"] if row["source"] == "hf_listing"} == {77}
    audit(settings)
    publish(settings)
    assert not build(settings).is_full_refresh
    assert marts(settings) == found
    build(settings, full_refresh=True)
    assert marts(settings) == found


def test_a_build_of_what_is_new_asks_the_records_that_are_new(warehouse_copy, listing):
    ingest(warehouse_copy, listing(("A new sorter", PROSE), name="2026-04-09.txt"))
    raw_rows(
        warehouse_copy,
        "insert into raw.papers from raw.papers where load_number = (select max(load_number) from raw.papers)",
    )
    with pytest.raises(RejectedError, match=r"row_rules_stg_papers.*batch_id, entry_index: no two rows"):
        build(warehouse_copy)
