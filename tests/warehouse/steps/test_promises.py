"""Promises that were broken once: receipts that are damaged, names that are no UTF-8, clocks that are wrong, decisions
that were cut off, losses beside gains, texts that papers share, secrets, and what a kill leaves."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

import warehouse.clock
from tests.upstream import paper
from tests.warehouse.steps.test_order_and_time import Clock
from tests.warehouse.steps.test_steps import PROSE
from warehouse.errors import RejectedError, StepError
from warehouse.operations.doctor import diagnose, find_leftovers, remove_leftovers
from warehouse.redaction import redact
from warehouse.settings import PROJECT, Settings
from warehouse.steps.audit import audit
from warehouse.steps.build import build
from warehouse.steps.check import check
from warehouse.steps.land import find_waiting, land, land_inbox, reopen_all_loads
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.steps.pipeline import rebuild, run
from warehouse.steps.publish import publish
from warehouse.storage.batches import read_batch, receipt_path
from warehouse.storage.database import build_database
from warehouse.storage.decisions import decide
from warehouse.storage.files import temporary_folder
from warehouse.storage.loads import read_last_outcomes
from warehouse.storage.publication import list_versions, open_publication

DAY = PROJECT / "sample" / "hf_daily" / "2026-03-07.json"


def ingest(settings, source, file):
    (batch,) = land(settings, source, [file])
    note = parse(settings, batch)
    check(settings, batch)
    load(settings, batch)
    return batch, note


@pytest.mark.parametrize("content", ["", '{"batch_id": "a', "[]", '{"batch_id": "a"}'])
def test_a_damaged_receipt_is_reported_and_written_anew(content, settings, listing):
    """A5: doctor survives it, rebuild deletes nothing before it has read all, landing again cures it."""
    page = listing(("On Sorting Stones", PROSE))
    batch, _ = ingest(settings, "hf_listing", page)
    landed_at = read_batch(settings, batch).landed_at
    receipt_path(settings, batch).write_text(content, "utf-8")
    (fault,) = [found for found in diagnose(settings) if found.what == "landing zone" and found.state == "fault"]
    assert batch in fault.message
    with pytest.raises(StepError, match="receipt"):
        rebuild(settings)
    assert settings.build_database.exists()
    assert land(settings, "hf_listing", [page]) == [batch]
    assert read_batch(settings, batch).landed_at == landed_at
    assert not [found for found in diagnose(settings) if found.what == "landing zone" and found.state == "fault"]


def test_doctor_survives_what_it_looks_at(settings, monkeypatch):
    monkeypatch.setattr("warehouse.operations.doctor.read_manifest", lambda _: 1 / 0)
    found = {finding.what: finding.state for finding in diagnose(settings)}
    assert found["publication"] == "fault"
    assert "disk" in found


def test_a_withdrawn_batch_is_known_after_a_rebuild(settings, listing, tmp_path):
    """A7."""
    ingest(settings, "hf_listing", listing(("On Sorting Stones", PROSE)))
    other, _ = ingest(settings, "hf_listing", listing(("On Painting Walls", PROSE + " More."), name="other.txt"))
    decide(settings, other, "withdraw", "test")
    settings.build_database.unlink()
    reopen_all_loads(settings)
    assert read_last_outcomes(settings)[other] == "withdrawn"
    assert not [found for found in diagnose(settings) if "missing from it" in found.message]


def test_no_name_of_a_file_stops_an_inbox(settings):
    """A8: a name that is no UTF-8, a file that may not be read, one that is gone."""
    inbox = settings.inbox / "hf_listing"
    inbox.mkdir(parents=True)
    (inbox / "good.txt").write_text(f"On Sorting Stones\n{PROSE}\n", "utf-8")
    odd = os.fsencode(inbox) + b"/caf\xe9-2026-03-02.txt"
    with open(odd, "w", encoding="utf-8") as file:  # noqa: PTH123 - a name of bytes
        file.write(f"On Painting Walls\n{PROSE} More.\n")
    (inbox / "gone.txt").symlink_to(inbox / "nowhere")
    assert len(find_waiting(settings, "hf_listing")) == 2
    batches = land_inbox(settings, "hf_listing")
    names = {read_batch(settings, batch).original_name for batch in batches}
    assert names == {"good.txt", "caf\\xe9-2026-03-02.txt"}
    assert find_waiting(settings, "hf_listing") == []


def test_an_unreadable_file_of_an_inbox_is_logged_and_left(settings, monkeypatch):
    inbox = settings.inbox / "hf_listing"
    inbox.mkdir(parents=True)
    for name in ("good", "secret"):
        (inbox / f"{name}.txt").write_text(f"On Sorting {name}\n{PROSE}\n", "utf-8")
    from warehouse.steps import land as step

    def sha(file, known=step.file_sha256):
        if "secret" in file.name:
            raise PermissionError(13, "Permission denied", str(file))
        return known(file)

    monkeypatch.setattr(step, "file_sha256", sha)
    assert len(land_inbox(settings, "hf_listing")) == 1
    assert "secret.txt" in (settings.logs / "paperhouse.jsonl").read_text("utf-8")


def test_no_secret_is_printed_or_logged(tmp_path):
    """A9: an outage of the lake's catalog."""
    pytest.importorskip("duckdb_extension_ducklake", reason="needs the extra `cluster`: make test-services")
    secret = "so-secret-a-password"  # noqa: S105 - it is none
    settings = Settings(
        home=tmp_path / "home",
        backend="ducklake",
        ducklake_catalog=f"postgres:host=127.0.0.1 port=9 dbname=lake user=ann password={secret}",
        lock_timeout_seconds=1,
    )
    assert secret not in settings.lake
    with pytest.raises(StepError, match=r"127\.0\.0\.1") as refused:
        build(settings)
    assert secret not in str(refused.value)
    assert secret not in repr(refused.value.__cause__)
    assert secret not in (settings.logs / "paperhouse.jsonl").read_text("utf-8")
    assert redact(f"password={secret}") == "password=***"


@pytest.mark.parametrize("name", ["publications_kept", "http_attempts", "dbt_threads", "guardrail_min_rows_share"])
def test_settings_have_bounds(name):
    """A12."""
    with pytest.raises(ValidationError):
        Settings(**{name: -1})


def test_what_was_just_shown_is_never_removed(warehouse_copy, monkeypatch):
    settings = warehouse_copy.model_copy(update={"publications_kept": 0, "publication_grace_seconds": 0})
    publish(settings)
    assert (list_versions(settings) / "2").exists()


def test_what_landed_while_the_clock_was_behind_is_read_once_it_is_right(settings, monkeypatch):
    """A14."""
    monkeypatch.setattr(warehouse.clock, "datetime", Clock(datetime(1970, 1, 1, tzinfo=UTC)))
    (batch,) = land(settings, "hf_daily", [DAY])
    assert parse(settings, batch).paper_count == 0
    with pytest.raises(RejectedError):
        check(settings, batch)
    monkeypatch.undo()
    assert [found.what for found in diagnose(settings) if found.what == "readings"] == ["readings"]
    report = run(settings, "hf_daily", [DAY])
    assert set(report.outcomes.values()) == {"loaded"}
    assert not [found for found in diagnose(settings) if found.what == "readings"]
    with open_publication(settings) as connection:
        assert connection.execute("select count(*) > 3 from fct_papers").fetchone() == (True,)


def test_known_papers_do_not_vanish_behind_new_ones(warehouse_copy, listing, monkeypatch):
    """A15: new papers count neither for nor against."""
    prose = (
        "We sort stones of every weight with care, and say how long it takes. It reaches 91.5% accuracy on ImageNet."
    )
    papers = [(f"Sorting Stones of the Shore Number {number}", f"{prose} Shore {number}.") for number in range(70)]
    ingest(warehouse_copy, "hf_listing", listing(*papers))
    build(warehouse_copy)
    with build_database(warehouse_copy, "test") as connection:
        old = "first_seen_at < (select max(first_seen_at) from marts.fct_papers)"
        connection.execute(f"delete from marts.fct_papers where {old} and paper_id not in "
                           f"(select min(paper_id) from marts.fct_papers where {old})")  # fmt: skip
    with pytest.raises(RejectedError, match="at least as many papers"):
        audit(warehouse_copy)


def test_what_a_kill_leaves_is_found_and_removed(settings):
    """A18."""
    for parent in (settings.fetch_state, settings.build / "batches" / "b1"):
        with temporary_folder(parent, "answer") as folder:
            left = folder.with_name(folder.name.replace(f".{os.getpid()}.", ".999999999."))
            left.mkdir()
            (left / "answer").write_text("half")
    assert len(find_leftovers(settings)) == 2
    assert remove_leftovers(settings) == 2
    assert find_leftovers(settings) == []


def test_a_file_that_landed_under_a_wrong_name_gets_the_venue_of_the_right_one(settings, tmp_path):
    """A21."""
    papers = [{"title": f"A paper on stone {i}", "abstract": PROSE, "author": "Ann Stone"} for i in range(5)]
    found = []
    for name in ("icml2023.json", "iclr2024.json"):
        file = tmp_path / name
        file.write_text(json.dumps(papers), "utf-8")
        assert set(run(settings, "conference", [file]).outcomes.values()) == {"loaded"}
        with open_publication(settings) as connection:
            found += connection.execute("select distinct venue, venue_year from fct_papers").fetchall()
    assert found == [("ICML", 2023), ("ICLR", 2024)]


def test_a_withdraw_that_was_cut_off_is_seen_and_ended(settings, listing):
    """A22."""
    page = listing(("On Sorting Stones", PROSE))
    batch, _ = ingest(settings, "hf_listing", page)
    decide(settings, batch, "withdraw", "test")  # a kill: its rows are still there
    assert any("were withdrawn, but their rows" in found.message for found in diagnose(settings))
    assert load(settings, batch) == "withdrawn"
    with build_database(settings, "test") as connection:
        assert connection.execute("select count(*) from raw.papers").fetchone() == (0,)
    assert not any("were withdrawn, but their rows" in found.message for found in diagnose(settings))


def test_an_id_that_was_published_leads_to_its_paper_after_a_rebuild(settings, listing, tmp_path):
    """A19: what landed first is loaded last, and two published papers turn out to be one."""
    title = paper(1)["title"]
    ingest(settings, "hf_listing", listing((title, PROSE)))
    day = {"date": "2026-03-05", "papers": [{"id": "2603.00001", "title": "Another Title Altogether of It",
           "abstract": "Short.", "authors": ["Ann Stone"], "upvotes": 1}]}  # fmt: skip
    (tmp_path / "2026-03-05.json").write_text(json.dumps(day), "utf-8")
    ingest(settings, "hf_daily", tmp_path / "2026-03-05.json")
    for step in (build, audit, publish):
        step(settings)
    with open_publication(settings) as connection:
        before = {paper_id for (paper_id,) in connection.execute("select paper_id from fct_papers").fetchall()}
    assert len(before) == 2
    row = {"paper_title": title, "paper_arxiv_id": "2603.00001", "repo_url": "https://github.com/quarry/gneiss"}
    (tmp_path / "links.json").write_text(json.dumps([row]), "utf-8")
    ingest(settings, "pwc", tmp_path / "links.json")
    for again in (lambda: [step(settings) for step in (build, audit, publish)], lambda: rebuild(settings)):
        again()
        with open_publication(settings) as connection:
            query = "select count(*), min(marts.paper_id_of($1)) from fct_papers"
            led = {connection.execute(query, [paper_id]).fetchone() for paper_id in before}
        assert len(led) == 1
        assert next(iter(led))[0] == 1


def test_ends_of_loads_do_not_go_back(settings, listing, monkeypatch):
    """A10."""
    ingest(settings, "hf_listing", listing(("On Sorting Stones", PROSE)))
    monkeypatch.setattr(warehouse.clock, "datetime", Clock(datetime.now(UTC) - timedelta(days=400)))
    ingest(settings, "hf_listing", listing(("On Painting Walls", PROSE + " More."), name="other.txt"))
    with build_database(settings, "test") as connection:
        ends = connection.execute("select finished_at from raw.loads order by load_number").fetchall()
    assert ends[0] < ends[1]
