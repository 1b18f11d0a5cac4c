"""Curves of a prediction along one column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from candor.report.palette import BLUE, GREY
from explain.drawing.data import WIDTH, distinct, inline, row_axis, whole_ticks
from explain.showing.words import number, records, short

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 220


def effect_curve(
    frame: pd.DataFrame, *, axis: str, column: str, unit: str, single: pd.DataFrame | None = None
) -> alt.LayerChart:
    """Draw an effect: a curve with a band, or for categories points with intervals.

    Parameters
    ----------
    frame : DataFrame
        Columns position, label, value, low, high.
    axis : {"number", "time", "category"}
        How positions are meant.
    column : str
        Title of the horizontal axis.
    unit : str
        Title of the vertical axis.
    single : DataFrame, optional
        Columns position, value, row: curves of single rows, drawn faintly behind.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    data = frame[["position", "value", "low", "high"]].copy()
    data["label"] = distinct([short(one) for one in frame["label"]])
    data["said"] = [
        f"{row.label}: {number(row.value)} [{number(row.low)}, {number(row.high)}]"
        for row in records(data)
    ]
    if axis == "category":
        return _points(data, unit, short(column))
    data = data[data["position"].notna()]
    if axis == "time":
        data["position"] = data["position"] * 1000.0
    kind = "T" if axis == "time" else "Q"
    # An axis of time has no zero to be left out, and says so in the browser's console.
    scale = alt.Undefined if axis == "time" else alt.Scale(zero=False)
    ticks = alt.Undefined if axis == "time" else whole_ticks(data["position"])
    x = alt.X(f"position:{kind}", title=short(column), scale=scale, axis=ticks)
    base = alt.Chart(inline(data)).encode(x=x)
    y = alt.Y("value:Q", title=unit, scale=alt.Scale(zero=False))
    layers: list[Any] = []
    if single is not None:
        curves = single[single["position"].notna()]
        layers.append(
            alt.Chart(inline(curves))
            .mark_line(color=GREY, opacity=0.25, strokeWidth=1)
            .encode(x=x, y=y, detail="row:N")
        )
    band = base.mark_area(color=BLUE, opacity=0.2).encode(
        y=alt.Y("low:Q", title=unit), y2="high:Q"
    )
    line = base.mark_line(color=BLUE, strokeWidth=2).encode(y=y)
    dots = base.mark_point(color=BLUE, filled=True, size=25).encode(
        y=y, tooltip=alt.Tooltip("said:N")
    )
    drawn: Any = alt.layer(*layers, band, line, dots).properties(width=WIDTH, height=HEIGHT)
    return cast("alt.LayerChart", drawn)


def _points(data: pd.DataFrame, unit: str, column: str) -> alt.LayerChart:
    """Draw levels one under the other, the largest first."""
    import altair as alt

    data = data.sort_values("value", ascending=False)
    names = list(data["label"])
    base = alt.Chart(inline(data)).encode(y=row_axis(names, column), tooltip=alt.Tooltip("said:N"))
    x = alt.X("value:Q", title=unit, scale=alt.Scale(zero=False))
    lines = base.mark_rule(color=GREY, strokeWidth=2).encode(x="low:Q", x2="high:Q")
    dots = base.mark_point(color=BLUE, filled=True, size=60).encode(x=x)
    drawn: Any = alt.layer(lines, dots).properties(width=WIDTH, height=20 * max(1, len(data)))
    return cast("alt.LayerChart", drawn)
