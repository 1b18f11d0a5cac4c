"""From frames to plain values: choosing rows, naming them, limiting how many are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd

from fairness.drawing.words import number, percent
from fairness.errors import ArgumentError
from fairness.metrics import METRICS
from fairness.table.values import ALL

MOST_ROWS = 40
"""Groups or disparities that one chart shows."""

MOST_SERIES = 8
"""Lines that one chart shows."""

_NAMED = 10
"""Names that an error lists."""


def chosen(frame: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    """Return the rows of a frame that have the wanted values.

    Raises
    ------
    ArgumentError
        If there are none.
    """
    for column, value in wanted.items():
        names = frame[column].astype(str)
        here = names == value
        if not here.any():
            known = ", ".join(list(dict.fromkeys(names))[:_NAMED])
            raise ArgumentError(
                f"there is nothing to draw for {column} {value!r}",
                got=f"the frame has {known}" if known else "the frame has no rows",
            )
        frame = frame[here]
    return frame


def overall_value(frame: pd.DataFrame | None, metric: str) -> float:
    """Return a metric over all rows, where the frame holds it, else NaN."""
    if frame is None:
        return math.nan
    here = frame[(frame["attribute"] == ALL) & (frame["metric"] == metric)]
    return float(here["value"].iloc[0]) if len(here) else math.nan


def is_share(metric: str) -> bool:
    """Say whether a metric is a share of rows, to be said in percent."""
    known = METRICS.get(metric.partition("[")[0])
    return known is not None and known.kind == "proportion"


def bounds(metric: str) -> tuple[float, float]:
    """Return the smallest and largest value that a metric can have."""
    known = METRICS.get(metric.partition("[")[0])
    return known.range if known is not None else (-math.inf, math.inf)


def least_span(metric: str) -> float:
    """Return how wide an axis of a metric is at least: 20 points for a share."""
    return 0.2 if is_share(metric) else 0.0


def value_text(value: float, share: bool) -> str:
    """Write a value in the unit of its metric."""
    return percent(value) if share else number(value)


def interval_text(low: float, high: float, share: bool) -> str:
    """Write an interval, or that there is none."""
    if math.isnan(low) or math.isnan(high):
        return "no interval"
    return f"{value_text(low, share)} to {value_text(high, share)}"


def estimate_text(value: float, low: float, high: float, share: bool) -> str:
    """Write a value with its interval in brackets."""
    if math.isnan(value):
        return "undefined"
    return f"{value_text(value, share)} ({interval_text(low, high, share)})"


def one_line(text: object) -> str:
    """Return a name on one line, so that it cannot break into the line under it."""
    return " ".join(str(text).split())


def distinct(labels: Iterable[str]) -> list[str]:
    """Return labels, repeated ones numbered: two rows must never fall into one."""
    taken: dict[str, None] = {}
    for label in labels:
        times, name = 1, label
        while name in taken:
            times += 1
            name = f"{label} ({times})"
        taken[name] = None
    return list(taken)


def largest(frame: pd.DataFrame, most: int, noun: str) -> tuple[pd.DataFrame, str]:
    """Keep the rows with the largest n, in their order, and say so.

    Returns
    -------
    frame : DataFrame
        At most `most` rows.
    note : str
        What was left out; empty if nothing was.
    """
    if len(frame) <= most:
        return frame, ""
    kept = frame["n"].astype(float).rank(method="first", ascending=False) <= most
    return frame[kept], f"The {most} largest of {len(frame):,} {noun}; the table has all."


def domain(
    values: Iterable[float],
    limits: tuple[float, float] = (-math.inf, math.inf),
    least: float = 0.0,
) -> tuple[float, float]:
    """Return the ends of an axis that shows all values, a little wider than they are.

    Parameters
    ----------
    values : iterable of float
        What is shown; values that are not finite count for nothing.
    limits : tuple of float
        What the axis goes beyond only for a value that does.
    least : float
        Width that it has at least, so that a small difference does not look large.
    """
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        low, high = (limit if math.isfinite(limit) else at for at, limit in enumerate(limits))
        return (low, high)
    low, high = min(finite), max(finite)
    room = 0.04 * (high - low) or 0.1 * abs(high) or 0.1
    room = max(room, (least - (high - low)) / 2)
    ends = max(low - room, min(limits[0], low)), min(high + room, max(limits[1], high))
    missing = max(least - (ends[1] - ends[0]), 0.0)  # a limit stood in the way on one side
    if ends[0] > low - room:
        return ends[0], ends[1] + missing
    return ends[0] - missing, ends[1]


def clamp(value: float, ends: tuple[float, float]) -> float:
    """Return the value, or the end of the axis that it lies beyond; NaN stays."""
    return value if math.isnan(value) else min(max(value, ends[0]), ends[1])


def texts(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return some columns row by row as texts."""
    return list(zip(*(map(str, frame[column]) for column in columns), strict=True))


def floats(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[float, ...]]:
    """Return some columns row by row as floats."""
    return [tuple(map(float, row)) for row in frame[list(columns)].to_numpy(dtype=float)]
