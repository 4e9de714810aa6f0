"""What hosts answered when links were checked: lines of JSON, which warehouse/steps/check_links.py writes.

A line has url, checked_at, via ('github' or 'page'), http_status, location (where redirects led), etag, problem, and of
GitHub's answer, under `repository`, the fields of
https://docs.github.com/en/rest/repos/repos#get-a-repository that are used here. Status 304 says that nothing changed;
the line then has what the answer before it had.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import IO, Any
from urllib.parse import urlsplit

from transforms.formats.entries import Entry, Reject
from transforms.formats.fields import Fields, Row
from transforms.formats.json_lines import parse_json_lines
from transforms.frames import Parsed
from transforms.identity.urls import canonical

PARSER_VERSION = "2"


def parse(file: IO[bytes], config: Mapping[str, Any]) -> Iterator[Parsed]:
    """The checks of one file, and no papers."""
    return parse_json_lines(file, config, partial(_check, lookups=config["lookups"]), "lines")


def _check(line: Fields, lookups: Mapping[str, list[str]]) -> Entry | Reject:
    url, checked_at, status = line.text("url") or "", _instant(line.text("checked_at")), _status(line)
    via, location, etag, problem = line.text("via"), line.text("location"), line.text("etag"), line.text("problem")
    repository = line.inner("repository")
    redirected_to = _elsewhere(url, repository.text("html_url") if via == "github" else location)
    state = _state(via, status, redirected_to, repository.flag("private") or False, lookups)
    check: Row = {
        "url": url,
        "checked_at": checked_at,
        "http_status": status,
        "state": state,
        "redirected_to": redirected_to if state == "moved" else None,
        "stars": repository.count("stargazers_count"),
        "forks": repository.count("forks_count"),
        "last_commit_at": _instant(repository.text("pushed_at")),
        "licence": repository.inner("license").text("spdx_id"),
        "is_archived": repository.flag("archived"),
        "etag": etag,
        "problem": (problem or f"the answer has status {status}") if state == "unknown" else None,
    }
    repository.done()
    line.done()
    if not url.startswith(("https://", "http://")) or checked_at is None:
        missing = "instant of the check" if checked_at is None else "URL"
        return Reject("no_check", f"the line has no {missing}", url)
    return Entry(link_checks=[check])


def _status(line: Fields) -> int | None:
    status = line.integer("http_status")
    return status if status is not None and 100 <= status <= 599 else None


def _state(
    via: str | None, status: int | None, redirected_to: str | None, is_private: bool, lookups: Mapping[str, list[str]]
) -> str:
    """What an answer says of the place."""
    if status is None:
        return "unknown"
    if str(status) in lookups["github_gone" if via == "github" else "gone"]:
        return "gone"
    asks_who = redirected_to and any(re.match(path, urlsplit(redirected_to).path) for path in lookups["sign_in"])
    if is_private or asks_who or str(status) in lookups["private"]:
        return "private"
    if not (200 <= status < 300 or status == 304):
        return "unknown"
    return "moved" if redirected_to else "available"


def _elsewhere(url: str, location: str | None) -> str | None:
    """The canonical URL of where an answer came from, where it is another place than the link names."""
    try:
        place = canonical(location) if location else None
        is_same = place is None or _folded(place) == _folded(canonical(url))
    except ValueError:
        return None
    return None if is_same else place


def _folded(url: str) -> str:
    """A canonical URL without what leads to the same place on most hosts: the case, www., an index page."""
    return re.sub(r"^(https?://)(?:www\.)?|/index\.html?$", r"\1", url.lower())


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text) if text else None
        return instant and instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # of the first or last day of all years, in another zone
        return None
