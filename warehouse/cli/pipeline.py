"""Commands that run the pipeline, and decisions on batches, after which it runs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.cli import console, options, render
from warehouse.errors import StepError
from warehouse.settings import Settings

if TYPE_CHECKING:
    from warehouse.steps.pipeline import Progress, Report

commands = typer.Typer()


@commands.command(
    rich_help_panel=options.PIPELINE, epilog=options.example("paperhouse run --source hf_daily daily/*.json")
)
def run(
    source: options.Source = "hf_listing",
    paths: options.Paths = None,
    listed_on: options.ListedOn = None,
    live: Annotated[bool, typer.Option("--live", help="Fetch the source, from the end of the last refresh.")] = False,
    first: options.First = None,
    last: options.Last = None,
    as_json: options.Json = False,
) -> None:
    """Run all steps in one process, without Airflow."""
    from warehouse.steps.pipeline import run as run_steps
    from warehouse.steps.pipeline import run_live

    with console.progress(quiet=as_json) as progress:
        if live or first or last:
            report = run_live(Settings(), source, options.parse_day(first), options.parse_day(last), progress)
        else:
            report = run_steps(Settings(), source, paths or [], options.parse_day(listed_on), progress)
    _print_report(report, as_json)


@commands.command(
    rich_help_panel=options.PIPELINE,
    epilog=options.example("paperhouse check-links --limit 100"),
)
def check_links(
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", "-n", min=1, help="The number of links. Default: PAPERHOUSE_LINK_CHECKS_PER_RUN, which is 2000."
        ),
    ] = None,
    most: options.Most = None,
    as_json: options.Json = False,
) -> None:
    """Ask the hosts of links whether they still lead somewhere, those whose turn it is, and publish what they say."""
    from warehouse.steps.pipeline import run_link_checks

    with console.progress(quiet=as_json) as progress:
        report = run_link_checks(Settings(), limit or most, progress)
    _print_report(report, as_json, "no link is due: each was checked within a day")


@commands.command(
    rich_help_panel=options.PIPELINE,
    epilog=options.example("paperhouse rebuild"),
)
def rebuild(as_json: options.Json = False) -> None:
    """Rebuild the build database from the landing zone, and publish it."""
    from warehouse.steps.pipeline import rebuild as rebuild_all

    with console.progress(quiet=as_json) as progress:
        report = rebuild_all(Settings(), progress)
    _print_report(report, as_json)


@commands.command(
    rich_help_panel=options.BATCHES, epilog=options.example('paperhouse retry 3f2a --reason "the parser is fixed"')
)
def retry(
    batch: options.Batch, reason: options.Reason = None, because: options.Because = None, as_json: options.Json = False
) -> None:
    """Validate a batch again and publish it, after you fixed its bounds, its parser or a model."""
    from warehouse.steps.pipeline import retry as step

    _decide(step, batch, reason or because or "it was fixed", as_json)


@commands.command(
    rich_help_panel=options.BATCHES,
    epilog=options.example('paperhouse release 3f2a --reason "the list is short on holidays"'),
)
def release(
    batch: options.Batch, reason: options.Reason = None, because: options.Because = None, as_json: options.Json = False
) -> None:
    """Load and publish a batch although its check or the guardrails fail."""
    from warehouse.steps.pipeline import release as step

    _decide(step, batch, options.require_reason(reason, because), as_json)


@commands.command(
    rich_help_panel=options.BATCHES, epilog=options.example('paperhouse withdraw 3f2a --reason "the file was a draft"')
)
def withdraw(
    batch: options.Batch, reason: options.Reason = None, because: options.Because = None, as_json: options.Json = False
) -> None:
    """Delete a batch's rows from the warehouse, and publish the rest."""
    from warehouse.steps.pipeline import withdraw as step

    _decide(step, batch, options.require_reason(reason, because), as_json)


def _decide(step: "Callable[[Settings, str, str, Progress], Report]", batch: str, reason: str, as_json: bool) -> None:
    with console.progress(quiet=as_json) as progress:
        report = step(Settings(), batch, reason, progress)
    _print_report(report, as_json)


def _print_report(report: "Report", as_json: bool, nothing: str | None = None) -> None:
    """Raises StepError where a batch failed."""
    if as_json:
        console.print_json(vars(report))
    else:
        render.print_report(report.outcomes, report.seconds, report.manifest, Settings().published)
        if not report.outcomes:
            console.print_line(nothing or f"nothing new in {Settings().inbox}")
    if report.failures:
        raise StepError("\n\n".join(report.failures))
