"""Land: keep what was received, unchanged, named by its SHA-256, and open a load for it."""

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from glob import glob, has_magic
from pathlib import Path

import duckdb

from transforms.identity.keys import stable_hash
from warehouse.clock import now
from warehouse.errors import StepError, UsageError
from warehouse.log import logged
from warehouse.settings import Settings
from warehouse.storage.batches import Batch, read_all_batches, read_batch, receipt_path, write_receipt
from warehouse.storage.connection import scalar, transaction
from warehouse.storage.database import build_database
from warehouse.storage.decisions import decision
from warehouse.storage.files import file_sha256, read_json, write_atomically, write_json
from warehouse.storage.loads import open_load, read_last_outcomes
from warehouse.upstream.sources import Source, source

_DAY = re.compile(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")


def land(settings: Settings, source_name: str, paths: Iterable[str | Path], listed_on: date | None = None) -> list[str]:
    """Lands files, folders or globs of a source; returns the batch ids, in the order of the files.

    listed_on: the day of the listing; by default the YYYY-MM-DD in the file's or its folder's name, else unknown.
    Raises UsageError where a path leads to no file.
    """
    files = files_of(source_name, paths)
    if not files:
        raise UsageError(
            "nothing to land", f"Name a file, a folder or a glob, or put files into {settings.inbox / source_name}."
        )
    return _landed(settings, [_Received(source_name, file, listed_on or day_in(file), file.name) for file in files])


def land_inbox(
    settings: Settings,
    source_name: str,
    day: date | None = None,
    skip: Iterable[str | None] = (),
    settle_seconds: float = 0,
    most: int | None = None,
) -> list[str]:
    """Lands what waits in inbox/SOURCE: with a day, the files of that day; without, those that are not loaded.

    skip: outcomes of last loads for which a file is left alone; None is that of a load that is still open.
    settle_seconds: files that changed more lately are left for later, as they may still be copied. most: so many files
    at most, the rest is left for later.
    """
    folder = settings.inbox / source_name
    files = [file for file in _in_folder(source(source_name), folder) if _is_settled(file, settle_seconds)]
    if day:
        files = [file for file in files if day_in(file) == day]
    elif files:
        outcomes, settled = read_last_outcomes(settings), {"loaded", "unchanged", *skip}
        batch_ids = _batch_ids(settings, source_name, files)
        files = [file for file in files if batch_ids[file] not in outcomes or outcomes[batch_ids[file]] not in settled]
    return land(settings, source_name, files[:most]) if files[:most] else []


def find_waiting(settings: Settings, source_name: str, settle_seconds: float = 0) -> list[Path]:
    """The files of the source's inbox that have never landed. Only receipts are read, so that no one waits for a
    writer's lock."""
    files = [
        file
        for file in _in_folder(source(source_name), settings.inbox / source_name)
        if _is_settled(file, settle_seconds)
    ]
    batch_ids = _batch_ids(settings, source_name, files)
    return [file for file in files if not receipt_path(settings, batch_ids[file]).exists()]


def _is_settled(file: Path, seconds: float) -> bool:
    """Whether the file did not change for so long. A time in the future does not count."""
    return not 0 <= now().timestamp() - file.stat().st_mtime < seconds


def _batch_ids(settings: Settings, source_name: str, files: list[Path]) -> dict[Path, str]:
    """The batch of each file. A file whose size and time of change are as they were is not read again."""
    cache_file = settings.build / "inbox" / f"{source_name}.json"
    cache: dict[str, tuple[int, int, str]] = {
        name: tuple(facts) for name, facts in (read_json(cache_file) or {}).items()
    }
    found: dict[str, tuple[int, int, str]] = {}
    for file in files:
        size, changed_at = file.stat().st_size, file.stat().st_mtime_ns
        known = cache.get(str(file))
        found[str(file)] = known if known and known[:2] == (size, changed_at) else (size, changed_at, file_sha256(file))
    if found != cache:
        write_json(cache_file, found)
    return {file: _batch_id(source_name, found[str(file)][2], day_in(file)) for file in files}


def land_answer(settings: Settings, source_name: str, file: Path, name: str, listed_on: date | None) -> str:
    """Lands what a live source answered, under a name of our own; returns the batch id."""
    (batch_id,) = _landed(settings, [_Received(source_name, file, listed_on, name)])
    return batch_id


def reopen_all_loads(settings: Settings) -> list[str]:
    """Opens a load for every batch of the landing zone that is not withdrawn, in the order of their landing.

    Raises UsageError where there is none.
    """
    batches = sorted(read_all_batches(settings), key=lambda batch: (batch.landed_at, batch.batch_id))
    if not batches:
        raise UsageError(f"nothing has landed in {settings.landing} yet", "Next: paperhouse run --source NAME PATH")
    kept = [batch for batch in batches if not decision(settings, batch.batch_id, "withdraw")]
    with build_database(settings, "land") as connection:
        return _open_loads(connection, kept)


@dataclass(frozen=True)
class _Received:
    """A file that came, before it has landed."""

    source: str
    file: Path
    listed_on: date | None
    name: str


def _landed(settings: Settings, files: list[_Received]) -> list[str]:
    """Keeps the files and opens their loads. Raises StepError where other batches have landed of which the build
    database knows nothing."""
    with (
        logged(settings, "land", source=files[0].source, files=len(files)) as entry,
        build_database(settings, "land") as connection,
    ):
        last = scalar(connection, "select max(landed_at) from raw.loads")
        batches = []
        for received in files:
            # The order of landing decides which id a paper keeps: it does not go back, even where the clock does.
            batches.append(_keep(settings, received, max(now(), last + timedelta(microseconds=1)) if last else now()))
            last = max(last or batches[-1].landed_at, batches[-1].landed_at)
        if not scalar(connection, "select count(*) from raw.loads"):
            _require_known_landing_zone(settings, {batch.batch_id for batch in batches})
        entry["batches"] = _open_loads(connection, batches)
        return list(entry["batches"])


def _require_known_landing_zone(settings: Settings, batch_ids: set[str]) -> None:
    others = {path.stem for path in (settings.landing / "receipts").glob("*.json")} - batch_ids
    if others:
        raise StepError(
            f"the build database is empty, but {len(others)} other batches have landed in {settings.landing}",
            "Rebuild it from the landing zone: paperhouse rebuild",
        )


def _open_loads(connection: duckdb.DuckDBPyConnection, batches: list[Batch]) -> list[str]:
    with transaction(connection):
        for batch in batches:
            open_load(connection, batch)
    return list(dict.fromkeys(batch.batch_id for batch in batches))


def files_of(source_name: str, paths: Iterable[str | Path]) -> list[Path]:
    """The files that files, folders and globs lead to. Raises UsageError for a path that leads to none."""
    facts = source(source_name)
    return [file for path in paths for file in _files(facts, path)]


def day_in(file: Path) -> date | None:
    """The last date in the file's name, else in its folder's.

    >>> day_in(Path("hf/2026-03-02.txt"))
    datetime.date(2026, 3, 2)
    """
    for name in (file.name, file.parent.name):
        for year, month, day in reversed(_DAY.findall(name)):
            with suppress(ValueError):
                return date(int(year), int(month), int(day))
    return None


def _files(facts: Source, path: str | Path) -> list[Path]:
    path = Path(path).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        if found := _in_folder(facts, path):
            return found
        raise UsageError(
            f"{path} holds no {' or '.join(facts.file_patterns)} file",
            f"Those are what {facts.name} takes from a folder.",
        )
    if has_magic(str(path)):
        found = sorted(file for name in glob(str(path), recursive=True) if (file := Path(name)).is_file())  # noqa: PTH207 - takes absolute patterns
        if found:
            return found
    raise UsageError(f"no such file: {path}", "Give the path of a file, a folder or a glob.")


def _in_folder(facts: Source, folder: Path) -> list[Path]:
    return sorted({file for pattern in facts.file_patterns for file in folder.rglob(pattern) if file.is_file()})


def _batch_id(source_name: str, sha256: str, listed_on: date | None) -> str:
    return stable_hash(f"{source_name}\n{sha256}\n{listed_on or ''}", digest_size=6)


def _keep(settings: Settings, received: _Received, landed_at: datetime) -> Batch:
    """Copies the file into the landing zone, unless its bytes are there; the receipt of the first landing stays."""
    source_name, file, sha256 = received.source, received.file, file_sha256(received.file)
    batch_id = _batch_id(source_name, sha256, received.listed_on)
    batch = Batch(batch_id, source_name, sha256, file.stat().st_size, received.name, received.listed_on, landed_at)
    kept = batch.landed_file(settings)
    if not kept.exists() or file_sha256(kept) != sha256:  # a file that was changed on disk is replaced
        write_atomically(kept, lambda temporary: _copy(file, temporary, sha256))
    if not receipt_path(settings, batch.batch_id).exists():
        write_receipt(settings, batch)
    return read_batch(settings, batch.batch_id)


def _copy(file: Path, temporary: Path, sha256: str) -> None:
    shutil.copyfile(file, temporary)
    if file_sha256(temporary) != sha256:
        raise StepError(f"{file} changes while it is read", "Wait until it is written, and run it again.")
