"""Each suite fails where its table is bad: what cannot fail judges nothing."""

import json
import re
import shutil
from collections import defaultdict
from itertools import zip_longest

import duckdb
import pytest

from expectations.validation import SUITES, Database, Result, validate, write_page
from warehouse.storage.connection import connect

OPEN = {"min_papers": 1, "min_claims": 0, "min_links": 0, "min_abstract_share": 0.0, "sources": []}

# A harm to a table, and the words of the expectation that must see it.
HARMS = {
    "update fct_papers set abstract = null": "no more papers without an abstract",
    "update fct_papers set updated_on = '2062-03-02'": "no paper is dated after today",
    "update load_history set is_check_passed = false": "nothing was loaded without",
    "delete from fct_papers": "at least as many papers",
    "insert into brg_paper_categories values ('p', 'cs.CL', false)": "one primary category",
    "insert into brg_paper_authors values ('p', 2, 'Ann Stone', 'ann stone', null)": "counted from 1",
    "insert into dim_days (day) values ('1990-01-01')": "no day between the first and the last",
    "insert into paper_vectors (paper_id, vector, model) select 'p', repeat([0], 256)::tinyint[256], "
    "'m'": "has the length of 127",
}


def rounds(harms):
    """The harms in as few rounds as go without two in a table: a validation of all suites takes seconds."""
    of_table = defaultdict(list)
    for harm in harms:
        of_table[re.search(r"(?:update|into|from) (\w+)", harm)[1]].append(harm)
    return [
        {table: harm for table, harm in zip(of_table, row, strict=True) if harm}
        for row in zip_longest(*of_table.values())
    ]


# What guardrails are held against: here all rows.
COUNTED = {
    "guardrails": """
        select
            (select count(*) from bare.fct_papers) as papers, (select count(*) from bare.fct_claimed_metrics) as claims,
            (select count(*) from bare.fct_repo_links) as links, 'hf_listing' as source,
            (select coalesce(count(abstract) / nullif(count(*), 0), 0) from bare.fct_papers) as abstract_share
    """
}


def judged(database, folder):
    return validate(Database(database), "bare", "marts", OPEN | {"min_abstract_share": 0.5}, folder, COUNTED)


def test_good_marts_pass_and_have_a_page(marts, tmp_path):
    validation = judged(marts, tmp_path)
    assert validation.is_passed, validation.failures
    assert validation.expectation_count > 10
    page = validation.page.read_text("utf-8")
    assert "no paper is dated after today" in page
    links = re.findall(r'href="([^"]+)"', page)
    assert len(links) == len(list((SUITES / "marts").glob("*.json")))
    assert all((validation.page.parent / link).exists() for link in links)
    assert list((tmp_path / "results").rglob("*.json"))


@pytest.mark.parametrize("harms", rounds(HARMS), ids=lambda harms: f"{len(harms)} tables")
def test_bad_marts_fail(harms, marts, tmp_path):
    database = tmp_path / "harmed.duckdb"
    shutil.copyfile(marts, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("set search_path = 'bare'")
        for harm in harms.values():
            connection.execute(harm)
    failures = judged(database, tmp_path).failures
    for table, harm in harms.items():
        seen = [failure.description for failure in failures if failure.table in (table, "guardrails")]
        assert any(HARMS[harm] in description for description in seen), (harm, failures)


def test_rows_outside_a_query_are_not_asked(marts, tmp_path):
    first = "paper_id = (select min(paper_id) from bare.fct_papers)"
    database = tmp_path / "harmed.duckdb"
    shutil.copyfile(marts, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"update bare.fct_papers set updated_on = '2062-03-02' where {first}")
        papers = connection.execute("select count(*) from bare.fct_papers").fetchone()[0]
    queries = {"fct_papers": f"select * from bare.fct_papers where not {first}"}
    bounds = OPEN | {"min_papers": papers}  # the guardrails still count all rows
    assert validate(Database(database), "bare", "marts", bounds, tmp_path / "site", COUNTED | queries).is_passed
    queries = {"fct_papers": f"select * from bare.fct_papers where {first}"}
    (failure,) = validate(Database(database), "bare", "marts", bounds, tmp_path / "site", COUNTED | queries).failures
    assert failure.description == "no paper is dated after today"


def test_the_page_escapes_what_it_shows(tmp_path):
    page = write_page(
        tmp_path, [Result("<b>", "x", "<script>alert(1)</script>", False, "{{ 7 * 7 }} <img src=x>")], False
    )
    text = page.read_text("utf-8")
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "{{ 7 * 7 }}" in text
    assert "http" not in text


def test_the_file_is_given_up(marts, tmp_path):
    judged(marts, tmp_path)
    with connect(marts) as connection:
        assert connection.execute("select count(*) from bare.fct_papers").fetchone() == (61,)


@pytest.mark.parametrize("file", sorted(SUITES.rglob("*.json")), ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_expectation_says_what_it_holds(file):
    suite = json.loads(file.read_text("utf-8"))
    assert suite["name"] == file.stem
    assert all(expectation["description"] for expectation in suite["expectations"])
