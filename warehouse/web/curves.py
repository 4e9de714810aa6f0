"""The curve of progress of a leaderboard, as SVG: every dated entry, and the steps of those that were best so far."""

from typing import Any

from transforms.text.repair import clean
from warehouse.publishing.charts import BLUE, draw

_SIZE, _NARROW = (680, 260), (300, 220)  # pixels
_GREY = "#8a8f98"


def draw_curve(entries: list[dict[str, Any]], metric: str, unit: str, is_narrow: bool = False) -> str:
    """entries: published_on, value and is_best_so_far of each, at least one of them dated. Narrow: for phones."""
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
    width, height = _NARROW if is_narrow else _SIZE
    base = altair.Chart(altair.InlineData(values=values), width=width, height=height)
    best = base.transform_filter("datum.best")
    chart = altair.layer(
        base.mark_circle(color=_GREY, opacity=0.85, size=30).encode(x=x, y=y),
        best.mark_line(color=BLUE, interpolate="step-after").encode(x=x, y=y),
        best.mark_circle(color=BLUE, size=55).encode(x=x, y=y),
    )
    return draw(chart, background="white", view={})  # an image cannot follow the page into the dark: the page turns it
