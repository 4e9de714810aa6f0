"""The steps as Airflow's tasks: faults of the machine are retried, failed validations are not, and failures are
reported where people look."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from pydantic import SecretStr

from warehouse.clock import now
from warehouse.errors import RejectedError, UsageError
from warehouse.redaction import redact
from warehouse.settings import Settings

WRITE_POOL = "paperhouse_write"
BATCH_POOL = "paperhouse_batch"
P = ParamSpec("P")
R = TypeVar("R")


def report_failure(context: dict[str, Any]) -> None:
    """Airflow's failure callback: says what failed and where to look, in the task's log and in logs/failures.jsonl."""
    instance, error, settings = context["task_instance"], context.get("exception"), Settings()
    failure = {
        "at": now().isoformat(),
        "dag_id": instance.dag_id,
        "task_id": instance.task_id,
        "map_index": instance.map_index,
        "run_id": instance.run_id,
        "try_number": instance.try_number,
        "message": redact(str(error)),
    }
    _note(settings, failure)
    print(
        f"{instance.dag_id}.{instance.task_id} failed: {failure['message']}\nAll failures: {_failures_file(settings)}; "
        f"state: paperhouse status"
    )


def report_late(context: dict[str, Any], minutes: float) -> None:
    """Airflow's deadline callback: a run of a DAG takes longer than it should. The run goes on."""
    settings, run = Settings(), context["dag_run"]
    message = (
        f"{run['dag_id']} is late: its run {run['dag_run_id']} was not done {minutes:g} minutes after it was queued"
    )
    _note(
        settings,
        {
            "at": now().isoformat(),
            "dag_id": run["dag_id"],
            "task_id": None,
            "run_id": run["dag_run_id"],
            "message": message,
        },
    )
    print(f"{message}\nWho holds the lock: paperhouse doctor")


def deadline() -> Any:
    """The deadline of each run of a DAG, reported by `report_late`; None where the settings have none."""
    from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback  # type: ignore[attr-defined]

    minutes = Settings().deadline_minutes
    if not minutes:
        return None
    callback = SyncCallback(report_late, {"minutes": minutes})
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=timedelta(minutes=minutes), callback=callback
    )


def _note(settings: Settings, failure: dict[str, Any]) -> None:
    settings.logs.mkdir(parents=True, exist_ok=True)
    with _failures_file(settings).open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(json.dumps(failure, ensure_ascii=False) + "\n")


def failures(settings: Settings, since: datetime) -> list[dict[str, Any]]:
    """The tasks' failures that were noted since the instant, the oldest first."""
    file = _failures_file(settings)
    noted = [_failure(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
    return [
        failure
        for failure in noted
        if failure and failure["task_id"] and datetime.fromisoformat(failure["at"]) >= since
    ]


def _failure(line: str) -> dict[str, Any] | None:
    """What a line notes; None of one that a full disk or a kill cut off."""
    try:
        failure: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return failure


def _failures_file(settings: Settings) -> Path:
    return settings.logs / "failures.jsonl"


# What all DAGs have.
DAG_OPTIONS: dict[str, Any] = {
    "start_date": datetime(2026, 1, 1, tzinfo=UTC),
    "catchup": False,
    "max_active_runs": 1,
    "default_args": {
        "owner": "paperhouse",
        "retries": 3,
        "retry_delay": timedelta(seconds=10),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "on_failure_callback": report_failure,
    },
}


def fail_without_retry(step: Callable[P, R]) -> Callable[P, R]:
    """Makes Airflow fail the task at once, without a retry, where trying again without a change would fail again."""

    @wraps(step)
    def task(*args: P.args, **kwargs: P.kwargs) -> R:
        from airflow.sdk.exceptions import AirflowFailException

        try:
            return step(*args, **kwargs)
        except (RejectedError, UsageError) as error:
            raise AirflowFailException(str(error)) from error

    return task


MAX_BATCHES = 1000  # of a run: Airflow maps a task to 1,024 at most. What is left is taken by the next run.


@fail_without_retry
def land(params: dict[str, Any], day: datetime | None) -> list[str]:
    """Lands params['paths'] of params['source']; without paths the inboxes, for a backfill only that day's files.

    Paths lead into the inboxes or PAPERHOUSE_INPUT_FOLDERS: who may trigger a run may not read every file of this
    machine. A run without paths and day also takes up the loads that no live run has: a worker was killed, or its tries
    were spent.
    """
    from warehouse.steps.land import files_of, land
    from warehouse.upstream.sources import list_source_names

    settings = Settings()
    if params["paths"]:
        files = [file.resolve() for file in files_of(params["source"], params["paths"])]
        if len(files) > MAX_BATCHES:
            raise UsageError(
                f"{len(files):,} files are too many for one run, which takes {MAX_BATCHES:,}",
                "Put them into the inbox, or name fewer.",
            )
        folders = [folder.resolve() for folder in (settings.inbox, *settings.input_folders)]
        if outside := [file for file in files if not any(file.is_relative_to(folder) for folder in folders)]:
            hint = f"Put it into {settings.inbox / params['source']}, or set PAPERHOUSE_INPUT_FOLDERS."
            raise UsageError(f"{outside[0]} lies in no folder that runs may take files from", hint)
        return land(settings, params["source"], files)
    names = [params["source"]] if params["source"] else list_source_names()
    taken = [] if day else _orphaned(settings, _is_live, names)
    return _land_inboxes(settings, names, taken[:MAX_BATCHES], day.date() if day else None, [None])


def _land_inboxes(
    settings: Settings, names: list[str], taken: list[str], day: date | None, skip: list[str | None]
) -> list[str]:
    """The batches taken so far, and those of the inboxes' files, MAX_BATCHES in all."""
    from warehouse.steps.land import land_inbox

    for name in names:
        most = MAX_BATCHES - len(taken)
        taken = [*taken, *land_inbox(settings, name, day, skip, settings.inbox_settle_seconds, most)]
    return list(dict.fromkeys(taken))


def _orphaned(settings: Settings, is_live: Callable[[str], bool], names: list[str]) -> list[str]:
    """The open loads of the sources that no live run goes on with, and those of this task's own run."""
    from warehouse.storage.loads import find_orphaned_batches, opener

    return find_orphaned_batches(settings, opener(), is_live, names)


def _is_live(run: str) -> bool:
    """Whether the run of a DAG, as raw.loads.opened_by names it, has not ended. A run that Airflow does not know
    has."""
    from airflow.sdk.exceptions import AirflowRuntimeError
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    dag_id, _, run_id = run.partition(" ")
    try:
        return RuntimeTaskInstance.get_dagrun_state(dag_id, run_id) in ("queued", "running")
    except AirflowRuntimeError:
        return False


def inbox_poke_seconds() -> float:
    return Settings().inbox_poke_seconds


def find_waiting_sources() -> list[str]:
    """The sources in whose inboxes files have come that were never landed."""
    from warehouse.steps.land import find_waiting
    from warehouse.upstream.sources import list_source_names

    settings = Settings()
    return [name for name in list_source_names() if find_waiting(settings, name, settings.inbox_settle_seconds)]


@fail_without_retry
def land_inboxes(names: list[str]) -> list[str]:
    """Lands what has come into the inboxes of the sources; a later try of the same run takes up what an earlier one had
    landed."""
    settings = Settings()
    own = _orphaned(settings, lambda _: True, names)
    return _land_inboxes(settings, names, own[:MAX_BATCHES], None, ["failed", None])


@fail_without_retry
def fetch(source_name: str, params: dict[str, Any], day: datetime | None) -> list[str]:
    """Lands what a live source has: of params['from'] to params['to'], for a backfill of that day, else since the last
    refresh.

    What is more than a run takes stays landed, with open loads, which a later run of ingest_papers takes up.
    """
    from warehouse.steps.fetch import fetch

    settings = Settings()
    first, last = (
        day.date() if day else date.fromisoformat(params[end]) if params[end] else None for end in ("from", "to")
    )
    fetched = fetch(settings, source_name, first, last, on_progress=print)
    own = _orphaned(settings, lambda _: True, [source_name])  # of an earlier try, which was killed
    return list(dict.fromkeys([*fetched, *own]))[:MAX_BATCHES]


def link_groups() -> dict[str, str]:
    """The groups of sites that links are checked at → the pool of each."""
    from warehouse.steps.check_links import link_groups

    return {group: f"host_{group}" for group in link_groups()}


@fail_without_retry
def choose_links() -> int:
    from warehouse.steps.check_links import choose_links

    return choose_links(_with_github_token(Settings()))


@fail_without_retry
def ask_hosts(group: str) -> int:
    from warehouse.steps.check_links import ask_hosts

    return ask_hosts(_with_github_token(Settings()), group, _print_every(100))


@fail_without_retry
def land_answers() -> list[str]:
    """Lands what hosts answered; a later try of the same run takes up what an earlier one had landed."""
    from warehouse.steps.check_links import land_answers

    settings = Settings()
    own = _orphaned(settings, lambda _: True, ["link_checks"])
    return list(dict.fromkeys([*land_answers(settings), *own]))


def _with_github_token(settings: Settings) -> Settings:
    """The settings with the password of Airflow's connection github_default, where there is one."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        password = Connection.get("github_default").password
    except AirflowNotFoundException:
        return settings
    return settings.model_copy(update={"github_token": SecretStr(password)}) if password else settings


def _print_every(count: int) -> Callable[[int, int], None]:
    def on_progress(done: int, total: int) -> None:
        if done % count == 0 or done == total:
            print(f"{done:,} of {total:,} links checked")

    return on_progress


def pools() -> dict[str, dict[str, Any]]:
    """Every pool that the DAGs use, as `airflow pools import` reads them from JSON: of one slot, but for that of parse
    and check."""
    from transforms.parallel import processors
    from warehouse.upstream.sources import read_live_sources

    urls = [source.config.live.url for source in read_live_sources() if source.config.live]
    hosts = sorted({*map(host_pool, urls), *link_groups().values()})
    why = {
        WRITE_POOL: "one writer to the build database at a time",
        **dict.fromkeys(hosts, "one request to the host at a time"),
    }
    why[BATCH_POOL] = "so many batches are parsed or checked at once"
    slots = {BATCH_POOL: Settings().batch_slots or processors()}
    return {
        name: {"slots": slots.get(name, 1), "description": text, "include_deferred": False}
        for name, text in why.items()
    }


def host_pool(url: str) -> str:
    """The pool of one slot that all requests to the URL's site go through."""
    from warehouse.upstream.http import site

    return f"host_{site(url)}"


@fail_without_retry
def parse(batch_id: str) -> str:
    from warehouse.steps.parse import parse

    parse(Settings(), batch_id)
    return batch_id


@fail_without_retry
def check(batch_id: str) -> str:
    from warehouse.steps.check import check

    settings = Settings()
    _name_page(settings, check(settings, batch_id).page)
    return batch_id


@fail_without_retry
def load(batch_id: str) -> str:
    from warehouse.steps.load import load

    return load(Settings(), batch_id)


def announce() -> None:
    """Succeeds where there is something for build_marts to do; skipped otherwise.

    A run that has loaded nothing leaves the news to the runs that still load, so that none of their files are published
    without the others.
    """
    from airflow.sdk.exceptions import AirflowSkipException

    from warehouse.steps.build import has_news
    from warehouse.storage.loads import find_loading_runs, has_loaded, opener

    settings, run = Settings(), opener()
    if not has_news(settings):
        raise AirflowSkipException("nothing is new: the last publication holds all that is loaded")
    if has_loaded(settings, run):
        return
    if loading := [each for each in find_loading_runs(settings) if each != run and _is_live(each)]:
        raise AirflowSkipException(f"this run has loaded nothing; {loading[0]} still loads and will announce it")


@fail_without_retry
def build() -> int:
    """Builds; skipped, with what follows, where the last publication holds all that is loaded."""
    from airflow.sdk.exceptions import AirflowSkipException

    from warehouse.steps.build import build, is_published

    settings = Settings()
    if is_published(settings):
        raise AirflowSkipException("nothing is new: the last publication holds all that is loaded")
    return build(settings).build_number


@fail_without_retry
def rebuild() -> int:
    """Builds in full; skipped, with what follows, where nothing is published yet."""
    from airflow.sdk.exceptions import AirflowSkipException

    from warehouse.steps.build import build
    from warehouse.storage.publication import read_last_version

    settings = Settings()
    if not read_last_version(settings):
        raise AirflowSkipException("nothing is published yet")
    return build(settings, full_refresh=True).build_number


@fail_without_retry
def audit() -> str:
    from warehouse.steps.audit import audit

    settings = Settings()
    page = audit(settings).page
    _name_page(settings, page)
    return page


@fail_without_retry
def send_digest() -> int:
    """Sends the digests by Airflow's connection smtp_default; returns how many: Airflow keeps that, and no
    addresses."""
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    from warehouse.digest.courier import Courier
    from warehouse.digest.mailing import send_digests
    from warehouse.digest.subscribers import read_mailing_list

    settings = Settings()
    if read_mailing_list(settings) is None:
        print(f"no subscribers: there is no {settings.subscribers_file}")
        return 0

    def connect() -> Any:
        return SmtpHook().get_conn()._smtp_client  # the hook's own way of sending knows no plain text beside HTML

    with Courier(connect) as courier:
        return len(send_digests(settings, courier.deliver).addresses)


@fail_without_retry
def publish(event: Any) -> int:
    """Publishes; the asset's event carries the publication's version, time and numbers of rows."""
    from warehouse.steps.publish import publish
    from warehouse.storage.publication import row_counts

    published = publish(Settings())
    event.extra = {name: published[name] for name in ("version", "published_at")} | {"rows": row_counts(published)}
    return int(published["version"])


def _name_page(settings: Settings, page: str) -> None:
    """Says in the task's log where the checks can be read. page: from the home."""
    path = Path(page).relative_to(settings.data_docs.name)
    print(f"Checks: {settings.explorer_url.rstrip('/')}/checks/{path}\nThe same as a file: {settings.home / page}")
