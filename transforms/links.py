"""Every URL of a paper's text, in canonical form, with what kind of place it is and whether it is there yet."""

import re
from collections.abc import Set
from urllib.parse import urlsplit

import polars as pl

from transforms.frames import LINKS, conform
from transforms.sections import Section, sections
from transforms.vocabulary import Vocabulary, any_of

EXTRACTOR_VERSION = "1"

_SCHEME = r"(?:https?|ftp)://"
_URL_END = r"[^\s|\\^`\"]+"
_TRAILING = ".,;:!?\"'`*_>)]}…"
_RESIDUE = re.compile(r"\{URL\}.*$|[{}<>].*$")  # what templates and markup leave behind
_BRANCH = re.compile(r"^(/[^/]+/[^/]+)/(?:tree|blob)/.*$")


def extract_links(texts: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """texts (text_id, title, abstract) → LINKS, in the order of the texts and of the links in them."""
    hosts = "|".join(re.escape(host) for host in sorted(vocabulary.known_hosts))
    url = re.compile(rf"{_SCHEME}{_URL_END}|(?<![\w@./-])(?:www\.)?(?:{hosts})/{_URL_END}", re.I)
    promised = re.compile(any_of(vocabulary.cues("promised")), re.I)
    rows = [
        row
        for section in sections(texts, containing=rf"(?i)://|{hosts}")
        for match in url.finditer(section.text)
        if (row := _link(section, match, promised, vocabulary))
    ]
    return conform(rows, LINKS)


def trimmed(url: str) -> str:
    """The URL without the punctuation, brackets and markup that follow it in the text.

    >>> trimmed("https://example.org/a_(b)).")
    'https://example.org/a_(b)'
    """
    url = _RESIDUE.sub("", url)
    while url and url[-1] in _TRAILING and not (url[-1] == ")" and url.count("(") >= url.count(")")):
        url = url[:-1]
    return url


def canonical(url: str, known_hosts: Set[str] = frozenset()) -> str:
    """One spelling for every way to write a place: https, lower-case host, no .git, branch or final slash; known hosts without www.

    Raises ValueError where the URL has no valid host.

    >>> canonical("http://www.GitHub.com/a/b.git", {"github.com"})
    'https://github.com/a/b'
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = parts.netloc.lower()
    if not parts.hostname:
        raise ValueError(f"no host: {url}")
    if host.removeprefix("www.") in known_hosts:
        host = host.removeprefix("www.")
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


def _link(section: Section, match: re.Match[str], promised: re.Pattern[str], vocabulary: Vocabulary) -> dict[str, object] | None:
    """The row, in LINKS' columns, of a match of the URL pattern; None where what is left of it is no URL."""
    written = trimmed(match[0])
    try:
        url = canonical(written, vocabulary.known_hosts)
    except ValueError:
        return None
    kind, owner, name = _classified(url, vocabulary)
    sentence_index = section.sentence_at(match.start())
    return {
        "text_id": section.text_id,
        "section": section.name,
        "sentence_index": sentence_index,
        "char_start": match.start(),
        "char_end": match.start() + len(written),
        "url": url,
        "url_text": written,
        "host": urlsplit(url).netloc,
        "kind": kind,
        "owner": owner,
        "name": name,
        "availability": "promised" if promised.search(section.sentence(sentence_index)) else "available",
        "extractor_version": EXTRACTOR_VERSION,
    }
