"""E-prints as arXiv serves them, and its bulk archives of them: the tables of each paper's LaTeX, and what their
numbers are results of.

How they are packed: https://info.arxiv.org/help/bulk_data_s3.html and https://info.arxiv.org/help/mimetypes.html
"""

from collections.abc import Iterator
from typing import IO

from transforms.formats import Entry, Reject, SourceConfig
from transforms.frames import Piece
from transforms.results import entries
from transforms.results.bulk import find_paper, parse_papers
from transforms.results.entries import read_entry
from transforms.tables.archive import NoSourceError, read_sources
from transforms.tables.read import Paper, read_paper

PARSER_VERSION = entries.PARSER_VERSION


def parse_named(file: IO[bytes], config: SourceConfig, name: str) -> Iterator[Piece]:
    """The e-print, or those of a bulk archive; name: of the file, which has the arXiv id."""
    return parse_papers(file, config, name, "latex", _read)


def read_again(file: IO[bytes], config: SourceConfig, name: str, wanted: str) -> Paper | None:
    """The paper of an arXiv id, of a file that was read before; None where it is not in it."""
    content = find_paper(file, config, name, wanted)
    return None if content is None else read_paper(read_sources(content).files)


def _read(content: bytes, name: str) -> Iterator[Entry | Reject]:
    """The paper, and a reject for each table that cannot be read."""
    try:
        paper = read_paper(read_sources(content).files)
    except NoSourceError as error:
        yield Reject(error.reason, f"{name}: {error}", name)
        return
    if paper is None:
        yield Reject("no_document", f"{name}: no file of it has \\begin{{document}}", name)
        return
    yield from read_entry(paper, name)
