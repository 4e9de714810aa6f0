"""Pages of papers as LaTeXML makes them, of arxiv.org/html and ar5iv: the tables that their LaTeX has.

How they are made: https://info.arxiv.org/about/accessibility_html_error_messages.html
"""

from collections.abc import Iterator
from typing import IO

from transforms.formats import Entry, Parsed, Reject, SourceConfig, Upstream, collect, open_decompressed
from transforms.results import entries
from transforms.results.entries import find_id, read_entry
from transforms.tables.archive import decode
from transforms.tables.html import is_page, read_page
from transforms.tables.read import Paper

PARSER_VERSION = entries.PARSER_VERSION
_PAGE = "page.html"  # its file, as cells name it


def parse_named(file: IO[bytes], config: SourceConfig, name: str) -> Iterator[Parsed]:
    """The page, plain or gzipped; name: of the file, which has the arXiv id."""
    return collect(_read(file, config.limits.unpacked_max_bytes, name), Upstream(), "latexml")


def read_again(file: IO[bytes], config: SourceConfig, name: str, wanted: str) -> Paper | None:
    """The paper of an arXiv id, of a file that was read before; None where it is not in it."""
    if find_id(name)[0] != wanted:
        return None
    return read_page(_PAGE, decode(open_decompressed(file, config.limits.unpacked_max_bytes).read()))


def _read(file: IO[bytes], most_bytes: int, name: str) -> Iterator[Entry | Reject]:
    text = decode(open_decompressed(file, most_bytes).read())
    if is_page(text):
        yield from read_entry(read_page(_PAGE, text), name)
    else:
        yield Reject("not_latexml", f"{name}: it is no page that LaTeXML made of a paper", name)
