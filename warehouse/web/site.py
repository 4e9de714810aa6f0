"""What all pages of the explorer share: templates, twins, headers that browsers obey, and errors in words."""

import json
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from lxml import etree
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from transforms.identity.keys import stable_hash
from transforms.text.repair import clean
from warehouse.errors import UsageError
from warehouse.publishing.feeds import build_atom
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
    the server then leaves out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path, stem = scope["path"], scope["path"].rpartition(".")[0]
            if scope["method"] == "HEAD":
                scope = {**scope, "method": "GET", "is_head": True}
            if path.startswith("/api/"):
                scope = {**scope, "path": path.rstrip("/")}
            elif path.endswith(".json"):
                scope = {**scope, "path": "/" if stem == "/index" else stem, "as_json": True}
            elif path.endswith(".atom") and path.startswith(("/authors/", "/datasets/")):
                scope = {**scope, "path": stem, "as_atom": True}
        await self._app(scope, receive, send)


class Site:
    """What the pages share."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.publications = settings, Publications(settings)
        self._templates = make_templates()
        files = sorted(file for file in HERE.rglob("*") if file.suffix in (".html", ".css", ".js", ".py", ".sql"))
        self._made_by = stable_hash("".join(file.read_text("utf-8") for file in files))
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
            raise HTTPException(404, "The publication has no such page.")
        return facts, {"version": version, "published_at": at}

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
        path = "/index" if request.url.path == "/" else request.url.path
        return self._templates.get_template(template).render(twin=f"{path}.json{query}", request=request, **facts)

    def fail(self, request: Request, status: int, message: str) -> Response:
        """The page, or the JSON, that says what is wrong."""
        if request.scope.get("as_json") or request.url.path.startswith("/api/"):
            return json_answer({"error": message}, status)
        page = self.render("error.html", request, status=status, message=message, publication=None)
        return HTMLResponse(page, status)

    def curve(self, dataset: str, metric: str, unit: str, task: str | None, is_narrow: bool) -> str | None:
        """The SVG of a leaderboard of the publication of now; None where it has no dated entry."""
        return self._curves(self.publications.version(), dataset, metric, unit, task, is_narrow)

    def _draw(self, _: str, dataset: str, metric: str, unit: str, task: str | None, is_narrow: bool) -> str | None:
        with self.publications.reading() as connection:
            key = {"dataset": dataset, "metric": metric, "unit": unit, "task": task}
            entries = queries.read_dated_entries(connection, key)
        return draw_curve(entries, metric, unit, is_narrow) if entries else None

    async def finish(self, request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        """Around each request: headers that browsers obey, and 304 for who has the page of this publication."""
        is_theirs = request.url.path.startswith("/checks/")
        headers = _HEADERS | {"Content-Security-Policy": _THEIRS if is_theirs else _OURS}
        try:
            etag = "" if is_theirs else f'W/"{self.publications.version()}-{self._made_by}"'
        except UsageError:
            etag = ""
        if etag and request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers | {"ETag": etag})
        response = await call(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if etag and response.status_code == 200:
            response.headers["ETag"] = etag
        return response


def add_errors(app: FastAPI) -> None:
    """What users see of what goes wrong."""

    def refuse(request: Request, error: StarletteHTTPException) -> Response:
        return site_of(request).fail(request, error.status_code, str(error.detail))

    def misread(request: Request, error: RequestValidationError) -> Response:
        wrong = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
        return site_of(request).fail(request, 422, f"The address asks what the page does not know: {wrong}.")

    def lack(request: Request, error: UsageError) -> Response:
        return site_of(request).fail(request, 503, str(error))

    def give_up(request: Request, error: TimeoutError) -> Response:
        return site_of(request).fail(request, 503, f"The answer takes {error}.")

    def find_old(request: Request, _: duckdb.CatalogException) -> Response:
        return site_of(request).fail(
            request, 503, "The publication was made by another version of paperhouse. Next: paperhouse publish"
        )

    for kind, handler in (
        (duckdb.CatalogException, find_old),
        (StarletteHTTPException, refuse),
        (RequestValidationError, misread),
        (UsageError, lack),
        (TimeoutError, give_up),
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
