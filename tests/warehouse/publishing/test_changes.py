"""What changed between publications: real loads, corrections and withdrawals, told by `diff` and /changes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from warehouse.digest.letters import as_html, as_text, digest
from warehouse.digest.mailing import read_last_changes
from warehouse.digest.subscribers import Subscriber
from warehouse.errors import UsageError
from warehouse.publishing.changes import read_changes
from warehouse.settings import Settings
from warehouse.steps.pipeline import run, withdraw
from warehouse.storage.publication import open_publication
from warehouse.web.app import create_app

PAPERS = [("2101.00001", "Sorting Stones"), ("2102.00002", "Stones Revisited"), ("2103.00003", "Stones Once More")]
CORRECTION = """
- paper: "2103.00003"
  reported: "97.5%"
  dataset: StoneBench
  metric: accuracy
  verdict: wrong
  author: Ada
  date: 2026-11-29
  reason: It is of another set.
"""


def write_dumps(folder, values, abstracts):
    """papers.json and tables.json with a row for each value; returns both."""
    papers = [
        {
            "paper_url": f"https://paperswithcode.com/paper/{arxiv_id}", "arxiv_id": arxiv_id, "title": title,
            "abstract": abstract, "authors": ["Ann Mason"], "date": "2021-01-01",
        }
        for (arxiv_id, title), abstract in zip(PAPERS, abstracts, strict=False)
    ]  # fmt: skip
    rows = [
        {
            "model_name": f"Stone{number}", "paper_title": title, "paper_url": f"https://arxiv.org/abs/{arxiv_id}",
            "paper_date": "2021-01-01", "metrics": {"Accuracy": value}, "code_links": [],
        }
        for number, ((arxiv_id, title), value) in enumerate(zip(PAPERS, values, strict=False))
    ]  # fmt: skip
    task = {"task": "Sorting", "subtasks": [], "datasets": [{"dataset": "StoneBench", "sota": {"rows": rows}}]}
    folder.mkdir()
    (folder / "papers.json").write_text(json.dumps(papers), "utf-8")
    (folder / "tables.json").write_text(json.dumps([task]), "utf-8")
    return [folder / "papers.json", folder / "tables.json"]


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Four publications: two papers; a third that leads, and the first with another text; a correction of its result;
    the second load withdrawn."""
    folder, settings = tmp_path_factory.mktemp("dumps"), Settings(home=tmp_path_factory.mktemp("home"))
    first = write_dumps(folder / "1", ["91.5%", "93.5%"], ["We reach 91.5% accuracy on StoneBench.", "Stones again."])
    assert run(settings, "pwc", first).failures == []
    second = write_dumps(
        folder / "2",
        ["91.5%", "93.5%", "97.5%"],
        ["We now reach 92.5% accuracy on StoneBench.", "Stones again.", "Once more."],
    )
    loaded = run(settings, "pwc", second)
    assert loaded.failures == []
    (folder / "corrections.yml").write_text(CORRECTION, "utf-8")
    assert run(settings, "corrections", [folder / "corrections.yml"]).failures == []
    for batch_id in loaded.outcomes:
        withdraw(settings, batch_id, "it was wrong")
    return settings


def told(settings, old, new):
    return {
        (each["kind"], each["before"], each["after"], each["why"])
        for each in read_changes(settings, old, new)["changes"]
    }


def test_a_paper_that_comes_and_leads(history):
    changes = told(history, 1, 2)
    assert ("new paper", None, "Stones Once More", "loaded") in changes
    assert ("head", "93.5% Stone1", "97.5% Stone2", "new paper") in changes
    assert ("corrected paper", "Sorting Stones", "Sorting Stones", "another abstract") in changes
    texts = {(before, after) for kind, before, after, why in changes if kind == "claim" and why == "another text"}
    assert texts == {
        ("level 91.5% accuracy on StoneBench", None), (None, "level 92.5% accuracy on StoneBench"),
    }  # fmt: skip


def test_a_correction_takes_the_head(history):
    assert told(history, 2, 3) == {("head", "97.5% Stone2", "93.5% Stone1", "correction")}


def test_what_was_withdrawn_is_told_and_nothing_goes_silently(history):
    last = read_changes(history)["new"]
    changes = told(history, 2, last)
    assert ("gone paper", "Stones Once More", None, "its loads were withdrawn") in changes
    assert ("head", "97.5% Stone2", "93.5% Stone1", "withdrawn") in changes
    assert told(history, 1, last) == set()


def test_what_is_not_kept_is_told(history):
    with pytest.raises(UsageError, match="publication 99 is not kept"):
        read_changes(history, 1, 99)
    with pytest.raises(UsageError, match="publication 3 is not before 2"):
        read_changes(history, 3, 2)
    with pytest.raises(UsageError, match="no publication before 1"):
        read_changes(history, new=1)


def test_the_digest_tells_once_what_became_of_what_was_published(history):
    reader = Subscriber(email="ann@example.org", every="week")
    changes = read_changes(history, 2, 3)["changes"]
    with open_publication(history) as connection:
        news = digest(connection, reader, changes=changes)
        again = digest(connection, reader, sent=news.keys, changes=changes)
        others = digest(connection, Subscriber(email="a@example.org", every="week", datasets=["COCO"]), changes=changes)
        since_the_first = read_last_changes(history, connection)
    (change,) = news.changes
    assert (change["kind"], change["dataset"], change["why"]) == ("head", "StoneBench", "correction")
    assert "change" in news.subject
    for letter in (as_text(news, "https://example.org/leave"), as_html(news, "https://example.org/leave")):
        assert "StoneBench, accuracy" in letter
        assert "97.5%" in letter
    assert (again.changes, others.changes) == ([], [])
    assert [each for each in since_the_first if each["kind"] == "head"] == []  # the last publication is as the first


@pytest.fixture(scope="module")
def site(history):
    """The explorer; it locks how this process reads the publication."""
    with TestClient(create_app(history, "127.0.0.1", None), base_url="http://127.0.0.1") as client:
        yield client


def test_the_command_and_the_page_tell_the_same(history, site):
    program = Path(sys.executable).with_name("paperhouse")
    said = subprocess.run(
        [program, "diff", "1", "2"],
        env={"PAPERHOUSE_HOME": str(history.home)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.search(
        r"1 head of a leaderboard\n\s+StoneBench, accuracy: 93.5% Stone1 → 97.5% Stone2 \(new paper\)", said
    )
    page = site.get("/changes?old=1&new=2")
    assert page.status_code == 200
    assert all(words in page.text for words in ("97.5% Stone2", "new paper", "Stones Once More"))
    assert site.get("/changes.json?old=1&new=2").json()["counts"]["head"] == 1
    assert site.get("/changes?old=1&new=99").status_code == 404
    assert site.get("/changes").status_code == 200


def test_the_feed_of_a_dataset_tells_what_changed(history, site):
    """The last load is withdrawn, and with it the head."""
    feed = site.get("/datasets/StoneBench.atom")
    told = {
        f"{each['metric']}: {each['before'] or 'nothing'} → {each['after'] or 'nothing'}"
        for each in read_changes(history)["changes"]
        if each["kind"] in ("head", "result")
    }
    assert told
    assert told <= set(re.findall(r"<title>([^<]*)</title>", feed.text))
    assert feed.text.count("urn:paperhouse:change:") == len(told)
