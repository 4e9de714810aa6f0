"""Starts Superset on this machine with the dashboards over the publication: `make bi`.

Its state lies under PAPERHOUSE_HOME/superset; the password of its one user, admin, in a file there that only you can
read.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bi.bundle import HERE, write_bundle
from warehouse.errors import PaperhouseError, StepError
from warehouse.settings import PROJECT, Settings
from warehouse.storage.files import read_secret
from warehouse.storage.publication import publication_file

BIN = PROJECT / ".venv-bi" / "bin"


def prepare(settings: Settings, on_progress: Callable[[str], None]) -> dict[str, str]:
    """Makes or updates Superset's database, its user and the dashboards; returns the environment to start it in.

    Raises UsageError where nothing is published, StepError where Superset fails.
    """
    publication_file(settings)
    home = settings.home / "superset"
    environment = _environment(home)
    password = read_secret(home / "password")
    read_secret(home / "secret_key")
    bundle, log = home / "dashboards.zip", home / "superset.log"
    write_bundle(settings.published / "paperhouse.duckdb", bundle, settings.explorer_url.rstrip("/"))
    on_progress("Superset's database and dashboards …")
    with log.open("ab") as output:
        command = [BIN / "python", HERE / "set_up.py", bundle]
        done = subprocess.run(
            command, env=environment, cwd=home, input=password.encode(), stdout=output, stderr=output, check=False
        )
    if done.returncode:
        raise StepError("Superset could not be set up", f"Details: {log}")
    return environment


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "PAPERHOUSE_SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "FLASK_APP": "superset.app:create_app()",
        "PYTHONWARNINGS": "ignore",
    }


def serve(settings: Settings, port: int, on_progress: Callable[[str], None]) -> None:
    """Serves until it is interrupted."""
    environment = prepare(settings, on_progress)
    home = settings.home / "superset"
    on_progress(
        f"Superset: http://127.0.0.1:{port}/dashboard/list\nuser: admin; password: in "
        f"{home / 'password'}\nstop it with Ctrl-C"
    )
    command = [
        str(BIN / "gunicorn"),
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "1",
        "--threads",
        "8",
        "--timeout",
        "120",
        environment["FLASK_APP"],
    ]
    os.chdir(home)
    with (home / "superset.log").open("ab") as log:
        os.dup2(log.fileno(), 2)
    os.execve(command[0], command, environment)  # noqa: S606 - there is no shell


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bi", description=__doc__)
    parser.add_argument("--port", type=int, default=8088)
    try:
        serve(Settings(), parser.parse_args().port, lambda line: print(line, flush=True))
    except PaperhouseError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
