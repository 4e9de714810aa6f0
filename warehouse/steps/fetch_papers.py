"""Fetch papers: ask a live source one by one for papers that lists had lately, and land what came as few batches.

Each answer lies in a file until it lands: a run that was killed goes on where it was.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from transforms.config import ListedPapers, Live
from transforms.tables.archive import pack
from warehouse.clock import now
from warehouse.errors import StepError
from warehouse.settings import Settings
from warehouse.steps.bundles import read_members
from warehouse.steps.land import land
from warehouse.storage.batches import receipt_path
from warehouse.storage.connection import rows
from warehouse.storage.files import read_json, write_atomically, write_json
from warehouse.storage.publication import open_publication, read_last_version
from warehouse.upstream.http import (
    MOST_SILENCE,
    Client,
    FetchError,
    RateLimitError,
    Reply,
    find_validators,
    read_content_type,
)
from warehouse.upstream.sources import Source

_START = 20_000  # bytes of a page within which it says its version

# The papers of lists of the last days, the most upvoted first. Lists know the day, and the marts no clock.
_LISTED = """
select papers.arxiv_id
from marts.paper_listings as listings
inner join marts.fct_papers as papers on listings.paper_id = papers.paper_id
where
    papers.arxiv_id is not null
    and not papers.is_withdrawn
    and listings.listed_on <= coalesce($last, (select max(listed_on) from marts.paper_listings))
    and listings.listed_on >= coalesce(
        $first, coalesce($last, (select max(listed_on) from marts.paper_listings)) - $days::integer + 1
    )
group by papers.arxiv_id
order by max(listings.upvotes) desc nulls last, papers.arxiv_id
"""


@dataclass(frozen=True)
class Asked:
    """A source that is asked for papers, and how."""

    source: Source
    live: Live

    @property
    def name(self) -> str:
        return self.source.name

    def url(self, arxiv_id: str) -> str:
        return self.live.url.replace("{arxiv_id}", quote(arxiv_id))

    @property
    def ending(self) -> str:
        return self.source.config.file_patterns[0].removeprefix("*")


def fetch_papers(
    settings: Settings,
    sources: Sequence[Asked],
    papers: ListedPapers,
    first: date | None,
    last: date | None,
    on_progress: Callable[[str], None],
) -> list[str]:
    """Lands what the sources have of the papers whose turn it is, and returns the batch ids.

    sources: those that are asked, in their order, each only for what the ones before do not have. first, last: days of
    lists; by default as many before the newest list as `papers` has. Raises StepError where nothing is published yet,
    FetchError where no paper came as hosts do not answer.
    """
    folder = settings.fetch_state / "papers" / sources[0].name
    batch_ids = _land_answers(settings, sources, folder)  # of a run that was killed
    notes = _Notes(settings, folder.with_suffix(".json"), sources)
    chosen = _choose(settings, papers, notes, first, last)
    slowest = min(asked.live.requests_per_second for asked in sources)
    with Client(settings, slowest, on_progress) as client:
        problem = _ask_all(_Asking(settings, client, sources, folder, notes), chosen, on_progress)
    batch_ids += _land_answers(settings, sources, folder)
    if problem and not batch_ids:
        raise problem
    return batch_ids


def _choose(
    settings: Settings, papers: ListedPapers, notes: "_Notes", first: date | None, last: date | None
) -> list[str]:
    """The arXiv ids whose turn it is."""
    if not read_last_version(settings):
        raise StepError("nothing is published yet, so no list names a paper", "Next: paperhouse run")
    with open_publication(settings) as connection:
        found = rows(connection, _LISTED, {"first": first, "last": last, "days": papers.listed_days})
    due = now() - timedelta(days=papers.again_after_days)
    return [row["arxiv_id"] for row in found if notes.asked_at(row["arxiv_id"]) < due][: papers.most]


@dataclass(frozen=True)
class _Asking:
    """A run under way. folder: where answers lie until they land, by source."""

    settings: Settings
    client: Client
    sources: Sequence[Asked]
    folder: Path
    notes: "_Notes"

    def ask(self, arxiv_id: str) -> None:
        """Keeps the answer of the first source that has the paper, unless it is what has landed."""
        validators: dict[str, dict[str, str]] = {}
        for asked in self.sources:
            known = self.notes.validators(arxiv_id, asked.name)
            headers = {name: value for name, value in known.items() if name != "sha256"}
            reply = self.client.ask("GET", asked.url(arxiv_id), headers, self.settings.http_most_bytes)
            if reply.status == 304:
                validators[asked.name] = known
                break
            if reply.status == 200 and read_content_type(reply.headers) in asked.live.content_types:
                sha256 = self._keep(reply, arxiv_id, asked)
                validators[asked.name] = find_validators(reply.headers) | {"sha256": sha256}
                break
        self.notes.write(arxiv_id, validators)

    def _keep(self, reply: Reply, arxiv_id: str, asked: Asked) -> str:
        content = pack(reply.content) if asked.ending.endswith("gz") else reply.content
        file = self.folder / asked.name / f"{arxiv_id.replace('/', '')}{_find_version(reply, arxiv_id)}{asked.ending}"
        write_atomically(file, lambda temporary: temporary.write_bytes(content))
        return hashlib.sha256(content).hexdigest()


def _ask_all(asking: _Asking, chosen: list[str], on_progress: Callable[[str], None]) -> FetchError | None:
    """Asks for the papers until hosts want to be left alone, or are silent; returns what ended it."""
    silence = 0
    for count, arxiv_id in enumerate(chosen, 1):
        on_progress(f"{asking.sources[0].name}: paper {count} of {len(chosen)}, {arxiv_id}")
        try:
            asking.ask(arxiv_id)
            silence = 0
        except FetchError as error:
            silence += 1
            on_progress(str(error))
            if isinstance(error, RateLimitError) or silence == MOST_SILENCE:
                return error
    return None


def _find_version(reply: Reply, arxiv_id: str) -> str:
    """As "v2", where the answer says it: in the address that redirects led to, in the name that the file should have,
    or on the page."""
    page = reply.content[:_START].decode("utf-8", "replace")
    said = f"{reply.url} {reply.headers.get('content-disposition', '')} {page}"
    version = re.search(rf"{re.escape(arxiv_id)}(v\d{{1,3}})\b", said)
    return version[1] if version else ""


def _land_answers(settings: Settings, sources: Sequence[Asked], folder: Path) -> list[str]:
    batch_ids = []
    for asked in sources:
        if files := sorted((folder / asked.name).glob(f"*{asked.ending}")):
            batch_ids += land(settings, asked.name, files)
            for file in files:
                file.unlink()
    return batch_ids


class _Notes:
    """What was asked before: arXiv id → when, and for the source that has it the headers to ask with again."""

    def __init__(self, settings: Settings, file: Path, sources: Sequence[Asked]) -> None:
        self._file = file
        self._known: dict[str, Any] = read_json(file) or {}
        self._landed = {
            sha256
            for asked in sources
            for sha256, batch_id in read_members(settings, asked.name).items()
            if receipt_path(settings, batch_id).exists()
        }

    def asked_at(self, arxiv_id: str) -> datetime:
        known = self._known.get(arxiv_id)
        return datetime.fromisoformat(known["asked_at"]) if known else datetime.min.replace(tzinfo=UTC)

    def validators(self, arxiv_id: str, source_name: str) -> dict[str, str]:
        """Nothing where what came then is not in the landing zone."""
        known: dict[str, str] = self._known.get(arxiv_id, {}).get("validators", {}).get(source_name, {})
        return known if known.get("sha256") in self._landed else {}

    def write(self, arxiv_id: str, validators: dict[str, dict[str, str]]) -> None:
        self._known[arxiv_id] = {"asked_at": now().isoformat(timespec="seconds"), "validators": validators}
        write_json(self._file, self._known)
