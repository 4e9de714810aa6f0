"""Airflow's scheduler, DAG processor and web UI, together: `python -m warehouse.airflow.services`. Where one ends, all
end. Beside them the explorer, without which Airflow goes on: its port may be taken.

`airflow standalone` would do, but for its servers of logs, which listen on every address of the machine; here nothing
does but the web UI and the API that tasks report to, on 127.0.0.1, and the UI reads the logs from disk. No task of
paperhouse is deferred, so there is no triggerer.

The API that tasks report to is a process of its own. On SQLite one process for both stands still for a minute when
somebody writes by the UI while a task reports: the UI's audit log is written by the thread that would end the task's
transaction, for which the log waits.
"""

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from warehouse.settings import Settings

AIRFLOW = str(Path(sys.executable).parent / "airflow")
PAPERHOUSE = str(Path(sys.executable).parent / "paperhouse")
TASK_SECONDS = 5


def main() -> None:
    settings = Settings()
    services = (
        ["api-server", "--apps", "core"],
        ["api-server", "--apps", "execution", "--port", str(settings.airflow_execution_port)],
        ["dag-processor"],
        ["scheduler", "--skip-serve-logs"],
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    explorer = subprocess.Popen([PAPERHOUSE, "web", "--port", str(settings.web_port)])
    *others, scheduler = [subprocess.Popen([AIRFLOW, *service]) for service in services]
    try:
        while all(process.poll() is None for process in (*others, scheduler)):
            time.sleep(0.5)
    finally:
        _stop_scheduler(scheduler)
        for process in (*others, explorer):
            process.terminate()
        for process in (*others, explorer):
            process.wait()
    sys.exit("one of Airflow's services ended; see above")


def _stop_scheduler(process: subprocess.Popen[bytes]) -> None:
    """Ends it before the API server to which the end of each task is told. Airflow lets a task go on to its end,
    however long; here one that takes longer than TASK_SECONDS is killed, and tried again when Airflow is up again."""
    process.terminate()
    deadline = time.monotonic() + TASK_SECONDS
    while process.poll() is None:
        if time.monotonic() > deadline:
            _kill_tasks(process.pid)
        time.sleep(0.1)


def _kill_tasks(scheduler: int) -> None:
    with suppress(psutil.NoSuchProcess):  # ended meanwhile
        for worker in psutil.Process(scheduler).children():
            for task in worker.children(recursive=True):
                task.kill()


if __name__ == "__main__":
    main()
