"""Routes of the API of Papers with Code, as its public client asks for them: lists in pages, single things by id.

The shape of answers is that of paperswithcode-client 0.3.1, with which the tests ask for all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import duckdb
from fastapi import APIRouter, HTTPException, Query, Request, Response
from starlette.datastructures import URL

from warehouse.web.pwc.resources import (
    NOT_FOUND,
    Asked,
    find,
    find_name,
    find_order,
    find_page,
    find_paper,
    find_repositories,
)
from warehouse.web.queries import Facts
from warehouse.web.site import json_answer, site_of

router = APIRouter(prefix="/api/v1", include_in_schema=False)
_MOST, _MOST_PAGES = 500, 1_000_000  # on a page; pages
_MOST_CHARACTERS, _MOST_WORDS = 200, 20  # of a filter; of q
_TEXT, _EXACT = "contains(lower({0}), lower(${0}))", "lower({0}) = lower(${0})"


@dataclass(frozen=True)
class _List:
    """What a path lists: rows of a resource that pass a condition over the path's parameters; by which query
    parameters it can be filtered; what comes first; the single thing that must be there."""

    resource: str
    condition: str = "true"
    filters: dict[str, str] = field(default_factory=dict)
    order: str = "id"
    of: tuple[str, str] | None = None


def _named(*fields: str, **others: str) -> dict[str, str]:
    """Filters of a resource: q, whose words the fields must have all together, and each field by a part of it."""
    text = f"lower(concat_ws(' ', {', '.join(fields)}))"
    words = f"list_bool_and([contains({text}, word) for word in string_split(lower(trim($q)), ' ')])"
    return {"q": words, **{name: _TEXT.format(name) for name in fields}, **others}


# Single things: the resource, and the condition that names one.
_AUTHOR = ("authors", "_key in ($author, replace($author, '-', ' '))")
_PROCEEDING = ("proceedings", "_conference = $conference and id = $proceeding")
_REPOSITORY = ("repositories", "lower(owner) = lower($owner) and lower(name) = lower($name)")
_NAMED = {"task", "dataset", "area", "conference"}
_OF_TASK = "_task is not distinct from $_task and _dataset = $_dataset"
_LISTS = {
    "/papers/{paper}/repositories": _List("paper_repositories", "_paper_id = $paper", order="is_official desc, id"),
    "/papers/{paper}/datasets": _List(
        "datasets",
        "name in (select dataset from marts.leaderboard where paper_id = $paper union "
        "select dataset from marts.brg_claim_datasets inner join marts.fct_claimed_metrics using (claim_id) "
        "where paper_id = $paper)",
    ),
    "/papers/{paper}/tasks": _List("tasks", "name in (select task from marts.leaderboard where paper_id = $paper)"),
    "/papers/{paper}/methods": _List("methods", "paper = $paper"),
    "/papers/{paper}/results": _List("results", "_paper_id = $paper"),
    "/papers": _List(
        "papers",
        filters=_named("title", "abstract", arxiv_id="arxiv_id = $arxiv_id"),
        order="published desc nulls last, id",
    ),
    "/repositories/{owner}/{name}/papers": _List(
        "papers",
        "id in (select _paper_id from pwc_paper_repositories where lower(owner) = lower($owner) and "
        "lower(name) = lower($name))",
        of=_REPOSITORY,
    ),
    "/repositories/{owner}": _List("repositories", _EXACT.format("owner"), order="stars desc, id"),
    "/repositories": _List(
        "repositories",
        filters=_named("owner", "name", stars="stars >= $stars::integer", framework=_EXACT.format("framework")),
        order="stars desc, id",
    ),
    "/authors/{author}/papers": _List(
        "papers",
        "id in (select paper_id from lookups.author_papers where author_key in ($author, replace($author, '-', ' ')))",
        order="published desc nulls last, id",
        of=_AUTHOR,
    ),
    "/authors": _List("authors", filters=_named("full_name")),
    "/conferences/{conference}/proceedings/{proceeding}/papers": _List(
        "papers", "proceeding = $proceeding", of=_PROCEEDING
    ),
    "/conferences/{conference}/proceedings": _List("proceedings", "_conference = $conference", order="year desc, id"),
    "/conferences": _List("conferences", filters=_named("name")),
    "/areas/{area}/tasks": _List(
        "tasks", "name in (select task from marts.fct_reported_results where list_contains(areas, $area))"
    ),
    "/areas": _List("areas", filters=_named("name")),
    "/tasks/{task}/parents": _List(
        "tasks", "name in (select parent_task from marts.fct_reported_results where task = $task)"
    ),
    "/tasks/{task}/children": _List(
        "tasks", "name in (select task from marts.fct_reported_results where parent_task = $task)"
    ),
    "/tasks/{task}/papers": _List(
        "papers",
        "id in (select paper_id from marts.leaderboard where task = $task)",
        order="published desc nulls last, id",
    ),
    "/tasks/{task}/evaluations": _List("evaluations", "_task = $task"),
    "/tasks": _List("tasks", filters=_named("name")),
    "/datasets/{dataset}/evaluations": _List("evaluations", "_dataset = $dataset"),
    "/datasets": _List("datasets", filters=_named("name", "full_name")),
    "/methods": _List("methods", filters=_named("name", "full_name")),
    "/evaluations/{evaluation}/metrics": _List("metrics", _OF_TASK),
    "/evaluations/{evaluation}/results": _List("results", _OF_TASK, order="best_rank nulls last, id"),
    "/evaluations": _List("evaluations"),
}
_ONES = {
    "/evaluations/{evaluation}/metrics/{id}": ("metrics", f"{_OF_TASK} and id = $id"),
    "/evaluations/{evaluation}/results/{id}": ("results", f"{_OF_TASK} and id = $id"),
    "/conferences/{conference}/proceedings/{proceeding}": _PROCEEDING,
    "/repositories/{owner}/{name}": _REPOSITORY,
    "/papers/{paper}": ("papers", "id = $paper"),
    "/authors/{author}": _AUTHOR,
    **{
        f"/{resource}/{{id}}": (resource, "id = $id")
        for resource in ("conferences", "areas", "tasks", "datasets", "methods", "evaluations")
    },
}


@router.get("/search")
def search(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=_MOST_PAGES)] = 1,
    items_per_page: Annotated[int, Query(ge=1, le=_MOST)] = 50,
) -> Response:
    """Papers by words of title and abstract, each with the repository that is most likely its own."""
    papers = _LISTS["/papers"]
    asked = Asked({"q": q} if q else {}, page, items_per_page, papers.order)

    def read(connection: duckdb.DuckDBPyConnection) -> Facts:
        count, found = find_page(connection, papers.resource, papers.filters["q"] if q else "true", asked)
        repositories = find_repositories(connection, [paper["id"] for paper in found])
        return {"count": count, "results": [_with_repository(paper, repositories.get(paper["id"])) for paper in found]}

    return _page(request, read, page, items_per_page)


def _with_repository(paper: Facts, repository: Facts | None) -> Facts:
    return {"paper": paper, "repository": repository, "is_official": bool(repository and repository["is_official"])}


def _given(request: Request, listed: _List) -> dict[str, str]:
    """The filters that the address names. Raises HTTPException where one is longer than a name can be."""
    given = {name: value for name, value in request.query_params.items() if name in listed.filters}
    if long := [name for name, value in given.items() if len(value) > _MOST_CHARACTERS]:
        raise HTTPException(422, f"{long[0]}: at most {_MOST_CHARACTERS} characters.")
    if "q" in given:
        given["q"] = " ".join(list(dict.fromkeys(given["q"].split()))[:_MOST_WORDS])
    return given


def _list(listed: _List) -> Callable[..., Response]:
    def show(
        request: Request,
        page: Annotated[int, Query(ge=1, le=_MOST_PAGES)] = 1,
        items_per_page: Annotated[int, Query(ge=1, le=_MOST)] = 50,
        ordering: Annotated[str, Query(max_length=_MOST_CHARACTERS, pattern=r"^(-?[a-z_]+(,-?[a-z_]+)*)?$")] = "",
    ) -> Response:
        given = _given(request, listed)
        condition = " and ".join([listed.condition, *(listed.filters[name] for name in given)])

        def read(connection: duckdb.DuckDBPyConnection) -> Facts:
            values = _resolve(connection, request.path_params) | given
            if listed.of and find(connection, *listed.of, values) is None:
                raise NOT_FOUND
            order = f"{find_order(connection, listed.resource, ordering)}, id" if ordering else listed.order
            asked = Asked(values, page, items_per_page, order)
            count, found = find_page(connection, listed.resource, condition, asked)
            return {"count": count, "results": found}

        return _page(request, read, page, items_per_page)

    return show


def _one(resource: str, condition: str) -> Callable[[Request], Response]:
    def show(request: Request) -> Response:
        def read(connection: duckdb.DuckDBPyConnection) -> Facts | None:
            return find(connection, resource, condition, _resolve(connection, request.path_params))

        facts, _ = site_of(request).read(read)
        return json_answer(facts)

    return show


def _resolve(connection: duckdb.DuckDBPyConnection, given: dict[str, Any]) -> dict[str, Any]:
    """The path's parameters as the tables have them: a paper by any id that it is known by, tasks and the like by
    their names, an evaluation as its task and dataset.

    Raises HTTPException where there is none.
    """
    values = dict(given)
    if "paper" in values:
        values["paper"] = find_paper(connection, values["paper"])
    for kind in _NAMED & set(values):
        values[kind] = find_name(connection, kind, values[kind])
    if name := values.pop("evaluation", None):
        board = find(connection, "evaluations", "id = $id", {"id": name}, with_hidden=True)
        if board is None:
            raise NOT_FOUND
        values |= {"_task": board["_task"], "_dataset": board["_dataset"]}
    return values


def _page(
    request: Request, read: Callable[[duckdb.DuckDBPyConnection], Facts], page: int, items_per_page: int
) -> Response:
    facts, _ = site_of(request).read(read)

    def url(number: int) -> str:
        return str(URL(str(request.url)).include_query_params(page=number))

    has_more = page * items_per_page < facts["count"]
    return json_answer(
        {
            "count": facts["count"],
            "next": url(page + 1) if has_more else None,
            "previous": url(page - 1) if page > 1 else None,
            "results": facts["results"],
        }
    )


@router.api_route("/{_:path}", methods=["POST", "PUT", "PATCH", "DELETE"])
def refuse() -> Response:
    """Nothing can be written."""
    raise HTTPException(405, "paperhouse is read-only.", {"Allow": "GET, HEAD"})


def _typed(path: str) -> str:
    """Ids can have slashes in them, as those of DOIs; names of owners have none."""
    for name in ("paper", "author", "id"):
        path = path.replace(f"{{{name}}}", f"{{{name}:path}}")
    return path


for _path, _listed in _LISTS.items():
    router.add_api_route(_typed(_path), _list(_listed))
for _path, (_resource, _condition) in _ONES.items():
    router.add_api_route(_typed(_path), _one(_resource, _condition))
