"""The command line: `paperhouse`. Exit codes: 0 done, 1 a check, an audit or a step failed, 2 wrong use."""

import sys
import traceback
from contextlib import suppress

import duckdb
import typer
from pydantic import ValidationError
from rich.markup import escape

from warehouse.cli import evaluate, operate, pipeline, read, review, steps
from warehouse.cli.console import err
from warehouse.collector import collect_rarely
from warehouse.errors import PaperhouseError, StepError, classify_system_error
from warehouse.redaction import redact
from warehouse.settings import Settings

app = typer.Typer(
    name="paperhouse",
    help="A warehouse of machine-learning papers: what each one claims, in numbers, and where it says so.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for group in (pipeline, review, steps, read, operate, evaluate):
    app.add_typer(group.commands)


def main() -> None:
    """Runs the command line. A user's mistake or a failed step ends in a message, not in a traceback."""
    collect_rarely()
    try:
        app()
    except PaperhouseError as error:
        _print_error(error)
        sys.exit(error.exit_code)
    except ValidationError as error:
        _print_error(f"a setting is wrong: {error}")
        sys.exit(2)
    except Exception as error:
        _print_error(_explain_unexpected(error))
        sys.exit(1)


def _print_error(error: PaperhouseError | str) -> None:
    err.print(f"[bold red]error:[/] {escape(redact(str(error)))}", highlight=False, soft_wrap=True)


def _explain_unexpected(error: Exception) -> PaperhouseError:
    """A fault of the machine in its own words; of any other error its first line, with the traceback in a file."""
    known = classify_system_error(error)
    if known is None and isinstance(error, OSError | duckdb.Error):
        known = StepError(str(error))
    if known is None:
        file = Settings().logs / "traceback.txt"
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(redact("".join(traceback.format_exception(error))), "utf-8", "backslashreplace")
        known = StepError(f"{type(error).__name__}: {error}", f"This is a bug; the traceback is in {file}")
    return known


if __name__ == "__main__":
    main()
