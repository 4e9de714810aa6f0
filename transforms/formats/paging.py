"""How a live source is read page by page: how a source module describes its requests and inspects their answers,
without doing any.

A source is live where its YAML has `live` and its module has two functions:

    first_request(span, config) -> Request
    inspect_page(request, content, span, config) -> PageResult

warehouse/steps/fetch.py asks, lands what comes, and asks on.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Span:
    """The days that a refresh is to bring, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Request:
    url: str
    listed_on: date | None = None  # the day of the listing that the answer is, where the source lists by days
    since: date | None = (
        None  # the first day that the answer and those it leads to bring: where to begin again if the way in is closed
    )
    page: int = 0  # of that day's answers


@dataclass(frozen=True)
class PageResult:
    """What an answer says of the paging."""

    entry_count: int = 0
    next: Request | None = None  # None: that was the last page
    is_suspect: bool = False  # it may be true or a temporary fault: fetch it again, and accept it if it stays
    problem: str | None = None  # it cannot be: ask again, and give up if it stays
    is_expired: bool = False  # the resumption token has expired: begin again, from the request's first day
