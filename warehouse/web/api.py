"""The explorer's own API: tables of the publication in pages or as lines of JSON, search, and what changed since."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Annotated, Any
from urllib.parse import urlencode

import duckdb
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, create_model

from warehouse.readers.papers import find_paper_id
from warehouse.readers.search import Filters
from warehouse.storage.connection import rows, scalar
from warehouse.storage.publication import published_at
from warehouse.web import queries
from warehouse.web.queries import Facts
from warehouse.web.site import Read, Site, dump_json, json_answer, site_of

router = APIRouter(prefix="/api")
_CHUNK_SIZE = 20_000  # rows that are read at once for a stream
_NDJSON = "application/x-ndjson"

# A load can touch papers that an earlier load brought. The first landing of all loads that ended after an instant is
# before the last landing of every paper that they touched.
_TOUCHED = "last_seen_at >= (select min(landed_at) from load_history where finished_at > $since)"
_OF_TOUCHED = f"paper_id in (from fct_papers select paper_id where {_TOUCHED})"
_NEW_RESULT = "batch_id in (select batch_id from load_history where finished_at > $since)"
# Links are checked before the answers land; no walk takes longer than a day.
_CHECKED = "last_checked_at >= (select min(landed_at) - interval 1 day from load_history where finished_at > $since)"


@dataclass(frozen=True)
class _Table:
    """A table: its key, the conditions that its query parameters set (with the parameter's type and what it is), and
    which rows may be others than at an instant."""

    title: str
    table: str
    key: str
    since: str
    filters: dict[str, tuple[type, str, str]]


def _equal(*names: str) -> dict[str, tuple[type, str, str]]:
    return {name: (str, f"{name} = ${name}", f"Its {name.replace('_', ' ')}, exactly.") for name in names}


_TABLES = {
    "papers": _Table(
        "Papers", "fct_papers", "paper_id", _TOUCHED,
        {
            "year": (
                int,
                "coalesce(year(published_on), venue_year) = $year",
                "The year of publication, else of the venue.",
            ),
            "venue": (str, "lower(venue) = lower($venue)", "The venue, in any case."),
            "category": (str, "list_contains(categories, $category)", "arXiv's category, as cs.CL."),
            "has_code": (bool, "(repo_link_count > 0) = $has_code", "Whether a repository is known."),
            **_equal("arxiv_id", "doi"),
        },
    ),
    "claims": _Table(
        "Claimed numbers, each with its sentence and place", "fct_claimed_metrics", "claim_id", _OF_TOUCHED,
        {
            **_equal("paper_id", "metric", "unit", "kind"),
            "dataset": (
                str,
                "claim_id in (select claim_id from brg_claim_datasets where $dataset in (dataset, dataset_text))",
                "A dataset that the claim is on, by its canonical name or as the paper writes it.",
            ),
            "min_confidence": (float, "confidence >= $min_confidence", "The least confidence, from 0 to 1."),
        },
    ),
    "corrections": _Table(
        "What people say of numbers and names", "fct_corrections", "correction_id", f"({_OF_TOUCHED} or {_NEW_RESULT})",
        _equal("paper_id", "target", "verdict", "state", "author"),
    ),
    "dataset_use": _Table(
        "Which papers measure on which datasets", "fct_dataset_use", "use_id", _OF_TOUCHED,
        _equal("paper_id", "dataset", "venue", "field"),
    ),
    "results": _Table(
        "Results that leaderboards report", "fct_reported_results", "result_id", _NEW_RESULT,
        _equal("paper_id", "task", "dataset", "metric", "model"),
    ),
    "table_results": _Table(
        "What a leaderboard would take of papers' own tables", "fct_table_results", "table_result_id", _OF_TOUCHED,
        {
            **_equal("paper_id", "task", "dataset", "metric"),
            "min_confidence": (float, "confidence >= $min_confidence", "The least confidence, from 0 to 1."),
        },
    ),
    "cells": _Table(
        "Numbers of papers' own tables, each with its heads and place", "fct_table_cells", "cell_id", _OF_TOUCHED,
        {
            **_equal("paper_id", "table_id", "dataset", "metric", "model"),
            "min_confidence": (float, "confidence >= $min_confidence", "The least confidence of what it is about."),
        },
    ),
    "entries": _Table(
        "Entries of leaderboards", "leaderboard", "entry_id",
        f"({_OF_TOUCHED} or result_id in (from fct_reported_results select result_id where {_NEW_RESULT}))",
        _equal("paper_id", "task", "dataset", "metric", "unit", "condition", "evidence_kind"),
    ),
    "links": _Table(
        "Links of papers to code and pages, each with its state", "fct_repo_links", "link_id",
        f"({_OF_TOUCHED} or {_CHECKED})",
        _equal("paper_id", "host", "kind", "owner", "state"),
    ),
}  # fmt: skip


class _Page(BaseModel):
    """What every table can be asked for."""

    model_config = ConfigDict(extra="forbid")

    since: datetime | None = Field(
        None, description="Only rows that may have changed since: give loaded_until of an earlier answer."
    )
    after: str | None = Field(None, max_length=300, description="Only rows behind this key: next_after of a page.")
    limit: int = Field(100, ge=1, le=1000, description="Rows of a page.")


def _query_model(table: _Table) -> type[_Page]:
    fields: dict[str, Any] = {
        name: (kind | None, Field(None, description=about, max_length=300 if kind is str else None))
        for name, (kind, _, about) in table.filters.items()
    }
    return create_model(f"{table.table}_query", __base__=_Page, **fields)


def _add_routes(name: str, table: _Table) -> None:
    model = _query_model(table)

    # FastAPI reads the types of these two when they are added.
    def read_page(request: Request, asked: Annotated[model, Query()]) -> Response:  # type: ignore[valid-type]
        return _page(site_of(request), table, asked)

    def stream(request: Request, asked: Annotated[model, Query()]) -> Response:  # type: ignore[valid-type]
        lines = _lines(site_of(request), table, asked)
        next(lines)  # what is wrong with the question is known before the answer begins
        return StreamingResponse([] if request.scope.get("is_head") else lines, media_type=_NDJSON)

    about = f"{table.title}: the columns of marts.{table.table}"
    router.add_api_route(f"/{name}", read_page, summary=f"{about}, in pages.", tags=[name])
    router.add_api_route(f"/{name}.ndjson", stream, summary=f"{about}, all of them, a line each.", tags=[name])


def _page(site: Site, table: _Table, asked: _Page) -> Response:
    condition, values = _where(table, asked)

    def read(connection: duckdb.DuckDBPyConnection) -> Facts:
        query = f"""
            from (
                from {table.table} select {_columns(connection, table)} where {condition}
                order by {table.key} limit {asked.limit + 1}
            ) as found
            select {table.key} as key, to_json(found)::varchar as line
            order by key
        """
        return {"found": connection.execute(query, values).fetchall(), "about": _about(connection)}

    facts, _ = site.read(read)
    found = facts["found"]
    last = found[asked.limit - 1][0] if len(found) > asked.limit else None
    head = dump_json({"publication": facts["about"], "next_after": last})
    items = ", ".join(line for _, line in found[: asked.limit])
    return Response(f'{head[:-1]}, "items": [{items}]}}', media_type="application/json")


def _lines(site: Site, table: _Table, asked: _Page) -> Iterator[bytes]:
    """All rows, in the order of the table, some at a time; first an empty text, once the question is understood."""
    condition, values = _where(table, asked)
    with site.publications.reading(site.settings.serve_query_seconds) as connection:
        last = scalar(connection, f"from {table.table} select coalesce(max(rowid), -1)")
        columns = _columns(connection, table)
        yield b""
        for first in range(0, last + 1, _CHUNK_SIZE):
            query = f"""
                from (
                    from {table.table} select {columns}
                    where rowid >= {first} and rowid < {first + _CHUNK_SIZE} and {condition}
                ) as found
                select to_json(found)::varchar
            """
            lines = connection.execute(query, values).fetchall()
            if lines:
                yield "".join(f"{line}\n" for (line,) in lines).encode()


def _columns(connection: duckdb.DuckDBPyConnection, table: _Table) -> str:
    """All columns, instants as ISO 8601 writes them."""
    query = """
        select list(column_name) from duckdb_columns()
        where schema_name = 'marts' and table_name = ? and data_type = 'TIMESTAMP WITH TIME ZONE'
    """
    instants = connection.execute(query, [table.table]).fetchone()
    written = [f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ') as {name}" for name in (instants or [None])[0] or []]
    return f"* replace ({', '.join(written)})" if written else "*"


def _where(table: _Table, asked: _Page) -> tuple[str, dict[str, Any]]:
    given = asked.model_dump(exclude_none=True, exclude={"limit"})
    conditions = {"since": table.since, "after": f"{table.key} > $after"}
    conditions |= {name: condition for name, (_, condition, _) in table.filters.items()}
    return " and ".join(["true", *(conditions[name] for name in given)]), given


def _answer(request: Request, read: Read) -> Response:
    """What is read, with its publication."""

    def read_both(connection: duckdb.DuckDBPyConnection) -> Facts | None:
        facts = read(connection)
        return facts and {"publication": _about(connection)} | facts

    return json_answer(site_of(request).read(read_both)[0])


def _about(connection: duckdb.DuckDBPyConnection) -> Facts:
    number, at = published_at(connection)
    until = scalar(connection, "select max(finished_at) from load_history where outcome = 'loaded'")
    return {"version": number, "published_at": at, "loaded_until": until}


for _name, _table in _TABLES.items():
    _add_routes(_name, _table)


@router.get("/changes", summary="How many rows of each table may have changed since.")
def count_changes(request: Request, since: datetime) -> Response:
    def read(connection: duckdb.DuckDBPyConnection) -> Facts:
        counts = {
            name: {
                "rows": rows(
                    connection, f"from {table.table} select count(*) as rows where {table.since}", {"since": since}
                )[0]["rows"],
                "path": f"/api/{name}?{urlencode({'since': since.isoformat()})}",
            }
            for name, table in _TABLES.items()
        }
        return {"changes": counts}

    return _answer(request, read)


@router.get("/leaderboards", summary="All leaderboards, those with most entries first.")
def list_leaderboards(
    request: Request,
    task: Annotated[str | None, Query(max_length=300)] = None,
    dataset: Annotated[str | None, Query(max_length=300)] = None,
    metric: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    def read(connection: duckdb.DuckDBPyConnection) -> Facts:
        return {"items": queries.read_boards(connection, {"task": task, "dataset": dataset, "metric": metric})}

    return _answer(request, read)


@router.get("/search", summary="Papers or claims by words, or papers by meaning.")
def find(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=200)],
    kind: Annotated[str, Query(pattern="^(papers|claims|meaning)$")] = "papers",
    most: Annotated[int, Query(ge=1, le=200)] = 20,
    year: Annotated[int | None, Query(ge=1000, le=9999)] = None,
    venue: Annotated[str | None, Query(max_length=300)] = None,
    category: Annotated[str | None, Query(max_length=300)] = None,
    has_code: bool | None = None,
    source: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    filters = Filters(year, venue, category, has_code, source)

    def read(connection: duckdb.DuckDBPyConnection) -> Facts:
        return {"items": queries.read_found(connection, kind, q, most, filters)}

    return _answer(request, read)


@router.get("/papers/{paper_id:path}", summary="A paper with its claims, links, versions and listings.")
def read_paper(request: Request, paper_id: str) -> Response:
    return _answer(
        request,
        lambda connection: queries.read_paper_page(connection, find_paper_id(connection, paper_id) or paper_id),
    )


def describe(request: Request) -> Facts:
    """The API as OpenAPI describes it."""
    return get_openapi(
        title="paperhouse",
        version=version("paperhouse"),
        description="Papers, what they claim, and where their code is: one publication an answer.",
        routes=request.app.routes,
    )


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> Response:
    return json_answer(describe(request))


@router.get("", include_in_schema=False)
def show_documentation(request: Request) -> Response:
    """The documentation as a page, made of what OpenAPI has."""
    return site_of(request).show(request, "api.html", lambda _: {"paths": describe(request)["paths"]})


@router.get("/{path:path}", include_in_schema=False)
def miss(path: str) -> Response:
    raise HTTPException(404, f"There is no /api/{path}. /api lists what there is.")
