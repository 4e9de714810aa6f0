"""Every URL of a paper's text, in canonical form, with what kind of place it is and whether it is there; and promises
of code without one."""

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

import polars as pl

from transforms.frames import LINKS
from transforms.identity.urls import FORGES, canonicalize
from transforms.text.sentences import split_sentences
from transforms.vocabulary import Vocabulary, any_of

EXTRACTOR_VERSION = "2"

_SCHEME = r"(?:https?|ftp)\s?:\s?/\s?/\s?"  # also "https: // …", as some texts hide their links from robots
_URL_END = r"[^\s|\\^`\"<>]+"
_TRAILING = ".,;:!?\"'`*_>)]}…“”’‘"
# What templates, markup and footnotes leave behind.
_RESIDUE = re.compile(r"\{URL\}.*$|[{}<>].*$|[¹²³⁴-⁹†‡]+$|\[\d+\]?$")
_FOOTNOTE = re.compile(r"(?<=[A-Za-z])\.\d{1,2}$")  # a full stop and the footnote's number behind it
# Glued to the URL.
_NEXT_SENTENCE = re.compile(
    r"\.(?:We|Our|The|This|These|In|Code|It|A|An|To|All|Experiments|Project|Data|Models?|Demo)$"
)

Row = tuple[object, ...]


def extract_links(texts: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """texts (text_id, title, abstract; cleaned) → LINKS, in the order of the texts and of the links in them."""
    reader = _reader_of(vocabulary)
    places = split_sentences(texts, reader.hint)
    rows = [
        (text_id, section, index, start + first, start + last, *link)
        for text_id, section, _, index, start, sentence in places.iter_rows()
        for first, last, *link in reader.links(sentence)
    ]
    return pl.DataFrame(rows, schema=LINKS, orient="row")


def classify_links(listed: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """LISTED_LINKS with url_text alone → the same with url, host, kind, owner and name; a text that is no URL has none
    of them."""
    reader = _reader_of(vocabulary)
    found = [reader.place(text) for text in listed["url_text"]]
    columns = {
        name: pl.Series(name, [row and row[i] for row in found], pl.String)
        for i, name in enumerate(("url", "host", "kind", "owner", "name"))
    }
    return listed.with_columns(**columns)


@cache
def _reader_of(vocabulary: Vocabulary) -> "_LinkReader":
    return _LinkReader(vocabulary)


class _LinkReader:
    """Reads sentences with one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._hosts = vocabulary.known_hosts
        self._paths = vocabulary.link_hosts
        hosts = "|".join(re.escape(host) for host in sorted(self._hosts))
        forges = "|".join(re.escape(host) for host in FORGES)
        # A forge's path may be broken: "https://github.com/ owner/name", "github.com / owner / name".
        broken = rf"(?:{forges})\s?/\s?[\w.-]+\s?/\s?[\w.-]+(?:{_URL_END})?"
        first_letters = "".join(sorted({host[0] for host in self._hosts} | set("hfw")))
        self._url = re.compile(
            rf"(?=[{first_letters}])(?:{_SCHEME}(?:www\.)?{broken}|{_SCHEME}{_URL_END}|(?<![\w@./-])(?:www\.)?(?:{broken}|(?:{hosts})/{_URL_END}))",
            re.I,
        )
        things, acts = any_of(vocabulary.cues("promise_thing")), any_of(vocabulary.cues("promise_act"))
        self._promised = re.compile(any_of(vocabulary.cues("promised")), re.I)
        few, promise = r"[^.;:]{0,60}?", r"\b(?:will|(?:plan|intend|aim|going|promise|commit)s?\sto)\s(?:\w+\s){0,2}?"
        self._announced = re.compile(
            rf"{things}{few}\b(?:will|shall|to)\s(?:\w+\s){{0,2}}?be\s(?:[\w-]+\s){{0,3}}?{acts}"
            rf"|{promise}(?:release|open-?source|publish|share|make|provide)\b{few}{things}"
            rf"|{things}{few}{acts}{few}\b(?:soon|(?:upon|after|once|on)\s(?:\w+\s)?(?:acceptance|publication|accepted|published|review))",
            re.I,
        )
        # Without Unicode, a fifth of the time: else "s" and "k" have a third letter each that is them in another case.
        self.hint = (
            rf"(?i-u:(?:https?|ftp)\s?:\s?/|(?:{hosts})\s?/)"
            r"|(?i-u:\b(?:will|shall|soon|upon|after|plans?|intend|aim)\b).*(?i-u:releas|sourc|availab|publi|shar)"
            r"|(?i-u:releas|sourc|availab|publi).*(?i-u:\b(?:soon|upon|after|once)\b)"
        )

    def links(self, sentence: str) -> Iterator[Row]:
        """(start and end in the sentence, then LINKS from url on) for each link; for an announcement where there is
        none."""
        matches = self._url.finditer(sentence) if "/" in sentence else ()
        found = [row for match in matches if (row := self._link(sentence, match))]
        if not found and (match := self._announced.search(sentence)):
            found = [
                (
                    match.start(),
                    match.end(),
                    None,
                    match[0],
                    None,
                    "announcement",
                    None,
                    None,
                    "promised",
                    EXTRACTOR_VERSION,
                )
            ]
        yield from found

    def _link(self, sentence: str, match: re.Match[str]) -> Row | None:
        """The row of a match of the URL pattern; None where what is left of it is no URL."""
        written = trimmed(match[0])
        place = self.place(written)
        if place is None:
            return None
        url, *about = place
        availability = "promised" if self._promised.search(sentence) else "available"
        return match.start(), match.start() + len(written), url, written, *about, availability, EXTRACTOR_VERSION

    def place(self, url: str) -> tuple[str, str, str, str | None, str | None] | None:
        """(canonical URL, host, kind, owner, name), or None where it is no URL."""
        try:
            place = canonicalize(url, self._hosts)
        except ValueError:
            return None
        return place, urlsplit(place).netloc, *self._classified(place)

    def _classified(self, url: str) -> tuple[str, str | None, str | None]:
        """(kind, owner, name) of a canonical URL; a host that the vocabulary lacks is a project page."""
        parts = urlsplit(url)
        for host, path, kind in self._paths:
            if parts.netloc == host and (match := path.match(parts.path)):
                groups = match.groupdict()
                return kind, groups.get("owner"), groups.get("name")
        return "project_page", None, None


def trimmed(url: str) -> str:
    """The URL without the punctuation, brackets, markup and footnotes that follow it in the text.

    >>> trimmed("https://example.org/a_(b)).")
    'https://example.org/a_(b)'
    >>> trimmed("https://github.com/a/b.1"), trimmed("https://github.com/a/b.We")
    ('https://github.com/a/b', 'https://github.com/a/b')
    """
    shorter = _NEXT_SENTENCE.sub("", _FOOTNOTE.sub("", _RESIDUE.sub("", url)))
    while (
        shorter and shorter[-1] in _TRAILING and not (shorter[-1] == ")" and shorter.count("(") >= shorter.count(")"))
    ):
        shorter = shorter[:-1]
    return shorter if shorter == url else trimmed(shorter)
