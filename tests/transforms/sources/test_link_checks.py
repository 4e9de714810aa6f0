"""Checks of links: what an answer says of the place."""

import json
from datetime import UTC, datetime

import pytest

from tests.fuzzing.seeds import SEEDS
from warehouse.upstream.sources import read_source

CHECKS = read_source("link_checks")
URL = "https://stones.example.org/a"


def parsed(**line):
    return CHECKS.parse(json.dumps({"url": URL, "checked_at": "2026-03-05T08:00:00+00:00"} | line).encode())


def test_what_hosts_answered():
    found = CHECKS.parse(SEEDS["link_checks"]()[0])
    assert (found.records.height, found.rejects.height, found.unread_fields) == (0, 0, {})
    assert found.link_checks.select("state", "redirected_to", "stars", "licence", "problem").rows() == [
        ("moved", "https://github.com/stones/new", 80, "MIT", None),
        ("private", None, None, None, None),
        ("unknown", None, None, None, "stones.example.org has no address"),
    ]
    assert found.link_checks["checked_at"][0] == datetime(2026, 3, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ({"http_status": 200}, "available"),
        ({"http_status": 304}, "available"),
        ({"http_status": 404}, "gone"),
        ({"http_status": 410}, "gone"),
        ({"http_status": 401}, "private"),
        ({"http_status": 403}, "unknown"),  # pages refuse robots
        ({"http_status": 403, "via": "github"}, "gone"),
        ({"http_status": 500}, "unknown"),
        ({"http_status": None}, "unknown"),
        ({"http_status": "x"}, "unknown"),
        ({"http_status": 200, "location": f"{URL}/"}, "available"),
        ({"http_status": 200, "location": "http://www.stones.example.org/A/index.html"}, "available"),
        ({"http_status": 200, "location": "https://stones.example.org/b"}, "moved"),
        ({"http_status": 404, "location": "https://stones.example.org/b"}, "gone"),
        ({"http_status": 200, "location": "no place"}, "available"),
        ({"http_status": 200, "via": "github", "repository": {"private": True}}, "private"),
    ],
)
def test_states(line, state):
    (row,) = parsed(**line).link_checks.iter_rows(named=True)
    assert row["state"] == state
    assert (row["redirected_to"] is not None) == (state == "moved")
    assert (row["problem"] is not None) == (state == "unknown")


@pytest.mark.parametrize("line", [{"url": None}, {"url": "ftp://stones.example.org"}, {"checked_at": "yesterday"}])
def test_a_line_without_link_or_instant_is_a_reject(line):
    found = parsed(**line)
    assert found.rejects["reason"].to_list() == ["no_check"]
    assert found.link_checks.is_empty()
