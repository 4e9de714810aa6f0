"""Vega-Lite charts as SVG, made here: with one look, and without a script."""

from typing import Any

BLUE = "#2f6f9f"
_LOOKS: dict[str, Any] = {
    "font": "Helvetica, Arial, sans-serif",
    "view": {"stroke": None},
    "background": "transparent",
    "axis": {"gridColor": "#e3e6ea"},
}


def draw(chart: dict[str, Any], **looks: Any) -> str:
    """The SVG of a chart in Vega-Lite (vega.github.io/vega-lite/docs); looks replace those of all charts. vl-convert
    escapes what stands in it."""
    import vl_convert

    picture: str = vl_convert.vegalite_to_svg(chart | {"config": _LOOKS | looks})
    return picture
