"""Real services on loopback, from Debian's packages and a package of Python: PostgreSQL, Redis and an S3 server."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.ports import free_port

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
_EXTRA = find_spec("duckdb_extension_ducklake") is not None
ARE_HERE = bool(POSTGRES) and shutil.which("redis-server") is not None and _EXTRA
WAY_OUT = "PostgreSQL, Redis or the extra cluster are not installed: make test-services"
BUCKET = "paperhouse"


@contextmanager
def postgres(folder: Path) -> Iterator[int]:
    """The port of a server of its own, whose user postgres needs no password on loopback; databases airflow and
    lake."""
    (bin_folder,) = POSTGRES
    data, port = folder / "postgres", free_port()
    data.mkdir(parents=True)
    user = {}
    if os.getuid() == 0:  # PostgreSQL does not run as root
        account = pwd.getpwnam("postgres")
        os.chown(data, account.pw_uid, account.pw_gid)
        user = {"user": account.pw_uid, "group": account.pw_gid}
        for parent in data.parents[:-1]:
            if parent.owner() == "root" and not parent.stat().st_mode & 1:
                parent.chmod(parent.stat().st_mode | 0o011)
    options = {"cwd": "/", "check": True, "stdout": subprocess.DEVNULL}
    subprocess.run(
        [bin_folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
        **options,
        **user,
    )
    command = [bin_folder / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off"]
    with _process(command, folder / "postgres.log", **user):
        for name in ("airflow", "lake"):
            create = [bin_folder / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", name]
            until(lambda create=create: subprocess.run(create, check=False, capture_output=True).returncode == 0)
        yield port


@contextmanager
def redis(folder: Path) -> Iterator[int]:
    port = free_port()
    with _process(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        folder / "redis.log",
    ):
        yield port


@contextmanager
def s3(folder: Path) -> Iterator[int]:
    """The port of an S3 server with one empty bucket; any key will do."""
    port = free_port()
    server = Path(sys.executable).parent / "moto_server"
    with _process([server, "-H", "127.0.0.1", "-p", str(port)], folder / "s3.log"):
        until(lambda: _answers(f"http://127.0.0.1:{port}/{BUCKET}", "PUT"))
        yield port


def lake(postgres_port: int, s3_port: int) -> dict[str, str]:
    """paperhouse's settings for a warehouse in DuckLake; its rows lie in the bucket."""
    address = {"endpoint": f"127.0.0.1:{s3_port}", "region": "us-east-1", "url_style": "path", "use_ssl": "false"}
    return {
        "PAPERHOUSE_BACKEND": "ducklake",
        "PAPERHOUSE_DUCKLAKE_CATALOG": f"postgres:host=127.0.0.1 port={postgres_port} user=postgres dbname=lake",
        "PAPERHOUSE_DUCKLAKE_DATA": f"s3://{BUCKET}/lake/",
        "PAPERHOUSE_DUCKLAKE_STORE": json.dumps({"key_id": "key", "secret": "secret", **address}),
    }


@contextmanager
def _process(command: list[object], log: Path, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("ab") as output,
        subprocess.Popen(list(map(str, command)), stdout=output, stderr=output, cwd="/", **options) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def _answers(url: str, method: str) -> bool:
    try:
        with urlopen(Request(url, method=method), timeout=5):  # noqa: S310 - on loopback
            return True
    except HTTPError as error:
        return error.code == 409  # the bucket is there
    except (URLError, OSError):
        return False


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Waits until it holds. Raises TimeoutError where it does not in so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s")
        time.sleep(0.2)
