"""How long pages of the explorer take, and whether readers notice that a publication comes.

    make benchmark-web
    make benchmark-web BENCHMARK="--papers 1000000"

The server is a process of its own. Each kind of page is asked for by one reader, of other papers and datasets each
time; then by many readers at once, while ten more papers are loaded and published: by people, who read a page for a
while before they ask for the next, and by programs, which do not.
"""

import json
import random
import re
import statistics
import subprocess
import threading
import time
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlencode

import httpx2
import typer
from rich.console import Console
from rich.table import Column, Table

from benchmarks.corpus import write_snapshot
from benchmarks.pipeline import NEW_FROM, Folder, working_folder
from benchmarks.refresh import refresh
from warehouse.settings import PROJECT, Settings
from warehouse.storage.connection import rows
from warehouse.storage.publication import open_publication, read_last_version

_PAPERHOUSE = PROJECT / ".venv" / "bin" / "paperhouse"
_EACH = 40  # requests of each kind, at most
_REST = 5.0  # seconds that people look at a page


def addresses(settings: Settings) -> dict[str, list[str]]:
    """Kind of page → addresses of such pages."""
    with open_publication(settings) as connection:
        papers = rows(connection, "select paper_id from fct_papers using sample 40 rows")
        boards = rows(
            connection,
            "from leaderboard where rank = 1 qualify row_number() over (partition by dataset) = 1 limit 40",
        )
        authors = rows(connection, "select name_key from brg_paper_authors using sample 40 rows")
    keys = [{name: each[name] for name in ("metric", "unit", "task") if each[name]} for each in boards]
    words = ("low-rank adaptation", "faster transformers", "graph networks", "speech recognition", "robust training")
    datasets = [f"/datasets/{quote(each['dataset'], safe='')}" for each in boards]
    return {
        "home": ["/"] * _EACH,
        "a paper": [f"/papers/{quote(each['paper_id'])}" for each in papers],
        "a dataset": datasets,
        "a leaderboard": [f"{page}?{urlencode(key)}" for page, key in zip(datasets, keys, strict=True)],
        "an author": [f"/authors/{quote(each['name_key'], safe='')}" for each in authors],
        "a search": [f"/search?{urlencode({'q': text})}" for text in words] * (_EACH // len(words)),
        "how we know": ["/how"] * _EACH,
    }


def measure(url: str, pages: dict[str, list[str]]) -> Table:
    """The milliseconds of one reader, who asks for nothing twice in a row."""
    table = Table("page", *(Column(f"ms, {name}", justify="right") for name in ("median", "95 of 100", "longest")))
    with httpx2.Client(base_url=url, timeout=60) as client:
        for kind, found in pages.items():
            times = []
            for page in found:
                start = time.perf_counter()
                client.get(page).raise_for_status()
                times.append(1000 * (time.perf_counter() - start))
            cells = (statistics.median(times), statistics.quantiles(times, n=20)[-1], max(times))
            table.add_row(kind, *(f"{each:.0f}" for each in cells))
    return table


class PageReader(threading.Thread):
    """Asks for pages as JSON until it is told to stop, and rests after each for about so many seconds."""

    def __init__(self, url: str, pages: list[str], end: threading.Event, rest: float) -> None:
        super().__init__()
        self._url, self._pages, self._end, self._rest = url, pages, end, rest
        self.times: list[float] = []
        self.failures: list[str] = []
        self.counts: set[tuple[int, int]] = set()  # publication, papers that the start page counts in it

    def run(self) -> None:
        with httpx2.Client(base_url=self._url, timeout=60) as client:
            while not self._end.wait(random.uniform(0, 2 * self._rest)):  # noqa: S311
                page = "/index.json" if random.random() < 0.1 else random.choice(self._pages)  # noqa: S311
                start = time.perf_counter()
                answer = client.get(page)
                self.times.append(1000 * (time.perf_counter() - start))
                if answer.status_code != 200:
                    self.failures.append(f"{answer.status_code} {page}")
                elif page == "/index.json":
                    found = json.loads(answer.text)
                    self.counts.add((found["publication"]["version"], found["counts"]["papers"]))


def read_while_publishing(settings: Settings, url: str, pages: list[str], readers: int, rest: float, file: Path) -> str:
    end, before = threading.Event(), read_last_version(settings)
    crowd = [PageReader(url, pages, end, rest) for _ in range(readers)]
    for reader in crowd:
        reader.start()
    took = refresh(settings, file, "10 more", 10)
    time.sleep(5)
    end.set()
    for reader in crowd:
        reader.join()
    times = sorted(each for reader in crowd for each in reader.times)
    failures = [each for reader in crowd for each in reader.failures]
    seen = set.union(*(reader.counts for reader in crowd))
    mixed = len(seen) - len({version for version, _ in seen})
    return (
        f"{readers} readers, {rest:g} s a page, while publication {before} became {read_last_version(settings)} "
        f"({took.taken.seconds:.0f} s): {len(times):,} pages, median {statistics.median(times):.0f} ms, "
        f"95 of 100 {times[int(0.95 * len(times))]:.0f} ms, {len(failures)} failures, "
        f"{len({version for version, _ in seen})} publications seen, {mixed} mixtures {failures[:3] or ''}"
    )


def main(
    papers: Annotated[int, typer.Option(help="How many papers are loaded.")] = 200_000,
    readers: Annotated[int, typer.Option(help="How many read at once.")] = 50,
    folder: Folder = None,
) -> None:
    console = Console(width=140)
    with working_folder(folder) as place:
        settings = Settings(home=place / "home")
        first = place / "papers.jsonl"
        write_snapshot(papers, [first])
        refresh(settings, first, "", papers)
        server = subprocess.Popen(
            [_PAPERHOUSE, "web", "--port", "0"],
            env={"PAPERHOUSE_HOME": str(settings.home)},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            says = server.stdout.readline() if server.stdout else ""
            url = re.findall(r"http://[\d.:]+", says)[0]
            pages = addresses(settings)
            console.print(f"{papers:,} papers", measure(url, pages))
            everything = [page for found in pages.values() for page in found]
            for number, rest in enumerate((_REST, 0.0)):
                more = place / f"more{number}.jsonl"
                write_snapshot(10, [more], seed=8 + number, first=NEW_FROM + 10 * number)
                console.print(read_while_publishing(settings, url, everything, readers, rest, more))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    typer.run(main)
