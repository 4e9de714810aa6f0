"""A Hugging Face papers page, saved as HTML or as text: a title line, then an abstract line, for each paper, chrome
lines at any place.

A title that no abstract follows is a paper without an abstract: its title is a fact. An abstract that no title goes
before is a reject: nothing names its paper. An entry with bytes that are not UTF-8, or with a line beyond the limit, is
a reject as a whole.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import TextIOWrapper
from itertools import count, islice
from typing import IO, BinaryIO, cast

from transforms.config import Section, SourceConfig
from transforms.formats.entries import CHUNK_ENTRIES, EXCERPT_CHARACTERS, broken, collect
from transforms.formats.fields import Upstream, printable
from transforms.formats.files import BrokenFileError, whole
from transforms.formats.huggingface_page import entries, is_page
from transforms.frames import RECORDS, REJECTS, Parsed, conform
from transforms.text.sentences import find_sentence_spans

PARSER_VERSION = "4"

SENTENCE_END = re.compile(r"[.!?…][\"')\]]*$")
ABSTRACT_MIN_WORDS = 12  # a line of prose of so many words is an abstract, however short


@dataclass(frozen=True)
class Line:
    number: int
    text: str
    length: int  # in characters; of a line beyond the limit, text is the beginning


@dataclass(frozen=True)
class ListedEntry:
    title: Line | None
    abstract: Line | None

    @property
    def lines(self) -> list[Line]:
        return [line for line in (self.title, self.abstract) if line]


class Lookups(Section):
    chrome: list[str]
    glued_prefixes: list[str]


class Config(SourceConfig):
    lookups: Lookups


def parse(file: IO[bytes], config: Config) -> Iterator[Parsed]:
    """The papers of one saved page, or of several pages of text saved one after the other, CHUNK_ENTRIES at a time.

    Records: RECORDS with title_raw, abstract_raw and
    rank (1 for the first paper of the file), from HTML with ids and upvotes too. Never raises for what the bytes hold.
    """
    start = file.read(1000)
    file.seek(0)
    if is_page(start):
        upstream = Upstream()
        try:
            format_name, items = entries(whole(file), upstream)
        except BrokenFileError as error:
            format_name, items = "page_cards", iter([broken(error)])
        yield from collect(items, upstream, format_name)
    else:
        yield from _parse_text(file, start, config)


def _parse_text(file: IO[bytes], start: bytes, config: Config) -> Iterator[Parsed]:
    counts = Counter[str]()  # lines read and lines kept, since the piece before
    kept = _without_chrome(_lines(file, start, config.limits.line_max_characters, counts), config.lookups, counts)
    found = enumerate(_entries(kept, config.limits.title_max_characters), start=1)
    rank, is_first = 0, True
    while (piece := list(islice(found, CHUNK_ENTRIES))) or is_first:
        is_first = False
        records: list[dict[str, object]] = []
        rejects: list[dict[str, object]] = []
        for index, entry in piece:
            place = {
                "entry_index": index,
                "line_first": entry.lines[0].number,
                "line_last": entry.lines[-1].number,
                "line_count": len(entry.lines),
            }
            if problem := _cut(entry, counts) or _problem(entry, config.limits.line_max_characters):
                reason, message = problem
                rejects.append(
                    {
                        **place,
                        "reason": reason,
                        "message": message,
                        "excerpt": printable(entry.lines[0].text)[:EXCERPT_CHARACTERS],
                    }
                )
            else:
                rank += 1
                texts = {
                    "title_raw": entry.title and printable(entry.title.text),
                    "abstract_raw": entry.abstract and printable(entry.abstract.text),
                }
                records.append({**place, **texts, "rank": rank})
        yield Parsed(
            records=conform(records, RECORDS),
            rejects=conform(rejects, REJECTS),
            entry_count=len(piece),
            line_count=counts["read"],
            ignored_line_count=counts["read"] - counts["kept"],
            format="text",
        )
        counts.clear()


def _cut(entry: ListedEntry, counts: Counter[str]) -> tuple[str, str] | None:
    """Why the last entry is none: the page ends in the middle of its title."""
    if entry.abstract is not None or entry.lines[-1].number != counts["unended"]:
        return None
    return "cut", "the page ends in the middle of a line, with a title and no abstract: it was cut when it was saved"


def _lines(file: IO[bytes], start: bytes, most_characters: int, counts: Counter[str]) -> Iterator[Line]:
    """The lines, no more of each than the limit; bytes that are not UTF-8 become lone surrogates, by which `_problem`
    knows their line."""
    is_utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = TextIOWrapper(
        cast("BinaryIO", file), "utf-16" if is_utf16 else "utf-8-sig", "replace" if is_utf16 else "surrogateescape"
    )
    for number in count(1):
        part = text.readline(most_characters + 1)
        if not part:
            break
        line, length = part.removesuffix("\n"), len(part)
        while not part.endswith("\n") and (part := text.readline(1 << 16)):
            length += len(part)
        counts["read"] += 1
        if not part.endswith("\n"):
            counts["unended"] = number
        yield Line(number, line, length - part.endswith("\n"))
    text.detach()


def _without_chrome(lines: Iterator[Line], lookups: Lookups, counts: Counter[str]) -> Iterator[Line]:
    """The lines that are neither blank nor page chrome, a glued button's word taken off the first of each run."""
    chrome = re.compile("|".join(f"(?:{pattern})" for pattern in lookups.chrome), re.I)
    glued = re.compile(rf"(?:{'|'.join(lookups.glued_prefixes)})(?=[^a-z\s])")
    after_chrome = True
    for line in lines:
        text = line.text.replace("\ufeff", "").strip()
        if not text or chrome.fullmatch(text):
            after_chrome = True
        else:
            counts["kept"] += 1
            yield replace(line, text=glued.sub("", text, count=1) if after_chrome and glued.match(text) else text)
            after_chrome = False


def _entries(lines: Iterator[Line], title_max_characters: int) -> Iterator[ListedEntry]:
    title: Line | None = None
    for line in lines:
        if _is_abstract(line.text, title_max_characters):
            yield ListedEntry(title, line)
            title = None
        else:
            if title:
                yield ListedEntry(title, None)
            title = line
    if title:
        yield ListedEntry(title, None)


def _is_abstract(text: str, title_max_characters: int) -> bool:
    """Whether the line is longer than any title, or prose: enough words, most in lower case, in several sentences or a
    closed one."""
    if len(text) > title_max_characters:
        return True
    words = text.split()
    lower_case = sum(word[0].islower() for word in words)
    if len(words) < ABSTRACT_MIN_WORDS or lower_case < len(words) / 2:
        return False
    return len(find_sentence_spans(text)) > 1 or (bool(SENTENCE_END.search(text)) and not text.endswith("?"))


def _problem(entry: ListedEntry, line_max_characters: int) -> tuple[str, str] | None:
    """Why the entry cannot become a paper, as (reason, message), or None."""
    for line in entry.lines:
        if any("\udc80" <= character <= "\udcff" for character in line.text):
            return "not_utf8", f"line {line.number} holds bytes that are not UTF-8; save the page as UTF-8"
        if line.length > line_max_characters:
            return (
                "line_too_long",
                f"line {line.number} has {line.length:,} characters, more than {line_max_characters:,}",
            )
        if not any(character.isalnum() for character in line.text):
            return "no_text", f"line {line.number} holds neither letters nor digits"
    if entry.title is None:
        return (
            "abstract_without_title",
            f"line {entry.lines[0].number} reads as an abstract, and no title goes before it",
        )
    return None
