"""Parts that several charts share. Fields have fixed names: no name from the data is one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

WIDTH = 480
"""Pixels, where nothing else says how wide a chart is."""

ROW_HEIGHT = 40
"""Pixels of a row with a label of two lines."""

Record = dict[str, Any]


def inline(records: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Return data that travels inside the chart, whatever its size; NaN becomes null."""
    import altair as alt

    rows = [{key: _plain(part) for key, part in row.items()} for row in records]
    return alt.InlineData(values=rows)


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def row_axis(labels: Sequence[str], *, padding: float | None = None) -> alt.Y:
    """Return the vertical axis of named rows, the second line of a name under the first."""
    import altair as alt

    scale = alt.Undefined if padding is None else alt.Scale(padding=padding)
    axis = alt.Axis(
        labelExpr="split(datum.label, '\\n')",
        labelLineHeight=15,
        labelPadding=8,
        labelOffset=-7,  # two lines around the middle of the row
        domain=False,
        ticks=False,
        grid=False,
        title=None,
    )
    return alt.Y("row:N", sort=list(labels), axis=axis, scale=scale)


def value_axis(field: str, title: str, ends: tuple[float, float], *, share: bool = False) -> alt.X:
    """Return the horizontal axis of an estimate."""
    import altair as alt

    axis = alt.Axis(title=title, labelExpr=tick_text(share), tickCount=5)
    return alt.X(f"{field}:Q", axis=axis, scale=scale_of(ends))


def scale_of(ends: tuple[float, float]) -> alt.Scale:
    """Return a scale that ends just there: the wish of another layer for a zero is overruled."""
    import altair as alt

    return alt.Scale(domain=list(ends), nice=False, zero=False)


def tick_text(share: bool) -> str:
    """Return the expression that writes a number beside an axis."""
    return "format(100 * datum.value, '.3~r') + ' %'" if share else "datum.label"


def legend(columns: int = 1, **style: Any) -> alt.Legend:
    """Return a legend above the plot: four columns, or the given number on a phone.

    It goes by the room around the chart. The width of the plot itself would move with the legend.
    """
    import altair as alt

    narrow = "containerSize()[0] < 480"
    return alt.Legend(
        orient="top",
        title=None,
        columns=alt.ExprRef(f"{narrow} ? {columns} : 4"),
        labelLimit=alt.ExprRef(f"{narrow} ? 110 : 160"),
        offset=20,
        **style,
    )


def colours(field: str, styles: Mapping[str, tuple[str, str]], present: set[str]) -> alt.Color:
    """Return the colour of each of the names that are present."""
    import altair as alt

    names = [name for name in styles if name in present]
    scale = alt.Scale(domain=names, range=[styles[name][0] for name in names])
    return alt.Color(f"{field}:N", scale=scale, legend=legend())


def shapes(field: str, styles: Mapping[str, tuple[str, str]], present: set[str]) -> alt.Shape:
    """Return the shape of each of the names that are present."""
    import altair as alt

    names = [name for name in styles if name in present]
    scale = alt.Scale(domain=names, range=[styles[name][1] for name in names])
    return alt.Shape(f"{field}:N", scale=scale, legend=legend())


def tooltips(**titles: str) -> list[alt.Tooltip]:
    """Return what is shown on hovering: field by field, texts that were written before."""
    import altair as alt

    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def finished(
    layers: Sequence[alt.Chart], description: str, note: str, height: int
) -> alt.LayerChart:
    """Lay charts over each other, with a note above them and a description for readers."""
    import altair as alt

    chart = alt.LayerChart(layer=list(layers)).properties(
        width=WIDTH, height=height, description=description
    )
    if not note:
        return chart
    return chart.properties(title=alt.TitleParams(note, fontSize=11, fontWeight="normal"))
