"""The benchmark of e-prints runs; how fast is for its own command to tell."""

import subprocess
import sys

from tests.fuzzing.seeds import SEEDS
from warehouse.settings import PROJECT


def test_the_benchmark_of_e_prints_prints_its_tables(tmp_path):
    for number in range(3):
        (tmp_path / f"2401.0000{number}.gz").write_bytes(SEEDS["arxiv_source"]()[0])
    command = [sys.executable, "-m", "benchmarks.eprints", "--sources", str(tmp_path), "--papers", "30", "--few", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
    assert done.returncode == 0, done.stderr
    assert "3 e-prints onto them" in done.stdout
