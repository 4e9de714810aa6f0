"""The steps alone: what each promises, and what it does when its promise cannot be kept."""

import json
import shutil
from dataclasses import replace
from datetime import date

import duckdb
import polars as pl
import pytest

from tests.upstream import daily
from transforms.sources import arxiv_snapshot
from warehouse.errors import RejectedError, StepError
from warehouse.steps.audit import audit
from warehouse.steps.build import build
from warehouse.steps.check import check
from warehouse.steps.land import land
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.steps.pipeline import rebuild, run
from warehouse.steps.publish import publish
from warehouse.storage.batches import frame_files, read_batch
from warehouse.storage.connection import rows
from warehouse.storage.database import build_database
from warehouse.storage.notes import read_check_note, read_parse_note
from warehouse.storage.publication import find_current_folder, open_publication, read_manifest
from warehouse.upstream.sources import read_source

PROSE = "We show that a plain method, trained for longer than is usual, improves accuracy by 3.2% on ImageNet. Code: https://github.com/a/b"

TABLES = [
    "fct_papers",
    "fct_claimed_metrics",
    "brg_claim_datasets",
    "fct_repo_links",
    "paper_listings",
    "paper_aliases",
    "leaderboard",
    "rejects",
]


def read_lenient_source(name):
    """The source, all of whose entries may be rejects."""
    source = read_source(name)
    assertions = source.config.assertions.model_copy(update={"max_reject_share": 1})
    return replace(source, config=source.config.model_copy(update={"assertions": assertions}))


def raw_rows(settings, query):
    with build_database(settings, "test") as connection:
        return rows(connection, query)


def marts(settings):
    """Every row of the marts in the build database, but for the history of loads and the days on which they were."""
    tables = [
        row["name"]
        for row in raw_rows(settings, "select table_name as name from duckdb_tables() where schema_name = 'marts'")
    ]
    return {
        table: raw_rows(settings, f"from (from marts.{table} order by all)")
        for table in tables
        if table not in ("load_history", "dim_days")
    }


def contents(settings):
    """Every row of the published tables that equal batches make equal."""
    query = "from {}"
    with open_publication(settings) as connection:
        return {table: sorted(map(repr, connection.execute(query.format(table)).fetchall())) for table in TABLES}


def ingest(settings, *pages):
    batches = land(settings, "hf_listing", pages)
    for batch in batches:
        parse(settings, batch)
        check(settings, batch)
        load(settings, batch)
    return batches


def files(settings, batch_id, name):
    batch = read_batch(settings, batch_id)
    return frame_files(batch.frames(settings, read_parse_note(settings, batch).fingerprint), name)


def frame(settings, batch_id, name):
    return pl.read_parquet(files(settings, batch_id, name))


def test_a_receipt_of_another_release_is_read_unless_it_lacks_something(settings, listing):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    expected, receipt = read_batch(settings, batch_id), settings.landing / "receipts" / f"{batch_id}.json"
    facts = json.loads(receipt.read_text())
    receipt.write_text(json.dumps(facts | {"a_later_field": 1}))
    assert read_batch(settings, batch_id) == expected
    receipt.write_text(json.dumps({name: value for name, value in facts.items() if name != "sha256"}))
    with pytest.raises(StepError, match=rf"{batch_id}.json lacks sha256") as refused:
        read_batch(settings, batch_id)
    assert "paperhouse run" in refused.value.hint


def test_parse_is_pure_and_done_once(settings, listing):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    note = parse(settings, batch_id)
    (file,), first = files(settings, batch_id, "papers"), frame(settings, batch_id, "papers")
    written = file.stat().st_mtime_ns
    assert parse(settings, batch_id) == note
    assert file.stat().st_mtime_ns == written
    read_batch(settings, batch_id).note(settings, "parse").unlink()
    assert parse(settings, batch_id).fingerprint == note.fingerprint
    assert frame(settings, batch_id, "papers").equals(first)


@pytest.mark.parametrize("chunk", [2, 100], ids=["pieces", "one piece"])
def test_a_text_that_stands_in_several_pieces_has_its_claims_once(settings, tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(arxiv_snapshot, "CHUNK_ENTRIES", chunk)
    file = tmp_path / "snapshot.jsonl"
    lines = [
        {"id": f"2401.0000{i}", "title": "A Title" if i % 2 else f"Title {i}", "abstract": PROSE, "authors": "A. One"}
        for i in range(1, 6)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in [*lines, {"id": "none"}]), "utf-8")
    (batch_id,) = land(settings, "arxiv_snapshot", [file])
    note = parse(settings, batch_id)
    papers, claims, links = (frame(settings, batch_id, name) for name in ("papers", "claims", "links"))
    assert papers["text_id"].to_list()[0::2] == [papers["text_id"][0]] * 3
    assert (
        (note.paper_count, note.claim_count, note.link_count)
        == (papers.height, claims.height, links.height)
        == (5, 3, 3)
    )
    assert (note.line_count, note.reject_count, note.entry_count, note.kept_entry_count) == (6, 1, 6, 6)
    assert claims["text_id"].to_list() == papers["text_id"].unique(maintain_order=True).to_list()


@pytest.mark.parametrize("harm", [lambda file: file.unlink(), lambda file: file.write_bytes(file.read_bytes()[:-9])])
def test_a_landed_file_that_changed_is_not_used(settings, listing, harm):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    harm(read_batch(settings, batch_id).landed_file(settings))
    with pytest.raises(StepError, match=r"page\.txt (is gone|was changed)"):
        parse(settings, batch_id)


def test_no_step_goes_before_its_turn(settings, listing):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    with pytest.raises(StepError, match="is not parsed"):
        check(settings, batch_id)
    parse(settings, batch_id)
    with pytest.raises(StepError, match="no check that passed"):
        load(settings, batch_id)
    for step, message in ((build, "nothing is loaded"), (audit, "nothing is built"), (publish, "nothing is built")):
        with pytest.raises(StepError, match=message):
            step(settings)


def test_no_load_without_the_check_of_these_very_frames(settings, listing):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    parse(settings, batch_id)
    check(settings, batch_id)
    note = read_batch(settings, batch_id).note(settings, "parse")
    note.write_text(json.dumps(json.loads(note.read_text()) | {"fingerprint": "of other frames"}))
    with pytest.raises(StepError, match="no check that passed"):
        load(settings, batch_id)


def test_an_empty_file_fails_its_check_and_is_kept(settings, tmp_path):
    (tmp_path / "empty.txt").touch()
    (batch_id,) = land(settings, "hf_listing", [tmp_path / "empty.txt"])
    parse(settings, batch_id)
    with pytest.raises(RejectedError, match=r"the file is empty(.|\n)*data_docs/batches/.*/index\.html"):
        check(settings, batch_id)
    note = read_check_note(settings, read_batch(settings, batch_id))
    assert note
    assert not note.is_passed
    assert (settings.home / note.page).exists()
    assert (settings.quarantine / batch_id / "landed").exists()
    (history,) = raw_rows(
        settings,
        "select outcome, is_check_passed, check_page, message, finished_at is not null as ended from raw.loads",
    )
    assert (history["outcome"], history["is_check_passed"], history["check_page"], history["ended"]) == (
        "failed",
        False,
        note.page,
        True,
    )
    assert raw_rows(settings, "select * from raw.papers") == []
    with pytest.raises(StepError, match="no check that passed"):
        load(settings, batch_id)


def test_a_batch_that_passes_later_leaves_quarantine(settings, listing, monkeypatch):
    (batch_id,) = land(settings, "hf_listing", [listing((PROSE, PROSE + " Again."), ("A Title", PROSE))])
    parse(settings, batch_id)
    with pytest.raises(RejectedError):
        check(settings, batch_id)
    monkeypatch.setattr("warehouse.steps.check.read_source", read_lenient_source)
    assert check(settings, batch_id).is_passed
    assert list(settings.quarantine.iterdir()) == []
    assert load(settings, batch_id) == "loaded"
    assert raw_rows(settings, "select attempt, outcome from raw.loads order by attempt") == [
        {"attempt": 1, "outcome": "failed"},
        {"attempt": 2, "outcome": "loaded"},
    ]


def test_a_stored_result_that_is_gone_is_made_again(settings, listing):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    parse(settings, batch_id)
    check(settings, batch_id)
    shutil.rmtree(settings.data_docs)
    assert (settings.home / check(settings, batch_id).page).exists()


def test_too_many_rejects_fail_the_check(settings, listing):
    (batch_id,) = land(settings, "hf_listing", [listing((PROSE, PROSE + " Again."), ("A Title", PROSE))])
    parse(settings, batch_id)
    with pytest.raises(RejectedError, match="no more rejects"):
        check(settings, batch_id)


def test_a_misnamed_file_is_kept_out(settings, listing):
    """A list of 2062 would move every window of trending: all its records are rejects, and the batch fails."""
    page = listing(("A Title", PROSE), name="2062-03-02.txt")
    assert run(settings, "hf_listing", [page]).outcomes.popitem()[1] == "failed"
    (batch_id,) = land(settings, "hf_listing", [page])
    assert frame(settings, batch_id, "rejects")["reason"].to_list() == ["date_in_the_future"]
    assert not read_manifest(settings)


def test_a_record_of_a_day_to_come_is_a_reject(settings, tmp_path):
    papers = json.loads(daily(range(10)))
    papers[3]["paper"]["publishedAt"] = "2062-03-02T08:00:00.000Z"
    day = tmp_path / "2026-03-05.json"
    day.write_text(json.dumps(papers), "utf-8")
    (batch_id,) = land(settings, "hf_daily", [day])
    note = parse(settings, batch_id)
    assert (note.entry_count, note.paper_count, note.reject_count) == (10, 9, 1)
    assert check(settings, batch_id).is_passed


def test_a_claim_out_of_place_fails_the_check(settings, listing):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    parse(settings, batch_id)
    (file,) = files(settings, batch_id, "claims")
    pl.read_parquet(file).with_columns(
        char_start=pl.col("char_start") + 1, char_end=pl.col("char_end") + 1
    ).write_parquet(file)
    with pytest.raises(RejectedError, match="stands where it says"):
        check(settings, batch_id)


def test_frames_stay_until_the_parse_after_the_next(settings, listing, monkeypatch):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    made = []
    for version in "123":
        monkeypatch.setattr("warehouse.steps.parse.EXTRACTOR_VERSION", version)
        made.append(f"frames-{parse(settings, batch_id).fingerprint}")
    left = {path.name for path in read_batch(settings, batch_id).folder(settings).glob("frames-*")}
    assert left == set(made[1:])


def test_a_crash_in_the_middle_of_a_load_leaves_nothing(settings, listing, monkeypatch):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    parse(settings, batch_id)
    check(settings, batch_id)
    monkeypatch.setattr("warehouse.steps.load.close_load", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load(settings, batch_id)
    assert raw_rows(settings, "select * from raw.papers") == []
    monkeypatch.undo()
    assert load(settings, batch_id) == "loaded"
    assert raw_rows(settings, "select count(*) as papers from raw.papers") == [{"papers": 1}]


def test_a_second_run_changes_nothing(warehouse_copy, sample):
    before = contents(warehouse_copy)
    report = run(warehouse_copy, "hf_listing", [sample])
    assert set(report.outcomes.values()) == {"unchanged"}
    assert contents(warehouse_copy) == before
    assert report.manifest["version"] == 1  # nothing new, so nothing is published anew
    with build_database(warehouse_copy, "test") as connection:
        history = connection.execute(
            "select outcome, count(*) from raw.loads group by outcome order by outcome"
        ).fetchall()
    assert history == [("loaded", 2), ("unchanged", 2)]


def test_the_landing_zone_alone_is_enough(warehouse_copy):
    before = contents(warehouse_copy)
    warehouse_copy.build_database.write_bytes(b"broken")
    report = rebuild(warehouse_copy)
    assert set(report.outcomes.values()) == {"loaded"}
    assert contents(warehouse_copy) == before


def test_incremental_and_full_builds_are_equal(settings, listing):
    ingest(settings, listing(("A Title", PROSE), ("B Title", PROSE), name="2026-03-01.txt"))
    build(settings)
    audit(settings)
    publish(settings)
    better = PROSE.replace("3.2%", "4.1%").replace("https://github.com/a/b", "nowhere yet, but it will come to be.")
    ingest(settings, listing(("A Title", better), ("C Title", PROSE), name="2026-03-09.txt"))
    assert not build(settings).is_full_refresh
    query = "from (select * from marts.{} order by all)"
    tables = [
        row["name"]
        for row in raw_rows(
            settings, "select table_name as name from duckdb_tables() where schema_name = 'marts' order by name"
        )
    ]
    incremental = {table: raw_rows(settings, query.format(table)) for table in tables}
    assert build(settings, full_refresh=True).is_full_refresh
    assert {table: raw_rows(settings, query.format(table)) for table in tables} == incremental
    claims = {row["paper_id"]: row["value_text"] for row in incremental["fct_claimed_metrics"]}
    assert sorted(claims.values()) == ["3.2%", "3.2%", "4.1%"]
    assert len(incremental["fct_repo_links"]) == 2


def test_an_audit_that_fails_blocks_publishing(warehouse_copy):
    published = read_manifest(warehouse_copy)
    with build_database(warehouse_copy, "test") as connection:
        connection.execute("delete from marts.fct_papers where rowid >= 20")
    with pytest.raises(
        RejectedError,
        match=r"the last publication stays: guardrails: at least as many papers as the guardrail allows.*at "
        r"least 30 .*observed 20",
    ):
        audit(warehouse_copy)
    with pytest.raises(StepError, match="no audit that passed"):
        publish(warehouse_copy)
    assert read_manifest(warehouse_copy) == published


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (
            "update marts.fct_papers set abstract = null where rowid % 3 = 0",
            "no more papers without an abstract than the guardrail allows",
        ),
        (
            "delete from marts.fct_claimed_metrics where rowid % 2 = 0",
            "at least as many claims as the guardrail allows",
        ),
        ("delete from marts.fct_repo_links where rowid % 3 > 0", "at least as many links as the guardrail allows"),
    ],
)
def test_each_guardrail_blocks_publishing(warehouse_copy, harm, message):
    with build_database(warehouse_copy, "test") as connection:
        connection.execute(harm)
    with pytest.raises(RejectedError, match=message):
        audit(warehouse_copy)
    assert audit(warehouse_copy, because="it is meant").expectation_count > 10
    assert read_manifest(warehouse_copy)["version"] == 1


def test_publications_turn_in_one_rename_and_old_readers_read_on(warehouse_copy):
    settings = warehouse_copy.model_copy(update={"publications_kept": 2, "publication_grace_seconds": 0})
    reader = open_publication(settings)
    for version in (2, 3, 4):
        assert publish(settings)["version"] == version
        assert find_current_folder(settings).resolve().name == str(version)
        assert reader.execute("select version from publication").fetchone() == (1,)
    assert reader.execute("select count(*) from fct_papers").fetchone() == (61,)
    reader.close()
    assert sorted(folder.name for folder in (settings.published / "versions").iterdir()) == ["3", "4"]


def test_what_dbt_left_behind_is_not_published(warehouse_copy):
    with build_database(warehouse_copy, "test") as connection:
        connection.execute("create table marts.leaderboard__dbt_backup as from marts.leaderboard")
        connection.execute("comment on table marts.leaderboard__dbt_backup is 'left by a build that was killed'")
    before = read_manifest(warehouse_copy)["tables"].keys()
    assert publish(warehouse_copy)["tables"].keys() == before


def test_a_publication_is_what_its_manifest_says(built):
    from warehouse.storage.files import file_sha256

    settings, _ = built
    facts = read_manifest(settings)
    assert facts
    assert file_sha256(settings.published / "paperhouse.duckdb") == facts["database"]["sha256"]
    with open_publication(settings) as connection:
        for table, entry in facts["tables"].items():
            files = [settings.published / each["file"] for each in entry["files"]]
            assert [file_sha256(file) for file in files] == [each["sha256"] for each in entry["files"]]
            assert connection.execute(f"select count(*) from {table}").fetchone() == (entry["row_count"],)
            assert pl.read_parquet(files).height == entry["row_count"]
            assert sorted(files) == sorted((settings.published / "parquet" / table).iterdir())
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            connection.execute("create table marts.mine (i integer)")
        undescribed = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' and comment is null and "
            "table_name <> 'publication'"
        ).fetchall()
        assert undescribed == []
    assert (settings.published / "docs" / "index.html").stat().st_size > 100_000


def test_the_sample_shows_every_feature(built):
    settings, report = built
    assert set(report.outcomes.values()) == {"loaded"}
    with open_publication(settings) as connection:

        def one(query):
            return connection.execute(query).fetchone()

        assert one("select count(*), count(*) filter (abstract is null) from fct_papers") == (61, 1)
        assert one("select count(*) from paper_listings") == (63,)
        assert one("select reason, line_first from rejects") == ("abstract_without_title", 59)
        assert one("select count(*) from fct_repo_links where availability = 'promised'") == (1,)
        assert one("select count(distinct kind) >= 4 from fct_repo_links") == (True,)
        assert one(
            "select count(distinct unit) >= 4, count(distinct bound) >= 3, count(distinct direction) from "
            "fct_claimed_metrics"
        ) == (
            True,
            True,
            2,
        )
        assert one("select first_listed_on, last_listed_on from fct_papers where title like 'LoRA%'") == (
            date(2026, 3, 2),
            date(2026, 3, 9),
        )
