"""One process that runs several of Airflow's commands, one after the other: Airflow and GX take seconds to import, so
they do once.

As a program (`python -m warehouse.airflow.process`): reads a command's arguments from each line of standard input, as a
JSON list, and answers each with a line of JSON on standard output: true where it succeeded; a first true says that
Airflow is imported. What Airflow prints goes to standard error.
"""

import json
import os
import subprocess
import sys
from types import TracebackType
from typing import IO, Self


class AirflowProcess:
    """The other end: starts the program in an environment, with what Airflow prints going to a log."""

    def __init__(self, environment: dict[str, str], folder: str, log: IO[bytes]) -> None:
        command = [sys.executable, "-m", "warehouse.airflow.process"]
        self._process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            bufsize=1,
            umask=0o077,
        )
        self._answer()

    def run(self, *arguments: str) -> bool:
        """Runs `airflow ARGUMENTS`; returns whether it succeeded. A process that died did not."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(arguments) + "\n")
        except BrokenPipeError:
            return False
        return self._answer()

    def _answer(self) -> bool:
        assert self._process.stdout
        return bool(json.loads(self._process.stdout.readline() or "false"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        if error:
            self._process.terminate()
        self._process.wait()


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from airflow.__main__ import main as airflow

    print(json.dumps(True), file=answers)
    for line in sys.stdin:
        sys.argv = ["airflow", *json.loads(line)]
        try:
            airflow()  # type: ignore[no-untyped-call]
            succeeded = True
        except SystemExit as end:
            succeeded = end.code in (None, 0)
            print(end.code)
        except Exception as error:  # a command that raised has failed; the next may not
            print(repr(error))
            succeeded = False
        print(json.dumps(succeeded), file=answers)


if __name__ == "__main__":
    main()
