"""How fast e-prints are read and linked, and how long a hundred take from landing to publication beside what is there.

    make benchmark-eprints BENCHMARK="--sources FOLDER"

The first part is the work alone, on all processors; the second is the pipeline, each run a process of its own.
"""

import resource
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from benchmarks.corpus import write_snapshot
from benchmarks.pipeline import RUN, Folder, steps, taken, working_folder
from transforms.parallel import count_processors, parallel_map
from transforms.results.linker import load_linker
from transforms.tables.archive import NoSourceError, read_sources
from transforms.tables.read import read_paper
from warehouse.settings import Settings

_STEPS = ("land", "parse", "check", "load", "build", "audit", "publish")


def read_and_link(path: Path, _: None) -> tuple[int, int, float, float]:
    """Cells and results of an e-print, and the seconds of reading and of linking."""
    start = time.perf_counter()
    try:
        paper = read_paper(read_sources(path.read_bytes()).files)
    except NoSourceError:
        paper = None
    read = time.perf_counter()
    if paper is None:
        return 0, 0, read - start, 0.0
    linked = load_linker().link(paper)
    return len(linked.draft.cells), len(linked.results), read - start, time.perf_counter() - read


def main(
    sources: Annotated[Path, typer.Option(help="A folder of e-prints, ID.gz each.")],
    many: Annotated[int, typer.Option(help="How many are read and linked.")] = 1000,
    few: Annotated[int, typer.Option(help="How many are taken from landing to publication.")] = 100,
    papers: Annotated[int, typer.Option(help="How many papers are there before.")] = 200_000,
    folder: Folder = None,
) -> None:
    files = sorted(sources.glob("*.gz"))
    if not files:
        raise SystemExit(f"{sources} holds no .gz file")
    console = Console(width=140)
    console.print(_measure_work(files[-many:]))
    with working_folder(folder) as place:
        console.print(_measure_pipeline(place, files[-few:], papers))


def _measure_work(files: list[Path]) -> Table:
    start = time.perf_counter()
    found = parallel_map(read_and_link, files, None)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    cells, results, reading, linking = (sum(each[part] for each in found) for part in range(4))
    columns = ("seconds", "cells", "results", "ms a paper: reading", "linking", "peak MiB of a worker")
    table = Table("read and linked", *(Column(name, justify="right") for name in columns))
    per_paper = (f"{1000 * part / len(files):.0f}" for part in (reading, linking))
    table.add_row(
        f"{len(files):,} e-prints, {count_processors()} processors",
        f"{seconds:.1f}", f"{cells:,}", f"{results:,}", *per_paper, f"{peak:,.0f}",
    )  # fmt: skip
    return table


def _measure_pipeline(place: Path, files: list[Path], papers: int) -> Table:
    settings = Settings(home=place / "home")
    environment = {"PAPERHOUSE_HOME": str(settings.home), "PAPERHOUSE_TEXT_VECTORS": "false"}
    eprints = place / "eprints"
    eprints.mkdir()
    for file in files:
        (eprints / file.name).write_bytes(file.read_bytes())
    base = place / "base.jsonl"
    write_snapshot(papers, [base])
    table = Table("seconds of", *(Column(name, justify="right") for name in (*_STEPS, "all")))
    for what, command in (
        (f"{papers:,} papers", [*RUN, str(base)]),
        (f"{len(files)} e-prints onto them", [*RUN[:-1], "arxiv_source", str(eprints)]),
    ):
        run = taken(command, **environment)
        of_step = steps(settings)
        table.add_row(what, *(f"{of_step.get(step, 0):.1f}" for step in _STEPS), f"{run.seconds:.1f}")
    return table


if __name__ == "__main__":
    typer.run(main)
