"""A program that ends with the process that started it, also where that was killed: what it holds open is given up
then.

`run_dependent("dbt", …)` starts `python -m warehouse.subprocesses dbt [[…], …]`, with a pipe for standard input whose
other end the starter alone holds; the pipe ends with the starter.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path


def run_dependent(
    script: str, commands: list[list[str]], environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Runs a console script of the environment with the arguments of each command, in one process up to the first that
    fails; returns what it printed."""
    theirs, ours = os.pipe()
    command = [sys.executable, "-P", "-m", "warehouse.subprocesses", script, json.dumps(commands)]
    try:
        return subprocess.run(
            command, env=environment, cwd=folder, stdin=theirs, capture_output=True, text=True, errors="replace",
            check=False
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)


def main() -> None:
    threading.Thread(target=_exit_with_parent_process, daemon=True).start()
    _, name, commands = sys.argv
    (script,) = entry_points(group="console_scripts", name=name)
    run = script.load()
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
