"""Every rule of a mart's rows fails where a row breaks it: what cannot fail judges nothing."""

import duckdb
import pytest
import yaml

from transforms.frames import CLAIM_VALUES, LINK_VALUES
from warehouse.dbt import read_results
from warehouse.versions import DBT_PROJECT

# For each rule what breaks it. A row that is put in has what the rule asks for alone.
HARMS = {
    "dim_sources": {"a source is late before it is missing": "update dim_sources set warn_after_days = 1000000"},
    "dim_venues": {"the year of a venue is one": "insert into dim_venues values ('ACL', 12, 1, 1)"},
    "fct_claimed_metrics": {
        "a place begins before it ends": "update fct_claimed_metrics set char_end = char_start",
        "every value is a finite number": "update fct_claimed_metrics set value = 'nan'",
        "changes have a direction, levels have none": "update fct_claimed_metrics set direction = 'up'",
        "a range's high end is not below its low end": "update fct_claimed_metrics set value_high = value - 1",
        "confidence lies between 0 and 1": "update fct_claimed_metrics set confidence = 1.5",
        "the evidence holds the value as written": "update fct_claimed_metrics set value_text = 'absent'",
        "its text begins with the value or a range's high end": "update fct_claimed_metrics set value = value + 1",
    },
    "fct_papers": {
        "no title is a URL": "update fct_papers set title = 'https://example.org'",
        "first dates are not after last dates": ("update fct_papers set first_seen_at = last_seen_at + interval 1 day"),
    },
    "fct_tables": {
        "counts are not negative": (
            "insert into fct_tables (table_id, row_count, column_count, numeric_cell_count) values ('t', -1, 1, 1)"
        ),
        "lines count from 1": "insert into fct_tables (table_id, line_first, line_last) values ('t', 0, 3)",
    },
    "fct_table_cells": {
        "every number of a cell is finite": "insert into fct_table_cells (cell_id, value) values ('c', 'nan')",
        "a cell ends behind its beginning": (
            "insert into fct_table_cells (cell_id, char_start, char_end) values ('c', 5, 4)"
        ),
        "a confidence is between 0 and 1": "insert into fct_table_cells (cell_id, confidence) values ('c', 1.5)",
    },
    "fct_table_results": {
        "confidences are between 0 and 1": (
            "insert into fct_table_results (table_result_id, confidence, leaderboard_confidence) values ('r', 0.5, -1)"
        ),
        "a number has its cell": "insert into fct_table_results (table_result_id, value) values ('r', 1)",
    },
    "fct_repo_link_checks": {
        "what moved, and nothing else, leads elsewhere": (
            "insert into fct_repo_link_checks (link_id, state) values ('l', 'moved')"
        ),
        "an unknown state, and no other, has its reason": (
            "insert into fct_repo_link_checks (link_id, state) values ('l', 'unknown')"
        ),
        "counts and statuses are in their range": (
            "insert into fct_repo_link_checks (link_id, state, stars) values ('l', 'gone', -1)"
        ),
    },
    "fct_repo_links": {
        "a place begins before it ends, and what a source lists has none": (
            "update fct_repo_links set char_end = char_start where section <> 'listing'"
        ),
        "an announcement, and nothing else, has no URL": "update fct_repo_links set url = null",
        "a link that was checked, and no other, has a state": "update fct_repo_links set state = 'gone'",
    },
    "fct_corrections": {
        "what changes a number says how, and nothing else does": (
            "insert into fct_corrections (correction_id, verdict) values ('c', 'changed')"
        )
    },
    "fct_reported_results": {
        "every value is a finite number": "insert into fct_reported_results (result_id, value) values ('r', 'nan')"
    },
    "id_gaps": {
        "a gap lies between two ids": (
            "insert into id_gaps (after_id, before_id, missing_count) values ('2401.00009', '2401.00002', 7)"
        )
    },
    "leaderboard": {
        "what is ranked, and nothing else, is sure, a model's, and has a metric whose direction is known": (
            "insert into leaderboard (entry_id, evidence_kind, kind, is_sure, higher_is_better, result_id) "
            "values ('e', 'reported', 'model', true, true, 'r')"
        ),
        "each entry has the evidence of its kind": (
            "insert into leaderboard (entry_id, evidence_kind, claim_id, result_id) values ('e', 'reported', 'c', 'r')"
        ),
        "what is not reported has a confidence": "update leaderboard set confidence = 2 where result_id is null",
    },
    "paper_aliases": {"a match's score lies between 0 and 1": "update paper_aliases set match_score = 2"},
    "paper_listings": {"ranks count from 1, upvotes from 0": "update paper_listings set rank = 0"},
    "paper_versions": {
        "a state ends after it begins, in both times": (
            "update paper_versions set superseded_at = learnt_at - interval 1 day"
        )
    },
    "repo_link_events": {
        "what moved leads elsewhere": "insert into repo_link_events (paper_id, kind) values ('p', 'moved')"
    },
    "trending": {"no paper loses upvotes, and windows have 1, 7 or 30 days": "update trending set upvote_gain = -1"},
}


MARTS = DBT_PROJECT / "models" / "marts"
ARGUMENTS = {  # of the row_rules of each mart
    model["name"]: test["row_rules"]["arguments"]
    for file in MARTS.glob("*.yml")
    for model in yaml.safe_load(file.read_text("utf-8"))["models"]
    for test in model["data_tests"]
    if "row_rules" in test
}
RULES = [(table, rule) for table, arguments in ARGUMENTS.items() for rule in arguments.get("rules", [])]


def test_the_values_of_claims_and_links_are_those_of_the_frames():
    for table, allowed in (("fct_claimed_metrics", CLAIM_VALUES), ("fct_repo_links", LINK_VALUES)):
        found = {column: values for column, values in ARGUMENTS[table]["values"].items() if column in allowed}
        assert found == {column: list(values) for column, values in allowed.items() if None not in values}


@pytest.fixture(scope="module")
def queries(built):
    """The SQL of the row_rules of each mart, as dbt made it, for the tables of `marts`."""
    queries = {
        result.name.split(".")[2].removeprefix("row_rules_"): result.sql.replace('"warehouse"."marts".', "bare.")
        for result in read_results(built[0])
        if ".row_rules_" in result.name
    }
    assert set(ARGUMENTS) <= set(queries)
    return queries


@pytest.fixture
def connection(marts):
    with duckdb.connect(str(marts)) as connection:
        connection.execute("begin; set search_path = 'bare'")
        yield connection
        connection.execute("rollback")


def broken(connection, query):
    return {rule for (rules, _) in connection.execute(query).fetchall() for rule in rules.split("; ")}


def test_every_rule_has_a_harm():
    assert {(table, rule) for table, harms in HARMS.items() for rule in harms} == set(RULES)


@pytest.mark.parametrize(("table", "rule"), RULES)
def test_a_rule_sees_its_harm(connection, queries, table, rule):
    assert broken(connection, queries[table]) == set()
    connection.execute(HARMS[table][rule])
    assert rule in broken(connection, queries[table])


@pytest.mark.parametrize("table", ARGUMENTS)
def test_keys_references_and_values_are_asked(connection, queries, table):
    arguments = ARGUMENTS[table]
    references, values = arguments.get("references", {}), arguments.get("values", {})
    connection.execute(f"insert into {table} default values; insert into {table} default values")
    assert {f"{key}: no two rows have the same" for key in arguments["unique"]} <= broken(connection, queries[table])
    for column in [*references, *values]:
        connection.execute(f"insert into {table} ({column}) values ('nowhere')")
    expected = {f"{column} is one of {parent[5:-2]}" for column, parent in references.items()}
    expected |= {f"{column} is one of {', '.join(allowed)}" for column, allowed in values.items()}
    assert expected <= broken(connection, queries[table])


def test_nulls_are_seen(connection, queries):
    query = queries["units"].replace('"warehouse"."seeds".', "bare.")
    connection.execute("create table bare.units as select 'token' as token, 'unit' as unit, 'measure' as measure")
    assert broken(connection, query) == set()
    connection.execute("update bare.units set unit = null")
    assert broken(connection, query) == {"unit is not null"}
