"""The explorer: pages, their JSON twins, curves, feeds and APIs, for GET and HEAD alone, but for /review."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated

import duckdb
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from warehouse.errors import UsageError
from warehouse.publishing.changes import KINDS
from warehouse.publishing.citations import FORMATS
from warehouse.readers.search import Filters
from warehouse.settings import Settings
from warehouse.storage.connection import scalar
from warehouse.storage.publication import find_current_folder, published_at
from warehouse.web import api, pwc, queries, review
from warehouse.web.badges import draw_head, draw_place
from warehouse.web.feeds import list_entries, list_papers
from warehouse.web.own_files import OwnFiles
from warehouse.web.queries import Facts
from warehouse.web.rendering import page_url, paper_url
from warehouse.web.site import HERE, Addresses, Read, Site, add_errors, json_answer, site_of

_MOST_WORDS = 200  # characters of a search
Name = Annotated[str, Query(max_length=300)]
MaybeName = Annotated[str | None, Query(max_length=300)]
MaybeVersion = Annotated[int | None, Query(ge=1, le=1_000_000_000)]
_pages = APIRouter(include_in_schema=False)


def create_app(settings: Settings, host: str = "127.0.0.1", edit_token: str | None = None) -> FastAPI:
    """The site over the publications of a home. host: the address that it listens on; edit_token: what who answers
    rows has to know, without it nobody can."""
    app = FastAPI(title="paperhouse", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = Site(settings, host)
    _add_plain_pages(app)
    app.include_router(_pages)
    if edit_token:
        app.state.edit_token = edit_token
        app.include_router(review.router)
    app.include_router(pwc.router)
    app.include_router(api.router)
    app.mount("/static", OwnFiles(HERE / "static"))
    app.mount("/checks", StaticFiles(directory=settings.data_docs, html=True, check_dir=False))
    add_errors(app)
    app.middleware("http")(app.state.site.finish)
    app.add_middleware(Addresses)
    return app


def _add_plain_pages(app: FastAPI) -> None:
    """The pages that a function of queries reads as they are: those of one thing, and those of a name."""
    for path, template, read in (
        ("/", "home.html", queries.read_home),
        ("/tasks", "tasks.html", queries.read_tasks),
        ("/how", "how.html", queries.read_evidence),
        ("/rising", "rising.html", queries.read_rising),
        ("/disagreements", "disagreements.html", queries.read_disagreements),
    ):
        app.add_api_route(path, _plain(template, read), include_in_schema=False)
    for kind in ("datasets", "metrics", "authors", "papers"):
        app.add_api_route(f"/{kind}", _listed(kind), include_in_schema=False)
    for kind, template, read_named in (
        ("metrics", "metric.html", queries.read_metric),
        ("tasks", "task.html", queries.read_task),
        ("similar", "similar.html", queries.read_similar),
    ):
        app.add_api_route(f"/{kind}/{{name:path}}", _named(template, read_named), include_in_schema=False)


def _plain(template: str, read: Read) -> Callable[[Request], Response]:
    def show(request: Request) -> Response:
        return site_of(request).show(request, template, read)

    return show


def _named(
    template: str, read: Callable[[duckdb.DuckDBPyConnection, str], Facts | None]
) -> Callable[[Request, str], Response]:
    def show(request: Request, name: str) -> Response:
        return site_of(request).show(request, template, lambda connection: read(connection, name))

    return show


def _listed(kind: str) -> Callable[..., Response]:
    """All datasets, metrics, authors or papers, filtered by letters, a page at a time."""

    def show(request: Request, q: Name = "", page: Annotated[int, Query(ge=1, le=100_000)] = 1) -> Response:
        return site_of(request).show(
            request, "list.html", lambda connection: queries.read_list(connection, kind, q, page)
        )

    return show


@dataclass
class _Search:
    """What a search asks for. A field that a form left empty filters nothing."""

    q: Annotated[str, Query(max_length=_MOST_WORDS)] = ""
    kind: Annotated[str, Query(pattern="^(papers|claims|meaning)$")] = "papers"
    year: Annotated[str, Query(pattern=r"^\d{0,4}$")] = ""
    venue: Name = ""
    category: Name = ""
    code: Annotated[str, Query(pattern="^(|yes|no)$")] = ""
    source: Name = ""
    most: Annotated[int, Query(ge=1, le=200)] = 20

    def read(self, connection: duckdb.DuckDBPyConnection) -> list[Facts]:
        has_code = {"yes": True, "no": False}.get(self.code)
        year = int(self.year) if self.year else None
        filters = Filters(year, self.venue or None, self.category or None, has_code, self.source or None)
        return queries.read_found(connection, self.kind, self.q, self.most, filters)


@_pages.get("/search")
def find(request: Request, asked: Annotated[_Search, Depends()]) -> Response:
    """Papers or claims by words, or papers by meaning."""

    def read(connection: duckdb.DuckDBPyConnection) -> Facts:
        found = asked.read(connection) if asked.q.strip() else None
        names = queries.read_named_boards(connection, asked.q)
        sources = queries.read_source_names(connection)
        return {"found": found, "names": names, "asked": asdict(asked), "sources": sources}

    return site_of(request).show(request, "search.html", read)


@_pages.get("/changes")
def changes(request: Request, old: MaybeVersion = None, new: MaybeVersion = None) -> Response:
    """What changed from one publication to another, by default from the one before to this one."""
    site = site_of(request)
    newer = int(site.publications.version()) if new is None else new
    try:
        found = site.changes(old, newer) | {"kinds": KINDS}
    except UsageError as error:
        raise HTTPException(404, str(error)) from error
    return site.show(request, "changes.html", lambda _: found)


@_pages.get("/suggest")
def suggest(request: Request, q: Name = "") -> Response:
    """Datasets, tasks, metrics and papers whose names have these letters, as JSON: what a search field offers."""

    def read(connection: duckdb.DuckDBPyConnection) -> Facts:
        found = queries.read_suggestions(connection, q)
        return {"names": [{"kind": each["kind"], "name": each["name"], "page": _page_of(each)} for each in found]}

    return json_answer(site_of(request).read(read)[0])


def _page_of(suggestion: Facts) -> str:
    paper_id = suggestion["paper_id"]
    return paper_url(paper_id) if paper_id else page_url(suggestion["kind"], suggestion["name"])


@_pages.get("/papers/{paper_id:path}")
def paper(request: Request, paper_id: str) -> Response:
    def read(connection: duckdb.DuckDBPyConnection) -> Facts | None:
        facts = queries.read_paper_page(connection, paper_id)
        return facts and facts | ({} if request.scope.get("as_json") else queries.show_paper(facts))

    site = site_of(request)
    if moved := site.find_moved(paper_id):
        ending = ".json" if request.scope.get("as_json") else ""
        return RedirectResponse(f"{paper_url(moved)}{ending}", 301)
    return site.show(request, "paper.html", read)


@_pages.get("/cite/{ending}")
def cite(
    request: Request,
    ending: Annotated[str, PathParameter(pattern="^(bib|ris|csl)$")],
    asked: Annotated[_Search, Depends()],
    paper: Annotated[list[Name], Query(max_length=200)] = [],  # noqa: B006 - FastAPI copies it
    dataset: Name = "",
    metric: Name = "",
    unit: Name = "",
    task: MaybeName = None,
    condition: MaybeName = None,
) -> Response:
    """Papers as BibTeX, RIS or CSL-JSON: those named, those that a search finds, or those of a leaderboard."""

    def read(connection: duckdb.DuckDBPyConnection) -> Facts | None:
        if dataset:
            board = queries.read_named_leaderboard(connection, _board_key(dataset, metric, unit, task, condition))
            named = board and [each["paper_id"] for each in board["entries"]]
        elif asked.q:
            named = [each["paper_id"] for each in asked.read(connection)]
        else:
            named = paper
        cited = queries.read_cited(connection, [paper_id for paper_id in named or [] if paper_id])
        return {"papers": cited} if cited or (dataset and named is not None) else None

    found, _ = site_of(request).read(read)
    write, media_type = FORMATS[ending]
    headers = {"Content-Disposition": f'attachment; filename="papers.{ending}"'}
    return Response(write(found["papers"]), media_type=media_type, headers=headers)


@_pages.get("/badges/papers/{paper_id:path}.svg")
def badge_of_paper(request: Request, paper_id: str) -> Response:
    """The best place of a paper on a leaderboard."""
    found, _ = site_of(request).read(lambda connection: queries.read_place(connection, paper_id))
    return _picture(draw_place(found["entry"]))


@_pages.get("/badges/board.svg")
def badge_of_board(
    request: Request, dataset: Name, metric: Name, unit: Name = "", task: MaybeName = None, condition: MaybeName = None
) -> Response:
    """The head of a leaderboard."""
    key = _board_key(dataset, metric, unit, task, condition)
    found, _ = site_of(request).read(lambda connection: queries.read_named_leaderboard(connection, key))
    return _picture(draw_head(found, found["entries"][0]))


def _picture(svg: str) -> Response:
    return Response(svg, media_type="image/svg+xml")


@_pages.get("/claims/{claim_id}")
def claim(request: Request, claim_id: str) -> Response:
    """The claim in its paper."""
    return _to_paper(request, "claim", "select paper_id from fct_claimed_metrics where claim_id = ?", claim_id)


@_pages.get("/cells/{cell_id}")
def cell(request: Request, cell_id: str) -> Response:
    """The number in its paper's table."""
    return _to_paper(request, "cell", "select paper_id from fct_table_cells where cell_id = ?", cell_id)


def _to_paper(request: Request, kind: str, query: str, identifier: str) -> Response:
    found, _ = site_of(request).read(lambda connection: {"paper_id": scalar(connection, query, [identifier])})
    if not found["paper_id"]:
        raise HTTPException(404, f"Nothing in this publication is a {kind} of that id.")
    return RedirectResponse(f"{paper_url(found['paper_id'])}#{kind}-{identifier}", 303)


@_pages.get("/datasets/{name:path}")
def dataset(
    request: Request,
    name: str,
    metric: Name = "",
    unit: Name = "",
    task: MaybeName = None,
    condition: MaybeName = None,
) -> Response:
    """A dataset, one of its leaderboards, or the feed of its newest entries."""
    site = site_of(request)
    if request.scope.get("as_atom"):
        title = f"paperhouse: new on leaderboards of {name}"

        def read(connection: duckdb.DuckDBPyConnection) -> Facts | None:
            version, at = published_at(connection)
            changes = {"changes": site.changes_of_dataset(name, version), "published_at": at}
            return (found := queries.read_new_entries(connection, name)) and found | changes

        return site.feed(request, title, read, list_entries)
    if metric:
        key = _board_key(name, metric, unit, task, condition)
        return site.show(
            request, "leaderboard.html", lambda connection: queries.read_named_leaderboard(connection, key)
        )
    return site.show(request, "dataset.html", lambda connection: queries.read_dataset(connection, name))


@_pages.get("/authors/{name:path}")
def author(request: Request, name: str) -> Response:
    def read(connection: duckdb.DuckDBPyConnection) -> Facts | None:
        return queries.read_author(connection, name)

    if request.scope.get("as_atom"):
        return site_of(request).feed(request, f"paperhouse: papers of {name}", read, list_papers)
    return site_of(request).show(request, "author.html", read)


def _board_key(dataset: str, metric: str, unit: str, task: str | None, condition: str | None) -> Facts:
    return {"dataset": dataset, "metric": metric, "unit": unit or None, "task": task, "condition": condition}


@_pages.get("/curve.svg")
def curve(
    request: Request, dataset: Name, metric: Name, unit: Name = "", task: MaybeName = None,
    condition: MaybeName = None, narrow: bool = False,
) -> Response:  # fmt: skip
    """A leaderboard's curve of progress."""
    picture = site_of(request).curve(_board_key(dataset, metric, unit, task, condition), narrow)
    if picture is None:
        raise HTTPException(404, "Nothing on this leaderboard has a date.")
    return _picture(picture)


@_pages.get("/papers.atom")
def feed(request: Request) -> Response:
    file = find_current_folder(site_of(request).settings) / "feeds" / "papers.atom"
    if not file.exists():
        raise UsageError("nothing is published yet", "Next: make run")
    return FileResponse(file, media_type="application/atom+xml")
