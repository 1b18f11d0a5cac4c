"""Bars: importance with intervals, and the way from the average to a prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from candor.report.palette import BLUE, GREY, VERMILION
from explain.drawing.data import WIDTH, distinct, inline, row_axis
from explain.showing.words import number, records, short

if TYPE_CHECKING:
    import altair as alt

ROW = 22
"""Pixels of a row."""


def interval_bars(
    frame: pd.DataFrame, *, label: str, value: str, low: str, high: str, unit: str
) -> alt.LayerChart:
    """Draw a bar with an interval for each row of a frame.

    Parameters
    ----------
    frame : DataFrame
        The rows, in the order from top to bottom.
    label, value, low, high : str
        Its columns.
    unit : str
        Title of the axis.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    names = distinct([short(one) for one in frame[label]])
    data = pd.DataFrame(
        {"label": names, "value": frame[value], "low": frame[low], "high": frame[high]}
    )
    data["said"] = [
        f"{row.label}: {number(row.value)} [{number(row.low)}, {number(row.high)}]"
        for row in records(data)
    ]
    base = alt.Chart(inline(data)).encode(y=row_axis(names), tooltip=alt.Tooltip("said:N"))
    x = alt.X("value:Q", title=unit, axis=alt.Axis(tickCount=6))
    bars = base.mark_bar(color=BLUE, opacity=0.75).encode(x=x)
    lines = base.mark_rule(color=GREY, strokeWidth=2).encode(x="low:Q", x2="high:Q")
    drawn: Any = alt.layer(bars, lines).properties(width=WIDTH, height=ROW * max(1, len(data)))
    return cast("alt.LayerChart", drawn)


def waterfall(
    frame: pd.DataFrame, *, base: float, unit: str, base_label: str, end_label: str
) -> alt.LayerChart:
    """Draw contributions from an average to a prediction.

    Parameters
    ----------
    frame : DataFrame
        Columns label and value, in the order in which they are added.
    base : float
        Where they begin.
    unit : str
        Title of the axis.
    base_label, end_label : str
        What the first and the last row are called.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    steps = frame["value"].to_numpy(dtype=np.float64)
    ends = base + np.concatenate([[0.0], np.cumsum(steps)])
    labels = distinct([base_label, *(short(one) for one in frame["label"]), end_label])
    data = pd.DataFrame(
        {
            "label": labels,
            "start": [base, *ends[:-1], ends[-1]],
            "end": [base, *ends[1:], ends[-1]],
            "kind": ["level", *np.where(steps > 0, "raises", "lowers"), "level"],
        }
    )
    data["said"] = [base_label, *(number(step) for step in steps), end_label]
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=["raises", "lowers"], range=[VERMILION, BLUE]),
        legend=alt.Legend(orient="top", title=None),
    )
    every = alt.Chart(inline(data)).encode(
        y=row_axis(labels), tooltip=[alt.Tooltip("label:N"), alt.Tooltip("said:N")]
    )
    axis = alt.X("start:Q", title=unit, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6))
    moves = every.transform_filter("datum.kind != 'level'").mark_bar(height=14)
    bars = moves.encode(x=axis, x2="end:Q", color=colour)
    levels = every.transform_filter("datum.kind == 'level'").mark_point(
        color=GREY, filled=True, size=70, shape="diamond"
    )
    drawn: Any = alt.layer(bars, levels.encode(x=axis))
    return cast("alt.LayerChart", drawn.properties(width=WIDTH, height=ROW * len(labels)))
