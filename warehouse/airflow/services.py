"""Airflow's scheduler, DAG processor and web UI, together: `python -m warehouse.airflow.services`. Where one ends, all
end. Beside them the explorer, without which Airflow goes on: its port may be taken.

`airflow standalone` would do, but for its servers of logs, which listen on every address of the machine; here nothing
does but the web UI, on 127.0.0.1, and it reads the logs from disk. No task of paperhouse is deferred, so there is no
triggerer.
"""

import subprocess
import sys
import time
from pathlib import Path

from warehouse.settings import Settings

AIRFLOW = str(Path(sys.executable).parent / "airflow")
PAPERHOUSE = str(Path(sys.executable).parent / "paperhouse")
SERVICES = (["api-server"], ["scheduler", "--skip-serve-logs"], ["dag-processor"])


def main() -> None:
    processes = [subprocess.Popen([AIRFLOW, *service]) for service in SERVICES]
    explorer = subprocess.Popen([PAPERHOUSE, "web", "--port", str(Settings().web_port)])
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
    finally:
        for process in (*processes, explorer):
            process.terminate()
        for process in (*processes, explorer):
            process.wait()
    sys.exit("one of Airflow's services ended; see above")


if __name__ == "__main__":
    main()
