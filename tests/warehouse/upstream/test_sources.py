import shutil

import pytest

from warehouse.errors import UsageError
from warehouse.operations.describe import describe
from warehouse.settings import PROJECT
from warehouse.upstream import sources
from warehouse.upstream.sources import read_source, read_sources
from warehouse.versions import SOURCES


@pytest.mark.parametrize("source", read_sources(), ids=lambda source: source.name)
def test_every_source_has_its_config_and_its_parser(source):
    assert source.parser_version
    assert source.parse(b"").records.is_empty()
    assert source.config.assertions.min_papers <= source.config.assertions.max_papers
    assert source.config.file_patterns


def test_an_unknown_source_is_named():
    with pytest.raises(UsageError, match="there is no source 'nope'"):
        read_source("nope")


@pytest.fixture
def change(tmp_path, monkeypatch):
    """Changes a YAML in a copy of the registry."""
    shutil.copytree(SOURCES, tmp_path / "sources")
    monkeypatch.setattr(sources, "SOURCES", tmp_path / "sources")

    def change(name, old, new):
        file = tmp_path / "sources" / f"{name}.yml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    return change


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("openalex", "trust:\n", "colour: red\ntrust:\n", r"openalex\.yml: colour: Extra inputs"),
        ("openalex", "publisher: OurResearch\n", "", r"openalex\.yml: publisher: Field required"),
        (
            "openalex",
            "warn_after_days: ",
            "warn_after_days: soon ",
            r"freshness\.warn_after_days: .*integer",
        ),
        ("openalex", "trust:\n", "limits:\n  packed: 1\ntrust:\n", r"openalex\.yml: limits\.packed: Extra inputs"),
        ("openalex", "trust:\n", "lookups:\n  words: [a]\ntrust:\n", r"openalex\.yml: lookups\.words: Extra inputs"),
        ("link_checks", "  private: ", "  hidden: ", r"link_checks\.yml: lookups\.private: Field required"),
        ("openalex", "title: ", "title: [", r"openalex\.yml is not the YAML of a source"),
    ],
)
def test_what_is_wrong_in_a_yaml_is_named_by_file_and_field(change, name, old, new, message):
    change(name, old, new)
    with pytest.raises(UsageError, match=message):
        read_source(name)


def test_a_wrong_yaml_is_a_problem_of_its_own_source(change):
    change("openalex", "trust:\n", "colour: red\ntrust:\n")
    fits = {fit.source: fit for fit in describe(PROJECT / "sample" / "link_checks" / "link_checks-2026-03.jsonl")}
    assert fits["link_checks"].problem is None
    assert "openalex.yml: colour" in fits["openalex"].problem


def test_a_parser_that_raises_is_a_problem_of_its_own_source(monkeypatch):
    source = read_source("openalex")
    monkeypatch.setattr(source.module, "parse", lambda *_: 1 / 0)
    fits = {fit.source: fit for fit in describe(PROJECT / "sample" / "link_checks" / "link_checks-2026-03.jsonl")}
    assert fits["link_checks"].problem is None
    assert "its parser raises ZeroDivisionError" in fits["openalex"].problem
