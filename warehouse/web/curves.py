"""The curve of progress of a leaderboard, as SVG: every dated entry, and the steps of those that were best so far."""

from typing import Any

from transforms.text.repair import clean
from warehouse.publishing.charts import BLUE, draw

_SIZE, _NARROW = (680, 260), (300, 220)  # pixels
_GREY = "#8a8f98"


def trace_steps(steps: list[dict[str, Any]], width: int = 96, height: int = 20) -> str:
    """The points of an SVG polyline: from each value to the next in steps; '' of fewer than two days.

    steps: published_on and value of each, by day.
    """
    if not steps or steps[0]["published_on"] == steps[-1]["published_on"]:
        return ""
    days, values = [each["published_on"].toordinal() for each in steps], [each["value"] for each in steps]
    x = [round(width * (day - days[0]) / (days[-1] - days[0]), 1) for day in days]
    low, span = min(values), (max(values) - min(values)) or 1
    y = [round(height * (1 - (value - low) / span), 1) for value in values]
    corners = [(x[0], y[0]), *(corner for i in range(1, len(x)) for corner in ((x[i], y[i - 1]), (x[i], y[i])))]
    return " ".join(f"{left:g},{top:g}" for left, top in corners)


def draw_curve(entries: list[dict[str, Any]], metric: str, unit: str, is_narrow: bool = False) -> str:
    """entries: published_on, value and is_best_so_far of each, at least one of them dated. Narrow: for phones."""
    values = [
        {
            "day": f"{each['published_on']:%Y-%m-%d}",
            "value": each["value"],
            "best": each["is_best_so_far"],
        }
        for each in entries
        if each["published_on"]
    ]
    encoding = {
        "x": {"field": "day", "type": "temporal", "title": None},
        "y": {
            "field": "value",
            "type": "quantitative",
            "title": f"{clean(metric)}, {unit}",
            "scale": {"zero": False},
        },
    }
    best = {"transform": [{"filter": "datum.best"}], "encoding": encoding}
    width, height = _NARROW if is_narrow else _SIZE
    chart = {
        "data": {"values": values},
        "width": width,
        "height": height,
        "layer": [
            {"mark": {"type": "circle", "color": _GREY, "opacity": 0.85, "size": 30}, "encoding": encoding},
            best | {"mark": {"type": "line", "color": BLUE, "interpolate": "step-after"}},
            best | {"mark": {"type": "circle", "color": BLUE, "size": 55}},
        ],
    }
    return draw(chart, background="white", view={})  # an image cannot follow the page into the dark: the page turns it
