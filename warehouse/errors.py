"""What can go wrong, said for people: what happened, where, and the way out. The command line prints these without a traceback."""


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


class StepError(PaperhouseError):
    """A step could not do its work; a later try may."""


class RejectedError(PaperhouseError):
    """A check, test or audit said no. Trying again without a change gives the same answer."""
