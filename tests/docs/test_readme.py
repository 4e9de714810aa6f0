"""Every query in the docs gives, on the sample, the answer that stands below it."""

import re

import duckdb
import pytest

from tests.docs.answers import EXAMPLE, markdown
from warehouse.settings import PROJECT
from warehouse.storage.publication import open_publication

DOCS = PROJECT / "docs"
README, COOKBOOK = PROJECT / "README.md", DOCS / "cookbook.md"


def examples(page):
    found = EXAMPLE.findall(page.read_text("utf-8"))
    return [
        pytest.param(query, answer.lstrip("\n"), id=f"{page.stem}-{i}")
        for i, (query, answer) in enumerate(found, start=1)
    ]


@pytest.mark.parametrize(("query", "answer"), examples(README))
def test_examples_of_the_readme_are_true(built, query, answer):
    """In a plain DuckDB, as the README says."""
    with duckdb.connect(str(built[0].published / "paperhouse.duckdb"), read_only=True) as connection:
        connection.execute("use marts")
        assert markdown(connection, query) == answer


@pytest.mark.parametrize(("query", "answer"), examples(COOKBOOK))
def test_examples_of_the_cookbook_are_true(whole_sample, query, answer):
    with open_publication(whole_sample) as connection:
        assert markdown(connection, query) == answer


def test_there_are_as_many_as_is_said():
    assert len(examples(README)) == 2
    assert len(examples(COOKBOOK)) == 32
    assert not [page for page in DOCS.glob("*.md") if page != COOKBOOK and examples(page)]


@pytest.mark.parametrize("page", [README, *sorted(DOCS.glob("*.md"))], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
