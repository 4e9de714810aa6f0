"""arXiv's OAI-PMH interface, ListRecords with arXivRaw: every version's day, withdrawals and deletions.

The protocol: http://www.openarchives.org/OAI/openarchivesprotocol.html; a record's last version of source type I is a
withdrawal.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from typing import IO
from urllib.parse import urlencode

from lxml import etree

from transforms.formats import (
    BrokenFileError,
    Entry,
    Fields,
    Live,
    Parsed,
    Reject,
    Row,
    SourceConfig,
    Upstream,
    arxiv_id,
    collect,
    doi,
    whole,
)
from transforms.formats.arxiv import split_authors
from transforms.formats.paging import PageResult, Request, Span
from transforms.formats.xml_tree import xml_root

PARSER_VERSION = "2"

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW = "{http://arxiv.org/OAI/arXivRaw/}"


def parse(file: IO[bytes], config: SourceConfig) -> Iterator[Parsed]:
    """The papers of one answer to ListRecords. A deleted record is a reject, as nothing but its id is left."""
    upstream = Upstream()
    return collect(_papers(file, upstream), upstream, "arXivRaw")


def _papers(file: IO[bytes], upstream: Upstream) -> Iterator[Entry | Reject]:
    for record in _answer(whole(file)).iter(f"{_OAI}record"):
        yield _paper(record, upstream)


def _answer(content: bytes) -> etree._Element:
    answer = xml_root(content)
    if answer.tag != f"{_OAI}OAI-PMH":
        raise BrokenFileError(f"its root is <{etree.QName(answer).localname}>, not OAI-PMH")
    return answer


def _paper(record: etree._Element, upstream: Upstream) -> Entry | Reject:
    header, raw = record.find(f"{_OAI}header"), record.find(f"{_OAI}metadata/{_RAW}arXivRaw")
    identifier = header.findtext(f"{_OAI}identifier") if header is not None else None
    if header is not None and header.get("status") == "deleted":
        return Reject(
            "deleted_upstream",
            f"arXiv has deleted the record of {header.findtext(f'{_OAI}datestamp')}",
            identifier or "",
        )
    if raw is None:
        return Reject("no_metadata", f"the record {identifier} has no arXivRaw metadata", identifier or "")
    fields = Fields(
        {
            etree.QName(child).localname: " ".join((child.text or "").split())
            for child in raw
            if child.tag != f"{_RAW}version"
        },
        upstream,
    )
    found, title = arxiv_id(fields.text("id") or identifier), fields.text("title")
    versions = raw.findall(f"{_RAW}version")
    days = [_day(version.findtext(f"{_RAW}date")) for version in versions]
    last_type = versions[-1].findtext(f"{_RAW}source_type") if versions else None
    if found is None or not title:
        return Reject(
            "no_arxiv_id" if found is None else "no_title",
            f"the record {identifier} has no {'id' if found is None else 'title'}",
        )
    taken: Row = {
        "source_record_id": found,
        "arxiv_id": found,
        "title_raw": title,
        "abstract_raw": fields.text("abstract"),
        "authors": split_authors(fields.text("authors")),
        "doi": doi(fields.text("doi")),
        "published_on": days[0] if days else None,
        "updated_on": days[-1] if days else None,
        "version": len(days) or None,
        "version_days": days or None,
        "is_withdrawn": "I" in (last_type or ""),
        "categories": (fields.text("categories") or "").split() or None,
        "comments": fields.text("comments"),
        "journal_ref": fields.text("journal-ref"),
        "licence": fields.text("license"),
    }
    return Entry(taken)


def _day(text: str | None) -> date | None:
    """The day of "Mon, 2 Apr 2007 19:18:42 GMT"."""
    try:
        return parsedate_to_datetime(text).date() if text else None
    except (ValueError, OverflowError):
        return None


def first_request(span: Span, live: Live) -> Request:
    """What changed on the first day of the span, in the set that the YAML names.

    Day by day, as OAI-PMH promises no order of records: where a token expires, nothing less than its whole range can be
    asked for again.
    """
    day = span.first
    parameters = {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "from": day, "until": day}
    return Request(f"{live.url}?{urlencode(parameters | ({'set': live.set} if live.set else {}))}", since=day)


def inspect_page(request: Request, content: bytes, span: Span, live: Live) -> PageResult:
    """Goes on by the resumption token, then with the next day. An empty day is accepted on the days that the YAML calls
    empty."""
    day = request.since or span.last  # a cursor that an earlier version left asks for the whole span at once
    following = first_request(Span(day + timedelta(days=1), span.last), live) if day < span.last else None
    try:
        answer = _answer(content)
    except BrokenFileError as error:
        return PageResult(problem=str(error))
    refusal = answer.find(f"{_OAI}error")
    if refusal is not None:
        match refusal.get("code"):
            case "badResumptionToken":
                return PageResult(is_expired=True)
            case "noRecordsMatch":
                return PageResult(next=following, is_suspect=f"{day:%A}".lower() not in live.empty_days)
            case code:
                return PageResult(problem=f"arXiv says {code}: {refusal.text}")
    record_count = len(answer.findall(f"{_OAI}ListRecords/{_OAI}record"))
    if record_count == 0:
        return PageResult(problem="the answer lists no record and gives no error")
    if token := answer.findtext(f"{_OAI}ListRecords/{_OAI}resumptionToken"):
        following = Request(
            f"{live.url}?{urlencode({'verb': 'ListRecords', 'resumptionToken': token})}",
            since=request.since,
        )
    return PageResult(record_count, following)
