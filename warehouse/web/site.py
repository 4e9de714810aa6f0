"""What all pages of the explorer share: templates, twins, headers that browsers obey, and errors in words."""

import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from lxml import etree
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from transforms.identity.keys import stable_hash
from transforms.text.repair import clean
from warehouse.errors import StepError, UsageError
from warehouse.publishing.changes import is_told, read_changes
from warehouse.publishing.feeds import build_atom
from warehouse.readers.papers import find_paper_id
from warehouse.settings import Settings
from warehouse.storage.publication import published_at
from warehouse.web import queries
from warehouse.web.curves import draw_curve
from warehouse.web.publications import Publications
from warehouse.web.queries import Facts
from warehouse.web.rendering import make_templates

HERE = Path(__file__).parent
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_OURS = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# The pages of Great Expectations take scripts and styles from elsewhere. In a sandbox they can touch nothing of ours.
_THEIRS = "sandbox allow-scripts; default-src https: data: 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
Read = Callable[[duckdb.DuckDBPyConnection], Facts | None]


class Addresses:
    """Leads other forms of an address to its page: PATH.json to PATH, which then answers as JSON, and `/index.json` to
    `/`; PATH.atom of what has a feed of its own; a path of an API that ends with a slash; and HEAD to GET, whose body
    the server then leaves out.

    A name of data may end with .json or .atom too. Our own links write its dot as %2E; where others do not, and there
    is no twin, the path as it is leads to the page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", "is_head": True}
        if scope["path"].startswith("/api/"):
            scope = {**scope, "path": scope["path"].rstrip("/")}
        twin = _twin(scope)
        if twin is None or not await _answer_unless_missing(self._app, twin, receive, send):
            await self._app({**scope, "fails_as_json": bool(twin and twin.get("as_json"))}, receive, send)


def _twin(scope: Scope) -> Scope | None:
    """The scope of the page whose JSON or feed the address asks for; None of any other address."""
    raw, path = scope.get("raw_path") or scope["path"].encode(), scope["path"]
    stem = path.rpartition(".")[0]
    if path.startswith(("/api/", "/static/", "/checks/")):
        return None
    if raw.endswith(b".json"):
        return {**scope, "path": "/" if stem == "/index" else stem, "as_json": True}
    if raw.endswith(b".atom") and path.startswith(("/authors/", "/datasets/")):
        return {**scope, "path": stem, "as_atom": True}
    return None


async def _answer_unless_missing(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> bool:
    """Lets the app answer, but for a 404 of a name, which is not sent; returns whether an answer was sent."""
    is_missing = False

    async def pass_on(message: Message) -> None:
        nonlocal is_missing
        is_missing = is_missing or (message["type"] == "http.response.start" and message["status"] == 404)
        if not is_missing:
            await send(message)

    await app(scope, receive, pass_on)
    return not is_missing


class Site:
    """What the pages share."""

    def __init__(self, settings: Settings, host: str = "127.0.0.1") -> None:
        self.settings, self.publications = settings, Publications(settings)
        proxy = urlsplit(settings.explorer_url).hostname or ""
        self._hosts = {"localhost", host, proxy, socket.gethostname().lower(), *map(str.lower, settings.web_hosts)}
        self._templates = make_templates()
        files = sorted(file for file in HERE.rglob("*") if file.suffix in (".html", ".css", ".js", ".py", ".sql"))
        self._made_by = stable_hash("".join(file.read_text("utf-8") for file in files))
        self._compared, self._compares = lru_cache(maxsize=2)(self._compare), threading.Lock()
        self._curves: Callable[..., str | None] = lru_cache(maxsize=512)(self._draw)

    def show(self, request: Request, template: str, read: Read) -> Response:
        """A page, or its JSON, of what is read of one publication. Raises HTTPException where there is nothing."""
        facts, publication = self.read(read)
        if request.scope.get("as_json"):
            return json_answer(facts | {"publication": publication})
        return HTMLResponse(self.render(template, request, publication=publication, **facts))

    def read(self, read: Read) -> tuple[Facts, Facts]:
        """What is read, and the publication that it is read of. Raises HTTPException where there is nothing."""
        with self.publications.reading() as connection:
            facts = read(connection)
            version, at = published_at(connection)
        if facts is None:
            raise HTTPException(404, "Nothing in this publication has that address.")
        return facts, {"version": version, "published_at": at}

    def find_moved(self, paper_id: str) -> str | None:
        """The id of now of a paper that was published under this one before; None of any other."""
        with self.publications.reading() as connection:
            now = find_paper_id(connection, paper_id)
        return now if now != paper_id else None

    def feed(
        self, request: Request, title: str, read: Read, list_entries: Callable[[Facts], Iterable[Facts]]
    ) -> Response:
        """What is read, as an Atom feed of the entries that are listed of it: id, title, updated, authors, path of
        the page and content of each."""
        facts, publication = self.read(read)
        base = str(request.base_url).rstrip("/")
        entries = ({**each, "link": base + each["link"]} for each in list_entries(facts))
        identifier = f"urn:paperhouse:{clean(request.url.path)}"
        feed = build_atom(identifier, title, publication["published_at"], entries)
        return Response(etree.tostring(feed, encoding="utf-8"), media_type="application/atom+xml")

    def render(self, template: str, request: Request, **facts: Any) -> str:
        query = f"?{request.url.query}" if request.url.query else ""
        raw = (request.scope.get("raw_path") or request.url.path.encode()).decode("ascii", "replace")
        twin = f"{'/index' if raw == '/' else raw}.json{query}"
        return self._templates.get_template(template).render(twin=twin, request=request, **facts)

    def fail(self, request: Request, status: int, message: str) -> Response:
        """The page, or the JSON, that says what is wrong."""
        wants_json = request.scope.get("as_json") or request.scope.get("fails_as_json")
        if wants_json or request.url.path.startswith("/api/"):
            response = json_answer({"error": message}, status)
        else:
            near = self._near(request) if status == 404 else {}
            page = self.render("error.html", request, status=status, message=message, publication=None, **near)
            response = HTMLResponse(page, status)
        response.headers.update(_HEADERS | {"Content-Security-Policy": _OURS})
        return response

    def _near(self, request: Request) -> Facts:
        """What a page that is not there offers: its last name as words, and names that have their letters."""
        words = request.url.path.rpartition("/")[2][:100].strip()
        try:
            with self.publications.reading() as connection:
                found = queries.read_suggestions(connection, words) if len(words) > 2 else []
        except (UsageError, StepError, duckdb.Error):
            found = []
        return {"words": words, "near": found}

    def curve(self, given: Facts, is_narrow: bool) -> str | None:
        """The SVG of a leaderboard of the publication of now, as its address names it; None where it has no dated
        entry."""
        return self._curves(self.publications.version(), tuple(given.items()), is_narrow)

    def changes(self, old: int | None, new: int) -> Facts:
        """What changed between two publications; one pair at a time is compared. Raises UsageError where they cannot
        be, TimeoutError where it takes longer than three pages may."""
        with self._compares:
            return self._compared(old, new)

    def changes_of_dataset(self, dataset: str, version: int) -> list[Facts]:
        """What became of the heads and numbers of its leaderboards since the publication before, but for new papers;
        nothing where none before can be compared."""
        with suppress(UsageError, TimeoutError):
            changes: list[Facts] = self.changes(None, version)["changes"]
            return [each for each in changes if each["dataset"] == dataset and is_told(each)]
        return []

    def _compare(self, old: int | None, new: int) -> Facts:
        return read_changes(self.settings, old, new, 3 * self.settings.web_query_seconds)

    def _draw(self, _: str, given: tuple[tuple[str, str | None], ...], is_narrow: bool) -> str | None:
        with self.publications.reading() as connection:
            entries = queries.read_dated_entries(connection, dict(given))
        return draw_curve(entries, entries[0]["metric"], entries[0]["unit"], is_narrow) if entries else None

    async def finish(self, request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        """Around each request: the host is one of ours, as else a stranger's page could read the site through its
        visitor's browser; headers that browsers obey, and 304 for who has just this answer of this publication."""
        if not self._is_ours(request):
            return self.fail(
                request, 421, "This host name is not one of the explorer's. Add yours to PAPERHOUSE_WEB_HOSTS."
            )
        is_theirs = request.url.path.startswith("/checks/")
        headers = _HEADERS | {"Content-Security-Policy": _THEIRS if is_theirs else _OURS}
        response = await call(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if response.status_code == 200 and request.method == "GET" and not is_theirs:
            etag = self._etag(request)
            response.headers["ETag"] = etag
            if _has(request.headers.get("if-none-match", ""), etag):
                return Response(status_code=304, headers=headers | {"ETag": etag})
        return response

    def _etag(self, request: Request) -> str:
        """Of an answer: what it is of, and what made it."""
        try:
            version = self.publications.version()
        except UsageError:
            version = "none"
        asked = f"{request.scope.get('as_json')} {request.scope.get('as_atom')} {request.url}"
        return f'W/"{version}-{stable_hash(self._made_by + asked)}"'

    def _is_ours(self, request: Request) -> bool:
        """Whether the Host header is a name of ours, or an address: those cannot be made to lead here by a stranger."""
        try:
            host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        except ValueError:
            return False
        with suppress(ValueError):
            ip_address(host)
            return True
        return host in self._hosts


def _has(if_none_match: str, etag: str) -> bool:
    """Whether the header names the ETag, by weak comparison: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2"""
    named = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return if_none_match.strip() == "*" or etag.removeprefix("W/") in named


def add_errors(app: FastAPI) -> None:
    """What users see of what goes wrong."""

    def answer_http_error(request: Request, error: StarletteHTTPException) -> Response:
        return site_of(request).fail(request, error.status_code, str(error.detail))

    def answer_invalid_parameters(request: Request, error: RequestValidationError) -> Response:
        wrong = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
        return site_of(request).fail(request, 422, f"Unknown or invalid parameters: {wrong}.")

    def answer_usage_error(request: Request, error: UsageError) -> Response:
        return site_of(request).fail(request, 503, str(error))

    def answer_timeout(request: Request, error: TimeoutError) -> Response:
        return site_of(request).fail(request, 503, f"The answer takes {error}.")

    def report_damage(request: Request, error: StepError) -> Response:
        what = error.message.partition(":")[0]  # without what is of this machine
        return site_of(request).fail(request, 503, f"The publication cannot be read: {what}. {error.hint}")

    def answer_fault(request: Request, _: Exception) -> Response:
        return site_of(request).fail(request, 500, "This is a fault of the explorer. Its log has the details.")

    def answer_old_publication(request: Request, _: duckdb.CatalogException) -> Response:
        return site_of(request).fail(
            request, 503, "The publication was made by another version of paperhouse. Next: paperhouse publish"
        )

    for kind, handler in (
        (duckdb.CatalogException, answer_old_publication),
        (StarletteHTTPException, answer_http_error),
        (RequestValidationError, answer_invalid_parameters),
        (UsageError, answer_usage_error),
        (TimeoutError, answer_timeout),
        (StepError, report_damage),
        (Exception, answer_fault),
    ):
        app.add_exception_handler(kind, handler)  # type: ignore[arg-type]  # each gets its own kind


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def json_answer(content: Any, status: int = 200) -> Response:
    """As JSON, instants in UTC as ISO 8601 writes them."""
    return Response(dump_json(content), status, media_type="application/json")


def dump_json(content: Any) -> str:
    return json.dumps(content, default=_write, ensure_ascii=False)


def _write(value: Any) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(value, datetime) else str(value)
