"""A Hugging Face papers page, saved as HTML or as text: a title line, then an abstract line, for each paper, chrome lines at any place.

A title that no abstract follows is a paper without an abstract: its title is a fact. An abstract that no title goes before is a
reject: nothing names its paper. An entry with bytes that are not UTF-8, or with a line beyond the limit, is a reject as a whole.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from transforms.entries import EXCERPT_CHARACTERS, Upstream, collected, printable
from transforms.frames import RECORDS, REJECTS, Parsed, conform
from transforms.huggingface_page import entries, is_page
from transforms.sentences import sentence_spans

PARSER_VERSION = "3"

LINE_END = re.compile(r"\r\n|\r|\n")
SENTENCE_END = re.compile(r"[.!?…][\"')\]]*$")
ABSTRACT_MIN_WORDS = 12  # a line of prose of so many words is an abstract, however short


@dataclass(frozen=True)
class Line:
    number: int
    text: str


@dataclass(frozen=True)
class Entry:
    title: Line | None
    abstract: Line | None

    @property
    def lines(self) -> list[Line]:
        return [line for line in (self.title, self.abstract) if line]


def parse(file: IO[bytes], facts: Mapping[str, Any]) -> Iterator[Parsed]:
    """The papers of one saved page, or of several pages of text saved one after the other, in one piece.

    facts: the source's YAML; its `lookups` and `limits` are used. Records: RECORDS with title_raw, abstract_raw and rank
    (1 for the first paper of the file), from HTML with ids and upvotes too. Never raises for what the bytes hold.
    """
    content = file.read()
    if is_page(content):
        upstream = Upstream()
        format_name, items = entries(content, upstream)
        yield from collected(items, upstream, format_name)
    else:
        yield _parse_text(content, facts)


def _parse_text(content: bytes, facts: Mapping[str, Any]) -> Parsed:
    lines = [Line(i, text) for i, text in enumerate(_lines(_decode(content)), start=1)]
    kept = list(_without_chrome(lines, facts["lookups"]))
    records: list[dict[str, object]] = []
    rejects: list[dict[str, object]] = []
    for index, entry in enumerate(_entries(kept, facts["limits"]["title_max_characters"]), start=1):
        place = {
            "entry_index": index,
            "line_first": entry.lines[0].number,
            "line_last": entry.lines[-1].number,
            "line_count": len(entry.lines),
        }
        if problem := _problem(entry, facts["limits"]["line_max_characters"]):
            reason, message = problem
            rejects.append({**place, "reason": reason, "message": message, "excerpt": printable(entry.lines[0].text)[:EXCERPT_CHARACTERS]})
        else:
            texts = {"title_raw": entry.title and printable(entry.title.text), "abstract_raw": entry.abstract and printable(entry.abstract.text)}
            records.append({**place, **texts, "rank": len(records) + 1})
    return Parsed(
        records=conform(records, RECORDS),
        rejects=conform(rejects, REJECTS),
        entry_count=len(records) + len(rejects),
        line_count=len(lines),
        ignored_line_count=len(lines) - len(kept),
        format="text",
    )


def _decode(content: bytes) -> str:
    """The text; bytes that are not UTF-8 become lone surrogates, by which `_problem` knows their line."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    return content.decode("utf-8-sig", errors="surrogateescape")


def _lines(text: str) -> list[str]:
    lines = LINE_END.split(text)
    return lines[:-1] if lines[-1] == "" else lines


def _without_chrome(lines: list[Line], lookups: Mapping[str, list[str]]) -> Iterator[Line]:
    """The lines that are neither blank nor page chrome, a glued button's word taken off the first of each run."""
    chrome = re.compile("|".join(f"(?:{pattern})" for pattern in lookups["chrome"]), re.I)
    glued = re.compile(rf"(?:{'|'.join(lookups['glued_prefixes'])})(?=[^a-z\s])")
    after_chrome = True
    for line in lines:
        text = line.text.replace("\ufeff", "").strip()
        if not text or chrome.fullmatch(text):
            after_chrome = True
        else:
            yield Line(line.number, glued.sub("", text, count=1) if after_chrome and glued.match(text) else text)
            after_chrome = False


def _entries(lines: list[Line], title_max_characters: int) -> Iterator[Entry]:
    title: Line | None = None
    for line in lines:
        if _is_abstract(line.text, title_max_characters):
            yield Entry(title, line)
            title = None
        else:
            if title:
                yield Entry(title, None)
            title = line
    if title:
        yield Entry(title, None)


def _is_abstract(text: str, title_max_characters: int) -> bool:
    """Whether the line is longer than any title, or prose: enough words, most in lower case, in several sentences or a closed one."""
    if len(text) > title_max_characters:
        return True
    words = text.split()
    lower_case = sum(word[0].islower() for word in words)
    if len(words) < ABSTRACT_MIN_WORDS or lower_case < len(words) / 2:
        return False
    return len(sentence_spans(text)) > 1 or (bool(SENTENCE_END.search(text)) and not text.endswith("?"))


def _problem(entry: Entry, line_max_characters: int) -> tuple[str, str] | None:
    """Why the entry cannot become a paper, as (reason, message), or None."""
    for line in entry.lines:
        if any("\udc80" <= character <= "\udcff" for character in line.text):
            return "not_utf8", f"line {line.number} holds bytes that are not UTF-8; save the page as UTF-8"
        if len(line.text) > line_max_characters:
            return "line_too_long", f"line {line.number} has {len(line.text):,} characters, more than {line_max_characters:,}"
        if not any(character.isalnum() for character in line.text):
            return "no_text", f"line {line.number} holds neither letters nor digits"
    if entry.title is None:
        return "abstract_without_title", f"line {entry.lines[0].number} reads as an abstract, and no title goes before it"
    return None
