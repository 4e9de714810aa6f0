"""What `paperhouse doctor` looks at: the installation, the disk, locks, databases, landed files, schedule and
publication, and how to fix each."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from warehouse.clock import now
from warehouse.errors import PaperhouseError, classify_system_error
from warehouse.settings import Settings
from warehouse.steps.build import rebuild_mark
from warehouse.steps.parse import is_same_reading, parse_fingerprint
from warehouse.storage.batches import Batch, read_readable_batches
from warehouse.storage.connection import rows
from warehouse.storage.database import build_database, has_build_database
from warehouse.storage.decisions import read_decision
from warehouse.storage.files import file_sha256, host, is_as_described, parse_temporary_name
from warehouse.storage.locks import describe_lock_holder, is_locked
from warehouse.storage.notes import read_parse_note
from warehouse.storage.publication import STAGED, find_current_folder, list_versions, published_files, read_manifest
from warehouse.storage.published_ids import require_published_ids
from warehouse.upstream.freshness import measure_freshness
from warehouse.upstream.sources import Source, list_source_names, read_source

_MIN_FREE_BYTES = 1_000_000_000
_BUSY_SECONDS = 3
_LOADS = """
select
    batch_id, bool_or(outcome is null) as is_open,
    arg_max(fingerprint, load_number) filter (where outcome = 'loaded') as fingerprint,
    coalesce(arg_max(outcome, load_number) filter (where outcome in ('loaded', 'withdrawn')) = 'loaded', false)
        as is_loaded
from raw.loads group by batch_id
"""


@dataclass(frozen=True)
class Finding:
    """state: 'ok', 'warning' or 'fault'; hint: how to fix it."""

    what: str
    state: str
    message: str
    hint: str = ""


def diagnose(settings: Settings, is_deep: bool = False) -> list[Finding]:
    """Every finding, faults and warnings too. is_deep: landed and published files are read and compared with their
    SHA-256."""
    batches, unreadable = read_readable_batches(settings)
    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "installation": _installation,
        "home": lambda: _home(settings),
        "lock": lambda: _lock(settings),
        "landing zone": lambda: _landing(settings, batches, unreadable, is_deep),
        "published ids": lambda: _published_ids(settings),
        "build database": lambda: _build(settings, batches, unreadable),
        "readings": lambda: _readings(settings, batches),
        "publication": lambda: _publication(settings, is_deep),
        "Airflow": lambda: _airflow(settings),
        "quarantine": lambda: _quarantine(settings),
        "leftovers": lambda: _leftovers(settings),
    }
    return [finding for what, check in checks.items() for finding in _survive(what, check)]


def _survive(what: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The check's findings; where it fails itself, that is a fault, and the other checks go on."""
    try:
        yield from check()
    except PaperhouseError as error:
        yield Finding(what, "fault", error.message, error.hint)
    except Exception as error:
        known = classify_system_error(error)
        yield Finding(
            what,
            "fault",
            known.message if known else f"this check failed: {type(error).__name__}: {error}",
            known.hint if known else "What is named there is damaged: restore it, or delete it.",
        )


def _installation() -> Iterator[Finding]:
    wrong = []
    for text in requires("paperhouse") or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            try:
                found = version(requirement.name)
            except PackageNotFoundError:
                found = "none"
            if found == "none" or not requirement.specifier.contains(found, prereleases=True):
                wrong.append(f"{requirement} is needed, {found} is there")
    if wrong:
        yield Finding("installation", "fault", "; ".join(wrong), "make setup")
    else:
        yield Finding(
            "installation",
            "ok",
            f"paperhouse {version('paperhouse')}, Python {sys.version.split()[0]}, DuckDB {version('duckdb')}",
        )


def _home(settings: Settings) -> Iterator[Finding]:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.home):
            pass
    except OSError as error:
        yield Finding(
            "home",
            "fault",
            f"{settings.home} cannot be written: {error}",
            "Give yourself the right to, or set PAPERHOUSE_HOME.",
        )
        return
    free = shutil.disk_usage(settings.home).free
    database = settings.build_database.stat().st_size if settings.build_database.exists() else 0
    needed = max(_MIN_FREE_BYTES, 3 * database)  # a full build and a publication, beside what is there
    message = f"{settings.home}: {free / 1e9:.1f} GB free"
    if free < needed:
        yield Finding(
            "disk",
            "warning",
            f"{message}, a build may need {needed / 1e9:.1f}",
            "Free some space, or set PAPERHOUSE_PUBLICATIONS_KEPT lower.",
        )
    else:
        yield Finding("disk", "ok", message)


def _lock(settings: Settings) -> Iterator[Finding]:
    lock = settings.build / "warehouse.lock"
    if is_locked(lock):
        yield Finding(
            "lock",
            "warning",
            describe_lock_holder(lock.with_name(f"{lock.name}.holder")),
            "Wait, or stop that process.",
        )
    else:
        yield Finding("lock", "ok", "no writer")


def _landing(settings: Settings, batches: list[Batch], unreadable: list[str], is_deep: bool) -> Iterator[Finding]:
    if unreadable:
        hint = "Land each file again, which writes its receipt anew: paperhouse run --source NAME FILE"
        yield Finding("landing zone", "fault", "; ".join(unreadable), hint)
    wrong = []
    for batch in batches:
        file = batch.landed_file(settings)
        if not file.exists():
            wrong.append(f"{file} ({batch.original_name}) is gone")
        elif file.stat().st_size != batch.byte_count or (is_deep and file_sha256(file) != batch.sha256):
            wrong.append(f"{file} ({batch.original_name}) was changed on disk")
    if wrong:
        hint = "Land each again from where it came: paperhouse run --source NAME FILE"
        yield Finding("landing zone", "fault", "; ".join(wrong), hint)
    else:
        yield Finding(
            "landing zone",
            "ok",
            f"{len(batches)} batches, " + ("each as it was received" if is_deep else "sizes compared"),
        )


def _published_ids(settings: Settings) -> Iterator[Finding]:
    require_published_ids(settings)
    yield from ()


def _readings(settings: Settings, batches: list[Batch]) -> Iterator[Finding]:
    """Batches of which entries were rejected as dated in the future, and that future has come."""
    notes = {batch: read_parse_note(settings, batch) for batch in batches}
    today = now().date().isoformat()
    waiting = [
        batch
        for batch, note in notes.items()
        if note and note.rejected_until is not None and note.rejected_until < today
    ]
    if waiting:
        named = ", ".join(f"{batch.batch_id} ({batch.original_name})" for batch in waiting[:5])
        yield Finding(
            "readings",
            "warning",
            f"{len(waiting)} batches have entries that were dated in the future when they were read: {named}",
            'Read them again: paperhouse retry BATCH --reason "their day has come"',
        )


def _build(settings: Settings, batches: list[Batch], unreadable: list[str]) -> Iterator[Finding]:
    landed = {batch.batch_id for batch in batches}
    if not has_build_database(settings):
        if landed or unreadable:
            yield Finding("build database", "fault", f"{settings.build_database} is gone", "paperhouse rebuild")
        return
    try:
        with build_database(
            settings.model_copy(update={"lock_timeout_seconds": _BUSY_SECONDS}), "doctor"
        ) as connection:
            loads = rows(connection, _LOADS)
            late = [row for row in measure_freshness(connection, "raw.loads", now()) if row["state"] != "fresh"]
    except PaperhouseError as error:
        yield Finding("build database", "fault", error.message, error.hint)
        return
    if rebuild_mark(settings).exists():
        yield Finding("build database", "fault", "a rebuild was not finished", "paperhouse rebuild")
    elif unknown := landed - {row["batch_id"] for row in loads}:
        yield Finding(
            "build database", "fault", f"{len(unknown)} landed batches are missing from it", "paperhouse rebuild"
        )
    elif kept := [row["batch_id"] for row in loads if row["is_loaded"] and _is_withdrawn(settings, row["batch_id"])]:
        yield Finding(
            "build database",
            "fault",
            f"{len(kept)} batches were withdrawn, but their rows are still there: {', '.join(kept[:5])}",
            'paperhouse withdraw BATCH --reason "…" ends what was cut off',
        )
    elif waiting := [row["batch_id"] for row in loads if row["is_open"]]:
        yield Finding(
            "build database",
            "warning",
            f"{len(waiting)} loads are open",
            "If no run is under way: paperhouse parse, check, load, build, …",
        )
    elif others := _count_outdated(settings, batches, {row["batch_id"]: row["fingerprint"] for row in loads}):
        message = (
            f"{others} of {len(loads)} batches were read by other parsers, extractors or vocabularies "
            f"than new files are"
        )
        yield Finding("build database", "warning", message, "paperhouse rebuild reads them again")
    else:
        yield Finding("build database", "ok", f"{len(loads)} batches")
    for row in late:
        message = f"{row['source']} was last loaded {row['age_days']:.0f} days ago"
        yield Finding(
            "schedule",
            "warning" if row["state"] == "late" else "fault",
            message,
            f"paperhouse run --source {row['source']}",
        )


def _is_withdrawn(settings: Settings, batch_id: str) -> bool:
    return read_decision(settings, batch_id, "withdraw") is not None


def _count_outdated(settings: Settings, batches: list[Batch], loaded: dict[str, str | None]) -> int:
    """How many batches a parse of now may read otherwise."""
    known = {name: read_source(name) for name in {batch.source for batch in batches} & set(list_source_names())}
    return sum(
        _is_outdated(settings, batch, known[batch.source], loaded.get(batch.batch_id))
        for batch in batches
        if batch.source in known
    )


def _is_outdated(settings: Settings, batch: Batch, source: Source, loaded: str | None) -> bool:
    fingerprint = parse_fingerprint(batch, source)
    if loaded in (None, fingerprint):
        return False
    note = read_parse_note(settings, batch)  # of entries that were rejected as dated in the future
    return not (note and note.fingerprint == loaded and is_same_reading(note, fingerprint))


def _publication(settings: Settings, is_deep: bool) -> Iterator[Finding]:
    published = read_manifest(settings)
    if published is None:
        yield Finding("publication", "warning", "nothing is published", "paperhouse run --source NAME PATH")
        return
    folder = find_current_folder(settings)
    wrong = [facts["file"] for facts in published_files(published) if not is_as_described(folder, facts, is_deep)]
    if wrong:
        yield Finding("publication", "fault", f"differs from its manifest: {', '.join(wrong)}", "paperhouse publish")
    else:
        yield Finding("publication", "ok", f"version {published['version']} of {published['published_at']}")


def _airflow(settings: Settings) -> Iterator[Finding]:
    from warehouse.airflow.orchestration import is_healthy, is_running

    if not settings.airflow_home.exists():
        return
    if not is_running(settings):
        yield Finding("Airflow", "ok", "not running; make up starts it")
    elif is_healthy(settings):
        yield Finding("Airflow", "ok", f"scheduler and web UI are up on port {settings.airflow_port}")
    else:
        yield Finding(
            "Airflow", "fault", "it runs, but does not answer or its scheduler does not beat", "make down, then make up"
        )


def _quarantine(settings: Settings) -> Iterator[Finding]:
    kept = sorted(folder.name for folder in settings.quarantine.glob("*") if folder.is_dir())
    if kept:
        hint = "paperhouse status shows the reason; paperhouse retry, release or withdraw BATCH"
        yield Finding("quarantine", "warning", f"{len(kept)} batches wait: {', '.join(kept[:5])}", hint)


def _leftovers(settings: Settings) -> Iterator[Finding]:
    found = find_leftovers(settings)
    if found:
        size = sum(_size(path) for path in found)
        yield Finding(
            "leftovers",
            "warning",
            f"{len(found)} files of runs that were killed, {size / 1e6:.1f} MB",
            "paperhouse doctor --fix",
        )


def find_leftovers(settings: Settings) -> list[Path]:
    """What runs that are no more left unfinished: temporary files whose process on this host has ended, and
    publications that were never shown.

    What another host may still write is left alone.
    """
    folders = (settings.landing, settings.fetch_state, settings.published, settings.build)
    files = [path for folder in folders for path in folder.rglob(".*.tmp")]
    files += Path(tempfile.gettempdir()).glob(".paperhouse.*.tmp")
    ended = [
        path
        for path in files
        if (owner := parse_temporary_name(path)) and owner[0] == host() and not _is_alive(owner[1])
    ]
    unshown = (
        []
        if is_locked(settings.build / "warehouse.lock")
        else [path for path in list_versions(settings).glob(".*.tmp") if STAGED.fullmatch(path.name)]
    )
    return [*ended, *unshown]


def _is_alive(pid: str) -> bool:
    return pid.isdigit() and Path(f"/proc/{pid}").exists()


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.rglob("*")) if path.is_dir() else path.stat().st_size


def remove_leftovers(settings: Settings) -> int:
    """Removes them; returns how many there were."""
    found = find_leftovers(settings)
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(found)
