"""The console: safe output, JSON, progress."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from transforms.text.characters import UNSAFE_ON_TERMINALS


class SafeConsole(Console):
    """A console that shows what others wrote: each unsafe character becomes U+FFFD, so that places in the text stay
    what they are."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*map(_safe, objects), **options)


def _safe(content: Any) -> Any:
    if isinstance(content, Text):
        content.plain = UNSAFE_ON_TERMINALS.sub("\ufffd", content.plain)
        return content
    return UNSAFE_ON_TERMINALS.sub("\ufffd", content) if isinstance(content, str) else content


# Where there is no terminal to ask for its width, wide enough that no table is squeezed.
out = SafeConsole(highlight=False, width=None if sys.stdout.isatty() else 160)
err = SafeConsole(stderr=True, highlight=False)


def print_line(text: str) -> None:
    """Text as it is, without markup or wrapping."""
    out.print(text, markup=False, soft_wrap=True)


def print_json(content: Any) -> None:
    print_json_line(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def print_json_line(text: str) -> None:
    """JSON, in which what a terminal could take for a command is escaped."""
    print(UNSAFE_ON_TERMINALS.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def print_result(content: Any, text: str | Callable[[Any], None], as_json: bool) -> None:
    """Prints the content as JSON, else the text, or what the function prints of it."""
    if as_json:
        print_json(content)
    elif callable(text):
        text(content)
    else:
        print_line(text)


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar a step, on standard error; nothing where that is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def update(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step)
            bars.update(tasks[step], completed=done, total=total)

        yield update


@contextmanager
def spinner() -> Iterator[Callable[[str], None]]:
    """Names what is under way, on standard error; a line each where that is no terminal."""
    if not err.is_terminal:
        yield lambda name: err.print(f"{name} …", markup=False, highlight=False, soft_wrap=True)
        return
    with err.status("") as status:
        yield lambda name: status.update(f"{escape(name)} …")
