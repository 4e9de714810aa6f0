"""A saved Hugging Face papers page: the JSON in its `data-props` where that is present, else its cards."""

import json
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from transforms.formats.entries import Entry, Reject
from transforms.formats.fields import Upstream, day, printable
from transforms.formats.huggingface import parse_listed_papers
from transforms.identity.identifiers import arxiv_id

_LISTS = ("dailyPapers", "papers", "trendingPapers")


def is_page(content: bytes) -> bool:
    """Whether the bytes begin as HTML does.

    >>> is_page(b"<!DOCTYPE html>"), is_page(b"Daily Papers")
    (True, False)
    """
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<!--"))


def entries(content: bytes, upstream: Upstream) -> tuple[str, Iterator[Entry | Reject]]:
    """(format, entries) of the page: 'page_json' or 'page_cards'."""
    page = LexborHTMLParser(printable(content.decode("utf-8", "replace")))
    for props in _props(page):
        for name in _LISTS:
            if isinstance(papers := props.get(name), list) and papers:
                listed_on = day(str(props.get("dateString") or props.get("date")))
                return "page_json", parse_listed_papers(papers, listed_on, upstream)
    return "page_cards", _cards(page)


def _props(page: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    for node in page.css("[data-props]"):
        try:
            value = json.loads(node.attributes.get("data-props") or "")
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _cards(page: LexborHTMLParser) -> Iterator[Entry | Reject]:
    for rank, card in enumerate((card for card in page.css("article") if card.css_first("h3")), start=1):
        yield _card(card, rank)


def _card(card: LexborNode, rank: int) -> Entry | Reject:
    heading = card.css_first("h3")
    title = " ".join(heading.text().split()) if heading else ""
    hrefs = [link.attributes.get("href") or "" for link in card.css("a")]
    found = next(
        (
            each
            for href in hrefs
            if (each := arxiv_id(href.removeprefix("/papers/").partition("#")[0]) or arxiv_id(href))
        ),
        None,
    )
    if not title:
        return Reject("no_title", f"card {rank} has a heading without text", card.text()[:300])
    paragraphs = [" ".join(paragraph.text().split()) for paragraph in card.css("p")]
    counts = [
        int(text) for node in card.css(".leading-none") if (text := node.text().strip()).isdecimal() and len(text) < 9
    ]
    return Entry(
        {
            "source_record_id": found,
            "arxiv_id": found,
            "title_raw": title,
            "abstract_raw": max(paragraphs, key=len, default=None) or None,
            "rank": rank,
            "upvotes": counts[0] if counts else None,
        }
    )
