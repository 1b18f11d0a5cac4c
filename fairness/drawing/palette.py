"""Colours, dashes and shapes of the audit's charts."""

from __future__ import annotations

from typing import Final

from candor.report.palette import BLUE, GREEN, GREY, OCHRE, PURPLE, VERMILION

SERIES: Final = (BLUE, VERMILION, GREEN, PURPLE, OCHRE, "#6F63C7", "#3E93A8", GREY)
"""Colours of up to eight series."""

DASHES: Final = (
    (1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (12, 4), (4, 2, 1, 2), (1, 3), (10, 2, 4, 2),
)  # fmt: skip
"""Dashes of up to eight series."""

SHAPES: Final = (
    "circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right",
    "triangle-left",
)  # fmt: skip
"""Shapes of up to eight series."""

STATES: Final = {
    "estimable": (BLUE, "circle"),
    "weak": (OCHRE, "diamond"),
    "not estimable": (GREY, "cross"),
}
"""Colour and shape of a group's state; "undefined" has no point."""

VERDICTS: Final = {
    "beyond": (VERMILION, "diamond"),
    "within": (BLUE, "circle"),
    "not enough data": (GREY, "square"),
}
"""Colour and shape of a verdict."""

ESTIMATES: Final = {"raw": (GREY, "circle"), "shrunk": (BLUE, "diamond")}
"""Colour and shape of the two estimates of a group."""
