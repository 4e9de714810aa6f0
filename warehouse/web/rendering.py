"""The templates, and what they call."""

import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from warehouse.publishing.citations import describe_article, describe_dataset
from warehouse.publishing.papers import build_paper_url
from warehouse.web import queries
from warehouse.web.curves import trace_steps
from warehouse.web.queries import Facts

_SUFFIX = re.compile(r"\.(json|atom)$")


def make_templates(at: Callable[[str], str | None] = lambda path: path) -> Environment:
    """The templates, with all that they call; at: from the path of a page here to where it is, by default the server's
    own path. The macros are `show`, made once, as an import in a page would make them for each."""
    templates = Environment(
        loader=PackageLoader("warehouse.web"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {
        **_links(at),
        "is_export": False,
        "checks_url": lambda page: f"/checks/{page.removeprefix('data_docs/')}",
        "more_url": lambda asked: f"/search?{urlencode(asked | {'most': min(200, 5 * asked['most'])})}",
        "read_at": build_paper_url,
        "windows": queries.WINDOWS,
        "trace_steps": trace_steps,
        "describe_article": describe_article,
        "describe_dataset": describe_dataset,
    }
    templates.globals["show"] = templates.get_template("macros.html").module
    return templates


def _links(at: Callable[[str], str | None]) -> dict[str, Callable[..., str | None]]:
    """What templates call for the address of a page."""
    return {
        "at": at,
        "paper_url": lambda paper_id: at(paper_url(paper_id)),
        "page_url": lambda kind, name: at(page_url(kind, name)),
        "board_url": lambda board, *page, **others: at(board_url(board, *page, **others)),
        "badge_url": lambda paper_id: at(f"/badges{paper_url(paper_id)}.svg"),
    }


def paper_url(paper_id: str) -> str:
    # Slashes of a DOI stay as they are, but where a browser would take a part of it for a way up.
    is_plain = all(part not in ("", ".", "..") for part in paper_id.split("/"))
    return f"/papers/{_quoted(paper_id, '/' if is_plain else '')}"


def page_url(kind: str, name: str) -> str:
    """kind: tasks, datasets, metrics, authors or similar."""
    return f"/{kind}/{_quoted(name)}"


def _quoted(name: str, safe: str = "") -> str:
    """The name as a part of a path. Its own .json or .atom is written so that it is not taken for that of a twin."""
    return _SUFFIX.sub(r"%2E\1", quote(name, safe=safe))


def board_url(board: Facts, page: str = "", **others: str) -> str:
    """The page of a leaderboard, or its curve or badge; others: what else the address asks for."""
    key = {name: board[name] or "" for name in ("metric", "unit", "task")}
    if not board["is_main_condition"]:
        key["condition"] = board["condition"] or ""
    key |= others
    if page:
        return f"{page}?{urlencode({'dataset': board['dataset'], **key})}"
    return f"{page_url('datasets', board['dataset'])}?{urlencode(key)}"
