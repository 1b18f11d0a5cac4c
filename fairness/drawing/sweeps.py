"""A metric in each group over every threshold of the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from fairness.drawing import plotting, reading, series
from fairness.drawing.words import metric_label, number

if TYPE_CHECKING:
    import altair as alt


def sweep_info(sweep: pd.DataFrame, attribute: str, metric: str) -> series.LinesInfo:
    """Read one metric of one attribute; parameters as of `sweep_chart`."""
    frame = reading.chosen(sweep, attribute=attribute, metric=metric)
    lines, note = series.read_lines(frame, "threshold")
    horizontal, vertical = series.spans(lines, reading.bounds(metric))
    return series.LinesInfo(
        attribute=reading.one_line(attribute),
        label=metric_label(metric),
        x_label="Threshold",
        lines=lines,
        horizontal=horizontal,
        vertical=vertical,
        share=reading.is_share(metric),
        note=note,
    )


def sweep_chart(sweep: pd.DataFrame, attribute: str, metric: str) -> alt.LayerChart:
    """Draw a metric in each group over the threshold of the score.

    Parameters
    ----------
    sweep : DataFrame
        One row for each group and threshold: attribute, group, threshold, metric, value, low,
        high.
    attribute, metric : str
        Which rows of the frame to draw.

    Returns
    -------
    altair.LayerChart
        A line with its band for each group, told apart by colour and dash. Of more than eight
        groups eight are drawn.

    Raises
    ------
    ArgumentError
        If the frame has no such attribute or metric.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "sex",
    ...         "group": ["f", "f", "m", "m"],
    ...         "threshold": [0.0, 1.0] * 2,
    ...         "metric": "selection_rate",
    ...         "value": [1.0, 0.0] * 2,
    ...         "low": [0.9, 0.0] * 2,
    ...         "high": [1.0, 0.1] * 2,
    ...     }
    ... )
    >>> len(sweep_chart(frame, "sex", "selection_rate").layer)
    2
    """
    return draw_sweep(sweep_info(sweep, attribute, metric))


def sweep_alt(sweep: pd.DataFrame, attribute: str, metric: str) -> str:
    """Say what `sweep_chart` shows.

    Parameters
    ----------
    sweep : DataFrame
        As for `sweep_chart`.
    attribute, metric : str
        Which rows of the frame to tell.

    Returns
    -------
    str
        A sentence with where each line begins and ends.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "sex",
    ...         "group": ["f", "f"],
    ...         "threshold": [0.0, 1.0],
    ...         "metric": "selection_rate",
    ...         "value": [1.0, 0.0],
    ...         "low": [0.9, 0.0],
    ...         "high": [1.0, 0.1],
    ...     }
    ... )
    >>> sweep_alt(frame, "sex", "selection_rate")
    'Selection rate by sex as the threshold goes from 0.000 to 1: f from 100.0 % to 0.0 %.'
    """
    return told_sweep(sweep_info(sweep, attribute, metric))


def told_sweep(info: series.LinesInfo) -> str:
    """Say in a sentence what a sweep shows."""
    xs = [point.x for line in info.lines for point in line.points]
    span = f"from {number(min(xs))} to {number(max(xs))}" if xs else "nowhere"
    told = "; ".join(series.ends_told(line, info.share) for line in info.lines)
    said = f"{info.label} by {info.attribute} as the threshold goes {span}: {told}."
    return f"{said} {info.note}".rstrip()


def draw_sweep(info: series.LinesInfo) -> alt.LayerChart:
    """Draw what was read."""
    base = series.base_chart(info, counted=False)
    band = base.mark_area(opacity=1, line=False).encode(
        y="low:Q", y2="high:Q", **series.behind("faint")
    )
    legend = plotting.legend(2, symbolType="stroke", symbolSize=500, symbolStrokeWidth=2)
    line = base.mark_line(opacity=1, strokeWidth=2).encode(
        color=series.colour(info, legend), strokeDash=series.dash(info, legend)
    )
    return plotting.finished([band, line], told_sweep(info), info.note, 300)
