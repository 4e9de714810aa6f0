"""Check links: choose those whose turn it is, ask their hosts, and land the answers as a batch of link_checks.

What was chosen and answered lies in files until it lands: a run that was killed goes on where it was.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any

from warehouse.clock import now
from warehouse.errors import PaperhouseError, StepError
from warehouse.log import logged
from warehouse.settings import Settings
from warehouse.steps.land import land_answer
from warehouse.storage.connection import quoted, rows
from warehouse.storage.database import build_database
from warehouse.storage.files import write_atomically
from warehouse.storage.locks import file_lock
from warehouse.storage.publication import publication_file, read_last_version
from warehouse.upstream.http import MOST_SILENCE, Client, RateLimitError, site
from warehouse.upstream.link_hosts import Link, begin_line, check_link
from warehouse.vocabularies import read_vocabulary

OTHER = "other"  # the group of all sites that the vocabulary of hosts does not name
_MOST_WITHOUT_TOKEN = 50  # GitHub answers 60 requests an hour without a token
_ATTEMPTS = 2
_SITES_AT_ONCE = 8

# Whose turn it is: days since the last check, by importance. A link that was never checked counts from a year before
# it was seen. Links to papers are left out: arXiv and DOIs are made to last.
_CHOSEN = """
with links as (
    select
        links.url, any_value(links.url_text) as url_text, any_value(links.host) as host, any_value(links.kind) as kind,
        any_value(links.owner) as owner, any_value(links.name) as name, min(links.first_seen_at) as first_seen_at,
        1 + bool_or(links.kind = 'repository')::int + bool_or(links.availability = 'promised')::int
        + bool_or(links.is_official is true)::int + bool_or(trending.paper_id is not null)::int as importance
    from publication.marts.fct_repo_links as links
    left join (select distinct paper_id from publication.marts.trending) as trending using (paper_id)
    where starts_with(links.url, 'http') and links.kind <> 'paper'
    group by links.url
),
checks as (
    select
        url, max(checked_at) as checked_at,
        arg_max(
            {
                'etag': etag, 'html_url': coalesce(redirected_to, url), 'stargazers_count': stars,
                'forks_count': forks, 'pushed_at': last_commit_at, 'license': {'spdx_id': licence},
                'archived': is_archived, 'private': false
            }, (checked_at, etag, redirected_to)
        ) as known
    from raw.link_checks
    group by url
),
due as (
    select
        links.*, checks.known,
        links.importance * date_diff(
            'second', coalesce(checks.checked_at, links.first_seen_at - interval 1 year), $now::timestamptz
        ) as turn
    from links
    left join checks using (url)
    where checks.checked_at is null or checks.checked_at < $now::timestamptz - interval 1 day
)
select *, host = 'github.com' and kind = 'repository' as is_on_github from due
qualify not is_on_github or row_number() over (partition by is_on_github order by turn desc, url) <= $most_of_github
order by turn desc, url
limit $most
"""


def list_link_groups() -> list[str]:
    """The sites that the vocabulary of hosts names, each asked by itself, and 'other'."""
    return [*sorted({site(f"https://{host}") for host in read_vocabulary().known_hosts}), OTHER]


def choose_links(settings: Settings, most: int | None = None) -> int:
    """Writes down the links whose turn it is, unless an earlier run has some left, and returns how many there are.

    Raises StepError where nothing is published yet.
    """
    with _lock(settings, "choice"):
        if not _chosen_file(settings).exists():
            chosen = _choose(settings, settings.link_checks_per_run if most is None else most)
            lines = "".join(json.dumps(asdict(link), default=str) + "\n" for link in chosen)
            _folder(settings).mkdir(parents=True, exist_ok=True)
            write_atomically(_chosen_file(settings), lambda file: file.write_text(lines, "utf-8"))
        return len(_read_chosen(settings))


def _choose(settings: Settings, most: int) -> list[Link]:
    if not read_last_version(settings):
        raise StepError("nothing is published yet, so there is no link to check", "Next: paperhouse run")
    values = {"now": now(), "most": most, "most_of_github": most if settings.github_token else _MOST_WITHOUT_TOKEN}
    with build_database(settings, "check-links") as connection:
        connection.execute(f"attach {quoted(str(publication_file(settings)))} as publication (read_only)")
        chosen = rows(connection, _CHOSEN, values)
    groups = set(list_link_groups())
    return [_link(row, groups) for row in chosen]


def _link(row: dict[str, Any], groups: set[str]) -> Link:
    url, known = row["url"], row["known"] or {}
    address = url.replace("https://", "http://", 1) if row["url_text"].lower().startswith("http:") else url
    repository = {name: value for name, value in known.items() if name != "etag"}
    return Link(
        url=url,
        address=address,
        group=site(url) if site(url) in groups else OTHER,
        owner=row["owner"] if row["is_on_github"] else None,
        name=row["name"] if row["is_on_github"] else None,
        etag=known.get("etag"),
        repository=repository if row["is_on_github"] and known else None,
    )


def ask_hosts(settings: Settings, group: str, on_progress: Callable[[int, int], None] = lambda *_: None) -> int:
    """Checks the chosen links of a group that have no answer yet, and returns how many answers there are.

    on_progress: called with how many links are done, and how many there are. A site that wants no more requests is left
    for a later run.
    """
    seconds = settings.link_check_timeout_seconds
    polite = {
        "http_attempts": _ATTEMPTS,
        "http_read_timeout_seconds": seconds,
        "http_deadline_seconds": 2 * seconds,
        "http_longest_wait_seconds": min(seconds, settings.http_longest_wait_seconds),
    }
    settings = settings.model_copy(update=polite)
    with _lock(settings, group), logged(settings, "check-links", group=group) as entry:
        links = [link for link in _read_chosen(settings) if link.group == group]
        answered = {line["url"] for line in _read_answers(settings, group)}
        left = sorted((link for link in links if link.url not in answered), key=lambda link: site(link.url))
        if left:
            with _answers_file(settings, group).open("a", encoding="utf-8") as file:
                file.write("\n")  # ends the line that a kill cut off
                _ask_sites(settings, left, _Answers(file, len(answered), len(links), on_progress))
        entry["rows"] = len(_read_answers(settings, group))
    return int(entry["rows"])


class _Answers:
    """The file of a group's answers, each written as it comes."""

    def __init__(self, file: Any, done: int, total: int, on_progress: Callable[[int, int], None]) -> None:
        self._file, self._done, self._total, self._on_progress = file, done, total, on_progress
        self._lock = Lock()

    def add(self, line: dict[str, Any]) -> None:
        with self._lock:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
            self._done += 1
            self._on_progress(self._done, self._total)


def _ask_sites(settings: Settings, links: list[Link], answers: _Answers) -> None:
    """Several sites at once, one request at a time to each."""
    by_site = [list(found) for _, found in groupby(links, key=lambda link: site(link.url))]
    with Client(settings, settings.link_checks_per_second) as client, ThreadPoolExecutor(_SITES_AT_ONCE) as pool:
        for _ in pool.map(lambda found: _ask_site(client, settings, found, answers), by_site):
            pass


def _ask_site(client: Client, settings: Settings, links: list[Link], answers: _Answers) -> None:
    silence = 0
    line: dict[str, Any] = {}
    for link in links:
        if silence == MOST_SILENCE:
            problem = f"not asked, as {site(link.url)} gave no answer {MOST_SILENCE} times before: {line['problem']}"
            answers.add(begin_line(link) | {"problem": problem})
            continue
        try:
            line = check_link(client, settings, link)
        except RateLimitError:
            return
        except (PaperhouseError, OSError):  # a refused token, a full disk: no fault of this link
            raise
        except Exception as error:
            line = begin_line(link) | {"problem": f"the check failed: {type(error).__name__}: {error}"}
        answers.add(line)
        silence = 0 if "http_status" in line else silence + 1


def land_answers(settings: Settings) -> list[str]:
    """Lands what hosts answered, and forgets what was chosen; returns the batch id, or nothing without answers.

    Raises StepError where no host gave any: then it is this machine that has no network.
    """
    with _lock(settings, "choice"):
        lines = [line for group in list_link_groups() for line in _read_answers(settings, group)]
        if lines and not any("http_status" in line for line in lines):
            _forget(settings)
            raise StepError(
                f"none of {len(lines):,} links could be asked for, as {lines[0]['problem']}",
                "Is there a network? Nothing was loaded.",
            )
        batch_ids = []
        if lines:
            file = _folder(settings) / "answers.jsonl"
            file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
            name = f"link_checks-{now():%Y%m%dT%H%M%S}.jsonl"
            batch_ids = [land_answer(settings, "link_checks", file, name, None)]
        _forget(settings)
        return batch_ids


def check_links(
    settings: Settings, most: int | None = None, on_progress: Callable[[int, int], None] = lambda *_: None
) -> list[str]:
    """All of it in one process: chooses, asks group by group and lands."""
    total, done = choose_links(settings, most), 0

    def add(of_group: int, _: int) -> None:
        on_progress(done + of_group, total)

    for group in list_link_groups():
        done += ask_hosts(settings, group, add)
    return land_answers(settings)


def _forget(settings: Settings) -> None:
    for file in _folder(settings).glob("*.jsonl"):
        file.unlink()


def _read_chosen(settings: Settings) -> list[Link]:
    return [Link(**line) for line in _read_lines(_chosen_file(settings))]


def _read_answers(settings: Settings, group: str) -> list[dict[str, Any]]:
    return list(_read_lines(_answers_file(settings, group)))


def _read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file that may not be there; one that a kill cut off is no line."""
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _folder(settings: Settings) -> Path:
    return settings.fetch_state / "link_checks"


def _chosen_file(settings: Settings) -> Path:
    return _folder(settings) / "chosen.jsonl"


def _answers_file(settings: Settings, group: str) -> Path:
    return _folder(settings) / f"answers-{group}.jsonl"


def _lock(settings: Settings, part: str) -> Any:
    file = settings.fetch_state / f"link_checks-{part}.lock"
    return file_lock(file, f"the check of links ({part})", "check-links", settings.lock_timeout_seconds)
