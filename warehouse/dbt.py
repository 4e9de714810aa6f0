"""Runs dbt, as a process of its own, which ends with ours: what it holds open ends with it."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import duckdb

from warehouse.errors import PaperhouseError, RejectedError, StepError, classify_system_error
from warehouse.resident import Resident
from warehouse.settings import Settings
from warehouse.versions import DBT_PROJECT, project_hash

MARTS = DBT_PROJECT / "models" / "marts"
_SHARED = Path(sys.prefix) / "share" / "paperhouse" / "dbt"  # what homes take from each other, by their backend
_DOCS = (["parse", "--write-json"], ["docs", "generate", "--static", "--no-compile"])
# Seeds and the tests of nothing but seeds: they are the project's own, and where it did not change, they are what the
# last build made of them.
_NO_SEEDS = ["--exclude", "resource_type:seed", "--indirect-selection", "cautious"]
_loaded: "_Dbt | None" = None  # at hand for the next run_dbt


@dataclass(frozen=True)
class NodeResult:
    """The outcome of one model, seed or test of the last `dbt build`."""

    name: str
    status: str
    message: str
    sql: str | None = None  # as dbt ran it

    @property
    def is_test(self) -> bool:
        return self.name.startswith(("test.", "unit_test."))


def run_dbt(settings: Settings, *commands: list[str]) -> None:
    """dbt's commands on the build database, one after the other in one process, as dbt's start takes longer than most
    of them.

    Raises RejectedError where only tests failed, StepError where anything else did.
    The caller holds the write lock and has no connection open.
    """
    results_file = target_folder(settings) / "run_results.json"
    results_file.unlink(missing_ok=True)
    with _take_loaded() or _Dbt(settings) as dbt:
        failed = next((command for command in commands if dbt.run(*command)), None)
        output = dbt.read_output()
    if failed:  # and dbt has given up the database
        raise _error(settings, failed[0], output)


@contextmanager
def keep_dbt_loaded(settings: Settings) -> Iterator[None]:
    """Within it, the first `run_dbt` of these settings finds dbt loaded, which another processor did meanwhile."""
    load_dbt(settings)
    try:
        yield
    finally:
        if unused := _take_loaded():
            unused.stop()


def load_dbt(settings: Settings) -> None:
    """Begins to load dbt for the next `run_dbt` of these settings, unless that is done."""
    global _loaded
    _loaded = _loaded or _Dbt(settings)


def _take_loaded() -> "_Dbt | None":
    global _loaded
    loaded, _loaded = _loaded, None
    return loaded


class _Dbt(Resident):
    """dbt, with the settings' home and database, and with the project parsed.

    The first of a home is given what another home's has parsed, which saves half of dbt's start. dbt itself finds out
    which files differ.
    """

    def __init__(self, settings: Settings) -> None:
        settings.home.mkdir(parents=True, exist_ok=True)
        settings.logs.mkdir(parents=True, exist_ok=True)
        self._parsed = target_folder(settings) / "partial_parse.msgpack"
        self._shared = _SHARED / settings.backend / self._parsed.name
        self._is_first = not self._parsed.exists()
        if self._is_first:
            _copy_if_possible(self._shared, self._parsed)
        self._output = TemporaryFile()  # noqa: SIM115
        super().__init__("warehouse.dbt_commands:run", _environment(settings), settings.home, self._output)

    def read_output(self) -> str:
        self._output.seek(0)
        return self._output.read().decode(errors="replace")

    def stop(self) -> None:
        super().stop()
        self._output.close()
        if self._is_first and self._is_used:
            _copy_if_possible(self._parsed, self._shared)


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "DBT_LOG_LEVEL_FILE": "info",  # at debug dbt writes every query, a fifth of its time where there are few rows
        "DBT_LOG_LEVEL": "none",  # nobody sees its console, for which it would make each line again
        # dbt looks through all of them for each line of its log.
        **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
        "PAPERHOUSE_HOME": str(settings.home),
        "PAPERHOUSE_BACKEND": settings.backend,
        # Relative to the folder in which dbt runs: dbt parses everything again where a variable of its profile differs.
        "PAPERHOUSE_BUILD_DATABASE": str(settings.build_database.relative_to(settings.home)),
        "PAPERHOUSE_LAKE": settings.lake,
        **({"PGPASSWORD": settings.lake_password} if settings.lake_password else {}),
        "PAPERHOUSE_MEMORY_LIMIT": settings.memory_limit,
        "PAPERHOUSE_DBT_THREADS": str(settings.dbt_threads),
        "DO_NOT_TRACK": "1",
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_TARGET_PATH": str(target_folder(settings)),
        "DBT_LOG_PATH": str(settings.logs),
        "DBT_WRITE_JSON": "false",
    }


def _copy_if_possible(file: Path, to: Path) -> None:
    """A copy that appears at once; none where there is no such file, or no right to write."""
    temporary = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, temporary)
        temporary.replace(to)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _error(settings: Settings, command: str, output: str) -> PaperhouseError:
    failed = [result for result in read_results(settings) if result.status in ("error", "fail", "runtime error")]
    hint = f"Details: {settings.logs / 'dbt.log'}"
    if not failed or not all(result.is_test for result in failed):
        said = "\n".join([output, *(result.message for result in failed)])
        if fault := classify_system_error(OSError(said)):
            return fault
    if not failed:
        return StepError(f"dbt {command} failed: {output.strip()[-2000:]}", hint)
    what = "; ".join(f"{result.name.split('.')[2]}: {_explain(settings, result)}" for result in failed)
    if all(result.is_test for result in failed):
        return RejectedError(f"dbt tests failed, nothing is published: {what}", hint)
    return StepError(f"dbt {command} failed: {what}", hint)


def _explain(settings: Settings, result: NodeResult) -> str:
    """What dbt says of a node that failed; for a test of row_rules also the rules that are broken, each with what
    breaks it."""
    if ".row_rules_" not in result.name or not result.sql or settings.backend != "duckdb":
        return result.message
    try:
        with duckdb.connect(settings.build_database, read_only=True) as connection:
            query = f"select broken_rules, min(broken_by)[:100] from ({result.sql}) group by all order by all limit 5"  # noqa: S608
            found = connection.execute(query).fetchall()
            return f"{result.message}; broken: {'; '.join(f'{rules} ({example})' for rules, example in found)}"
    except duckdb.Error:
        return result.message


def read_results(settings: Settings) -> list[NodeResult]:
    """The results of the last dbt command that ran nodes; none where dbt could not write them whole, as on a full
    disk."""
    try:
        found = json.loads((target_folder(settings) / "run_results.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    return [
        NodeResult(each["unique_id"], each["status"], each["message"] or "", each.get("compiled_code"))
        for each in found["results"]
    ]


def list_marts() -> list[str]:
    """The tables that are for readers. What else stands beside them, dbt left there when it was killed or could not
    commit."""
    return sorted(file.stem for file in MARTS.glob("*.sql"))


def list_marts_by_paper() -> list[str]:
    """Those of the marts that a build changes paper by paper; it makes the others anew."""
    return [name for name in list_marts() if "incremental_by_paper()" in (MARTS / f"{name}.sql").read_text("utf-8")]


def build_marts(settings: Settings, full_refresh: bool) -> None:
    """Builds and tests the marts and, where the dbt project changed, makes its docs. Raises as `run_dbt` does."""
    command = ["build", "--exclude-resource-type", "unit_test", *(["--full-refresh"] if full_refresh else _NO_SEEDS)]
    page = _find_docs(settings)
    run_dbt(settings, command, *(() if page.exists() else _DOCS))
    _keep_docs(settings, page)


def write_docs(settings: Settings) -> Path:
    """dbt's static docs as one HTML file. The caller holds the write lock."""
    page = _find_docs(settings)
    if not page.exists():
        run_dbt(settings, *_DOCS)
        _keep_docs(settings, page)
    return page


def _find_docs(settings: Settings) -> Path:
    """The file of the docs of this project: there, taken from another home, or still to be made."""
    page = target_folder(settings) / f"docs-{project_hash(settings)}.html"
    if not page.exists():
        _copy_if_possible(_SHARED / settings.backend / page.name, page)
    return page


def _keep_docs(settings: Settings, page: Path) -> None:
    if page.exists():
        return
    shutil.copyfile(target_folder(settings) / "static_index.html", page)
    shared = _SHARED / settings.backend / page.name
    _copy_if_possible(page, shared)
    for old in {*page.parent.glob("docs-*.html"), *shared.parent.glob("docs-*.html")} - {page, shared}:
        old.unlink(missing_ok=True)


def target_folder(settings: Settings) -> Path:
    return settings.build / "dbt"
