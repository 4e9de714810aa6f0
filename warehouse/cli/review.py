"""`paperhouse review`: a queue of rows of boards that are worth a look, answered one at a time."""

from typing import Annotated, Any

import typer
from rich.prompt import Prompt

from warehouse.cli import console, options
from warehouse.errors import UsageError
from warehouse.settings import Settings

commands = typer.Typer()
_KEYS = {"r": "right", "w": "wrong", "c": "changed", "s": "skip", "q": "quit"}


@commands.command(
    rich_help_panel=options.PIPELINE,
    epilog=options.example("paperhouse review --author Ada --limit 20"),
)
def review(
    author: Annotated[str, typer.Option(help="Who answers: stands with each correction.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="The number of rows.")] = 20,
    publish: Annotated[bool, typer.Option(help="Publish the answers at the end.")] = True,
) -> None:
    """Answer whether rows of boards are right: heads of boards, values far from the others, disagreements, rows that
    are less sure. Answers are corrections, in the inbox."""
    from warehouse.readers.review import read_queue
    from warehouse.steps.correct import answer, write_correction
    from warehouse.steps.pipeline import run
    from warehouse.storage.publication import open_publication

    settings = Settings()
    with open_publication(settings) as connection:
        queue = read_queue(connection, frozenset(), limit)
    if not queue:
        console.print_line("nothing is worth a look")
        return
    count = 0
    for number, item in enumerate(queue, start=1):
        _show(item, number, len(queue))
        key = Prompt.ask("right, wrong, change, skip, quit", choices=[*_KEYS], default="s", console=console.out)
        if key == "q":
            break
        if key == "s":
            continue
        should_be = _ask_change(item) if key == "c" or item["target"] == "metric" else {}
        reason = Prompt.ask("why", default="Read in the paper.", console=console.out)
        try:
            write_correction(settings, answer(item, _KEYS[key], author, reason, should_be))
        except UsageError as error:
            console.print_line(f"not taken: {error}")
            continue
        count += 1
    console.print_line(f"{count} answers in {settings.inbox / 'corrections'}")
    if count and publish:
        report = run(settings, "corrections", [])
        for failure in report.failures:
            console.print_line(failure)
        console.print_line(f"publication {report.manifest['version']}" if report.manifest else "nothing is published")


def _show(item: dict[str, Any], number: int, count: int) -> None:
    console.print_line("")
    console.print_line(f"{number} of {count}: {item['why']}")
    if item["target"] == "metric":
        console.print_line(f"metric: {item['metric']}; change it to the metric that it is")
        return
    condition = f", {item['condition']}" if item["condition"] else ""
    task = f" ({item['task']})" if item["task"] else ""
    console.print_line(f"{item['value_text']}: {item['metric']}{condition} on {item['dataset']}{task}")
    console.print_line(f"{item['title'] or item['paper']}")
    console.print_line(item["evidence"] or f"{item['place']}. {item['caption'] or ''}")


def _ask_change(item: dict[str, Any]) -> dict[str, str]:
    from warehouse.steps.correct import asked_of

    asked = {name: Prompt.ask(f"{name}, if another", default="", console=console.out) for name in asked_of(item)}
    return {name: text for name, text in asked.items() if text}
