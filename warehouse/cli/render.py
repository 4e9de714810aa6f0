"""What commands print: reports, tables, papers, explanations and scores."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import datetime
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb
from rich.table import Column, Table
from rich.text import Text

from transforms.evaluation import Scores
from transforms.text.repair import clean
from warehouse.cli.console import out, print_json, print_line
from warehouse.readers.marking import mark_section
from warehouse.storage.files import temporary_folder, write_json
from warehouse.storage.publication import read_row_counts

if TYPE_CHECKING:
    from warehouse.evaluation.boards import Shown
    from warehouse.evaluation.judging import Judged
    from warehouse.evaluation.results import Rate, ResultScores
    from warehouse.evaluation.scoring import Evaluation
    from warehouse.operations.describe import Fit
    from warehouse.operations.doctor import Finding

_LOAD_COLUMNS = {
    "batch_id": "batch", "source": "source", "original_name": "file", "started_at": "started", "outcome": "outcome",
    "paper_count": "papers", "reject_count": "rejects", "claim_count": "claims", "link_count": "links",
}  # fmt: skip
_FRESHNESS_COLUMNS = {
    "source": "source", "state": "state", "last_loaded_at": "last loaded", "age_days": "days ago",
    "schedule": "schedule (UTC)",
    "due_at": "next was due",
}  # fmt: skip
_MAX_ROWS = 40  # of a query, on a terminal, as DuckDB's shell has them
Mode = Literal["box", "line", "csv", "spreadsheet", "json", "markdown", "parquet"]
_MAX_VALUE = 160  # characters of a record's field
_FIELD_COLUMNS = {"field": "field", "types": "types, with how often"}
_STYLES = {"ok": "green", "warning": "yellow", "fault": "bold red"}


def print_report(
    outcomes: dict[str, str], seconds: dict[str, float], manifest: dict[str, Any] | None, published: Path
) -> None:
    """Outcomes of batches, wall times, and the publication's rows, where there was one."""
    for batch_id, outcome in outcomes.items():
        way_back = f"; if it is to come back: paperhouse retry {batch_id}" if outcome == "withdrawn" else ""
        out.print(f"batch {batch_id}: {outcome}{way_back}", soft_wrap=True)
    if seconds:
        out.print(
            ", ".join(f"{step} {taken:.1f} s" for step, taken in seconds.items())
            + f"; {sum(seconds.values()):.1f} s in all"
        )
    if manifest:
        print_publication(manifest["version"], manifest["published_at"], read_row_counts(manifest))
        out.print(
            "look at it: make web, or .venv/bin/paperhouse search WORDS\n"
            f"query it, read-only: {published / 'paperhouse.duckdb'}",
            markup=False,
            soft_wrap=True,
        )


def print_publication(version: int, published_at: str, counts: dict[str, int]) -> None:
    out.print(f"publication {version} of {datetime.fromisoformat(published_at).astimezone():%Y-%m-%d %H:%M %Z}")
    table = Table("table", Column("rows", justify="right"))
    for name, count in sorted(counts.items()):
        table.add_row(name, f"{count:,}")
    out.print(table)


def print_status(state: dict[str, Any]) -> None:
    print_line(f"home: {state['home']}")
    if publication := state["publication"]:
        print_publication(publication["version"], publication["published_at"], publication["row_counts"])
    else:
        out.print("nothing is published yet; next: make run, or paperhouse run --source NAME PATH")
    if state["busy"]:
        print_line(f"what follows is as of the publication: {state['busy']}")
    if state["freshness"]:
        _print_rows("sources", state["freshness"], _FRESHNESS_COLUMNS)
    if state["loads"]:
        _print_rows("last loads", state["loads"], _LOAD_COLUMNS)
    for load in state["loads"]:
        if load["outcome"] == "failed":
            out.print(
                f"{load['batch_id']} failed: {load['message']}\n  page: {Path(state['home']) / load['check_page']}",
                markup=False,
                soft_wrap=True,
            )
    if state["rejects"]:
        _print_rows("rejects", state["rejects"], {"reason": "reason", "reject_count": "rejects"})
    _print_reading(state)
    for batch_id, why in state["quarantine"].items():
        reason = f" ({clean(why['original_name'])}): {clean(why['reason'])}" if why else ""
        print_line(f"in quarantine: {batch_id}{reason}")


def _print_reading(state: dict[str, Any]) -> None:
    """What people said of numbers, and what nobody knows of metrics."""
    if state["corrections"]:
        print_line("corrections: " + ", ".join(f"{count} {name}" for name, count in state["corrections"].items()))
    if state["unknown_metrics"]:
        named = ", ".join(f"{clean(each['metric'])} ({each['results']})" for each in state["unknown_metrics"])
        print_line(f"metrics whose direction is not known, with most results: {named}")


def print_relation(relation: duckdb.DuckDBPyRelation | None, mode: Mode, output: Path | None) -> None:
    """The rows of a query. As a box: as DuckDB's shell shows them, the first and the last, as wide as the terminal; in
    other modes all of them. csv, json and parquet may go to a file."""
    if relation is None:
        out.print("no rows")
    elif mode == "parquet":
        relation.to_parquet(str(output), compression="zstd")
    elif mode == "csv":
        _write_csv(relation, output)
    elif mode == "spreadsheet":
        _write_csv(_without_formulas(relation), output)
    elif mode == "json":
        rows = [dict(zip(relation.columns, row, strict=True)) for row in _each_row(relation)]
        write_json(output, rows) if output else print_json(rows)
    else:
        {"box": _print_box, "line": _print_lines, "markdown": _print_markdown}[mode](relation)


def _write_csv(relation: duckdb.DuckDBPyRelation, output: Path | None) -> None:
    """To the file, or to standard output as it is: DuckDB would open that anew, and erase what a file behind it has."""
    if output:
        relation.to_csv(str(output))
        return
    with temporary_folder(Path(tempfile.gettempdir()), "paperhouse") as folder:
        relation.to_csv(str(folder / "rows.csv"))
        sys.stdout.flush()
        with (folder / "rows.csv").open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.flush()


def _without_formulas(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The rows, whose texts no spreadsheet takes for a formula: what begins like one has an apostrophe before it.
    Source: https://owasp.org/www-community/attacks/CSV_Injection"""
    columns = [
        f"if(regexp_matches({name}, '^[=+@\\t\\r-]'), chr(39) || {name}, {name}) as {name}"
        if kind == "VARCHAR"
        else name
        for name, kind in zip(map(_quoted_name, relation.columns), map(str, relation.types), strict=True)
    ]
    return relation.project(", ".join(columns))


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _print_box(relation: duckdb.DuckDBPyRelation) -> None:
    with redirect_stdout(StringIO()) as box:
        relation.show(max_width=out.width, max_rows=_MAX_ROWS)
    print_line(box.getvalue().rstrip())


def _print_markdown(relation: duckdb.DuckDBPyRelation) -> None:
    for cells in chain([relation.columns, ["---"] * len(relation.columns)], _each_row(relation)):
        print_line("| " + " | ".join(_one_line(cell).replace("|", "\\|") for cell in cells) + " |")


def _print_lines(relation: duckdb.DuckDBPyRelation) -> None:
    width = max(map(len, relation.columns))
    for row in _each_row(relation):
        lines = (f"{name:>{width}} = {_one_line(cell)}" for name, cell in zip(relation.columns, row, strict=True))
        print_line("\n".join([*lines, ""]))


def _each_row(relation: duckdb.DuckDBPyRelation) -> Iterator[tuple[Any, ...]]:
    while rows := relation.fetchmany(1000):
        yield from rows


def _one_line(cell: Any) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def print_search_results(found: list[dict[str, Any]], words: list[str], as_json: bool) -> None:
    """What a search found: title, facts, and the sentence that matches, with the words marked on a terminal."""
    if as_json:
        print_json(found)
        return
    for each in found:
        facts = (
            f"{each['value_text']} {each['metric'] or ''}  {each['claim_id']}"
            if "claim_id" in each
            else f"{each['claim_count']} claims"
        )
        sentence = Text(f"  {clean(each.get('snippet') or each.get('evidence') or '')}")
        sentence.highlight_words(words, "bold", case_sensitive=False)
        out.print(
            Text.assemble((clean(each["title"]), "bold"), f"  {facts}  ", (each["paper_id"], "dim")), soft_wrap=True
        )
        out.print(sentence, soft_wrap=True)
    if not found:
        out.print("nothing holds these words; they are compared by their stems, one by one")


def print_similar(paper: dict[str, Any], found: list[dict[str, Any]]) -> None:
    print_line(f"nearest to: {clean(paper['title'])}")
    for each in found:
        print_line(f"{each['similarity']:.2f}  {clean(each['title'])}  {each['paper_id']}")


def print_findings(findings: "list[Finding]") -> None:
    for finding in findings:
        out.print(
            Text.assemble((f"{finding.state:<8}", _STYLES[finding.state]), f"{finding.what}: {clean(finding.message)}"),
            soft_wrap=True,
        )
        if finding.hint:
            print_line(f"        → {finding.hint}")


def print_corrections(found: list[dict[str, Any]]) -> None:
    if not found:
        print_line("nobody has said anything of a number yet; next: paperhouse review --author NAME")
        return
    columns = {
        "target": "a number of", "judged": "looked at", "right_count": "right", "wrong_count": "wrong",
        "changed_count": "changed", "share_right": "share right",
    }  # fmt: skip
    _print_rows("what people say of numbers", found, columns)


def _print_rows(title: str, rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    """A table of the rows; columns: which, and under what heading."""
    out.print(title)
    table = Table(*columns.values())
    for row in rows:
        table.add_row(*(Text(_cell(row[column])) for column in columns))
    out.print(table)


def _cell(value: Any) -> str:
    """Instants in the reader's own time zone, as they are UTC in the data."""
    if value is None:
        return ""
    return f"{value.astimezone():%Y-%m-%d %H:%M}" if isinstance(value, datetime) else clean(str(value))


def print_evaluation(evaluation: "Evaluation", errors: bool, as_json: bool) -> None:
    """Precision, recall and F1, each field's accuracy, how far confidence can be relied on and, where asked for, parts
    and errors."""
    scores = evaluation.scores
    summary, reliability = scores.summary() | {"papers_not_published": evaluation.absent}, scores.reliability()
    if as_json:
        parts = [part.summary() for part in evaluation.parts]
        print_json(
            summary | {"reliability": reliability, "parts": parts} | ({"errors": scores.errors} if errors else {})
        )
        return
    if errors:
        print_line("\n".join(scores.errors))
    if evaluation.absent:
        named = "; ".join(evaluation.absent[:3])
        print_line(f"{len(evaluation.absent)} gold papers are not in the publication, and count as empty: {named} …")
    out.print(
        f"gold {summary['gold']}  predicted {summary['predicted']}  precision {summary['precision']:.3f}  "
        f"recall {summary['recall']:.3f}"
    )
    out.print("F1: " + "  ".join(f"{name} {summary[name]:.3f}" for name in ("found", "strict", "full")))
    out.print("right among found: " + "  ".join(f"{name} {share:.3f}" for name, share in summary["fields"].items()))
    if evaluation.parts:
        table = Table("part", *(Column(name, justify="right") for name in ("gold", "found", "strict", "full")))
        for i, part in enumerate(map(Scores.summary, evaluation.parts), start=1):
            table.add_row(str(i), str(part["gold"]), *(f"{part[name]:.3f}" for name in ("found", "strict", "full")))
        out.print(table)
    if reliability and any(row["mean"] for row in reliability):
        table = Table(*(Column(name, justify="right") for name in reliability[0]))
        for row in reliability:
            table.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row.values()))
        out.print(table)


def print_judged(judged: "Judged") -> None:
    """What was learned from judged rows."""
    print_line(
        f"{judged.rows} rows, {judged.lost} are not taken any more; of {judged.shown} above {judged.threshold:.2f} "
        f"{judged.right} are right, in cross-validation over papers"
    )


def print_board_scores(scores: "dict[str, Shown]") -> None:
    """By split and evidence: rows, those that boards show as sure, and what is right of both."""
    numbers = (Column(name, justify="right") for name in ("rows", "right", "gone", "shown", "right of them"))
    table = Table("split, evidence", *numbers)
    for name, part in scores.items():
        precision = f"{part.shown_right} ({part.shown_right / part.shown:.2f})" if part.shown else "0"
        table.add_row(name, *map(str, (part.rows, part.right, part.gone, part.shown)), precision)
    out.print(table)


def print_result_scores(scores: "ResultScores", absent: list[str], errors: bool, as_json: bool) -> None:
    """Accuracy over papers, F1 of each field and whole results."""
    if as_json:
        print_json(
            {
                "papers": scores.paper_count,
                "gold": scores.annotated_count,
                "predicted": scores.found_count,
                "accuracy": scores.accuracy,
                "papers_not_published": absent,
                "clef": {
                    kind: {"overall": _rate(rate)} | {name: _rate(each) for name, each in scores.fields[kind].items()}
                    for kind, rate in scores.overall.items()
                },
                "whole": {level: _rate(rate) for level, rate in scores.whole.items()},
            }
            | ({"errors": [list(error) for error in scores.errors]} if errors else {})
        )
        return
    if errors:
        for arxiv_id, kind, result in scores.errors:
            named = " / ".join(clean(str(result.get(name) or "-")) for name in ("task", "dataset", "metric", "score"))
            print_line(f"{arxiv_id}: {kind} {named}")
    if absent:
        print_line(
            f"{len(absent)} gold papers are not in the publication, and count as empty: {'; '.join(absent[:3])} …"
        )
    out.print(
        f"papers {scores.paper_count}  gold {scores.annotated_count}  predicted {scores.found_count}  "
        f"accuracy {scores.accuracy:.3f}"
    )
    table = Table("F1 of 100", *(Column(name, justify="right") for name in ("F1", "precision", "recall")))
    for kind, rate in scores.overall.items():
        table.add_row(f"as CLEF, {kind}", *_shares(rate))
        for name, each in scores.fields[kind].items():
            table.add_row(f"  {name}", *_shares(each))
    for level, rate in scores.whole.items():
        table.add_row(f"whole results, {level}", *_shares(rate))
    out.print(table)


def _rate(rate: "Rate") -> dict[str, float]:
    return {"f1": rate.f1, "precision": rate.precision, "recall": rate.recall}


def _shares(rate: "Rate") -> list[str]:
    return [f"{100 * share:.2f}" for share in (rate.f1, rate.precision, rate.recall)]


def print_cell_explanation(cell: dict[str, Any]) -> None:
    """A number of a table with its place, what it may be about, and what spoke for and against taking it."""
    out.print(f"{cell['cell_id']}  {clean(cell['title'])}", style="bold", markup=False, highlight=False)
    where = f"Table {cell['table_number']}" if cell["table_number"] else "a table without a number"
    print_line(clean(f"{where}: {cell['caption'] or 'no caption'}"))
    path = " / ".join([*cell["row_path"], "|", *cell["column_path"]])
    print_line(clean(f"{cell['value_text']}, row and column {path}; {cell['file']}, line {cell['line']}"))
    print_line(f"the paper reports results: {cell['reports_results']:.2f}; the number is one: {cell['cell_score']:.2f}")
    numbers = (Column(name, justify="right") for name in ("about", "on the leaderboard"))
    table = Table("task", "dataset", "metric", *numbers)
    for each in cell["proposals"]:
        named = (Text(clean(each[name])) for name in ("task", "dataset", "metric"))
        table.add_row(*named, f"{each['about']:.2f}", f"{each['on_leaderboard']:.2f}")
    out.print(table)
    if choice := cell["choice"]:
        named_choice = ", ".join(clean(choice[name]) for name in ("task", "dataset", "metric"))
        print_line(f"would be taken for {named_choice}: {choice['confidence']:.2f}")
        features = Table("feature", *(Column(name, justify="right") for name in ("value", "adds to log-odds")))
        for each in choice["features"]:
            features.add_row(each["feature"], f"{each['value']:.3g}", f"{each['log_odds']:+.2f}")
        out.print(features)


def print_explanation(claim: dict[str, Any]) -> None:
    """A claim's sentence, its tokens by class, the numbers in it, the form behind it, and what was made of it."""
    out.print(f"{claim['claim_id']}  {clean(claim['title'])}", style="bold", markup=False, highlight=False)
    print_line(clean(claim["evidence"]))
    tokens = Table("token", "classes", "known as")
    for token in claim["tokens"]:
        tokens.add_row(*(Text(_cell(cell)) for cell in (token["text"], ", ".join(token["classes"]), token["known_as"])))
    out.print(tokens)
    numbers = Table("number", "unit", "form")
    for number in claim["candidates"]:
        numbers.add_row(*(Text(_cell(number[name])) for name in ("text", "unit", "form")))
    out.print(numbers)
    proposals = Table("proposed", "probability")
    for name in ("metrics", "dataset_lists"):
        for proposal in claim[name]:
            label = f"{name.removesuffix('s').replace('_', ' ')}: {proposal['text'] or 'none'}"
            proposals.add_row(Text(_cell(label)), f"{proposal['probability']:.2f}")
    out.print(proposals)
    form = claim["form"] or {}
    for name in ("before", "after", "metric_side", "example"):
        print_line(f"{name}: {form.get(name) or ''}")
    fields = (
        "kind",
        "direction",
        "bound",
        "metric",
        "metric_text",
        "subject",
        "comparator",
        "datasets",
        "dataset_texts",
        "confidence",
        "rule",
        "extractor_version",
    )
    out.print(
        "  ".join(f"{name} {claim[name]}" for name in fields if claim[name] not in (None, [])),
        markup=False,
        soft_wrap=True,
    )


def print_fits(file: Path, fits: list["Fit"]) -> None:
    """The source that fits a file best, with what it reads of it, then what the others say."""
    best, *others = fits
    if best.problem:
        print_line(f"no source fits {file}. A source of your own: docs/adding.md")
        others = fits
    else:
        _print_fit(file, best)
    if others:
        out.print("other sources")
    for other in others:
        seen = other.problem or f"would read it too: {_seen(other)}"
        print_line(f"  {other.source}: {seen}")


def _print_fit(file: Path, fit: "Fit") -> None:
    print_line(f"{fit.source}{f' ({fit.format})' if fit.format else ''}: {_seen(fit)}")
    _print_rows("read", [{"field": name, "types": _counted(types)} for name, types in fit.read.items()], _FIELD_COLUMNS)
    if fit.unread:
        unread = [{"field": name, "types": f"{count:,}"} for name, count in fit.unread.items()]
        _print_rows("left unread", unread, _FIELD_COLUMNS | {"types": "entries that have it"})
    for number, record in enumerate(fit.records, 1):
        print_line(f"record {number}")
        for name, value in record.items():
            print_line(f"  {name}: {_one_line(value)[:_MAX_VALUE]}")
    print_line(f"Next: paperhouse run --source {fit.source} {file}")


def _seen(fit: "Fit") -> str:
    counts = {
        "papers": fit.paper_count,
        "results": fit.result_count,
        "methods or datasets": fit.term_count,
        "checks of links": fit.link_check_count,
        "corrections": fit.correction_count,
        "tables": fit.table_count,
        "numbers in tables": fit.table_cell_count,
        "results of tables": fit.table_result_count,
    }
    found = [f"{count:,} {name}" for name, count in counts.items() if count]
    return ", ".join([f"{fit.entry_count:,} entries in the first piece", *found, f"{fit.reject_count:,} rejects"])


def _counted(types: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in types.items())


def print_paper(paper: dict[str, Any]) -> None:
    """Title, facts, abstract with every claim and link marked in its place, then a table of the claims."""
    out.print(_marked(paper, "title", "bold") if paper["title"] else Text(paper["paper_id"], style="bold"))
    facts = {
        "id": paper["paper_id"],
        "published": str(paper["published_on"] or "")[: 7 if paper["published_precision"] == "month" else None],
        "listed": paper["last_listed_on"],
        "doi": paper["doi"],
    }
    out.print("  ".join(f"{name} {value}" for name, value in facts.items() if value), style="dim", markup=False)
    if paper["abstract"]:
        out.print(_marked(paper, "abstract", ""))
    if paper["claims"]:
        table = Table("value", "unit", "kind", "bound", "metric", "whose", "than", "on")
        for claim in paper["claims"]:
            kind = f"{claim['kind']} {claim['direction'] or ''}".strip()
            cells = [
                claim["value_text"],
                claim["unit"],
                kind,
                claim["bound"],
                claim["metric"],
                claim["subject"],
                claim["comparator"],
                ", ".join(claim["datasets"]),
            ]
            table.add_row(*(Text(_cell(cell)) for cell in cells))
        out.print(table)
    for link in paper["links"]:
        checked = f"; {link['state']} on {link['last_checked_at']:%Y-%m-%d}" if link["state"] else ""
        print_line(f"{link['kind']}: {link['url'] or link['url_text']} ({link['availability']}{checked})")


def _marked(paper: dict[str, Any], section: str, style: str) -> Text:
    """The section's text with its claims and links marked: by style on a terminal, claims by brackets elsewhere."""
    text = Text(style=style)
    for part in mark_section(paper, section):
        if part.claims and not out.is_terminal:
            text.append(f"⟦{part.text}⟧")
        else:
            text.append(part.text, "bold reverse" if part.claims else "underline" if part.link else "")
    return text


def print_changes(found: dict[str, Any], most: int) -> None:
    """What changed, in words: how many of each kind, then the first of each."""
    from warehouse.publishing.changes import KINDS

    out.print(f"from publication {found['old']} to {found['new']}", style="bold")
    if not found["counts"]:
        out.print("nothing changed")
    for kind, count in found["counts"].items():
        out.print(f"{count:,} {KINDS[kind][count != 1]}", style="bold")
        of_kind = [change for change in found["changes"] if change["kind"] == kind]
        for change in of_kind[:most]:
            out.print(f"  {_change(change)}", markup=False, highlight=False)
        if count > most:
            out.print(f"  … and {count - most:,} more: --limit {count}, or --json", style="dim", markup=False)


def _change(change: dict[str, Any]) -> str:
    named = ", ".join(filter(None, (change["dataset"], change["metric"])))
    values = " → ".join(
        value if value is not None else "nothing" for value in (change["before"], change["after"])
    ) if change["kind"] != "new paper" else change["after"] or change["paper_id"]  # fmt: skip
    paper = f" [{change['title'] or change['paper_id']}]" if change["kind"] in ("claim", "result") else ""
    return f"{named + ': ' if named else ''}{values}{paper} ({change['why']})"
