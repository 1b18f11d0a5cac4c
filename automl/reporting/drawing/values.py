"""Predicted values, and classes taken for one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from automl.reporting.drawing.scores import HEIGHT
from automl.reporting.words import percent
from candor.report.palette import BLUE, GREY, VERMILION
from explain.drawing.data import WIDTH, distinct, inline
from explain.showing.words import number, records, short

if TYPE_CHECKING:
    import altair as alt


def predicted_actual_chart(frame: pd.DataFrame, target: str) -> alt.LayerChart:
    """Draw true against predicted values, with the line of agreement."""
    import altair as alt

    data = frame[["predicted", "actual"]].copy()
    data["said"] = [
        f"predicted {number(row.predicted)}, true {number(row.actual)}" for row in records(data)
    ]
    ends = [
        float(data[["predicted", "actual"]].min().min()),
        float(data[["predicted", "actual"]].max().max()),
    ]
    title = short(target, 30)
    x = alt.X("predicted:Q", title=f"predicted {title}", scale=alt.Scale(zero=False))
    y = alt.Y("actual:Q", title=f"true {title}", scale=alt.Scale(zero=False))
    same = pd.DataFrame({"predicted": ends, "actual": ends})
    line = alt.Chart(inline(same)).mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y)
    dots = (
        alt.Chart(inline(data))
        .mark_circle(color=BLUE, size=22, opacity=0.55)
        .encode(x=x, y=y, tooltip=alt.Tooltip("said:N"))
    )
    drawn: Any = alt.layer(line, dots).properties(width=WIDTH, height=HEIGHT)
    return cast("alt.LayerChart", drawn)


def residual_points_chart(frame: pd.DataFrame, target: str) -> alt.LayerChart:
    """Draw residuals against predictions, with the line of none."""
    import altair as alt

    data = frame[["predicted", "residual"]].copy()
    data["said"] = [
        f"predicted {number(row.predicted)}, off by {number(row.residual)}"
        for row in records(data)
    ]
    x = alt.X("predicted:Q", title=f"predicted {short(target, 30)}", scale=alt.Scale(zero=False))
    dots = (
        alt.Chart(inline(data))
        .mark_circle(color=BLUE, size=22, opacity=0.55)
        .encode(
            x=x, y=alt.Y("residual:Q", title="true minus predicted"), tooltip=alt.Tooltip("said:N")
        )
    )
    drawn: Any = alt.layer(_zero(), dots).properties(width=WIDTH, height=HEIGHT)
    return cast("alt.LayerChart", drawn)


def residual_tenths_chart(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw where residuals lie in each tenth of the predictions: median, half, nine tenths."""
    import altair as alt

    data = frame[["tenth", "n", "predicted", "q05", "q25", "q50", "q75", "q95"]].copy()
    data["said"] = [
        f"predictions around {number(row.predicted)}: median {number(row.q50)}, half between "
        f"{number(row.q25)} and {number(row.q75)}, nine tenths between {number(row.q05)} and "
        f"{number(row.q95)}, {row.n:,} rows"
        for row in records(data)
    ]
    data["label"] = distinct([number(one) for one in data["predicted"]])
    x = alt.X(
        "label:N",
        title="mean prediction of each tenth",
        sort=list(data["label"]),
        axis=alt.Axis(labelAngle=-40),
    )
    base = alt.Chart(inline(data)).encode(x=x, tooltip=alt.Tooltip("said:N"))
    title = "true minus predicted"
    drawn: Any = alt.layer(
        _zero(),
        base.mark_rule(color=GREY, strokeWidth=2).encode(
            y=alt.Y("q05:Q", title=title), y2="q95:Q"
        ),
        base.mark_bar(color=BLUE, opacity=0.6, size=14).encode(y="q25:Q", y2="q75:Q"),
        base.mark_tick(color=VERMILION, thickness=3, size=22).encode(y="q50:Q"),
    )
    return cast("alt.LayerChart", drawn.properties(width=WIDTH, height=HEIGHT))


def matrix_chart(frame: pd.DataFrame, classes: list[str]) -> alt.Chart:
    """Draw a confusion matrix: the deeper a cell, the more of the true class are there."""
    import altair as alt

    named = dict(zip(classes, distinct([short(one, 18) for one in classes]), strict=True))
    data = pd.DataFrame(
        {
            "true": [named[one] for one in frame["true"]],
            "predicted": [named[one] for one in frame["predicted"]],
            "share": frame["share"].round(4),
        }
    )
    data["said"] = [
        f"true {row.true}, predicted {row.predicted}: {percent(row.share)} of the class"
        for row in records(data)
    ]
    order = list(named.values())
    side = max(12, min(34, 620 // max(1, len(order))))
    scale = alt.Scale(domain=[0, 1], range=[0.04, 1], type="sqrt")
    angle = 0 if max(map(len, order), default=0) <= 2 else -60
    axis = alt.Axis(labelLimit=110, ticks=False, domain=False)
    below = alt.Axis(labelLimit=110, ticks=False, domain=False, labelAngle=angle)
    drawn: alt.Chart = (
        alt.Chart(inline(data))
        .mark_rect(color=BLUE)
        .encode(
            x=alt.X("predicted:N", sort=order, title="predicted", axis=below),
            y=alt.Y("true:N", sort=order, title="true", axis=axis),
            opacity=alt.Opacity(
                "share:Q",
                scale=scale,
                legend=alt.Legend(orient="top", format="%", title="share of the true class"),
            ),
            tooltip=alt.Tooltip("said:N"),
        )
        .properties(width=WIDTH, height=side * max(1, len(order)))
    )
    return drawn


def _zero() -> Any:
    import altair as alt

    line = alt.Chart(inline(pd.DataFrame({"zero": [0.0]})))
    return line.mark_rule(color=GREY, strokeDash=[4, 4]).encode(y="zero:Q")
