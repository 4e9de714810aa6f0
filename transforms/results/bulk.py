"""Many papers in one file: arXiv's bulk archives of e-prints, and the bundles that land here, as a paper alone.

How arXiv packs them: https://info.arxiv.org/help/bulk_data_s3.html
"""

import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import IO

from transforms.formats import Entry, Reject, SourceConfig, Upstream, collect
from transforms.formats.bundle import open_members
from transforms.frames import Parsed, Piece, combine
from transforms.results.entries import find_id

Read = Callable[[bytes, str], Iterator[Entry | Reject]]
_Member = tuple[str, bytes | None]  # name and bytes; null where the archive breaks off

_MEMBERS_OF_PIECE, _BYTES_OF_PIECE = 8, 20_000_000  # of a bulk archive, which one process reads
_ENTRIES_OF_PIECE = 100_000  # numbers of entries that a piece may use

_MEMBER = re.compile(r"\.(?:gz|pdf|x?html)$")


def parse_papers(file: IO[bytes], config: SourceConfig, name: str, format_name: str, read: Read) -> Iterator[Piece]:
    """The paper, or those of an archive of many, some in each piece. name: of the file; read: what the bytes of a
    paper and its name give, a function of a module, as pieces go to other processes."""
    most_bytes = config.limits.unpacked_max_bytes
    for number, piece in enumerate(_divide(_iter_papers(file, name), most_bytes)):
        yield partial(_parse_piece, piece, 1 + number * _ENTRIES_OF_PIECE, most_bytes, format_name, read)


def find_paper(file: IO[bytes], config: SourceConfig, name: str, wanted: str) -> bytes | None:
    """The bytes of the paper of an arXiv id; None where the file does not hold it."""
    for member, content in _iter_papers(file, name):
        if find_id(member)[0] == wanted:
            return content.read(config.limits.unpacked_max_bytes)
    return None


def _iter_papers(file: IO[bytes], name: str) -> Iterator[tuple[str, IO[bytes]]]:
    is_archive = _is_archive_of_many(file)
    file.seek(0)
    return open_members(file) if is_archive else iter([(name, file)])


def _is_archive_of_many(file: IO[bytes]) -> bool:
    """Whether it is not packed and each of its members may be a paper, as far as it can be read: of an e-print one is a
    file of TeX."""
    names: list[str] = []
    with suppress(tarfile.TarError, OSError, ValueError), tarfile.open(fileobj=file, mode="r:") as archive:
        names += (member.name for member in archive if member.isreg())
    return bool(names) and all(map(_MEMBER.search, names))


def _divide(members: Iterator[tuple[str, IO[bytes]]], most_bytes: int) -> Iterator[list[_Member]]:
    """The members with their bytes, no more of a member than tells that it is too large."""
    piece: list[_Member] = []
    size = 0
    name = ""
    try:
        for name, content in members:
            read = content.read(most_bytes + 1)
            piece.append((name, read))
            size += len(read)
            if len(piece) >= _MEMBERS_OF_PIECE or size >= _BYTES_OF_PIECE:
                yield piece
                piece, size = [], 0
    except tarfile.TarError:
        piece.append((name, None))
    if piece:
        yield piece


def _parse_piece(members: list[_Member], first: int, most_bytes: int, format_name: str, read: Read) -> Parsed:
    return combine(list(collect(_entries(members, most_bytes, read), Upstream(), format_name, first)))


def _entries(members: list[_Member], most_bytes: int, read: Read) -> Iterator[Entry | Reject]:
    for name, content in members:
        if content is None:
            yield Reject("broken_file", f"the archive breaks off in or behind {name}", name)
        elif len(content) > most_bytes:
            allowed = f"more than {most_bytes:,} bytes, the most that the source's YAML allows"
            yield Reject("too_large", f"{name}: it holds {allowed}", name)
        else:
            yield from read(content, name)
