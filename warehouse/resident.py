"""A program as a process that stays: it is loaded once, runs one command after the other, and ends with the process
that started it, also where that was killed: what it holds open is given up then.

`Resident("warehouse.dbt_commands:run", …)` starts `python -m warehouse.resident warehouse.dbt_commands:run`, which
imports that function. Each line of its standard input is a command's arguments, as a JSON list, with which the function
is called; it answers each with the exit code, a line on its standard output. What the program prints goes to its
standard error. Where its standard input ends it ends, also amid a command.
"""

import gc
import json
import os
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import IO, Any, Self

from warehouse.collector import collect_rarely

_FAILED = 1
Commands = queue.Queue[list[str] | None]
_inputs: set[int] = set()  # what writes to the standard input of each resident of this process


def _close_inputs() -> None:
    for descriptor in _inputs:
        os.close(descriptor)
    _inputs.clear()


# A fork that outlives us, such as a worker of Airflow's OpenLineage, would keep residents waiting for our end.
os.register_at_fork(after_in_child=_close_inputs)


class Resident:
    """function: "module:name"; log: where what the program prints goes; umask: of the files that it makes, the
    starter's own where it is -1."""

    def __init__(
        self, function: str, environment: Mapping[str, str], folder: Path, log: IO[bytes], umask: int = -1
    ) -> None:
        self._is_used = False
        theirs, self._ours = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "warehouse.resident", function],
                env=environment, cwd=folder, stdin=theirs, stdout=subprocess.PIPE, stderr=log, text=True, umask=umask,
            )  # fmt: skip
        except BaseException:
            os.close(self._ours)
            raise
        finally:
            os.close(theirs)
        _inputs.add(self._ours)

    def run(self, *arguments: str) -> int:
        """Calls the function with the arguments in sys.argv; returns its exit code. A process that died has failed."""
        self._is_used = True
        try:
            os.write(self._ours, json.dumps(arguments).encode() + b"\n")
        except BrokenPipeError:  # it did not start: the log says why
            return _FAILED
        return int((self._process.stdout and self._process.stdout.readline()) or _FAILED)

    def stop(self) -> None:
        """Ends it. What it forked may hold its standard output open, so that only its own end is waited for."""
        _inputs.discard(self._ours)
        os.close(self._ours)
        if not self._is_used:
            self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def main() -> None:
    name = sys.argv[1]
    with os.fdopen(os.dup(1), "w", buffering=1) as answers:
        os.dup2(2, 1)
        commands: Commands = queue.Queue()
        is_busy = threading.Event()
        threading.Thread(target=_receive, args=[commands, is_busy], daemon=True).start()
        collect_rarely()
        function = _load(name)
        while (arguments := commands.get()) is not None:
            is_busy.set()
            sys.argv = [name, *arguments]
            code = _run(function)
            is_busy.clear()
            print(code, file=answers)


def _load(name: str) -> Callable[[], Any]:
    # The collector would look at a program's modules and its parsed project again and again, a fifth of dbt's time.
    gc.disable()
    function: Callable[[], Any] = resolve_name(name)
    gc.freeze()
    gc.enable()
    return function


def _receive(commands: Commands, is_busy: threading.Event) -> None:
    """Puts each line of standard input into the queue. Where that ends, the process does: at once amid a command, as
    its starter is gone; else as any program does, with what the program has asked for at its end."""
    with open(0, "rb", buffering=0, closefd=False) as lines:
        for line in lines:
            commands.put(json.loads(line))
    if is_busy.is_set():
        os._exit(_FAILED)
    commands.put(None)


def _run(function: Callable[[], Any]) -> int:
    try:
        function()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else _FAILED if end.code else 0
    except Exception:  # a command that raised has failed; the next may not
        traceback.print_exc()
        return _FAILED
    return 0


if __name__ == "__main__":
    main()
