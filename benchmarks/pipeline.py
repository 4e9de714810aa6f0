"""How long the pipeline takes, land to publish, against DuckDB's own reading of the same file and against dlt,
side by side in one run.

    make benchmark-pipeline
    make benchmark-pipeline BENCHMARK="--papers 1000000"
    make benchmark-pipeline BENCHMARK="--papers 200000 --dlt"

Each line is a process of its own; its peak memory is that of it and all its children together. The ratios are what to
quote.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.table import Column, Table

from benchmarks.corpus import write_snapshot
from benchmarks.queries import measured
from warehouse.settings import PROJECT, Settings
from warehouse.storage.publication import publication_file

_FLOOR = """
import duckdb, sys
connection = duckdb.connect(sys.argv[2])
connection.execute(f"create table papers as select * from read_json('{sys.argv[1]}')")
connection.execute("checkpoint")
"""
_DLT = """
import dlt, json, sys
from itertools import islice
from pathlib import Path

@dlt.resource(primary_key="id", write_disposition="merge")
def papers():
    with open(sys.argv[1]) as lines:
        while page := [json.loads(line) for line in islice(lines, 10_000)]:
            yield page

pipeline = dlt.pipeline("papers", destination=dlt.destinations.duckdb(sys.argv[2]),
pipelines_dir=str(Path(sys.argv[2]).parent / "dlt"))
pipeline.run(papers())
"""
# What the base installation does, the index of words included; vectors are the extra's.
_SETTINGS = {"PAPERHOUSE_TEXT_VECTORS": "false", "PAPERHOUSE_PUBLICATIONS_KEPT": "1"}
NEW_FROM = 50_000  # of each month, so that the increment's papers are none of the corpus's
RUN = (sys.executable, "-m", "warehouse.cli.app", "run", "--source", "arxiv_snapshot")
Folder = Annotated[
    Path | None, typer.Option(help="Where to work, and leave what was made; by default a temporary folder.")
]


@contextmanager
def working_folder(folder: Path | None) -> Iterator[Path]:
    """The folder, made; without one a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="paperhouse-benchmark-") as temporary:
        place = folder or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        yield place


@dataclass(frozen=True)
class Taken:
    seconds: float
    peak_bytes: int


def taken(command: list[str], **environment: str) -> Taken:
    """Wall time of the command, and the most memory that it and its children held together. Raises SystemExit where it
    fails."""
    start, peak = time.perf_counter(), 0
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, env=os.environ | environment, cwd=PROJECT, stdout=output, stderr=output)
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(0.1)
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{' '.join(command[:4])} failed:\n{output.read()[-3000:]}")
    return Taken(time.perf_counter() - start, peak)


def _memory(pid: int) -> int:
    """What the process and its children hold for themselves; 0 where one ends meanwhile."""
    try:
        process = psutil.Process(pid)
        held = [each.memory_info() for each in (process, *process.children(recursive=True))]
    except psutil.Error:
        return 0
    return sum(each.rss - each.shared for each in held)


def steps(settings: Settings) -> dict[str, float]:
    """Seconds of each step of the last run, by the log."""
    found: dict[str, float] = {}
    for line in (settings.logs / "paperhouse.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        if "seconds" in entry:
            found[entry["step"]] = entry["seconds"]
    return found


def main(
    papers: Annotated[int, typer.Option(help="How many papers are loaded at first.")] = 200_000,
    increment: Annotated[int, typer.Option(help="How many new ones then; 0: the rest is not measured.")] = 10_000,
    dlt: Annotated[
        bool, typer.Option("--dlt", help="Also load the file by dlt; it is installed beside, into .venv-dlt.")
    ] = False,
    folder: Folder = None,
) -> None:
    with working_folder(folder) as place:
        _run(place, papers, increment, dlt)


def _run(place: Path, papers: int, increment: int, with_dlt: bool) -> None:
    corpus, new = place / "corpus.jsonl", place / "new.jsonl"
    write_snapshot(papers, [corpus])
    write_snapshot(increment, [new], seed=8, first=NEW_FROM)
    raw = corpus.stat().st_size
    settings = Settings(home=place / "home")
    home = {"PAPERHOUSE_HOME": str(settings.home)}

    floor = taken([sys.executable, "-c", _FLOOR, str(corpus), str(place / "floor.duckdb")])
    whole = taken([*RUN, str(corpus)], **home, **_SETTINGS)
    by_step = steps(settings)
    published = publication_file(settings)
    parquet = sum(file.stat().st_size for file in published.parent.glob("parquet/*/*.parquet"))
    rows = [
        ("DuckDB: read_json into a table, checkpoint", floor, "1"),
        ("paperhouse: land … publish", whole, f"{whole.seconds / floor.seconds:.1f} × DuckDB"),
    ]
    if with_dlt:
        loaded = taken([str(_dlt_python()), "-c", _DLT, str(corpus), str(place / "dlt.duckdb")])
        rows.append(
            (
                "dlt: merge into DuckDB, nothing extracted",
                loaded,
                f"paperhouse takes {whole.seconds / loaded.seconds:.2f} of it",
            )
        )
    sizes = published.stat().st_size
    if increment:
        rows += _afterwards(corpus, new, whole, home)
    title = f"{papers:,} papers, {raw / 1e6:,.0f} MB"
    table = Table("what", *(Column(name, justify="right") for name in ("seconds", "peak MiB", "ratio")), title=title)
    for what, measure, ratio in rows:
        table.add_row(what, f"{measure.seconds:.1f}", f"{measure.peak_bytes / 2**20:,.0f}", ratio)
    parts = Table("step", Column("seconds", justify="right"), Column("of DuckDB's time", justify="right"))
    for step, seconds in by_step.items():
        parts.add_row(step, f"{seconds:.1f}", f"{seconds / floor.seconds:.2f}")
    out = Console(width=120)
    out.print(table, parts)
    out.print(
        f"publication: DuckDB {sizes / 1e6:,.0f} MB, {sizes / raw:.2f} of the raw JSON; Parquet "
        f"{parquet / 1e6:,.0f} MB, {parquet / raw:.2f}"
    )
    if increment:
        questions = Table("question", Column("ms, warm", justify="right"))
        for name, milliseconds in measured(publication_file(settings)).items():
            questions.add_row(name, f"{milliseconds:.1f}")
        out.print(questions)


def _afterwards(corpus: Path, new: Path, whole: Taken, home: dict[str, str]) -> list[tuple[str, Taken, str]]:
    """What comes once the warehouse is there: nothing new, and something new."""
    again = taken([*RUN, str(corpus)], **home, **_SETTINGS)
    added = taken([*RUN, str(new)], **home, **_SETTINGS)
    return [
        ("the same file again: nothing new", again, f"{again.seconds:.1f} s"),
        ("some new papers onto it", added, f"{added.seconds / whole.seconds:.1%} of the full load"),
    ]


def _dlt_python() -> Path:
    """An environment of its own, as dlt is needed for nothing else."""
    python = PROJECT / ".venv-dlt" / "bin" / "python"
    if not python.exists():
        raise SystemExit('dlt is not installed: make benchmark-pipeline BENCHMARK="--dlt"')
    return python


if __name__ == "__main__":
    typer.run(main)
