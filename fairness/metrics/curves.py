"""Areas between the ROC curves of groups."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from fairness.metrics import ranking
from fairness.metrics.binning import merged, scores_of
from fairness.metrics.cells import Floats
from fairness.metrics.normal import quantile
from fairness.metrics.replicates import MOST_BINS, resampled
from fairness.table.values import GroupCounts, Histogram

_GRID = (np.arange(200) + 0.5) / 200 + 1e-9
"""False positive rates at which resampled curves are compared: a hair beside the middles of equal
steps, so that the last digit of a rate does not decide on which side of a jump it is."""


def abroca(
    counts: GroupCounts,
    *,
    confidence: float = 0.95,
    n_replicates: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the absolute area between the ROC curves of every pair of groups.

    Parameters
    ----------
    counts : GroupCounts
        Counts with binned scores of a binary outcome.
    confidence : float, default 0.95
        Coverage of each interval by itself, at least.
    n_replicates : int, default 500
        Replicates that the intervals stand on.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    DataFrame
        One row a pair of groups: group, reference, value, low, high, bin_error (most that binning
        the scores can have changed the value by), denominator (smallest number of positives or
        negatives in either group). NaN where a group has no positives or no negatives.

    Raises
    ------
    ArgumentError
        If there are no scores of a binary outcome.

    Notes
    -----
    Gardner, Brooks & Baker (2019), "Evaluating the fairness of predictive student models through
    slicing analysis": the integral over false positive rates of the absolute difference of true
    positive rates; exact for the curves through the bins' borders.

    The value is never below 0 and so is biased upwards where curves agree; percentile intervals
    then miss the truth. Instead, the curves' difference is resampled, and q is the quantile of
    the area between its replicates and its estimate. By the triangle inequality the true area
    lies within value ± q whenever the true difference lies within q of its estimate, whether the
    curves differ or not: coverage is at least the confidence. The lower end is cut at 0.

    Examples
    --------
    >>> import numpy as np
    >>> from fairness.table import CountTable
    >>> rng = np.random.default_rng(0)
    >>> sex, score = np.repeat(["f", "m"], 500), rng.random(1000).round(1)
    >>> table = CountTable.from_rows(
    ...     rng.random(1000) < score, y_score=score, sensitive={"sex": sex}
    ... )
    >>> frame = abroca(table.groups(["sex"]))
    >>> bool(0 <= frame["low"][0] <= frame["value"][0] <= frame["high"][0])
    True
    """
    quantile(confidence)
    histogram = scores_of(counts, "ABROCA")
    curves = [_points(weights) for weights in histogram.weights]
    errors = ranking.values_of(histogram)[1]
    deviations = _deviations(histogram, n_replicates, seed)
    rows = histogram.counts.sum(axis=2).min(axis=1)
    found = []
    for b, a in combinations(range(len(counts.groups)), 2):
        value = area_between(curves[a], curves[b])
        reach = _reach(deviations[a] - deviations[b], confidence)
        low, high = max(value - reach, 0.0), min(value + reach, 1.0)
        if np.isnan(reach):
            low = high = float("nan")
        error, least = errors[a] + errors[b], min(rows[a], rows[b])
        found.append((counts.groups[a], counts.groups[b], value, low, high, error, least))
    columns = ["group", "reference", "value", "low", "high", "bin_error", "denominator"]
    return pd.DataFrame(found, columns=columns)


def _points(weights: Floats) -> Floats:
    """Return FPR and TPR (second to last axis) at the bins' borders, from none selected to all."""
    above = np.cumsum(weights[..., ::-1], axis=-1)
    points = np.concatenate([np.zeros_like(above[..., :1]), above], axis=-1)
    total = np.where(above[..., -1:] > 0, above[..., -1:], np.nan)
    rates: Floats = points / total
    return rates


def area_between(curve: Floats, other: Floats) -> float:
    """Integrate the absolute difference of two ROC curves, exactly."""
    if np.isnan(curve).any() or np.isnan(other).any():
        return float("nan")
    knots = np.union1d(curve[0], other[0])
    left, right = knots[:-1], knots[1:]
    middle = (left + right) / 2
    at_left = _height(curve, middle, left) - _height(other, middle, left)
    at_right = _height(curve, middle, right) - _height(other, middle, right)
    size = np.abs(at_left) + np.abs(at_right)
    crossing = at_left * at_right < 0
    squares = at_left**2 + at_right**2
    height = np.where(crossing, np.divide(squares, np.where(crossing, size, 1)), size) / 2
    return float(((right - left) * height).sum())


def _height(curve: Floats, middle: Floats, at: Floats) -> Floats:
    """Evaluate, at `at`, the segments of a curve over `middle`; none of those is vertical."""
    start = np.searchsorted(curve[0], middle, side="right") - 1
    start = np.clip(start, 0, curve.shape[1] - 2)
    run = curve[0, start + 1] - curve[0, start]
    rise = curve[1, start + 1] - curve[1, start]
    part = np.divide(at - curve[0, start], run, out=np.zeros_like(run), where=run > 0)
    height: Floats = curve[1, start] + part * rise
    return height


def _deviations(histogram: Histogram, n_replicates: int, seed: int) -> Floats:
    """Return resampled minus estimated curves, shape (n_groups, n_replicates, n_grid)."""
    binned = merged(histogram, MOST_BINS)
    deviations = np.empty((len(binned.counts), n_replicates, len(_GRID)))
    streams = np.random.default_rng(seed).spawn(len(binned.counts))
    for g, rng in enumerate(streams):
        counts, weights = binned.counts[g], binned.weights[g]
        drawn = rng.poisson(counts, size=(n_replicates, *counts.shape))
        weight = resampled(rng, drawn, counts, weights, binned.weights_squared[g])
        points = _points(weight)
        for r in range(n_replicates):
            deviations[g, r] = np.interp(_GRID, points[r, 0], points[r, 1])
        deviations[g] -= np.interp(_GRID, *_points(weights))
        deviations[g, np.isnan(points).any(axis=(1, 2))] = np.nan
    return deviations


def _reach(deviation: Floats, confidence: float) -> float:
    """Return the quantile of the area under the absolute deviation; NaN where none is known."""
    areas = np.abs(deviation).mean(axis=1)
    known = areas[~np.isnan(areas)]
    return float(np.quantile(known, confidence)) if len(known) else float("nan")
