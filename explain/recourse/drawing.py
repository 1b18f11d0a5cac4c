"""Changes of each option as a chart: how far each goes in the data's own distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from candor.report.palette import BLUE, GREY
from explain.drawing.data import WIDTH, distinct, inline, row_axis
from explain.recourse.words import from_to
from explain.showing.words import records, short

if TYPE_CHECKING:
    import altair as alt

ROW = 24
"""Pixels of a row."""


def shifts(changes: pd.DataFrame) -> alt.LayerChart:
    """Draw a row for each change: numbers from share to share, levels as a diamond.

    Parameters
    ----------
    changes : DataFrame
        Columns option (0 is a nearest miss), column, from, to, from_share, to_share.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    rows = changes.rename(columns={"from": "before", "to": "after"})
    said = [from_to(one.before, one.after) for one in records(rows)]
    metric = rows["to_share"].notna().to_numpy()
    labels = distinct(
        [
            f"{one.option or '–'} · {short(one.column, 20)}" + (f" {text}" if number else "")
            for one, text, number in zip(records(rows), said, metric, strict=True)
        ]
    )
    data = pd.DataFrame(
        {
            "label": labels,
            "start": rows["from_share"].to_numpy(),
            "end": rows["to_share"].to_numpy(),
            "at": rows["to_share"].where(metric, 0.5).to_numpy(),
            "metric": metric,
            "said": said,
        }
    )
    base = alt.Chart(inline(data)).encode(y=row_axis(labels), tooltip=alt.Tooltip("said:N"))
    axis = alt.Axis(format="%", tickCount=6)
    place = alt.X("at:Q", title="share of the data below", axis=axis,
                  scale=alt.Scale(domain=[0, 1]))  # fmt: skip
    moved = base.transform_filter("datum.metric && isValid(datum.start)")
    lines = moved.mark_rule(color=BLUE, strokeWidth=3).encode(x="start:Q", x2="end:Q")
    starts = moved.mark_point(color=GREY, filled=True, size=50).encode(x="start:Q")
    numbers = base.transform_filter("datum.metric")
    ends = numbers.mark_point(color=BLUE, filled=True, size=80, shape="triangle-right").encode(
        x=place, angle=alt.condition("datum.end < datum.start", alt.value(180), alt.value(0))
    )
    levels = (
        base.transform_filter("!datum.metric")
        .mark_text(align="center", limit=WIDTH)
        .encode(x=place, text="said:N")
    )
    drawn: Any = alt.layer(lines, starts, ends, levels)
    return cast("alt.LayerChart", drawn.properties(width=WIDTH, height=ROW * max(1, len(data))))
