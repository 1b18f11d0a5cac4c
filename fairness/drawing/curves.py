"""A metric along an attribute that is a number, without cutting it at a threshold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from candor.report.palette import BLUE
from fairness.drawing import plotting, reading, series
from fairness.drawing.words import metric_label, number

if TYPE_CHECKING:
    import altair as alt


def curve_info(curve: pd.DataFrame, attribute: str, metric: str) -> series.LinesInfo:
    """Read one metric of one attribute; parameters as of `curve_chart`."""
    frame = reading.chosen(curve, attribute=attribute, metric=metric)
    frame = frame.assign(group=metric)
    lines, note = series.read_lines(frame, "position")
    horizontal, vertical = series.spans(lines, reading.bounds(metric))
    return series.LinesInfo(
        attribute=reading.one_line(attribute),
        label=metric_label(metric),
        x_label=reading.one_line(attribute),
        lines=lines,
        horizontal=horizontal,
        vertical=vertical,
        share=reading.is_share(metric),
        note=note,
    )


def curve_chart(curve: pd.DataFrame, attribute: str, metric: str) -> alt.LayerChart:
    """Draw a metric along an attribute that is a number.

    Parameters
    ----------
    curve : DataFrame
        One row for each metric and bin: attribute, position (where the bin is drawn), n, metric,
        value, low, high.
    attribute, metric : str
        Which rows of the frame to draw.

    Returns
    -------
    altair.LayerChart
        A line through the bins with its band.

    Raises
    ------
    ArgumentError
        If the frame has no such attribute or metric.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "age",
    ...         "position": [20.0, 40.0],
    ...         "n": [30, 50],
    ...         "metric": "selection_rate",
    ...         "value": [0.5, 0.3],
    ...         "low": [0.3, 0.2],
    ...         "high": [0.7, 0.4],
    ...     }
    ... )
    >>> len(curve_chart(frame, "age", "selection_rate").layer)
    3
    """
    return draw_curve(curve_info(curve, attribute, metric))


def curve_alt(curve: pd.DataFrame, attribute: str, metric: str) -> str:
    """Say what `curve_chart` shows.

    Parameters
    ----------
    curve : DataFrame
        As for `curve_chart`.
    attribute, metric : str
        Which rows of the frame to tell.

    Returns
    -------
    str
        A sentence with the lowest and the highest value.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "age",
    ...         "position": [20.0, 40.0],
    ...         "n": [30, 50],
    ...         "metric": "selection_rate",
    ...         "value": [0.5, 0.3],
    ...         "low": [0.3, 0.2],
    ...         "high": [0.7, 0.4],
    ...     }
    ... )
    >>> curve_alt(frame, "age", "selection_rate")
    'Selection rate along age: lowest 30.0 % at 40, highest 50.0 % at 20.'
    """
    return told_curve(curve_info(curve, attribute, metric))


def told_curve(info: series.LinesInfo) -> str:
    """Say in a sentence where a curve is lowest and highest."""
    points = [one for line in info.lines for one in line.points if not math.isnan(one.value)]
    said = f"{info.label} along {info.attribute}: "
    if not points:
        return f"{said}undefined."
    low, high = (end(points, key=lambda one: one.value) for end in (min, max))
    return f"{said}lowest {_told(low, info)}, highest {_told(high, info)}."


def _told(point: series.Point, info: series.LinesInfo) -> str:
    return f"{reading.value_text(point.value, info.share)} at {number(point.x)}"


def draw_curve(info: series.LinesInfo) -> alt.LayerChart:
    """Draw what was read."""
    base = series.base_chart(info, counted=True)
    band = base.mark_area(opacity=0.18, color=BLUE, line=False).encode(y="low:Q", y2="high:Q")
    line = base.mark_line(strokeWidth=2, color=BLUE)
    point = base.mark_point(filled=True, size=45, opacity=1, color=BLUE)
    return plotting.finished([band, line, point], told_curve(info), info.note, 280)
