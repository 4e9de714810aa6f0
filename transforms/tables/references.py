"""The works that rows of tables cite: title, arXiv id and DOI behind a key, as bibliographies write them.

Read are BibTeX's .bib, what its styles make of it (\\bibitem, \\newblock, \\bibinfo), biblatex's .bbl, and LaTeXML's
pages: https://ctan.org/pkg/biblatex, https://ctan.org/pkg/natbib
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass

from transforms.tables.bibliography import BIB_ENTRY, read_value
from transforms.tables.macros import match_group
from transforms.tables.render import render

_MAX_CHARACTERS = 5_000  # of an entry
_MAX_TITLE = 400
_ARXIV = re.compile(r"(?:arxiv|abs/|eprint)[^\d<>]{0,24}?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})", re.I)
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s{}\\,<>\"]+")
_BIBITEM = re.compile(r"\\bibitem\s*(?=[\[{])")
_BIBLATEX = re.compile(r"\\entry\s*\{([^{}]+)\}")
_HTML = re.compile(r"<li id=\"(bib\.[^\"]+)\" class=\"ltx_bibitem")
_HTML_TITLE = re.compile(r"ltx_bib_title\">(.*?)</span>", re.S)
_HTML_BLOCK = re.compile(r"<span class=\"ltx_bibblock\">(.*?)</span>\s*(?=<span class=\"ltx_bibblock|</li>)", re.S)
_TAG = re.compile(r"<[^>]*>")
_ENDS = {
    "bibitem": re.compile(r"\\bibitem\b|\\end\s*\{thebibliography\}"),
    "biblatex": re.compile(r"\\endentry|\\entry\b"),
    "bib": re.compile(r"\n\s*@[A-Za-z]+\s*\{"),
    "html": re.compile(r"</li>"),
}
# Where a title begins, the surest first: what stands before the group or quotation.
_TITLES = (
    re.compile(r"\\bib(?:info|field)\s*\{title\}\s*(?=\{)"),
    re.compile(r"\\field\s*\{title\}\s*(?=\{)"),
    re.compile(r"(?<![a-z])title\s*=\s*(?=[{\"])", re.I),
)
_QUOTED = re.compile(r"(?:``|“)(.+?)(?:''|”)", re.S)
_NEWBLOCK = re.compile(r"\\newblock\b")


@dataclass(frozen=True, slots=True)
class Reference:
    """title: as a reader sees it; null where the entry does not show which of its words are the title."""

    key: str
    title: str | None
    arxiv_id: str | None
    doi: str | None


def read_references(files: Mapping[str, str], keys: Set[str]) -> list[Reference]:
    """The works of the keys, from .bbl and .tex files, else .bib files; each key once, in their order."""
    found: dict[str, Reference] = {}
    if keys:
        for endings in ((".bbl", ".tex"), (".bib",)):
            for name, text in files.items():
                if name.lower().endswith(endings):
                    for key, body in _iter_entries(text, keys - found.keys()):
                        found.setdefault(key, _read(key, body, _find_title))
    return [found[key] for key in sorted(found)]


def read_page_references(page: str, keys: Set[str]) -> list[Reference]:
    """The same of the bibliography of a page of LaTeXML, whose keys are "bib.bib1"."""
    entries = ((match[1], match.end()) for match in _HTML.finditer(page) if match[1] in keys)
    bodies = {key: _body(page, start, "html") for key, start in entries}
    return [_read(key, body, _find_page_title) for key, body in sorted(bodies.items())]


def _iter_entries(text: str, keys: Set[str]) -> Iterator[tuple[str, str]]:
    for match in _BIBITEM.finditer(text):
        start = match.end()
        if text[start] == "[":
            start = match_group(text, start, "[", "]") or start
            start += len(text[start : start + 40]) - len(text[start : start + 40].lstrip(" \t\n%"))
        end = match_group(text, start) if text[start : start + 1] == "{" else None
        if end and (key := text[start + 1 : end - 1].strip()) in keys:
            yield key, _body(text, end, "bibitem")
    for kind, pattern in (("biblatex", _BIBLATEX), ("bib", BIB_ENTRY)):
        for match in pattern.finditer(text):
            if match[1] in keys:
                yield match[1], _body(text, match.end(), kind)


def _body(text: str, start: int, kind: str) -> str:
    end = _ENDS[kind].search(text, start, start + _MAX_CHARACTERS)
    return text[start : end.start() if end else start + _MAX_CHARACTERS]


def _read(key: str, body: str, find_title: Callable[[str], str | None]) -> Reference:
    arxiv, doi = _ARXIV.search(body), _DOI.search(body)
    title = (find_title(body) or "").strip(" .,;:\"'“”‘’")
    return Reference(
        key=key,
        title=title if title and len(title) <= _MAX_TITLE else None,
        arxiv_id=arxiv[1] if arxiv else None,
        doi=doi[0].rstrip(".;)").lower() if doi and "arxiv" not in doi[0].lower() else None,
    )


def _find_title(body: str) -> str | None:
    for pattern in _TITLES:
        if match := pattern.search(body):
            return render(read_value(body, match.end())).text
    if quoted := _QUOTED.search(body):
        return render(quoted[1]).text
    blocks = _NEWBLOCK.split(body)
    return render(blocks[1]).text if len(blocks) > 2 else None


def _find_page_title(body: str) -> str | None:
    """What is marked as the title, else the second block, behind the authors."""
    marked, blocks = _HTML_TITLE.search(body), _HTML_BLOCK.findall(body)
    found = marked[1] if marked else blocks[1] if len(blocks) > 1 else None
    return " ".join(html.unescape(_TAG.sub("", found)).split()) if found else None
