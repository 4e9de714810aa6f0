"""All seven steps in one process: what `paperhouse run` does."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from warehouse.clock import timed
from warehouse.dbt import keep_dbt_loaded
from warehouse.errors import PaperhouseError, RejectedError
from warehouse.settings import Settings
from warehouse.steps.audit import audit
from warehouse.steps.build import build, is_published, rebuild_mark
from warehouse.steps.check import check
from warehouse.steps.check_links import check_links
from warehouse.steps.fetch import fetch
from warehouse.steps.land import land, land_inbox, reopen_all_loads, require_landing_zone
from warehouse.steps.load import load
from warehouse.steps.load import withdraw as delete_batch_rows
from warehouse.steps.mirror import mirror
from warehouse.steps.parse import parse
from warehouse.steps.publish import publish
from warehouse.storage.batches import read_batch
from warehouse.storage.database import write_lock
from warehouse.storage.decisions import decide
from warehouse.storage.lake import clear_lake
from warehouse.storage.publication import read_manifest

# Called before each part of a step: the step, the number of its parts that are done, and of all.
Progress = Callable[[str, int, int], None]


@dataclass
class Report:
    """What a run did."""

    outcomes: dict[str, str] = field(default_factory=dict)  # batch id → 'loaded', 'unchanged', 'withdrawn' or 'failed'
    failures: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)  # step → wall time
    manifest: dict[str, Any] | None = None  # of the publication, where there was one


def run(
    settings: Settings,
    source_name: str,
    paths: Sequence[str | Path],
    listed_on: date | None = None,
    progress: Progress = lambda *_: None,
) -> Report:
    """Lands, parses, checks and loads the files (without paths: the source's inbox), then builds, audits and publishes.

    A batch that fails its check is left out and named in the report; the others go on. Raises what a step raises
    otherwise.
    """
    report = Report()
    with _timed_step(report, "land", progress):
        batch_ids = land(settings, source_name, paths, listed_on) if paths else land_inbox(settings, source_name)
    return _ingest_and_publish(settings, batch_ids, report, progress)


def run_live(
    settings: Settings, source_name: str, first: date | None, last: date | None, progress: Progress = lambda *_: None
) -> Report:
    """Fetches the days of a live source and does with what landed as `run` does with files."""
    report = Report()
    with _timed_step(report, "fetch", progress):
        batch_ids = fetch(settings, source_name, first, last)
    return _ingest_and_publish(settings, batch_ids, report, progress)


def run_link_checks(settings: Settings, most: int | None, progress: Progress = lambda *_: None) -> Report:
    """Checks the links whose turn it is, and does with the answers as `run` does with files."""
    report = Report()
    with _measure_step(report, "check links"):
        batch_ids = check_links(settings, most, lambda done, total: progress("check links", done, total))
    return _ingest_and_publish(settings, batch_ids, report, progress)


def rebuild(settings: Settings, progress: Progress = lambda *_: None) -> Report:
    """Rebuilds the build database from the landing zone alone, and publishes it; load_history begins again."""
    report = Report()
    with _timed_step(report, "land", progress):
        require_landing_zone(settings)  # before anything is deleted
        with write_lock(settings, "rebuild"):
            rebuild_mark(settings).touch()
            if settings.backend == "ducklake":
                clear_lake(settings)
            for path in settings.build.iterdir():
                if path.is_dir() and path.name != "locks":
                    shutil.rmtree(path)
                elif path.is_file() and not path.name.startswith("warehouse.lock") and path != rebuild_mark(settings):
                    path.unlink()
        batch_ids = reopen_all_loads(settings)
    _ingest(settings, batch_ids, report, progress)
    rebuild_mark(settings).unlink()
    return _publish_if_new(settings, report, progress) if _has_loaded(report) else report


def retry(settings: Settings, batch_id: str, because: str, progress: Progress = lambda *_: None) -> Report:
    """Validates a batch again, after its parser, its bounds or the models were fixed; earlier decisions on it no longer
    count.

    Every mart is rebuilt: one that failed its test or audit may hold rows that an incremental build would keep.
    """
    batch = read_batch(settings, batch_id)
    decide(settings, batch.batch_id, "retry", because)
    return _ingest_and_publish(settings, [batch.batch_id], Report(), progress, full_refresh=True)


def release(settings: Settings, batch_id: str, because: str, progress: Progress = lambda *_: None) -> Report:
    """Loads a batch although its check fails, and publishes it; the guardrails ignore its papers. dbt's tests, the
    marts' own suites and the guardrails for all other papers still count."""
    batch = read_batch(settings, batch_id)
    decide(settings, batch.batch_id, "release", because)
    return _ingest_and_publish(settings, [batch.batch_id], Report(), progress)


def withdraw(settings: Settings, batch_id: str, because: str, progress: Progress = lambda *_: None) -> Report:
    """Deletes a batch's rows and publishes the rest; the guardrails ignore its papers."""
    batch = read_batch(settings, batch_id)
    decide(settings, batch.batch_id, "withdraw", because)
    report = Report(outcomes={batch.batch_id: "withdrawn"})
    with _timed_step(report, "load", progress):
        delete_batch_rows(settings, batch.batch_id)
    return _publish_if_new(settings, report, progress)


def _ingest_and_publish(
    settings: Settings, batch_ids: list[str], report: Report, progress: Progress, full_refresh: bool = False
) -> Report:
    with keep_dbt_loaded(settings):
        _ingest(settings, batch_ids, report, progress)
        return _publish_if_new(settings, report, progress, full_refresh) if _has_loaded(report) else report


def _has_loaded(report: Report) -> bool:
    return any(outcome != "failed" for outcome in report.outcomes.values())


def _publish_if_new(settings: Settings, report: Report, progress: Progress, full_refresh: bool = False) -> Report:
    """Builds, audits and publishes, unless the last publication holds just that already; then mirrors it."""
    if not full_refresh and is_published(settings):
        report.manifest = read_manifest(settings)
    else:
        with _timed_step(report, "build", progress):
            build(settings, full_refresh)
        with _timed_step(report, "audit", progress):
            audit(settings)
        with _timed_step(report, "publish", progress):
            report.manifest = publish(settings)
    if settings.mirror:
        try:
            with _measure_step(report, "mirror"):
                mirror(settings, lambda done, total: progress("mirror", done, total))
        except PaperhouseError as error:  # it is published all the same
            report.failures.append(str(error))
    return report


def _ingest(settings: Settings, batch_ids: list[str], report: Report, progress: Progress) -> None:
    for done, batch_id in enumerate(batch_ids):
        try:
            for name, step in (("parse", parse), ("check", check), ("load", load)):
                progress(name, done, len(batch_ids))
                with _measure_step(report, name):
                    outcome = step(settings, batch_id)
            report.outcomes[batch_id] = str(outcome)
        except RejectedError as error:
            report.outcomes[batch_id] = "failed"
            report.failures.append(str(error))
        for name in ("parse", "check", "load"):
            progress(name, done + 1, len(batch_ids))


@contextmanager
def _measure_step(report: Report, name: str) -> Iterator[None]:
    """Adds its block's wall time to the report."""
    with timed() as watch:
        yield
    report.seconds[name] = round(report.seconds.get(name, 0) + watch.seconds, 3)


@contextmanager
def _timed_step(report: Report, name: str, progress: Progress) -> Iterator[None]:
    """A step that is one piece."""
    progress(name, 0, 1)
    with _measure_step(report, name):
        yield
    progress(name, 1, 1)
