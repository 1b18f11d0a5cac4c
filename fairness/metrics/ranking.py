"""ROC AUC of each group from binned scores, with its error and what binning can hide."""

from __future__ import annotations

import numpy as np

from fairness.metrics.cells import Floats, Values, divide
from fairness.table.values import Histogram


def auc(positive: Floats, negative: Floats) -> Floats:
    """Return the area under the curve of weights by bin, shape (..., n_bins), ties one half."""
    below = np.cumsum(negative, axis=-1) - negative / 2
    pairs = positive.sum(axis=-1) * negative.sum(axis=-1)
    return divide((positive * below).sum(axis=-1), pairs)


def values_of(histogram: Histogram) -> tuple[Values, Floats]:
    """Return the area in each group and the largest error that binning can have caused.

    The error is that of DeLong, DeLong & Clarke-Pearson (1988): a positive's component is the
    share of negatives below it, a negative's the share of positives above it; its variance is
    the weighted sum of squared deviations (over n, as for every other metric).
    """
    weights, squares = histogram.weights, histogram.weights_squared
    negative, positive = weights[:, 0], weights[:, 1]
    total = weights.sum(axis=2)
    value = auc(positive, negative)
    below = divide(np.cumsum(negative, axis=1) - negative / 2, total[:, :1])
    above = divide(
        positive.sum(axis=1, keepdims=True) - np.cumsum(positive, axis=1) + positive / 2,
        total[:, 1:],
    )
    centre = value[:, None]
    variance = divide((squares[:, 1] * (below - centre) ** 2).sum(axis=1), total[:, 1] ** 2)
    variance += divide((squares[:, 0] * (above - centre) ** 2).sum(axis=1), total[:, 0] ** 2)
    effective = np.nan_to_num(divide(total**2, squares.sum(axis=2))).min(axis=1)
    rows = histogram.counts.sum(axis=2).min(axis=1)
    return Values(rows, effective, value, np.sqrt(variance)), _bin_error(histogram, value)


def _bin_error(histogram: Histogram, value: Floats) -> Floats:
    """Return half the share of pairs that lie in one bin with more than one score."""
    wide = histogram.high > histogram.low
    negative, positive = histogram.weights[:, 0], histogram.weights[:, 1]
    inside = (positive * negative * wide).sum(axis=1)
    share = divide(inside, positive.sum(axis=1) * negative.sum(axis=1)) / 2
    return np.where(np.isnan(value), np.nan, share)
