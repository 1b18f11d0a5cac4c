"""Points of candidates by what they gain and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from candor.report.palette import GREY, VERMILION
from explain.drawing.data import WIDTH, inline

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

KINDS = ["no other is better in all", "beaten"]


def trade_chart(frame: pd.DataFrame, *, x: str, y: str, log: bool) -> alt.LayerChart:
    """Draw candidates; those that no other beats stand out by shape and colour.

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

    scale = alt.Scale(type="log") if log else alt.Scale(zero=True)
    axis = alt.Axis(tickCount=5, format="~s" if log else "~g")
    across = alt.X("x:Q", title=x, scale=scale, axis=axis)
    up = alt.Y("y:Q", title=y, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
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
    layers: list[Any] = [dots]
    if log:  # with a second cost beside speed, those that are kept lie on no line
        kept = frame[frame["kind"] == KINDS[0]].sort_values("x", kind="stable")
        line = alt.Chart(inline(kept)).mark_line(color=VERMILION, strokeDash=[4, 3])
        layers.insert(0, line.encode(x=across, y=up))
    drawn: Any = alt.layer(*layers).properties(width=WIDTH, height=260)
    return cast("alt.LayerChart", drawn)
