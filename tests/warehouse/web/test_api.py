"""The explorer's own API, by a real server: pages, lines, filters, what changed since, and its description."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from warehouse.steps.pipeline import run

TABLES = ("papers", "claims", "results", "entries", "links")


def all_pages(client, address, **asked):
    found, after = [], {}
    while True:
        page = client.get(address, params=asked | after).json()
        found += page["items"]
        if page["next_after"] is None:
            return found
        after = {"after": page["next_after"]}


@pytest.mark.parametrize("table", TABLES)
def test_pages_and_lines_hold_the_same_rows(site, table):
    lines = [json.loads(line) for line in site.get(f"/api/{table}.ndjson").text.splitlines()]
    pages = all_pages(site, f"/api/{table}", limit=7)
    assert len(lines) > 7
    key = next(iter(lines[0]))
    assert sorted(lines, key=lambda each: each[key]) == pages
    head = site.head(f"/api/{table}.ndjson")
    assert (head.status_code, head.headers["content-type"], head.text) == (200, "application/x-ndjson", "")


@pytest.mark.parametrize(
    ("address", "is_so"),
    [
        ("/api/papers?has_code=true", lambda each: each["repo_link_count"] > 0),
        ("/api/papers?year=2020", lambda each: each["published_on"].startswith("2020")),
        ("/api/claims?metric=accuracy&min_confidence=0.9", lambda each: each["confidence"] >= 0.9),
        ("/api/claims?dataset=ImageNet", lambda each: any("imagenet" in name.lower() for name in each["datasets"])),
        ("/api/entries?dataset=ImageNet&evidence_kind=both", lambda each: each["claim_id"] and each["result_id"]),
        ("/api/results?model=SimCLR", lambda each: each["value"] == 76.5),
        ("/api/links?state=gone", lambda each: each["state"] == "gone"),
    ],
)
def test_rows_are_filtered(site, address, is_so):
    found = site.get(address).json()["items"]
    assert found
    assert all(map(is_so, found))


def test_instants_are_written_as_iso_8601_has_them(site):
    page = site.get("/api/papers?limit=1").json()
    for text in (page["items"][0]["first_seen_at"], page["publication"]["loaded_until"]):
        assert text.endswith("Z")
        assert datetime.fromisoformat(text).tzinfo is not None


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/papers?limt=3", 422, "limt"),
        ("/api/papers?limit=100000", 422, "limit"),
        ("/api/papers.ndjson?since=yesterday", 422, "since"),
        ("/api/changes", 422, "since"),
        ("/api/nothing", 404, "/api lists"),
        ("/api/papers/none-of-ours", 404, ""),
        ("/api/search?q=", 422, "q"),
    ],
)
def test_what_is_asked_wrongly_is_named(site, address, status, words):
    answer = site.get(address)
    assert answer.status_code == status
    assert words in answer.json()["error"]


def test_search_leaderboards_and_single_papers(site):
    (found, *_) = site.get("/api/search?q=qlora").json()["items"]
    paper = site.get(f"/api/papers/{found['paper_id']}").json()
    assert paper["paper"]["title"].startswith("QLoRA")
    assert {link["state"] for link in paper["paper"]["links"]} >= {"gone", "moved"}
    boards = site.get("/api/leaderboards?dataset=ImageNet").json()["items"]
    assert [(each["metric"], each["entry_count"]) for each in boards] == [
        ("accuracy", 11),
        ("error", 1),
        ("top-5 accuracy", 1),
        ("accuracy", 7),
        ("accuracy", 1),
    ]


def test_who_asks_since_the_last_answer_gets_what_came(serve, warehouse_copy, listing):
    client = serve(warehouse_copy)
    before = {each["paper_id"] for each in all_pages(client, "/api/papers")}
    since = client.get("/api/papers?limit=1").json()["publication"]["loaded_until"]
    assert client.get("/api/papers", params={"since": since}).json()["items"] == []
    page = listing(("On Sorting Stones", "We sort stones by hand. It gains 3.1% accuracy on ImageNet. " * 2))
    assert run(warehouse_copy, "hf_listing", [page]).failures == []
    came = {each["paper_id"] for each in all_pages(client, "/api/papers", since=since)}
    now = {each["paper_id"] for each in all_pages(client, "/api/papers")}
    assert now - before <= came
    assert len(now - before) == 1
    claims = [json.loads(line) for line in client.get("/api/claims.ndjson", params={"since": since}).text.splitlines()]
    assert {each["paper_id"] for each in claims} == now - before
    changes = client.get("/api/changes", params={"since": since}).json()["changes"]
    assert changes["papers"]["rows"] == len(came)
    assert len(client.get(changes["claims"]["path"]).json()["items"]) == len(claims)


def test_links_that_were_checked_since_are_told(site):
    long_ago = (datetime.now(UTC) - timedelta(days=3650)).isoformat()
    assert len(all_pages(site, "/api/links", since=long_ago)) == len(all_pages(site, "/api/links"))


def test_an_answer_of_the_same_publication_is_not_sent_twice(site):
    etag = site.get("/api/claims").headers["etag"]
    assert site.get("/api/claims", headers={"If-None-Match": etag}).status_code == 304


def test_openapi_describes_every_path(site):
    described = site.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert {f"/api/{table}" for table in TABLES} | {f"/api/{table}.ndjson" for table in TABLES} < set(
        described["paths"]
    )
    names = {each["name"] for each in described["paths"]["/api/claims"]["get"]["parameters"]}
    assert names == {"since", "after", "limit", "paper_id", "metric", "unit", "kind", "dataset", "min_confidence"}
    page = site.get("/api").text
    assert all(path in page for path in described["paths"])


def test_nothing_can_be_written(site):
    assert site.post("/api/papers").status_code == 405
