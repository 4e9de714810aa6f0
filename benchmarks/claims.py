"""How fast claims and links are read, against a plain regular expression and quantulum3, all in one run.

    make benchmark-claims

The ratios are what to quote: times vary with the machine. quantulum3 reads few abstracts only, as it takes some
milliseconds for each.
"""

import re
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from quantulum3 import classifier, parser
from rich.console import Console
from rich.table import Column, Table

from benchmarks.corpus import corpus, snapshot_texts
from transforms.extraction import extract
from warehouse.vocabularies import read_vocabulary

PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s?(?:%|x\b|×|points?\b|times\b)?")

classifier.USE_CLF = False  # its pickled model does not load with the scikit-learn that trains our scorer


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(
    papers: Annotated[int, typer.Option(help="How many papers to read.")] = 200_000,
    listing: Annotated[
        Path | None, typer.Option(help="A saved papers page to take sentences from; by default the bundled sample.")
    ] = None,
    snapshot: Annotated[
        Path | None,
        typer.Option(help="Instead: papers as lines of JSON with title and abstract, as in the arXiv snapshot."),
    ] = None,
    few: Annotated[int, typer.Option(help="How many abstracts quantulum3 reads.")] = 200,
) -> None:
    texts = snapshot_texts(snapshot).head(papers) if snapshot else corpus(papers, listing)
    papers = texts.height
    found: list[int] = []

    def read() -> None:
        claims, links, _ = extract(texts, read_vocabulary())
        found.extend([claims.height, links.height])

    abstracts = texts["abstract"]
    rows = [
        ("claims and links", papers, timed(read)),
        (
            "plain regular expression",
            papers,
            timed(lambda: sum(len(PLAIN.findall(abstract)) for abstract in abstracts)),
        ),
        ("quantulum3", few, timed(lambda: [parser.parse(abstract) for abstract in abstracts.head(few)])),
    ]
    ours = rows[0][2] / papers
    table = Table(
        "what",
        *(Column(name, justify="right") for name in ("abstracts", "seconds", "abstracts/s", "time against ours")),
    )
    for what, count, seconds in rows:
        table.add_row(what, f"{count:,}", f"{seconds:.2f}", f"{count / seconds:,.0f}", f"{seconds / count / ours:.2f}")
    out = Console()
    out.print(table)
    peaks = [resource.getrusage(who).ru_maxrss / 2**10 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    out.print(
        f"{found[0]:,} claims, {found[1]:,} links; peak memory of this process {peaks[0]:,.0f} MiB, of the "
        f"largest other {peaks[1]:,.0f} MiB"
    )


if __name__ == "__main__":
    typer.run(main)
