"""The benchmark of identity runs, and what it measures on a part of the papers is as good as is asked of all."""

import io
import subprocess
import sys

from rich.console import Console

from benchmarks.identity import SHARED, quality
from warehouse.settings import PROJECT
from warehouse.storage.database import open_build_database, write_lock


def test_precision_and_recall_of_pairs(settings):
    with write_lock(settings, "test"), open_build_database(settings) as connection:
        precision, recall = quality(connection, Console(file=io.StringIO()), 300, 0)
    # A paper of the sample, which has no authors, that is taken for another of its title weighs a hundredth.
    assert precision >= (0.995 if SHARED.is_dir() else 0.98)
    assert recall >= 0.97


def test_the_benchmark_prints_its_tables():
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.identity", "--records", "400", "--papers", "10"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
    assert done.returncode == 0, done.stderr
    assert "pairwise precision" in done.stdout
    assert "incremental" in done.stdout
