"""Metrics that are ratios of sums of cells, and means of such: values and standard errors.

Each ratio is declared by two vectors over the cells, one above and one below the line. With
f = N / D, the derivative of f with respect to a cell's sum of weights is (a - f b) / D, and the
variance by linearisation is the sum over cells of w² times the squared derivative: a sandwich
estimate that holds for weighted rows too (without weights, p (1 - p) / n for a share).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fairness.metrics.choose import class_of
from fairness.metrics.values import Metric
from fairness.table.values import GroupCounts

Floats = NDArray[np.float64]
Weights = tuple[float, float, float, float]

_RATES: Final[Mapping[str, tuple[Weights, Weights]]] = {
    "selection_rate": ((1, 1, 0, 0), (1, 1, 1, 1)),
    "base_rate": ((1, 0, 1, 0), (1, 1, 1, 1)),
    "tpr": ((1, 0, 0, 0), (1, 0, 1, 0)),
    "fpr": ((0, 1, 0, 0), (0, 1, 0, 1)),
    "fnr": ((0, 0, 1, 0), (1, 0, 1, 0)),
    "tnr": ((0, 0, 0, 1), (0, 1, 0, 1)),
    "ppv": ((1, 0, 0, 0), (1, 1, 0, 0)),
    "npv": ((0, 0, 0, 1), (0, 0, 1, 1)),
    "fdr": ((0, 1, 0, 0), (1, 1, 0, 0)),
    "for": ((0, 0, 1, 0), (0, 0, 1, 1)),
    "f1": ((2, 0, 0, 0), (2, 1, 1, 0)),
    "treatment_equality": ((0, 0, 1, 0), (0, 1, 0, 0)),
}
"""Numerator and denominator of each rate over (TP, FP, FN, TN)."""

_MACRO: Final = {"macro_tpr": "tpr", "macro_ppv": "ppv", "macro_f1": "f1"}


@dataclass(frozen=True)
class Ratios:
    """A metric as the mean of ratios of sums of cells.

    Parameters
    ----------
    above, below : ndarray of float64, shape (n_ratios, n_cells)
        Factors of the cells above and below the line; cells are (outcome, prediction) pairs in
        row-major order.
    """

    above: Floats
    below: Floats


@dataclass(frozen=True)
class Values:
    """A metric in each group; every array has the shape (n_groups,)."""

    denominator: NDArray[np.int64]
    effective: Floats
    value: Floats
    error: Floats


def divide(above: Floats, below: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    out = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=out, where=below > 0)
    return out


def ratios_of(metric: Metric, counts: GroupCounts) -> Ratios | None:
    """Declare a metric by its cells; None where it is not made of them."""
    n_outcomes, n_predictions = counts.counts.shape[1:]
    name = metric.name
    if name == "accuracy":
        hits = np.eye(n_outcomes, n_predictions).reshape(1, -1)
        return Ratios(hits, np.ones_like(hits))
    if name in _MACRO:
        return _stacked([(_MACRO[name], k) for k in range(n_outcomes)], n_outcomes, n_predictions)
    if name == "balanced_accuracy":
        return _stacked([("tpr", 1), ("tnr", 1)], n_outcomes, n_predictions)
    if name.endswith("]"):
        base, k = name.partition("[")[0], counts.classes.index(class_of(name))
        return _stacked([(base, k)], n_outcomes, n_predictions)
    if name in _RATES:
        return _stacked([(name, 1)], n_outcomes, n_predictions)
    return None


def _stacked(rates: list[tuple[str, int]], n_outcomes: int, n_predictions: int) -> Ratios:
    """Stack rates, each of one class against the others."""
    above, below = [], []
    for name, k in rates:
        true = (np.arange(n_outcomes) == k)[:, None]
        said = (np.arange(n_predictions) == k)[None, :] & (n_predictions > 1)
        parts = np.stack([true & said, ~true & said, true & ~said, ~true & ~said])
        factors = np.array(_RATES[name], dtype=np.float64) @ parts.reshape(4, -1)
        above.append(factors[0])
        below.append(factors[1])
    return Ratios(np.stack(above), np.stack(below))


def values_of(ratios: Ratios, counts: GroupCounts) -> Values:
    """Return a metric made of cells, with its error by linearisation."""
    shape = (len(counts.groups), -1)
    weights, squares = counts.weights.reshape(shape), counts.weights_squared.reshape(shape)
    total = _sums(weights, ratios.below)
    parts = divide(_sums(weights, ratios.above), total)
    value: Floats = parts.mean(axis=1)
    inverse = divide(np.ones_like(total), total) / len(ratios.above)
    gradient = _sums(inverse, ratios.above.T) - _sums(inverse * parts, ratios.below.T)
    rows = counts.counts.reshape(shape) @ (ratios.below > 0).T.astype(np.int64)
    whole = (ratios.below > 0).astype(np.float64)
    effective = divide(_sums(weights, whole) ** 2, _sums(squares, whole))
    error: Floats = np.sqrt((squares * gradient**2).sum(axis=1))
    return Values(rows.min(axis=1), np.nan_to_num(effective).min(axis=1), value, error)


def _sums(values: Floats, factors: Floats) -> Floats:
    """Multiply (g, c) by (t, c) to (g, t), each group to the digit the same in any place."""
    sums: Floats = np.einsum("gc,tc->gt", values, factors)
    return sums
