"""Curves of a score of two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from automl.reporting.words import percent
from candor.report.palette import BLUE, GREEN, GREY, PURPLE, VERMILION
from explain.drawing.data import WIDTH, inline
from explain.showing.words import number, records

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 280
DIGITS = 4
"""Digits of numbers inside a chart."""

RATES = {
    "recall": ("recall", BLUE, [1, 0]),
    "precision": ("precision", VERMILION, [6, 3]),
    "fpr": ("false positive rate", PURPLE, [2, 2]),
    "selection_rate": ("selected", GREEN, [8, 3, 2, 3]),
}
"""Of a sweep: what each line is called, its colour and its dashes."""


def share_axis(field: str, title: str, place: Any) -> Any:
    """Return an axis of shares, written in percent."""
    import altair as alt

    scale = alt.Scale(domain=[0, 1])
    return place(f"{field}:Q", title=title, scale=scale, axis=alt.Axis(format="%", tickCount=6))


def roc_chart(frame: pd.DataFrame, used: tuple[float, float] | None) -> alt.LayerChart:
    """Draw a ROC curve with its band, the line of chance and the threshold in use."""
    import altair as alt

    data = frame[["fpr", "tpr", "low", "high"]].round(DIGITS)
    data["said"] = [
        f"finds {percent(row.tpr)} [{percent(row.low)}, {percent(row.high)}] "
        f"at {percent(row.fpr)} false alarms"
        for row in records(data)
    ]
    x = share_axis("fpr", "false positive rate", alt.X)
    y = share_axis("tpr", "true positive rate", alt.Y)
    base = alt.Chart(inline(data)).encode(x=x)
    chance = pd.DataFrame({"fpr": [0.0, 1.0], "tpr": [0.0, 1.0]})
    layers: list[Any] = [
        alt.Chart(inline(chance)).mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y),
        base.mark_area(color=BLUE, opacity=0.2).encode(
            y=alt.Y("low:Q", title="true positive rate"), y2="high:Q"
        ),
        base.mark_line(color=BLUE, strokeWidth=2)
        .encode(y=y, order="order:Q", tooltip=alt.Tooltip("said:N"))
        .transform_window(order="row_number()"),
    ]
    if used is not None:
        point = pd.DataFrame({"fpr": [used[0]], "tpr": [used[1]], "said": ["threshold in use"]})
        layers.append(
            alt.Chart(inline(point))
            .mark_point(color=VERMILION, filled=True, size=90, shape="diamond")
            .encode(x=x, y=y, tooltip=alt.Tooltip("said:N"))
        )
    return _layered(layers)


def precision_recall_chart(frame: pd.DataFrame, share: float) -> alt.LayerChart:
    """Draw precision against recall with its band, and the share of positives (chance)."""
    import altair as alt

    data = frame[["recall", "precision", "low", "high"]].round(DIGITS)
    data["said"] = [
        f"at recall {percent(row.recall)}: precision {percent(row.precision)} "
        f"[{percent(row.low)}, {percent(row.high)}]"
        for row in records(data)
    ]
    x = share_axis("recall", "recall", alt.X)
    y = share_axis("precision", "precision", alt.Y)
    base = alt.Chart(inline(data)).encode(x=x)
    chance = pd.DataFrame({"recall": [0.0, 1.0], "precision": [share, share]})
    return _layered(
        [
            alt.Chart(inline(chance)).mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y),
            base.mark_area(color=BLUE, opacity=0.2).encode(
                y=alt.Y("low:Q", title="precision"), y2="high:Q"
            ),
            base.mark_line(color=BLUE, strokeWidth=2).encode(y=y, tooltip=alt.Tooltip("said:N")),
        ]
    )


def calibration_chart(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw outcomes against predictions by bin, with intervals and the line of agreement."""
    import altair as alt

    data = frame[["predicted", "observed", "low", "high", "n"]].round(DIGITS)
    data["said"] = [
        f"predicted {percent(row.predicted)}, observed {percent(row.observed)} "
        f"[{percent(row.low)}, {percent(row.high)}], {row.n:,.0f} rows"
        for row in records(data)
    ]
    x = share_axis("predicted", "mean predicted probability", alt.X)
    y = share_axis("observed", "observed share", alt.Y)
    base = alt.Chart(inline(data)).encode(x=x, tooltip=alt.Tooltip("said:N"))
    same = pd.DataFrame({"predicted": [0.0, 1.0], "observed": [0.0, 1.0]})
    return _layered(
        [
            alt.Chart(inline(same)).mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y),
            base.mark_rule(color=BLUE, strokeWidth=2).encode(
                y=alt.Y("low:Q", title="observed share"), y2="high:Q"
            ),
            base.mark_point(color=BLUE, filled=True, size=60).encode(y=y),
        ]
    )


def gain_chart(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw how many of the positives the highest scores hold."""
    import altair as alt

    data = frame[["share", "gain", "gain_low", "gain_high", "lift"]].round(DIGITS)
    data.columns = pd.Index(["share", "gain", "low", "high", "lift"])
    data["said"] = [
        f"the top {percent(row.share, 0)} hold {percent(row.gain)} [{percent(row.low)}, "
        f"{percent(row.high)}] of the positives: lift {number(row.lift)}"
        for row in records(data)
    ]
    x = share_axis("share", "share of the rows, highest scores first", alt.X)
    y = share_axis("gain", "share of the positives", alt.Y)
    base = alt.Chart(inline(data)).encode(x=x)
    chance = pd.DataFrame({"share": [0.0, 1.0], "gain": [0.0, 1.0]})
    return _layered(
        [
            alt.Chart(inline(chance)).mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y),
            base.mark_area(color=BLUE, opacity=0.2).encode(
                y=alt.Y("low:Q", title="share of the positives"), y2="high:Q"
            ),
            base.mark_line(color=BLUE, strokeWidth=2).encode(y=y, tooltip=alt.Tooltip("said:N")),
        ]
    )


def thresholds_chart(frame: pd.DataFrame, used: float) -> alt.LayerChart:
    """Draw rates against the threshold, each with a dash of its own, and the one in use."""
    import altair as alt

    parts = [
        pd.DataFrame(
            {
                "threshold": frame["threshold"],
                "rate": frame[name],
                "what": said,
                "said": [
                    f"{said} {percent(row.value)} [{percent(row.low)}, {percent(row.high)}] "
                    f"at {row.threshold:.3g}"
                    for row in records(_renamed(frame, name))
                ],
            }
        )
        for name, (said, _, _) in RATES.items()
    ]
    data = pd.concat(parts, ignore_index=True).round(DIGITS)
    names = [said for said, _, _ in RATES.values()]
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolSize=300, columns=2)
    colours = alt.Scale(domain=names, range=[colour for _, colour, _ in RATES.values()])
    dashes = alt.Scale(domain=names, range=[dash for _, _, dash in RATES.values()])
    lines = (
        alt.Chart(inline(data))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X(
                "threshold:Q",
                title="threshold",
                scale=alt.Scale(zero=False),
                axis=alt.Axis(tickCount=6),
            ),
            y=share_axis("rate", "rate", alt.Y),
            color=alt.Color("what:N", scale=colours, legend=legend),
            strokeDash=alt.StrokeDash("what:N", scale=dashes, legend=legend),
            tooltip=alt.Tooltip("said:N"),
        )
    )
    mark = pd.DataFrame({"threshold": [used], "said": [f"threshold in use: {used:.3g}"]})
    rule = (
        alt.Chart(inline(mark))
        .mark_rule(color=GREY, strokeWidth=2)
        .encode(x="threshold:Q", tooltip=alt.Tooltip("said:N"))
    )
    return _layered([rule, lines])


def _renamed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return threshold, value, low and high of one rate."""
    chosen = frame[["threshold", name, f"{name}_low", f"{name}_high"]]
    return chosen.set_axis(["threshold", "value", "low", "high"], axis=1)


def _layered(layers: list[Any]) -> alt.LayerChart:
    import altair as alt

    drawn: Any = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    return cast("alt.LayerChart", drawn)
