"""The ways out of a failed check, test or audit: retry, release and withdraw, each on record."""

import json

import pytest

from tests.warehouse.steps.test_steps import PROSE, contents, raw_rows, read_lenient_source
from warehouse.errors import RejectedError, UsageError
from warehouse.steps.land import land
from warehouse.steps.pipeline import rebuild, release, retry, run, withdraw
from warehouse.storage.batches import read_batch
from warehouse.storage.database import build_database
from warehouse.storage.decisions import read_decision
from warehouse.storage.publication import open_publication, read_manifest

pytestmark = pytest.mark.trust

HISTORY = (
    "select outcome, because, decided_by is not null as is_decided from raw.loads where batch_id = '{}' "
    "order by attempt"
)


def a_batch_that_fails(settings, listing):
    report = run(
        settings, "hf_listing", [listing((PROSE, PROSE + " Again."), ("A Title of Its Own", PROSE), name="bad.txt")]
    )
    (batch_id,) = report.outcomes
    assert report.outcomes == {batch_id: "failed"}
    return batch_id, report


def test_the_message_of_a_failed_check_has_a_hint(warehouse_copy, listing):
    batch_id, report = a_batch_that_fails(warehouse_copy, listing)
    assert read_manifest(warehouse_copy)["version"] == 1
    (message,) = report.failures
    for part in (
        "no more rejects than",
        "1 of 1 rows, such as",
        "data_docs/batches/",
        f"paperhouse retry {batch_id}",
        f"paperhouse release {batch_id} --reason",
    ):
        assert part in message
    why = json.loads((warehouse_copy.quarantine / batch_id / "why.json").read_text("utf-8"))
    assert why["original_name"] == "bad.txt"
    assert (warehouse_copy.home / why["page"]).exists()


def test_retry_judges_anew(warehouse_copy, listing, monkeypatch):
    batch_id, _ = a_batch_that_fails(warehouse_copy, listing)
    assert retry(warehouse_copy, batch_id, "to see").outcomes == {batch_id: "failed"}
    monkeypatch.setattr("warehouse.steps.check.read_source", read_lenient_source)
    assert retry(warehouse_copy, batch_id[:6], "the bound was fixed").outcomes == {batch_id: "loaded"}
    assert read_manifest(warehouse_copy)["version"] == 2
    assert not list(warehouse_copy.quarantine.iterdir())


def test_release_is_recorded_and_withdraw_takes_it_out_again(warehouse_copy, listing):
    before = contents(warehouse_copy)
    batch_id, _ = a_batch_that_fails(warehouse_copy, listing)
    assert release(warehouse_copy, batch_id, "seen by eye").outcomes == {batch_id: "loaded"}
    assert raw_rows(warehouse_copy, HISTORY.format(batch_id)) == [
        {"outcome": "failed", "because": None, "is_decided": False},
        {"outcome": "loaded", "because": "seen by eye", "is_decided": True},
    ]
    assert "seen by eye" in read_manifest(warehouse_copy)["guardrails_lifted_because"]
    with open_publication(warehouse_copy) as connection:
        assert connection.execute("select count(*) from fct_papers where title = 'A Title of Its Own'").fetchone() == (
            1,
        )
        assert connection.execute(
            "select because from load_history where is_check_passed is false and outcome = 'loaded'"
        ).fetchall() == [("seen by eye",)]
    report = withdraw(warehouse_copy, batch_id, "it was wrong after all")
    assert report.outcomes == {batch_id: "withdrawn"}
    assert contents(warehouse_copy) == before
    page = warehouse_copy.landing / "hf_listing" / read_batch(warehouse_copy, batch_id).sha256[:2]
    assert page.exists(), "what landed is kept"
    again = listing((PROSE, PROSE + " Again."), ("A Title of Its Own", PROSE), name="bad.txt")
    assert run(warehouse_copy, "hf_listing", [again]).outcomes == {batch_id: "failed"}, "its check says no as before"
    assert batch_id not in rebuild(warehouse_copy).outcomes, "a rebuild decides alike"
    assert contents(warehouse_copy) == before


def test_a_decision_needs_a_reason(settings, listing):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    with pytest.raises(UsageError, match="needs a reason"):
        release(settings, batch_id, "  ")
    assert read_decision(settings, batch_id, "release") is None


def test_a_lost_source_fails_the_audit_and_the_hint_names_the_decisions(warehouse_copy, listing, monkeypatch):
    lost = "delete from marts.paper_aliases"
    real = __import__("warehouse.steps.pipeline", fromlist=["audit"]).audit

    def audit_of_less(settings):
        with build_database(settings, "test") as connection:
            connection.execute(lost)
        return real(settings)

    monkeypatch.setattr("warehouse.steps.pipeline.audit", audit_of_less)
    page = listing(("A New Title", PROSE), name="2026-03-10.txt")
    with pytest.raises(RejectedError) as error:
        run(warehouse_copy, "hf_listing", [page])
    message = str(error.value)
    assert "every source that had papers in the last publication still has some" in message
    for part in (
        "data_docs/audits/",
        "2026-03-10.txt",
        "paperhouse retry BATCH",
        "paperhouse withdraw BATCH",
        "paperhouse release BATCH",
    ):
        assert part in message
    assert read_manifest(warehouse_copy)["version"] == 1
    (kept,) = warehouse_copy.quarantine.iterdir()
    monkeypatch.undo()
    assert retry(warehouse_copy, kept.name, "the marts were fixed").outcomes == {kept.name: "unchanged"}
    assert read_manifest(warehouse_copy)["version"] == 2
    assert not list(warehouse_copy.quarantine.iterdir())


def test_a_decision_on_one_batch_lifts_no_guardrail_for_another(warehouse_copy, listing):
    """A batch that is withdrawn may go; damage to the papers of others, which came meanwhile, is not published."""
    page = listing(
        *((f"A Paper of Another Batch, Number {number}", f"{PROSE} Number {number}.") for number in range(40)),
        name="2026-03-10.txt",
    )
    (batch_id,) = run(warehouse_copy, "hf_listing", [page]).outcomes
    with build_database(warehouse_copy, "test") as connection:
        connection.execute(
            "delete from raw.claims where text_id not in (select text_id from raw.papers where batch_id = ?)",
            [batch_id],
        )
    with pytest.raises(RejectedError, match="at least as many claims as the guardrail allows"):
        withdraw(warehouse_copy, batch_id, "it was wrong")
    assert read_manifest(warehouse_copy)["version"] == 2


def test_the_papers_of_a_withdrawn_batch_may_all_go(warehouse_copy, listing):
    """Most papers of the last publication are this batch's: without the decision, the guardrail of rows would hold."""
    page = listing(
        *((f"A Paper of a Large Batch, Number {number}", f"{PROSE} Number {number}.") for number in range(200)),
        name="2026-03-10.txt",
    )
    (batch_id,) = run(warehouse_copy, "hf_listing", [page]).outcomes
    assert read_manifest(warehouse_copy)["tables"]["fct_papers"]["row_count"] == 261
    assert withdraw(warehouse_copy, batch_id, "it was wrong").manifest["tables"]["fct_papers"]["row_count"] == 61
    assert "it was wrong" in read_manifest(warehouse_copy)["guardrails_lifted_because"]
