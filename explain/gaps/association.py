"""How far a column tells a group from the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

THRESHOLD = 0.3
"""Correlation ratio or Cramér's V from which on a column is called a proxy."""


def association(column: pd.Series[Any], labels: pd.Series[Any]) -> float:
    """Return the correlation ratio of a number, or Cramér's V of a category, from 0 to 1.

    The ratio is the root of the share of the ranks' variance that lies between the groups;
    Cramér's V is corrected for its bias (Bergsma 2013).
    """
    if is_time(column):
        column = ticks(column)
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return _correlation_ratio(column, labels)
    return cramers_v(column.astype(object).where(column.notna(), "missing").map(str), labels)


def is_time(column: pd.Series[Any]) -> bool:
    """Say whether a column holds times or durations, whose order counts."""
    types = pd.api.types
    return bool(
        types.is_datetime64_any_dtype(column.dtype) or types.is_timedelta64_dtype(column.dtype)
    )


def ticks(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return times as numbers; NaN where they are missing."""
    return column.astype("int64").astype("float64").where(column.notna())


def _correlation_ratio(column: pd.Series[Any], labels: pd.Series[Any]) -> float:
    ranks = column.rank().to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(ranks)
    if known.sum() < 3 or np.ptp(ranks[known]) == 0:
        return 0.0
    own = pd.Series(ranks[known])
    means = own.groupby(labels.to_numpy()[known]).transform("mean")
    groups, n = labels[known].nunique(), int(known.sum())
    within = float(((own - means) ** 2).sum()) / max(1, n - groups)
    # The adjusted share: without association it is 0 on the average, whatever the groups' number.
    return float(np.sqrt(max(0.0, 1 - within / own.var(ddof=1))))


def cramers_v(one: pd.Series[Any], other: pd.Series[Any]) -> float:
    """Return Cramér's V of two categories, corrected for its bias."""
    table = pd.crosstab(one.to_numpy(), other.to_numpy()).to_numpy(dtype=np.float64)
    n, (r, k) = table.sum(), table.shape
    if min(r, k) < 2 or n < 3:
        return 0.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / n
    phi = float(((table - expected) ** 2 / expected).sum() / n)
    corrected = max(0.0, phi - (k - 1) * (r - 1) / (n - 1))
    r_, k_ = r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)
    return float(np.sqrt(corrected / max(1e-12, min(r_, k_) - 1)))
