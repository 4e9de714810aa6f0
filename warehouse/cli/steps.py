"""Commands that run one step."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from warehouse.cli import console, options
from warehouse.errors import PaperhouseError
from warehouse.settings import Settings

commands = typer.Typer()


@commands.command(
    rich_help_panel=options.STEPS,
    epilog=options.example("paperhouse fetch --source arxiv_api --from 2026-03-01 --to 2026-03-02"),
)
def fetch(
    source: options.Source,
    first: options.First = None,
    last: options.Last = None,
    allow_empty: options.AllowEmpty = False,
    as_json: options.Json = False,
) -> None:
    """Fetch a live source, land its answers and open a load for each."""
    from warehouse.steps.fetch import fetch as fetch_pages

    with console.spinner() as on_progress:
        batch_ids = fetch_pages(
            Settings(), source, options.parse_day(first), options.parse_day(last), allow_empty, on_progress
        )
    console.print_result(batch_ids, "\n".join(batch_ids) or "nothing new", as_json)


@commands.command(
    rich_help_panel=options.STEPS, epilog=options.example("paperhouse land --source hf_daily daily/*.json")
)
def land(
    source: options.Source = "hf_listing",
    paths: options.Paths = None,
    listed_on: options.ListedOn = None,
    as_json: options.Json = False,
) -> None:
    """Copy files into the landing zone, open a load for each and print the batch ids."""
    from warehouse.steps.land import land as land_files
    from warehouse.steps.land import land_inbox

    batch_ids = (
        land_files(Settings(), source, paths, options.parse_day(listed_on)) if paths else land_inbox(Settings(), source)
    )
    console.print_result(batch_ids, "\n".join(batch_ids) or "nothing new in the inbox", as_json)


@commands.command(
    rich_help_panel=options.STEPS,
    epilog=options.example("paperhouse parse"),
)
def parse(batches: options.Batches = None, as_json: options.Json = False) -> None:
    """Parse landed batches into frames of papers, claims, links and rejects."""
    from warehouse.steps.parse import parse as step

    line = "{batch}: {paper_count} papers, {reject_count} rejects, {claim_count} claims, {link_count} links"
    _run_step(batches, lambda settings, batch: vars(step(settings, batch)), as_json, line)


@commands.command(
    rich_help_panel=options.STEPS,
    epilog=options.example("paperhouse check 3f2a"),
)
def check(batches: options.Batches = None, as_json: options.Json = False) -> None:
    """Validate parsed batches with Great Expectations."""
    from warehouse.steps.check import check as step

    line = "{batch}: passed {expectation_count} expectations, {page}"
    _run_step(batches, lambda settings, batch: vars(step(settings, batch)), as_json, line)


@commands.command(
    rich_help_panel=options.STEPS,
    epilog=options.example("paperhouse load"),
)
def load(batches: options.Batches = None, as_json: options.Json = False) -> None:
    """Load validated batches into the build database."""
    from warehouse.steps.load import load as step

    _run_step(batches, lambda settings, batch: {"outcome": step(settings, batch)}, as_json, "{batch}: {outcome}")


def _run_step(
    batches: list[str] | None, step: Callable[[Settings, str], dict[str, Any]], as_json: bool, line: str
) -> None:
    """Runs the step for each batch. Raises at the end where one failed."""
    from warehouse.storage.batches import read_batch
    from warehouse.storage.loads import find_open_batches

    settings = Settings()
    ids = [read_batch(settings, batch).batch_id for batch in batches] if batches else find_open_batches(settings)
    results, failures = [], []
    for batch in ids:
        try:
            results.append({"batch": batch} | step(settings, batch))
        except PaperhouseError as error:
            failures.append(error)
    console.print_result(results, "\n".join(line.format(**result) for result in results) or "no open loads", as_json)
    if failures:
        raise type(failures[0])("\n\n".join(str(failure) for failure in failures))


@commands.command(
    rich_help_panel=options.STEPS,
    epilog=options.example("paperhouse build --full"),
)
def build(
    full_refresh: Annotated[bool, typer.Option("--full", help="Make every mart anew and ask every row.")] = False,
    was_full: Annotated[bool, typer.Option("--full-refresh", hidden=True)] = False,  # the spelling of 0.2, until 0.4
    as_json: options.Json = False,
) -> None:
    """Build and test the marts with dbt: rows of changed papers, or all of them."""
    from warehouse.steps.build import build as step

    result = step(Settings(), full_refresh or was_full)
    kind = "full" if result.is_full_refresh else "incremental"
    console.print_result(vars(result), f"build {result.build_number}: {kind}, {result.seconds:.1f} s", as_json)


@commands.command(
    rich_help_panel=options.STEPS, epilog=options.example('paperhouse audit --reason "the models changed"')
)
def audit(
    reason: Annotated[
        str | None, typer.Option("--reason", help="Skip the guardrails for this build, for this reason.")
    ] = None,
    because: options.Because = None,
    as_json: options.Json = False,
) -> None:
    """Validate the marts with Great Expectations, and compare them with the last publication."""
    from warehouse.steps.audit import audit as step

    result = step(Settings(), reason or because)
    line = f"build {result.build_number} passed {result.expectation_count} expectations, {result.page}"
    console.print_result(vars(result), line, as_json)


@commands.command(
    rich_help_panel=options.STEPS,
    epilog=options.example("paperhouse publish"),
)
def publish(as_json: options.Json = False) -> None:
    """Publish the audited marts with one atomic rename."""
    from warehouse.steps.publish import publish as step

    settings = Settings()
    manifest = step(settings)
    console.print_result(manifest, f"publication {manifest['version']} in {settings.published}", as_json)


@commands.command(
    rich_help_panel=options.STEPS,
    epilog=options.example("paperhouse mirror"),
)
def mirror(as_json: options.Json = False) -> None:
    """Copy the publication to PAPERHOUSE_MIRROR, a bucket or a folder where others read it. What is there is not sent
    again."""
    from warehouse.steps.mirror import mirror as step

    with console.progress(quiet=as_json) as progress:
        mirrored = step(Settings(), lambda done, total: progress("mirror", done, total))
    line = (
        f"publication {mirrored.version} in {mirrored.address}: {mirrored.sent_files:,} files, "
        f"{mirrored.sent_bytes / 1e6:,.1f} MB sent, {mirrored.removed_files:,} old files removed"
    )
    console.print_result(vars(mirrored), line, as_json)
