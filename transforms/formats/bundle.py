"""Bundles of small files: a tar archive whose members are gzipped, as the landing zone makes them, or one file."""

import tarfile
from collections.abc import Iterator
from typing import IO

from transforms.formats.files import BROKEN, BrokenFileError, open_decompressed, whole

_TAR_MAGIC = slice(257, 262)


def is_bundle(file: IO[bytes]) -> bool:
    """Whether it is a tar archive that is not packed, as bundles and bulk archives are; the file is read from its start
    again."""
    start = file.read(_TAR_MAGIC.stop)
    file.seek(0)
    return start[_TAR_MAGIC] == b"ustar"


def open_members(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """(name, the opened file) of each file of an archive. Raises tarfile.TarError where it breaks off."""
    with tarfile.open(fileobj=file, mode="r:") as archive:
        for member in archive:
            if member.isreg() and (content := archive.extractfile(member)):
                yield member.name, content


def iter_members(file: IO[bytes], name: str, most_bytes: int) -> Iterator[tuple[str, bytes | BrokenFileError]]:
    """(name, bytes) of each file, unpacked; of a member that cannot be read, or is too large, what is wrong with it.
    name: that of a file that is alone. Raises BrokenFileError where such a one, or the archive, cannot be read."""
    if not is_bundle(file):
        yield name.removesuffix(".gz"), _read(file, most_bytes)
        return
    try:
        for member, content in open_members(file):
            yield member.removesuffix(".gz"), _read_or_tell(content, most_bytes)
    except tarfile.TarError as error:
        raise BrokenFileError(f"the archive breaks off: {error}") from error


def _read(file: IO[bytes], most_bytes: int) -> bytes:
    try:
        return whole(open_decompressed(file, most_bytes))
    except BROKEN as error:
        raise BrokenFileError(f"it cannot be unpacked: {error or type(error).__name__}") from error


def _read_or_tell(file: IO[bytes], most_bytes: int) -> bytes | BrokenFileError:
    try:
        return _read(file, most_bytes)
    except BrokenFileError as error:
        return error
