"""How a metric goes along with an attribute: one number over all pairs of rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairness.metrics.choose import MOMENT_OF
from fairness.sensitivity.cells import rate_cells, total
from fairness.table.values import Floats, GroupCounts


@dataclass(frozen=True)
class Trend:
    """A trend with its standard error; NaN where nothing is left to compare."""

    value: float
    error: float


@dataclass(frozen=True)
class _Bins:
    """Sums over the rows of each bin: of w, w y, w², w² y, w² y²."""

    weight: Floats
    total: Floats
    squares: Floats
    crossed: Floats
    squared: Floats


def find_trend(counts: GroupCounts, metric: str, kept: NDArray[np.bool_]) -> Trend:
    """Return the mean difference of a metric between the higher and the lower of two rows.

    With w the weights, W and S the sums of w and w y in a bin, the estimate is
    ``sum over i > j of (W_j S_i - W_i S_j)`` over ``sum over i > j of W_i W_j``.

    Parameters
    ----------
    counts : GroupCounts
        Counts by bin, in ascending order.
    metric : str
        A share of rows or a mean.
    kept : ndarray of bool, shape (n_groups,)
        Bins that count.
    """
    bins = _bins(counts, metric, kept)
    below = np.cumsum(bins.weight) - bins.weight
    above = bins.weight.sum() - below - bins.weight
    sum_below = np.cumsum(bins.total) - bins.total
    sum_above = bins.total.sum() - sum_below - bins.total
    pairs = float((bins.weight * below).sum())
    if pairs <= 0:
        return Trend(math.nan, math.nan)
    slope = below - above
    value = float((bins.total * slope).sum() / pairs)
    offset = sum_above - sum_below - value * (below + above)
    variance = (
        slope**2 * bins.squared + 2 * slope * offset * bins.crossed + offset**2 * bins.squares
    ).sum() / pairs**2
    return Trend(value, math.sqrt(max(float(variance), 0.0)))


def _bins(counts: GroupCounts, metric: str, kept: NDArray[np.bool_]) -> _Bins:
    if metric in MOMENT_OF:
        sums = counts.moments[MOMENT_OF[metric]]
        return _Bins(
            counts.weights.sum(axis=(1, 2))[kept],
            sums.total[kept],
            counts.weights_squared.sum(axis=(1, 2))[kept],
            sums.weighted[kept],
            sums.squared[kept],
        )
    cells = rate_cells(counts, metric)
    hit = total(counts.weights_squared, cells.above)[kept]
    return _Bins(
        total(counts.weights, cells.below)[kept],
        total(counts.weights, cells.above)[kept],
        total(counts.weights_squared, cells.below)[kept],
        hit,
        hit,
    )
