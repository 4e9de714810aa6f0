"""The digest: sent to a real SMTP server in a process, whatever happens in between."""

import json
import os
import smtplib
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from typer.testing import CliRunner

import warehouse.clock
from tests.mailbox import mail_server, text
from tests.warehouse.steps.test_order_and_time import Clock
from warehouse.cli.app import app
from warehouse.clock import now
from warehouse.digest import mailing
from warehouse.digest.courier import Courier
from warehouse.digest.mailing import current_period, send_digests
from warehouse.errors import StepError, UsageError
from warehouse.settings import Settings
from warehouse.steps.pipeline import run

LIST = """
sender: paperhouse <papers@example.org>
list_id: papers.example.org
unsubscribe: https://example.org/leave
subscribers:
"""


@pytest.fixture
def box():
    with mail_server() as box:
        yield box


@pytest.fixture
def reader(whole_sample, tmp_path):
    """A home of its own, with the publication of the whole sample."""
    settings = Settings(home=tmp_path / "it's a home")
    settings.home.mkdir()
    settings.published.symlink_to(whole_sample.published)
    return settings


def subscribe(settings, *subscribers):
    settings.subscribers_file.write_text(LIST + "".join(f"  - {json.dumps(each)}\n" for each in subscribers), "utf-8")


@contextmanager
def client(box):
    with smtplib.SMTP("127.0.0.1", box.port) as smtp:
        yield smtp.send_message


def send(settings, box):
    with client(box) as deliver:
        return send_digests(settings, deliver)


def test_a_letter_arrives_whole(reader, box):
    subscribe(reader, {"email": "ann@example.org", "every": "week"})
    assert send(reader, box).addresses == ["ann@example.org"]
    (letter,) = box.letters
    assert (letter["To"], letter["List-Id"]) == ("ann@example.org", "<papers.example.org>")
    assert letter["List-Unsubscribe"] == "<https://example.org/leave>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "2x more speed: FlashAttention-2 is 2x faster than FlashAttention." in text(letter)
    page = letter.get_body(("html",)).get_content()
    assert 'style="' in page
    assert "prefers-color-scheme: dark" in page
    assert "max-width: 600px" in page


def test_the_three_parts_are_there_and_no_paper_is_in_two(reader, box):
    subscribe(reader, {"email": "ann@example.org", "every": "week"})
    send(reader, box)
    body = text(box.letters[0])
    for part in ("PAPERS", "NEW AT THE HEAD OF A LEADERBOARD", "CODE THAT WAS PROMISED AND HAS COME"):
        assert part in body
    papers, code = body.split("CODE THAT WAS PROMISED")
    titles = [line[2:] for line in papers.splitlines() if line.startswith("* ")]
    assert len(titles) == len(set(titles)) > 10
    assert "flash-attention" in code


def test_nothing_is_sent_twice_in_a_day(reader, box):
    subscribe(reader, {"email": "ann@example.org"})
    assert [send(reader, box).addresses for _ in range(3)] == [["ann@example.org"], [], []]
    assert len(box.letters) == 1


def test_on_another_day_no_paper_is_sent_again(reader, box, monkeypatch):
    monkeypatch.setattr("warehouse.digest.letters._MAX_TITLES", 0)
    subscribe(reader, {"email": "ann@example.org"})
    send(reader, box)
    for day in range(1, 12):
        monkeypatch.setattr(mailing, "current_period", lambda every, day=day: f"{every} {day}")
        send(reader, box)
    titles = [
        line
        for letter in box.letters
        for line in text(letter).split("CODE THAT WAS")[0].splitlines()
        if line.startswith("* ")
    ]
    assert len(titles) == len(set(titles))
    assert 1 < len(box.letters) < 12, "the letters end where there is no more news"


def test_a_paper_that_comes_after_the_letter_is_in_the_next_one(warehouse_copy, listing, box, monkeypatch):
    """Also where its publication comes when the day's letter is gone, and the next one more than a day later."""
    subscribe(warehouse_copy, {"email": "ann@example.org"})
    send(warehouse_copy, box)
    run(
        warehouse_copy,
        "hf_listing",
        [listing(("A Paper That Came Between Two Letters", "We sort stones with care. " * 5))],
    )
    assert send(warehouse_copy, box).addresses == []
    for period, days in (("tomorrow", 2), ("the day after", 3)):
        monkeypatch.setattr(mailing, "current_period", lambda _every, period=period: period)
        version, at = 2, now() + timedelta(days=days)
        monkeypatch.setattr("warehouse.digest.letters.published_at", lambda _connection, found=(version, at): found)
        send(warehouse_copy, box)
    dates = [letter["Date"] for letter in box.letters if "A Paper That Came Between Two Letters" in text(letter)]
    assert len(dates) == 1


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"keywords": ["low-rank adapters"]}, {"QLoRA"}),
        ({"datasets": ["cifar-100"]}, {"An Image is Worth", "EfficientNet"}),
        ({"authors": ["tri dao"]}, {"FlashAttention-2", "FlashAttention", "Mamba"}),
    ],
)
def test_filters_choose(reader, box, filters, titles):
    subscribe(reader, {"email": "ann@example.org", "every": "week", **filters})
    send(reader, box)
    found = {line[2:].split(":")[0] for line in text(box.letters[0]).splitlines() if line.startswith("* ")}
    assert all(any(each.startswith(title) for title in titles) for each in found), found
    assert len(found) == len(titles)


def test_one_address_with_two_filters_gets_what_either_wants(reader, box):
    addresses = ("ann@example.org", "Ann@example.org")
    filters = {"keywords": ["low-rank adapters"]}, {"datasets": ["cifar-100"]}
    subscribe(
        reader, *({"email": address, "every": "week", **each} for address, each in zip(addresses, filters, strict=True))
    )
    assert send(reader, box).addresses == ["ann@example.org"]
    for title in ("QLoRA", "EfficientNet"):
        assert title in text(box.letters[0])


def test_who_wants_nothing_that_is_there_gets_no_letter(reader, box):
    subscribe(reader, {"email": "ann@example.org", "keywords": ["zyzzyva"]})
    assert send(reader, box).addresses == []
    assert box.letters == []


def test_a_refused_mailbox_does_not_stop_other_letters(reader, box):
    subscribe(reader, *({"email": f"{name}@example.org"} for name in ("ann", "bo", "cy")))
    box.refused.add("bo@example.org")
    with pytest.raises(StepError, match=r"bo@example\.org"):
        send(reader, box)
    assert [letter["To"] for letter in box.letters] == ["ann@example.org", "cy@example.org"]
    box.refused.clear()
    assert send(reader, box).addresses == ["bo@example.org"]


def test_where_the_server_hangs_up_nobody_gets_a_letter_twice_and_the_rest_get_theirs(reader, box):
    subscribe(reader, *({"email": f"{name}@example.org"} for name in ("ann", "bo", "cy")))
    box.hangs_up_after = 2
    with pytest.raises(StepError, match="hung up"):
        send(reader, box)
    box.hangs_up_after = None
    assert send(reader, box).addresses == ["cy@example.org"]
    assert [letter["To"] for letter in box.letters] == [f"{name}@example.org" for name in ("ann", "bo", "cy")]


def test_a_server_that_takes_one_letter_a_connection_takes_all(reader, box):
    """421 closes the connection: nobody's letter is lost, in as many tries as letters, and with a courier in one."""
    names = ("ann", "bo", "cy", "dee")
    subscribe(reader, *({"email": f"{name}@example.org"} for name in names))
    box.letters_a_connection = 1
    for _ in names[:2]:
        with pytest.raises(StepError, match="421"):
            send(reader, box)
    with Courier(lambda: smtplib.SMTP("127.0.0.1", box.port)) as courier:
        assert send_digests(reader, courier.deliver).addresses == ["cy@example.org", "dee@example.org"]
    assert [letter["To"] for letter in box.letters] == [f"{name}@example.org" for name in names]


def test_a_connection_that_idled_out_is_made_anew(reader, box):
    """And a letter that may have arrived is not sent again."""
    subscribe(reader, *({"email": f"{name}@example.org"} for name in ("ann", "bo")))
    with Courier(lambda: smtplib.SMTP("127.0.0.1", box.port)) as courier:
        courier.deliver(send_message())
        courier._client.sock.shutdown(2)
        assert len(send_digests(reader, courier.deliver).addresses) == 2
        box.hangs_up_after = len(box.letters) + 1
        with pytest.raises(smtplib.SMTPServerDisconnected):
            courier.deliver(send_message())
    assert len(box.letters) == 4


def send_message():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "A letter"
    message.set_content("It says little.")
    return message


def test_one_reader_in_other_capitals_gets_one_letter(reader, box):
    subscribe(reader, {"email": "ann@example.org"})
    send(reader, box)
    subscribe(reader, {"email": "Ann@Example.org"})
    assert send(reader, box).addresses == []


def test_papers_beyond_what_a_letter_holds_are_told_all_the_same(reader, box, monkeypatch):
    """Fifteen whole, others by their titles, the rest in the next letter."""
    monkeypatch.setattr("warehouse.digest.letters._MAX_PAPERS", 3)
    monkeypatch.setattr("warehouse.digest.letters._MAX_TITLES", 4)
    subscribe(reader, {"email": "ann@example.org", "every": "week"})
    for week in range(12):
        monkeypatch.setattr(mailing, "current_period", lambda every, week=week: f"{every} {week}")
        send(reader, box)
    assert "more, which the next letter tells" in text(box.letters[0])
    assert "more, which the next letter tells" not in text(box.letters[-1])
    titles = [line for letter in box.letters for line in told(letter)]
    assert len(titles) == len(set(titles)) > 25


def told(letter):
    """The titles of papers that a letter tells."""
    return [line[2:] for line in text(letter).split("CODE THAT")[0].splitlines() if line.startswith("* ")]


def test_a_clock_that_goes_back_silences_no_paper(warehouse_copy, listing, box, monkeypatch):
    subscribe(warehouse_copy, {"email": "ann@example.org"})
    send(warehouse_copy, box)
    monkeypatch.setattr(warehouse.clock, "datetime", Clock(datetime.now(UTC) - timedelta(days=1)))
    title = "A Paper That Came While the Clock Was Wrong"
    run(warehouse_copy, "hf_listing", [listing((title, "We sort stones with care. " * 5))])
    monkeypatch.setattr(mailing, "current_period", lambda _: "another day")
    send(warehouse_copy, box)
    assert title in told(box.letters[-1])


def test_a_run_that_died_while_sending_sends_nothing_again(reader, box):
    subscribe(reader, {"email": "ann@example.org"})

    def die(message):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_digests(reader, die)
    assert send(reader, box).addresses == []
    with sqlite3.connect(reader.digest_ledger) as ledger:
        assert ledger.execute("select state from letters").fetchall() == [("sending",)]


def test_the_same_letter_has_the_same_id(reader, box):
    subscribe(reader, {"email": "ann@example.org"})
    send(reader, box)
    reader.digest_ledger.unlink()
    send(reader, box)
    assert len({letter["Message-ID"] for letter in box.letters}) == 1


def test_a_preview_sends_nothing(reader, box, monkeypatch, tmp_path):
    monkeypatch.setenv("PAPERHOUSE_HOME", str(reader.home))
    subscribe(reader, {"email": "ann@example.org", "every": "week"})
    shown = CliRunner().invoke(
        app, ["digest", "ann@example.org", "--html", str(tmp_path / "page.html")], catch_exceptions=False
    )
    assert "FlashAttention-2" in shown.output
    assert "<h3" in (tmp_path / "page.html").read_text("utf-8")
    assert box.letters == []
    assert not reader.digest_ledger.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"email": "a@example.org", "evry": "day"},
        {"email": "a@example.org", "every": "hour"},
        {"email": "a@example.org\nBcc: b@example.org"},
    ],
)
def test_a_wrong_list_is_reported_with_its_file(reader, wrong):
    subscribe(reader, wrong)
    with pytest.raises(UsageError, match=r"subscribers\.yml cannot be read"):
        send_digests(reader, print)


def test_the_dags_task_sends_by_airflows_connection(reader, box):
    subscribe(reader, {"email": "ann@example.org"})
    environment = os.environ | {
        "PAPERHOUSE_HOME": str(reader.home),
        "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(box.connection),
    }
    code = "from warehouse.airflow.tasks import send_digest; print(send_digest())"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.endswith("1\n"), done.stderr
    assert len(box.letters) == 1


def test_periods_are_days_and_iso_weeks():
    assert current_period("day") == f"{now():%Y-%m-%d}"
    assert current_period("week").startswith(f"{now():%G}-W")
