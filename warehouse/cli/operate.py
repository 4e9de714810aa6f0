"""Commands that operate a home and its Airflow."""

from pathlib import Path
from typing import Annotated

import typer

from warehouse.cli import console, options, render
from warehouse.errors import PaperhouseError, StepError
from warehouse.settings import Settings

commands = typer.Typer()
sources_commands = typer.Typer(help="Look at sources and their files.", no_args_is_help=True)
commands.add_typer(sources_commands, name="sources", rich_help_panel=options.OPERATE)
airflow_commands = typer.Typer(help="Run the pipeline with Airflow.", no_args_is_help=True)
commands.add_typer(airflow_commands, name="airflow", rich_help_panel=options.OPERATE)


@commands.command(
    rich_help_panel=options.OPERATE,
    epilog=options.example("paperhouse status"),
)
def status(
    as_json: options.Json = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="The number of loads.")] = 10,
) -> None:
    """Show the publication, the freshness of sources, loads, rejects and quarantine."""
    from warehouse.operations.status import read_status

    console.print_result(read_status(Settings(), limit), render.print_status, as_json)


@commands.command(
    rich_help_panel=options.OPERATE,
    epilog=options.example("paperhouse doctor --fix"),
)
def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Compare every landed and published file with its SHA-256.")
    ] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Remove what killed runs left behind.")] = False,
    mend: Annotated[bool, typer.Option("--mend", hidden=True)] = False,  # the spelling of 0.2, accepted until 0.4
    as_json: options.Json = False,
) -> None:
    """Check the installation and the home, and print how to fix each fault; exit code 1: a fault."""
    from warehouse.operations.doctor import diagnose, remove_leftovers

    if fix or mend:
        remove_leftovers(Settings())
    findings = diagnose(Settings(), deep)
    if as_json:
        console.print_json([vars(finding) for finding in findings])
    else:
        render.print_findings(findings)
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(1)


@sources_commands.command(
    "describe",
    epilog=options.example("paperhouse sources describe downloads/list.json"),
)
def describe_file(
    file: Annotated[Path, typer.Argument(help="A file whose source you do not know.")], as_json: options.Json = False
) -> None:
    """Say which source fits a file, what it reads, what it leaves unread, and the first records; nothing is written."""
    from warehouse.operations.describe import describe

    fits = describe(file)
    if as_json:
        console.print_json([vars(fit) for fit in fits])
    else:
        render.print_fits(file, fits)
    if fits[0].problem:
        raise typer.Exit(1)


@airflow_commands.command(
    "run",
    epilog=options.example("paperhouse airflow run --source hf_listing sample/"),
)
def airflow_run(paths: options.Paths = None, source: options.Source = "hf_listing") -> None:
    """Run the DAGs once, without a server: `make run`."""
    from warehouse.airflow.orchestration import run_dags
    from warehouse.storage.publication import read_manifest

    settings = Settings()
    failure: PaperhouseError | None = None
    seconds: dict[str, float] = {}
    with console.spinner() as on_progress:
        try:
            seconds = run_dags(settings, source, [str(path) for path in paths or []], on_progress)
        except StepError as error:
            failure = error
    render.print_report({}, seconds, read_manifest(settings) if not failure else None, settings.published)
    if failure:
        raise failure


@airflow_commands.command(
    "up",
    epilog=options.example("paperhouse airflow up"),
)
def airflow_up() -> None:
    """Start the scheduler and the web UI on this machine: `make up`."""
    from warehouse.airflow.orchestration import up

    settings = Settings()
    with console.spinner() as on_progress:
        url = up(settings, on_progress)
    console.print_line(
        f"Airflow is up: {url}\nuser and password: {settings.airflow_home / 'passwords.json'}\ninbox: "
        f"{settings.inbox}\nstop it with: make down"
    )


@airflow_commands.command(
    "down",
    epilog=options.example("paperhouse airflow down"),
)
def airflow_down() -> None:
    """Stop Airflow: `make down`."""
    from warehouse.airflow.orchestration import down

    console.print_line("Airflow is stopped" if down(Settings()) else "Airflow was not running")


@airflow_commands.command(
    "cli",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog=options.example("paperhouse airflow cli dags list"),
)
def airflow_cli(context: typer.Context) -> None:
    """Run Airflow's own command line with the settings of this home."""
    from warehouse.airflow.orchestration import run_airflow, start_airflow

    with start_airflow(Settings()):
        pass  # it creates Airflow's database
    raise typer.Exit(run_airflow(Settings(), *context.args))
