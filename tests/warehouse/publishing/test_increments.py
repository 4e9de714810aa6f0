"""A publication that grew by increments is the one that is made at once: tables, index with its ties, and Parquet."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.publishing import parquet
from warehouse.publishing.macros import find_changed_texts, make_indexes
from warehouse.publishing.parquet import Links, create_segments, export_segments, extend_segments
from warehouse.publishing.tables import create_tables, find_changed_papers, replace_changed_rows
from warehouse.storage.lake import ALIAS

WORDS = ("graph", "graphs", "attention", "model", "models", "fast", "data")
BY_PAPER = ("fct_papers", "fct_claimed_metrics")
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
# A load: the papers that it changes, with their title, their abstract and the sentences of their claims; None: they go.
loads = st.dictionaries(
    st.integers(0, 11), st.none() | st.tuples(texts, texts, st.lists(texts, max_size=2)), min_size=1, max_size=5
)


@pytest.fixture(autouse=True)
def small_segments(monkeypatch):
    monkeypatch.setattr(parquet, "_PAPERS", 4)


def start(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"""
        attach ':memory:' as {ALIAS};
        create schema {ALIAS}.marts; create schema {ALIAS}.intermediate;
        create table {ALIAS}.marts.fct_papers (
            paper_id varchar, title varchar, abstract varchar, claim_count integer, repo_link_count integer,
            published_on date, venue varchar, venue_year integer, categories varchar[]
        );
        create table {ALIAS}.marts.fct_claimed_metrics (
            claim_id varchar, paper_id varchar, value_text varchar, metric varchar, evidence varchar
        );
        create table {ALIAS}.marts.dim_metrics as select 'accuracy' as metric, 0 as claim_count;
        create table {ALIAS}.intermediate.int_changed_papers (paper_id varchar);
    """)


def build(connection: duckdb.DuckDBPyConnection, load: dict) -> None:
    """What dbt does: drops the rows of changed papers, and appends them."""
    connection.execute(f"delete from {ALIAS}.intermediate.int_changed_papers")
    for paper, facts in load.items():
        name = f"paper{paper}"
        for table in BY_PAPER:
            connection.execute(f"delete from {ALIAS}.marts.{table} where paper_id = ?", [name])
        connection.execute(f"insert into {ALIAS}.intermediate.int_changed_papers values (?)", [name])
        if facts:
            title, abstract, sentences = facts
            row = [name, title, abstract, len(sentences)]
            connection.execute(
                f"insert into {ALIAS}.marts.fct_papers values (?, ?, ?, ?, 0, null, null, null, null)", row
            )
            for i, sentence in enumerate(sentences):
                row = [f"claim{paper}-{i}", name, sentence]
                connection.execute(f"insert into {ALIAS}.marts.fct_claimed_metrics values (?, ?, '1', null, ?)", row)
    count = f"(select count(*) from {ALIAS}.marts.fct_claimed_metrics)"
    connection.execute(f"update {ALIAS}.marts.dim_metrics set claim_count = {count}")


def create(connection: duckdb.DuckDBPyConnection, folder: Path, version: int) -> dict:
    connection.execute("drop schema if exists marts cascade; drop schema if exists search_fct_papers cascade")
    connection.execute("drop schema if exists search_fct_claimed_metrics cascade; create schema marts")
    connection.execute("drop schema if exists parquet cascade")
    create_tables(connection, BY_PAPER, order="paper_id")
    create_tables(connection, ["dim_metrics"])
    # What the macros of readers need, beside.
    for table in ("fct_repo_links", "brg_claim_datasets", "leaderboard", "paper_vectors"):
        connection.execute(f"create or replace table marts.{table} as select null as paper_id where false")
    connection.execute("create macro marts.papers_with(a, b, c, d, e) as table select paper_id from marts.fct_papers")
    make_indexes(connection)
    create_segments(connection, BY_PAPER)
    return {table: export_segments(connection, table, folder, version, None) for table in BY_PAPER}


def refresh(connection: duckdb.DuckDBPyConnection, last: Path, entries: dict, folder: Path, version: int) -> dict:
    find_changed_papers(connection)
    with find_changed_texts(connection):
        replace_changed_rows(connection, BY_PAPER)
    create_tables(connection, ["dim_metrics"])
    links = Links(last, entries, extend_segments(connection, BY_PAPER))
    return {table: export_segments(connection, table, folder, version, links) for table in BY_PAPER}


def contents(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict:
    found = {}
    for table in (*BY_PAPER, "dim_metrics"):
        found[table] = connection.execute(f"from marts.{table} order by all").fetchall()
    for table in BY_PAPER:
        rows = pl.read_parquet(folder / "parquet" / table / "*.parquet").rows()
        found[f"{table} as Parquet"] = sorted(rows, key=repr)
        assert sorted(rows, key=repr) == sorted(found[table], key=repr)
    for words in ("graph", "fast models", "attention data graph", "nothing"):
        for macro in ("search_papers", "search_claims"):
            for most in (2, 20):
                found[macro, words, most] = connection.execute(
                    f"from marts.{macro}(?, most := {most})", [words]
                ).fetchall()
    return found


@given(st.lists(loads, min_size=1, max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_increments_give_what_one_publication_gives(history):
    with duckdb.connect() as connection, TemporaryDirectory() as place:
        start(connection)
        folder = Path(place) / "1"
        build(connection, history[0])
        entries = create(connection, folder, 1)
        for version, load in enumerate(history[1:], 2):
            build(connection, load)
            last, folder = folder, Path(place) / str(version)
            entries = refresh(connection, last, entries, folder, version)
        grown = contents(connection, folder)
        create(connection, Path(place) / "whole", 1)
        assert contents(connection, Path(place) / "whole") == grown


def test_the_rows_of_a_paper_lie_together(tmp_path):
    with duckdb.connect() as connection:
        start(connection)
        build(connection, dict.fromkeys((5, 3, 4), ("graph", "data", ["fast models", "graphs"])))
        build(connection, {3: ("attention", "data", ["graph", "data"])})
        create(connection, tmp_path / "1", 1)
        papers = [
            [paper_id for (paper_id,) in connection.execute(f"select paper_id from marts.{table}").fetchall()]
            for table in BY_PAPER
        ]
        assert papers == [["paper3", "paper4", "paper5"], ["paper3"] * 2 + ["paper4"] * 2 + ["paper5"] * 2]


def test_a_segment_is_written_again_where_a_paper_came_or_changed_or_it_was_damaged(tmp_path):
    paper = ("graph", "data", [])
    with duckdb.connect() as connection:
        start(connection)
        build(connection, dict.fromkeys(range(10, 28), paper))  # segments 0 to 4, of which the last has two papers
        entries = create(connection, tmp_path / "1", 1)
        build(connection, {10: ("graph", "model", []), 20: None, **dict.fromkeys(range(28, 32), paper)})
        damaged = tmp_path / "1" / "parquet" / "fct_papers" / "1.parquet"
        damaged.write_bytes(b"damaged")
        found = refresh(connection, tmp_path / "1", entries, tmp_path / "2", 2)
        files = [tmp_path / "2" / each["file"] for each in found["fct_papers"]["files"]]
        assert [pl.read_parquet_metadata(file)["publication_version"] for file in files] == [
            "2",
            "2",
            "2",
            "1",
            "2",
            "2",
        ]
        assert [pl.read_parquet(file).height for file in files] == [4, 4, 3, 4, 4, 2]
        assert damaged.read_bytes() == b"damaged"
        contents(connection, tmp_path / "2")
