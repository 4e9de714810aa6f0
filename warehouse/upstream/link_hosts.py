"""How a host is asked whether a link still leads somewhere: GitHub by its REST API, which also knows the repository,
any other by its page. What comes back is a line of the source link_checks."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from warehouse.clock import now
from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.upstream.http import Client, FetchError, RateLimitError, Reply

_MOST_BYTES = 1 << 20  # of GitHub's answer, which has some 7 KB
_REPOSITORY = ("html_url", "stargazers_count", "forks_count", "pushed_at", "archived", "private")


@dataclass(frozen=True)
class Link:
    """A link to check. address: the URL with the scheme that it was written with. etag, repository: of the last
    check."""

    url: str
    address: str
    group: str  # who asks, see warehouse/steps/check_links.py
    owner: str | None  # of a repository on GitHub, with its name
    name: str | None
    etag: str | None
    repository: dict[str, Any] | None


def check_link(client: Client, settings: Settings, link: Link) -> dict[str, Any]:
    """The line of one check. Raises RateLimitError where the host wants no more requests, UsageError where GitHub
    refuses the token."""
    line = begin_line(link)
    try:
        return line | (_ask_github(client, settings, link) if link.owner else _ask_page(client, link))
    except RateLimitError:
        raise
    except FetchError as error:
        return line | {"problem": error.message}


def begin_line(link: Link) -> dict[str, Any]:
    """What the line of any check says: the link, the instant, and how its host is asked."""
    via = "github" if link.owner else "page"
    return {"url": link.url, "checked_at": now().isoformat(timespec="seconds"), "via": via}


def _ask_github(client: Client, settings: Settings, link: Link) -> dict[str, Any]:
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"} | _validators(link)
    if settings.github_token:
        headers["Authorization"] = f"Bearer {settings.github_token.get_secret_value()}"
    url = f"{settings.github_url}/repos/{link.owner}/{link.name}"
    reply = client.ask("GET", url, headers, _MOST_BYTES)
    if reply.status == 401:
        raise UsageError(
            "GitHub refuses the token",
            "Set another one in PAPERHOUSE_GITHUB_TOKEN, or in Airflow's connection github_default.",
        )
    if reply.status == 304:
        return _line(link, reply, repository=link.repository)
    return _line(link, reply, repository=_repository(reply)) if reply.status == 200 else _line(link, reply)


def _repository(reply: Reply) -> dict[str, Any]:
    """The fields of GitHub's answer that are kept. Raises FetchError where it is not GitHub's."""
    try:
        found = json.loads(reply.content)
        kept = {name: found[name] for name in _REPOSITORY}
    except (ValueError, TypeError, KeyError) as error:
        kind = reply.headers.get("content-type", "no content type")
        message = f"{reply.url} answers with {kind} that describes no repository"
        raise FetchError(message, "Does something stand between this machine and GitHub?") from error
    licence = found.get("license")
    return kept | {"license": {"spdx_id": licence.get("spdx_id")} if isinstance(licence, dict) else None}


def _ask_page(client: Client, link: Link) -> dict[str, Any]:
    """HEAD, then GET where that is not answered well: not every host knows HEAD."""
    reply = client.ask("HEAD", link.address, _validators(link))
    if reply.status != 304 and not 200 <= reply.status < 300:
        reply = client.ask("GET", link.address, {})
    asked = urlsplit(link.address)._replace(fragment="").geturl()
    return _line(link, reply, location=reply.url if reply.url != asked else None)


def _validators(link: Link) -> dict[str, str]:
    return {"If-None-Match": link.etag} if link.etag else {}


def _line(link: Link, reply: Reply, **facts: Any) -> dict[str, Any]:
    etag = reply.headers.get("etag") or (link.etag if reply.status == 304 else None)
    return {"http_status": reply.status, "etag": etag, **facts}
