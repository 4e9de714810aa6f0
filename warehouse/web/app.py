"""The explorer's server: pages, their JSON twins, curves and feeds, for GET and HEAD alone."""

import json
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import duckdb
from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from transforms.identity.keys import stable_hash
from warehouse.errors import UsageError
from warehouse.publishing.papers import build_paper_url
from warehouse.readers.search import Filters, search
from warehouse.settings import Settings
from warehouse.storage.publication import current, published_at
from warehouse.web import queries
from warehouse.web.curves import draw_curve
from warehouse.web.publications import Publications
from warehouse.web.text import mark_places

_HERE = Path(__file__).parent
_MOST_WORDS = 200  # characters of a search
_RESULTS = 50
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
Facts = dict[str, Any]
Read = Callable[[duckdb.DuckDBPyConnection], Facts | None]
Name = Annotated[str, Query(max_length=300)]
_METHODS = ["GET", "HEAD"]
_pages = APIRouter()


def create_app(settings: Settings) -> FastAPI:
    """The site over the publications of a home."""
    app = FastAPI(title="paperhouse", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = _Site(settings)
    _add_plain_pages(app)
    app.include_router(_pages)
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    _add_errors(app)
    app.middleware("http")(app.state.site.finish)
    app.add_middleware(_JsonTwins)
    return app


class _JsonTwins:
    """Leads each PATH.json to the page PATH, which then answers as JSON; `/index.json` to `/`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] == "http" and path.endswith(".json"):
            page = path.removesuffix(".json")
            scope = {**scope, "path": "/" if page == "/index" else page, "as_json": True}
        await self._app(scope, receive, send)


class _Site:
    """What the pages share."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.publications = settings, Publications(settings)
        self._templates = Environment(
            loader=PackageLoader("warehouse.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "paper_url": lambda paper_id: f"/papers/{quote(paper_id)}",
            "page_url": lambda kind, name: f"/{kind}/{quote(name, safe='')}",
            "board_url": _board_url,
            "read_at": build_paper_url,
            "windows": queries.WINDOWS,
        }
        files = sorted(file for file in _HERE.rglob("*") if file.suffix in (".html", ".css", ".py"))
        self._made_by = stable_hash("".join(file.read_text("utf-8") for file in files))
        self._curves: Callable[..., str | None] = lru_cache(maxsize=512)(self._draw)

    def show(
        self, request: Request, template: str, read: Callable[[duckdb.DuckDBPyConnection], Facts | None]
    ) -> Response:
        """A page, or its JSON, of what is read of one publication. Raises HTTPException where there is nothing."""
        with self.publications.reading() as connection:
            facts = read(connection)
            version, at = published_at(connection)
        if facts is None:
            raise HTTPException(404, "The publication has no such page.")
        publication = {"version": version, "published_at": at}
        if request.scope.get("as_json"):
            return _json(facts | {"publication": publication})
        return HTMLResponse(self.render(template, request, publication=publication, **facts))

    def render(self, template: str, request: Request, **facts: Any) -> str:
        query = f"?{request.url.query}" if request.url.query else ""
        path = "/index" if request.url.path == "/" else request.url.path
        return self._templates.get_template(template).render(twin=f"{path}.json{query}", request=request, **facts)

    def fail(self, request: Request, status: int, message: str) -> Response:
        """The page, or the JSON, that says what is wrong."""
        if request.scope.get("as_json"):
            return _json({"error": message}, status)
        page = self.render("error.html", request, status=status, message=message, publication=None)
        return HTMLResponse(page, status)

    def curve(self, dataset: str, metric: str, unit: str, task: str | None) -> str | None:
        """The SVG of a leaderboard of the publication of now; None where it has no dated entry."""
        return self._curves(self.publications.version(), dataset, metric, unit, task)

    def _draw(self, _: str, dataset: str, metric: str, unit: str, task: str | None) -> str | None:
        with self.publications.reading() as connection:
            key = {"dataset": dataset, "metric": metric, "unit": unit, "task": task}
            entries = queries.read_dated_entries(connection, key)
        return draw_curve(entries, metric, unit) if entries else None

    async def finish(self, request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        """Around each request: headers that browsers obey, and 304 for who has the page of this publication."""
        try:
            etag = f'W/"{self.publications.version()}-{self._made_by}"'
        except UsageError:
            etag = ""
        if etag and request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=HEADERS | {"ETag": etag})
        response = await call(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if etag and response.status_code == 200:
            response.headers["ETag"] = etag
        return response


def _add_plain_pages(app: FastAPI) -> None:
    """The pages that a function of queries reads as they are: those of one thing, and those of a name."""
    for path, template, read in (
        ("/", "home.html", queries.read_home),
        ("/tasks", "tasks.html", queries.read_tasks),
        ("/how", "how.html", queries.read_evidence),
    ):
        app.add_api_route(path, _plain(template, read), methods=_METHODS)
    for kind, template, read_named in (
        ("metrics", "metric.html", queries.read_metric),
        ("tasks", "task.html", queries.read_task),
        ("authors", "author.html", queries.read_author),
    ):
        app.add_api_route(f"/{kind}/{{name:path}}", _named(template, read_named), methods=_METHODS)


def _plain(template: str, read: Read) -> Callable[[Request], Response]:
    def show(request: Request) -> Response:
        return _site(request).show(request, template, read)

    return show


def _named(
    template: str, read: Callable[[duckdb.DuckDBPyConnection, str], Facts | None]
) -> Callable[[Request, str], Response]:
    def show(request: Request, name: str) -> Response:
        return _site(request).show(request, template, lambda connection: read(connection, name))

    return show


@_pages.api_route("/search", methods=_METHODS)
def find(
    request: Request,
    q: Annotated[str, Query(max_length=_MOST_WORDS)] = "",
    kind: Annotated[str, Query(pattern="^(papers|claims)$")] = "papers",
    year: Annotated[str, Query(pattern=r"^\d{0,4}$")] = "",
    venue: Name = "",
    category: Name = "",
    code: Annotated[str, Query(pattern="^(|yes|no)$")] = "",
    source: Name = "",
) -> Response:
    """Papers or claims by words. A field that a form left empty filters nothing."""
    asked = {"q": q, "kind": kind, "year": year, "venue": venue, "category": category, "code": code, "source": source}
    has_code = {"yes": True, "no": False}.get(code)
    filters = Filters(int(year) if year else None, venue or None, category or None, has_code, source or None)

    def read(connection: duckdb.DuckDBPyConnection) -> Facts:
        found = search(connection, q, _RESULTS, kind == "claims", filters) if q.strip() else None
        return {"found": found, "asked": asked}

    return _site(request).show(request, "search.html", read)


@_pages.api_route("/papers/{paper_id:path}", methods=_METHODS)
def paper(request: Request, paper_id: str) -> Response:
    def read(connection: duckdb.DuckDBPyConnection) -> Facts | None:
        facts = queries.read_paper_page(connection, paper_id)
        return facts and facts | ({} if request.scope.get("as_json") else _marked(facts["paper"]))

    return _site(request).show(request, "paper.html", read)


@_pages.api_route("/datasets/{name:path}", methods=_METHODS)
def dataset(request: Request, name: str, metric: Name = "", unit: Name = "", task: Name = "") -> Response:
    """A dataset, or one of its leaderboards."""
    if metric and unit:
        key = {"dataset": name, "metric": metric, "unit": unit, "task": task or None}
        return _site(request).show(
            request, "leaderboard.html", lambda connection: queries.read_leaderboard(connection, key)
        )
    return _site(request).show(request, "dataset.html", lambda connection: queries.read_dataset(connection, name))


@_pages.get("/curve.svg")
def curve(request: Request, dataset: Name, metric: Name, unit: Name, task: Name = "") -> Response:
    """A leaderboard's curve of progress."""
    picture = _site(request).curve(dataset, metric, unit, task or None)
    if picture is None:
        raise HTTPException(404, "Nothing on this leaderboard has a date.")
    return Response(picture, media_type="image/svg+xml")


@_pages.get("/papers.atom")
def feed(request: Request) -> Response:
    file = current(_site(request).settings) / "feeds" / "papers.atom"
    if not file.exists():
        raise UsageError("nothing is published yet", "Next: make run")
    return FileResponse(file, media_type="application/atom+xml")


def _add_errors(app: FastAPI) -> None:
    def refuse(request: Request, error: StarletteHTTPException) -> Response:
        return _site(request).fail(request, error.status_code, str(error.detail))

    def misread(request: Request, _: RequestValidationError) -> Response:
        return _site(request).fail(
            request, 422, "A part of the address is too long, or of another form than the page knows."
        )

    def lack(request: Request, error: UsageError) -> Response:
        return _site(request).fail(request, 503, str(error))

    def give_up(request: Request, error: TimeoutError) -> Response:
        return _site(request).fail(request, 503, f"The answer takes {error}.")

    for kind, handler in (
        (StarletteHTTPException, refuse),
        (RequestValidationError, misread),
        (UsageError, lack),
        (TimeoutError, give_up),
    ):
        app.add_exception_handler(kind, handler)  # type: ignore[arg-type]  # each gets its own kind


def _site(request: Request) -> _Site:
    site: _Site = request.app.state.site
    return site


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content, default=str, ensure_ascii=False), status, media_type="application/json")


def _marked(paper: Facts) -> Facts:
    """The title and abstract in pieces, with what stands in them."""
    pieces = {}
    for section in ("title", "abstract"):
        claims, links = (
            [each for each in paper[kind] if each["section"] == section and each["char_start"] is not None]
            for kind in ("claims", "links")
        )
        pieces[f"{section}_pieces"] = mark_places(paper[section] or "", claims, links)
    return pieces


def _board_url(board: Facts, page: str = "") -> str:
    """The page of a leaderboard, or its curve."""
    key = {name: board[name] for name in ("metric", "unit", "task") if board[name] is not None}
    if page:
        return f"{page}?{urlencode({'dataset': board['dataset'], **key})}"
    return f"/datasets/{quote(board['dataset'], safe='')}?{urlencode(key)}"
