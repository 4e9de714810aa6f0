"""Hugging Face's daily papers: the answer of the API for one day, or that day as a third party saved it ({"date", "papers"}).

The day is that of the listing, not of the paper: an answer of the API is of the day that was asked for.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from io import BytesIO
from typing import IO, Any

from transforms.entries import BrokenFileError, Entry, Reject, Upstream, broken, collected, day, json_of
from transforms.frames import Parsed
from transforms.huggingface import listed_papers
from transforms.paging import Judgement, Request, Span

PARSER_VERSION = "1"


def parse(file: IO[bytes], facts: Mapping[str, Any]) -> Iterator[Parsed]:
    """One day's papers. Records: RECORDS, rank from 1 in the order of the list."""
    upstream = Upstream()
    try:
        content = json_of(file)
    except BrokenFileError as error:
        yield from collected(iter([broken(error)]), upstream, "")
        return
    is_saved_day = isinstance(content, dict)
    papers = content.get("papers") if isinstance(content, dict) else content
    listed_on = day(str(content.get("date"))) if isinstance(content, dict) else None
    yield from collected(_entries(papers, listed_on, upstream), upstream, "saved_day" if is_saved_day else "api")


def _entries(papers: Any, listed_on: date | None, upstream: Upstream) -> Iterator[Entry | Reject]:
    if not isinstance(papers, list):
        yield Reject("broken_file", "it is neither a list of papers nor an object with one under 'papers'", str(papers))
        return
    yield from listed_papers(papers, listed_on, upstream)


def first_request(span: Span, facts: Mapping[str, Any]) -> Request:
    """The first day of the span."""
    return _request(span.first, facts)


def judge(request: Request, content: bytes, span: Span, facts: Mapping[str, Any]) -> Judgement:
    """A list that is full has a next page; then comes the next day. An empty day is believed on the days that YAML calls empty."""
    try:
        papers = json_of(BytesIO(content))
    except BrokenFileError as error:
        return Judgement(problem=str(error))
    if not isinstance(papers, list):
        return Judgement(problem="the answer is no list of papers")
    listed_on = request.listed_on or span.first
    following = listed_on + timedelta(days=1)
    is_doubtful = not papers and request.page == 0 and f"{listed_on:%A}".lower() not in facts["live"]["empty_days"]
    if len(papers) >= facts["live"]["page_size"]:
        return Judgement(len(papers), _request(listed_on, facts, request.page + 1))
    return Judgement(len(papers), _request(following, facts) if following <= span.last else None, is_doubtful)


def _request(listed_on: date, facts: Mapping[str, Any], page: int = 0) -> Request:
    url = f"{facts['live']['url']}?date={listed_on:%Y-%m-%d}&limit={facts['live']['page_size']}"
    return Request(f"{url}&p={page}" if page else url, listed_on, page=page)
