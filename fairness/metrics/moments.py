"""Metrics that are means over rows, from the sums of a quantity and of its squares."""

from __future__ import annotations

import numpy as np

from fairness.metrics.cells import Floats, Values, divide
from fairness.metrics.choose import MOMENT_OF
from fairness.table.values import GroupCounts

_NOISE = 1e-14
"""Part of a sum of squares below which what is left after subtraction is rounding."""


def values_of(name: str, counts: GroupCounts) -> Values:
    """Return a mean (or the root of one) in each group, with its error by linearisation.

    With f = Σ w x / Σ w, the variance is Σ w² (x - f)² / (Σ w)²; a root's error follows by the
    delta method.
    """
    moments = counts.moments[MOMENT_OF[name]]
    weight = counts.weights.sum(axis=(1, 2))
    squares = counts.weights_squared.sum(axis=(1, 2))
    mean = divide(moments.total, weight)
    spread = moments.squared - 2 * mean * moments.weighted + mean**2 * squares
    spread = np.where(spread > _NOISE * moments.squared, spread, 0 * spread)
    error = divide(np.sqrt(spread), weight)
    effective = np.nan_to_num(divide(weight**2, squares))
    if name == "rmse":
        mean, error = _root(mean, error)
    return Values(counts.n, effective, mean, error)


def _root(mean: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Return the root of a mean with its error; 0 where every row is exact."""
    root = np.sqrt(np.maximum(mean, 0))
    return root, np.where(root == 0, error, divide(error, 2 * root))
