"""Airflow as paperhouse runs it: its settings, one run of both DAGs, and the scheduler with its web UI."""

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil

from warehouse.airflow.failures import read_failures
from warehouse.airflow.pools import list_pools
from warehouse.airflow.services import AIRFLOW
from warehouse.clock import now, timed
from warehouse.errors import StepError, UsageError
from warehouse.resident import Resident
from warehouse.settings import PROJECT, Settings
from warehouse.steps.land import files_of
from warehouse.storage.connection import scalar
from warehouse.storage.database import build_database
from warehouse.storage.files import make_private, read_secret, write_json

STOP_SECONDS = 30
SQLITE_TIMEOUT_SECONDS = 60


def make_environment(settings: Settings) -> dict[str, str]:
    """The environment of every Airflow process: SQLite and all else below airflow/, bound to this machine alone."""
    home, url = settings.airflow_home, f"http://127.0.0.1:{settings.airflow_port}"
    options = {
        "CORE__DAGS_FOLDER": PROJECT / "dags",
        "CORE__LOAD_EXAMPLES": False,
        "CORE__PARALLELISM": 4,
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": False,
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{settings.airflow_execution_port}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": passwords_file(settings),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}?timeout={SQLITE_TIMEOUT_SECONDS}",
        "DATABASE__SQL_ALCHEMY_CONNECT_ARGS": "warehouse.airflow.sqlite.CONNECT_ARGS",
        "API__HOST": "127.0.0.1",
        "API__PORT": settings.airflow_port,
        "API__BASE_URL": url,
        "API__WORKERS": 1,
        "API_AUTH__JWT_SECRET": read_secret(home / "jwt_secret"),
        "API__SECRET_KEY": read_secret(home / "api_secret"),
        "CORE__FERNET_KEY": fernet_key(settings),
        "LOGGING__BASE_LOG_FOLDER": settings.logs / "airflow",
        "USAGE_DATA_COLLECTION__ENABLED": False,
        "DAG_PROCESSOR__REFRESH_INTERVAL": 30,
    }
    settings_of_airflow = {f"AIRFLOW__{name}": str(value) for name, value in options.items()}
    return (
        os.environ
        | {
            "AIRFLOW_HOME": str(home),
            "PAPERHOUSE_HOME": str(settings.home),
            "PAPERHOUSE_LOG_TO_STDERR": "true",
            "PAPERHOUSE_AIRFLOW_EXECUTION_PORT": str(settings.airflow_execution_port),
            "PAPERHOUSE_WEB_PORT": str(settings.web_port),
            "PAPERHOUSE_EXPLORER_URL": settings.explorer_url,
            "PAPERHOUSE_DEADLINE_MINUTES": str(settings.deadline_minutes),
            "PAPERHOUSE_INPUT_FOLDERS": json.dumps([str(folder) for folder in settings.input_folders]),
        }
        | settings_of_airflow
    )


def passwords_file(settings: Settings) -> Path:
    """The file of Airflow's users and passwords, made at first use: Airflow would create one too, but prints it in its
    log."""
    file = settings.airflow_home / "passwords.json"
    make_private(file, lambda: json.dumps({"admin": secrets.token_urlsafe(16)}))
    return file


def fernet_key(settings: Settings) -> str:
    """The key that Airflow encrypts its connections with, made at first use."""
    file = settings.airflow_home / "fernet_key"
    make_private(file, lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return read_secret(file)


def run_airflow(settings: Settings, *arguments: str) -> int:
    """Runs `airflow ARGUMENTS` on this terminal and returns its exit code."""
    command = [AIRFLOW, *arguments]
    return subprocess.run(
        command, env=make_environment(settings), cwd=settings.airflow_home, check=False, umask=0o077
    ).returncode


@contextmanager
def start_airflow(settings: Settings) -> Iterator[Resident]:
    """A process for several commands, whose output goes to logs/airflow.log; Airflow's own database is made where it
    lacks."""
    settings.airflow_home.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.airflow_home.chmod(0o700)  # its database holds connections; earlier versions left it readable
    settings.logs.mkdir(parents=True, exist_ok=True)
    with (
        _log(settings).open("ab") as log,
        Resident(
            "warehouse.airflow.commands:run", make_environment(settings), settings.airflow_home, log, umask=0o077
        ) as process,
    ):
        done = settings.airflow_home / f"migrated-{version('apache-airflow')}"
        if not done.exists():
            if process.run("db", "migrate"):
                raise StepError("Airflow's database could not be set up", f"Details: {_log(settings)}")
            done.touch()
        yield process


def _log(settings: Settings) -> Path:
    return settings.logs / "airflow.log"


def run_dags(
    settings: Settings, source_name: str, paths: Sequence[str], on_progress: Callable[[str], None] = lambda _: None
) -> dict[str, float]:
    """One run of ingest_papers for the paths, then one of build_marts, each by Airflow; returns the wall times.

    Raises UsageError where a path leads to no file or the scheduler is up, StepError where a run fails; marts are built
    all the same from the batches that passed. `airflow dags test` runs the DAGs' real tasks without a scheduler, so
    that nothing is left running. It does not start DAGs by their assets, which is why build_marts is named here; under
    `paperhouse airflow up` the asset starts it.
    """
    seconds: dict[str, float] = {}
    started_at, problems = now(), []
    if is_running(settings):
        command = "paperhouse airflow cli dags trigger ingest_papers"
        raise UsageError(
            "Airflow's scheduler is up, and runs the DAGs itself",
            f"Put the files into {settings.inbox / source_name} and type: {command}",
        )
    files = [str(file.resolve()) for file in files_of(source_name, paths)]  # report a wrong path before Airflow starts
    conf = json.dumps({"source": source_name, "paths": files})
    on_progress("Airflow's start")
    with ExitStack() as stack:
        with timed() as watch:
            # Airflow 3.3.2 fails at the end of a `dags test` of a DAG with a deadline; only a scheduler would watch it.
            anywhere = {"deadline_minutes": 0, "input_folders": [Path("/")]}  # who types this can read the files anyway
            process = stack.enter_context(start_airflow(settings.model_copy(update=anywhere)))
        seconds["Airflow's start"] = watch.seconds
        for dag_id, arguments in (("ingest_papers", ["--conf", conf]), ("build_marts", [])):
            on_progress(dag_id)
            with timed() as watch:
                problems += _test(settings, process, dag_id, *arguments)
            seconds[dag_id] = watch.seconds
            if not _loaded_since(settings, started_at):
                break  # nothing for build_marts to do
    if problems:
        raise StepError("\n".join(problems))
    return seconds


def _test(settings: Settings, process: Resident, dag_id: str, *arguments: str) -> list[str]:
    """Runs the DAG once; returns what went wrong, in words."""
    started_at = now()
    if process.run("dags", "test", dag_id, *arguments) == 0:
        return []
    messages = [
        f"{failure['dag_id']}.{failure['task_id']}: {failure['message']}"
        for failure in read_failures(settings, started_at)
    ]
    return messages or [f"the run of {dag_id} failed; details: {_log(settings)}"]


def _loaded_since(settings: Settings, instant: datetime) -> bool:
    with build_database(settings, "run") as connection:
        query = "select count(*) from raw.loads where finished_at >= ? and outcome <> 'failed'"
        return bool(scalar(connection, query, [instant]))


def up(settings: Settings, on_progress: Callable[[str], None] = lambda _: None) -> str:
    """Starts scheduler, DAG processor and web UI in the background; returns the UI's URL once it answers.

    Raises UsageError where the port is taken, StepError where Airflow does not come up.
    """
    url = f"http://127.0.0.1:{settings.airflow_port}"
    if is_running(settings):
        return url
    for name in ("airflow_port", "airflow_execution_port"):
        if _is_taken(port := getattr(settings, name)):
            raise UsageError(
                f"port {port} is in use by another program", f"Set PAPERHOUSE_{name.upper()} to a free one."
            )
    with start_airflow(settings) as process:
        write_json(settings.airflow_home / "pools.json", list_pools())
        pools_file = str(settings.airflow_home / "pools.json")
        if process.run("pools", "import", pools_file) or process.run("dags", "reserialize"):
            raise StepError("Airflow's pools and DAGs could not be set up", f"Details: {_log(settings)}")
    on_progress("scheduler and web UI")
    with _log(settings).open("ab") as output:
        services = subprocess.Popen(
            [sys.executable, "-m", "warehouse.airflow.services"],
            env=make_environment(settings), cwd=settings.airflow_home, stdout=output, stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True, umask=0o077,
        )  # fmt: skip
    _pid_file(settings).write_text(str(services.pid), "utf-8")
    deadline = time.monotonic() + settings.airflow_start_seconds
    while time.monotonic() < deadline:
        if services.poll() is not None:
            raise StepError(
                f"Airflow did not come up: its services ended with code {services.returncode}",
                f"Details: {_log(settings)}",
            )
        if not (waits := find_unhealthy(settings)):
            return url
        time.sleep(0.5)
    down(settings)
    raise StepError(
        f"Airflow did not come up in {settings.airflow_start_seconds:g} s; it still waited for {waits}",
        f"On a slow or busy machine set PAPERHOUSE_AIRFLOW_START_SECONDS higher. Details: {_log(settings)}",
    )


def down(settings: Settings) -> bool:
    """Stops what `up` started, with all its children; returns whether anything ran."""
    pid = is_running(settings)
    if not pid:
        return False
    os.kill(pid, signal.SIGTERM)  # it stops its services in their order
    deadline = time.monotonic() + STOP_SECONDS
    while _group(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    if _group(pid):
        os.killpg(pid, signal.SIGKILL)
    _pid_file(settings).unlink(missing_ok=True)
    return True


def _group(group: int) -> list[psutil.Process]:
    """The processes of the group that live; zombies are not counted."""
    found = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, psutil.Error):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _pid_file(settings: Settings) -> Path:
    return settings.airflow_home / "services.pid"


def is_running(settings: Settings) -> int | None:
    """The process group that `up` started, if it still runs."""
    with suppress(OSError, ValueError, psutil.Error):
        pid = int(_pid_file(settings).read_text("utf-8"))
        if "warehouse.airflow.services" in psutil.Process(pid).cmdline():
            return pid
    return None


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_healthy(settings: Settings) -> bool:
    """Whether the UI and the API that tasks report to answer, and the scheduler beats."""
    return not find_unhealthy(settings)


def find_unhealthy(settings: Settings) -> str:
    """Which parts of Airflow do not answer or beat, in words; nothing where all do."""
    try:
        health = _ask(settings.airflow_port, "api/v2/monitor/health")
    except (OSError, ValueError):
        return f"the web UI on port {settings.airflow_port}"
    try:
        reports = _ask(settings.airflow_execution_port, "execution/health")
    except (OSError, ValueError):
        return f"the API that tasks report to, on port {settings.airflow_execution_port}"
    parts = {name: health[name] for name in ("metadatabase", "scheduler", "dag_processor")} | {"task API": reports}
    return ", ".join(f"the {name.replace('_', ' ')}" for name, part in parts.items() if part["status"] != "healthy")


def _ask(port: int, path: str) -> dict[str, Any]:
    """Raises OSError where nothing answers, ValueError where what answers is not JSON."""
    with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=2) as answer:
        found: dict[str, Any] = json.load(answer)
        return found
