"""Points of candidates by what they gain and what they cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from candor.report.palette import GREY, VERMILION
from explain.drawing.data import WIDTH, inline

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

KINDS = ["beaten by none", "beaten"]

ROOM = 1.25
"""How much farther than its last point an axis goes, for the names of points."""


def trade_chart(frame: pd.DataFrame, *, x: str, y: str, log: bool) -> alt.LayerChart:
    """Draw candidates; those that no other beats stand out by shape and colour, and are named.

    Parameters
    ----------
    frame : DataFrame
        Columns x, y, name, kind (of `KINDS`), said.
    x, y : str
        Titles of the axes.
    log : bool
        Whether the horizontal axis is logarithmic, and a line joins those that stand out.
    """
    import altair as alt

    marks = decades(frame["x"]) if log else []
    scale = (
        alt.Scale(type="log", domain=[marks[0], marks[-1]], nice=False)
        if log
        else alt.Scale(domain=[0, ROOM * max(float(frame["x"].max()), 1e-9)], nice=True)
    )
    ticks = {"values": marks} if log else {"tickCount": 5}
    across = alt.X("x:Q", title=x, scale=scale, axis=alt.Axis(format=",~f", **ticks))
    room = alt.Scale(zero=False, padding=22)
    up = alt.Y("y:Q", title=y, scale=room, axis=alt.Axis(tickCount=5))
    legend = alt.Legend(orient="top", title=None)
    dots = (
        alt.Chart(inline(frame))
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=across,
            y=up,
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=KINDS, range=[VERMILION, GREY]), legend=legend
            ),
            shape=alt.Shape(
                "kind:N", scale=alt.Scale(domain=KINDS, range=["diamond", "circle"]), legend=legend
            ),
            tooltip=alt.Tooltip("said:N"),
        )
    )
    names = (
        alt.Chart(inline(frame[frame["kind"] == KINDS[0]]))
        .mark_text(dy=-12, limit=130)
        .encode(x=across, y=up, text="name:N")
    )
    layers: list[Any] = [dots, names]
    if log:  # with a second cost beside speed, those that are kept lie on no line
        kept = frame[frame["kind"] == KINDS[0]].sort_values("x", kind="stable")
        line = alt.Chart(inline(kept)).mark_line(color=VERMILION, strokeDash=[4, 3])
        layers.insert(0, line.encode(x=across, y=up))
    drawn: Any = alt.layer(*layers).properties(width=WIDTH, height=260)
    return cast("alt.LayerChart", drawn)


def decades(values: pd.Series[float]) -> list[float]:
    """Return the powers of ten that a logarithmic axis is marked at, with room for names.

    Examples
    --------
    >>> import pandas as pd
    >>> decades(pd.Series([0.4, 30.0]))
    [0.1, 1.0, 10.0, 100.0]
    >>> decades(pd.Series([11.0, 99.0]))
    [1.0, 10.0, 100.0, 1000.0]
    """
    sizes = np.log10(values[values > 0].to_numpy(dtype=np.float64))
    if not len(sizes):
        return [0.1, 1.0, 10.0]
    room = math.log10(ROOM)
    first, last = math.floor(sizes.min() - room), math.ceil(sizes.max() + room)
    return [10.0**power for power in range(first, last + 1)]
