"""What a refresh costs beside what it brings: seconds a step, bytes written, and how long searches take then.

    make benchmark-refresh
    make benchmark-refresh BENCHMARK="--papers 1000000"

The index of words is part of it, vectors are not. Each run is a process of its own; the bytes are those that it and its
children gave to the disk.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from benchmarks.corpus import write_snapshot
from benchmarks.pipeline import NEW_FROM, RUN, Folder, Taken, steps, taken, working_folder
from benchmarks.queries import measured
from warehouse.settings import Settings
from warehouse.storage.publication import publication_file

_STEPS = ("land", "parse", "check", "load", "build", "audit", "publish")
_NEW_BEYOND = 10_000  # numbers of a month for each increment


@dataclass(frozen=True)
class RefreshTimes:
    what: str
    papers: int
    taken: Taken
    written: int
    steps: dict[str, float]


def refresh(settings: Settings, file: Path, what: str, papers: int) -> RefreshTimes:
    """Runs the pipeline on a file of arXiv's snapshot, up to a publication."""
    environment = {"PAPERHOUSE_HOME": str(settings.home), "PAPERHOUSE_TEXT_VECTORS": "false"}
    before = _written()
    run = taken([*RUN, str(file)], **environment)
    return RefreshTimes(what, papers, run, _written() - before, steps(settings))


def _written() -> int:
    """Bytes that this process and its ended children gave to the disk, as Linux counts them."""
    facts = dict(line.split(": ") for line in Path("/proc/self/io").read_text("utf-8").splitlines())
    return int(facts["write_bytes"])


def main(
    papers: Annotated[int, typer.Option(help="How many papers are loaded at first.")] = 200_000,
    increments: Annotated[
        str, typer.Option(help="How many new ones then, one refresh after the other.")
    ] = "10,1000,10000",
    folder: Folder = None,
) -> None:
    with working_folder(folder) as place:
        run(place, papers, [int(each) for each in increments.split(",")])


def run(place: Path, papers: int, increments: list[int]) -> None:
    settings = Settings(home=place / "home")
    files = [place / f"{number}-{count}.jsonl" for number, count in enumerate([papers, *increments])]
    write_snapshot(papers, files[:1])
    for number, (count, file) in enumerate(zip(increments, files[1:], strict=True)):
        write_snapshot(count, [file], seed=8 + number, first=NEW_FROM + number * _NEW_BEYOND)
    found = [refresh(settings, files[0], f"{papers:,} papers", papers)]
    searches = [measured(publication_file(settings))]
    found += [
        refresh(settings, file, f"{count:,} onto them", count)
        for count, file in zip(increments, files[1:], strict=True)
    ]
    searches.append(measured(publication_file(settings)))
    numbers = (*_STEPS, "all", "peak MiB", "MB written", "ms a paper")
    table = Table("seconds of", *(Column(name, justify="right") for name in numbers))
    for each in found:
        cells = [f"{each.steps.get(step, 0):.1f}" for step in _STEPS]
        sizes = [
            f"{each.taken.peak_bytes / 2**20:,.0f}",
            f"{each.written / 1e6:,.0f}",
            f"{1000 * each.taken.seconds / each.papers:,.2f}",
        ]
        table.add_row(each.what, *cells, f"{each.taken.seconds:.1f}", *sizes)
    questions = Table("question", *(Column(f"ms, {name}", justify="right") for name in ("at first", "at last")))
    for name in searches[0]:
        questions.add_row(name, *(f"{each[name]:.1f}" for each in searches))
    Console(width=140).print(table, questions)


if __name__ == "__main__":
    typer.run(main)
