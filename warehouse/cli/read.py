"""Commands that read the publication and serve it."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from warehouse.cli import console, options, render
from warehouse.errors import UsageError
from warehouse.settings import Settings

commands = typer.Typer()
export_commands = typer.Typer(help="Export published tables.", no_args_is_help=True)
commands.add_typer(export_commands, name="export", rich_help_panel=options.READ)


@commands.command(
    rich_help_panel=options.READ,
    epilog=options.example("paperhouse show qlora"),
)
def show(words: options.Paper, as_json: options.Json = False) -> None:
    """Show a paper with its claims and links."""
    from warehouse.readers.papers import find_papers, read_papers
    from warehouse.storage.publication import open_publication

    with open_publication(Settings()) as connection:
        found = find_papers(connection, " ".join(words))
        if len(found) > 1:
            console.print_result(found, "\n".join(f"{each['paper_id']}  {each['title']}" for each in found), as_json)
            return
        (paper,) = read_papers(connection, [found[0]["paper_id"]]).values()
    console.print_result(paper, render.print_paper, as_json)


@commands.command(
    rich_help_panel=options.READ,
    epilog=options.example("paperhouse explain 9c1f"),
)
def explain(
    claim_id: Annotated[
        str,
        typer.Argument(
            help="The id of a claim or of a table's cell, or its beginning: see `show --json`, fct_table_cells."
        ),
    ],
    as_json: options.Json = False,
) -> None:
    """Explain a claim: its sentence, tokens, numbers, form and vocabulary entries; or a cell: what it may be about."""
    from warehouse.readers.explain import explain_claim
    from warehouse.readers.explain_cells import explain_cell, is_cell
    from warehouse.storage.publication import open_publication

    settings = Settings()
    with open_publication(settings) as connection:
        if is_cell(connection, claim_id):
            facts = explain_cell(settings, connection, claim_id)
            console.print_result(facts, render.print_cell_explanation, as_json)
        else:
            console.print_result(explain_claim(connection, claim_id), render.print_explanation, as_json)


@commands.command(
    rich_help_panel=options.READ, epilog=options.example('paperhouse sql "select count(*) from fct_papers"')
)
def sql(
    query: Annotated[str | None, typer.Argument(help="A query. Default: open DuckDB's shell.")] = None,
    mode: Annotated[render.Mode, typer.Option("--mode", help="How rows are shown.")] = "box",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write them to a file: csv, json or parquet.", dir_okay=False)
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Query the publication in SQL, read-only; its tables, macros and search are in the schema marts."""
    from warehouse.readers.shell import open_shell, run_query

    if query is None:
        open_shell(Settings())
        return
    if as_json:
        mode = "json"
    if output and mode not in ("csv", "spreadsheet", "json", "parquet"):
        raise UsageError(
            f"--mode {mode} is for the terminal", "With --output: --mode csv, spreadsheet, json or parquet"
        )
    if mode == "parquet" and not output:
        raise UsageError("Parquet is not for the terminal", "Name a file: --output FILE")
    run_query(Settings(), query, lambda relation: render.print_relation(relation, mode, output))


@commands.command(
    rich_help_panel=options.READ,
    epilog=options.example("paperhouse search contrastive learning --year 2020"),
)
def search(
    words: Annotated[list[str], typer.Argument(help="Words of titles, abstracts and claims.")],
    claims: Annotated[bool, typer.Option("--claims", help="Search the sentences of claims.")] = False,
    year: Annotated[int | None, typer.Option("--year", help="Only papers published in that year.")] = None,
    venue: Annotated[str | None, typer.Option("--venue", help="Only papers of that venue, such as ICLR.")] = None,
    category: Annotated[
        str | None, typer.Option("--category", help="Only papers in that category of arXiv, such as cs.CL.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only papers that this source lists.")] = None,
    code: Annotated[bool | None, typer.Option("--code/--no-code", help="Only papers with code, or without.")] = None,
    limit: options.Limit = 10,
    most: options.Most = None,
    as_json: options.Json = False,
) -> None:
    """Search papers or claims by words, best match first."""
    from warehouse.readers.search import Filters
    from warehouse.readers.search import search as search_words
    from warehouse.storage.publication import open_publication

    with open_publication(Settings()) as connection:
        filters = Filters(year, venue, category, code, source)
        found = search_words(connection, " ".join(words), most or limit, claims, filters)
    render.print_search_results(found, words, as_json)


@commands.command(
    rich_help_panel=options.READ,
    epilog=options.example("paperhouse diff 41 42"),
)
def diff(
    old: Annotated[int | None, typer.Argument(help="A publication. Default: the one before.")] = None,
    new: Annotated[int | None, typer.Argument(help="A later one. Default: the last.")] = None,
    limit: options.Limit = 20,
    as_json: options.Json = False,
) -> None:
    """Tell what changed from one publication to another: papers, heads of leaderboards, single numbers."""
    from warehouse.publishing.changes import read_changes

    found = read_changes(Settings(), old, new)
    console.print_result(found, lambda found: render.print_changes(found, limit), as_json)


@commands.command(
    rich_help_panel=options.READ,
    epilog=options.example("paperhouse similar qlora"),
)
def similar(
    words: options.Paper, limit: options.Limit = 10, most: options.Most = None, as_json: options.Json = False
) -> None:
    """Find papers of similar meaning; requires `make extras`."""
    from warehouse.readers.search import find_similar
    from warehouse.storage.publication import open_publication

    with open_publication(Settings()) as connection:
        paper, found = find_similar(connection, " ".join(words), most or limit)
    if as_json:
        console.print_json(paper | {"similar": found})
    else:
        render.print_similar(paper, found)


@commands.command(
    "metrics",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    rich_help_panel=options.READ,
    epilog=options.example("paperhouse metrics query --metrics claims --group-by metric_time__year"),
)
def query_metrics(context: typer.Context) -> None:
    """Query metrics with MetricFlow; requires `make extras`."""
    from warehouse.readers.metrics import is_installed, run_metricflow

    if not context.args or context.args == ["--help"]:  # MetricFlow's own would need a publication
        more = "--help behind one of them explains it" if is_installed() else "it is not installed; next: make extras"
        console.print_line(
            "Usage: paperhouse metrics [ARGUMENTS of MetricFlow's `mf`]\n\nAsks for metrics of the semantic layer, as: "
            "paperhouse metrics query --metrics claims --group-by metric_time\n\nMetricFlow answers, with the commands "
            f"query, list, validate-configs and others: {more}."
        )
        return
    raise typer.Exit(run_metricflow(Settings(), *context.args))


@commands.command(
    "open",
    rich_help_panel=options.READ,
    epilog=options.example("paperhouse open"),
)
def open_report() -> None:
    """Open the publication's report in the browser."""
    from warehouse.storage.publication import publication_file

    page = publication_file(Settings()).with_name("report.html")
    console.print_line(str(page))
    typer.launch(page.as_uri())


@commands.command(
    rich_help_panel=options.SERVE,
    epilog=options.example("paperhouse web --port 8000"),
)
def web(
    host: Annotated[str, typer.Option(help="The address to listen on. Who can reach it can read the publication.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 picks a free one.")] = 8000,
    export: Annotated[
        Path | None, typer.Option(help="Write the site into this folder instead, for any static host.", file_okay=False)
    ] = None,
    query: Annotated[
        bool, typer.Option("--query/--no-query", help="With --export: a page for queries; it needs the npm registry.")
    ] = True,
    edit: Annotated[
        bool,
        typer.Option("--edit", help="Offer /review, where rows are answered, to who has the token in its address."),
    ] = False,
) -> None:
    """Show the publication as a site; new publications appear without a restart."""
    if export:
        from warehouse.web.export import export_site

        with console.progress(quiet=False) as progress:
            count = export_site(Settings(), export, query, progress)
        console.print_line(f"{count:,} files in {export}; open {export / 'index.html'}")
        return
    from warehouse.web.server import serve_site

    with suppress(KeyboardInterrupt):
        serve_site(Settings(), host, port, console.print_line, edit)


@commands.command(
    rich_help_panel=options.SERVE,
    epilog=options.example("paperhouse serve --port 8123"),
)
def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; other than loopback requires PAPERHOUSE_SERVE_TOKEN.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 9494,
) -> None:
    """Serve the publication to DuckDB clients, read-only; new publications appear without a restart."""
    from warehouse.readers.serve import serve as serve_publications

    with suppress(KeyboardInterrupt):
        serve_publications(Settings(), host, port, console.print_line)


@commands.command(
    "mcp",
    rich_help_panel=options.SERVE,
    epilog=options.example("paperhouse mcp --http --port 8124"),
)
def serve_mcp(
    http: Annotated[bool, typer.Option("--http", help="Over HTTP instead of standard input and output.")] = False,
    host: Annotated[
        str, typer.Option(help="The address to listen on; other than loopback requires PAPERHOUSE_MCP_TOKEN.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8124,
) -> None:
    """Serve the publication to agents, read-only, by the Model Context Protocol (docs/agents.md)."""
    from warehouse.agents.server import make_server, serve_agents

    with suppress(KeyboardInterrupt):
        if http:
            serve_agents(Settings(), host, port, console.print_line)
        else:
            make_server(Settings()).run("stdio")


@commands.command(
    "digest",
    rich_help_panel=options.SERVE,
    epilog=options.example("paperhouse digest reader@example.org --html digest.html"),
)
def preview_digest(
    email: Annotated[str, typer.Argument(help="A subscriber's address in subscribers.yml.")],
    html: Annotated[Path | None, typer.Option(help="Write the HTML into this file.")] = None,
) -> None:
    """Preview a subscriber's first digest without sending it."""
    from warehouse.digest.letters import as_html, as_text, digest
    from warehouse.digest.mailing import read_last_changes
    from warehouse.digest.subscribers import read_subscriber
    from warehouse.storage.publication import open_publication

    mails, reader = read_subscriber(Settings(), email)
    with open_publication(Settings()) as connection:
        news = digest(connection, reader, changes=read_last_changes(Settings(), connection))
    console.print_line(f"{news.subject or 'nothing new'}\n\n{as_text(news, mails.unsubscribe)}")
    if html:
        html.write_text(as_html(news, mails.unsubscribe), "utf-8")


@export_commands.command(
    "claims",
    epilog=options.example("paperhouse export claims --jsonl"),
)
def export_claims(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Write a JSON object a paper; the only format.")] = False,
    optional: Annotated[bool, typer.Option("--optional", help="Include optional claims.")] = False,
) -> None:
    """Write the claims of each published paper to standard output."""
    from warehouse.evaluation.export import export_claims as iter_lines
    from warehouse.storage.publication import open_publication

    if not jsonl:
        raise UsageError("no format is given", "Next: paperhouse export claims --jsonl")
    with open_publication(Settings()) as connection:
        for line in iter_lines(connection, optional):
            console.print_json_line(line)


@export_commands.command(
    "every-eval-ever",
    epilog=options.example("paperhouse export every-eval-ever records"),
)
def export_every_eval_ever(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
) -> None:
    """Write the leaderboards' sure rows as records of Every Eval Ever, with paper and evidence."""
    from warehouse.operations.evaluations import export_records

    count = export_records(Settings(), folder)
    console.print_line(
        f"{count:,} records in {folder}; check them: every_eval_ever validate {folder}/data/*/*/*/*.json"
    )


@export_commands.command(
    "hf-results",
    epilog=options.example("paperhouse export hf-results pull-requests"),
)
def export_hf_results(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
) -> None:
    """Write .eval_results files for the model repositories on the Hugging Face Hub that papers name."""
    from warehouse.operations.evaluations import export_hub_results

    count = export_hub_results(Settings(), folder)
    console.print_line(f"{count:,} files in {folder}; each belongs into the model's repository, by a pull request")


@export_commands.command(
    "release",
    epilog=options.example("paperhouse export release releases/42"),
)
def export_release(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
) -> None:
    """Freeze the publication into a folder that can be cited: tables, dictionary, Croissant, sums, licences."""
    from warehouse.operations.releases import make_release

    with console.progress(quiet=False) as progress:
        version = make_release(Settings(), folder, progress)
    console.print_line(f"publication {version} is in {folder}; check it: cd {folder} && sha256sum -c SHA256SUMS")


@export_commands.command(
    "results",
    epilog=options.example("paperhouse export results --jsonl"),
)
def export_results(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Write a JSON object a paper; the only format.")] = False,
) -> None:
    """Write, for each paper with an e-print, what a leaderboard would take of its tables, to standard output."""
    from warehouse.evaluation.results import export_results as iter_lines
    from warehouse.storage.publication import open_publication

    if not jsonl:
        raise UsageError("no format is given", "Next: paperhouse export results --jsonl")
    with open_publication(Settings()) as connection:
        for line in iter_lines(connection):
            console.print_json_line(line)
