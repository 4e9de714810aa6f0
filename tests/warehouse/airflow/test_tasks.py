"""The steps as the scheduler calls them: what a run leaves behind, a later one takes up."""

import json
import os

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from tests.warehouse.steps.test_land import PAPER
from warehouse.airflow import failures, tasks
from warehouse.settings import Settings
from warehouse.steps.land import find_waiting
from warehouse.storage.batches import read_batch
from warehouse.storage.loads import find_open_batches, name_opener

INBOX = {"source": "hf_listing", "paths": []}


@pytest.fixture
def home(settings, monkeypatch):
    """Settings of an empty home, which the tasks see too; files of the inbox need not settle."""
    monkeypatch.setenv("PAPERHOUSE_HOME", str(settings.home))
    monkeypatch.setenv("PAPERHOUSE_INBOX_SETTLE_SECONDS", "0")
    (settings.inbox / "hf_listing").mkdir(parents=True)
    return settings


@pytest.fixture
def airflow(monkeypatch):
    """Makes this process a task of a run; `live` holds the runs that have not ended."""
    live = set()

    def be(run_id, dag_id="ingest_papers"):
        monkeypatch.setenv("AIRFLOW_CTX_DAG_ID", dag_id)
        monkeypatch.setenv("AIRFLOW_CTX_DAG_RUN_ID", run_id)
        live.add(name_opener())

    be.live = live
    monkeypatch.setattr(tasks, "is_live", lambda run: run in live)
    return be


def put(settings, count, first=0):
    for number in range(first, first + count):
        (settings.inbox / "hf_listing" / f"{number}.txt").write_text(f"Title Number {number}\n{PAPER[1]}\n", "utf-8")


def test_a_later_try_takes_up_what_a_killed_one_had_landed(home, airflow):
    put(home, 3)
    airflow("one")
    landed = tasks.land(INBOX, None)  # the worker is killed before Airflow has this
    assert tasks.land(INBOX, None) == landed
    assert len(landed) == 3


def test_a_later_run_takes_up_the_loads_of_a_run_that_ended_and_no_others(home, airflow):
    put(home, 2)
    airflow("one")
    landed = tasks.land(INBOX, None)
    airflow("two")
    assert tasks.land(INBOX, None) == [], "the first run is under way"
    airflow.live.discard("ingest_papers one")
    assert tasks.land(INBOX, None) == landed
    airflow.live.discard("ingest_papers two")
    airflow("three", "watch_inbox")
    assert tasks.land_inboxes(["hf_listing"]) == [], "only ingest_papers takes up what others left"
    assert tasks.land(INBOX | {"source": "hf_daily"}, None) == []


def take(batch_id):
    for step in (tasks.parse, tasks.check, tasks.load):
        step(batch_id)


def test_files_that_one_run_takes_are_announced_together(home, airflow):
    """Another run that ends between two loads says nothing of the first."""
    put(home, 2)
    airflow("one")
    first, second = tasks.land(INBOX, None)
    take(first)
    airflow("two", "watch_inbox")
    with pytest.raises(AirflowSkipException, match="ingest_papers one still loads"):
        tasks.announce()
    put(home, 1, first=2)
    (third,) = tasks.land_inboxes(["hf_listing"])
    take(third)
    tasks.announce()  # what it has loaded itself is announced, however long others load
    airflow("one")
    take(second)
    tasks.announce()


def test_what_a_run_has_loaded_that_ended_early_is_announced_by_the_next(home, airflow):
    put(home, 2)
    airflow("one")
    take(tasks.land(INBOX, None)[0])
    airflow.live.clear()
    airflow("two")
    assert len(tasks.land(INBOX, None)) == 1, "and its own line breaks"
    tasks.announce()


def test_loads_that_people_opened_are_left_to_them(home, airflow, listing):
    from warehouse.steps.land import land

    (batch_id,) = land(home, "hf_listing", [listing(PAPER)])
    airflow("one")
    assert tasks.land(INBOX, None) == []
    assert find_open_batches(home) == [batch_id]


def test_an_inbox_of_1300_files_is_taken_by_runs_that_airflow_can_map(home, airflow):
    put(home, 1300)
    airflow("one")
    first = tasks.land(INBOX, None)
    assert tasks.find_waiting_sources() == ["hf_listing"]
    airflow("two", "watch_inbox")
    second = tasks.land_inboxes(["hf_listing"])
    assert (len(first), len(second), len({*first, *second})) == (1000, 300, 1300)
    assert tasks.find_waiting_sources() == []
    airflow.live.clear()
    airflow("three")
    assert len(tasks.land(INBOX, None)) == 1000, "both runs died"
    with pytest.raises(Exception, match="1,300 files are too many for one run"):
        tasks.land({"source": "hf_listing", "paths": [str(home.inbox / "hf_listing")]}, None)


def test_a_file_that_changes_still_is_left_for_later(home, airflow, monkeypatch):
    put(home, 2)
    monkeypatch.setenv("PAPERHOUSE_INBOX_SETTLE_SECONDS", "60")
    old = home.inbox / "hf_listing" / "0.txt"
    os.utime(old, (old.stat().st_mtime - 61,) * 2)
    airflow("one")
    (batch_id,) = tasks.land(INBOX, None)
    assert read_batch(home, batch_id).original_name == "0.txt"
    assert find_waiting(home, "hf_listing") != []


def test_a_file_is_read_again_only_where_it_changed(home, monkeypatch):
    read = []
    from warehouse.storage.files import file_sha256

    monkeypatch.setattr("warehouse.steps.land.file_sha256", lambda file: read.append(file.name) or file_sha256(file))
    put(home, 2)
    for _ in range(3):
        assert len(find_waiting(home, "hf_listing")) == 2
    assert sorted(read) == ["0.txt", "1.txt"]
    put(home, 1)
    os.utime(home.inbox / "hf_listing" / "0.txt", (1, 1))
    find_waiting(home, "hf_listing")
    assert len(read) == 3


def test_looking_for_files_waits_for_no_writer(home):
    from warehouse.storage.database import write_lock

    put(home, 1)
    with write_lock(home, "a long build"):
        assert len(find_waiting(Settings(lock_timeout_seconds=0), "hf_listing")) == 1


def test_a_line_of_failures_that_was_cut_off_does_not_hide_the_others(home):
    from datetime import UTC, datetime

    failures._note(home, {"at": "2026-03-02T00:00:00+00:00", "task_id": "load", "message": "x"})
    with (home.logs / "failures.jsonl").open("a") as file:
        file.write('{"at": "2026-')
    assert [each["message"] for each in failures.read_failures(home, datetime(2026, 1, 1, tzinfo=UTC))] == ["x"]


def test_a_run_takes_files_from_the_inboxes_and_named_folders_alone(home, listing, monkeypatch):
    page = listing(PAPER)
    conf = {"source": "hf_listing", "paths": [str(page)]}
    with pytest.raises(Exception, match="is outside the folders that runs may read"):
        tasks.land(conf, None)
    (home.inbox / "hf_listing" / "link.txt").symlink_to(page)
    with pytest.raises(Exception, match="is outside the folders"):
        tasks.land(conf | {"paths": [str(home.inbox / "hf_listing" / "link.txt")]}, None)
    monkeypatch.setenv("PAPERHOUSE_INPUT_FOLDERS", json.dumps([str(page.parent)]))
    assert len(tasks.land(conf, None)) == 1


def test_without_a_mail_server_the_digest_names_the_connection_and_is_not_tried_again(home):
    listed = {"sender": "papers@example.org", "list_id": "papers.example.org", "unsubscribe": "mailto:out@example.org"}
    home.subscribers_file.write_text(json.dumps(listed | {"subscribers": [{"email": "ann@example.org"}]}), "utf-8")
    with pytest.raises(AirflowFailException, match=r"(?s)no connection smtp_default.*AIRFLOW_CONN_SMTP_DEFAULT"):
        tasks.send_digest()
