"""Badges: a small picture that says where a paper, or the best entry of a leaderboard, stands."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from transforms.text.repair import clean

_CHARACTER, _PADDING, _HEIGHT = 6.6, 10, 20  # pixels
_MOST = 60  # characters of a part


def draw_badge(left: str, right: str) -> str:
    """The SVG. Widths are those of a usual character, to which the text is fitted."""
    left, right = (_shorten(clean(text)) for text in (left, right))
    widths = [round(len(text) * _CHARACTER) + 2 * _PADDING for text in (left, right)]
    texts = [
        f'<text x="{start + width / 2:g}" y="14" textLength="{width - 2 * _PADDING}">{escape(text)}</text>'
        for text, start, width in ((left, 0, widths[0]), (right, widths[0], widths[1]))
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sum(widths)}" height="{_HEIGHT}" role="img" '
        f"aria-label={quoteattr(f'{left}: {right}')}><title>{escape(f'{left}: {right}')}</title>"
        f'<rect width="{widths[0]}" height="{_HEIGHT}" fill="#444b53"/>'
        f'<rect x="{widths[0]}" width="{widths[1]}" height="{_HEIGHT}" fill="#1d5a88"/>'
        f'<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f"{''.join(texts)}</g></svg>"
    )


def describe_place(entry: dict[str, Any] | None) -> str:
    """What the badge of a paper says: its best place on a leaderboard."""
    if entry is None:
        return "on no leaderboard"
    named = ", ".join(filter(None, [entry["dataset"], entry["condition"]]))
    return f"rank {entry['rank']} of {entry['size']} on {named}: {entry['value_text']} {entry['metric']}"


def draw_place(entry: dict[str, Any] | None) -> str:
    """The badge of a paper, by its entry that `read_place` gives."""
    return draw_badge("paperhouse", describe_place(entry))


def draw_head(board: dict[str, Any], head: dict[str, Any]) -> str:
    """The badge of a leaderboard, by its first entry."""
    said = f"{head['value_text']} {head['model'] or head['title'] or ''}" if head["rank"] else "not ranked"
    return draw_badge(", ".join(filter(None, [board["dataset"], board["metric"], board["condition"]])), said)


def _shorten(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
