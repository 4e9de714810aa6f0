"""A copy of the last publication's DuckDB file, of which the next one is made. A build begins it, as a disk takes
seconds for what a build does not wait for; until a publication takes it, it lies in build/ under the hash of its
bytes."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from warehouse.settings import Settings
from warehouse.storage.files import DamagedFileError, clone_file, is_as_described, write_atomically
from warehouse.storage.publication import find_current_folder, read_manifest


@contextmanager
def copying_publication(settings: Settings) -> Iterator[None]:
    """Makes the copy beside what is done within it. Where that fails, a publication makes its own, and says why."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(_prepare_last, settings)
        yield


def take_copy(settings: Settings, folder: Path, facts: dict[str, Any], file: Path) -> bool:
    """Puts a copy of a publication's DuckDB file there, which its manifest describes; none where it is gone, or not as
    it is described."""
    with suppress(FileNotFoundError, DamagedFileError):
        shutil.move(_prepare(settings, folder, facts), file)
        return True
    return False


def remove_copies(settings: Settings, but: Path | None = None) -> None:
    """Those that no publication took, and what a kill left of one. The caller holds the write lock."""
    for file in settings.build.glob("*publication-*.duckdb*"):
        if file != but:
            file.unlink(missing_ok=True)


def _prepare_last(settings: Settings) -> None:
    if published := read_manifest(settings):
        _prepare(settings, find_current_folder(settings).resolve(), published["database"])


def _prepare(settings: Settings, folder: Path, facts: dict[str, Any]) -> Path:
    """The copy, made where there is none yet."""
    copy = settings.build / f"publication-{facts['sha256'][:16]}.duckdb"
    remove_copies(settings, but=copy)
    if not copy.exists():
        write_atomically(copy, lambda temporary: _clone(folder, facts, temporary))
    return copy


def _clone(folder: Path, facts: dict[str, Any], target: Path) -> None:
    """Copies the file, while another processor reads whether it is as it is described."""
    with ThreadPoolExecutor(1) as beside:
        is_good = beside.submit(is_as_described, folder, facts)
        clone_file(folder / facts["file"], target)
        if not is_good.result():
            raise DamagedFileError(f"{folder / facts['file']} is not as its manifest says")
