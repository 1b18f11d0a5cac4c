"""One metric in each group: a point with its interval, and the value over all rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from fairness.drawing import plotting, reading
from fairness.drawing.palette import STATES
from fairness.drawing.words import metric_label, plural

if TYPE_CHECKING:
    import altair as alt

_EDGE = 0.4
"""Share of the axis so near to its end that a name must not be centred there on a phone."""


@dataclass(frozen=True)
class GroupRow:
    """One group; `label` is its name and, on a second line, its rows and state."""

    label: str
    group: str
    n: int
    denominator: int
    value: float
    low: float
    high: float
    state: str


@dataclass(frozen=True)
class GroupsInfo:
    """What the chart shows; `ends` are those of its axis, `overall` may be NaN."""

    attribute: str
    label: str
    rows: tuple[GroupRow, ...]
    overall: float
    ends: tuple[float, float]
    share: bool
    note: str


def groups_info(
    by_group: pd.DataFrame,
    metric: str,
    attribute: str,
    *,
    label: str | None = None,
    overall: pd.DataFrame | None = None,
) -> GroupsInfo:
    """Read the rows of one metric and attribute; parameters as of `groups_chart`."""
    frame = reading.chosen(by_group, attribute=attribute, metric=metric)
    frame, note = reading.largest(frame, reading.MOST_ROWS, "groups")
    whole = reading.overall_value(by_group if overall is None else overall, metric)
    rows = _rows(frame)
    shown = [part for row in rows for part in (row.value, row.low, row.high)]
    return GroupsInfo(
        attribute=reading.one_line(attribute),
        label=label or metric_label(metric),
        rows=rows,
        overall=whole,
        ends=reading.domain([*shown, whole], reading.bounds(metric), reading.least_span(metric)),
        share=reading.is_share(metric),
        note=note,
    )


def _rows(frame: pd.DataFrame) -> tuple[GroupRow, ...]:
    names = reading.texts(frame, ("group", "state"))
    numbers = reading.floats(frame, ("n", "denominator", "value", "low", "high"))
    labels = reading.distinct(
        _row_label(group, int(n), int(denominator), state)
        for (group, state), (n, denominator, *_) in zip(names, numbers, strict=True)
    )
    return tuple(
        GroupRow(label, group, int(n), int(denominator), value, low, high, state)
        for label, (group, state), (n, denominator, value, low, high) in zip(
            labels, names, numbers, strict=True
        )
    )


def _row_label(group: str, n: int, denominator: int, state: str) -> str:
    """Name a group, say how many rows its value stands on, and its state if that is not well."""
    rows = plural(n, "row") if n == denominator else f"{denominator:,} of {plural(n, 'row')}"
    said = rows if state == "estimable" else f"{rows} · {state}"
    return f"{reading.one_line(group)}\n{said}"


def groups_chart(
    by_group: pd.DataFrame,
    metric: str,
    attribute: str,
    *,
    label: str | None = None,
    overall: pd.DataFrame | None = None,
) -> alt.LayerChart:
    """Draw one metric in each group of an attribute, with intervals.

    Parameters
    ----------
    by_group : DataFrame
        One row for each metric and group: attribute, group, n, metric, value, low, high, state,
        denominator.
    metric, attribute : str
        Which rows of the frame to draw.
    label : str, optional
        Name of the metric for people. Default: the registry's.
    overall : DataFrame, optional
        The same columns for all rows together, attribute "(all)". Default: such rows of
        `by_group`, if it has any.

    Returns
    -------
    altair.LayerChart
        Points with intervals, the value over all rows as a dashed rule. Colour and shape say the
        state, and so does the group's label. Of more than 40 groups the largest 40 are drawn.

    Raises
    ------
    ArgumentError
        If the frame has no such attribute or metric.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "sex",
    ...         "group": ["f", "m"],
    ...         "n": [40, 60],
    ...         "metric": "fpr",
    ...         "value": [0.2, 0.3],
    ...         "low": [0.1, 0.2],
    ...         "high": [0.35, 0.42],
    ...         "state": "estimable",
    ...         "denominator": [40, 60],
    ...     }
    ... )
    >>> chart = groups_chart(frame, "fpr", "sex")
    >>> chart.to_dict()["description"].partition(";")[0]
    'False positive rate by sex: f 20.0 % (10.0 % to 35.0 %)'
    """
    return draw_groups(groups_info(by_group, metric, attribute, label=label, overall=overall))


def groups_alt(
    by_group: pd.DataFrame,
    metric: str,
    attribute: str,
    *,
    label: str | None = None,
    overall: pd.DataFrame | None = None,
) -> str:
    """Say what `groups_chart` shows.

    Parameters
    ----------
    by_group : DataFrame
        As for `groups_chart`.
    metric, attribute : str
        As for `groups_chart`.
    label : str, optional
        As for `groups_chart`.
    overall : DataFrame, optional
        As for `groups_chart`.

    Returns
    -------
    str
        A sentence with the numbers.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "sex",
    ...         "group": ["f"],
    ...         "n": [9],
    ...         "metric": "fpr",
    ...         "value": [0.2],
    ...         "low": [0.1],
    ...         "high": [0.35],
    ...         "state": "not estimable",
    ...         "denominator": [4],
    ...     }
    ... )
    >>> groups_alt(frame, "fpr", "sex")
    'False positive rate by sex: f 20.0 % (10.0 % to 35.0 %), 4 of 9 rows, not estimable.'
    """
    return told_groups(groups_info(by_group, metric, attribute, label=label, overall=overall))


def told_groups(info: GroupsInfo) -> str:
    """Say in a sentence what a chart of groups shows."""
    parts = [_told(row, info.share) for row in info.rows]
    if not math.isnan(info.overall):
        parts.append(f"all rows {reading.value_text(info.overall, info.share)}")
    said = f"{info.label} by {info.attribute}: {'; '.join(parts)}."
    return f"{said} {info.note}".rstrip()


def _told(row: GroupRow, share: bool) -> str:
    value = reading.estimate_text(row.value, row.low, row.high, share)
    rows = f"{row.denominator:,} of {plural(row.n, 'row')}"
    if row.state == "estimable":
        return f"{row.group} {value}"
    said = f"{row.group} {value}, {rows}"
    return said if math.isnan(row.value) else f"{said}, {row.state}"


def draw_groups(info: GroupsInfo) -> alt.LayerChart:
    """Draw what was read."""
    import altair as alt

    labels = [row.label for row in info.rows]
    present = {row.state for row in info.rows if not math.isnan(row.value)}
    colour = plotting.colours("state", STATES, present)
    data = plotting.inline([_record(row, info.share) for row in info.rows])
    base = alt.Chart(data).encode(
        y=plotting.row_axis(labels),
        tooltip=plotting.tooltips(group="group", text="value", rows="rows", state="state"),
    )
    x = plotting.value_axis("low", info.label, info.ends, share=info.share)
    interval = base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q", color=colour)
    point = base.mark_point(filled=True, size=90, opacity=1).encode(
        x="value:Q", color=colour, shape=plotting.shapes("state", STATES, present)
    )
    layers = [*_overall(info), interval, point]
    return plotting.finished(
        layers, told_groups(info), info.note, plotting.ROW_HEIGHT * len(info.rows)
    )


def _record(row: GroupRow, share: bool) -> plotting.Record:
    return {
        "row": row.label,
        "group": row.group,
        "value": row.value,
        "low": row.low,
        "high": row.high,
        "state": row.state,
        "rows": f"{row.denominator:,} of {row.n:,}",
        "text": reading.estimate_text(row.value, row.low, row.high, share),
    }


def _overall(info: GroupsInfo) -> list[alt.Chart]:
    """Draw the value over all rows as a dashed rule with its name above it."""
    import altair as alt

    if math.isnan(info.overall):
        return []
    text = f"all rows {reading.value_text(info.overall, info.share)}"
    base = alt.Chart(plotting.inline([{"value": info.overall, "text": text}]))
    rule = base.mark_rule(strokeDash=[4, 4], color="#808080").encode(x="value:Q")
    align = _aligned(info.overall, info.ends)
    name = base.mark_text(align=align, baseline="bottom", dy=-4).encode(
        x="value:Q", y=alt.value(0), text="text:N"
    )
    return [rule, name]


def _aligned(value: float, ends: tuple[float, float]) -> Literal["left", "center", "right"]:
    """Return how a name is set at a value so that it stays inside the plot."""
    place = (value - ends[0]) / (ends[1] - ends[0])
    return "left" if place < _EDGE else "right" if place > 1 - _EDGE else "center"
