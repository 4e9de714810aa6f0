"""Arguments and options that several commands share, and what they are read as."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from warehouse.errors import UsageError

PIPELINE, STEPS, BATCHES, READ, SERVE, OPERATE = "Pipeline", "Steps", "Batches", "Read", "Serve", "Operate"

Source = Annotated[str, typer.Option("--source", "-s", help="The source of the files.")]
ListedOn = Annotated[
    str | None,
    typer.Option(
        "--listed-on",
        help="The day of the listing, YYYY-MM-DD. Default: the date in the name of the file or its folder.",
    ),
]
Paths = Annotated[list[Path] | None, typer.Argument(help="Files, folders or globs. Default: the source's inbox.")]
Batches = Annotated[list[str] | None, typer.Argument(help="Batch ids, or prefixes of them. Default: all open loads.")]
Batch = Annotated[str, typer.Argument(help="A batch id, or a prefix of one.")]
Paper = Annotated[list[str], typer.Argument(help="A paper id, or words of its title.")]
First = Annotated[
    str | None, typer.Option("--from", help="The first day to fetch, YYYY-MM-DD. Default: the end of the last refresh.")
]
Last = Annotated[
    str | None, typer.Option("--to", help="The last day to fetch. Default: the source's last complete day.")
]
AllowEmpty = Annotated[
    bool, typer.Option("--allow-empty", help="Accept an empty refresh of a source that was never empty.")
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="The number of results.")]
Reason = Annotated[str | None, typer.Option("--reason", help="The reason. It is recorded, with your name.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

# Spellings of 0.2, accepted until 0.4.
Because = Annotated[str | None, typer.Option("--because", hidden=True)]
Most = Annotated[int | None, typer.Option("--most", hidden=True, min=1)]


def example(line: str) -> str:
    """What a command's help ends with."""
    return f"Example: `{line}`"


def parse_day(text: str | None) -> date | None:
    """Raises UsageError where the text is not a day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"'{text}' is not a day", "Write it as YYYY-MM-DD.") from None


def require_reason(reason: str | None, because: str | None) -> str:
    """Raises UsageError where no reason is given."""
    if not (reason or because):
        raise UsageError("a reason is required", 'Add --reason "…"; it is recorded.')
    return reason or because or ""
