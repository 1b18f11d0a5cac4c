"""Target statistics of category levels, cross-fitted so that no row sees its own target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 10.0
"""Weight of the prior, in rows."""

N_FOLDS = 5
MAX_COMPONENTS = 10


@dataclass(frozen=True, eq=False)
class Targets:
    """The target as numbers whose means are worth knowing.

    Parameters
    ----------
    values : ndarray of float64, shape (n_rows, n_components)
        The target itself (regression, binary), or an indicator of each class.
    weight : ndarray of float64, shape (n_rows,)
        Row weights with mean 1 over the rows that count.
    folds : ndarray of int64, shape (n_rows,)
        The cross-fitting fold of each row, chosen without a look at the target.
    labels : tuple of str
        What each component stands for; a single empty string where there is one.
    """

    values: NDArray[np.float64]
    weight: NDArray[np.float64]
    folds: NDArray[np.int64]
    labels: tuple[str, ...]

    @property
    def n_folds(self) -> int:
        """Number of cross-fitting folds."""
        return min(N_FOLDS, len(self.folds))


def make_targets(
    y: NDArray[Any],
    weight: NDArray[np.float64] | None,
    task: str,
    n_classes: int,
    seed: int,
) -> Targets:
    """Split the target into components; of more than ten classes the ten most frequent count."""
    n_rows = len(y)
    if task == "multiclass":
        classes = np.arange(n_classes)
        if n_classes > MAX_COMPONENTS:
            counts = np.bincount(y, minlength=n_classes)
            classes = np.sort(np.argsort(-counts, kind="stable")[:MAX_COMPONENTS])
        values = (y[:, None] == classes).astype(np.float64)
        labels = tuple(str(c) for c in classes)
    else:
        values, labels = np.asarray(y, dtype=np.float64)[:, None], ("",)
    if weight is None:
        weights = np.ones(n_rows)
    else:
        # With mean 1 the smoothing counts rows, whatever the unit of the weights.
        total = weight.sum()
        weights = weight * (np.count_nonzero(weight) / total if total > 0 else 1.0)
    folds = np.arange(n_rows, dtype=np.int64) % min(N_FOLDS, max(n_rows, 1))
    return Targets(values, weights, np.random.default_rng(seed).permutation(folds), labels)


def encode_targets(
    index: NDArray[np.int64], n_levels: int, targets: Targets, *, scaled: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Encode levels by their smoothed mean deviation from the prior.

    A level's value is ``sum(w (y - p)) / (sum(w) + 10)`` with prior p, the weighted mean of y.
    For the training rows both come from the other folds only. Deviations, not means, because a
    prior that differs from fold to fold would tell the fold, and through it the target, of rows
    with rare levels. Smoothing after Micci-Barreca (2001).

    Parameters
    ----------
    index : ndarray of int64, shape (n_rows,)
        Level of each row, 0 to n_levels - 1.
    n_levels : int
        Number of levels.
    targets : Targets
        Targets of the same rows.
    scaled : bool
        Divide by the standard deviation of the target.

    Returns
    -------
    table : ndarray, shape (n_levels, n_components)
        Values for other rows; 0 for levels without rows.
    own : ndarray, shape (n_rows, n_components)
        Out-of-fold values of the training rows.
    """
    n_folds, folds, weight = targets.n_folds, targets.folds, targets.weight
    # A product with zeros and ones, not "total minus own": no rounding may carry the own target.
    others = np.vstack([1.0 - np.eye(n_folds), np.ones(n_folds)])
    cell = folds * n_levels + index
    weights = others @ _sums(cell, weight, n_folds, n_levels)
    table = np.empty((n_levels, targets.values.shape[1]))
    own = np.empty(targets.values.shape)
    for k, values in enumerate(targets.values.T):
        prior, spread = _moments(values, targets, others)
        sums = others @ _sums(cell, weight * values, n_folds, n_levels)
        shrunk = (sums - prior[:, None] * weights) / (weights + SMOOTHING)
        if scaled:
            shrunk /= spread[:, None]
        table[:, k] = shrunk[-1]
        own[:, k] = shrunk[folds, index]
    return table, own


def _sums(
    cell: NDArray[np.int64], values: NDArray[np.float64], n_folds: int, n_levels: int
) -> NDArray[np.float64]:
    """Sum values by fold and level."""
    sums = np.bincount(cell, values, n_folds * n_levels).astype(np.float64)
    return sums.reshape(n_folds, n_levels)


def _moments(
    values: NDArray[np.float64], targets: Targets, others: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of the target outside each fold, and last of all rows."""
    weight, folds, n_folds = targets.weight, targets.folds, targets.n_folds

    def outside(v: NDArray[np.float64]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = others @ np.bincount(folds, v, n_folds)
        return result

    total = np.maximum(outside(weight), 1e-300)
    mean = outside(weight * values) / total
    variance = outside(weight * values**2) / total - mean**2
    flat = variance <= 1e-12 * mean**2
    return mean, np.where(flat, 1.0, np.sqrt(np.where(flat, 1.0, variance)))
