"""The steps as Airflow's tasks: faults of the machine are retried, failed validations are not."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from pydantic import SecretStr

from warehouse.airflow.runs import find_orphaned, is_live
from warehouse.errors import RejectedError, UsageError
from warehouse.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")


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
    from warehouse.steps.land import files_of
    from warehouse.steps.land import land as land_files
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
            raise UsageError(f"{outside[0]} is outside the folders that runs may read", hint)
        return land_files(settings, params["source"], files)
    names = [params["source"]] if params["source"] else list_source_names()
    taken = [] if day else find_orphaned(settings, is_live, names)
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
    own = find_orphaned(settings, lambda _: True, names)
    return _land_inboxes(settings, names, own[:MAX_BATCHES], None, ["failed", None])


@fail_without_retry
def fetch(source_name: str, params: dict[str, Any], day: datetime | None) -> list[str]:
    """Lands what a live source has: of params['from'] to params['to'], for a backfill of that day, else since the last
    refresh.

    What is more than a run takes stays landed, with open loads, which a later run of ingest_papers takes up.
    """
    from warehouse.steps.fetch import fetch as fetch_source
    from warehouse.steps.fetch import list_asked_sources

    settings = Settings()
    first, last = (
        day.date() if day else date.fromisoformat(params[end]) if params[end] else None for end in ("from", "to")
    )
    fetched = fetch_source(settings, source_name, first, last, on_progress=print)
    own = find_orphaned(
        settings, lambda _: True, list_asked_sources(source_name)
    )  # of an earlier try, which was killed
    return list(dict.fromkeys([*fetched, *own]))[:MAX_BATCHES]


@fail_without_retry
def choose_links() -> int:
    from warehouse.steps import check_links

    return check_links.choose_links(_with_github_token(Settings()))


@fail_without_retry
def ask_hosts(group: str) -> int:
    from warehouse.steps import check_links

    return check_links.ask_hosts(_with_github_token(Settings()), group, _print_every(100))


@fail_without_retry
def land_answers() -> list[str]:
    """Lands what hosts answered; a later try of the same run takes up what an earlier one had landed."""
    from warehouse.steps import check_links

    settings = Settings()
    own = find_orphaned(settings, lambda _: True, ["link_checks"])
    return list(dict.fromkeys([*check_links.land_answers(settings), *own]))


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


@fail_without_retry
def parse(batch_id: str) -> str:
    from warehouse.steps.parse import parse as parse_batch

    parse_batch(Settings(), batch_id)
    return batch_id


@fail_without_retry
def check(batch_id: str) -> str:
    from warehouse.steps.check import check as check_batch

    settings = Settings()
    _name_page(settings, check_batch(settings, batch_id).page)
    return batch_id


@fail_without_retry
def load(batch_id: str) -> str:
    from warehouse.steps.load import load as load_batch

    return load_batch(Settings(), batch_id)


def announce() -> None:
    """Succeeds where there is something for build_marts to do; skipped otherwise.

    A run that has loaded nothing leaves the news to the runs that still load, so that none of their files are published
    without the others.
    """
    from airflow.sdk.exceptions import AirflowSkipException

    from warehouse.steps.build import has_news
    from warehouse.storage.loads import find_loading_runs, has_loaded, name_opener

    settings, run = Settings(), name_opener()
    if not has_news(settings):
        raise AirflowSkipException("nothing is new: the last publication holds all that is loaded")
    if has_loaded(settings, run):
        return
    if loading := [each for each in find_loading_runs(settings) if each != run and is_live(each)]:
        raise AirflowSkipException(f"this run has loaded nothing; {loading[0]} still loads and will announce it")


@fail_without_retry
def build() -> int:
    """Builds; skipped, with what follows, where the last publication holds all that is loaded."""
    from airflow.sdk.exceptions import AirflowSkipException

    from warehouse.steps.build import build as build_marts
    from warehouse.steps.build import is_published

    settings = Settings()
    if is_published(settings):
        raise AirflowSkipException("nothing is new: the last publication holds all that is loaded")
    return build_marts(settings).build_number


@fail_without_retry
def rebuild() -> int:
    """Builds in full; skipped, with what follows, where nothing is published yet."""
    from airflow.sdk.exceptions import AirflowSkipException

    from warehouse.steps.build import build as build_marts
    from warehouse.storage.publication import read_last_version

    settings = Settings()
    if not read_last_version(settings):
        raise AirflowSkipException("nothing is published yet")
    return build_marts(settings, full_refresh=True).build_number


@fail_without_retry
def audit() -> str:
    from warehouse.steps.audit import audit as audit_build

    settings = Settings()
    page = audit_build(settings).page
    _name_page(settings, page)
    return page


@fail_without_retry
def send_digest() -> int:
    """Sends the digests by Airflow's connection smtp_default; returns how many: Airflow keeps that, and no
    addresses."""
    from airflow.providers.smtp.hooks.smtp import SmtpHook
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from warehouse.digest.courier import Courier
    from warehouse.digest.mailing import send_digests
    from warehouse.digest.subscribers import read_mailing_list

    settings = Settings()
    if read_mailing_list(settings) is None:
        print(f"no subscribers: there is no {settings.subscribers_file}")
        return 0
    try:
        Connection.get("smtp_default")
    except AirflowNotFoundException:
        raise UsageError(
            "Airflow has no connection smtp_default, by which digests are sent",
            "Set AIRFLOW_CONN_SMTP_DEFAULT; docs/readers.md has a line to copy.",
        ) from None

    def connect() -> Any:
        return SmtpHook().get_conn()._smtp_client  # the hook's own way of sending knows no plain text beside HTML

    with Courier(connect) as courier:
        return len(send_digests(settings, courier.deliver).addresses)


@fail_without_retry
def publish(event: Any) -> int:
    """Publishes; the asset's event carries the publication's version, time and numbers of rows."""
    from warehouse.steps.publish import publish as publish_build
    from warehouse.storage.publication import read_row_counts

    published = publish_build(Settings())
    event.extra = {name: published[name] for name in ("version", "published_at")} | {"rows": read_row_counts(published)}
    return int(published["version"])


def has_mirror() -> bool:
    return bool(Settings().mirror)


@fail_without_retry
def mirror(version: int) -> str:
    """Copies the publication of now, which is this one or a later one, to the mirror; returns its address."""
    from warehouse.steps.mirror import mirror as mirror_publication

    mirrored = mirror_publication(Settings())
    print(f"publication {mirrored.version} (asked for: {version}): {mirrored.sent_bytes:,} bytes sent")
    return mirrored.address


def _name_page(settings: Settings, page: str) -> None:
    """Says in the task's log where the checks can be read. page: from the home."""
    path = Path(page).relative_to(settings.data_docs.name)
    print(f"Checks: {settings.explorer_url.rstrip('/')}/checks/{path}\nThe same as a file: {settings.home / page}")
