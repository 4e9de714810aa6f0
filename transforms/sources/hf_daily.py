"""Hugging Face's daily papers: the answer of the API for one day, or that day as a third party saved it ({"date",
"papers"}).

The day is that of the listing, not of the paper: an answer of the API is of the day that was asked for.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import IO, Any

from transforms.formats import (
    BrokenFileError,
    Entry,
    Live,
    Parsed,
    Reject,
    SourceConfig,
    Upstream,
    broken,
    collect,
    day,
    read_json_document,
)
from transforms.formats.huggingface import parse_listed_papers
from transforms.formats.paging import PageResult, Request, Span

PARSER_VERSION = "1"


def parse(file: IO[bytes], config: SourceConfig) -> Iterator[Parsed]:
    """One day's papers. Records: RECORDS, rank from 1 in the order of the list."""
    upstream = Upstream()
    try:
        content = read_json_document(file)
    except BrokenFileError as error:
        yield from collect(iter([broken(error)]), upstream, "")
        return
    is_saved_day = isinstance(content, dict)
    papers = content.get("papers") if isinstance(content, dict) else content
    listed_on = day(str(content.get("date"))) if isinstance(content, dict) else None
    yield from collect(_entries(papers, listed_on, upstream), upstream, "saved_day" if is_saved_day else "api")


def _entries(papers: Any, listed_on: date | None, upstream: Upstream) -> Iterator[Entry | Reject]:
    if not isinstance(papers, list):
        yield Reject("broken_file", "it is neither a list of papers nor an object with one under 'papers'", str(papers))
        return
    yield from parse_listed_papers(papers, listed_on, upstream)


def first_request(span: Span, live: Live) -> Request:
    """The first day of the span."""
    return _request(span.first, live)


def inspect_page(request: Request, content: bytes, span: Span, live: Live) -> PageResult:
    """A list that is full has a next page; then comes the next day. An empty day is accepted on the days that the YAML
    calls empty."""
    try:
        papers = read_json_document(BytesIO(content))
    except BrokenFileError as error:
        return PageResult(problem=str(error))
    if not isinstance(papers, list):
        return PageResult(problem="the answer is no list of papers")
    listed_on = request.listed_on or span.first
    following = listed_on + timedelta(days=1)
    is_suspect = not papers and request.page == 0 and f"{listed_on:%A}".lower() not in live.empty_days
    if len(papers) >= live.page_size:
        return PageResult(len(papers), _request(listed_on, live, request.page + 1))
    return PageResult(len(papers), _request(following, live) if following <= span.last else None, is_suspect)


def _request(listed_on: date, live: Live, page: int = 0) -> Request:
    url = f"{live.url}?date={listed_on:%Y-%m-%d}&limit={live.page_size}"
    return Request(f"{url}&p={page}" if page else url, listed_on, page=page)
