"""What can go wrong, said for people: what happened, where, and the way out. The command line prints these without a traceback."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar


class PaperhouseError(Exception):
    """A step failed. message: what and where; way_out: what to do, or the next command to type."""

    exit_code = 1

    def __init__(self, message: str, way_out: str = "") -> None:
        super().__init__(message, way_out)
        self.message = message
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.message}\n{self.way_out}" if self.way_out else self.message


class UsageError(PaperhouseError):
    """The command was given something that it cannot use."""

    exit_code = 2


@dataclass(frozen=True)
class _Trouble:
    """What of the machine can stand in the way: how it is known, by number or by what libraries say, and what to do."""

    codes: tuple[int, ...]
    texts: tuple[str, ...]
    message: str
    way_out: str


_AGAIN = "Nothing is lost: the same command goes on from there."
_TROUBLES = (
    _Trouble(
        (errno.ENOSPC, errno.EDQUOT),
        ("No space left on device", "os error 28", "Disk quota exceeded", "os error 122", "Invalid thrift: transport error"),
        "the disk is full",
        f"Free some space. {_AGAIN}",
    ),
    _Trouble(
        (errno.EROFS,), ("Read-only file system", "os error 30"), "the file system is read-only", f"Remount it, or set PAPERHOUSE_HOME. {_AGAIN}"
    ),
    _Trouble(
        (errno.EACCES, errno.EPERM),
        ("Permission denied", "os error 13"),
        "a right is lacking",
        f"Give yourself the right to write below PAPERHOUSE_HOME. {_AGAIN}",
    ),
    _Trouble(
        (errno.ENOTDIR, errno.EEXIST, errno.EISDIR),
        ("Not a directory", "File exists", "Is a directory", "os error 20", "os error 17", "os error 21"),
        "a file is where a folder should be, or the other way round",
        f"Move it away. {_AGAIN}",
    ),
    _Trouble((errno.EMFILE,), ("Too many open files", "os error 24"), "too many files are open", f"Raise the limit: ulimit -n. {_AGAIN}"),
    _Trouble(
        (),
        (
            "Corrupt database file",
            "not a valid DuckDB database file",
            "Failed to deserialize",
            "Could not read enough bytes",
            "database has been invalidated",
        ),
        "a database is damaged",
        "Make all anew from what landed: paperhouse rebuild",
    ),
)


def told(error: BaseException) -> PaperhouseError | None:
    """What of the machine stood in the way, where the error or one that it came of says so; None where it was none of it."""
    seen: BaseException | None = error
    while seen is not None:
        code, file, text = getattr(seen, "errno", None), getattr(seen, "filename", None), str(seen)
        for trouble in _TROUBLES:
            lines = [line.strip() for line in text.splitlines() if any(each in line for each in trouble.texts)]
            if code in trouble.codes or lines:
                return StepError(f"{trouble.message}: {file or (lines or [text])[0][:300]}", trouble.way_out)
        seen = seen.__cause__ or seen.__context__
    return None


T = TypeVar("T")


def the_one(found: Sequence[T], thing: str, things: str, beginning: str, way_out: str) -> T:
    """The only thing found whose id begins so. Raises UsageError where there is none, or more than one, or nothing was asked for."""
    if len(found) == 1 and beginning:
        return found[0]
    problem = f"{len(found)} {things} have ids that begin with" if found else f"there is no {thing}"
    raise UsageError(f"{problem} '{beginning}'", way_out)


class StepError(PaperhouseError):
    """A step could not do its work; a later try may."""


class RejectedError(PaperhouseError):
    """A check, test or audit said no. Trying again without a change gives the same answer."""


def not_judged(what: str, reason: str, page: Path) -> PaperhouseError:
    """The error of a suite that could not be evaluated: what of the machine stood in the way, or else the reason that Great Expectations gave."""
    return told(OSError(reason)) or StepError(f"the {what} could not be made: {reason}", f"Details: {page}")
