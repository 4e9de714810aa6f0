"""A program that ends with the process that started it, also where that was killed: what it holds open is given up
then.

`Dependent("dbt", …)` starts `python -m warehouse.subprocesses dbt`, with a pipe for standard input whose other end the
starter alone holds: the program loads dbt, waits for its commands, a line of JSON, and ends with the pipe.
"""

import gc
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path


class Dependent:
    """A console script of the environment, in a process that loads it and waits for what to run."""

    def __init__(self, script: str, environment: Mapping[str, str], folder: Path):
        theirs, self._ours = os.pipe()
        command = [sys.executable, "-P", "-m", "warehouse.subprocesses", script]
        try:
            self._process = subprocess.Popen(
                command, env=environment, cwd=folder, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, errors="replace"
            )  # fmt: skip
        except BaseException:
            os.close(self._ours)
            raise
        finally:
            os.close(theirs)

    def run(self, commands: list[list[str]]) -> subprocess.CompletedProcess[str]:
        """Runs the script with the arguments of each command, up to the first that fails; returns what it printed."""
        try:
            with suppress(BrokenPipeError):  # it did not start: its output says why
                os.write(self._ours, json.dumps(commands).encode() + b"\n")
            out, err = self._process.communicate()
        finally:
            os.close(self._ours)
        return subprocess.CompletedProcess(self._process.args, self._process.returncode, out, err)

    def stop(self) -> None:
        """Ends it before it ran anything."""
        self._process.kill()
        self._process.communicate()
        os.close(self._ours)


def main() -> None:
    _, name = sys.argv
    (script,) = entry_points(group="console_scripts", name=name)
    # The collector would look at a program's modules and its parsed project again and again, a fifth of dbt's time.
    gc.disable()
    run = script.load()
    gc.freeze()
    gc.set_threshold(100_000)
    gc.enable()
    with open(0, "rb", buffering=0, closefd=False) as pipe:
        commands = pipe.readline()
    if not commands:
        return
    threading.Thread(target=_exit_with_parent_process, daemon=True).start()
    for arguments in json.loads(commands):
        sys.argv = [name, *arguments]
        try:
            run()
        except SystemExit as end:
            if end.code:
                raise


def _exit_with_parent_process() -> None:
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
