"""Errors for users: what happened, where, and a hint. The command line prints these without a
traceback."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from warehouse.redaction import redact


class PaperhouseError(Exception):
    """A step failed. message: what and where; hint: what to do, or the next command to type."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        self.message, self.hint = redact(message), redact(hint)
        super().__init__(self.message, self.hint)

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(PaperhouseError):
    """The command was given something that it cannot use."""

    exit_code = 2


@dataclass(frozen=True)
class _SystemFault:
    """A fault of the machine: its error numbers, the messages of libraries that show it, and what to do."""

    codes: tuple[int, ...]
    texts: tuple[str, ...]
    message: str
    hint: str


_AGAIN = "Nothing is lost: the same command goes on from there."
_SYSTEM_FAULTS = (
    _SystemFault(
        (errno.ENOSPC, errno.EDQUOT),
        (
            "No space left on device",
            "os error 28",
            "Disk quota exceeded",
            "os error 122",
            "Invalid thrift: transport error",
        ),
        "the disk is full",
        f"Free some space. {_AGAIN}",
    ),
    _SystemFault(
        (errno.EROFS,),
        ("Read-only file system", "os error 30"),
        "the file system is read-only",
        f"Remount it, or set PAPERHOUSE_HOME. {_AGAIN}",
    ),
    _SystemFault(
        (errno.EACCES, errno.EPERM),
        ("Permission denied", "os error 13"),
        "a right is lacking",
        f"Give yourself the right to write below PAPERHOUSE_HOME. {_AGAIN}",
    ),
    _SystemFault(
        (errno.ENOTDIR, errno.EEXIST, errno.EISDIR),
        ("Not a directory", "File exists", "Is a directory", "os error 20", "os error 17", "os error 21"),
        "a file is where a folder should be, or the other way round",
        f"Move it away. {_AGAIN}",
    ),
    _SystemFault(
        (errno.EMFILE,),
        ("Too many open files", "os error 24"),
        "too many files are open",
        f"Raise the limit: ulimit -n. {_AGAIN}",
    ),
    _SystemFault(
        (),
        (
            "Corrupt database file",
            "not a valid DuckDB database file",
            "Failed to deserialize",
            "Could not read enough bytes",
            "database has been invalidated",
        ),
        "a database is damaged",
        "Rebuild it from the landing zone: paperhouse rebuild",
    ),
)


def classify_system_error(error: BaseException) -> PaperhouseError | None:
    """The fault of the machine that the error, or one of its causes, shows; None where it is none of
    it."""
    seen: BaseException | None = error
    while seen is not None:
        code, file, text = getattr(seen, "errno", None), getattr(seen, "filename", None), str(seen)
        for fault in _SYSTEM_FAULTS:
            lines = [line.strip() for line in text.splitlines() if any(each in line for each in fault.texts)]
            if code in fault.codes or lines:
                return StepError(f"{fault.message}: {file or (lines or [text])[0][:300]}", fault.hint)
        seen = seen.__cause__ or seen.__context__
    return None


T = TypeVar("T")


def require_one(found: Sequence[T], thing: str, things: str, beginning: str, hint: str) -> T:
    """The only thing found whose id begins so. Raises UsageError where there is none, or more than one, or nothing was
    asked for."""
    if len(found) == 1 and beginning:
        return found[0]
    problem = f"{len(found)} {things} have ids that begin with" if found else f"there is no {thing}"
    raise UsageError(f"{problem} '{beginning}'", hint)


class StepError(PaperhouseError):
    """A step could not do its work; a later try may."""


class RejectedError(PaperhouseError):
    """A check, test or audit failed. Trying again without a change fails again."""


def explain_failed_validation(what: str, reason: str, page: Path) -> PaperhouseError:
    """The error of a suite that could not be evaluated: a fault of the machine, else what Great Expectations says."""
    return classify_system_error(OSError(reason)) or StepError(
        f"the {what} could not be made: {reason}", f"Details: {page}"
    )
