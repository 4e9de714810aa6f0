"""The command line: `paperhouse`. Exit codes: 0 done, 1 a check, audit or step failed, 2 wrong use."""

import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import duckdb
import typer
from pydantic import ValidationError
from rich.markup import escape

from warehouse import terminal
from warehouse.errors import PaperhouseError, StepError, UsageError, told
from warehouse.settings import Settings

if TYPE_CHECKING:
    from warehouse.run import Progress, Report

app = typer.Typer(
    name="paperhouse",
    help="A warehouse of machine-learning papers: what each one claims, in numbers, and where it says so.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
airflow_app = typer.Typer(help="The same steps, run by Airflow.", no_args_is_help=True)
app.add_typer(airflow_app, name="airflow")
evaluate_app = typer.Typer(help="Score the extractors against hand-made answers.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")
export_app = typer.Typer(help="Write published tables for other programs.", no_args_is_help=True)
app.add_typer(export_app, name="export")

SourceOption = Annotated[str, typer.Option("--source", "-s", help="The source that the files come from.")]
ListedOnOption = Annotated[
    str | None, typer.Option("--listed-on", help="The day of the listing, YYYY-MM-DD; by default the date in the file's or its folder's name.")
]
PathsArgument = Annotated[list[Path] | None, typer.Argument(help="Files, folders or globs; without any, what waits in the source's inbox.")]
BatchesArgument = Annotated[list[str] | None, typer.Argument(help="Batch ids, or beginnings of them; without any, all whose load is open.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"'{text}' is not a day", "Write it as YYYY-MM-DD.") from None


FromOption = Annotated[str | None, typer.Option("--from", help="The first day to fetch, YYYY-MM-DD; by default where the last refresh ended.")]
ToOption = Annotated[str | None, typer.Option("--to", help="The last day to fetch; by default the source's last whole day.")]
AllowEmptyOption = Annotated[bool, typer.Option("--allow-empty", help="Believe it where a source that always had something has nothing.")]


@app.command()
def fetch(
    source: SourceOption, first: FromOption = None, last: ToOption = None, allow_empty: AllowEmptyOption = False, as_json: JsonOption = False
) -> None:
    """Read a live source from the network and keep its answers, with a load opened for each; then: parse, check, load, build, audit, publish."""
    from warehouse.fetch import fetch as fetch_pages

    with terminal.spinner() as say:
        batch_ids = fetch_pages(Settings(), source, _day(first), _day(last), allow_empty, say)
    terminal.print_result(batch_ids, "\n".join(batch_ids) or "nothing new", as_json)


@app.command()
def run(
    source: SourceOption = "hf_listing",
    paths: PathsArgument = None,
    listed_on: ListedOnOption = None,
    live: Annotated[bool, typer.Option("--live", help="Read the source from the network, from where the last refresh ended.")] = False,
    first: FromOption = None,
    last: ToOption = None,
    as_json: JsonOption = False,
) -> None:
    """All steps in one process, without Airflow: land (or fetch, with --live), parse, check, load, build, audit, publish."""
    from warehouse.run import run as run_steps
    from warehouse.run import run_live

    with terminal.progress(quiet=as_json) as progress:
        if live or first or last:
            report = run_live(Settings(), source, _day(first), _day(last), progress)
        else:
            report = run_steps(Settings(), source, paths or [], _day(listed_on), progress)
    _tell(report, as_json)


@app.command()
def rebuild(as_json: JsonOption = False) -> None:
    """Make the build database anew from the landing zone, and publish it."""
    from warehouse.run import rebuild as rebuild_all

    with terminal.progress(quiet=as_json) as progress:
        report = rebuild_all(Settings(), progress)
    _tell(report, as_json)


BatchArgument = Annotated[str, typer.Argument(help="A batch's id, or the beginning of one.")]
BecauseOption = Annotated[str, typer.Option("--because", help="Why; it is recorded, with who decided.")]


@app.command()
def retry(batch: BatchArgument, because: BecauseOption = "it was mended", as_json: JsonOption = False) -> None:
    """Judge a batch anew and publish, as after its bounds or parser were mended; earlier decisions on it no longer count."""
    from warehouse.run import retry as step

    _decide(step, batch, because, as_json)


@app.command()
def release(batch: BatchArgument, because: BecauseOption, as_json: JsonOption = False) -> None:
    """Load a batch whatever its check says, and publish it whatever the guardrails say of its papers."""
    from warehouse.run import release as step

    _decide(step, batch, because, as_json)


@app.command()
def withdraw(batch: BatchArgument, because: BecauseOption, as_json: JsonOption = False) -> None:
    """Take a batch's rows out of the warehouse, and publish what is left."""
    from warehouse.run import withdraw as step

    _decide(step, batch, because, as_json)


def _decide(step: "Callable[[Settings, str, str, Progress], Report]", batch: str, because: str, as_json: bool) -> None:
    with terminal.progress(quiet=as_json) as progress:
        report = step(Settings(), batch, because, progress)
    _tell(report, as_json)


def _tell(report: "Report", as_json: bool) -> None:
    """Prints what a run did; raises StepError where a batch failed."""
    if as_json:
        terminal.print_json(vars(report))
    else:
        terminal.print_report(report.outcomes, report.seconds, report.manifest, Settings().published)
        if not report.outcomes:
            terminal.out.print(f"nothing new in {Settings().inbox}", markup=False, soft_wrap=True)
    if report.failures:
        raise StepError("\n\n".join(report.failures))


@app.command()
def land(source: SourceOption = "hf_listing", paths: PathsArgument = None, listed_on: ListedOnOption = None, as_json: JsonOption = False) -> None:
    """Keep files as they were received, and open a load for each; prints the batch ids."""
    from warehouse.land import land as land_files
    from warehouse.land import land_inbox

    batch_ids = land_files(Settings(), source, paths, _day(listed_on)) if paths else land_inbox(Settings(), source)
    terminal.print_result(batch_ids, "\n".join(batch_ids) or "nothing new in the inbox", as_json)


@app.command()
def parse(batches: BatchesArgument = None, as_json: JsonOption = False) -> None:
    """Turn landed batches into frames: papers, claims, links, rejects."""
    from warehouse.parse import parse as step

    _each(
        batches,
        lambda settings, batch: vars(step(settings, batch)),
        as_json,
        "{batch}: {paper_count} papers, {reject_count} rejects, {claim_count} claims, {link_count} links",
    )


@app.command()
def check(batches: BatchesArgument = None, as_json: JsonOption = False) -> None:
    """Let Great Expectations judge parsed batches."""
    from warehouse.check import check as step

    _each(batches, lambda settings, batch: vars(step(settings, batch)), as_json, "{batch}: passed {expectation_count} expectations, {page}")


@app.command()
def load(batches: BatchesArgument = None, as_json: JsonOption = False) -> None:
    """Put checked batches into the build database."""
    from warehouse.load import load as step

    _each(batches, lambda settings, batch: {"outcome": step(settings, batch)}, as_json, "{batch}: {outcome}")


def _each(batches: list[str] | None, step: Callable[[Settings, str], dict[str, Any]], as_json: bool, line: str) -> None:
    """Runs the step for each batch; one that fails does not keep the others from their turn."""
    from warehouse.batches import read_batch
    from warehouse.loads import open_batches

    settings = Settings()
    ids = [read_batch(settings, batch).batch_id for batch in batches] if batches else open_batches(settings)
    results, failures = [], []
    for batch in ids:
        try:
            results.append({"batch": batch} | step(settings, batch))
        except PaperhouseError as error:
            failures.append(error)
    terminal.print_result(results, "\n".join(line.format(**result) for result in results) or "no open batches", as_json)
    if failures:
        raise type(failures[0])("\n\n".join(str(failure) for failure in failures))


@app.command()
def build(full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Make every mart anew.")] = False, as_json: JsonOption = False) -> None:
    """Make the marts of what is loaded, with dbt, and test them."""
    from warehouse.build import build as step

    result = step(Settings(), full_refresh)
    kind = "everything" if result.is_full_refresh else "what is new"
    terminal.print_result(vars(result), f"build {result.build_number}: {kind}, {result.seconds:.1f} s", as_json)


@app.command()
def audit(
    because: Annotated[str | None, typer.Option("--because", help="Why no guardrail counts this time, as after a change of the models.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Let Great Expectations judge the marts, with guardrails against the last publication."""
    from warehouse.audit import audit as step

    result = step(Settings(), because)
    terminal.print_result(vars(result), f"build {result.build_number} passed {result.expectation_count} expectations, {result.page}", as_json)


@app.command()
def publish(as_json: JsonOption = False) -> None:
    """Show the audited marts to readers, in one atomic rename."""
    from warehouse.publish import publish as step

    settings = Settings()
    manifest = step(settings)
    terminal.print_result(manifest, f"publication {manifest['version']} in {settings.published}", as_json)


@app.command()
def status(as_json: JsonOption = False, limit: Annotated[int, typer.Option(help="How many of the last loads.")] = 10) -> None:
    """Loads, last publication, rejects, quarantine."""
    from warehouse.status import status as state_of

    state = state_of(Settings(), limit)
    if as_json:
        terminal.print_json(state)
    else:
        terminal.print_status(state)


@app.command()
def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Also read every landed and published file, and compare it with its SHA-256.")] = False,
    mend: Annotated[bool, typer.Option("--mend", help="Remove what runs that were killed left unfinished.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look at installation, disk, locks, databases, files, schedule and publication, and say how to mend what is wrong. Exit code 1: a fault."""
    from warehouse.doctor import doctor as findings_of
    from warehouse.doctor import mend as remove_litter

    if mend:
        remove_litter(Settings())
    findings = findings_of(Settings(), deep)
    if as_json:
        terminal.print_json([vars(finding) for finding in findings])
    else:
        terminal.print_findings(findings)
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(1)


PaperArgument = Annotated[list[str], typer.Argument(help="A paper's id, or words of its title.")]


@app.command()
def show(words: PaperArgument, as_json: JsonOption = False) -> None:
    """A paper with its claims marked in their sentences, and its links."""
    from warehouse.publication import open_publication
    from warehouse.show import find_papers, paper

    with open_publication(Settings()) as connection:
        found = find_papers(connection, " ".join(words))
        if len(found) > 1:
            terminal.print_result(found, "\n".join(f"{each['paper_id']}  {each['title']}" for each in found), as_json)
            return
        facts = paper(connection, found[0]["paper_id"])
    if as_json:
        terminal.print_json(facts)
    else:
        terminal.print_paper(facts)


@app.command()
def explain(
    claim_id: Annotated[str, typer.Argument(help="A claim's id, or the beginning of one; `show --json` and fct_claimed_metrics have them.")],
    as_json: JsonOption = False,
) -> None:
    """Why a claim is what it is: its sentence, tokens, numbers, form, and what the vocabularies know."""
    from warehouse.explain import explain_claim
    from warehouse.publication import open_publication

    with open_publication(Settings()) as connection:
        facts = explain_claim(connection, claim_id)
    if as_json:
        terminal.print_json(facts)
    else:
        terminal.print_explanation(facts)


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="A query; without one, DuckDB's own shell opens.")] = None, as_json: JsonOption = False
) -> None:
    """Ask the publication in SQL, read-only: its tables, macros and search are at hand, in the schema marts."""
    from warehouse.shell import open_shell
    from warehouse.shell import query as run_query

    if query is None:
        open_shell(Settings())
    else:
        terminal.print_table(run_query(Settings(), query), as_json)


MostOption = Annotated[int, typer.Option("--most", "-n", min=1, help="How many at most.")]


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="Words.")],
    claims: Annotated[bool, typer.Option("--claims", help="Search the sentences of claimed numbers, not titles and abstracts.")] = False,
    most: MostOption = 10,
    as_json: JsonOption = False,
) -> None:
    """Papers, or claims, by their words, the best match first."""
    from warehouse.publication import open_publication
    from warehouse.search import search as search_words

    with open_publication(Settings()) as connection:
        found = search_words(connection, " ".join(words), most, claims)
    terminal.print_found(found, words, as_json)


@app.command()
def similar(words: PaperArgument, most: MostOption = 10, as_json: JsonOption = False) -> None:
    """The papers that are nearest to one in meaning. Needs the extra `meaning`: make extras."""
    from warehouse.publication import open_publication
    from warehouse.search import similar as nearest

    with open_publication(Settings()) as connection:
        paper, found = nearest(connection, " ".join(words), most)
    if as_json:
        terminal.print_json(paper | {"similar": found})
    else:
        terminal.print_similar(paper, found)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; others than this machine's own need PAPERHOUSE_SERVE_TOKEN.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 9494,
) -> None:
    """Serve the publication to many readers, read-only, by DuckDB's Quack; new publications are shown without a restart."""
    from warehouse.serve import serve as serve_publications

    settings = Settings()
    with suppress(KeyboardInterrupt):
        serve_publications(settings, host, port, lambda line: terminal.out.print(line, markup=False, soft_wrap=True))


@app.command("metrics", context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def query_metrics(context: typer.Context) -> None:
    """MetricFlow on the publication: paperhouse metrics query --metrics claims_per_paper --group-by paper__paper_year. Needs: make extras."""
    from warehouse.metrics import metrics

    raise typer.Exit(metrics(Settings(), *(context.args or ["--help"])))


@app.command("digest")
def preview_digest(
    email: Annotated[str, typer.Argument(help="A subscriber's address, as in subscribers.yml.")],
    html: Annotated[Path | None, typer.Option(help="Write the HTML into this file.")] = None,
) -> None:
    """Show the digest that a subscriber would get as their first, without sending it."""
    from warehouse.digest import as_html, as_text, digest
    from warehouse.publication import open_publication
    from warehouse.subscribers import subscriber

    mails, reader = subscriber(Settings(), email)
    with open_publication(Settings()) as connection:
        news = digest(connection, reader)
    terminal.out.print(f"{news.subject or 'nothing new'}\n\n{as_text(news, mails.unsubscribe)}", markup=False, soft_wrap=True)
    if html:
        html.write_text(as_html(news, mails.unsubscribe), "utf-8")


@app.command("open")
def open_report() -> None:
    """Open the publication's report in the browser."""
    from warehouse.publication import publication_file

    page = publication_file(Settings()).with_name("report.html")
    terminal.out.print(str(page), markup=False, soft_wrap=True)
    typer.launch(page.as_uri())


GoldOption = Annotated[Path, typer.Option("--gold", help="The answers: a JSON object a line, with title and claims (or links).")]
FoldsOption = Annotated[
    int, typer.Option("--folds", min=1, help="Also score so many parts of the gold papers apart, to show how far the scores vary.")
]
ErrorsOption = Annotated[bool, typer.Option("--errors", help="Print every answer missed, every surplus and every wrong field.")]


@evaluate_app.command("claims")
def evaluate_claims(gold: GoldOption, errors: ErrorsOption = False, folds: FoldsOption = 1, as_json: JsonOption = False) -> None:
    """Run the extractor of claims on the published texts of the gold papers, and score it."""
    _evaluate("claims", gold, errors, folds, as_json)


@evaluate_app.command("links")
def evaluate_links(gold: GoldOption, errors: ErrorsOption = False, folds: FoldsOption = 1, as_json: JsonOption = False) -> None:
    """Run the extractor of links on the published texts of the gold papers, and score it."""
    _evaluate("links", gold, errors, folds, as_json)


def _evaluate(kind: str, gold: Path, errors: bool, folds: int, as_json: bool) -> None:
    from warehouse.evaluate import evaluate
    from warehouse.publication import open_publication

    with open_publication(Settings()) as connection:
        evaluation = evaluate(connection, kind, gold, folds)
    terminal.print_evaluation(evaluation, errors, as_json)


@export_app.command("claims")
def export_claims(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a paper and line: the only format so far.")] = False,
    optional: Annotated[bool, typer.Option("--optional", help="With the claims of the borderline class.")] = False,
) -> None:
    """Write each published paper's claims to standard output, in the format of the gold files."""
    from warehouse.evaluate import exported_claims
    from warehouse.publication import open_publication

    if not jsonl:
        raise UsageError("no format is named", "Next: paperhouse export claims --jsonl")
    with open_publication(Settings()) as connection:
        for line in exported_claims(connection, optional):
            terminal.print_json_line(line)


@airflow_app.command("run")
def airflow_run(paths: PathsArgument = None, source: SourceOption = "hf_listing") -> None:
    """One run of both DAGs by Airflow, without a server that stays: what `make run` does."""
    from warehouse.orchestration import run_dags
    from warehouse.publication import manifest

    settings = Settings()
    failure: PaperhouseError | None = None
    seconds: dict[str, float] = {}
    with terminal.spinner() as say:
        try:
            seconds = run_dags(settings, source, [str(path) for path in paths or []], say)
        except StepError as error:
            failure = error
    terminal.print_report({}, seconds, manifest(settings) if not failure else None, settings.published)
    if failure:
        raise failure


@airflow_app.command("up")
def airflow_up() -> None:
    """Start the scheduler and the web UI on this machine, with both DAGs on."""
    from warehouse.orchestration import up

    settings = Settings()
    with terminal.spinner() as say:
        url = up(settings, say)
    terminal.out.print(
        f"Airflow is up: {url}\nuser and password: {settings.airflow_home / 'passwords.json'}\ninbox: {settings.inbox}\nstop it with: make down",
        highlight=False,
        soft_wrap=True,
    )


@airflow_app.command("down")
def airflow_down() -> None:
    """Stop what `up` started."""
    from warehouse.orchestration import down

    terminal.out.print("Airflow is stopped" if down(Settings()) else "Airflow was not running")


@airflow_app.command("cli", context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def airflow_cli(context: typer.Context) -> None:
    """Airflow's own command line, in paperhouse's environment: paperhouse airflow cli dags list"""
    from warehouse.orchestration import airflow, airflow_process

    with airflow_process(Settings()):
        pass  # Airflow's own database is there
    raise typer.Exit(airflow(Settings(), *context.args))


def main() -> None:
    """Runs the command line; people's mistakes and failed steps end in a message, not in a traceback."""
    try:
        app()
    except PaperhouseError as error:
        terminal.err.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except ValidationError as error:
        terminal.err.print(f"[bold red]error:[/] a setting is wrong: {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(2)
    except Exception as error:
        _tell_unexpected(error)
        sys.exit(1)


def _tell_unexpected(error: Exception) -> None:
    """The machine's troubles in words; of anything else a line, with its traceback in a file for who mends it."""
    known = told(error)
    if known is None and isinstance(error, OSError | duckdb.Error):
        known = StepError(str(error))
    if known is None:
        file = Settings().logs / "traceback.txt"
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(traceback.format_exception(error)), "utf-8")
        known = StepError(f"{type(error).__name__}: {error}", f"This should not happen; the traceback is in {file}")
    terminal.err.print(f"[bold red]error:[/] {escape(str(known))}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
