"""What hosts answered when links were checked: lines of JSON, which warehouse/steps/check_links.py writes.

A line has url, checked_at, via ('github' or 'page'), http_status, location (where redirects led), etag, problem, and of
GitHub's answer, under `repository`, the fields of
https://docs.github.com/en/rest/repos/repos#get-a-repository that are used here. Status 304 says that nothing changed;
the line then has what the answer before it had.
"""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from transforms.formats import Entry, Fields, Reject, Row, Section, SourceConfig, json_lines
from transforms.identity.urls import canonicalize

PARSER_VERSION = "2"


class Lookups(Section):
    gone: list[str]
    private: list[str]
    github_gone: list[str]
    sign_in: list[str]


class Config(SourceConfig):
    lookups: Lookups


def read_entry(fields: Fields, config: Config) -> Entry | Reject:
    """The check of one line; there are no papers."""
    url, checked_at, status = fields.text("url") or "", _instant(fields.text("checked_at")), _status(fields)
    via, location, problem = fields.text("via"), fields.text("location"), fields.text("problem")
    repository = fields.inner("repository")
    redirected_to = _elsewhere(url, repository.text("html_url") if via == "github" else location)
    state = _state(via, status, redirected_to, repository.flag("private") or False, config.lookups)
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
        "etag": fields.text("etag"),
        "problem": (problem or f"the answer has status {status}") if state == "unknown" else None,
    }
    if not url.startswith(("https://", "http://")) or checked_at is None:
        missing = "instant of the check" if checked_at is None else "URL"
        return Reject("no_check", f"the line has no {missing}", url)
    return Entry(link_checks=[check])


parse = json_lines(read_entry)


def _status(fields: Fields) -> int | None:
    status = fields.integer("http_status")
    return status if status is not None and 100 <= status <= 599 else None


def _state(via: str | None, status: int | None, redirected_to: str | None, is_private: bool, lookups: Lookups) -> str:
    """What an answer says of the place."""
    if status is None:
        return "unknown"
    if str(status) in (lookups.github_gone if via == "github" else lookups.gone):
        return "gone"
    asks_who = redirected_to and any(re.match(path, urlsplit(redirected_to).path) for path in lookups.sign_in)
    if is_private or asks_who or str(status) in lookups.private:
        return "private"
    if not (200 <= status < 300 or status == 304):
        return "unknown"
    return "moved" if redirected_to else "available"


def _elsewhere(url: str, location: str | None) -> str | None:
    """The canonical URL of where an answer came from, where it is another place than the link names."""
    try:
        place = canonicalize(location) if location else None
        is_same = place is None or _folded(place) == _folded(canonicalize(url))
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
