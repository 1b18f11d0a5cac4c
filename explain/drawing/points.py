"""Points: one for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from candor.report.palette import BLUE, GREY, VERMILION
from explain.drawing.data import WIDTH, distinct, inline, whole_ticks
from explain.showing.words import short

if TYPE_CHECKING:
    import altair as alt

MOST = 2_000
"""Points of one chart; more make a page heavy and tell nothing more."""


def strips(frame: pd.DataFrame, *, order: list[str], unit: str) -> alt.Chart:
    """Draw each column's contributions as a strip of points.

    Parameters
    ----------
    frame : DataFrame
        Columns column, value (the contribution), level (the raw value's rank from 0 to 1; NaN
        where it has none), place (from -1 to 1: where in its strip a point lies), said.
    order : list of str
        Columns from top to bottom.
    unit : str
        Title of the axis.

    Returns
    -------
    altair.Chart
    """
    import altair as alt

    names = dict(zip(order, distinct([short(one) for one in order]), strict=True))
    data = frame.assign(label=[names[one] for one in frame["column"]]).drop(columns="column")
    colour = alt.Color(
        "level:Q",
        scale=alt.Scale(domain=[0, 1], range=[BLUE, VERMILION]),
        legend=alt.Legend(
            orient="top",
            title="value, low to high (grey: not ordered)",
            format="%",
            titleLimit=300,
        ),
    )
    axis = alt.Axis(title=None, domain=False, ticks=False, grid=True, labelLimit=220)
    drawn: alt.Chart = (
        alt.Chart(inline(data))
        .mark_circle(size=16, opacity=0.6, invalid=None)
        .encode(
            x=alt.X("value:Q", title=unit, axis=alt.Axis(tickCount=6)),
            y=alt.Y("label:N", sort=list(names.values()), axis=axis),
            yOffset=alt.YOffset("place:Q", scale=alt.Scale(domain=[-1.2, 1.2])),
            color=alt.condition("datum.level === null", alt.value(GREY), colour),
            tooltip=alt.Tooltip("said:N"),
        )
        .properties(width=WIDTH, height=30 * max(1, len(order)))
    )
    return drawn


def dependence(
    frame: pd.DataFrame, *, column: str, unit: str, levels: list[str] | None = None
) -> alt.Chart:
    """Draw a column's contributions against its values.

    Parameters
    ----------
    frame : DataFrame
        Columns x (number, time or text), value, said.
    column, unit : str
        Titles of the axes.
    levels : list of str, optional
        Where x is a text: its levels from left to right.

    Returns
    -------
    altair.Chart
    """
    import altair as alt

    is_time = pd.api.types.is_datetime64_any_dtype(frame["x"])
    if levels is not None:
        data = frame.assign(x=frame["x"].astype(str))
        x = alt.X("x:N", title=short(column), sort=levels)
    elif is_time:
        data, x = frame.assign(x=frame["x"].astype(str)), alt.X("x:T", title=short(column))
    else:
        data, axis = frame, whole_ticks(frame["x"])
        x = alt.X("x:Q", title=short(column), scale=alt.Scale(zero=False), axis=axis)
    drawn: alt.Chart = (
        alt.Chart(inline(data))
        .mark_circle(size=18, opacity=0.5, color=BLUE)
        .encode(x=x, y=alt.Y("value:Q", title=unit), tooltip=alt.Tooltip("said:N"))
        .properties(width=WIDTH, height=220)
    )
    return drawn
