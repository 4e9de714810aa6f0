"""What people see: progress, tables and papers on a terminal; plain text or JSON elsewhere."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from transforms.evaluation import Scores
from transforms.text import clean
from warehouse.publication import row_counts

# Where there is no terminal to ask for its width, wide enough that no table is squeezed.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
err = Console(stderr=True, highlight=False)


_LOAD_COLUMNS = {
    "batch_id": "batch", "source": "source", "original_name": "file", "started_at": "started", "outcome": "outcome",
    "paper_count": "papers", "reject_count": "rejects", "claim_count": "claims", "link_count": "links",
}  # fmt: skip


def print_json(content: Any) -> None:
    print(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def print_result(content: Any, text: str, as_json: bool) -> None:
    if as_json:
        print_json(content)
    else:
        out.print(text, markup=False, soft_wrap=True)


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar a step, on standard error; nothing where that is no terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step)
            bars.update(tasks[step], completed=done, total=total)

        yield tell


@contextmanager
def spinner() -> Iterator[Callable[[str], None]]:
    """Names what is under way, on standard error; a line each where that is no terminal."""
    if not err.is_terminal:
        yield lambda name: err.print(f"{name} …")
        return
    with err.status("") as status:
        yield lambda name: status.update(f"{name} …")


def print_report(outcomes: dict[str, str], seconds: dict[str, float], manifest: dict[str, Any] | None, published: Path) -> None:
    """Outcomes of batches, wall times, and the publication's rows, where there was one."""
    for batch_id, outcome in outcomes.items():
        out.print(f"batch {batch_id}: {outcome}")
    if seconds:
        out.print(", ".join(f"{step} {taken:.1f} s" for step, taken in seconds.items()) + f"; {sum(seconds.values()):.1f} s in all")
    if manifest:
        print_publication(manifest["version"], manifest["published_at"], row_counts(manifest))
        out.print(
            f"look at it: .venv/bin/paperhouse show attention\nquery it, read-only: {published / 'paperhouse.duckdb'}", markup=False, soft_wrap=True
        )


def print_publication(version: int, published_at: str, counts: dict[str, int]) -> None:
    out.print(f"publication {version} of {published_at}")
    table = Table("table", Column("rows", justify="right"))
    for name, count in sorted(counts.items()):
        table.add_row(name, f"{count:,}")
    out.print(table)


def print_status(state: dict[str, Any]) -> None:
    out.print(f"home: {state['home']}", markup=False, soft_wrap=True)
    if publication := state["publication"]:
        print_publication(publication["version"], publication["published_at"], publication["row_counts"])
    else:
        out.print("nothing is published yet; next: make run, or paperhouse run --source NAME PATH")
    if state["busy"]:
        out.print(f"what follows is as of the publication: {state['busy']}", markup=False, soft_wrap=True)
    if state["loads"]:
        _print_rows("last loads", state["loads"], _LOAD_COLUMNS)
    for load in state["loads"]:
        if load["outcome"] == "failed":
            out.print(
                f"{load['batch_id']} failed: {load['message']}\n  page: {Path(state['home']) / load['check_page']}", markup=False, soft_wrap=True
            )
    if state["rejects"]:
        _print_rows("rejects", state["rejects"], {"reason": "reason", "reject_count": "rejects"})
    if state["quarantine"]:
        out.print(f"in quarantine: {', '.join(state['quarantine'])}", markup=False, soft_wrap=True)


def _print_rows(title: str, rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    """A table of the rows; columns: which, and under what heading."""
    out.print(title)
    table = Table(*columns.values())
    for row in rows:
        table.add_row(*(Text(_cell(row[column])) for column in columns))
    out.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "strftime") else clean(str(value))


def print_scores(scores: Scores, absent: list[str], errors: bool, as_json: bool) -> None:
    """Precision, recall and F1, each field's accuracy and, where asked for, the errors."""
    summary = scores.summary() | {"papers_not_published": absent}
    if as_json:
        print_json(summary | ({"errors": scores.errors} if errors else {}))
        return
    if errors:
        out.print("\n".join(scores.errors), markup=False, soft_wrap=True)
    if absent:
        out.print(
            f"{len(absent)} gold papers are not in the publication, and count as empty: {'; '.join(absent[:3])} …", markup=False, soft_wrap=True
        )
    out.print(f"gold {summary['gold']}  predicted {summary['predicted']}  precision {summary['precision']:.3f}  recall {summary['recall']:.3f}")
    out.print("F1: " + "  ".join(f"{name} {summary[name]:.3f}" for name in ("found", "strict", "full")))
    out.print("right among found: " + "  ".join(f"{name} {share:.3f}" for name, share in summary["fields"].items()))


def print_paper(paper: dict[str, Any]) -> None:
    """Title, facts, abstract with every claim and link marked in its place, then a table of the claims."""
    out.print(_marked(paper, "title", "bold"))
    facts = {"id": paper["paper_id"], "published": paper["published_on"], "listed": paper["last_listed_on"], "doi": paper["doi"]}
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
        out.print(f"{link['kind']}: {link['url']} ({link['availability']})", markup=False, soft_wrap=True)


def _marked(paper: dict[str, Any], section: str, style: str) -> Text:
    """The section's text with its claims and links marked: by style on a terminal, claims by brackets elsewhere."""
    text = Text(paper[section], style=style)
    claims, links = ([place for place in paper[kind] if place["section"] == section] for kind in ("claims", "links"))
    for places, mark in ((claims, "bold reverse"), (links, "underline")):
        for place in places:
            text.stylize(mark, place["char_start"], place["char_end"])
    if out.is_terminal:
        return text
    edges = sorted([(claim["char_start"], "⟦") for claim in claims] + [(claim["char_end"], "⟧") for claim in claims])
    starts = [0, *(position for position, _ in edges)]
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return Text.assemble(pieces[0], *(part for (_, bracket), piece in zip(edges, pieces[1:], strict=True) for part in (bracket, piece)))
