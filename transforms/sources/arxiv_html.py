"""Pages of papers as LaTeXML makes them, of arxiv.org/html and ar5iv: the tables that their LaTeX has.

How they are made: https://info.arxiv.org/about/accessibility_html_error_messages.html
"""

from collections.abc import Iterator
from typing import IO

from transforms.formats import Entry, Reject, SourceConfig
from transforms.frames import Piece
from transforms.results import entries
from transforms.results.bulk import find_paper, parse_papers
from transforms.results.entries import read_entry
from transforms.tables.archive import NoSourceError, decode, unpack
from transforms.tables.html import is_page, read_page
from transforms.tables.read import Paper

PARSER_VERSION = entries.PARSER_VERSION
_PAGE = "page.html"  # its file, as cells name it


def parse_named(file: IO[bytes], config: SourceConfig, name: str) -> Iterator[Piece]:
    """The page, plain or gzipped, or those of a bundle; name: of the file, which has the arXiv id."""
    return parse_papers(file, config, name, "latexml", _read)


def read_again(file: IO[bytes], config: SourceConfig, name: str, wanted: str) -> Paper | None:
    """The paper of an arXiv id, of a file that was read before; None where it is not in it."""
    content = find_paper(file, config, name, wanted)
    return None if content is None else read_page(_PAGE, decode(unpack(content)))


def _read(content: bytes, name: str) -> Iterator[Entry | Reject]:
    try:
        text = decode(unpack(content))
    except NoSourceError as error:
        yield Reject(error.reason, f"{name}: {error}", name)
        return
    if is_page(text):
        yield from read_entry(read_page(_PAGE, text), name)
    else:
        yield Reject("not_latexml", f"{name}: it is no page that LaTeXML made of a paper", name)
