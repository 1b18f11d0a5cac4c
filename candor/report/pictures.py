"""Charts as SVG files, for pages that cannot draw."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from candor.report.specs import spec_json

WIDTH: Final = 680
"""Pixels of a plot that follows the width of its page."""

_INK: Final = "#1d2023"
_SOFT_LINE: Final = {"domainColor": "#999999", "tickColor": "#999999", "gridColor": "#e2e2dd"}
_SIZES: Final = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
_CONFIG: Final[dict[str, Any]] = {
    "background": "#ffffff",
    "font": "Arial, Liberation Sans, sans-serif",
    "view": {"stroke": None},
    "text": {"color": _INK, "fontSize": 12},
    "title": {"color": _INK, "anchor": "start", "fontSize": 12, "fontWeight": "normal"},
    "header": {"labelColor": _INK, "titleColor": _INK},
    "legend": {"labelColor": _INK, "titleColor": _INK, **_SIZES},
    "axis": {"labelColor": _INK, "titleColor": _INK, "titlePadding": 10, **_SIZES, **_SOFT_LINE},
    "axisY": {"labelLimit": WIDTH // 2},
}


def svg(spec: Mapping[str, Any]) -> str:
    """Draw a chart on white paper; nothing outside the specification is read."""
    import vl_convert

    closed = json.loads(spec_json(spec))
    if closed.get("width") == "container":
        closed["width"] = WIDTH
    drawn: str = vl_convert.vegalite_to_svg(closed, config=_CONFIG, allowed_base_urls=[])
    return drawn
