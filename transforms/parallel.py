"""Work on many pieces, spread over the processors."""

import gc
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

Piece = TypeVar("Piece")
Shared = TypeVar("Shared")
Result = TypeVar("Result")
_CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def parallel_map(work: Callable[[Piece, Shared], Result], pieces: Sequence[Piece], shared: Shared) -> list[Result]:
    """work(piece, shared) for each piece, in their order. One piece, or a process that may not have children, is done
    here."""
    return list(parallel_imap(work, iter(pieces), shared))


def count_processors() -> int:
    """How many processors this process may use: those that it may run on, and no more than its container's quota
    (cgroup v2)."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = _CGROUP_QUOTA.read_text("ascii").split()
        return max(1, min(allowed, ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # no cgroup v2, or "max"
        return allowed


def parallel_imap(work: Callable[[Piece, Shared], Result], pieces: Iterator[Piece], shared: Shared) -> Iterator[Result]:
    """As `parallel_map`, piece by piece: the next pieces are taken while others are worked on, but never many."""
    firsts = list(islice(pieces, 2))
    if len(firsts) < 2 or multiprocessing.current_process().daemon:
        yield from (work(piece, shared) for piece in chain(firsts, pieces))
        return
    processes = count_processors()
    waiting: deque[Future[Result]] = deque()
    # Spawned, as a fork would copy polars' locks.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _start, (work, shared)) as pool:
        for piece in chain(firsts, pieces):
            waiting.append(pool.submit(_work, piece))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


# Each process has what is shared once, as a piece would bring another one.
_of_process: tuple[Callable[[Any, Any], Any], Any]


def _start(work: Callable[[Any, Any], Any], shared: Any) -> None:
    global _of_process
    _of_process = (work, shared)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    gc.disable()  # nothing that is read holds itself, and the process ends with its work


def _exit_with_parent() -> None:
    """A worker exits when its parent was killed."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _work(piece: Any) -> Any:
    work, shared = _of_process
    return work(piece, shared)
