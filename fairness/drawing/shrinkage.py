"""Raw beside shrunk estimates of each group."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from fairness.drawing import plotting, reading
from fairness.drawing.palette import ESTIMATES
from fairness.drawing.words import metric_label, plural

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True)
class ShrunkRow:
    """One group with (value, low, high) of each of its estimates."""

    label: str
    group: str
    raw: tuple[float, float, float]
    shrunk: tuple[float, float, float]


@dataclass(frozen=True)
class ShrunkInfo:
    """What the chart shows; `ends` are those of its axis."""

    attribute: str
    label: str
    rows: tuple[ShrunkRow, ...]
    ends: tuple[float, float]
    share: bool
    note: str


def shrunk_info(by_group: pd.DataFrame, attribute: str, metric: str) -> ShrunkInfo:
    """Read one metric of one attribute; parameters as of `shrunk_chart`."""
    frame = reading.chosen(by_group, attribute=attribute, metric=metric)
    frame, note = reading.largest(frame, reading.MOST_ROWS, "groups")
    rows = _rows(frame)
    shown = [end for row in rows for end in (*row.raw, *row.shrunk)]
    return ShrunkInfo(
        attribute=reading.one_line(attribute),
        label=metric_label(metric),
        rows=rows,
        ends=reading.domain(shown, reading.bounds(metric), reading.least_span(metric)),
        share=reading.is_share(metric),
        note=note,
    )


def _rows(frame: pd.DataFrame) -> tuple[ShrunkRow, ...]:
    labels = reading.distinct(
        f"{reading.one_line(group)}\n{plural(int(n), 'row')}"
        for group, n in zip(frame["group"], frame["n"], strict=True)
    )
    raw = reading.floats(frame, ("value", "low", "high"))
    shrunk = reading.floats(frame, ("shrunk", "shrunk_low", "shrunk_high"))
    return tuple(
        ShrunkRow(label, str(group), (one[0], one[1], one[2]), (other[0], other[1], other[2]))
        for label, group, one, other in zip(labels, frame["group"], raw, shrunk, strict=True)
    )


def shrunk_chart(by_group: pd.DataFrame, attribute: str, metric: str) -> alt.LayerChart:
    """Draw the raw estimate of each group beside the shrunk one.

    Parameters
    ----------
    by_group : DataFrame
        One row for each metric and group: attribute, group, n, metric, value, low, high, shrunk,
        shrunk_low, shrunk_high.
    attribute, metric : str
        Which rows of the frame to draw.

    Returns
    -------
    altair.LayerChart
        Two points with intervals for each group, told apart by colour and shape. Of more than 40
        groups the largest 40 are drawn.

    Raises
    ------
    ArgumentError
        If the frame has no such attribute or metric.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "sex × race",
    ...         "group": ["f × b"],
    ...         "n": [30],
    ...         "metric": "fpr",
    ...         "value": [0.5],
    ...         "low": [0.3],
    ...         "high": [0.7],
    ...         "shrunk": [0.4],
    ...         "shrunk_low": [0.3],
    ...         "shrunk_high": [0.5],
    ...     }
    ... )
    >>> len(shrunk_chart(frame, "sex × race", "fpr").layer)
    2
    """
    return draw_shrunk(shrunk_info(by_group, attribute, metric))


def shrunk_alt(by_group: pd.DataFrame, attribute: str, metric: str) -> str:
    """Say what `shrunk_chart` shows.

    Parameters
    ----------
    by_group : DataFrame
        As for `shrunk_chart`.
    attribute, metric : str
        Which rows of the frame to tell.

    Returns
    -------
    str
        A sentence with the numbers.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "sex × race",
    ...         "group": ["f × b"],
    ...         "n": [30],
    ...         "metric": "fpr",
    ...         "value": [0.5],
    ...         "low": [0.3],
    ...         "high": [0.7],
    ...         "shrunk": [0.4],
    ...         "shrunk_low": [0.3],
    ...         "shrunk_high": [0.5],
    ...     }
    ... )
    >>> shrunk_alt(frame, "sex × race", "fpr")
    'False positive rate by sex × race, raw and shrunk: f × b 50.0 % and 40.0 %.'
    """
    return told_shrunk(shrunk_info(by_group, attribute, metric))


def told_shrunk(info: ShrunkInfo) -> str:
    """Say in a sentence what a chart of shrunk estimates shows."""
    told = "; ".join(
        f"{row.group} {reading.value_text(row.raw[0], info.share)} and "
        f"{reading.value_text(row.shrunk[0], info.share)}"
        for row in info.rows
    )
    return f"{info.label} by {info.attribute}, raw and shrunk: {told}. {info.note}".rstrip()


def draw_shrunk(info: ShrunkInfo) -> alt.LayerChart:
    """Draw what was read."""
    import altair as alt

    labels = [row.label for row in info.rows]
    colour = plotting.colours("estimate", ESTIMATES, set(ESTIMATES))
    offset = alt.YOffset("estimate:N", sort=list(ESTIMATES), scale=alt.Scale(padding=0.6))
    base = alt.Chart(plotting.inline(_records(info))).encode(
        y=plotting.row_axis(labels),
        yOffset=offset,
        tooltip=plotting.tooltips(group="group", estimate="estimate", text="value"),
    )
    x = plotting.value_axis("low", info.label, info.ends, share=info.share)
    interval = base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q", color=colour)
    point = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="value:Q", color=colour, shape=plotting.shapes("estimate", ESTIMATES, set(ESTIMATES))
    )
    height = plotting.ROW_HEIGHT * len(info.rows)
    return plotting.finished([interval, point], told_shrunk(info), info.note, height)


def _records(info: ShrunkInfo) -> list[plotting.Record]:
    return [
        {
            "row": row.label,
            "group": row.group,
            "estimate": name,
            "value": value,
            "low": low,
            "high": high,
            "text": reading.estimate_text(value, low, high, info.share),
        }
        for row in info.rows
        for name, (value, low, high) in (("raw", row.raw), ("shrunk", row.shrunk))
        if not math.isnan(value)
    ]
