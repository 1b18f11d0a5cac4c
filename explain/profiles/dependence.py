"""Partial dependence and individual conditional expectation."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from explain.profiles.columns import (
    Floats,
    Ints,
    check_columns,
    check_settings,
    checked_frame,
    read_column,
    sample_rows,
)
from explain.profiles.effect import Effect, column_note, t_quantile
from explain.profiles.grids import Grid, grid_of
from explain.profiles.swaps import Predict, Swap, swapped


def partial_dependence(
    predict: Predict,
    X: pd.DataFrame,
    column: Hashable,
    *,
    grid: int = 50,
    max_rows: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Effect:
    """Return the mean prediction when one column is set to each of its values in turn.

    Parameters
    ----------
    predict : callable
        Frame of raw columns -> predictions, shape (n_rows,) or (n_rows, n_outputs).
    X : DataFrame
        Raw rows: numbers, text, categories, booleans, times, missing values.
    column : hashable
        The column to vary.
    grid : int, default 50
        Largest number of points. Numbers and times: quantiles that occur in X, ends included;
        categories: the most frequent levels. Missing values are one point more.
    max_rows : int, default 1000
        With more rows, a random sample of so many is used.
    confidence : float, default 0.95
        Confidence of the intervals.
    seed : int, default 0
        Seed of the sample.

    Returns
    -------
    Effect
        ``PD(z) = mean_i f(z, x_i without column)`` (Friedman 2001) with t intervals over rows.

    Raises
    ------
    explain.errors.ArgumentError
        If X has no rows or lacks the column, or a setting is out of range.
    explain.errors.PredictionError
        If predict raises, or returns another shape or values that are not finite.

    Notes
    -----
    Rows are given values that they may never have had; where columns are correlated, accumulated
    local effects ask less of the model. The interval is for the mean over such rows; it does not
    say how far the model is off.

    Heterogeneity: each row's curve is centred at its own mean over the points, weighted by
    `share`; the value is the curves' variance around their mean curve over their mean square.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [20.0, 30.0, 40.0], "sex": ["f", "m", "f"]})
    >>> effect = partial_dependence(lambda rows: 2 * rows["age"], X, "age")
    >>> effect.positions.tolist(), effect.values[:, 0].tolist()
    ([20.0, 30.0, 40.0], [40.0, 60.0, 80.0])
    >>> effect.heterogeneity.tolist()
    [0.0]
    """
    curves, points, frame_rows = _curves(predict, X, column, grid, max_rows, confidence, seed)
    effect = _summary("pdp", column, curves, points, frame_rows, confidence, centred=False)
    return replace(effect, individual=None)


def ice(
    predict: Predict,
    X: pd.DataFrame,
    column: Hashable,
    *,
    grid: int = 50,
    max_rows: int = 1000,
    centred: bool = False,
    confidence: float = 0.95,
    seed: int = 0,
) -> Effect:
    """Return each row's prediction when one column is set to each of its values in turn.

    Parameters
    ----------
    predict : callable
        Frame of raw columns -> predictions, shape (n_rows,) or (n_rows, n_outputs).
    X : DataFrame
        Raw rows.
    column : hashable
        The column to vary.
    grid : int, default 50
        Largest number of points, as in `partial_dependence`.
    max_rows : int, default 1000
        With more rows, a random sample of so many is used.
    centred : bool, default False
        Take off each curve's own mean over the points, weighted by `share`.
    confidence : float, default 0.95
        Confidence of the intervals of the mean curve.
    seed : int, default 0
        Seed of the sample.

    Returns
    -------
    Effect
        With `individual`, shape (n_rows, n_points, n_outputs) (Goldstein and others 2015), and
        their mean curve in `values`.

    Raises
    ------
    explain.errors.ArgumentError
        If X has no rows or lacks the column, or a setting is out of range.
    explain.errors.PredictionError
        If predict raises, or returns another shape or values that are not finite.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [0.0, 1.0], "b": [-1.0, 1.0]})
    >>> effect = ice(lambda rows: rows["a"] * rows["b"], X, "a")
    >>> effect.individual[:, :, 0].tolist()
    [[-0.0, -1.0], [0.0, 1.0]]
    >>> effect.heterogeneity.tolist()
    [1.0]
    """
    curves, points, frame_rows = _curves(predict, X, column, grid, max_rows, confidence, seed)
    return _summary("ice", column, curves, points, frame_rows, confidence, centred=centred)


def _curves(
    predict: Predict,
    X: pd.DataFrame,
    column: Hashable,
    grid: int,
    max_rows: int,
    confidence: float,
    seed: int,
) -> tuple[Floats, Grid, Ints]:
    """Return curves (n_rows, n_points, n_outputs), the points and the rows used."""
    check_settings(confidence=confidence, grid=grid, max_rows=max_rows)
    frame = checked_frame(X)
    check_columns(frame, [column])
    points = grid_of(read_column(frame, column), grid)
    rows = sample_rows(len(frame), max_rows, seed)
    base = np.repeat(rows, len(points.donors))
    donors = np.tile(points.donors, len(rows))
    (flat,) = swapped(predict, frame, [Swap((column,), base, donors)])
    return flat.reshape(len(rows), len(points.donors), -1), points, rows


def _summary(
    kind: Literal["pdp", "ice"],
    column: Hashable,
    curves: Floats,
    points: Grid,
    rows: Ints,
    confidence: float,
    *,
    centred: bool,
) -> Effect:
    own = centred_curves(curves, points.share)
    shown = own if centred else curves
    values = shown.mean(axis=0)
    n_rows = len(rows)
    half = np.full_like(values, np.nan)
    spread = np.full_like(values, np.nan)
    if n_rows > 1:
        error = shown.std(axis=0, ddof=1) / np.sqrt(n_rows)
        half = t_quantile(confidence, n_rows - 1) * error
        spread = own.std(axis=0, ddof=1)
    return Effect(
        kind=kind,
        column=column,
        axis=points.axis,
        positions=points.positions,
        labels=points.labels,
        values=values,
        low=values - half,
        high=values + half,
        individual=shown,
        spread=spread,
        heterogeneity=disagreement(curves, points.share),
        share=points.share,
        rows=rows,
        confidence=confidence,
        centred=centred,
        left_out=points.left_out,
        left_out_share=points.left_out_share,
        note=column_note(column, points.labels),
    )


def centred_curves(curves: Floats, share: Floats) -> Floats:
    """Take each curve's mean over the points, weighted by `share`, off it."""
    weight = share / share.sum()
    mean = np.einsum("igk,g->ik", curves, weight)
    centred: Floats = curves - mean[:, None, :]
    return centred


def disagreement(curves: Floats, share: Floats) -> Floats:
    """Return the share of the centred curves' mean square that their mean does not hold."""
    weight = share / share.sum()
    own = centred_curves(curves, share)
    whole = np.einsum("igk,g->k", own**2, weight) / len(own)
    apart = np.einsum("igk,g->k", (own - own.mean(axis=0)) ** 2, weight) / len(own)
    return rounded_share(apart, whole, np.abs(curves).max(axis=(0, 1)))


def rounded_share(part: Floats, whole: Floats, size: Floats) -> Floats:
    """Divide squares; 0 where they are no more than the rounding of outputs of this size."""
    rounding = (1e-13 * size) ** 2
    out = np.zeros_like(whole)
    shares: Floats = np.divide(part, whole, out=out, where=whole > rounding)
    shares[(part <= rounding) | (shares < 1e-13)] = 0.0
    return np.minimum(shares, 1.0)
