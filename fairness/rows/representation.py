"""How many rows each group has, and what its outcome is like: before any model."""

from __future__ import annotations

import pandas as pd

from fairness.inference import GroupIntervals, group_intervals
from fairness.metrics import Estimates, estimates
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
        the positive label and `base_rate` its share. Multiclass: a row for each group and class.
        Regression: `class` is empty and `base_rate` is the mean outcome. Intervals are those of
        `fairness.inference.group_intervals`, so that a number has one interval wherever it stands.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.array([[[60, 20], [10, 10]], [[30, 20], [20, 30]]])
    >>> counts = GroupCounts(
    ...     "binary", "sex", ("f", "m"), ("no", "yes"), cells, cells * 1.0, cells * 1.0
    ... )
    >>> representation(counts)[["group", "n", "share", "base_rate", "low", "high"]].round(3)
      group    n  share  base_rate    low   high
    0     f  100    0.5        0.2  0.133  0.289
    1     m  100    0.5        0.5  0.404  0.596
    """
    found = estimates(counts)
    wanted = [(label, found[name]) for name, label in _outcomes(counts) if name in found]
    weight = counts.weights.sum(axis=(1, 2))
    parts = [
        _part(counts, weight, label, one, group_intervals(one, confidence=confidence, tolerance=1))
        for label, one in wanted
    ]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def _outcomes(counts: GroupCounts) -> list[tuple[str, str]]:
    """Return the metrics that describe outcomes, each with the class it is about."""
    if counts.task == "regression":
        return [("mean_outcome", "")]
    if counts.task == "binary":
        return [("base_rate", counts.classes[1])]
    return [(f"base_rate[{label}]", label) for label in counts.classes]


def _part(
    counts: GroupCounts, weight: Floats, label: str, one: Estimates, intervals: GroupIntervals
) -> pd.DataFrame:
    """Lay out one class, or the outcome of a regression."""
    return pd.DataFrame(
        {
            "attribute": counts.attribute,
            "group": list(counts.groups),
            "n": counts.n,
            "share": weight / weight.sum() if len(weight) else weight,
            "class": label,
            "base_rate": one.value,
            "low": intervals.low,
            "high": intervals.high,
        },
        columns=list(COLUMNS),
    )
