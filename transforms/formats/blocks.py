"""Text files of blocks, each of which begins with a line of one form: what bibliographies are exported as."""

import re
from collections.abc import Iterator
from typing import IO

from transforms.formats.files import BrokenFileError, open_decompressed

MAX_BLOCK_BYTES = 1 << 22


def iter_blocks(file: IO[bytes], most_bytes: int, begin: re.Pattern[bytes]) -> Iterator[str]:
    """Each block as text, from a line that matches to before the next one; what stands before the first is left out.

    UTF-8, with or without a mark; a block that is not is read as Windows' Latin. Raises BrokenFileError where a block
    is too long, or there is none.
    """
    content, block, size, count = open_decompressed(file, most_bytes), list[bytes](), 0, 0
    while line := content.readline(MAX_BLOCK_BYTES):
        if begin.match(line.removeprefix(b"\xef\xbb\xbf") if count == 0 else line):
            if block:
                yield _text(block)
            block, size, count = [], 0, count + 1
        size += len(line)
        if count and size > MAX_BLOCK_BYTES:
            raise BrokenFileError(f"block {count} has more than {MAX_BLOCK_BYTES:,} bytes")
        if count:
            block.append(line)
    if not block:
        raise BrokenFileError("no line in it begins an entry")
    yield _text(block)


def _text(lines: list[bytes]) -> str:
    content = b"".join(lines).removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
