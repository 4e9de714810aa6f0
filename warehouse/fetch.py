"""Fetch: read a live source page by page and land each answer, before anything of it is believed.

The cursor is kept after every page: a run that was killed goes on where it was. What each source's last refresh was is kept beside it.
"""

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from transforms.identity import stable_hash
from transforms.paging import Judgement, Request, Span
from warehouse.batches import read_batch, receipt_path
from warehouse.clock import now
from warehouse.errors import RejectedError, UsageError
from warehouse.files import read_json, write_json
from warehouse.http import Client, FetchError
from warehouse.land import land_answer
from warehouse.settings import Settings
from warehouse.sources import Live, Source, source

MOST_PAGES = 20_000
MOST_VALIDATORS = 1000
DOUBTS = 2  # so often a doubtful answer is asked for again before it is believed


@dataclass
class Cursor:
    """Where a refresh stands."""

    asked: Span
    span: Span  # what is left of it, where an expired token made it begin again
    request: Request | None
    page_count: int = 0
    entry_count: int = 0
    watermark: str | None = None
    batch_ids: list[str] = field(default_factory=list)


@dataclass
class State:
    """What is known of a source's refreshes: the one that is under way, and what came before."""

    cursor: Cursor | None = None
    fetched_until: date | None = None  # the last day of the last refresh that ended
    refresh_count: int = 0
    empty_count: int = 0  # refreshes that brought nothing though something could be expected
    validators: dict[str, dict[str, str]] = field(default_factory=dict)  # URL → headers to ask with the next time, and its last answer's batch


def fetch(
    settings: Settings,
    source_name: str,
    first: date | None = None,
    last: date | None = None,
    allow_empty: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Lands what the source has of the days, and returns the batch ids. Days that are left out follow from the YAML and the last refresh.

    Raises UsageError where the source is not live, FetchError where an answer does not come (the cursor stays), RejectedError where
    a source that always had something has nothing.
    """
    facts = live_facts(settings, source_name)
    state = _read(settings, source_name)
    span = _span(facts, state, first, last)
    if state.cursor is None or state.cursor.asked != span:
        state.cursor = Cursor(span, span, facts.module.first_request(span, facts.model_dump()))
    assert facts.live
    with Client(settings, facts.live.requests_per_second, say) as client:
        while state.cursor.request:
            say(f"{source_name}: page {state.cursor.page_count + 1}")
            _page(settings, facts, client, state, say)
    return _finish(settings, facts, state, allow_empty)


def live_facts(settings: Settings, source_name: str) -> Source:
    """The source's facts, with what the settings change of `live`. Raises UsageError where it has none."""
    facts = source(source_name)
    if facts.live is None:
        raise UsageError(f"{source_name} is no live source: it is read from files", f"Next: paperhouse run --source {source_name} FILE")
    changed = settings.live.get(source_name, {})
    return facts.model_copy(update={"live": Live(**facts.live.model_dump() | changed)}) if changed else facts


def _span(facts: Source, state: State, first: date | None, last: date | None) -> Span:
    assert facts.live
    last = last or max(first or date.min, now().date() - timedelta(days=facts.live.lag_days))
    if first is None:
        first = min(last, state.fetched_until - timedelta(days=facts.live.overlap_days)) if state.fetched_until else last
    if first > last:
        raise UsageError(f"the first day, {first}, comes after the last, {last}", "Give --from and --to the other way round.")
    return Span(first, last)


def _page(settings: Settings, facts: Source, client: Client, state: State, say: Callable[[str], None]) -> None:
    """Fetches, judges and lands one page, and moves the cursor on."""
    cursor = state.cursor
    assert cursor
    assert cursor.request
    with tempfile.TemporaryDirectory(prefix="paperhouse-") as folder:
        file = Path(folder) / "answer"
        judgement, validators = _trusted(settings, facts, client, state, file, say)
        if validators is not None and not judgement.is_expired:
            name = f"{facts.name}-{cursor.request.listed_on or cursor.span.last}-{stable_hash(cursor.request.url, 4)}"
            batch_id = land_answer(settings, facts.name, file, name, cursor.request.listed_on)
            cursor.batch_ids.append(batch_id)
            if validators:
                state.validators[cursor.request.url] = validators | {"batch_id": batch_id}
    _move_on(facts, cursor, judgement)
    state.validators = dict(list(state.validators.items())[-MOST_VALIDATORS:])
    _write(settings, facts.name, state)


def _trusted(
    settings: Settings, facts: Source, client: Client, state: State, file: Path, say: Callable[[str], None]
) -> tuple[Judgement, dict[str, str] | None]:
    """(judgement of an answer that can be believed, its validators), with the answer in file; no validators where it is known already."""
    assert state.cursor
    assert state.cursor.request
    assert facts.live
    request, problem, doubts = state.cursor.request, "", 0
    for attempt in range(1, settings.http_attempts + 1):
        known = _landed(settings, state.validators.get(request.url, {}))
        answer = client.download(request.url, file, facts.live.content_types, known[1] if known else None)
        content = known[0].read_bytes() if known and answer.is_unchanged else file.read_bytes()
        judgement: Judgement = facts.module.judge(request, content, state.cursor.span, facts.model_dump())
        if judgement.problem is None and (not judgement.is_doubtful or doubts == DOUBTS):
            return judgement, None if answer.is_unchanged else answer.validators
        problem = judgement.problem or "the answer is empty"
        doubts += judgement.is_doubtful
        if attempt < settings.http_attempts:
            say(f"{facts.name}: {problem}; asked again")
            client.rest(attempt)
    raise FetchError(f"{request.url}: {problem}, in {settings.http_attempts} tries", "A later run goes on from here.")


def _landed(settings: Settings, validators: dict[str, str]) -> tuple[Path, dict[str, str]] | None:
    """(the file that the URL's last answer was landed as, headers to ask with whether it still is so), or None."""
    batch_id = validators.get("batch_id")
    file = read_batch(settings, batch_id).landed_file(settings) if batch_id and receipt_path(settings, batch_id).exists() else None
    headers = {name: value for name, value in validators.items() if name != "batch_id"}
    return (file, headers) if file and file.exists() else None


def _move_on(facts: Source, cursor: Cursor, judgement: Judgement) -> None:
    if judgement.is_expired:
        begun = date.fromisoformat(cursor.watermark[:10]) if cursor.watermark else cursor.span.first
        cursor.span = replace(cursor.span, first=max(cursor.span.first, begun))
        following = facts.module.first_request(cursor.span, facts.model_dump())
    else:
        following = judgement.next
        cursor.watermark = max(cursor.watermark or "", judgement.watermark or "") or None
    cursor.page_count += 1
    cursor.entry_count += judgement.entry_count
    if following == cursor.request or cursor.page_count > MOST_PAGES:
        raise FetchError(f"{facts.name} goes in circles: {cursor.request.url if cursor.request else ''} leads to itself", "Its paging may have changed.")
    cursor.request = following


def _finish(settings: Settings, facts: Source, state: State, allow_empty: bool) -> list[str]:
    """Ends the refresh. A source that never was empty and now is has a fault, here or there."""
    cursor = state.cursor
    assert cursor
    assert facts.live
    days = [cursor.span.first + timedelta(days=i) for i in range((cursor.span.last - cursor.span.first).days + 1)]
    is_empty = cursor.entry_count == 0 and any(f"{day:%A}".lower() not in facts.live.empty_days for day in days)
    is_first_empty = is_empty and not allow_empty and state.refresh_count > 0 and state.empty_count == 0
    state.cursor = None
    if is_first_empty:
        _write(settings, facts.name, state)
        raise RejectedError(
            f"{facts.name} has nothing for {cursor.span.first} to {cursor.span.last}, and none of its {state.refresh_count} refreshes was ever empty",
            f"Look at {facts.url}. If it is right: paperhouse fetch --source {facts.name} --from {cursor.span.first} --to {cursor.span.last} --allow-empty",
        )
    state.fetched_until = max(state.fetched_until or date.min, cursor.span.last)
    state.refresh_count += 1
    state.empty_count += is_empty
    _write(settings, facts.name, state)
    return list(dict.fromkeys(cursor.batch_ids))


def _file(settings: Settings, source_name: str) -> Path:
    return settings.fetch_state / f"{source_name}.json"


def _read(settings: Settings, source_name: str) -> State:
    kept: dict[str, Any] = read_json(_file(settings, source_name)) or {}
    cursor = kept.pop("cursor", None)
    until = kept.pop("fetched_until", None)
    state = State(**kept, fetched_until=date.fromisoformat(until) if until else None)
    if cursor:
        asked, span = (Span(date.fromisoformat(cursor[name]["first"]), date.fromisoformat(cursor[name]["last"])) for name in ("asked", "span"))
        request = cursor["request"] and Request(cursor["request"]["url"], _day(cursor["request"]["listed_on"]))
        state.cursor = Cursor(**cursor | {"asked": asked, "span": span, "request": request})
    return state


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _write(settings: Settings, source_name: str, state: State) -> None:
    write_json(_file(settings, source_name), asdict(state))
