"""What a corpus of many works would take: storage, hours and money, from figures measured on one machine and prices
that are assumptions.

    make benchmark-walls
    make benchmark-walls BENCHMARK="--works 100000000 --workers 16"

Everything is taken as growing with the works, which benchmarks/pipeline.py shows up to three million; beyond, it is a
guess.
"""

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

MILLION = 1_000_000


@dataclass(frozen=True)
class Measured:
    """Of a million papers, on a machine of two cores: docs/performance.md."""

    parallel_seconds: float = 85.0  # parse and check, which are dealt to the workers by partition
    serial_seconds: float = 60.0  # land, load, build, audit, publish: one at a time
    raw_gb: float = 1.65
    frames_gb: float = 0.44  # the batches' Parquet files
    warehouse_gb: float = 1.3
    publication_gb: float = 0.75  # the DuckDB file and the Parquet files


@dataclass(frozen=True)
class Prices:
    """Dollars, as large clouds list them in 2026, rounded: assumptions, not offers."""

    object_gb_month: float = 0.023
    shared_gb_month: float = 0.30  # a file system that many machines mount
    worker_hour: float = 0.10  # 2 cores, 8 GB
    services_month: float = 250.0  # PostgreSQL, Redis, the scheduler's machine


def main(
    works: Annotated[int, typer.Option(help="How many works.")] = 100 * MILLION,
    workers: Annotated[int, typer.Option(help="How many workers of two cores.")] = 16,
    publications: Annotated[int, typer.Option(help="How many publications are kept.")] = 2,
    changed: Annotated[float, typer.Option(help="Which share of the works comes or changes in a month.")] = 0.01,
) -> None:
    measured, prices, millions = Measured(), Prices(), works / MILLION
    hours = millions * (measured.parallel_seconds / workers + measured.serial_seconds) / 3600
    shared = millions * (measured.raw_gb + measured.frames_gb + publications * measured.publication_gb)
    lake = 2 * millions * measured.warehouse_gb  # and as much again for the snapshots of publications that are kept
    monthly = hours * changed * workers * prices.worker_hour + prices.services_month
    storage = shared * prices.shared_gb_month + lake * prices.object_gb_month
    table = Table("what", Column("figure", justify="right"), title=f"{works:,} works, {workers} workers")
    for what, figure in {
        "landing zone, GB": f"{millions * measured.raw_gb:,.0f}",
        "parsed batches, GB": f"{millions * measured.frames_gb:,.0f}",
        "DuckLake's Parquet, with as much in old snapshots, GB": f"{lake:,.0f}",
        f"{publications} publications, GB": f"{publications * millions * measured.publication_gb:,.0f}",
        "parse and check, hours": f"{millions * measured.parallel_seconds / workers / 3600:,.1f}",
        "land, load, build, audit, publish, hours": f"{millions * measured.serial_seconds / 3600:,.1f}",
        "the first build in all, hours": f"{hours:,.1f}",
        "the first build, dollars for workers": f"{hours * workers * prices.worker_hour:,.0f}",
        "storage, dollars a month": f"{storage:,.0f}",
        f"services and {changed:.0%} of new works, dollars a month": f"{monthly:,.0f}",
    }.items():
        table.add_row(what, figure)
    Console(width=100).print(table)


if __name__ == "__main__":
    typer.run(main)
