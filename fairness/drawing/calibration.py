"""Calibration: how often the outcome comes at each score, group by group."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from fairness.drawing import plotting, reading, series
from fairness.drawing.words import number

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True)
class CalibrationInfo:
    """The lines, and whether scores are probabilities that the outcome can be held against."""

    lines: series.LinesInfo
    probability: bool


def calibration_info(
    calibration: pd.DataFrame, attribute: str, *, probability: bool | None = None
) -> CalibrationInfo:
    """Read one attribute; parameters as of `calibration_chart`."""
    frame = reading.chosen(calibration, attribute=attribute)
    if probability is None:
        probability = bool(frame["score"].dropna().between(0, 1).all())
    lines, note = series.read_lines(frame, "score")
    horizontal, vertical = series.spans(lines, (0.0, 1.0))
    if probability:
        both = (*horizontal, *vertical)
        horizontal = vertical = (max(0.0, min(both)), min(1.0, max(both)))
    info = series.LinesInfo(
        attribute=reading.one_line(attribute),
        label="Share with the outcome",
        x_label="Mean score",
        lines=lines,
        horizontal=horizontal,
        vertical=vertical,
        share=True,
        note=note,
    )
    return CalibrationInfo(info, probability)


def calibration_chart(
    calibration: pd.DataFrame, attribute: str, *, probability: bool | None = None
) -> alt.LayerChart:
    """Draw how often the outcome comes at each score, in each group.

    Parameters
    ----------
    calibration : DataFrame
        One row for each group and bin of scores: attribute, group, n, score (mean score of the
        bin), value (share with the outcome), low, high.
    attribute : str
        Which rows of the frame to draw.
    probability : bool, optional
        Whether scores are probabilities. Default: whether all of them lie in [0, 1].

    Returns
    -------
    altair.LayerChart
        A line of points with intervals for each group, told apart by colour and shape; for
        probabilities the diagonal on which score and share are equal. Of more than eight groups
        the largest eight are drawn.

    Raises
    ------
    ArgumentError
        If the frame has no such attribute.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "sex",
    ...         "group": ["f", "f"],
    ...         "n": [40, 60],
    ...         "score": [0.2, 0.7],
    ...         "value": [0.25, 0.6],
    ...         "low": [0.1, 0.45],
    ...         "high": [0.4, 0.7],
    ...     }
    ... )
    >>> len(calibration_chart(frame, "sex").layer)
    4
    """
    return draw_calibration(calibration_info(calibration, attribute, probability=probability))


def calibration_alt(
    calibration: pd.DataFrame, attribute: str, *, probability: bool | None = None
) -> str:
    """Say what `calibration_chart` shows.

    Parameters
    ----------
    calibration : DataFrame
        As for `calibration_chart`.
    attribute : str
        Which rows of the frame to tell.
    probability : bool, optional
        As for `calibration_chart`.

    Returns
    -------
    str
        A sentence with the numbers.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "attribute": "sex",
    ...         "group": ["f", "f"],
    ...         "n": [40, 60],
    ...         "score": [0.2, 0.7],
    ...         "value": [0.25, 0.6],
    ...         "low": [0.1, 0.45],
    ...         "high": [0.4, 0.7],
    ...     }
    ... )
    >>> calibration_alt(frame, "sex")
    'Share with the outcome by mean score and sex: f 25.0 % at 0.200, 60.0 % at 0.700.'
    """
    return told_calibration(calibration_info(calibration, attribute, probability=probability))


def told_calibration(info: CalibrationInfo) -> str:
    """Say in a sentence what a calibration chart shows."""
    told = "; ".join(f"{line.name} {_points_told(line)}" for line in info.lines.lines)
    said = f"Share with the outcome by mean score and {info.lines.attribute}: {told}."
    return f"{said} {info.lines.note}".rstrip()


def _points_told(line: series.Line) -> str:
    known = [point for point in line.points if not math.isnan(point.value)]
    return ", ".join(
        f"{reading.value_text(point.value, True)} at {number(point.x)}" for point in known
    )


def draw_calibration(info: CalibrationInfo) -> alt.LayerChart:
    """Draw what was read."""
    base = series.base_chart(info.lines, counted=True)
    behind, legend = series.behind("soft"), plotting.legend(2)
    interval = base.mark_rule(opacity=1, strokeWidth=1.5).encode(y="low:Q", y2="high:Q", **behind)
    line = base.mark_line(strokeWidth=1.5, opacity=1).encode(**behind)
    point = base.mark_point(filled=True, size=55, opacity=1).encode(
        color=series.colour(info.lines, legend), shape=series.shape(info.lines, legend)
    )
    layers = [*_diagonal(info), interval, line, point]
    return plotting.finished(layers, told_calibration(info), info.lines.note, 320)


def _diagonal(info: CalibrationInfo) -> list[alt.Chart]:
    """Draw where score and share are equal; a score that is no probability has no such place."""
    import altair as alt

    if not info.probability:
        return []
    ends = info.lines.horizontal
    data = plotting.inline([{"x": end, "value": end} for end in ends])
    line = alt.Chart(data).mark_line(strokeDash=[4, 4], color="#808080", strokeWidth=1)
    return [line.encode(x="x:Q", y="value:Q")]
