"""Colours that are told apart by everybody, on light and on dark paper.

The first five hues are those of Okabe and Ito (2008), "Color universal design", darkened where a
mark would have less than three times the luminance contrast to white that WCAG 2.2, 1.4.11 asks
for; every colour should go with a shape, a place or a dash of its own.
"""

from __future__ import annotations

from typing import Final

BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
GREEN: Final = "#008F68"
PURPLE: Final = "#B9629A"
OCHRE: Final = "#A87900"
GREY: Final = "#808080"
