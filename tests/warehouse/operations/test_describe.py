"""What the sources would make of a file that nobody knows."""

import json

import pytest
from typer.testing import CliRunner

from warehouse.cli.app import app
from warehouse.errors import UsageError
from warehouse.operations.describe import describe

LIST = [{"title": "Stones", "author": "Ann Stone", "abstract": "We sort.", "mood": "good"}, {"title": "Pebbles"}]


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        place = tmp_path / name
        place.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return place

    return write


def test_the_source_that_fits_comes_first_with_what_it_reads(file):
    best, *others = describe(file("acl2021.json", LIST))
    assert (best.source, best.problem, best.paper_count, best.reject_count) == ("conference", None, 2, 0)
    assert best.read["title"] == {"string": 2}
    assert best.unread == {"mood": 1}
    first = best.records[0]
    assert (first["title"], first["authors"], first["venue"], first["venue_year"]) == (
        "Stones",
        ["Ann Stone"],
        "ACL",
        2021,
    )
    assert all(other.problem for other in others if other.source in ("pwc", "hf_daily", "curated_list"))


def test_a_file_that_no_source_reads_says_why_each_does_not(file):
    fits = describe(file("odd.json", {"a": 1}))
    assert {"conference", "pwc", "hf_daily"} <= {each.source for each in fits}
    assert all(each.problem for each in fits)


@pytest.mark.parametrize(("name", "message"), [("odd.lock", "no source takes files"), ("folder", "is not a file")])
def test_what_is_no_file_of_a_source_is_reported(file, tmp_path, name, message):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=message):
        describe(tmp_path / name if name == "folder" else file(name, "x"))


def test_nothing_is_written(file, settings):
    result = CliRunner().invoke(app, ["sources", "describe", str(file("acl2021.json", LIST))])
    assert result.exit_code == 0
    assert "paperhouse run --source conference" in result.output
    assert not settings.home.exists() or not list(settings.home.iterdir())
    result = CliRunner().invoke(app, ["sources", "describe", str(file("odd.json", {"a": 1}))])
    assert (result.exit_code, "no source fits" in result.output) == (1, True)
