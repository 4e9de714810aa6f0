"""What can go wrong, said for people: what happened, where, and the way out. The command line prints these without a traceback."""

from collections.abc import Sequence
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
