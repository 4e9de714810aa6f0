"""Readers that open, query and hold publications while new ones appear: `python -m tests.faults.readers --readers 50
--publications 15`.

A reader takes `published/current` as it stands, and what it reads there, by DuckDB and by polars, must be of one
version: that of the manifest.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import polars as pl

from tests.faults.harness import Home, make_templates
from warehouse.storage.files import file_sha256


def read(published: Path, seed: int, stop: Path) -> dict[str, int]:
    """Reads until the file `stop` is there; returns how often, and how many versions were seen. Raises where anything
    is wrong or mixed."""
    chance, reads, versions = random.Random(seed), 0, set()
    while not stop.exists() or reads == 0:
        folder = (published / "current").resolve()
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        version, tables = manifest["version"], list(manifest["tables"])
        with duckdb.connect(str(folder / "paperhouse.duckdb"), read_only=True) as connection:
            for _ in range(chance.randint(1, 4)):
                table = chance.choice(tables)
                query = f"select version, (select count(*) from marts.{table}) from marts.publication"
                found = connection.execute(query).fetchall()
                assert found == [(version, manifest["tables"][table]["row_count"])], found
                frame = pl.read_parquet(folder / "parquet" / table / "*.parquet")
                assert frame.height == manifest["tables"][table]["row_count"]
                for facts in manifest["tables"][table]["files"]:
                    assert file_sha256(folder / facts["file"]) == facts["sha256"]
                    assert int(pl.read_parquet_metadata(folder / facts["file"])["publication_version"]) <= version
                time.sleep(chance.uniform(0, 0.5))  # it is held while the next appears
        with duckdb.connect(str(published / "paperhouse.duckdb"), read_only=True) as connection:
            assert connection.execute("select count(*) from marts.publication").fetchone() == (1,)
        reads += 1
        versions.add(version)
    return {"reads": reads, "versions": len(versions)}


def crowd(home: Home, readers: int, publications: int, stop: Path) -> dict[str, int]:
    """Several readers, each a process, while publications are made by the command line; the sums of what they
    read."""
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r}); from tests.faults.readers "
        f"import main_of_one; main_of_one()"
    )
    commands = [
        [sys.executable, "-W", "ignore", "-c", script, str(home.settings.published), str(seed), str(stop)]
        for seed in range(readers)
    ]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for command in commands
    ]
    try:
        for _ in range(publications):
            done = home.call("publish")
            assert done.code == 0, done.err
    finally:
        stop.touch()
    outputs = [process.communicate(timeout=120) for process in processes]
    failed = [err for process, (_, err) in zip(processes, outputs, strict=True) if process.returncode]
    assert not failed, failed[0][-3000:]
    counts = [json.loads(out) for out, _ in outputs]
    return {
        "reads": sum(each["reads"] for each in counts),
        "most versions seen by one": max(each["versions"] for each in counts),
    }


def main_of_one() -> None:
    published, seed, stop = sys.argv[1:]
    print(json.dumps(read(Path(published), int(seed), Path(stop))))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.readers", description=__doc__.splitlines()[0])
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--publications", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paperhouse-readers-") as folder:
        home = make_templates(Path(folder))[0]["publish"]
        started = time.monotonic()
        found = crowd(home, options.readers, options.publications, Path(folder) / "stop")
        print(
            f"{options.readers} readers, {options.publications} publications in "
            f"{time.monotonic() - started:.0f} s: {found}; no error, no mixture"
        )


if __name__ == "__main__":
    main()
