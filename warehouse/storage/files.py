"""Files that are written and synced completely, or not at all."""

import errno
import json
import os
import secrets
import shutil
import socket
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from warehouse.errors import StepError, UsageError

_NO_RANGES = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)  # of file systems without copy_file_range
_WAITING = 16  # threads that wait for the disk
# Files: synced one by one, so many take longer than all that waits for the disk, whosever it is.
_MANY = 10_000


class DamagedFileError(StepError):
    """A file of ours cannot be read."""


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a temporary file beside path, then puts it on disk under path's name in one rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    try:
        write(temporary)
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def put_folder(folder: Path, final: Path) -> None:
    """Puts a folder and all in it on disk, then under its final name in one rename; what stood there before goes."""
    paths = [*folder.rglob("*"), folder]
    if len(paths) > _MANY:
        os.sync()
    else:  # together, as a file system puts on disk at once what many wait for
        with ThreadPoolExecutor(_WAITING) as pool:
            deque(pool.map(sync, paths), maxlen=0)
    shutil.rmtree(final, ignore_errors=True)
    folder.replace(final)
    sync(final.parent)


@contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """A folder to be filled, which stands under its name, whole, once the block is done. Raises UsageError where there
    is one: it is never changed."""
    _refuse_existing(final)
    with temporary_folder(final.absolute().parent, final.name) as place:
        staged = place / "new"
        staged.mkdir()
        yield staged
        _refuse_existing(final)  # it may have been made meanwhile
        put_folder(staged, final.absolute())


def _refuse_existing(folder: Path) -> None:
    if folder.exists():
        raise UsageError(f"{folder} exists", "Name a folder that does not: what is there is never changed.")


def clone_file(source: Path, target: Path) -> None:
    """Copies a file's bytes; where the file system can, both files share them until one is changed."""
    with source.open("rb") as origin, target.open("wb") as copy:
        try:
            while os.copy_file_range(origin.fileno(), copy.fileno(), 1 << 30):
                pass
        except OSError as error:
            if error.errno not in _NO_RANGES:
                raise
            shutil.copyfileobj(origin, copy, 1 << 20)


def write_json(path: Path, content: Any) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n"
    # Names of files may hold bytes that are no UTF-8; as JSON escapes them, they are read as they were.
    write_atomically(path, lambda temporary: temporary.write_bytes(text.encode("utf-8", "backslashreplace")))


def read_json(path: Path) -> Any:
    """The file's content, or None where there is no such file. Raises DamagedFileError where it is not JSON."""
    try:
        return json.loads(path.read_bytes()) if path.exists() else None
    except ValueError as error:
        raise DamagedFileError(
            f"{path} is damaged, as by a full disk or a power cut: {error}", "Restore it from a backup, or delete it."
        ) from error


def readable_name(path: Path) -> str:
    """The file's name; bytes in it that are no UTF-8 are written as \\xe9."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def read_secret(file: Path) -> str:
    """A random secret, made at first use. Raises StepError where the file is empty, as a full disk may have left it."""
    make_private(file, lambda: secrets.token_urlsafe(32))
    content = file.read_text("utf-8").strip()
    if not content:
        raise StepError(f"the secret in {file} is empty", "Delete the file: a new secret is made at the next start.")
    return content


def make_private(file: Path, content: Callable[[], str]) -> None:
    """Creates the file where there is none, readable by its owner alone: complete and synced, or not at all."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(file)
    try:
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as new:
            new.write(content())
        sync(temporary)
        with suppress(FileExistsError):
            os.link(temporary, file)
        sync(file.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def temporary_folder(parent: Path, name: str) -> Iterator[Path]:
    """A folder that is gone at the end; `doctor` knows by its name whose it was, where a kill left it."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = temporary_name(parent / name)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def temporary_name(path: Path) -> Path:
    """A name beside the path that no other process, of this host or another, has."""
    return path.with_name(f".{path.name}.{host()}.{os.getpid()}.{secrets.token_hex(4)}.tmp")


def host() -> str:
    """This host's name, without dots."""
    return socket.gethostname().replace(".", "-")


def parse_temporary_name(path: Path) -> tuple[str, str] | None:
    """(host, process id) of a temporary file's name, or None where it is not ours."""
    parts = path.name.split(".")
    return (parts[-4], parts[-3]) if len(parts) >= 6 and parts[-3].isdigit() else None


def sync(path: Path) -> None:
    """Waits until the file or folder is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def describe_file(folder: Path, file: Path) -> dict[str, Any]:
    """A manifest's entry of a file in the folder: its path there (file), byte_count and sha256."""
    return {
        "file": str(file.relative_to(folder)),
        "byte_count": file.stat().st_size,
        "sha256": file_sha256(file),
    }


def is_as_described(folder: Path, facts: dict[str, Any], is_deep: bool = True) -> bool:
    """Whether the folder has the file of a manifest's entry: of that size and, if deep, of those bytes."""
    file = folder / facts["file"]
    return (
        file.exists()
        and file.stat().st_size == facts["byte_count"]
        and (not is_deep or file_sha256(file) == facts["sha256"])
    )


def file_sha256(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
