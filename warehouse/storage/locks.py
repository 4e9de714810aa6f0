"""Locks between processes. They are the kernel's, on open files: each ends with its process, so none is ever stale."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.clock import now
from warehouse.errors import StepError


@contextmanager
def file_lock(file: Path, what: str, step: str, timeout_seconds: float) -> Iterator[None]:
    """Locks the file for one step; another process waits, and names the holder when it gives up with a
    StepError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lock, holder = FileLock(file), file.with_name(f"{file.name}.holder")
    try:
        lock.acquire(timeout=timeout_seconds)
    except Timeout:
        hint = "Wait for it to end, or set PAPERHOUSE_LOCK_TIMEOUT_SECONDS to wait longer."
        raise StepError(f"{what} is in use: {describe_lock_holder(holder)}", hint) from None
    try:
        holder.write_text(
            json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "step": step, "since": now().isoformat()}),
            "utf-8",
        )
        yield
    finally:
        lock.release()


def describe_lock_holder(holder: Path) -> str:
    """Who took the lock last, in words."""
    try:
        facts = json.loads(holder.read_text("utf-8"))
        return f"process {facts['pid']} on {facts['host']} holds it for '{facts['step']}' since {facts['since']}"
    except (OSError, ValueError, KeyError):
        return "another process holds it"


def is_locked(file: Path) -> bool:
    """Whether a process holds the lock now."""
    if not file.exists():
        return False
    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False
