"""Files of sources, read in bounded memory: as one, or unpacked."""

import gzip
import io
import json
import re
import zipfile
import zlib
from typing import IO, Any, cast

MAX_WHOLE_BYTES = 1 << 25  # of a file that has to be read as a whole: its objects take twenty times that of memory
# What a compressed or cut file raises when it is read.
BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, OSError)


_TITLE = re.compile(rb"<title[^>]*>\s*(.*?)\s*</title>", re.I | re.S)


def describe_unreadable(start: bytes) -> str | None:
    """What a file is of which nothing could be read, by how it begins: empty, or a page that a browser or a proxy saved
    in place of the file; None where that is not known.

    >>> describe_unreadable(b" "), describe_unreadable(b"<html><title>503 Service Unavailable</title>")
    ('the file is empty', 'it is an HTML page, "503 Service Unavailable"')
    """
    if not start.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        return "the file is empty"
    if re.match(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body)\b", start, re.I | re.S):
        title = _TITLE.search(start)
        named = title[1].decode("utf-8", "replace")[:100] if title else ""
        return f'it is an HTML page, "{" ".join(named.split())}"' if named else "it is an HTML page"
    return None


class BrokenFileError(ValueError):
    """The file cannot be read to its end."""


def whole(file: IO[bytes]) -> bytes:
    """The file's content. Raises BrokenFileError where it is more than can be read at once."""
    content = file.read(MAX_WHOLE_BYTES + 1)
    if len(content) > MAX_WHOLE_BYTES:
        raise BrokenFileError(f"it holds more than {MAX_WHOLE_BYTES:,} bytes, the most that is read at once; split it")
    return content


def read_json_document(file: IO[bytes]) -> Any:
    """The file's JSON as a whole. Raises BrokenFileError where it is none."""
    content = whole(file)
    try:
        return json.loads(content or b"null")
    except (ValueError, RecursionError) as error:
        raise BrokenFileError(f"it is not JSON: {str(error)[:200]}") from error


def open_decompressed(file: IO[bytes], most_bytes: int) -> IO[bytes]:
    """The file's content, out of gzip or the one member of a zip where it is packed so; reading beyond most_bytes
    raises BrokenFileError."""
    magic = file.read(4)
    file.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return _capped(cast("IO[bytes]", gzip.GzipFile(fileobj=file)), most_bytes)
    if magic[:4] == b"PK\x03\x04":
        return _capped(_open_only_member(file), most_bytes)
    return _capped(file, most_bytes)


def _open_only_member(file: IO[bytes]) -> IO[bytes]:
    """The one member of a zip file. Raises BrokenFileError where there are others, or it cannot be read."""
    try:
        archive = zipfile.ZipFile(file)
    except NotImplementedError as error:  # of a later version of the format
        raise BrokenFileError(f"the zip file cannot be read: {error}") from error
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise BrokenFileError(f"the zip file holds {len(members)} files, not one; unpack it and name the one")
    if members[0].flag_bits & 1:
        raise BrokenFileError("the zip file is encrypted; unpack it and name the file in it")
    if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BrokenFileError(
            "the zip file is packed by another method than deflate; unpack it and name the file in it"
        )
    try:
        return archive.open(members[0])
    except (RuntimeError, NotImplementedError) as error:  # of strong encryption, or patched data
        raise BrokenFileError(f"the zip file cannot be read: {error}") from error


class _Capped(io.RawIOBase):
    def __init__(self, file: IO[bytes], most_bytes: int) -> None:
        self._file, self._left, self._most = file, most_bytes, most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._file.read(len(buffer))
        self._left -= len(content)
        if self._left < 0:
            raise BrokenFileError(
                f"it holds more than {self._most:,} bytes when unpacked, the most that the source's YAML allows"
            )
        buffer[: len(content)] = content
        return len(content)


def _capped(file: IO[bytes], most_bytes: int) -> IO[bytes]:
    return io.BufferedReader(_Capped(file, most_bytes), 1 << 20)
