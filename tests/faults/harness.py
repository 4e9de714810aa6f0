"""Homes to break, the real command line to run in them, and what must hold of a home whatever was done to it."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psutil

from warehouse.settings import PROJECT, Settings
from warehouse.storage.files import file_sha256
from warehouse.storage.publication import find_current_folder, published_files, read_manifest

PAPERHOUSE = str(Path(sys.executable).parent / "paperhouse")
STEPS = ("land", "parse", "check", "load", "build", "audit", "publish")
LONGEST_SECONDS = 240

_BASE = (
    (
        "Sorting Stones",
        "Our sorter reaches 91.5% accuracy on CIFAR-10. It is simple. Code: https://github.com/quarry/stones",
    ),
)
_NEW = (
    (
        "Throwing Pebbles",
        "Our thrower is twice as fast as the best before it, and reaches 76.2% accuracy on ImageNet. It is new.",
    ),
    (
        "Sorting Stones",
        "Our sorter reaches 92.5% accuracy on CIFAR-10 now, with more stones. Code: https://github.com/quarry/stones",
    ),
)


@dataclass(frozen=True)
class Ended:
    """A run of the command line that has ended."""

    code: int
    out: str
    err: str


@dataclass
class Home:
    """A home with one publication, and new files to take in."""

    path: Path
    files: tuple[Path, ...]
    source: str = "hf_listing"

    @property
    def settings(self) -> Settings:
        return Settings(home=self.path)

    def environment(self, **changed: str) -> dict[str, str]:
        return os.environ | {"PAPERHOUSE_HOME": str(self.path), "PAPERHOUSE_LOCK_TIMEOUT_SECONDS": "120"} | changed

    def start(self, *arguments: str | Path, prefix: tuple[str, ...] = (), **changed: str) -> subprocess.Popen[str]:
        command = [*prefix, PAPERHOUSE, *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=self.environment(**changed), start_new_session=True, **pipes)  # type: ignore[call-overload,no-any-return]

    def call(self, *arguments: str | Path, prefix: tuple[str, ...] = (), **changed: str) -> Ended:
        return ended(self.start(*arguments, prefix=prefix, **changed))

    def step(self, name: str) -> tuple[str | Path, ...]:
        """The arguments that run one step."""
        return ("land", "--source", self.source, *self.files) if name == "land" else (name,)

    def finish(self) -> None:
        """The run that was meant, to its end."""
        done = self.call("run", "--source", self.source, *self.files)
        assert done.code == 0, f"the run does not finish: {done.err[-3000:]}"

    def copy(self, path: Path) -> "Home":
        shutil.copytree(self.path, path, symlinks=True)
        return Home(path, self.files, self.source)


def ended(process: subprocess.Popen[str]) -> Ended:
    out, err = process.communicate(timeout=LONGEST_SECONDS)
    return Ended(process.returncode, out, err)


def make_templates(folder: Path, source: str = "hf_listing") -> tuple[dict[str, Home], dict[str, list[Any]]]:
    """(step → a home in which it is that step's turn, the marts of the undisturbed run), by the real command line.
    source: of the new files, pages or e-prints."""
    folder.mkdir(exist_ok=True)
    files = []
    for name, papers in (("2026-03-01.txt", _BASE), ("2026-03-02.txt", _NEW), ("2026-03-03.txt", _NEW[1:])):
        (folder / name).write_text("".join(f"{title}\n{abstract}\n" for title, abstract in papers), "utf-8")
        files.append(folder / name)
    home = Home(folder / "template", (files[0],))
    home.finish()
    home.files = tuple(files[1:] if source == "hf_listing" else sorted((PROJECT / "sample" / source).iterdir()))
    home.source = source
    templates = {}
    for step in STEPS:
        templates[step] = home.copy(folder / f"before-{step}")
        done = home.call(*home.step(step))
        assert done.code == 0, done.err
    return templates, marts(home)


def marts(home: Home) -> dict[str, list[Any]]:
    """Every row of the publication, without instants, durations and numbers of attempts, which differ from run to
    run."""
    found = {}
    with duckdb.connect(
        str(find_current_folder(home.settings).resolve() / "paperhouse.duckdb"), read_only=True
    ) as connection:
        columns = (
            "select table_name, list(column_name) from duckdb_columns() where schema_name = 'marts' and "
            "data_type not like 'TIMESTAMP%'"
        )
        excluded = "and column_name not in ('load_id', 'attempt', 'load_number') and column_name not like '%_seconds'"
        for table, names in connection.execute(f"{columns} {excluded} group by all order by all").fetchall():
            if table not in ("publication", "load_history", "dim_days"):
                found[table] = sorted(
                    connection.execute(f"select {', '.join(names)} from marts.{table}").fetchall(), key=repr
                )
        history = (
            "select distinct batch_id, source, sha256 from marts.load_history where outcome = 'loaded' order by all"
        )
        found["load_history"] = connection.execute(history).fetchall()
    return found


def is_whole(home: Home) -> int:
    """The version that readers see, which must be as its manifest says, byte for byte and in every table."""
    published = read_manifest(home.settings)
    assert published, "there is no publication"
    folder = find_current_folder(home.settings).resolve()
    for facts in published_files(published):
        assert file_sha256(folder / facts["file"]) == facts["sha256"], f"{facts['file']} is not as the manifest says"
    with duckdb.connect(str(folder / "paperhouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select version from marts.publication").fetchall() == [(published["version"],)]
        for table, facts in published["tables"].items():
            counts = [
                connection.execute(f"select count(*) from {rows}").fetchone()[0]
                for rows in (f"marts.{table}", f"read_parquet('{folder}/parquet/{table}/*.parquet')")
            ]
            assert counts == [facts["row_count"]] * 2, f"{table} is not as the manifest says"
    return int(published["version"])


def is_sound(home: Home) -> None:
    """No fault that doctor can find."""
    done = home.call("doctor", "--deep", "--json")
    faults = [finding for finding in json.loads(done.out) if finding["state"] == "fault"]
    assert not faults, faults


def one_line_message(done: Ended) -> str:
    """The message of a command that failed, which must be one for people."""
    assert done.code in (1, 2), f"exit code {done.code}: {done.err[-2000:]}"
    assert "Traceback" not in done.err, done.err[-3000:]
    assert "should not happen" not in done.err, done.err[-2000:]
    assert "error:" in done.err, done.err[-2000:]
    return done.err.partition("error:")[2].strip()


def kill_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """SIGKILL for the process alone, so many seconds from now; whether it still ran. Its children must end by
    themselves."""
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


def nobody_left(home: Home, seconds: float = 10) -> None:
    """Waits until no process works in the home any more."""
    deadline = time.monotonic() + seconds
    while (left := _working_in(home)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left, f"left behind: {left}"


def _working_in(home: Home) -> list[list[str]]:
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.pid != os.getpid()
                and process.environ().get("PAPERHOUSE_HOME") == str(home.path)
                and process.status() != "zombie"
            ):
                found.append(process.cmdline())
        except (psutil.Error, OSError):
            continue
    return found


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of so many megabytes. Needs root."""
    folder.mkdir()
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["/bin/umount", "-l", folder], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["/bin/mount", "-o", f"remount,{options}", folder], check=True)


def seeded(*parts: object) -> random.Random:
    return random.Random(repr(parts))
