"""The templates, and what they call."""

from collections.abc import Callable
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from warehouse.publishing.papers import build_paper_url
from warehouse.web import queries
from warehouse.web.queries import Facts


def make_templates() -> Environment:
    """The templates, for pages that a server shows; an export renders them with other `links`."""
    templates = Environment(
        loader=PackageLoader("warehouse.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {
        **links(lambda path: path),
        "is_export": False,
        "checks_url": lambda page: f"/checks/{page.removeprefix('data_docs/')}",
        "more_url": lambda asked: f"/search?{urlencode(asked | {'most': min(200, 5 * asked['most'])})}",
        "read_at": build_paper_url,
        "windows": queries.WINDOWS,
    }
    return templates


def links(at: Callable[[str], str | None]) -> dict[str, Callable[..., str | None]]:
    """What templates call for the address of a page; at: from the path of a page here to where it is."""
    return {
        "at": at,
        "paper_url": lambda paper_id: at(paper_url(paper_id)),
        "page_url": lambda kind, name: at(page_url(kind, name)),
        "board_url": lambda board, *page, **others: at(board_url(board, *page, **others)),
    }


def paper_url(paper_id: str) -> str:
    return f"/papers/{quote(paper_id)}"


def page_url(kind: str, name: str) -> str:
    """kind: tasks, datasets, metrics, authors or similar."""
    return f"/{kind}/{quote(name, safe='')}"


def board_url(board: Facts, page: str = "", **others: str) -> str:
    """The page of a leaderboard, or its curve; others: what else the address asks for."""
    key = {name: board[name] for name in ("metric", "unit", "task") if board[name] is not None} | others
    if page:
        return f"{page}?{urlencode({'dataset': board['dataset'], **key})}"
    return f"/datasets/{quote(board['dataset'], safe='')}?{urlencode(key)}"
