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
    "insert into fct_papers from fct_papers limit 1": "paper_id is unique",
    "update fct_papers set title = 'https://example.org'": "no title is a URL",
    "update fct_papers set first_seen_at = last_seen_at + interval 1 day": "what is first does not come after",
    "update fct_papers set updated_on = '2062-03-02'": "no paper is dated after today",
    "update fct_claimed_metrics set value = 'nan'": "every value is a finite number",
    "update fct_claimed_metrics set direction = 'up'": "levels have none",
    "update fct_claimed_metrics set value_high = value - 1": "high end is not below",
    "update fct_claimed_metrics set unit = 'furlongs'": "the unit is one of the twelve",
    "update fct_claimed_metrics set confidence = 1.5": "confidence lies between",
    "update fct_claimed_metrics set value_text = 'absent'": "the evidence holds the value",
    "update fct_claimed_metrics set char_end = char_start": "begins before it ends",
    "update fct_repo_links set availability = 'perhaps'": "available or promised",
    "insert into fct_repo_link_checks (link_id, paper_id, url, checked_at, state) values ('l', 'p', 'u', now(), "
    "'unknown')": "has its reason",
    "insert into repo_link_events (paper_id, url, kind, happened_at) values ('p', 'u', 'moved', "
    "now())": "leads elsewhere",
    "insert into brg_claim_datasets from brg_claim_datasets limit 1": "together are unique",
    "update paper_listings set rank = 0": "ranks count from 1",
    "update paper_aliases set match_score = 2": "score lies between",
    "insert into dim_metrics from dim_metrics limit 1": "metric is unique",
    "insert into dim_datasets from dim_datasets limit 1": "dataset is unique",
    "update leaderboard set rank = 1, higher_is_better = null": "whose direction is known",
    "update load_history set is_check_passed = false": "nothing was loaded without",
    "insert into rejects from rejects limit 1": "is rejected once",
    "delete from fct_papers": "at least as many papers",
    "update paper_versions set superseded_at = learnt_at - interval 1 day": "a state ends after it begins",
    "update trending set upvote_gain = -1": "no paper loses upvotes",
    "insert into fct_reported_results (result_id, value) values ('r', 'nan')": "every value is a finite number",
    "insert into claim_checks (claim_id, result_id, dataset, outcome) values ('c', 'r', 'D', "
    "'perhaps')": "the outcome is one of the four",
    "insert into brg_paper_categories values ('p', 'cs.CL', false)": "one primary category",
    "insert into brg_paper_authors values ('p', 2, 'Ann Stone', 'ann stone', null)": "counted from 1",
    "insert into dim_venues values ('ACL', 12, 1, 1)": "the year of a venue is one",
    "insert into dim_sources from dim_sources limit 1": "source is unique",
    "insert into dim_methods (method) values ('m'), ('m')": "method is unique",
    "insert into dim_days from dim_days limit 1": "day is unique",
    "insert into paper_vectors (paper_id, vector, model) select 'p', repeat([0], 256)::tinyint[256], "
    "'m'": "has the length of 127",
    "insert into id_gaps (after_id, before_id, missing_count) values ('2401.00009', '2401.00002', "
    "7)": "a gap lies between two ids",
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


@pytest.fixture(scope="module")
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
    assert validation.expectation_count > 80
    page = validation.page.read_text("utf-8")
    assert "paper_id is unique" in page
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


def test_every_published_table_has_a_suite(built):
    tables = {folder.name for folder in (built[0].published / "parquet").iterdir()} - {"publication"}
    assert {file.stem for file in (SUITES / "marts").glob("*.json")} == tables | {"guardrails"}


@pytest.mark.parametrize("file", sorted(SUITES.rglob("*.json")), ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_expectation_says_what_it_holds(file):
    suite = json.loads(file.read_text("utf-8"))
    assert suite["name"] == file.stem
    assert all(expectation["description"] for expectation in suite["expectations"])
