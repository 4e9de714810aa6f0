"""paperhouse on a cluster of processes: PostgreSQL, Redis, S3, a scheduler and two Celery workers, of which one is
killed.

    make test-cluster
    make test-cluster CLUSTER="--papers 20000 --parts 4"

The papers come in partitions; each is parsed and checked by whichever worker is free, and written to DuckLake. In the
middle one worker is killed (SIGKILL, with all its children) and does not come back. The marts must equal those of one
process on one machine, row by row.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import psutil
import typer

from benchmarks.corpus import write_snapshot
from tests.marts import differences
from tests.ports import free_port
from tests.services import ARE_HERE, WAY_OUT, lake, postgres, redis, s3, until
from warehouse.airflow.orchestration import make_environment
from warehouse.airflow.pools import list_pools
from warehouse.settings import Settings
from warehouse.storage.connection import scalar
from warehouse.storage.locks import is_locked
from warehouse.storage.publication import open_publication, read_manifest

BIN = Path(sys.executable).parent
STARTED = time.monotonic()


def say(text: str) -> None:
    print(f"{time.monotonic() - STARTED:7.1f} s  {text}", flush=True)


def main(
    papers: Annotated[int, typer.Option(help="How many papers to ingest.")] = 100_000,
    parts: Annotated[int, typer.Option(help="In how many partitions.")] = 10,
) -> None:
    if not ARE_HERE:
        raise SystemExit(WAY_OUT)
    with tempfile.TemporaryDirectory(prefix="paperhouse-cluster-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        files = [folder / f"part-{number:02}.jsonl" for number in range(parts)]
        write_snapshot(papers, files)
        say(f"{papers:,} papers in {parts} partitions, {sum(file.stat().st_size for file in files) / 1e6:.0f} MB")
        with cluster(folder, files) as (settings, workers):
            run(settings, files, workers)
            alone(folder / "alone", files)
            found = differences(folder / "alone", settings.home)
        counts = {table: facts["row_count"] for table, facts in (read_manifest(settings) or {})["tables"].items()}
        say(
            f"rows: {counts['fct_papers']:,} papers, {counts['fct_claimed_metrics']:,} claims, "
            f"{counts['fct_repo_links']:,} links"
        )
        if found:
            raise SystemExit(f"the marts differ: {found}")
        say(f"all {len(counts)} tables equal those of one process on one machine, row by row")


@contextmanager
def cluster(folder: Path, files: list[Path]) -> Iterator[tuple[Settings, list[subprocess.Popen[bytes]]]]:
    """The services, Airflow's, and two workers."""
    with ExitStack() as stack:
        database, queue, store = (stack.enter_context(service(folder)) for service in (postgres, redis, s3))
        port = free_port()
        settings = Settings(home=folder / "cluster", airflow_port=port, airflow_execution_port=port)
        settings.airflow_home.mkdir(parents=True)
        address = f"postgresql+psycopg2://postgres@127.0.0.1:{database}/airflow"
        airflow = make_environment(settings) | lake(database, store)
        airflow |= {
            "PAPERHOUSE_INPUT_FOLDERS": json.dumps([str(folder)]),
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__PARALLELISM": "8",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address,
            "AIRFLOW__CELERY__BROKER_URL": f"redis://127.0.0.1:{queue}/0",
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{address}",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
            # seconds after which a task whose worker is gone is tried again
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        }

        def command(*arguments: str) -> str:
            return subprocess.run(
                [BIN / "airflow", *arguments], env=airflow, cwd=folder, check=True, capture_output=True, text=True
            ).stdout

        def start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
            log = stack.enter_context((folder / f"{name}.log").open("ab"))
            process = subprocess.Popen(
                [BIN / "airflow", *arguments], env=airflow, cwd=folder, stdout=log, stderr=log, start_new_session=True
            )
            stack.callback(kill, process)
            return process

        command("db", "migrate")
        (folder / "pools.json").write_text(json.dumps(list_pools()), "utf-8")
        command("pools", "import", str(folder / "pools.json"))
        say("PostgreSQL, Redis and S3 are up, Airflow's tables are made")
        start("api-server", "api-server", "--port", str(settings.airflow_port))
        for name in ("scheduler", "dag-processor"):
            start(name, name)
        workers = [start(f"worker-{n}", "celery", "worker", "--concurrency", "1", "--celery-hostname",
            f"worker-{n}@%h", "--skip-serve-logs")
                   for n in (1, 2)]  # fmt: skip
        until(lambda: "ingest_papers" in command("dags", "list", "-o", "plain"), 180)
        conf = json.dumps({"source": "arxiv_snapshot", "paths": list(map(str, files))})
        command("dags", "trigger", "ingest_papers", "--run-id", "cluster", "--conf", conf)
        say("scheduler, dag-processor and two workers are up; ingest_papers is triggered")
        try:
            yield settings, workers
        except BaseException:
            for log in sorted(folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text('utf-8', 'replace')[-2500:]}")
            raise


def run(settings: Settings, files: list[Path], workers: list[subprocess.Popen[bytes]]) -> None:
    """Kills a worker once some partitions are parsed, and waits for the publication that holds all."""
    notes = settings.build / "batches"
    until(lambda: len(list(notes.glob("*/parse.json"))) >= len(files) // 3, 600)
    busy = None
    while busy is None:
        busy = at_work(settings, workers)
    parsed, number = len(list(notes.glob("*/parse.json"))), workers.index(busy) + 1
    say(f"{parsed} of {len(files)} partitions are parsed; worker {number} is killed while it holds a batch")
    kill(busy)
    killed = time.monotonic()
    until(lambda: len(list(notes.glob("*/check.json"))) == len(files), 900)
    say(f"all partitions are parsed and checked, {time.monotonic() - killed:.0f} s after the kill")
    until(lambda: published(settings) == len(files), 1200)
    say(f"publication {(read_manifest(settings) or {})['version']} holds all partitions")


def at_work(settings: Settings, workers: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes] | None:
    """A worker of whose processes one holds the lock of a batch now, which it parses or checks."""
    for holder in (settings.build / "locks").glob("*.holder"):
        if is_locked(holder.with_suffix("")):
            pid = json.loads(holder.read_text("utf-8") or "{}").get("pid")
            for worker in workers:
                if pid in {child.pid for child in psutil.Process(worker.pid).children(recursive=True)}:
                    return worker
    return None


def published(settings: Settings) -> int:
    """How many batches the last publication holds."""
    if read_manifest(settings) is None:
        return 0
    with open_publication(settings) as connection:
        return int(scalar(connection, "select count(distinct batch_id) from load_history where outcome = 'loaded'"))


def alone(home: Path, files: list[Path]) -> None:
    command = [BIN / "paperhouse", "run", "--source", "arxiv_snapshot", *map(str, files)]
    subprocess.run(command, env=os.environ | {"PAPERHOUSE_HOME": str(home)}, check=True, capture_output=True)
    say("the same files, in one process on one machine")


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for the process and all that it started."""
    try:
        tree = [process, *psutil.Process(process.pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for each in tree:
        try:
            os.kill(each.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


if __name__ == "__main__":
    typer.run(main)
