"""Binned scores: finding them, and merging neighbouring bins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairness.errors import ArgumentError
from fairness.metrics.cells import Floats, divide
from fairness.table.values import GroupCounts, Histogram

DISTINCT = 15
"""Up to this many distinct scores, each is a band of its own."""


def scores_of(counts: GroupCounts, purpose: str) -> Histogram:
    """Return the binned scores, or say that there are none."""
    if counts.task != "binary":
        raise ArgumentError(
            f"{purpose} is for scores of a binary outcome; the task is {counts.task}"
        )
    if counts.histogram is None:
        raise ArgumentError(f"{purpose} needs scores", got="the counts hold none", hint="y_score=")
    return counts.histogram


def merged(histogram: Histogram, n_bins: int) -> Histogram:
    """Merge neighbouring bins into at most `n_bins` that hold about equally many rows."""
    rows = histogram.counts.sum(axis=(0, 1))
    if len(rows) <= n_bins:
        return histogram
    middle = np.cumsum(rows) - rows / 2
    band = np.minimum((middle / rows.sum() * n_bins).astype(np.int64), n_bins - 1)
    return _added(histogram, np.flatnonzero(np.diff(band, prepend=-1)))


def bands(histogram: Histogram, n_bins: int) -> Histogram:
    """Merge bins into bands common to all groups; few distinct scores keep one band each."""
    if n_bins < 1:
        raise ArgumentError("n_bins has to be at least 1", got=f"got {n_bins}", hint="n_bins=10")
    exact = bool((histogram.low == histogram.high).all())
    if exact and len(histogram.low) <= DISTINCT:
        return histogram
    return merged(histogram, n_bins)


def outcome_rate(histogram: Histogram) -> tuple[Floats, Floats]:
    """Return the rate of positives and the effective rows, each (n_groups, n_bins)."""
    weight = histogram.weights.sum(axis=1)
    effective = divide(weight**2, histogram.weights_squared.sum(axis=1))
    return divide(histogram.weights[:, 1], weight), np.nan_to_num(effective)


def _added(histogram: Histogram, first: NDArray[np.intp]) -> Histogram:
    """Add up the bins from each of `first` to the next."""
    last = np.append(first[1:], len(histogram.low)) - 1
    return Histogram(
        counts=np.add.reduceat(histogram.counts, first, axis=2),
        weights=np.add.reduceat(histogram.weights, first, axis=2),
        weights_squared=np.add.reduceat(histogram.weights_squared, first, axis=2),
        scores=np.add.reduceat(histogram.scores, first, axis=2),
        scores_squared=np.add.reduceat(histogram.scores_squared, first, axis=2),
        low=histogram.low[first],
        high=histogram.high[last],
    )
