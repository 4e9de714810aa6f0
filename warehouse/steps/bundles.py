"""Bundles: the many small files of a source as one, so that a thousand of them are one batch and not a thousand.

A bundle is a tar archive as arXiv's bulk archives are: a member a file, by its name, each gzipped. The landing zone
says beside it which files are in it, so that none lands twice.
"""

import hashlib
import io
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transforms.formats.bundle import is_bundle
from transforms.tables.archive import keep_text, pack
from warehouse.settings import Settings
from warehouse.storage.files import read_json, write_json

_LARGEST = 50_000_000  # bytes of a file that is bundled: what is larger, as a bulk archive, is a batch of its own


@dataclass(frozen=True)
class Bundle:
    """A file that lands, and the files that it holds: SHA-256 → name and bytes of each as it came."""

    path: Path
    name: str
    members: dict[str, dict[str, str | int]]


def split_bundles(files: Sequence[Path], most: int) -> tuple[list[list[Path]], list[Path]]:
    """The files that land together, by their number at most, and those that land alone."""
    small = [file for file in files if file.stat().st_size <= _LARGEST and not _is_archive(file)]
    together = set(small)
    bundles = [small[start : start + most] for start in range(0, len(small), most)]
    return bundles, [file for file in files if file not in together]


def _is_archive(file: Path) -> bool:
    with file.open("rb") as opened:
        return is_bundle(opened)


def make_bundle(folder: Path, source_name: str, files: Sequence[Path], keeps_originals: bool) -> Bundle:
    """Writes the files as one into the folder, without what is no text unless originals are kept; the same files give
    the same bytes. One file alone stays a file of its own."""
    members: dict[str, dict[str, str | int]] = {}
    contents: list[tuple[str, bytes]] = []
    for file in files:
        original = file.read_bytes()
        members[hashlib.sha256(original).hexdigest()] = {"name": file.name, "byte_count": len(original)}
        packed_name = file.name if file.name.endswith(".gz") else f"{file.name}.gz"
        contents.append((packed_name, pack(original if keeps_originals else keep_text(original))))
    if len(contents) == 1:
        name, content = contents[0]
        path = folder / "file"
        path.write_bytes(content)
        return Bundle(path, name, members)
    path = folder / f"{len(contents)}-files.tar"
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in contents:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return Bundle(path, f"{len(contents)} files of {source_name}.tar", members)


def write_members(
    settings: Settings, source_name: str, batch_id: str, members: Mapping[str, Mapping[str, str | int]]
) -> None:
    """Notes which files a batch bundles."""
    write_json(_folder(settings, source_name) / f"{batch_id}.json", members)


def read_members(settings: Settings, source_name: str) -> dict[str, str]:
    """SHA-256 of a file → the batch that bundles it."""
    return {
        sha256: file.stem
        for file in sorted(_folder(settings, source_name).glob("*.json"))
        for sha256 in read_json(file) or {}
    }


def _folder(settings: Settings, source_name: str) -> Path:
    return settings.landing / "bundles" / source_name
