"""Land: keep what was received, unchanged, named by its SHA-256, and open a load for it."""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from glob import glob, has_magic
from pathlib import Path

import duckdb

from transforms.config import SourceConfig
from transforms.identity.keys import stable_hash
from warehouse.clock import now, now_after
from warehouse.errors import StepError, UsageError
from warehouse.log import log_problem, logged
from warehouse.settings import Settings
from warehouse.steps.bundles import make_bundle, read_members, split_bundles, write_members
from warehouse.storage.batches import Batch, read_all_batches, read_batch, receipt_path, write_receipt
from warehouse.storage.connection import scalar, transaction
from warehouse.storage.database import build_database
from warehouse.storage.decisions import read_decision
from warehouse.storage.files import (
    DamagedFileError,
    file_sha256,
    read_json,
    readable_name,
    temporary_folder,
    write_atomically,
    write_json,
)
from warehouse.storage.loads import end_load, open_load, read_last_outcomes
from warehouse.storage.published_ids import require_published_ids
from warehouse.upstream.sources import read_source

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
    with _received(settings, source_name, files, listed_on) as received:
        return _landed(settings, received)


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
    files = [file for file in _in_folder(read_source(source_name).config, folder) if _is_settled(file, settle_seconds)]
    if day:
        files = [file for file in files if day_in(file) == day]
    elif files:
        outcomes, settled = read_last_outcomes(settings), {"loaded", "unchanged", "withdrawn", *skip}
        batch_ids = _batch_ids(settings, source_name, files)
        files = [file for file, known in batch_ids.items() if known not in outcomes or outcomes[known] not in settled]
    with _received(settings, source_name, files[:most]) as received:
        return _landed(settings, received, skips_unreadable=True) if received else []


def find_waiting(settings: Settings, source_name: str, settle_seconds: float = 0) -> list[Path]:
    """The files of the source's inbox that have never landed. Only receipts are read, so that no one waits for a
    writer's lock."""
    files = [
        file
        for file in _in_folder(read_source(source_name).config, settings.inbox / source_name)
        if _is_settled(file, settle_seconds)
    ]
    batch_ids = _batch_ids(settings, source_name, files)
    return [file for file, batch_id in batch_ids.items() if not receipt_path(settings, batch_id).exists()]


def _is_settled(file: Path, seconds: float) -> bool:
    """Whether the file did not change for so long. A time in the future does not count. A file that is gone, or
    cannot be looked at, is not settled."""
    try:
        return not 0 <= now().timestamp() - file.stat().st_mtime < seconds
    except OSError:
        return False


def _batch_ids(settings: Settings, source_name: str, files: list[Path]) -> dict[Path, str]:
    """The batch of each file that can be read; the others are logged. A file whose size and time of change are as they
    were is not read again."""
    cache_file = settings.build / "inbox" / f"{source_name}.json"
    cache = _read_cache(cache_file)
    found: dict[str, tuple[int, int, str]] = {}
    for file in files:
        try:
            size, changed_at = file.stat().st_size, file.stat().st_mtime_ns
            known = cache.get(str(file))
            is_known = known is not None and known[:2] == (size, changed_at)
            found[str(file)] = known if known and is_known else (size, changed_at, file_sha256(file))
        except OSError as error:
            _log_unreadable(settings, source_name, file, error)
    if found != cache:
        write_json(cache_file, found)
    bundled = read_members(settings, source_name)
    return {
        file: bundled.get(sha256) or _batch_id(source_name, sha256, day_in(file))
        for file in files
        if (known := found.get(str(file)))
        for sha256 in [known[2]]
    }


def _read_cache(file: Path) -> dict[str, tuple[int, int, str]]:
    try:
        return {
            name: (size, changed_at, sha256) for name, (size, changed_at, sha256) in (read_json(file) or {}).items()
        }
    except (DamagedFileError, TypeError, ValueError, AttributeError):
        return {}  # every file is read again


def _log_unreadable(settings: Settings, source_name: str, file: Path, error: OSError) -> None:
    """No file of an inbox keeps the others from landing."""
    log_problem(settings, "land", source=source_name, file=readable_name(file), message=str(error))


def land_answer(settings: Settings, source_name: str, file: Path, name: str, listed_on: date | None) -> str:
    """Lands what a live source answered, under a name of our own; returns the batch id."""
    (batch_id,) = _landed(settings, [_Received(source_name, file, listed_on, name)])
    return batch_id


def require_landing_zone(settings: Settings) -> None:
    """Reads every receipt, decision and published id. Raises StepError where one cannot be read."""
    for batch in read_all_batches(settings):
        read_decision(settings, batch.batch_id, "withdraw")
    require_published_ids(settings)


def reopen_all_loads(settings: Settings) -> list[str]:
    """Opens a load for every batch of the landing zone that is not withdrawn, in the order of their landing.

    Raises UsageError where there is none.
    """
    batches = sorted(read_all_batches(settings), key=lambda batch: (batch.landed_at, batch.batch_id))
    if not batches:
        raise UsageError(f"nothing has landed in {settings.landing} yet", "Next: paperhouse run --source NAME PATH")
    withdrawn = {
        batch: decided for batch in batches if (decided := read_decision(settings, batch.batch_id, "withdraw"))
    }
    with build_database(settings, "land") as connection:
        batch_ids = _open_loads(connection, [batch for batch in batches if batch not in withdrawn])
        with transaction(connection):
            for batch, decided in withdrawn.items():
                end_load(connection, batch, {"outcome": "withdrawn", **decided.columns})
        return batch_ids


@dataclass(frozen=True)
class _Received:
    """A file that came, before it has landed. members: of a bundle, SHA-256 → the files as they came."""

    source: str
    file: Path
    listed_on: date | None
    name: str
    members: dict[str, dict[str, str | int]] = field(default_factory=dict)


@contextmanager
def _received(
    settings: Settings, source_name: str, files: Sequence[Path], listed_on: date | None = None
) -> Iterator[list[_Received]]:
    """The files, those of a source with many small ones in bundles."""
    most = read_source(source_name).config.bundled_files
    bundles, alone = split_bundles(files, most) if most > 1 else ([], files)
    received = [_Received(source_name, file, listed_on or day_in(file), readable_name(file)) for file in alone]
    with ExitStack() as folders:
        for together in bundles:
            folder = folders.enter_context(temporary_folder(settings.build / "bundles", source_name))
            bundle = make_bundle(folder, source_name, together, settings.keeps_originals)
            day = listed_on or (day_in(together[0]) if len(together) == 1 else None)
            received.append(_Received(source_name, bundle.path, day, bundle.name, bundle.members))
        yield received


def _landed(settings: Settings, files: list[_Received], skips_unreadable: bool = False) -> list[str]:
    """Keeps the files and opens their loads. Raises StepError where other batches have landed of which the build
    database knows nothing. skips_unreadable: a file that cannot be read is logged, and the others land."""
    with (
        logged(settings, "land", source=files[0].source, files=len(files)) as entry,
        build_database(settings, "land") as connection,
    ):
        last = scalar(connection, "select max(landed_at) from raw.loads")
        batches = []
        for received in files:
            # The order of landing decides which id a paper gets: it does not go back, even where the clock does.
            landed_at = now_after(last)
            try:
                batches.append(_keep(settings, connection, received, landed_at))
                if received.members:
                    write_members(settings, received.source, batches[-1].batch_id, received.members)
            except OSError as error:
                if not skips_unreadable or error.filename != str(received.file):
                    raise
                _log_unreadable(settings, received.source, received.file, error)
                continue
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
    config = read_source(source_name).config
    return [file for path in paths for file in _files(config, path)]


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


def _files(config: SourceConfig, path: str | Path) -> list[Path]:
    path = Path(path).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        if found := _in_folder(config, path):
            return found
        raise UsageError(
            f"{path} holds no {' or '.join(config.file_patterns)} file",
            f"Those are what {config.name} takes from a folder.",
        )
    if has_magic(str(path)):
        found = sorted(file for name in glob(str(path), recursive=True) if (file := Path(name)).is_file())  # noqa: PTH207 - takes absolute patterns
        if found:
            return found
    raise UsageError(f"no such file: {path}", "Give the path of a file, a folder or a glob.")


def _in_folder(config: SourceConfig, folder: Path) -> list[Path]:
    return sorted({file for pattern in config.file_patterns for file in folder.rglob(pattern) if file.is_file()})


def _batch_id(source_name: str, sha256: str, listed_on: date | None) -> str:
    return stable_hash(f"{source_name}\n{sha256}\n{listed_on or ''}", digest_size=6)


def _keep(settings: Settings, connection: duckdb.DuckDBPyConnection, received: _Received, landed_at: datetime) -> Batch:
    """Copies the file into the landing zone, unless its bytes are there. The receipt of the first landing stays, but
    for a name that says another venue; one that cannot be read is written anew, with the instant that the build
    database knows."""
    source_name, file, sha256 = received.source, received.file, file_sha256(received.file)
    batch_id = _batch_id(source_name, sha256, received.listed_on)
    batch = Batch(batch_id, source_name, sha256, file.stat().st_size, received.name, received.listed_on, landed_at)
    kept = batch.landed_file(settings)
    if not kept.exists() or file_sha256(kept) != sha256:  # a file that was changed on disk is replaced
        write_atomically(kept, lambda temporary: _copy(file, temporary, sha256))
    try:
        known = read_batch(settings, batch_id) if receipt_path(settings, batch_id).exists() else None
    except StepError:
        query = "select min(landed_at) from raw.loads where batch_id = ?"
        known, batch = None, replace(batch, landed_at=scalar(connection, query, [batch_id]) or landed_at)
    if known:
        config = read_source(source_name).config
        venue = config.venue_of(received.name)
        is_renamed = any(venue) and venue != config.venue_of(known.original_name)
        batch = replace(known, original_name=received.name) if is_renamed else known
    if batch != known:
        write_receipt(settings, batch)
    return batch


def _copy(file: Path, temporary: Path, sha256: str) -> None:
    shutil.copyfile(file, temporary)
    if file_sha256(temporary) != sha256:
        raise StepError(f"{file} changes while it is read", "Wait until it is written, and run it again.")
