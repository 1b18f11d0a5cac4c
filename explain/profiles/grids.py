"""Points at which the effect of a column is looked at: values that occur in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.errors import ArgumentError
from explain.profiles.columns import MISSING, Axis, Floats, Ints, RawColumn


@dataclass(frozen=True, eq=False)
class Grid:
    """Points on a column, each held by a row that has it.

    Parameters
    ----------
    axis : {"number", "time", "category"}
        How `positions` are meant.
    positions : ndarray of float64, shape (n_points,)
        Numbers, seconds since 1970, or places in the order shown; NaN for missing values.
    labels : tuple of str
        Texts of the points.
    donors : ndarray of int, shape (n_points,)
        A row of the frame with each value.
    share : ndarray of float64, shape (n_points,)
        Share of all rows for which a point stands: the nearest point, or the level itself.
    left_out : int
        Levels of a category beyond the most frequent ones.
    left_out_share : float
        Share of the rows that have them.
    """

    axis: Axis
    positions: Floats
    labels: tuple[str, ...]
    donors: Ints
    share: Floats
    left_out: int = 0
    left_out_share: float = 0.0


def grid_of(column: RawColumn, size: int) -> Grid:
    """Return at most `size` points, and one more where values are missing."""
    if column.axis == "category":
        return _level_grid(column, size)
    return _value_grid(column, size)


def spread_values(values: Floats, size: int) -> Floats:
    """Return at most `size` distinct values that occur, ends included, at equal steps of rank."""
    distinct = np.unique(values)
    if len(distinct) <= size:
        return distinct
    if size == 1:
        return np.quantile(values, [0.5], method="inverted_cdf")
    steps = np.linspace(0, 1, size)
    return np.unique(np.quantile(values, steps, method="inverted_cdf"))


def _value_grid(column: RawColumn, size: int) -> Grid:
    values = column.values
    finite = np.flatnonzero(np.isfinite(values))
    if not len(finite) and not column.missing.any():
        raise ArgumentError(f"the column {column.name!r} holds no finite number", got="infinities")
    points = spread_values(values[finite], size) if len(finite) else np.empty(0)
    order = finite[np.argsort(values[finite], kind="stable")]
    donors = order[np.searchsorted(values[order], points)]
    middles = (points[1:] + points[:-1]) / 2
    nearest = np.searchsorted(middles, values[finite])
    counts = np.bincount(nearest, minlength=len(points))[: len(points)]
    return _with_missing(column, points, donors, counts)


def _level_grid(column: RawColumn, size: int) -> Grid:
    codes = column.values[~column.missing].astype(np.int64)
    counts = np.bincount(codes, minlength=len(column.levels))
    kept = np.sort(np.argsort(-counts, kind="stable")[:size])
    grid = _with_missing(column, kept.astype(np.float64), first_rows(column, kept), counts[kept])
    places = np.where(np.isnan(grid.positions), np.nan, np.arange(len(grid.positions)))
    outside = int(counts.sum() - counts[kept].sum())
    return Grid(
        grid.axis,
        places,
        grid.labels,
        grid.donors,
        grid.share,
        left_out=len(counts) - len(kept),
        left_out_share=outside / len(column.values),
    )


def first_rows(column: RawColumn, codes: Ints) -> Ints:
    """Return the first row with each level."""
    present, rows = np.unique(column.values, return_index=True)
    return rows[np.searchsorted(present, codes)].astype(np.int64)


def _with_missing(column: RawColumn, points: Floats, donors: Ints, counts: Ints) -> Grid:
    labels = tuple(column.label(point) for point in points)
    share = counts / len(column.values)
    absent = np.flatnonzero(column.missing)
    if len(absent):
        points = np.append(points, np.nan)
        donors = np.append(donors, absent[0])
        labels = (*labels, MISSING)
        share = np.append(share, len(absent) / len(column.values))
    return Grid(column.axis, points, labels, donors.astype(np.int64), share)
