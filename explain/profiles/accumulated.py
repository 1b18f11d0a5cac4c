"""Accumulated local effects."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from explain.profiles.columns import (
    Floats,
    Ints,
    RawColumn,
    check_columns,
    check_settings,
    checked_frame,
    read_column,
    sample_rows,
)
from explain.profiles.dependence import rounded_share
from explain.profiles.effect import Effect, column_note, t_quantile
from explain.profiles.grids import Grid, grid_of
from explain.profiles.likeness import similar_order
from explain.profiles.swaps import Predict, Swap, swapped

ROWS_PER_STEP = 5
"""At least so many rows per interval, on average, so that its variance can be told."""


@dataclass(frozen=True, eq=False)
class _Steps:
    """Local effects, and how curve and rows are sums of their means.

    Parameters
    ----------
    row : ndarray of int, shape (n_local,)
        Row to which a local effect belongs.
    step : ndarray of int, shape (n_local,)
        Step that it measures.
    curve : ndarray of float64, shape (n_points, n_steps)
        Points of the curve as sums of steps.
    own : ndarray of float64, shape (n_rows, n_steps)
        The curve at the rows' own values, as sums of steps.
    swaps : tuple of Swap
        Upper and lower ends of the local effects, in turn.
    """

    row: Ints
    step: Ints
    curve: Floats
    own: Floats
    swaps: tuple[Swap, ...]


def accumulated_local_effects(
    predict: Predict,
    X: pd.DataFrame,
    column: Hashable,
    *,
    grid: int = 50,
    max_rows: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Effect:
    """Return the effect of a column from small steps that stay where the rows are.

    Parameters
    ----------
    predict : callable
        Frame of raw columns -> predictions, shape (n_rows,) or (n_rows, n_outputs).
    X : DataFrame
        Raw rows.
    column : hashable
        The column to vary.
    grid : int, default 50
        Largest number of points; fewer where that leaves less than 5 rows an interval.
    max_rows : int, default 1000
        With more rows, a random sample of so many is used.
    confidence : float, default 0.95
        Confidence of the intervals.
    seed : int, default 0
        Seed of the sample.

    Returns
    -------
    Effect
        Centred: its mean over the rows used is 0. `share` is over the rows used.

    Raises
    ------
    explain.errors.ArgumentError
        If X has no rows or lacks the column, or a setting is out of range.
    explain.errors.PredictionError
        If predict raises, or returns another shape or values that are not finite.

    Notes
    -----
    Apley and Zhu (2020). Numbers and times are cut at quantiles; a row's local effect is its
    prediction at the upper end of its interval minus that at the lower end, means of local effects
    are added up, and the curve is straight in between: for a linear model it is exactly
    ``w (x - mean(x))``, however columns are correlated.

    Levels of a category are put in an order in which neighbours are alike in the other columns
    (Kolmogorov-Smirnov distance for numbers, total variation for categories, one axis of classical
    scaling), unless they have their own order; a step is measured on rows of both its levels. A
    missing value is a level. Among numbers and times, it is the mean change, over rows in which
    the value is missing, from the middle point.

    Intervals: t, with the influence of each row on steps and centring, the cuts held fixed; this
    is the limit of a bootstrap over rows. Heterogeneity: variance of local effects within steps
    over their mean square.

    Examples
    --------
    >>> X = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) ** 2})
    >>> effect = accumulated_local_effects(lambda rows: 3 * rows["a"] - rows["b"], X, "a")
    >>> effect.positions.tolist()
    [0.0, 6.0, 13.0, 19.0]
    >>> effect.values[:, 0].round(9).tolist()  # 3 (a - 9.5)
    [-28.5, -10.5, 10.5, 28.5]
    """
    check_settings(confidence=confidence, grid=grid, max_rows=max_rows)
    whole = checked_frame(X)
    check_columns(whole, [column])
    rows = sample_rows(len(whole), max_rows, seed)
    frame = whole.take(rows).reset_index(drop=True)
    raw = read_column(frame, column)
    if raw.axis == "category":
        points, steps = _level_steps(frame, raw, grid_of(raw, grid), seed)
    else:
        size = min(grid, max(2, len(frame) // ROWS_PER_STEP))
        points = grid_of(raw, size)
        steps = _value_steps(raw, points)
    parts = list(swapped(predict, frame, steps.swaps))
    upper, lower = np.concatenate(parts[::2]), np.concatenate(parts[1::2])
    return _accumulate(column, points, steps, upper, lower, rows, confidence)


def _value_steps(raw: RawColumn, points: Grid) -> _Steps:
    """Return steps between neighbouring numbers, and one to missing values."""
    absent = np.flatnonzero(raw.missing)
    has_missing = bool(len(absent))
    edges = points.positions[: len(points.positions) - has_missing]
    donors = points.donors
    n_steps = max(0, len(edges) - 1)
    present = np.flatnonzero(np.isfinite(raw.values)) if n_steps else np.empty(0, dtype=np.int64)
    values = raw.values[present]
    step = np.clip(np.searchsorted(edges, values, side="left"), 1, max(1, n_steps)) - 1
    curve = np.tri(len(edges), n_steps, -1)
    own = np.zeros((len(raw.values), n_steps))
    if n_steps:
        own[present] = curve[step]
        own[present, step] = (values - edges[step]) / (edges[step + 1] - edges[step])
    swaps = [
        Swap((raw.name,), present, donors[step + 1] if n_steps else present),
        Swap((raw.name,), present, donors[step] if n_steps else present),
    ]
    rows = present
    if has_missing and len(edges):
        middle = len(edges) // 2
        curve, own = _missing_step(curve, own, middle, absent)
        rows, step = np.append(rows, absent), np.append(step, np.full(len(absent), n_steps))
        filled = np.full(len(absent), donors[middle])
        swaps += [Swap((raw.name,), absent, absent), Swap((raw.name,), absent, filled)]
    return _kept(rows, step, curve, own, swaps, raw)


def _missing_step(curve: Floats, own: Floats, middle: int, absent: Ints) -> tuple[Floats, Floats]:
    """Add a point for missing values: the middle point and one step of its own."""
    curve = np.pad(curve, ((0, 1), (0, 1)))
    own = np.pad(own, ((0, 0), (0, 1)))
    curve[-1] = curve[middle]
    curve[-1, -1] = 1.0
    own[absent] = curve[-1]
    return curve, own


def _kept(
    rows: Ints, step: Ints, curve: Floats, own: Floats, swaps: list[Swap], raw: RawColumn
) -> _Steps:
    """Leave empty swaps out; a column with one point is asked once, so that errors are seen."""
    used = tuple(swap for swap in swaps if len(swap.base))
    if not used:
        first = Swap((), np.arange(len(raw.values)), np.arange(len(raw.values)))
        n_points = max(1, len(curve))
        return _Steps(
            np.empty(0, dtype=np.int64),
            np.empty(0, dtype=np.int64),
            np.zeros((n_points, 0)),
            np.zeros((len(raw.values), 0)),
            (first, first),
        )
    return _Steps(rows.astype(np.int64), step.astype(np.int64), curve, own, used)


def _level_steps(
    frame: pd.DataFrame, raw: RawColumn, points: Grid, seed: int
) -> tuple[Grid, _Steps]:
    """Return the levels in order, and steps between neighbours measured from both sides."""
    place = _places(raw, points)
    n_levels = len(points.donors)
    if not raw.ordered and n_levels > 2:
        order = similar_order(frame.drop(columns=[raw.name]), place, n_levels, seed)
        points = _reordered(points, order)
        turned = np.append(np.argsort(order), -1)
        place = turned[place]
    curve = np.tri(n_levels, n_levels - 1, -1)
    inside = np.flatnonzero(place >= 0)
    own = np.zeros((len(place), n_levels - 1))
    own[inside] = curve[place[inside]]
    up = inside[place[inside] < n_levels - 1]
    down = inside[place[inside] > 0]
    donors = points.donors
    swaps = [
        Swap((raw.name,), up, donors[place[up] + 1]),
        Swap((raw.name,), up, up),
        Swap((raw.name,), down, down),
        Swap((raw.name,), down, donors[place[down] - 1]),
    ]
    rows, step = np.append(up, down), np.append(place[up], place[down] - 1)
    return points, _kept(rows, step, curve, own, swaps, raw)


def _places(raw: RawColumn, points: Grid) -> Ints:
    """Return each row's point, -1 for levels that are not shown."""
    place = np.full(len(raw.values), -1)
    for number, donor in enumerate(points.donors):
        value = raw.values[donor]
        place[raw.missing if np.isnan(value) else raw.values == value] = number
    return place


def _reordered(points: Grid, order: Ints) -> Grid:
    return Grid(
        points.axis,
        np.arange(len(order), dtype=np.float64),
        tuple(points.labels[k] for k in order),
        points.donors[order],
        points.share[order],
        points.left_out,
        points.left_out_share,
    )


def _accumulate(
    column: Hashable,
    points: Grid,
    steps: _Steps,
    upper: Floats,
    lower: Floats,
    rows: Ints,
    confidence: float,
) -> Effect:
    n_steps = steps.curve.shape[1]
    local = upper - lower if n_steps else np.empty((0, upper.shape[1]))
    counts = np.bincount(steps.step, minlength=n_steps)
    means = _sums(local, steps.step, n_steps) / np.maximum(counts, 1)[:, None]
    rest = local - means[steps.step]
    squares = _sums(rest**2, steps.step, n_steps)
    centre = steps.own.mean(axis=0)
    values = (steps.curve - centre) @ means
    error = _errors(steps, means, rest, squares, counts)
    degrees = len(rows) - 1
    half = t_quantile(confidence, degrees) * error if degrees else np.full_like(values, np.nan)
    spread = np.full_like(values, np.nan)
    spread[len(values) - n_steps :] = np.sqrt(squares / np.maximum(counts - 1, 1)[:, None])
    size = np.maximum(np.abs(upper).max(axis=0), np.abs(lower).max(axis=0))
    n_local = max(1, len(local))
    apart, whole = squares.sum(axis=0) / n_local, (local**2).sum(axis=0) / n_local
    return Effect(
        kind="ale",
        column=column,
        axis=points.axis,
        positions=points.positions,
        labels=points.labels,
        values=values,
        low=values - half,
        high=values + half,
        individual=None,
        spread=spread,
        heterogeneity=rounded_share(apart, whole, size),
        share=points.share,
        rows=rows,
        confidence=confidence,
        centred=True,
        left_out=points.left_out,
        left_out_share=points.left_out_share,
        note=column_note(column, points.labels),
    )


def _sums(values: Floats, step: Ints, n_steps: int) -> Floats:
    sums = np.zeros((n_steps, values.shape[1]))
    np.add.at(sums, step, values)
    return sums


def _errors(steps: _Steps, means: Floats, rest: Floats, squares: Floats, counts: Ints) -> Floats:
    """Return standard errors of the centred curve from the rows' influences on it."""
    n_rows = len(steps.own)
    weights = steps.curve - steps.own.mean(axis=0)
    fuller = np.sqrt(counts / np.maximum(counts - 1, 1))[steps.step]
    alone = counts[steps.step] == 1
    # A step seen once says nothing of its own variance: it gets that of all steps together.
    pooled = np.sqrt(squares.sum(axis=0) / max(1, len(rest) - len(counts)))
    errors = np.empty((len(weights), means.shape[1]))
    at_rows = (steps.own - steps.own.mean(axis=0)) @ means
    for output in range(means.shape[1]):
        deviation = np.where(alone, pooled[output], rest[:, output] * fuller)
        scaled = deviation * n_rows / np.maximum(counts, 1)[steps.step]
        influence = np.repeat(-at_rows[:, [output]], len(weights), axis=1)
        np.add.at(influence, steps.row, weights.T[steps.step] * scaled[:, None])
        errors[:, output] = np.sqrt((influence**2).sum(axis=0)) / n_rows
    return errors
