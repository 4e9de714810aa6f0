"""A curated list of arXiv papers, topic → arXiv id → a row of a Markdown table: day, title, first author, link, code
link."""

import re
from collections.abc import Iterator
from typing import IO, Any

from transforms.formats import (
    Entry,
    Fields,
    Parsed,
    Reject,
    Row,
    SourceConfig,
    Upstream,
    arxiv_id,
    collect,
    day,
    links,
    printable,
    read_json_document,
)

PARSER_VERSION = "1"

_ROW = re.compile(
    r"\|\*\*(?P<day>[^|*]*)\*\*\|\*\*(?P<title>.*)\*\*\|(?P<author>[^|]*)\|\[[^\]]*\]\((?P<url>[^)]*)\)\|(?P<code>.*?)\|?\s*"
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]*)\)")
_ET_AL = re.compile(r"\s*et\.?\s*al\.?\s*$", re.I)


def parse(file: IO[bytes], config: SourceConfig) -> Iterator[Parsed]:
    """The rows of all topics; a paper of two topics has two."""
    upstream = Upstream()
    return collect(_rows(file, upstream), upstream, "markdown_rows")


def _rows(file: IO[bytes], upstream: Upstream) -> Iterator[Entry | Reject]:
    topics = read_json_document(file)
    if not isinstance(topics, dict):
        yield Reject("broken_file", "it is not an object of topics", str(topics))
        return
    for topic, rows in topics.items():
        if not isinstance(rows, dict):
            yield Reject("not_an_object", f"the topic {topic} is not an object of rows", str(rows))
            continue
        for key, row in rows.items():
            yield _paper(topic, key, row, upstream)


def _paper(topic: str, key: str, row: Any, upstream: Upstream) -> Entry | Reject:
    match = _ROW.fullmatch(row) if isinstance(row, str) else None
    if match is None:
        return Reject("not_a_row", f"{topic}, {key}: not a row of day, title, author, link and code", str(row))
    fields = Fields(match.groupdict(), upstream)
    found, url, title, code = arxiv_id(key), fields.text("url"), fields.text("title"), fields.text("code")
    found = found or arxiv_id(url)
    if found is None or not title:
        return Reject(
            "no_arxiv_id" if found is None else "no_title",
            f"{topic}, {key}: the row names no {'arXiv id' if found is None else 'title'}",
            row,
        )
    author = _ET_AL.sub("", fields.text("author") or "")
    record: Row = {
        "source_record_id": found,
        "arxiv_id": found,
        "title_raw": title,
        "authors": [author] if author else None,
        "updated_on": day(fields.text("day")),
        "keywords": [printable(topic)],
    }
    return Entry(record, [link for target in _LINK.findall(code or "") for link in links("code", target)])
