"""Row samples on which weights, scales and thresholds are chosen when there are many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RowSample:
    """Positions of sampled rows and their weights.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_sampled,)
        Positions in ascending order.
    weight : ndarray of float64, shape (n_sampled,), or None
        Weights with which the sample stands for all rows; None: all equal.
    """

    rows: NDArray[np.int64]
    weight: Floats | None


def sample_rows(
    y: NDArray[Any], weight: Floats | None, max_rows: int, *, stratified: bool, seed: int
) -> RowSample:
    """Draw at most about `max_rows` rows, of each class in proportion.

    Parameters
    ----------
    y : ndarray, shape (n_rows,)
        Class numbers, or values where not `stratified`.
    weight : ndarray of float64, shape (n_rows,), or None
        Row weights; they are carried over.
    max_rows : int
        Size that is aimed at. Every class keeps a row, with a weight that makes up for it.
    stratified : bool
        Whether `y` holds classes.
    seed : int
        Seed of the draw.

    Returns
    -------
    RowSample
        The sample; all rows where there are no more than `max_rows`.
    """
    n_rows = len(y)
    if n_rows <= max_rows:
        return RowSample(np.arange(n_rows), weight)
    rng = np.random.default_rng(seed)
    if not stratified:
        rows = np.sort(rng.choice(n_rows, max_rows, replace=False))
        return RowSample(rows, None if weight is None else weight[rows])
    chosen, factors = [], []
    for own in _rows_of_classes(y):
        count = max(1, round(len(own) * max_rows / n_rows))
        chosen.append(rng.choice(own, count, replace=False))
        factors.append(np.full(count, len(own) / count))
    rows = np.concatenate(chosen)
    order = np.argsort(rows)
    rows, factor = rows[order], np.concatenate(factors)[order]
    if weight is not None:
        return RowSample(rows, weight[rows] * factor)
    # Proportions that differ by rounding alone need no weights, and metrics are faster without.
    even = factor.max() < 1.01 * factor.min()
    return RowSample(rows, None if even else factor)


def _rows_of_classes(y: NDArray[Any]) -> list[NDArray[np.int64]]:
    order = np.argsort(y, kind="stable")
    ends = np.cumsum(np.bincount(y.astype(np.int64)))
    return [part for part in np.split(order, ends[:-1]) if len(part)]
