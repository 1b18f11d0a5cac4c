"""Data inside charts; fields have fixed names, so no name from the data is one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import altair as alt

WIDTH = 480
"""Pixels, where nothing else says how wide a chart is."""


def inline(frame: pd.DataFrame) -> alt.InlineData:
    """Return a frame as data that travels inside the chart; NaN becomes null."""
    import altair as alt

    records = [
        {str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict("records")
    ]
    return alt.InlineData(values=records)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def distinct(labels: Sequence[str]) -> list[str]:
    """Make equal labels different: an axis would put them into one row."""
    seen: dict[str, int] = {}
    found = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        found.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return found


def whole_ticks(values: pd.Series[Any]) -> Any:
    """Return an axis that has no ticks between whole numbers, where the values are whole."""
    import altair as alt

    known = values.dropna().to_numpy(dtype=np.float64)
    whole = np.isfinite(known).all() and (known == np.round(known)).all()
    return alt.Axis(tickMinStep=1) if whole and len(known) else alt.Undefined


def row_axis(labels: Sequence[str], title: str | None = None) -> Any:
    """Return the vertical axis of named rows, in the given order."""
    import altair as alt

    axis = alt.Axis(title=title, domain=False, ticks=False, grid=False, labelLimit=220)
    return alt.Y("label:N", sort=list(labels), axis=axis)
