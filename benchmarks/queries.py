"""How long the ten commonest questions take on a publication, warm: `make benchmark-queries`, BENCHMARK="--file
FILE"."""

import argparse
import statistics
import time
from pathlib import Path

import duckdb

from warehouse.settings import Settings
from warehouse.storage.connection import connect, load_extension
from warehouse.storage.publication import publication_file

_TIMES = 5
QUERIES = {
    "how many papers, with code": "select count(*), count(*) filter (where repo_link_count > 0) from fct_papers",
    "a paper by its id": "select * from fct_papers where paper_id = (select max(paper_id) from fct_papers)",
    "claims on a dataset": "select * from claims_on('CIFAR-10') limit 100",
    "a leaderboard": "select * from leaderboard_for('ImageNet', 'accuracy') limit 20",
    "claims above a value": """
        select title, value_text, evidence from fct_claimed_metrics join fct_papers using (paper_id)
        where metric = 'accuracy' and kind = 'level' and value > 90 order by value desc limit 100
    """,
    "claims by metric": "select metric, count(*) as claims from fct_claimed_metrics group by metric order by "
    "claims desc limit 20",
    "claims by year": """
        select year(coalesce(published_on, first_listed_on)) as year,
        count(*) from fct_claimed_metrics join fct_papers using (paper_id)
        group by year order by year
    """,
    "links by host": "select host, kind, count(*) as links from fct_repo_links group by all order by links "
    "desc limit 20",
    "papers by words": "from search_papers('low-rank adaptation', most := 10)",
    "claims by words": "from search_claims('faster than transformers', most := 10)",
}


def measured(file: Path) -> dict[str, float]:
    """Milliseconds of each query, the median of five runs after one that is not counted."""
    with connect(file, read_only=True) as connection:
        connection.execute("set search_path = 'marts'")
        load_extension(connection, "fts")
        return {name: _median(connection, query) for name, query in QUERIES.items()}


def _median(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    connection.execute(query).fetchall()
    times = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        connection.execute(query).fetchall()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queries", description=__doc__)
    parser.add_argument(
        "--file", type=Path, default=None, help="a publication's DuckDB file; by default that of PAPERHOUSE_HOME"
    )
    file = parser.parse_args().file or publication_file(Settings())
    print("| question | ms |\n| --- | ---: |")
    for name, milliseconds in measured(file).items():
        print(f"| {name} | {milliseconds:.1f} |")


if __name__ == "__main__":
    main()
