"""Every URL of a paper's text, in canonical form, with what kind of place it is and whether it is there yet."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import polars as pl

from transforms.frames import LINKS, conform
from transforms.sections import Section, sections
from transforms.vocabulary import Vocabulary, any_of

EXTRACTOR_VERSION = "1"

_SCHEME = r"(?:https?|ftp)://"
_TRAILING = ".,;:!?\"'`*_>)]}…"
_RESIDUE = re.compile(r"\{URL\}.*$|[{}<>].*$")  # what templates and markup leave behind
_BRANCH = re.compile(r"^(/[^/]+/[^/]+)/(?:tree|blob)/.*$")


def extract_links(texts: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """texts (text_id, title, abstract) → LINKS, in the order of the texts and of the links in them."""
    hosts = sorted({host for host, _, _ in vocabulary.link_hosts})
    url = re.compile(rf"{_SCHEME}[^\s|\\^`\"]+|(?<![\w@./-])(?:www\.)?(?:{'|'.join(map(re.escape, hosts))})/[^\s|\\^`\"]+", re.I)
    promised = re.compile(any_of(vocabulary.cues("promised")), re.I)
    rows = [
        _link(section, index, match.start(), written, sentence, promised, vocabulary)
        for section in sections(texts, containing=r"://|" + "|".join(map(re.escape, hosts)))
        for index, sentence, match, written in _matches(section, url)
    ]
    return conform(rows, LINKS)


def _matches(section: Section, url: re.Pattern[str]) -> Iterator[tuple[int, str, re.Match[str], str]]:
    for match in url.finditer(section.text):
        if written := trimmed(match[0]):
            index = section.sentence_at(match.start())
            yield index, section.sentence(index), match, written


def trimmed(url: str) -> str:
    """The URL without the punctuation, brackets and markup that follow it in the text.

    >>> trimmed("https://example.org/a_(b)).")
    'https://example.org/a_(b)'
    """
    url = _RESIDUE.sub("", url)
    while url and url[-1] in _TRAILING and not (url[-1] == ")" and url.count("(") >= url.count(")")):
        url = url[:-1]
    return url


def canonical(url: str) -> str:
    """One spelling for every way to write a place: scheme, lower-case host without www, no .git, branch, query mark or final slash.

    >>> canonical("http://www.GitHub.com/a/b.git")
    'https://github.com/a/b'
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = parts.netloc.lower().removeprefix("www.")
    path = parts.path.rstrip("/")
    if host in ("github.com", "gitlab.com"):
        path = _BRANCH.sub(r"\1", path)
    path = path.removesuffix(".git")
    scheme = "https" if parts.scheme.lower() in ("http", "https") else parts.scheme
    return f"{scheme}://{host}{path}" + (f"?{parts.query}" if parts.query else "")


def _classified(url: str, vocabulary: Vocabulary) -> tuple[str, str | None, str | None]:
    """(kind, owner, name) of a canonical URL; a host that the vocabulary lacks is a project page."""
    parts = urlsplit(url)
    for host, path, kind in vocabulary.link_hosts:
        if parts.netloc == host and (match := path.match(parts.path)):
            groups = match.groupdict()
            return kind, groups.get("owner"), groups.get("name")
    return "project_page", None, None


def _link(
    section: Section, index: int, start: int, written: str, sentence: str, promised: re.Pattern[str], vocabulary: Vocabulary
) -> dict[str, object]:
    url = canonical(written)
    kind, owner, name = _classified(url, vocabulary)
    return {
        "text_id": section.text_id,
        "section": section.name,
        "sentence_index": index,
        "char_start": start,
        "char_end": start + len(written),
        "url": url,
        "url_text": written,
        "host": urlsplit(url).netloc,
        "kind": kind,
        "owner": owner,
        "name": name,
        "availability": "promised" if promised.search(sentence) else "available",
        "extractor_version": EXTRACTOR_VERSION,
    }
