"""/review: rows that are worth a look, answered one at a time. Only with `paperhouse web --edit`, for who has its
token.

The token comes in the address once and is then a cookie that the browser sends from this site alone (SameSite=Strict);
each form holds it too, so that a page of another site cannot answer (https://owasp.org/www-community/attacks/csrf).
"""

from hmac import compare_digest
from typing import Annotated
from urllib.parse import quote, unquote

import duckdb
from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from warehouse.errors import UsageError
from warehouse.readers.review import read_queue
from warehouse.steps.correct import SOURCE, answer, asked_of, write_correction
from warehouse.web.queries import Facts
from warehouse.web.site import site_of

router = APIRouter(include_in_schema=False)
_COOKIE = "paperhouse_review"
_WAITING = 50
_Text = Annotated[str, Form(max_length=500)]


@router.get("/review")
def show_queue(request: Request, token: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The first row that waits."""
    if token:
        _require(request, token)
        response = RedirectResponse("/review", 303)
        response.set_cookie(_COOKIE, token, httponly=True, samesite="strict", path="/review")
        return response
    token = _require(request, request.cookies.get(_COOKIE, ""))
    return _show(request, token)


@router.post("/review")
def take_answer(
    request: Request, token: _Text, item_id: _Text, verdict: _Text, author: _Text = "", reason: _Text = "",
    metric: _Text = "", dataset: _Text = "", condition: _Text = "", value: _Text = "", subject: _Text = "",
) -> Response:  # fmt: skip
    """An answer to a row: a correction, in the inbox; then the next row."""
    _require(request, request.cookies.get(_COOKIE, ""))
    _require(request, token)
    answered = _answered(request)
    item = next((item for item in _read(request, 10_000) if item["item_id"] == item_id), None)
    if item is None:
        raise HTTPException(404, "The row does not wait any more.")
    if verdict != "skip":
        change = {"metric": metric, "dataset": dataset, "condition": condition, "value": value, "subject": subject}
        try:
            correction = answer(item, verdict, author, reason, change)
            write_correction(site_of(request).settings, correction)
        except UsageError as error:
            return _show(request, token, str(error), author)
    answered.add(item_id)
    response = RedirectResponse("/review", 303)
    response.set_cookie(
        "paperhouse_author", quote(author.strip()[:100]), httponly=True, samesite="strict", path="/review"
    )
    return response


def _show(request: Request, token: str, problem: str = "", author: str = "") -> Response:
    queue = _read(request, _WAITING)
    facts: Facts = {
        "item": queue[0] if queue else None,
        "asked": asked_of(queue[0]) if queue else (),
        "waiting": len(queue),
        "most": _WAITING,
        "answered": len(_answered(request)),
        "folder": f"inbox/{SOURCE}",
        "token": token,
        "problem": problem,
        "author": author or unquote(request.cookies.get("paperhouse_author", "")),
    }
    page = site_of(request).render("review.html", request, publication=None, **facts)
    return HTMLResponse(page, 422 if problem else 200, headers={"Cache-Control": "no-store"})


def _read(request: Request, most: int) -> list[Facts]:
    def read(connection: duckdb.DuckDBPyConnection) -> Facts:
        return {"items": read_queue(connection, _answered(request), most)}

    items: list[Facts] = site_of(request).read(read)[0]["items"]
    return items


def _answered(request: Request) -> set[str]:
    """The items that were answered or skipped since the site was started."""
    state = request.app.state
    if not hasattr(state, "answered"):
        state.answered = set()
    answered: set[str] = state.answered
    return answered


def _require(request: Request, token: str) -> str:
    """The token. Raises HTTPException where it is not the site's."""
    if not compare_digest(token.encode(), request.app.state.edit_token.encode()):
        raise HTTPException(403, "This page needs the token that `paperhouse web --edit` printed with its address.")
    return token
