"""Bundles of small files: a tar archive whose members are gzipped, as the landing zone makes them, or one file."""

import tarfile
from collections.abc import Iterator
from typing import IO

from transforms.formats.files import BrokenFileError, open_decompressed, whole

_TAR_MAGIC = slice(257, 262)


def iter_members(file: IO[bytes], name: str, most_bytes: int) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file, unpacked; name: that of a file that is alone. Raises BrokenFileError where the
    archive or a member cannot be read, or is too large."""
    start = file.read(_TAR_MAGIC.stop)
    file.seek(0)
    if start[_TAR_MAGIC] != b"ustar":
        yield name.removesuffix(".gz"), whole(open_decompressed(file, most_bytes))
        return
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for member in archive:
                if content := archive.extractfile(member):
                    yield (
                        member.name.removesuffix(".gz"),
                        whole(open_decompressed(content, most_bytes)),
                    )
    except tarfile.TarError as error:
        raise BrokenFileError(f"the archive breaks off: {error}") from error
