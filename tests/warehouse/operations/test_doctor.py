"""doctor finds what is wrong and says how to fix it; status says how fresh each source is."""

from datetime import datetime, timedelta, timezone

import pytest

from warehouse.clock import now
from warehouse.operations.doctor import diagnose, find_leftovers, remove_leftovers
from warehouse.operations.status import read_status
from warehouse.steps.publish import publish
from warehouse.storage.database import build_database, write_lock
from warehouse.storage.files import host
from warehouse.storage.publication import find_current_folder
from warehouse.upstream.freshness import measure_freshness


def states(settings, is_deep=False):
    return {finding.what: finding for finding in diagnose(settings, is_deep) if finding.state != "ok"}


def test_a_sound_home_has_no_findings(warehouse_copy):
    assert states(warehouse_copy, is_deep=True) == {}
    assert {finding.what for finding in diagnose(warehouse_copy)} >= {
        "installation",
        "disk",
        "lock",
        "landing zone",
        "build database",
        "publication",
    }


def test_an_empty_home_is_no_fault(settings):
    assert {finding.state for finding in diagnose(settings)} == {"ok", "warning"}


def cut_a_landed_file(settings):
    file = next(path for path in (settings.landing / "hf_listing").rglob("*") if path.is_file())
    file.write_bytes(file.read_bytes()[:-1])


def change_a_landed_file(settings):
    file = next(path for path in (settings.landing / "hf_listing").rglob("*") if path.is_file())
    file.write_bytes(bytes(reversed(file.read_bytes())))


def cut_the_publication(settings):
    file = find_current_folder(settings) / "parquet" / "fct_papers" / "0.parquet"
    file.chmod(0o644)
    file.write_bytes(b"")


def forget_a_load(settings):
    with build_database(settings, "test") as connection:
        connection.execute("delete from raw.loads where batch_id = (select min(batch_id) from raw.loads)")


@pytest.mark.parametrize(
    ("harm", "what", "hint"),
    [
        (cut_a_landed_file, "landing zone", "paperhouse run --source NAME FILE"),
        (change_a_landed_file, "landing zone", "paperhouse run --source NAME FILE"),
        (cut_the_publication, "publication", "paperhouse publish"),
        (lambda settings: settings.build_database.unlink(), "build database", "paperhouse rebuild"),
        (
            lambda settings: settings.build_database.write_bytes(b"no database" * 1000),
            "build database",
            "paperhouse rebuild",
        ),
        (forget_a_load, "build database", "paperhouse rebuild"),
        (lambda settings: (settings.build / "rebuilding").touch(), "build database", "paperhouse rebuild"),
    ],
)
def test_each_fault_has_a_way_out(warehouse_copy, harm, what, hint):
    harm(warehouse_copy)
    finding = states(warehouse_copy, is_deep=True)[what]
    assert (finding.state, hint in finding.hint) == ("fault", True)


def test_the_holder_of_the_lock_is_reported(warehouse_copy):
    with write_lock(warehouse_copy, "a long step"):
        found = states(warehouse_copy)
    assert "'a long step'" in found["lock"].message


def test_batches_that_other_parsers_read_are_counted(warehouse_copy, monkeypatch):
    monkeypatch.setattr("warehouse.steps.parse.REPAIR_VERSION", "another")
    (finding,) = [finding for finding in diagnose(warehouse_copy) if finding.what == "build database"]
    assert (finding.state, finding.message.split(" were")[0]) == ("warning", "2 of 2 batches")
    assert "paperhouse rebuild" in finding.hint


def test_litter_is_found_and_removed(warehouse_copy):
    left = warehouse_copy.landing / "receipts" / f".abc.json.{host()}.999999999.0a1b.tmp"
    left.touch()
    others = [
        warehouse_copy.landing / "receipts" / ".abc.json.elsewhere.999999999.0a1b.tmp",
        warehouse_copy.published / "versions" / "my backup",
    ]
    others[0].touch()
    others[1].mkdir()
    (warehouse_copy.published / "versions" / ".9.tmp").mkdir()
    assert states(warehouse_copy)["leftovers"].hint == "paperhouse doctor --fix"
    assert (remove_leftovers(warehouse_copy), find_leftovers(warehouse_copy), left.exists()) == (2, [], False)
    publish(warehouse_copy)
    assert all(path.exists() for path in others), "what another host may use, and folders that are not ours, stay"


@pytest.mark.parametrize(
    ("days", "state"), [(0, "fresh"), (6.9, "fresh"), (7.1, "late"), (31, "missing"), (-1, "fresh")]
)
def test_freshness_follows_the_source_bounds(warehouse_copy, days, state):
    with build_database(warehouse_copy, "test") as connection:
        (row,) = measure_freshness(connection, "raw.loads", now() + timedelta(days=days))
    assert (row["source"], row["state"]) == ("hf_listing", state)


def test_what_is_late_is_reported_whatever_the_zone(warehouse_copy):
    east = timezone(timedelta(hours=14))
    with build_database(warehouse_copy, "test") as connection:
        connection.execute("update raw.loads set finished_at = ?", [datetime.now(east) - timedelta(days=9)])
    assert read_status(warehouse_copy)["freshness"][0]["state"] == "late"
    assert "9 days ago" in states(warehouse_copy)["schedule"].message
