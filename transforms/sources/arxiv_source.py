"""E-prints as arXiv serves them, and its bulk archives of them: the tables of each paper's LaTeX, and what their
numbers are results of.

How they are packed: https://info.arxiv.org/help/bulk_data_s3.html and https://info.arxiv.org/help/mimetypes.html
"""

import re
import tarfile
from collections.abc import Iterator
from functools import partial
from typing import IO

from transforms.formats import Entry, Parsed, Reject, SourceConfig, Upstream, collect
from transforms.frames import Piece, combine
from transforms.results import entries
from transforms.results.entries import find_id, read_entry
from transforms.tables.archive import NoSourceError, read_sources
from transforms.tables.read import Paper, read_paper

PARSER_VERSION = entries.PARSER_VERSION

_MEMBERS_OF_PIECE, _BYTES_OF_PIECE = 20, 20_000_000  # of a bulk archive, which one process reads
_ENTRIES_OF_PIECE = 100_000  # numbers of entries that a piece may use

_MEMBER = re.compile(r"\.(?:gz|pdf)$")


def parse_named(file: IO[bytes], config: SourceConfig, name: str) -> Iterator[Piece]:
    """The e-print, or those of a bulk archive, some in each piece; name: of the file, which has the arXiv id."""
    most_bytes = config.limits.unpacked_max_bytes
    members = _open_bulk(file)
    file.seek(0)
    for number, piece in enumerate(_divide(members or iter([(name, file)]), most_bytes)):
        yield partial(_parse_piece, piece, 1 + number * _ENTRIES_OF_PIECE, most_bytes)


def read_again(file: IO[bytes], config: SourceConfig, name: str, wanted: str) -> Paper | None:
    """The paper of an arXiv id, of a file that was read before; None where it is not in it."""
    members = _open_bulk(file)
    file.seek(0)
    for member, content in members or [(name, file)]:
        if find_id(member)[0] == wanted:
            return read_paper(read_sources(content.read(config.limits.unpacked_max_bytes)).files)
    return None


def _divide(members: Iterator[tuple[str, IO[bytes]]], most_bytes: int) -> Iterator[list[tuple[str, bytes]]]:
    """The members with their bytes, no more of a member than tells that it is too large."""
    piece: list[tuple[str, bytes]] = []
    size = 0
    for name, content in members:
        piece.append((name, content.read(most_bytes + 1)))
        size += len(piece[-1][1])
        if len(piece) >= _MEMBERS_OF_PIECE or size >= _BYTES_OF_PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _parse_piece(members: list[tuple[str, bytes]], first: int, most_bytes: int) -> Parsed:
    return combine(list(collect(_entries(members, most_bytes), Upstream(), "latex", first)))


def _entries(members: list[tuple[str, bytes]], most_bytes: int) -> Iterator[Entry | Reject]:
    for name, content in members:
        if len(content) > most_bytes:
            allowed = f"more than {most_bytes:,} bytes, the most that the source's YAML allows"
            yield Reject("too_large", f"{name}: it holds {allowed}", name)
        else:
            yield from _read(content, name)


def _open_bulk(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]] | None:
    """The members of a bulk archive; None of any other file: its members are e-prints themselves."""
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            first = next((member for member in archive if member.isreg()), None)
            if first is None or not (_MEMBER.search(first.name) and find_id(first.name)[0]):
                return None
    except (tarfile.TarError, OSError, ValueError):
        return None
    return _iter_bulk(file)


def _iter_bulk(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(fileobj=file, mode="r:") as archive:
        for member in archive:
            if member.isreg() and (content := archive.extractfile(member)):
                yield member.name, content


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
