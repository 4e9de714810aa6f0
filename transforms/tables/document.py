"""An e-print's files as one document: the main file with what it includes, and where each character of it stands.

Comments become spaces of the same length, so that a place in the document is a place in a file.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

MAX_CHARACTERS = 5_000_000  # of a document
MAX_INCLUDES = 2_000
NO_DOCUMENT = (".bbl", ".bib", ".sty", ".cls", ".bst", ".def")  # endings of files that hold no part of it
_MAX_ROOTS = 20  # files that may be the main one
_MAX_DEPTH = 20  # of files that include each other
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)(%[^\n]*)")
_INCLUDE = re.compile(
    r"\\(?:(?P<plain>input|include|subfile|subfileinclude|InputIfFileExists)\s*(?:\{(?P<braced>[^{}\n]*)\}|\s(?P<bare>[^\s{}\\]+))"
    r"|(?P<import>import|subimport|inputfrom|includefrom)\*?\s*\{(?P<folder>[^{}\n]*)\}\s*\{(?P<name>[^{}\n]*)\})"
)
_END = re.compile(r"\\end\s*\{document\}|\\endinput\b")
_LINE_END = re.compile("\n")
_CLASS = re.compile(r"^[^%\n]*\\documentclass", re.M)
_BODY = re.compile(r"\\(?:section|subsection|chapter|cite[a-z]*|begin)\b")
_BEGIN = re.compile(r"^[^%\n]*\\begin\s*\{document\}", re.M)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the document: where it begins there, and in which file at which character."""

    start: int
    file: str
    file_start: int


@dataclass(frozen=True, slots=True)
class Place:
    """A character of a file; line counts from 1."""

    file: str
    line: int
    char: int


@dataclass(slots=True)
class Document:
    text: str
    segments: list[Segment]
    files: Mapping[str, str]
    missing: list[str] = field(default_factory=list)  # included, and not there
    _line_ends: dict[str, list[int]] = field(default_factory=dict)  # of a file, found once

    def find_place(self, char: int) -> Place:
        """Where a character of the document stands."""
        segment = self.segments[max(0, bisect_right(self.segments, char, key=lambda each: each.start) - 1)]
        at = segment.file_start + char - segment.start
        if segment.file not in self._line_ends:
            self._line_ends[segment.file] = [match.start() for match in _LINE_END.finditer(self.files[segment.file])]
        return Place(segment.file, bisect_left(self._line_ends[segment.file], at) + 1, at)


def blank_comments(text: str) -> str:
    """The text with spaces in place of comments.

    >>> blank_comments("50\\\\% of it % not this")
    '50\\\\% of it           '
    """
    return _COMMENT.sub(lambda match: match[1] + " " * len(match[2]), text) if "%" in text else text


def find_main(files: Mapping[str, str]) -> str | None:
    """The file that the others are included by: with \\documentclass and \\begin{document}, not included itself; of
    several the one that includes most, then the largest. Without any a fragment: sections or tables alone."""
    roots = [name for name, text in files.items() if _CLASS.search(text) and _BEGIN.search(text)]
    roots = roots or [name for name, text in files.items() if _BEGIN.search(text) or "\\documentstyle" in text]
    roots = roots or [name for name, text in files.items() if _is_fragment(name, text)]
    if not roots:
        return None
    included = {
        found
        for name, text in files.items()
        for match in _INCLUDE.finditer(blank_comments(text))
        if (found := _resolve(match, name, name, files)) and found != name
    }
    free = [name for name in roots if name not in included] or roots
    if len(free) == 1:
        return free[0]
    largest = sorted(free, key=lambda name: (-len(files[name]), name))[:_MAX_ROOTS]
    return max(largest, key=lambda name: (_weight(name, files), -len(name), name))


def _is_fragment(name: str, text: str) -> bool:
    return not name.lower().endswith(NO_DOCUMENT) and _BODY.search(text) is not None


def _weight(name: str, files: Mapping[str, str]) -> int:
    return len(read_document(files, name).text)


def read_document(files: Mapping[str, str], main: str) -> Document:
    """The main file, up to its end, with all that it includes in its place; files outside the archive and circles are
    left out."""
    document = Document("", [], files)
    parts: list[str] = []
    length = 0
    for name, start, text in _walk(files, main, main, (main,), document.missing):
        document.segments.append(Segment(length, name, start))
        parts.append(text)
        length += len(text)
        if length > MAX_CHARACTERS or len(parts) > MAX_INCLUDES:
            break
    document.text = "".join(parts)
    if not document.segments:
        document.segments.append(Segment(0, main, 0))
    return document


def _walk(
    files: Mapping[str, str], name: str, main: str, above: tuple[str, ...], missing: list[str]
) -> Iterator[tuple[str, int, str]]:
    text = blank_comments(files[name])
    if end := _END.search(text):
        text = text[: end.start()]
    at = 0
    for match in _INCLUDE.finditer(text):
        found = _resolve(match, name, main, files)
        if found is None:
            missing.append(match[0])
            continue
        if found in above or len(above) > _MAX_DEPTH:
            continue
        yield name, at, text[at : match.start()]
        yield from _walk(files, found, main, (*above, found), missing)
        at = match.end()
    yield name, at, text[at:]


def _resolve(match: re.Match[str], by: str, main: str, files: Mapping[str, str]) -> str | None:
    """The file that is included by another: its path is from the main file's folder, or from its own."""
    given = (match["name"] if match["import"] else match["braced"] or match["bare"] or "").strip().strip('"')
    for base in (PurePosixPath(main).parent, PurePosixPath(by).parent, PurePosixPath()):
        path = base / (match["folder"].strip() if match["import"] else "") / given
        for candidate in (str(path), f"{path}.tex"):
            name = _normalize(candidate)
            if name in files and not name.lower().endswith(NO_DOCUMENT):
                return name
    return None


def _normalize(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", "..", ""):
            parts.append(part)
    return "/".join(parts)
