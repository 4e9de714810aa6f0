"""Work on many pieces, spread over the processors."""

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Piece = TypeVar("Piece")
Shared = TypeVar("Shared")
Result = TypeVar("Result")


def each(work: Callable[[Piece, Shared], Result], pieces: Sequence[Piece], shared: Shared) -> list[Result]:
    """work(piece, shared) for each piece, in their order. One piece, or a process that may not have children, is done here."""
    if len(pieces) < 2 or multiprocessing.current_process().daemon:
        return [work(piece, shared) for piece in pieces]
    # Spawned, as a fork would copy polars' locks.
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), _start, (work, shared)) as pool:
        return list(pool.map(_work, pieces))


_of_process: tuple[Callable[[Any, Any], Any], Any]  # each process has what is shared once, as a piece would bring another one


def _start(work: Callable[[Any, Any], Any], shared: Any) -> None:
    global _of_process
    _of_process = (work, shared)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()  # nothing that is read holds itself, and the process ends with its work


def _end_with_parent() -> None:
    """A parent that was killed leaves nobody waiting for its next piece."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _work(piece: Any) -> Any:
    work, shared = _of_process
    return work(piece, shared)
