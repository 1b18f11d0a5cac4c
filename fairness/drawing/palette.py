"""Colours and shapes that are told apart by everybody, on light and on dark paper.

The first five hues are those of Okabe and Ito (2008), "Color universal design", darkened where a
mark would have less than three times the luminance contrast to white that WCAG 2.2, 1.4.11 asks
for; every colour goes with a shape or a dash of its own.
"""

from __future__ import annotations

from typing import Final

BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
GREEN: Final = "#008F68"
PURPLE: Final = "#B9629A"
OCHRE: Final = "#A87900"
GREY: Final = "#808080"

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
