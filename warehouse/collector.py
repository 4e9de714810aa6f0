"""Python's garbage collector, for a process that imports much and allocates little."""

import atexit
import gc


def collect_rarely() -> None:
    """What is imported is no garbage: to look through it takes a twentieth of a short run, and half a second at its
    end."""
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
