"""An order of groups of rows in which neighbours are alike."""

from __future__ import annotations

import numpy as np
import pandas as pd

from explain.profiles.columns import Floats, Ints, RawColumn, read_column, stream

COMPARED_COLUMNS = 100
"""With more columns, a random sample of so many is compared."""

BINS = 64
"""Quantile bins in which numbers are compared."""


def similar_order(others: pd.DataFrame, group: Ints, n_groups: int, seed: int) -> Ints:
    """Order groups of rows on one axis of classical scaling of their distances (Torgerson 1952).

    Distances are summed over columns: Kolmogorov-Smirnov for numbers and times, total variation
    for categories; missing values count as a value. `group` is -1 for rows that belong to none.
    """
    names = list(others.columns)
    if len(names) > COMPARED_COLUMNS:
        picked = stream(seed, 1).choice(len(names), COMPARED_COLUMNS, replace=False)
        names = [names[k] for k in np.sort(picked)]
    distance = np.zeros((n_groups, n_groups))
    inside = group >= 0
    for name in names:
        distance += _distance(read_column(others, name), group, inside, n_groups)
    return _axis_order(distance)


def _distance(column: RawColumn, group: Ints, inside: np.ndarray, n_groups: int) -> Floats:
    """Return distances between groups in one column, shape (n_groups, n_groups)."""
    cells, n_cells = _cells(column)
    table = np.bincount(group[inside] * n_cells + cells[inside], minlength=n_groups * n_cells)
    shares = (
        table.reshape(n_groups, n_cells) / np.bincount(group[inside], minlength=n_groups)[:, None]
    )
    if column.axis == "category":
        return np.array([np.abs(shares - one).sum(axis=1) / 2 for one in shares])
    steps = shares.cumsum(axis=1)
    return np.array([np.abs(steps - one).max(axis=1) for one in steps])


def _cells(column: RawColumn) -> tuple[Ints, int]:
    """Return each row's level or quantile bin; missing values have the first cell."""
    missing = column.missing
    if column.axis == "category":
        cells = np.where(missing, 0, column.values + 1).astype(np.int64)
        return cells, len(column.levels) + 1
    if missing.all():
        return np.zeros(len(missing), dtype=np.int64), 1
    seen = column.values[~missing]
    cuts = np.unique(np.quantile(seen, np.linspace(0, 1, BINS + 1), method="inverted_cdf"))
    cells = np.where(missing, 0, np.searchsorted(cuts, column.values) + 1)
    return cells.astype(np.int64), len(cuts) + 2


def _axis_order(distance: Floats) -> Ints:
    middle = np.eye(len(distance)) - 1 / len(distance)
    product = middle @ (distance**2) @ middle * -0.5
    _, vectors = np.linalg.eigh((product + product.T) / 2)
    axis = vectors[:, -1]
    # An eigenvector has no sign: the first group, the most frequent one, goes to the lower half.
    axis = np.round(axis * (-1.0 if axis[0] > 0 else 1.0), 12)
    return np.argsort(axis, kind="stable").astype(np.int64)
