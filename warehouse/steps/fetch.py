"""Fetch: read a live source page by page and land each answer, before it is trusted; or paper by paper, see
fetch_papers.py.

The cursor is kept after every page: a run that was killed goes on where it was. What each source's last refresh was is
kept beside it.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from transforms.config import Live, SourceConfig
from transforms.formats.paging import PageResult, Request, Span
from transforms.identity.keys import stable_hash
from warehouse.clock import now
from warehouse.errors import RejectedError, UsageError
from warehouse.settings import Settings
from warehouse.steps.fetch_papers import Asked, fetch_papers
from warehouse.steps.land import land_answer
from warehouse.storage.batches import read_batch, receipt_path
from warehouse.storage.files import read_json, temporary_folder, write_json
from warehouse.storage.locks import file_lock
from warehouse.upstream.http import Client, FetchError
from warehouse.upstream.sources import Source, read_source

MAX_PAGES = 20_000
MAX_VALIDATORS = 1000
MAX_RESTARTS = 10
MAX_RECHECKS = 2  # how often a suspect answer is fetched again before it is accepted


@dataclass
class Cursor:
    """Where a refresh stands."""

    asked: Span
    span: Span  # what is left of it, where an expired token made it begin again
    request: Request | None
    page_count: int = 0
    entry_count: int = 0
    batch_ids: list[str] = field(default_factory=list)


@dataclass
class State:
    """What is known of a source's refreshes: the one that is under way, and what came before."""

    cursor: Cursor | None = None
    fetched_until: date | None = (
        None  # the last day up to which no day is lacking: a refresh of later days does not move it
    )
    fetched: list[Span] = field(default_factory=list)  # all fetched days, in spans that do not touch
    refresh_count: int = 0
    empty_count: int = 0  # refreshes without an entry though some were expected
    # URL → headers to ask with the next time, and its last answer's batch.
    validators: dict[str, dict[str, str]] = field(default_factory=dict)


def fetch(
    settings: Settings,
    source_name: str,
    first: date | None = None,
    last: date | None = None,
    allow_empty: bool = False,
    on_progress: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Lands what the source has of the days, and returns the batch ids. Days that are left out follow from the YAML and
    the last refresh.

    Raises UsageError where the source is not live, FetchError where an answer does not come (the cursor stays),
    RejectedError where a source that always had something has nothing.
    """
    source = read_source(source_name)
    live = live_config(settings, source.config)
    lock = settings.fetch_state / f"{source_name}.lock"
    # Two would lose each other's cursors.
    with file_lock(lock, f"the refresh of {source_name}", "fetch", settings.lock_timeout_seconds):
        state = _read(settings, source_name)
        if live.papers:
            return fetch_papers(settings, _asked(settings, source_name), live.papers, first, last, on_progress)
        asked = _span(live, state, first, last)
        if state.cursor is None or state.cursor.asked != asked:
            state.cursor = Cursor(asked, asked, source.module.first_request(asked, live))
        with Client(settings, live.requests_per_second, on_progress) as client:
            return _Refresh(settings, source, live, client, state, state.cursor, on_progress).run(allow_empty)


def list_asked_sources(source_name: str) -> list[str]:
    """The sources whose batches a refresh of that one may land."""
    live = read_source(source_name).config.live
    return [source_name, *([live.papers.otherwise] if live and live.papers and live.papers.otherwise else [])]


def _asked(settings: Settings, source_name: str) -> list[Asked]:
    sources = [read_source(name) for name in list_asked_sources(source_name)]
    return [Asked(source, live_config(settings, source.config)) for source in sources]


def live_config(settings: Settings, config: SourceConfig) -> Live:
    """How the source is read, with what the settings change. Raises UsageError where it is read from files alone."""
    if config.live is None:
        raise UsageError(
            f"{config.name} is not a live source: it is read from files",
            f"Next: paperhouse run --source {config.name} FILE",
        )
    return Live(**config.live.model_dump() | settings.live.get(config.name, {}))


def _span(live: Live, state: State, first: date | None, last: date | None) -> Span:
    last = last or max(first or date.min, now().date() - timedelta(days=live.lag_days))
    if first is None:
        first = min(last, state.fetched_until - timedelta(days=live.overlap_days)) if state.fetched_until else last
    if first > last:
        raise UsageError(
            f"the first day, {first}, comes after the last, {last}", "Give --from and --to the other way round."
        )
    return Span(first, last)


@dataclass
class _Refresh:
    """A refresh under way."""

    settings: Settings
    source: Source
    live: Live
    client: Client
    state: State
    cursor: Cursor
    on_progress: Callable[[str], None]
    restart_count: int = 0  # how often this run has begun a day again

    def run(self, allow_empty: bool) -> list[str]:
        while request := self.cursor.request:
            self.on_progress(f"{self.source.name}: page {self.cursor.page_count + 1}")
            self._page(request)
        return self._finish(allow_empty)

    def _page(self, request: Request) -> None:
        """Fetches, inspects and lands one page, and advances the cursor."""
        with temporary_folder(self.settings.fetch_state, "answer") as folder:
            file = folder / "answer"
            result, validators = self._fetch_checked(request, file)
            if validators is not None and not result.is_expired:
                name = f"{self.source.name}-{request.listed_on or self.cursor.span.last}-{stable_hash(request.url, 4)}"
                batch_id = land_answer(self.settings, self.source.name, file, name, request.listed_on)
                self.cursor.batch_ids.append(batch_id)
                if validators:
                    self.state.validators[request.url] = validators | {"batch_id": batch_id}
        self._advance(request, result)
        self.state.validators = dict(list(self.state.validators.items())[-MAX_VALIDATORS:])
        _write(self.settings, self.source.name, self.state)

    def _fetch_checked(self, request: Request, file: Path) -> tuple[PageResult, dict[str, str] | None]:
        """(result of an answer that can be accepted, its validators), with the answer in file; no validators where it
        is known already."""
        attempts, problem, doubts = self.settings.http_attempts, "", 0
        for attempt in range(1, attempts + 1):
            known = _landed(self.settings, self.state.validators.get(request.url, {}))
            answer = self.client.download(request.url, file, self.live.content_types, known[1] if known else None)
            content = known[0].read_bytes() if known and answer.is_unchanged else file.read_bytes()
            result: PageResult = self.source.module.inspect_page(request, content, self.cursor.span, self.live)
            if result.problem is None and (not result.is_suspect or doubts == MAX_RECHECKS):
                return result, None if answer.is_unchanged else answer.validators
            problem = result.problem or "the answer is empty"
            doubts += result.is_suspect
            if attempt < attempts:
                self.on_progress(f"{self.source.name}: {problem}; asked again")
                self.client.rest(attempt)
        raise FetchError(f"{request.url}: {problem}, in {attempts} tries", "A later run goes on from here.")

    def _advance(self, request: Request, result: PageResult) -> None:
        cursor = self.cursor
        if result.is_expired:
            cursor.span = replace(cursor.span, first=request.since or cursor.span.first)
            cursor.request = self.source.module.first_request(cursor.span, self.live)
            self.restart_count += 1
        else:
            cursor.request = result.next
        cursor.page_count += 1
        cursor.entry_count += result.entry_count
        if self.restart_count > MAX_RESTARTS:
            raise FetchError(
                f"{self.source.name} expired its resumption token {MAX_RESTARTS} times, last for {cursor.span.first}",
                "A later run goes on from there.",
            )
        if cursor.request == request or cursor.page_count > MAX_PAGES:
            raise FetchError(
                f"{self.source.name} pages in a loop: {request.url} leads to itself", "Its paging may have changed."
            )

    def _finish(self, allow_empty: bool) -> list[str]:
        """Ends the refresh. A source that never was empty and now is has a fault, here or there."""
        state, span = self.state, self.cursor.span
        days = [span.first + timedelta(days=i) for i in range((span.last - span.first).days + 1)]
        is_empty = self.cursor.entry_count == 0 and any(f"{day:%A}".lower() not in self.live.empty_days for day in days)
        state.cursor = None
        if is_empty and not allow_empty and state.refresh_count > 0 and state.empty_count == 0:
            _write(self.settings, self.source.name, state)
            again = f"paperhouse fetch --source {self.source.name} --from {span.first} --to {span.last} --allow-empty"
            raise RejectedError(
                f"{self.source.name} has nothing for {span.first} to {span.last}, and none of its "
                f"{state.refresh_count} refreshes was ever empty",
                f"Look at {self.source.config.url}. If it is right: {again}",
            )
        state.fetched = _joined([*state.fetched, self.cursor.asked])
        state.fetched_until = _contiguous(state.fetched, state.fetched_until or span.last)
        state.refresh_count += 1
        state.empty_count += is_empty
        _write(self.settings, self.source.name, state)
        return list(dict.fromkeys(self.cursor.batch_ids))


def _joined(spans: list[Span]) -> list[Span]:
    """The days of the spans as spans that neither overlap nor follow each other, in their order."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda each: each.first):
        if joined and span.first <= joined[-1].last + timedelta(days=1):
            joined[-1] = Span(joined[-1].first, max(joined[-1].last, span.last))
        else:
            joined.append(span)
    return joined


def _contiguous(spans: list[Span], until: date) -> date:
    """The last day that can be reached from `until` without a day that is in none of the spans."""
    return max([until, *(span.last for span in spans if span.first <= until + timedelta(days=1))])


def _landed(settings: Settings, validators: dict[str, str]) -> tuple[Path, dict[str, str]] | None:
    """(the file that the URL's last answer was landed as, headers to ask with whether it still is so), or None."""
    batch_id = validators.get("batch_id")
    file = (
        read_batch(settings, batch_id).landed_file(settings)
        if batch_id and receipt_path(settings, batch_id).exists()
        else None
    )
    headers = {name: value for name, value in validators.items() if name != "batch_id"}
    return (file, headers) if file and file.exists() else None


def _file(settings: Settings, source_name: str) -> Path:
    return settings.fetch_state / f"{source_name}.json"


def _read(settings: Settings, source_name: str) -> State:
    kept: dict[str, Any] = read_json(_file(settings, source_name)) or {}
    cursor = kept.pop("cursor", None)
    until = kept.pop("fetched_until", None)
    fetched = [_span_of(each) for each in kept.pop("fetched", [])]
    state = State(**kept, fetched_until=date.fromisoformat(until) if until else None, fetched=fetched)
    if cursor:
        asked, span = _span_of(cursor["asked"]), _span_of(cursor["span"])
        cursor.pop("watermark", None)  # of versions before 0.3
        state.cursor = Cursor(
            **cursor | {"asked": asked, "span": span, "request": cursor["request"] and _request_of(cursor["request"])}
        )
    return state


def _span_of(kept: dict[str, str]) -> Span:
    return Span(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]))


def _request_of(kept: dict[str, Any]) -> Request:
    return Request(**kept | {name: date.fromisoformat(kept[name]) for name in ("listed_on", "since") if kept.get(name)})


def _write(settings: Settings, source_name: str, state: State) -> None:
    write_json(_file(settings, source_name), asdict(state))
