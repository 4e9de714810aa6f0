"""arXiv's API: an Atom feed of papers, newest first (https://info.arxiv.org/help/api/user-manual.html).

The API answers an error with a feed of one entry titled "Error": that entry is a reject. Its empty and short pages are
not trusted: a feed says how many results there are in all, and a page that holds fewer than it should is asked for
again.
"""

from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from lxml import etree

from transforms.formats import (
    BrokenFileError,
    Entry,
    Fields,
    Live,
    Parsed,
    Reject,
    Row,
    Upstream,
    arxiv_id,
    arxiv_version,
    collect,
    day,
    doi,
    links,
    whole,
)
from transforms.formats.arxiv import Config, is_withdrawn_comment
from transforms.formats.paging import PageResult, Request, Span
from transforms.formats.xml_tree import xml_root

PARSER_VERSION = "2"

_ATOM = "{http://www.w3.org/2005/Atom}"
_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def parse(file: IO[bytes], config: Config) -> Iterator[Parsed]:
    """The papers of one feed."""
    upstream = Upstream()
    return collect(_iter_papers(file, config, upstream), upstream, "atom")


def _iter_papers(file: IO[bytes], config: Config, upstream: Upstream) -> Iterator[Entry | Reject]:
    for entry in _feed(whole(file)).iter(f"{_ATOM}entry"):
        yield read_entry(Fields(_children(entry), upstream), config)


def _feed(content: bytes) -> etree._Element:
    feed = xml_root(content)
    if feed.tag != f"{_ATOM}feed":
        raise BrokenFileError(f"its root is <{etree.QName(feed).localname}>, not an Atom feed")
    return feed


def read_entry(fields: Fields, config: Config) -> Entry | Reject:
    """The paper of one entry of the feed."""
    url = fields.text("id")
    found, title = arxiv_id(url), fields.text("title")
    if found is None or not title:
        reason = "api_error" if title == "Error" else "no_arxiv_id" if found is None else "no_title"
        return Reject(reason, fields.text("summary") or f"the entry {url} is not a paper", url or "")
    version, published_on, updated_on = arxiv_version(url), fields.day("published"), fields.day("updated")
    known_days = {1: [published_on], 2: [published_on, updated_on]}.get(version or 0)
    record: Row = {
        "source_record_id": found,
        "arxiv_id": found,
        "title_raw": title,
        "abstract_raw": fields.text("summary"),
        "authors": fields.texts("author"),
        "doi": doi(fields.text("doi")),
        "published_on": published_on,
        "updated_on": updated_on,
        "version": version,
        "version_days": known_days,
    }
    comment, primary = fields.text("comment"), fields.texts("primary_category") or []
    record |= {
        "categories": list(dict.fromkeys([*primary, *(fields.texts("category") or [])])) or None,
        "comments": comment,
        "journal_ref": fields.text("journal_ref"),
        "is_withdrawn": is_withdrawn_comment(comment, config.lookups.withdrawn),
    }
    fields.take("link")
    return Entry(
        record, links("comment", " ".join(word for word in (comment or "").split() if word.startswith("http")))
    )


def _children(entry: etree._Element) -> dict[str, Any]:
    """The entry's children by name: text, and lists of text for authors, links and categories."""
    found: dict[str, Any] = {}
    for child in entry:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child).localname
        if name == "author":
            found.setdefault(name, []).append(child.findtext(f"{_ATOM}name") or "")
        elif name in ("link", "category", "primary_category"):
            found.setdefault(name, []).append(child.get("href") or child.get("term") or "")
        else:
            found[name] = " ".join((child.text or "").split())
    return found


def first_request(span: Span, live: Live) -> Request:
    """The newest page of the span, in the categories that the YAML names."""
    categories = " OR ".join(f"cat:{each}" for each in live.categories)
    query = f"({categories}) AND submittedDate:[{span.first:%Y%m%d}0000 TO {span.last:%Y%m%d}2359]"
    return _page(query, 0, live)


def inspect_page(request: Request, content: bytes, span: Span, live: Live) -> PageResult:
    """Whole where the feed holds as many entries as its total promises; no further than the span's first day."""
    try:
        feed = _feed(content)
    except BrokenFileError as error:
        return PageResult(problem=str(error))
    entries = feed.findall(f"{_ATOM}entry")
    if len(entries) == 1 and entries[0].findtext(f"{_ATOM}title") == "Error":
        return PageResult(problem=f"arXiv says: {entries[0].findtext(f'{_ATOM}summary')}")
    total = int(feed.findtext(f"{_SEARCH}totalResults") or 0)
    start = int(feed.findtext(f"{_SEARCH}startIndex") or 0)
    expected = min(live.page_size, max(0, total - start))
    if len(entries) < expected:
        return PageResult(
            problem=f"the page from {start} holds {len(entries)} entries, and {expected} of {total} are due"
        )
    if not entries:
        return PageResult(is_suspect=start == 0)
    days = [found for entry in entries if (found := day(entry.findtext(f"{_ATOM}published")))]
    is_older = bool(days) and max(days) < span.first
    is_last = start + len(entries) >= total or is_older
    query = parse_qs(urlsplit(request.url).query)["search_query"][0]
    return PageResult(len(entries), None if is_last else _page(query, start + len(entries), live))


def _page(query: str, start: int, live: Live) -> Request:
    parameters = {
        "search_query": query,
        "start": start,
        "max_results": live.page_size,
        "sortBy": "submittedDate",
        "sortOrder": "descending",
    }
    return Request(f"{live.url}?{urlencode(parameters)}")
