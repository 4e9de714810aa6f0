"""All seven steps in one process: what `paperhouse run` does."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from warehouse.audit import audit
from warehouse.batches import read_batch
from warehouse.build import build, is_published, rebuild_mark
from warehouse.check import check
from warehouse.clock import timed
from warehouse.database import write_lock
from warehouse.decisions import decide
from warehouse.errors import RejectedError
from warehouse.fetch import fetch
from warehouse.lake import clear_lake
from warehouse.land import land, land_again, land_inbox
from warehouse.load import load
from warehouse.load import withdraw as take_out
from warehouse.parse import parse
from warehouse.publication import manifest
from warehouse.publish import publish
from warehouse.settings import Settings

# Told before each piece of a step: the step, how many of its pieces are done, and how many there are.
Progress = Callable[[str, int, int], None]


@dataclass
class Report:
    """What a run did."""

    outcomes: dict[str, str] = field(default_factory=dict)  # batch id → 'loaded', 'unchanged', 'withdrawn' or 'failed'
    failures: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)  # step → wall time
    manifest: dict[str, Any] | None = None  # of the publication, where there was one


def run(
    settings: Settings, source_name: str, paths: Sequence[str | Path], listed_on: date | None = None, progress: Progress = lambda *_: None
) -> Report:
    """Lands, parses, checks and loads the files (without paths: the source's inbox), then builds, audits and publishes.

    A batch that fails its check is left out and named in the report; the others go on. Raises what a step raises otherwise.
    """
    report = Report()
    with _whole(report, "land", progress):
        batch_ids = land(settings, source_name, paths, listed_on) if paths else land_inbox(settings, source_name)
    return _after_landing(settings, batch_ids, report, progress)


def run_live(settings: Settings, source_name: str, first: date | None, last: date | None, progress: Progress = lambda *_: None) -> Report:
    """Fetches the days of a live source and does with what landed as `run` does with files."""
    report = Report()
    with _whole(report, "fetch", progress):
        batch_ids = fetch(settings, source_name, first, last)
    return _after_landing(settings, batch_ids, report, progress)


def rebuild(settings: Settings, progress: Progress = lambda *_: None) -> Report:
    """Makes the build database anew from the landing zone alone, and publishes it; load_history begins again."""
    report = Report()
    with _whole(report, "land", progress):
        with write_lock(settings, "rebuild"):
            rebuild_mark(settings).touch()
            if settings.backend == "ducklake":
                clear_lake(settings)
            for path in settings.build.iterdir():
                if path.is_dir() and path.name != "locks":
                    shutil.rmtree(path)
                elif path.is_file() and not path.name.startswith("warehouse.lock") and path != rebuild_mark(settings):
                    path.unlink()
        batch_ids = land_again(settings)
    _ingest(settings, batch_ids, report, progress)
    rebuild_mark(settings).unlink()
    return _published(settings, report, progress) if _anything_loaded(report) else report


def retry(settings: Settings, batch_id: str, because: str, progress: Progress = lambda *_: None) -> Report:
    """Judges a batch anew, as after its parser, its bounds or the models were mended; earlier decisions on it no longer count.

    Every mart is made anew: one that failed its test or audit may hold what a build of what is new would leave there.
    """
    batch = read_batch(settings, batch_id)
    decide(settings, batch.batch_id, "retry", because)
    return _after_landing(settings, [batch.batch_id], Report(), progress, full_refresh=True)


def release(settings: Settings, batch_id: str, because: str, progress: Progress = lambda *_: None) -> Report:
    """Loads a batch whatever its check says, and publishes whatever the guardrails say of its papers; dbt's tests, the marts' own suites and
    the guardrails for all other papers still count."""
    batch = read_batch(settings, batch_id)
    decide(settings, batch.batch_id, "release", because)
    return _after_landing(settings, [batch.batch_id], Report(), progress)


def withdraw(settings: Settings, batch_id: str, because: str, progress: Progress = lambda *_: None) -> Report:
    """Takes out what a batch brought, and publishes what is left, whatever the guardrails say of its papers."""
    batch = read_batch(settings, batch_id)
    decide(settings, batch.batch_id, "withdraw", because)
    report = Report(outcomes={batch.batch_id: "withdrawn"})
    with _whole(report, "load", progress):
        take_out(settings, batch.batch_id)
    return _published(settings, report, progress)


def _after_landing(settings: Settings, batch_ids: list[str], report: Report, progress: Progress, full_refresh: bool = False) -> Report:
    _ingest(settings, batch_ids, report, progress)
    return _published(settings, report, progress, full_refresh) if _anything_loaded(report) else report


def _anything_loaded(report: Report) -> bool:
    return any(outcome != "failed" for outcome in report.outcomes.values())


def _published(settings: Settings, report: Report, progress: Progress, full_refresh: bool = False) -> Report:
    """Builds, audits and publishes, unless the last publication holds just that already."""
    if not full_refresh and is_published(settings):
        report.manifest = manifest(settings)
        return report
    with _whole(report, "build", progress):
        build(settings, full_refresh)
    with _whole(report, "audit", progress):
        audit(settings)
    with _whole(report, "publish", progress):
        report.manifest = publish(settings)
    return report


def _ingest(settings: Settings, batch_ids: list[str], report: Report, progress: Progress) -> None:
    for done, batch_id in enumerate(batch_ids):
        try:
            for name, step in (("parse", parse), ("check", check), ("load", load)):
                progress(name, done, len(batch_ids))
                with _step(report, name):
                    outcome = step(settings, batch_id)
            report.outcomes[batch_id] = str(outcome)
        except RejectedError as error:
            report.outcomes[batch_id] = "failed"
            report.failures.append(str(error))
        for name in ("parse", "check", "load"):
            progress(name, done + 1, len(batch_ids))


@contextmanager
def _step(report: Report, name: str) -> Iterator[None]:
    """Adds its block's wall time to the report."""
    with timed() as watch:
        yield
    report.seconds[name] = round(report.seconds.get(name, 0) + watch.seconds, 3)


@contextmanager
def _whole(report: Report, name: str, progress: Progress) -> Iterator[None]:
    """A step that is one piece."""
    progress(name, 0, 1)
    with _step(report, name):
        yield
    progress(name, 1, 1)
