"""The metrics of dbt's semantic layer, answered from the publication by MetricFlow, where the extra `metrics` is
installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from warehouse.errors import StepError, UsageError
from warehouse.settings import Settings
from warehouse.storage.publication import publication_file
from warehouse.versions import DBT_PROJECT


def is_installed() -> bool:
    return _program().exists()


def _program() -> Path:
    return Path(sys.executable).with_name("mf")


def run_metricflow(settings: Settings, *arguments: str) -> int:
    """`mf ARGUMENTS` on this terminal; returns its exit code. Raises UsageError where it is not installed or nothing is
    published."""
    program = _program()
    if not program.exists():
        raise UsageError("MetricFlow is not installed", "Next: make extras")
    folder = settings.home / "metrics"
    environment = os.environ | {
        "PAPERHOUSE_BUILD_DATABASE": str(publication_file(settings)),
        "PAPERHOUSE_DBT_ACCESS_MODE": "read_only",
        "DBT_PROFILES_DIR": str(folder),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DO_NOT_TRACK": "1",
    }
    _layout(folder)
    command = [str(program.with_name("dbt")), "parse"]
    parsed = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if parsed.returncode:
        raise StepError(
            f"dbt cannot read the semantic models: {parsed.stdout.strip()[-1000:]}", f"Details: {folder / 'logs'}"
        )
    return subprocess.run([program, *arguments], env=environment, cwd=folder, check=False).returncode


def _layout(folder: Path) -> None:
    """A dbt project of links to ours: MetricFlow reads and writes below the folder that it runs in."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in DBT_PROJECT.iterdir():
        link = folder / path.name
        if path.name not in ("target", "logs") and not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(path)
    shutil.rmtree(folder / "target", ignore_errors=True)  # the names in it are those of one publication
