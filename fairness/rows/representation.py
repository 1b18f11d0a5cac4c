"""How many rows each group has, and what its outcome is like: before any model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from candor.statistics import wilson
from fairness.metrics.cells import divide
from fairness.table.values import Floats, GroupCounts

COLUMNS = ("attribute", "group", "n", "share", "class", "base_rate", "low", "high")


def representation(counts: GroupCounts, confidence: float = 0.95) -> pd.DataFrame:
    """Return each group's size and base rate.

    Parameters
    ----------
    counts : GroupCounts
        Counts of the groups of one attribute.
    confidence : float, default 0.95
        Of each interval by itself.

    Returns
    -------
    DataFrame
        Columns `attribute`, `group`, `n`, `share` (of the sum of weights; of rows where nothing
        is weighted), `class`, `base_rate`, `low`, `high`. Binary: a row for each group, `class`
        the positive label and `base_rate` its share with Wilson's (1927) interval, on Kish's
        effective rows where weighted. Multiclass: a row for each group and class. Regression:
        `class` is empty and `base_rate` is the mean outcome with a normal interval. NaN where the
        counts hold no outcomes.

    Examples
    --------
    >>> cells = np.array([[[60, 20], [10, 10]], [[30, 20], [20, 30]]])
    >>> counts = GroupCounts(
    ...     "binary", "sex", ("f", "m"), ("no", "yes"), cells, cells * 1.0, cells * 1.0
    ... )
    >>> representation(counts)[["group", "n", "share", "base_rate", "low", "high"]].round(3)
      group    n  share  base_rate    low   high
    0     f  100    0.5        0.2  0.133  0.289
    1     m  100    0.5        0.5  0.404  0.596
    """
    from scipy.special import ndtri

    z = float(ndtri(0.5 + confidence / 2))
    weight = counts.weights.sum(axis=(1, 2))
    squares = counts.weights_squared.sum(axis=(1, 2))
    if counts.task == "regression":
        classes: tuple[str, ...] = ("",)
        columns = [_mean_outcome(counts, weight, squares, z)]
    else:
        wanted = range(len(counts.classes)) if len(counts.classes) > 2 else (1,)
        classes = tuple(counts.classes[label] for label in wanted)
        columns = [_base_rate(counts, label, weight, squares, z) for label in wanted]
    parts = [
        pd.DataFrame(
            {
                "attribute": counts.attribute,
                "group": list(counts.groups),
                "n": counts.n,
                "share": weight / weight.sum() if len(weight) else weight,
                "class": label,
                "base_rate": value,
                "low": low,
                "high": high,
            },
            columns=list(COLUMNS),
        )
        for label, (value, low, high) in zip(classes, columns, strict=True)
    ]
    frame = pd.concat(parts)
    return frame.sort_index(kind="stable").reset_index(drop=True)


def _base_rate(
    counts: GroupCounts, label: int, weight: Floats, squares: Floats, z: float
) -> tuple[Floats, Floats, Floats]:
    """Return the share of one class in each group, with its interval."""
    if counts.counts.shape[1] <= label:
        return _unknown(len(counts.groups))
    value = divide(counts.weights[:, label].sum(axis=1), weight)
    return value, *wilson(value, divide(weight**2, squares), z)


def _mean_outcome(
    counts: GroupCounts, weight: Floats, squares: Floats, z: float
) -> tuple[Floats, Floats, Floats]:
    """Return the mean outcome of each group, with its interval."""
    if "outcome" not in counts.moments:
        return _unknown(len(counts.groups))
    sums = counts.moments["outcome"]
    mean = divide(sums.total, weight)
    spread = np.maximum(sums.squared - 2 * mean * sums.weighted + mean**2 * squares, 0.0)
    effective = divide(weight**2, squares)
    # one row tells nothing about the spread
    scale = np.sqrt(divide(effective, np.maximum(effective - 1, 0.0)))
    half = z * scale * divide(np.sqrt(spread), weight)
    return mean, mean - half, mean + half


def _unknown(n_groups: int) -> tuple[Floats, Floats, Floats]:
    nothing = np.full(n_groups, np.nan)
    return nothing, nothing.copy(), nothing.copy()
