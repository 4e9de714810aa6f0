"""Every query in the docs gives, on the sample, the answer that stands below it."""

import re
from datetime import date, datetime

import pytest

from warehouse.publication import open_publication
from warehouse.settings import PROJECT

EXAMPLE = re.compile(r"```sql\n(.*?)```\n\n((?:\|[^\n]*\n)+)", re.S)
EXAMPLES = [
    pytest.param(query, answer, id=f"{page.stem}-{i}")
    for page in [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
    for i, (query, answer) in enumerate(EXAMPLE.findall(page.read_text("utf-8")), start=1)
]


def markdown(connection, query):
    """The query's answer as a Markdown table."""
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    rows = [[cell(value) for value in row] for row in result.fetchall()]
    return "".join(f"| {' | '.join(row)} |\n" for row in [names, ["---"] * len(names), *rows])


def cell(value):
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, date | datetime):
        return value.isoformat()
    return "" if value is None else str(value).replace("|", "\\|")


@pytest.mark.parametrize(("query", "answer"), EXAMPLES)
def test_examples_are_true(built, query, answer):
    with open_publication(built[0]) as connection:
        assert markdown(connection, query) == answer


def test_the_readme_has_five_queries():
    assert len(EXAMPLE.findall((PROJECT / "README.md").read_text("utf-8"))) >= 5


@pytest.mark.parametrize("page", [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
