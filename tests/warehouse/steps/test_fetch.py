"""Live sources read from a real server: pages, cursors, doubts, expired tokens, and refreshes that follow each
other."""

import json
import signal
import subprocess
import sys
from datetime import date

import pytest

from tests.misbehaving import answer, serving, status, unchanged_after
from tests.upstream import atom, daily, oai, oai_record
from warehouse.errors import RejectedError, UsageError
from warehouse.settings import Settings
from warehouse.steps.fetch import fetch
from warehouse.steps.parse import parse
from warehouse.storage.batches import read_all_batches
from warehouse.upstream.http import FetchError

MONDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 8)


@pytest.fixture
def server():
    with serving() as running:
        yield running


@pytest.fixture
def live(server, tmp_path):
    """Settings under which all live sources are at the server."""
    quick = {"requests_per_second": 1000, "page_size": 4}
    places = {
        name: quick | {"url": f"{server.url}/{name}"} for name in ("arxiv_api", "arxiv_oai", "hf_daily", "pwc_api")
    }
    return Settings(
        home=tmp_path / "home",
        contact="test@example.org",
        http_allow_private_hosts=True,
        http_attempts=4,
        http_first_wait_seconds=0.01,
        live=places,
    )


def papers(settings, batch_ids):
    return sum(parse(settings, batch_id).paper_count for batch_id in batch_ids)


def feed(total):
    """An honest API: the page that is asked for."""

    def by_query(query):
        start = int(query["start"])
        return answer(atom(range(start, min(total, start + 4)), total, start), "application/atom+xml")

    return by_query


def test_papers_with_code_is_read_page_by_page_for_the_days_that_are_asked(server, live):
    asked = []

    def by_query(query):
        asked.append((query["start_date"], query["end_date"], query["page"]))
        start = 4 * (int(query["page"]) - 1)
        found = [{"id": str(n), "title": f"Stones {n}", "arxiv_id": f"2603.{n:05d}"} for n in range(9)]
        return answer(json.dumps({"results": found[start : start + 4]}).encode(), "application/json")

    server.by_query["/pwc_api"] = by_query
    assert papers(live, fetch(live, "pwc_api", MONDAY, SUNDAY)) == 9
    assert asked == [("2026-03-02", "2026-03-08", page) for page in "123"]


def test_the_api_is_read_to_its_end(server, live):
    server.by_query["/arxiv_api"] = feed(10)
    batch_ids = fetch(live, "arxiv_api", MONDAY, SUNDAY)
    assert (len(batch_ids), papers(live, batch_ids)) == (3, 10)
    assert "submittedDate%3A%5B202603020000+TO+202603082359%5D" in server.requests[0][0]
    assert "cat%3Acs.LG" in server.requests[0][0]


def test_short_empty_and_repeated_pages_are_asked_for_again(server, live):
    """arXiv gives an empty feed, and a short one, where there is more; what it repeats lands once."""
    honest, faults = feed(6), [atom([], 6), atom([0, 1], 6), atom([], 0)]

    def by_query(query):
        return answer(faults.pop(0), "application/atom+xml") if faults else honest(query)

    server.by_query["/arxiv_api"] = by_query
    batch_ids = fetch(live, "arxiv_api", MONDAY, SUNDAY)
    assert (faults, papers(live, batch_ids)) == ([], 6)


def test_an_error_of_the_api_is_reported(server, live):
    error = (
        atom([0], 1)
        .replace(b"A Plain Method Number 0 for Sorting Stones", b"Error")
        .replace(b"Stone 0 is sorted.", b"incorrect query.")
    )
    server.at("/arxiv_api", answer(error, "application/atom+xml"))
    with pytest.raises(FetchError, match=r"arXiv says: incorrect query"):
        fetch(live, "arxiv_api", MONDAY, SUNDAY)
    assert read_all_batches(live) == []


@pytest.mark.parametrize(
    "bomb",
    [
        b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom"><title>&b;</title></feed>',
        b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/passwd">]><feed xmlns="http://www.w3.org/2005/Atom"><title>&a;</title></feed>',
    ],
    ids=["entity bomb", "external entity"],
)
def test_entities_are_refused(bomb, server, live):
    server.at("/arxiv_api", answer(bomb, "application/atom+xml"))
    with pytest.raises(FetchError, match="declares a document type"):
        fetch(live, "arxiv_api", MONDAY, SUNDAY)


def test_oai_begins_a_day_again_where_its_token_expires(server, live):
    """OAI-PMH promises no order: a record of the lost page may be older than what came, and younger than what is to
    come."""
    tuesday = [
        oai([oai_record(n, versions=3) for n in range(14, 18)], "t1"),
        oai([oai_record(n, versions=3) for n in range(14, 18)], "t2"),
    ]
    pages = {
        "2026-03-02": oai([oai_record(n) for n in range(8)]),
        "t1": oai([], error="badResumptionToken"),
        "t2": oai(
            [oai_record(n, versions=3) for n in range(10, 14)] + [oai_record(18, 2, "I"), oai_record(19, deleted=True)]
        ),
    }
    nothing = oai([], error="noRecordsMatch")

    def by_query(query):
        key = query.get("resumptionToken") or query["from"]
        assert query.get("until") in (None, query.get("from"))
        return answer(tuesday.pop(0) if key == "2026-03-03" else pages.get(key, nothing), "text/xml")

    server.by_query["/arxiv_oai"] = by_query
    batch_ids = fetch(live, "arxiv_oai", MONDAY, SUNDAY)
    notes = [parse(live, batch_id) for batch_id in batch_ids]
    assert [(note.paper_count, note.reject_count) for note in notes][:4] == [(8, 0), (4, 0), (4, 0), (5, 1)]
    asked = [path.partition("from=")[2][:10] for path, _, _ in server.requests if "from=" in path]
    assert asked.count("2026-03-04") == 3, "an empty weekday is doubted"
    assert asked.count("2026-03-07") == asked.count("2026-03-08") == 1


def test_a_way_in_that_is_closed_again_and_again_ends(server, live):
    server.by_query["/arxiv_oai"] = lambda query: answer(
        oai([], error="badResumptionToken") if "resumptionToken" in query else oai([oai_record(1)], "t"), "text/xml"
    )
    with pytest.raises(FetchError, match="10 times, last for 2026-03-02"):
        fetch(live, "arxiv_oai", MONDAY, SUNDAY)


def test_a_full_list_has_a_next_page(server, live):
    lists = {"": range(4), "1": range(4, 8), "2": []}
    server.by_query["/hf_daily"] = lambda query: answer(daily(lists[query.get("p", "")]))
    batch_ids = fetch(live, "hf_daily", MONDAY, MONDAY)
    assert papers(live, batch_ids) == 8
    assert {batch.listed_on for batch in read_all_batches(live)} == {MONDAY}


def test_a_refresh_that_was_killed_goes_on_where_it_was(server, live, tmp_path):
    """The process is killed while it waits for the third page; the next run asks for that page first."""
    honest = feed(12)
    server.by_query["/arxiv_api"] = lambda query: (
        status(503, Retry_After="60") if query["start"] == "8" else honest(query)
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "PAPERHOUSE_HOME": str(live.home),
        "PAPERHOUSE_CONTACT": live.contact,
        "PAPERHOUSE_HTTP_ALLOW_PRIVATE_HOSTS": "true",
        "PAPERHOUSE_LIVE": json.dumps(live.live),
    }
    command = [
        sys.executable,
        "-m",
        "warehouse.cli.app",
        "fetch",
        "-s",
        "arxiv_api",
        "--from",
        str(MONDAY),
        "--to",
        str(SUNDAY),
    ]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert any("again in 60 s" in line for line in process.stderr)
        process.send_signal(signal.SIGKILL)
    asked = len(server.requests)
    server.by_query["/arxiv_api"] = honest
    batch_ids = fetch(live, "arxiv_api", MONDAY, SUNDAY)
    assert "start=8" in server.requests[asked][0]
    assert (len(server.requests) - asked, papers(live, batch_ids)) == (1, 12)


def test_days_follow_each_other(server, live):
    """Each answer is of the day that was asked for; the next refresh begins before the last one's end; weekends may be
    empty."""
    server.by_query["/hf_daily"] = lambda query: answer(
        daily([] if query["date"] in ("2026-03-07", "2026-03-08") else range(3))
    )
    batch_ids = fetch(live, "hf_daily", MONDAY, SUNDAY)
    assert len(batch_ids) == 7
    assert sorted(str(batch.listed_on) for batch in read_all_batches(live)) == [f"2026-03-0{i}" for i in range(2, 9)]
    fetch(live, "hf_daily", last=date(2026, 3, 9))
    assert [path.partition("date=")[2][:10] for path, _, _ in server.requests if path.startswith("/hf_daily")][-4:] == [
        f"2026-03-0{i}" for i in range(6, 10)
    ]


def test_a_refresh_of_later_days_leaves_no_day_out(server, live):
    """The days between are asked for by the next refresh; once they came, the days after them are known already."""
    server.by_query["/hf_daily"] = lambda _query: answer(daily(range(3)))
    fetch(live, "hf_daily", MONDAY, date(2026, 3, 3))
    fetch(live, "hf_daily", date(2026, 3, 10), date(2026, 3, 12))
    server.requests.clear()
    fetch(live, "hf_daily", last=date(2026, 3, 9))
    assert [path.partition("date=")[2][:10] for path, _, _ in server.requests] == [
        f"2026-03-{i:02}" for i in range(1, 10)
    ]
    server.requests.clear()
    fetch(live, "hf_daily", last=date(2026, 3, 13))
    assert [path.partition("date=")[2][:10] for path, _, _ in server.requests] == [
        f"2026-03-{i}" for i in range(10, 14)
    ]


def test_an_empty_refresh_of_a_source_that_never_was_empty_fails(server, live):
    server.by_query["/hf_daily"] = lambda query: answer(daily(range(3) if query["date"] < "2026-03-04" else []))
    fetch(live, "hf_daily", MONDAY, date(2026, 3, 3))
    with pytest.raises(RejectedError, match="has nothing for 2026-03-04"):
        fetch(live, "hf_daily", date(2026, 3, 4), date(2026, 3, 4))
    assert len(fetch(live, "hf_daily", date(2026, 3, 4), date(2026, 3, 4), allow_empty=True)) == 1


def test_what_has_not_changed_is_not_landed_again(server, live):
    server.at("/hf_daily", unchanged_after('"v1"', daily(range(3))))
    assert len(fetch(live, "hf_daily", MONDAY, MONDAY)) == 1
    assert fetch(live, "hf_daily", MONDAY, MONDAY) == []


def test_pages_that_lead_to_themselves_end(server, live):
    server.at("/arxiv_oai", answer(oai([oai_record(1)], "same"), "text/xml"))
    with pytest.raises(FetchError, match="pages in a loop"):
        fetch(live, "arxiv_oai", MONDAY, SUNDAY)


def test_a_source_of_files_is_not_fetched(live):
    with pytest.raises(UsageError, match="is not a live source"):
        fetch(live, "conference")
    with pytest.raises(UsageError, match="comes after the last"):
        fetch(live, "hf_daily", SUNDAY, MONDAY)
