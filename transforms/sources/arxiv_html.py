"""Pages of papers as LaTeXML makes them, of arxiv.org/html and ar5iv: the tables that their LaTeX has.

How they are made: https://info.arxiv.org/about/accessibility_html_error_messages.html
"""

import gzip
import zlib
from collections.abc import Iterator
from typing import IO

from transforms.formats import Entry, Parsed, Reject, SourceConfig, Upstream, collect
from transforms.results import entries
from transforms.results.entries import find_id, read_entry
from transforms.tables.archive import decode
from transforms.tables.html import is_page, read_page
from transforms.tables.read import Paper

PARSER_VERSION = entries.PARSER_VERSION


def parse_named(file: IO[bytes], config: SourceConfig, name: str) -> Iterator[Parsed]:
    """The page, plain or gzipped; name: of the file, which has the arXiv id."""
    return collect(_read(file, config.limits.unpacked_max_bytes, name), Upstream(), "latexml")


def read_again(file: IO[bytes], config: SourceConfig, name: str, wanted: str) -> Paper | None:
    """The paper of an arXiv id, of a file that was read before; None where it is not in it."""
    content = _unpack(file, config.limits.unpacked_max_bytes)
    return read_page("page.html", decode(content)) if find_id(name)[0] == wanted else None


def _read(file: IO[bytes], most_bytes: int, name: str) -> Iterator[Entry | Reject]:
    try:
        content = _unpack(file, most_bytes)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        yield Reject("broken_file", f"{name}: the page cannot be unpacked: {error}", name)
        return
    if len(content) > most_bytes:
        allowed = f"more than {most_bytes:,} bytes, the most that the source's YAML allows"
        yield Reject("too_large", f"{name}: it holds {allowed}", name)
        return
    text = decode(content)
    if is_page(text):
        yield from read_entry(read_page("page.html", text), name)
    else:
        yield Reject("not_latexml", f"{name}: it is no page that LaTeXML made of a paper", name)


def _unpack(file: IO[bytes], most_bytes: int) -> bytes:
    is_packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    if not is_packed:
        return file.read(most_bytes + 1)
    with gzip.GzipFile(fileobj=file) as unpacked:
        return unpacked.read(most_bytes + 1)
