"""The text files of an e-print as arXiv serves it: one gzipped TeX file, or a tar archive of several, gzipped or not.

Nothing is written to disk; what is unpacked is bounded in bytes and members.
"""

import codecs
import gzip
import io
import re
import tarfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath

MAX_BYTES = 100_000_000  # of all that is unpacked
MAX_TEXT_BYTES = 20_000_000  # of one file
MAX_MEMBERS = 20_000
TEXT_ENDINGS = (".tex", ".ltx", ".latex", ".bbl", ".bib", ".sty", ".cls", ".bst", ".def", ".txt")
_TEXT_NAMES = ("00readme", "readme")
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|body)\b", re.I)
_TEX = re.compile(
    rb"\\(?:documentclass|documentstyle|begin|input|section|subsection|chapter|cite[a-z]*|ref|label|title|bye|magnification|def|font)\b"
)
_WITHDRAWN = re.compile(
    rb"%auto-ignore|(?:paper|submission|article|manuscript)\s+(?:has been|was|is)\s+withdrawn", re.I
)
_WITHDRAWN_MAX_BYTES = 5_000
_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError, OSError, ValueError, RecursionError)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class NoSourceError(ValueError):
    """The e-print holds no TeX that can be read. reason: a word for it, as rejects have it."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass
class Sources:
    """files: name → text, of the text files; left_out: names of members that were not read, with why."""

    files: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def read_sources(content: bytes) -> Sources:
    """The text files of an e-print.

    Raises NoSourceError where there are none: empty, not_tex (with what it is), no_source (a PDF alone), html_page,
    withdrawn (a stub in place of a paper), broken_file.
    """
    unpacked = unpack(content)
    if not unpacked.strip(b"\0 \t\r\n"):
        raise NoSourceError("empty", "the e-print is empty")
    if unpacked[:5] == b"%PDF-":
        raise NoSourceError("no_source", "the e-print is a PDF alone, without a source")
    if _HTML.match(unpacked):
        raise NoSourceError("html_page", "it is an HTML page, saved in place of the e-print")
    found = _read_tar(unpacked) if _is_tar(unpacked) else _read_single(unpacked)
    if not any(_TEX.search(text.encode("utf-8", "replace")) for text in found.files.values()):
        raise NoSourceError("not_tex", f"none of its {len(found.files) + len(found.left_out)} files is TeX")
    return found


def keep_text(content: bytes) -> bytes:
    """The e-print without its pictures: an archive of its text files, gzipped, the same bytes each time; as it is where
    it has nothing else, or cannot be read.

    >>> keep_text(b"\\documentclass{article}") == b"\\documentclass{article}"
    True
    """
    try:
        unpacked = unpack(content)
        if not _is_tar(unpacked):
            return content
        kept = io.BytesIO()
        with (
            tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive,
            gzip.GzipFile(fileobj=kept, mode="wb", mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as texts,
        ):
            members = archive.getmembers()[: MAX_MEMBERS + 1]
            chosen = [member for member in members if member.isreg() and not _reason_to_skip(member)]
            if len(chosen) == len(members):
                return content
            for member in chosen:
                texts.addfile(member, archive.extractfile(member))
    except (NoSourceError, *_BROKEN):
        return content  # what is wrong with it is said where it is read
    return kept.getvalue()


def pack(content: bytes) -> bytes:
    """The bytes gzipped, the same each time; as they are where they are."""
    return content if _is_packed(content) else gzip.compress(content, mtime=0)


def unpack(content: bytes) -> bytes:
    """What is gzipped; as it is where it is not. Raises NoSourceError where it is broken or too large."""
    if not _is_packed(content):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(MAX_BYTES + 1)
    except _BROKEN as error:
        raise NoSourceError(
            "broken_file", f"the e-print cannot be unpacked: {error or type(error).__name__}"
        ) from error
    if len(unpacked) > MAX_BYTES:
        raise NoSourceError("too_large", f"the e-print holds more than {MAX_BYTES:,} bytes when unpacked")
    return unpacked


def _is_packed(content: bytes) -> bool:
    return content[:2] == b"\x1f\x8b"


def _is_tar(content: bytes) -> bool:
    return content[257:262] == b"ustar" or (b"\0" in content[:512] and len(content) >= 1024 and len(content) % 512 == 0)


def _read_single(content: bytes) -> Sources:
    if len(content) <= _WITHDRAWN_MAX_BYTES and _WITHDRAWN.search(content) and b"\\begin{document}" not in content:
        raise NoSourceError("withdrawn", "the e-print is the stub of a withdrawn paper")
    if b"\0" in content[:4096] and content[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise NoSourceError("not_tex", "it is neither TeX nor an archive")
    return Sources({"main.tex": decode(content[:MAX_TEXT_BYTES])})


def _read_tar(content: bytes) -> Sources:
    found = Sources()
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for count, member in enumerate(archive):
                if count >= MAX_MEMBERS:
                    found.left_out[member.name[:200]] = f"beyond {MAX_MEMBERS:,} members"
                    break
                if member.isdir():
                    continue
                if why := _reason_to_skip(member):
                    found.left_out[member.name[:200]] = why
                elif file := archive.extractfile(member):
                    found.files[_clean_name(member.name)] = decode(file.read(MAX_TEXT_BYTES))
    except _BROKEN as error:
        if not found.files:
            message = f"the archive cannot be read: {error or type(error).__name__}"
            raise NoSourceError("broken_file", message) from error
        found.left_out["…"] = f"the archive breaks off: {error or type(error).__name__}"
    return found


def _reason_to_skip(member: tarfile.TarInfo) -> str | None:
    name = PurePosixPath(member.name)
    if not member.isreg():
        return "no regular file"
    if name.is_absolute() or ".." in name.parts:
        return "a name that leads out of the archive"
    if not (name.name.lower().endswith(TEXT_ENDINGS) or name.stem.lower() in _TEXT_NAMES or not name.suffix):
        return "no text"
    if member.size > MAX_TEXT_BYTES:
        return f"more than {MAX_TEXT_BYTES:,} bytes"
    return None


def _clean_name(name: str) -> str:
    return name.encode("utf-8", "replace").decode().removeprefix("./")


def decode(content: bytes) -> str:
    """Text in UTF-8, UTF-16 with its mark, or else Latin-1, which has a character for every byte; ends of lines as
    \\n."""
    encoding = next((encoding for mark, encoding in _BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ")
