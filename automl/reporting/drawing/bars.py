"""Bars and points with names: shares, counts, seconds, scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from candor.report.palette import BLUE, GREY, OCHRE, VERMILION
from explain.drawing.data import WIDTH, distinct, inline, row_axis
from explain.showing.words import short

if TYPE_CHECKING:
    import altair as alt

ROW = 22
"""Pixels of a row."""


def bars(
    labels: Sequence[object],
    values: Sequence[float],
    said: Sequence[str],
    *,
    unit: str,
    form: str = "",
) -> alt.Chart:
    """Draw a bar for each name, from top to bottom in the given order.

    Parameters
    ----------
    labels : sequence of object
        The names.
    values : sequence of float
        Lengths.
    said : sequence of str
        What a pointer is told.
    unit : str
        Title of the axis.
    form : str
        Format of the axis, such as "%".
    """
    import altair as alt

    names = distinct([short(one, 30) for one in labels])
    data = pd.DataFrame({"label": names, "value": list(values), "said": list(said)})
    axis = alt.Axis(tickCount=5, format=form) if form else alt.Axis(tickCount=5)
    drawn: alt.Chart = (
        alt.Chart(inline(data))
        .mark_bar(color=BLUE, opacity=0.8)
        .encode(
            x=alt.X("value:Q", title=unit, axis=axis),
            y=row_axis(names),
            tooltip=alt.Tooltip("said:N"),
        )
        .properties(width=WIDTH, height=ROW * max(1, len(names)))
    )
    return drawn


def histogram(edges: Sequence[float], counts: Sequence[float], unit: str) -> alt.Chart:
    """Draw counts between edges."""
    import altair as alt

    data = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": list(counts)})
    drawn: alt.Chart = (
        alt.Chart(inline(data))
        .mark_bar(color=BLUE, opacity=0.8, stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("from:Q", title=unit, bin="binned", axis=alt.Axis(tickCount=6)),
            x2="to:Q",
            y=alt.Y("rows:Q", title="rows"),
            tooltip=[
                alt.Tooltip("from:Q", format=",.4~g"),
                alt.Tooltip("to:Q", format=",.4~g"),
                alt.Tooltip("rows:Q", format=","),
            ],
        )
        .properties(width=WIDTH, height=200)
    )
    return drawn


def scored_points(frame: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """Draw scores with intervals; the first kind stands out by shape and colour.

    Parameters
    ----------
    frame : DataFrame
        Columns label, value, low, high, kind ("winner" or "candidate"), said; top to bottom.
    unit : str
        Title of the axis.
    """
    import altair as alt

    data = frame.assign(label=distinct([short(one, 30) for one in frame["label"]]))
    kinds = ["winner", "candidate"]
    legend = alt.Legend(orient="top", title=None)
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=kinds, range=[VERMILION, BLUE]), legend=legend
    )
    shape = alt.Shape(
        "kind:N", scale=alt.Scale(domain=kinds, range=["diamond", "circle"]), legend=legend
    )
    base = alt.Chart(inline(data)).encode(
        y=row_axis(list(data["label"])), tooltip=alt.Tooltip("said:N")
    )
    axis = alt.Axis(tickCount=5)
    x = alt.X("value:Q", title=unit, scale=alt.Scale(zero=False), axis=axis)
    lines = base.mark_rule(color=GREY, strokeWidth=2).encode(
        x=alt.X("low:Q", title=unit, scale=alt.Scale(zero=False)), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(x=x, color=colour, shape=shape)
    drawn: Any = alt.layer(lines, dots).properties(width=WIDTH, height=ROW * max(1, len(data)))
    return cast("alt.LayerChart", drawn)


def progress(frame: pd.DataFrame, *, unit: str) -> alt.LayerChart:
    """Draw finished candidates over time, and the best so far as steps.

    Parameters
    ----------
    frame : DataFrame
        Columns seconds, score, best, said; in order.
    unit : str
        Title of the vertical axis.
    """
    import altair as alt

    x = alt.X("seconds:Q", title="seconds of fitting, added up", axis=alt.Axis(tickCount=6))
    y = alt.Y("best:Q", title=unit, scale=alt.Scale(zero=False))
    base = alt.Chart(inline(frame)).encode(x=x)
    steps = base.mark_line(color=BLUE, strokeWidth=2, interpolate="step-after").encode(y=y)
    dots = base.mark_point(color=OCHRE, size=50, filled=True).encode(
        y=alt.Y("score:Q", title=unit, scale=alt.Scale(zero=False)), tooltip=alt.Tooltip("said:N")
    )
    drawn: Any = alt.layer(steps, dots).properties(width=WIDTH, height=220)
    return cast("alt.LayerChart", drawn)
