"""The curve of progress of a leaderboard, as SVG: every dated entry, and the steps of those that were best so far."""

from typing import Any

from transforms.text.repair import clean
from warehouse.publishing.charts import BLUE, draw

_WIDTH, _HEIGHT = 680, 260
_GREY = "#8a8f98"


def draw_curve(entries: list[dict[str, Any]], metric: str, unit: str) -> str:
    """entries: published_on, value and is_best_so_far of each, at least one of them dated."""
    import altair

    values = [
        {
            "day": f"{each['published_on']:%Y-%m-%d}",
            "value": each["value"],
            "best": each["is_best_so_far"],
        }
        for each in entries
        if each["published_on"]
    ]
    x = altair.X("day:T", title=None)
    y = altair.Y("value:Q", title=f"{clean(metric)}, {unit}", scale=altair.Scale(zero=False))
    base = altair.Chart(altair.InlineData(values=values), width=_WIDTH, height=_HEIGHT)
    best = base.transform_filter("datum.best")
    chart = altair.layer(
        base.mark_circle(color=_GREY, opacity=0.6, size=30).encode(x=x, y=y),
        best.mark_line(color=BLUE, interpolate="step-after").encode(x=x, y=y),
        best.mark_circle(color=BLUE, size=55).encode(x=x, y=y),
    )
    return draw(chart, background="white", view={})  # as an image it cannot follow the page into the dark
