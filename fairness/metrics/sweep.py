"""Rates of each group at every threshold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.errors import ArgumentError
from fairness.metrics.binning import scores_of
from fairness.metrics.cells import Floats, divide
from fairness.metrics.normal import wilson
from fairness.table.values import GroupCounts, Histogram


def threshold_sweep(
    counts: GroupCounts, n_thresholds: int = 101, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Return what each group's rates would be at other thresholds.

    A row counts as selected from the threshold on (score >= threshold). Thresholds are the lowest
    scores of bins, where the rates are exact; of more than `n_thresholds` those are kept that cut
    the rows into about equal parts.

    Parameters
    ----------
    counts : GroupCounts
        Counts with binned scores of a binary outcome.
    n_thresholds : int, default 101
        Most thresholds to return; at least 2.
    confidence : float, default 0.95
        Coverage of each interval by itself.

    Returns
    -------
    DataFrame
        Columns group, threshold, metric (selection_rate, tpr, fpr, ppv), value, low, high
        (Wilson, of the effective rows); NaN where a denominator is 0.

    Raises
    ------
    ArgumentError
        If there are no scores of a binary outcome.

    Examples
    --------
    >>> import numpy as np
    >>> from fairness.table import CountTable
    >>> rng = np.random.default_rng(0)
    >>> sex, score = np.repeat(["f", "m"], 500), rng.random(1000).round(1)
    >>> table = CountTable.from_rows(
    ...     rng.random(1000) < score, y_score=score, sensitive={"sex": sex}
    ... )
    >>> frame = threshold_sweep(table.groups(["sex"]))
    >>> frame["metric"].unique().tolist()
    ['selection_rate', 'tpr', 'fpr', 'ppv']
    """
    histogram = scores_of(counts, "a threshold sweep")
    kept = _thresholds(histogram, n_thresholds)
    names = ("selection_rate", "tpr", "fpr", "ppv")
    values, rows = _rates(histogram)
    value, effective = values[..., kept], rows[..., kept]
    low, high = wilson(value, effective, confidence)
    shape = value.shape
    return pd.DataFrame(
        {
            "group": np.repeat(np.array(counts.groups, dtype=object), shape[1] * shape[2]),
            "threshold": np.tile(histogram.low[kept], shape[0] * shape[1]),
            "metric": np.tile(np.repeat(np.array(names, dtype=object), shape[2]), shape[0]),
            "value": value.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
        }
    )


def _thresholds(histogram: Histogram, most: int) -> NDArray[np.intp]:
    """Return the bins whose lower ends are thresholds, ascending."""
    if most < 2:
        raise ArgumentError("n_thresholds has to be at least 2", got=f"got {most}")
    n_bins = len(histogram.low)
    if n_bins <= most:
        return np.arange(n_bins)
    rows = histogram.counts.sum(axis=(0, 1))
    before = np.cumsum(rows) - rows
    wanted = np.linspace(0, before[-1], most)
    return np.unique(np.searchsorted(before, wanted))


def _rates(histogram: Histogram) -> tuple[Floats, Floats]:
    """Return rates and effective rows, each (n_groups, n_metrics, n_bins)."""
    above = np.cumsum(histogram.weights[..., ::-1], axis=2)[..., ::-1]
    squares = np.cumsum(histogram.weights_squared[..., ::-1], axis=2)[..., ::-1]
    total, total_squares = above[..., :1], squares[..., :1]
    selected, everyone = above.sum(axis=1), total.sum(axis=1)
    values = (
        divide(selected, everyone),
        divide(above[:, 1], total[:, 1]),
        divide(above[:, 0], total[:, 0]),
        divide(above[:, 1], selected),
    )
    whole = np.ones(above.shape[2])
    rows = (
        divide(everyone**2, total_squares.sum(axis=1)) * whole,
        divide(total[:, 1] ** 2, total_squares[:, 1]) * whole,
        divide(total[:, 0] ** 2, total_squares[:, 0]) * whole,
        divide(selected**2, squares.sum(axis=1)),
    )
    return np.stack(values, axis=1), np.nan_to_num(np.stack(rows, axis=1))
