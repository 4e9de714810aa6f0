"""The parsers of arXiv's Atom and OAI-PMH, and of saved Hugging Face pages."""

import html
import json
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upstream import atom, daily, oai, oai_record
from warehouse.upstream.sources import read_source

API, OAI, LISTING = read_source("arxiv_api"), read_source("arxiv_oai"), read_source("hf_listing")


def test_a_feed():
    parsed = API.parse(
        atom([0, 1], 2).replace(
            b"</title><published>",
            b"</title><comment xmlns='http://arxiv.org/schemas/atom'>Code: https://github.com/a/b</comment><published>",
            1,
        )
    )
    row = parsed.records.row(0, named=True)
    assert (row["arxiv_id"], row["version"], row["authors"], row["published_on"]) == (
        "2603.00000",
        2,
        ["Ann Stone"],
        date(2026, 3, 2),
    )
    assert (row["is_withdrawn"], row["version_days"]) == (False, [date(2026, 3, 2)] * 2)
    assert parsed.listed_links["url_text"].to_list() == ["https://github.com/a/b"]
    assert row["categories"] == ["cs.LG"]
    assert parsed.unread_fields == {}


def test_real_feeds(shared):
    parsed = [API.parse(file.read_bytes()) for file in sorted((shared / "data" / "arxiv_atom").glob("*.xml"))]
    records = pl.concat([each.records for each in parsed])
    assert records["arxiv_id"].n_unique() == 105
    assert {"quant-ph/0201082", "astro-ph/0601001"} <= set(records["arxiv_id"])
    assert [reason for each in parsed for reason in each.rejects["reason"]] == ["api_error"]


@pytest.mark.parametrize(
    "comment", ["This paper has been withdrawn by the author due to an error", "Withdrawn: see 2401.00001"]
)
def test_what_the_comment_says_of_withdrawal(comment):
    parsed = API.parse(
        atom([0], 1).replace(
            b"<summary>", f"<comment xmlns='http://arxiv.org/schemas/atom'>{comment}</comment><summary>".encode()
        )
    )
    assert parsed.records["is_withdrawn"].item()


def test_oai_records():
    parsed = OAI.parse(
        oai([oai_record(1, versions=3), oai_record(2, versions=2, source_type="I"), oai_record(3, deleted=True)])
    )
    row = parsed.records.row(0, named=True)
    assert (row["arxiv_id"], row["version"], row["version_days"]) == (
        "2603.00001",
        3,
        [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)],
    )
    assert (row["authors"], row["abstract_raw"][:5]) == (["Ann Stone", "Ben Rock", "Cleo Pebble"], "Stone")
    assert parsed.records["is_withdrawn"].to_list() == [False, True]
    assert parsed.rejects.select("reason", "excerpt").rows() == [("deleted_upstream", "oai:arXiv.org:2603.00003")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<feed",
        b"<html><body>busy</body></html>",
        b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/passwd">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>',
        b'<!DOCTYPE l [<!ENTITY a "'
        + b"a" * 1000
        + b'"><!ENTITY b "'
        + b"&a;" * 1000
        + b'"><!ENTITY c "'
        + b"&b;" * 1000
        + b'">]><l>&c;</l>',
    ],
)
@pytest.mark.parametrize("config", [API, OAI], ids=["api", "oai"])
def test_what_is_no_feed_is_broken(config, content):
    parsed = config.parse(content)
    assert (parsed.rejects["reason"].to_list(), parsed.records.height) == (["broken_file"], 0)
    assert "root:" not in parsed.rejects["message"].item()


@given(st.binary(max_size=200), st.sampled_from([API, OAI, LISTING]))
def test_any_bytes_are_accounted_for(content, config):
    parsed = config.parse(content)
    assert pl.concat([parsed.records["entry_index"], parsed.rejects["entry_index"]]).n_unique() == parsed.entry_count


def page(body):
    return f"<!doctype html><html><head><title>Daily Papers</title></head><body>{body}</body></html>".encode()


def test_a_page_with_its_json():
    props = json.dumps(
        {"dailyPapers": json.loads(daily(range(3), upvotes=12)), "dateString": "2026-03-05", "periodType": "day"}
    )
    other = '<div class="SVELTE_HYDRATER" data-target="Other" data-props="{}"></div>'
    parsed = LISTING.parse(page(f'{other}<div data-target="DailyPapers" data-props="{html.escape(props)}"></div>'))
    assert parsed.records.select("arxiv_id", "rank", "upvotes", "listed_on").row(2) == (
        "2603.00002",
        3,
        12,
        date(2026, 3, 5),
    )
    assert (parsed.format, parsed.records.height, parsed.listed_links.height) == ("page_json", 3, 3)


def test_a_page_of_cards():
    picture, votes = '<a href="/papers/2603.0000{i}"><img></a>', '<div class="leading-none">{votes}</div>'
    heading = '<h3><a href="/papers/2603.0000{i}">Sorting &amp; Stones {i}</a></h3>'
    card = f"<article>{picture}{votes}{heading}<p>We sort {{i}}.</p></article>"
    parsed = LISTING.parse(
        page(
            card.format(i=1, votes=40)
            + card.format(i=2, votes="-")
            + "<article><h3> </h3></article><article>an advertisement</article>"
        )
    )
    assert parsed.records.select("arxiv_id", "title_raw", "abstract_raw", "rank", "upvotes").rows() == [
        ("2603.00001", "Sorting & Stones 1", "We sort 1.", 1, 40),
        ("2603.00002", "Sorting & Stones 2", "We sort 2.", 2, None),
    ]
    assert (parsed.format, parsed.rejects["reason"].to_list(), parsed.entry_count) == ("page_cards", ["no_title"], 3)
