"""Search by words, by meaning, and by SQL: by the command line, on the whole sample."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from warehouse import versions
from warehouse.cli.app import app
from warehouse.errors import UsageError
from warehouse.publishing import vectors
from warehouse.publishing.macros import read_macro_comments
from warehouse.readers.search import Filters, find_similar, search
from warehouse.settings import Settings
from warehouse.steps.build import build
from warehouse.steps.pipeline import run
from warehouse.storage import connection as connection_module
from warehouse.storage import database
from warehouse.storage.publication import open_publication, publication_file

NEEDS_MODEL = pytest.mark.skipif(find_spec("wordllama") is None, reason="needs the extra `meaning`: make extras")


def lacks(error):
    """A function that finds nothing."""

    def find(name):
        raise error(name)

    return find


@pytest.fixture(scope="module")
def connection(whole_sample):
    with open_publication(whole_sample) as connection:
        yield connection


@pytest.fixture
def paperhouse(whole_sample, monkeypatch):
    monkeypatch.setenv("PAPERHOUSE_HOME", str(whole_sample.home))
    return lambda *arguments: CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_words_find_papers_by_their_stems(connection):
    found = search(connection, "adapting low rank", 3)
    assert found[0]["title"].startswith("LoRA")
    assert [each["score"] for each in found] == sorted((each["score"] for each in found), reverse=True)


def test_the_snippet_is_the_sentence_with_most_of_the_words(connection):
    assert search(connection, "trainable parameters", 1)[0]["snippet"].startswith("Freezing the weights")


def test_words_find_claims_by_their_sentences(connection):
    found = search(connection, "LibriSpeech", 4, is_for_claims=True)
    assert found
    assert all("LibriSpeech" in each["evidence"] for each in found)


@pytest.fixture(scope="module")
def filtered(tmp_path_factory):
    """A warehouse of papers that differ in what searches filter by."""
    settings = Settings(home=tmp_path_factory.mktemp("filtered"))
    file = settings.home / "openreview.json"
    notes = [
        {
            "id": f"n{number}",
            "forum": f"n{number}",
            "pdate": int(datetime(year, 5, 1, tzinfo=UTC).timestamp() * 1000),
            "content": {
                "title": {"value": f"Sorting Pebbles, Part {number}"},
                "abstract": {"value": f"We sort pebbles. It gains {number}.5% accuracy on ImageNet. {code}"},
                "authors": {"value": ["Ann Stone"]},
                "venue": {"value": f"{venue} {year}"},
            },
        }
        for number, (venue, year, code) in enumerate(
            [("ICLR", 2023, ""), ("ICLR", 2024, "Code: https://github.com/a/b"), ("NeurIPS", 2024, "")], start=1
        )
    ]
    file.write_text(json.dumps(notes), "utf-8")
    assert run(settings, "openreview", [file]).failures == []
    with open_publication(settings) as connection:
        yield connection


@pytest.mark.parametrize(
    ("filters", "parts"),
    [
        (Filters(), "123"),
        (Filters(in_year=2024), "23"),
        (Filters(in_venue="iclr"), "12"),
        (Filters(in_year=2024, in_venue="ICLR"), "2"),
        (Filters(has_code=True), "2"),
        (Filters(has_code=False), "13"),
        (Filters(from_source="openreview"), "123"),
        (Filters(from_source="pwc"), ""),
        (Filters(in_category="cs.LG"), ""),
    ],
)
@pytest.mark.parametrize("is_for_claims", [False, True])
def test_filters_narrow_a_search(filtered, filters, parts, is_for_claims):
    words = "accuracy imagenet" if is_for_claims else "pebbles"
    found = search(filtered, words, 10, is_for_claims, filters)
    assert sorted(each["title"][-1] for each in found) == list(parts)


def test_the_command_takes_filters(paperhouse):
    assert "LoRA" in paperhouse("search", "low-rank", "--code").output
    assert "nothing holds these words" in paperhouse("search", "low-rank", "--no-code", "--year", "1999").output


def test_nothing_is_found_of_words_that_nobody_wrote(connection, paperhouse):
    assert search(connection, "zyzzyva", 5) == []
    assert "nothing holds these words" in paperhouse("search", "zyzzyva").output


@NEEDS_MODEL
def test_the_nearest_in_meaning_are_of_one_field(connection):
    paper, found = find_similar(connection, "wav2vec", 1)
    assert "wav2vec" in paper["title"]
    assert "Speech" in found[0]["title"]
    assert 0.3 < found[0]["similarity"] < 1


@NEEDS_MODEL
def test_a_text_gets_its_vector_once(whole_sample, tmp_path):
    with connection_module.connect(tmp_path / "vectors.duckdb") as connection:
        connection.execute(
            "create schema raw; create table raw.papers as select * from (values ('a', 'T', null), ('a', 'T', "
            "null)) t(text_id, title, abstract)"
        )
        connection.execute("create table raw.text_vectors (text_id varchar, vector tinyint[256], model varchar)")
        assert [vectors.embed(connection), vectors.embed(connection)] == [1, 0]
        connection.execute("update raw.text_vectors set model = 'an older one'")
        assert vectors.embed(connection) == 1


def test_without_the_model_all_else_works(warehouse_copy, monkeypatch):
    monkeypatch.setattr(versions, "version", lacks(versions.PackageNotFoundError))
    assert versions.read_model_name() is None
    with database.build_database(warehouse_copy, "test") as connection:
        assert vectors.embed(connection) == 0
    build(warehouse_copy)


def test_without_vectors_the_way_out_is_named(connection):
    with duckdb.connect() as bare:
        bare.execute(
            "create table fct_papers as select 'p' as paper_id, 'T' as title; create table paper_aliases as "
            "select 'p' as paper_id, 'p' as alias, 'title' as alias_kind"
        )
        bare.execute("create table paper_vectors as select 1 as paper_id limit 0")
        with pytest.raises(UsageError, match="make extras"):
            find_similar(bare, "p", 3)


def test_without_the_extension_or_its_index_the_way_out_is_named(connection, monkeypatch):
    with duckdb.connect() as bare, pytest.raises(UsageError, match="has no index of words"):
        search(bare, "words", 3)
    monkeypatch.setattr(connection_module, "files", lacks(ModuleNotFoundError))
    with pytest.raises(UsageError, match="make setup"):
        search(connection, "words", 3)


def test_every_macro_has_its_comment_in_the_file(connection):
    query = """
        select function_name, comment from duckdb_functions() where schema_name = 'marts'
        union all
        select view_name, comment from duckdb_views() where schema_name = 'marts'
    """
    found = dict(connection.execute(query).fetchall())
    assert set(found) >= {
        "claims_on",
        "leaderboard_for",
        "evidence",
        "similar_papers",
        "search_papers",
        "search_claims",
        "dim_authors",
    }
    assert sorted(found.values()) == sorted(read_macro_comments())


def test_an_author_is_a_name_or_an_id_and_the_view_works_where_the_publication_is_attached(filtered, whole_sample):
    query = "select name, paper_count, with_code_count, last_published_on::varchar from {} where name_key = 'ann stone'"
    assert filtered.execute(query.format("dim_authors")).fetchall() == [("Ann Stone", 3, 1, "2024-05-01")]
    with duckdb.connect() as elsewhere:
        elsewhere.execute(f"attach '{publication_file(whole_sample)}' as paperhouse (read_only)")
        counted = "select sum(paper_count), (select count(*) from paperhouse.marts.brg_paper_authors) from {}"
        total, names = elsewhere.execute(counted.format("paperhouse.marts.dim_authors")).fetchone()
        assert total == names > 0


def test_the_number_is_marked_in_its_abstract(connection):
    marked = connection.execute(
        "select marked from evidence((select claim_id from claims_on('cifar-100') where value_text = '91.7%'))"
    ).fetchall()
    assert "reaches ⟦91.7%⟧ on CIFAR-100" in marked[0][0]


def test_a_query_is_answered_as_a_table_or_as_json(paperhouse):
    assert "LoRA" in paperhouse("sql", "select title from fct_papers where title like 'LoRA%'").output
    rows = json.loads(
        paperhouse(
            "sql",
            "--json",
            "select rank, title from leaderboard_for('imagenet', 'Accuracy') where rank = 1 and condition is null",
        ).output
    )
    assert [row["rank"] for row in rows] == [1]
    box = paperhouse("sql", "from fct_papers").output
    assert "(40 shown)" in box
    assert "│ … │" in box  # columns are left out, not squeezed
    assert max(map(len, box.splitlines())) <= 160


def test_a_query_is_answered_in_other_modes(paperhouse, tmp_path):
    query = "select 'a|b' as name, [1, 2] as list, null as nothing union all select 'c', [], 'x' order by all"
    markdown, line = (paperhouse("sql", "--mode", mode, query).output for mode in ("markdown", "line"))
    assert markdown.splitlines() == [
        "| name | list | nothing |",
        "| --- | --- | --- |",
        "| a\\|b | [1, 2] |  |",
        "| c | [] | x |",
    ]
    assert line.splitlines()[:3] == ["   name = a|b", "   list = [1, 2]", "nothing = "]
    for mode in ("csv", "json", "parquet"):
        file = tmp_path / f"rows.{mode}"
        paperhouse("sql", "--mode", mode, "--output", str(file), query)
        assert duckdb.sql(f"select name from '{file}' order by all").fetchall() == [("a|b",), ("c",)]


@pytest.mark.parametrize(
    ("mode", "message"), [("parquet", "--output FILE"), ("markdown", "csv, spreadsheet, json or parquet")]
)
def test_a_mode_that_does_not_fit_is_reported(paperhouse, mode, message, tmp_path):
    with pytest.raises(UsageError, match=message):
        paperhouse(
            "sql", "--mode", mode, *(["--output", str(tmp_path / "x")] if mode == "markdown" else []), "select 1"
        )


@pytest.mark.parametrize(
    ("query", "message"),
    [("selec", "show tables"), ("create table marts.t as select 1", "read-only"), (" ", "the query is empty")],
)
def test_a_wrong_query_is_reported_with_a_hint(paperhouse, query, message):
    with pytest.raises(UsageError) as caught:
        paperhouse("sql", query)
    assert message in str(caught.value)


def test_the_shell_opens_in_the_marts_read_only(whole_sample, monkeypatch):
    program = Path(sys.executable).with_name("paperhouse")
    script = (
        "select count(*) as papers from fct_papers; select title from search_papers('low-rank', most := "
        "1); create table t as select 1;"
    )
    done = subprocess.run(
        [program, "sql"],
        input=script,
        env={"PAPERHOUSE_HOME": str(whole_sample.home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "LoRA" in done.stdout
    assert "read-only" in done.stderr
    assert publication_file(whole_sample).stat().st_mode & 0o222 == 0
