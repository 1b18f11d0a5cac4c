"""A cheap screen for generated features: what they explain and single columns do not.

An additive model over binned columns is fitted first; a candidate is judged by the share of the
remaining variance that its bins explain. This is the idea of FAST (Lou, Caruana, Gehrke and
Hooker 2013, "Accurate intelligible models with pairwise interactions").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_BINS = 16
PASSES = 2
SHRINK = 5.0


@dataclass(frozen=True, eq=False)
class Screen:
    """What single columns leave unexplained.

    Parameters
    ----------
    residual : ndarray of float64, shape (n_rows, n_components)
        Target minus the additive model, by row of the sample.
    weight : ndarray of float64, shape (n_rows,)
        Row weights.
    """

    residual: NDArray[np.float64]
    weight: NDArray[np.float64]

    def score(self, index: NDArray[np.int64]) -> float:
        """Return the share of variance that bins explain beyond chance."""
        return explained(index, self.residual, self.weight)


def make_screen(
    bins: list[NDArray[np.int64]], values: NDArray[np.float64], weight: NDArray[np.float64]
) -> Screen:
    """Fit the additive model by backfitting over the binned columns."""
    total = max(weight.sum(), 1e-300)
    residual = values - weight @ values / total
    effects = [np.zeros((1, values.shape[1]))] * len(bins)
    for step in range(PASSES):
        for j, index in enumerate(bins):
            if step:
                residual = residual + effects[j][index]
            effects[j] = _means(index, residual, weight)
            residual = residual - effects[j][index]
    return Screen(residual, weight)


def explained(
    index: NDArray[np.int64], values: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    """Return the share of variance between bins, less chance and three standard errors of it."""
    centred = values - weight @ values / max(weight.sum(), 1e-300)
    total = float((weight @ centred**2).sum())
    if total <= 0:
        return 0.0
    mass = np.bincount(index, weight)
    used = mass > 0
    between = 0.0
    for column in centred.T:
        sums = np.bincount(index, weight * column)[used]
        between += float((sums**2 / mass[used]).sum())
    chance, n = np.count_nonzero(used) - 1, len(index)
    return float(between / total - (chance + 3 * np.sqrt(2 * chance)) / n)


def bin_numbers(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Put numbers into bins of about equal counts; missing ones get the last bin."""
    present = values[~np.isnan(values)]
    if len(present) == 0:
        return np.zeros(len(values), dtype=np.int64)
    edges = np.unique(np.quantile(present, np.arange(1, N_BINS) / N_BINS, method="lower"))
    index = np.searchsorted(edges, values, side="left")
    index[np.isnan(values)] = N_BINS
    return index.astype(np.int64)


def _means(
    index: NDArray[np.int64], values: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the shrunken mean of each bin."""
    mass = np.bincount(index, weight)[:, None] + SHRINK
    return np.column_stack([np.bincount(index, weight * column) for column in values.T]) / mass
