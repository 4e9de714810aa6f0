"""The faults: each function does one thing to a home, at a moment that its random numbers choose, and says outcome.

Each raises AssertionError where anything was lost, doubled, mixed or reported badly. What is returned is counted by
outcome.
"""

import random
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.harness import (
    STEPS,
    Home,
    ended,
    is_sound,
    is_whole,
    kill_after,
    marts,
    nobody_left,
    one_line_message,
    remount,
    small_disk,
)

# The system calls that make a step's work last, and between which it can be cut.
CALLS = "copy_file_range,link,linkat,fsync,fdatasync,rename,renameat,renameat2,symlink,symlinkat,unlink,unlinkat,mkdir"


@dataclass(frozen=True)
class Trial:
    """What a fault is done to."""

    templates: dict[str, Home]
    expected: dict[str, list[Any]]
    folder: Path  # an empty one of its own
    random: random.Random
    attempts: int = 4  # at one home, one after the other, before it is let recover

    def home(self, step: str) -> Home:
        return self.templates[step].copy(self.folder / "home")

    def anew(self, home: Home, step: str) -> Home:
        """The home as it was before the step, so that there is work to harm again."""
        shutil.rmtree(home.path)
        return self.templates[step].copy(home.path)

    def recovers(self, home: Home) -> None:
        """Readers see a whole publication, the run that was meant finishes, and the marts are those of an undisturbed
        run."""
        nobody_left(home)
        version, was_published = is_whole(home), marts(home) == self.expected
        home.finish()
        assert is_whole(home) > version or was_published  # it was killed once all was published
        assert marts(home) == self.expected
        is_sound(home)


def killed(trial: Trial, step: str) -> Counter[str]:
    """SIGKILL, again and again: at a random moment, or at the entry of a system call that matters."""
    home = trial.home(step)
    version, outcomes = is_whole(home), Counter[str]()
    lasted, calls = measured(home, step, trial.folder)
    for _ in range(trial.attempts):
        if trial.random.random() < 0.5:
            was_killed = kill_after(home.start(*home.step(step)), trial.random.uniform(0, lasted))
            place = "at a moment"
        else:
            call, number = trial.random.choice(calls)
            inject = ("-e", f"inject={call}:signal=KILL:when={number}")
            was_killed = home.call(*home.step(step), prefix=(*traced(trial.folder / "calls"), *inject)).code != 0
            place = "at a system call"
        nobody_left(home)
        assert is_whole(home) in range(version, version + trial.attempts + 1)
        outcomes[f"killed {place}" if was_killed else "ended before"] += 1
        if not was_killed:
            home = trial.anew(home, step)
    trial.recovers(home)
    return outcomes


def traced(log: Path) -> tuple[str, ...]:
    return ("strace", "-f", "-qq", "-o", str(log), "-e", f"trace={CALLS}")


def measured(home: Home, step: str, folder: Path) -> tuple[float, list[tuple[str, int]]]:
    """(how many seconds the step lasts, every call that matters: its name, and the how manyth of its thread it is)."""
    beside, log = home.copy(folder / "measured"), folder / "calls"
    started = time.monotonic()
    assert beside.call(*beside.step(step), prefix=traced(log)).code == 0
    lasted = time.monotonic() - started
    calls = Counter(re.findall(r"^(\d+) +([a-z0-9]+)\(", log.read_text("utf-8", "replace"), re.M))
    return lasted, [(call, number) for (_, call), count in calls.items() for number in range(1, count + 1)]


def disk_full(trial: Trial, step: str) -> Counter[str]:
    """So much space is left that the step may just not do; then there is space again."""
    outcomes = Counter[str]()
    with small_disk(trial.folder / "disk", 2000) as disk:
        home = trial.templates[step].copy(disk / "home")
        version, beside, before = is_whole(home), home.copy(disk / "measured"), shutil.disk_usage(disk).used
        assert beside.call(*beside.step(step)).code == 0
        needed = shutil.disk_usage(disk).used - before
        shutil.rmtree(beside.path)
        for _ in range(trial.attempts):
            left = needed * 10 ** trial.random.uniform(-2.5, 0.1)
            remount(disk, f"size={(shutil.disk_usage(disk).used + left) / 1024:.0f}k")
            done = home.call(*home.step(step))
            if done.code:
                message = one_line_message(done)
                assert "disk is full" in message, message
            outcomes["reported that the disk is full" if done.code else "had space enough"] += 1
            remount(disk, "size=2000m")
            assert is_whole(home) in range(version, version + trial.attempts + 1)
            if not done.code:
                home = trial.anew(home, step)
        trial.recovers(home)
    return outcomes


def read_only(trial: Trial) -> Counter[str]:
    with small_disk(trial.folder / "disk", 2000) as disk:
        home = trial.templates["land"].copy(disk / "home")
        for _ in range(trial.attempts):
            step = trial.random.choice(STEPS)
            home = trial.anew(home, step)
            remount(disk, "ro")
            message = one_line_message(home.call(*home.step(step)))
            assert "read-only" in message, message
            remount(disk, "rw")
        trial.recovers(home)
    return Counter({"reported that the file system is read-only": trial.attempts})


# What can be made again, below the home.
_FOLDERS = ("build/batches", "build/dbt", "build/locks", "data_docs", "quarantine", "logs", "fetch")


def folder_gone(trial: Trial) -> Counter[str]:
    """A folder that can be made again is gone before a step."""
    home, outcomes = trial.home("land"), Counter[str]()
    for _ in range(trial.attempts):
        step = trial.random.choice(STEPS)
        home = trial.anew(home, step)
        shutil.rmtree(home.path / trial.random.choice(_FOLDERS), ignore_errors=True)
        done = home.call(*home.step(step))
        if done.code:
            one_line_message(done)
        outcomes["reported which step comes first" if done.code else "made again"] += 1
    trial.recovers(home)
    return outcomes


def file_for_folder(trial: Trial) -> Counter[str]:
    """A file stands where a step wants a folder."""
    home, kept, outcomes = trial.home("land"), trial.folder / "kept", Counter[str]()
    for _ in range(trial.attempts):
        step = trial.random.choice(STEPS)
        home = trial.anew(home, step)
        place = home.path / trial.random.choice(_FOLDERS)
        if place.exists():
            place.rename(kept)
        place.touch()
        done = home.call(*home.step(step))
        if done.code:
            one_line_message(done)
        outcomes["reported what is in the way" if done.code else "did not need it"] += 1
        place.unlink(missing_ok=True)
        if kept.exists():
            kept.rename(place)
    trial.recovers(home)
    return outcomes


def two_runs_at_once(trial: Trial) -> Counter[str]:
    """Of the same files, the second a little later."""
    home = trial.home("land")
    for _ in range(trial.attempts):
        home = trial.anew(home, trial.random.choice(STEPS))
        first = home.start("run", *home.files)
        time.sleep(trial.random.uniform(0, 4))
        second = home.start("run", *home.files)
        for done in (ended(first), ended(second)):
            assert done.code == 0, done.err[-3000:]
    trial.recovers(home)
    return Counter({"both finished, one after the other": trial.attempts})


def two_runs_of_two_files(trial: Trial) -> Counter[str]:
    home = trial.home("land")
    for _ in range(trial.attempts):
        home = trial.anew(home, "land")
        runs = [home.start("run", file) for file in trial.random.sample(home.files, len(home.files))]
        for done in map(ended, runs):
            assert done.code == 0, done.err[-3000:]
    trial.recovers(home)
    return Counter({"both finished, one after the other": trial.attempts})


def a_run_beside_a_dag_run(trial: Trial) -> Counter[str]:
    home = trial.home("land")
    dag = home.start("airflow", "run", home.files[0])
    time.sleep(trial.random.uniform(0, 20))
    run = home.start("run", *home.files)
    for done in (ended(dag), ended(run)):
        assert done.code == 0, done.err[-3000:]
    trial.recovers(home)
    return Counter(["both finished"])


def no_time_to_wait(trial: Trial) -> Counter[str]:
    """The second run gives up at once, and says who holds the lock; when the first was killed, nobody holds it."""
    home = trial.home("build")
    for _ in range(trial.attempts):
        home = trial.anew(home, "build")
        first, holder = home.start("build"), home.path / "build" / "warehouse.lock.holder"
        while f'"pid": {first.pid},' not in (holder.read_text() if holder.exists() else ""):
            time.sleep(0.02)
        message = one_line_message(home.call("build", PAPERHOUSE_LOCK_TIMEOUT_SECONDS="0.2"))
        assert re.search(r"process \d+ on \S+ holds it for 'build' since", message), message
        kill_after(first, trial.random.uniform(0, 1))
        nobody_left(home)
    trial.recovers(home)
    return Counter({"reported who holds the lock; taken over from the dead": trial.attempts})


def build_database_damaged(trial: Trial) -> Counter[str]:
    """Bytes are overwritten, cut off or all gone: `rebuild` makes all of it anew from the landing zone."""
    home = trial.home("publish")
    home.finish()
    file = home.settings.build_database
    harm = trial.random.choice(("overwritten", "cut", "gone"))
    if harm == "gone":
        file.unlink()
    elif harm == "cut":
        with file.open("r+b") as opened:
            opened.truncate(trial.random.randrange(file.stat().st_size))
    else:
        with file.open("r+b") as opened:
            for _ in range(40):
                opened.seek(trial.random.randrange(file.stat().st_size))
                opened.write(trial.random.randbytes(4096))
    version = is_whole(home)
    new = trial.folder / "2026-03-09.txt"
    new.write_text("Rolling Rocks\nOur roller reaches 81.5% accuracy on CIFAR-100. It is simple, and new.\n", "utf-8")
    done = home.call("run", new)
    message = one_line_message(done) if done.code else "did not notice"
    assert "rebuild" in message or not done.code, message
    assert is_whole(home) in (version, version + 1)
    rebuilt = home.call("rebuild")
    assert rebuilt.code == 0, rebuilt.err[-3000:]
    withdrawn = [
        path.stem for path in (home.path / "landing" / "receipts").glob("*.json") if "2026-03-09" in path.read_text()
    ]
    for batch in withdrawn:
        assert home.call("withdraw", batch, "--reason", "a test").code == 0
    assert marts(home) | {"load_history": []} == trial.expected | {"load_history": []}
    is_sound(home)
    return Counter([f"{harm}: " + ("reported, and rebuilt" if done.code else "read over, and rebuilt")])


def landed_file_damaged(trial: Trial) -> Counter[str]:
    """A byte of a landed file is changed, or its end is cut off: it is not used, and landing it again mends it."""
    home = trial.home("parse")
    victim = trial.random.choice([path for path in (home.path / "landing" / home.source).rglob("*") if path.is_file()])
    content = bytearray(victim.read_bytes())
    if trial.random.random() < 0.5:
        content[trial.random.randrange(len(content))] ^= 1 << trial.random.randrange(8)
        harm = "changed"
    else:
        del content[trial.random.randrange(len(content)) :]
        harm = "cut"
    victim.chmod(0o644)
    victim.write_bytes(content)
    doctor = home.call("doctor", "--deep")
    assert doctor.code == 1
    assert "was changed on disk" in doctor.out, doctor.out
    shutil.rmtree(home.path / "build" / "batches")
    message = one_line_message(
        home.call("parse", *(path.stem for path in (home.path / "landing" / "receipts").glob("*.json")))
    )
    assert "was changed on disk" in message, message
    assert is_whole(home) == 1
    base = home.files[0].with_name("2026-03-01.txt")
    assert home.call("land", base).code == 0
    assert home.call(*home.step("land")).code == 0
    trial.recovers(home)
    return Counter([f"{harm}: reported, not used, fixed by landing it again"])


BY_STEP: dict[str, Callable[[Trial, str], Counter[str]]] = {"SIGKILL": killed, "disk full": disk_full}
FAULTS: dict[str, Callable[[Trial], Counter[str]]] = {
    **{f"{name} in {step}": partial(fault, step=step) for name, fault in BY_STEP.items() for step in STEPS},
    "read-only file system in any step": read_only,
    "a folder is gone before any step": folder_gone,
    "a file for a folder in any step": file_for_folder,
    "two runs of the same files at once": two_runs_at_once,
    "two runs of two files at once": two_runs_of_two_files,
    "a run beside a DAG run": a_run_beside_a_dag_run,
    "a lock that is held, its holder then killed": no_time_to_wait,
    "the build database damaged or gone": build_database_damaged,
    "a landed file damaged": landed_file_damaged,
}
