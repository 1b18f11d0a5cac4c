"""How alike similar rows are treated: predictions against the nearest neighbours'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from candor.statistics import scaled_interval, standard_error
from fairness.errors import ArgumentError
from fairness.rows.reading import Codes, Column, as_column, read_features, read_raw
from fairness.table.inputs import read_column
from fairness.table.values import Floats

LEVELS = 20
"""Levels of a category that have a coordinate of their own."""

_MOST_COORDINATES = 1_000


@dataclass(frozen=True)
class Consistency:
    """How far predictions agree with those of similar rows.

    Parameters
    ----------
    value : float
        1 minus the mean absolute difference between a row's prediction and the mean of its
        neighbours': 1 is best, 0 worst. NaN where there are too few rows or no usable columns.
    low, high : float
        Approximate interval: neighbourhoods overlap, so that rows are not independent.
    n, rows : int
        Rows that were used, and rows that there are.
    n_neighbors : int
        Neighbours of each row.
    scale : float
        What predictions were divided by: 1 for labels and for probabilities, the range of the
        predictions for other numbers.
    confidence : float
        Of the interval.
    seed : int
        Seed of the sample.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [0.0] * 6 + [1.0] * 6})
    >>> consistency(frame, [0] * 6 + [1] * 6).n
    12
    """

    value: float
    low: float
    high: float
    n: int
    rows: int
    n_neighbors: int
    scale: float
    confidence: float
    seed: int


def consistency(
    features: Any,
    y_pred: Any,
    *,
    n_neighbors: int = 5,
    max_rows: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Consistency:
    """Compare each prediction with those of the nearest neighbours.

    Parameters
    ----------
    features : frame
        Columns that say which rows are alike: a pandas, polars or Arrow frame. Sensitive columns
        do not belong in it.
    y_pred : array_like, shape (n_rows,)
        Predictions: labels, probabilities or numbers.
    n_neighbors : int, default 5
        Neighbours of each row, itself not among them.
    max_rows : int, default 10000
        With more rows a random sample is used, neighbours included.
    confidence : float, default 0.95
        Of the interval.
    seed : int, default 0
        Seed of the sample.

    Returns
    -------
    Consistency
        ``1 - mean |p_i - mean of p over the neighbours of i|`` (Zemel et al. 2013); for more than
        two labels, 1 minus the mean share of neighbours with another label.

    Raises
    ------
    ArgumentError
        The arguments differ in length, predictions are missing, or `n_neighbors` is not positive.
    ArgumentTypeError
        `features` is no frame.

    Notes
    -----
    Numbers are standardised, missing ones set to the mean and marked; of a category the 20 most
    frequent levels have a coordinate each, scaled so that two different levels are as far apart
    as numbers two standard deviations apart. Distance is Euclidean. The value depends on the
    columns given and on their scaling. The interval is normal, from the spread of the rows' terms.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [0.0] * 6 + [1.0] * 6})
    >>> consistency(frame, [0] * 6 + [1] * 6).value
    1.0
    """
    if n_neighbors < 1:
        raise ArgumentError("n_neighbors must be at least 1", got=f"got {n_neighbors}")
    raw = read_column(y_pred, "y_pred")
    frame = read_features(features, raw.n_rows)
    targets, scale = _targets(raw)
    n_rows = len(frame)
    rows = None
    if n_rows > max_rows:
        chosen = np.random.default_rng(seed).choice(n_rows, max_rows, replace=False)
        rows = np.sort(chosen).astype(np.int64)
        targets = targets[rows]
    points = _coordinates(frame, rows)
    terms = _terms(points, targets, n_neighbors)
    value, low, high = _with_interval(terms, confidence)
    return Consistency(
        value, low, high, len(targets), n_rows, n_neighbors, scale, confidence, seed
    )


def _targets(raw: Any) -> tuple[Floats, float]:
    """Return predictions on [0, 1], one column for each label, and what they were divided by."""
    column = as_column("y_pred", raw)
    if column is None or np.isnan(column.values).any():
        raise ArgumentError("y_pred has missing values", got="neighbours need a prediction each")
    values = column.values
    distinct = np.unique(values)
    if column.levels or (len(distinct) <= 2 and not _is_share(values)):
        codes = np.searchsorted(distinct, values)
        if len(distinct) <= 2:
            return codes.astype(np.float64)[:, None], 1.0
        # half of the absolute differences over all labels is the share with another label
        return np.eye(len(distinct))[codes] / 2, 1.0
    if _is_share(values):
        return values[:, None], 1.0
    scale = float(distinct[-1] - distinct[0])
    return (values[:, None] - distinct[0]) / scale, scale


def _is_share(values: Floats) -> bool:
    return bool(len(values) == 0 or (values.min() >= 0 and values.max() <= 1))


def _coordinates(frame: pd.DataFrame, rows: Codes | None) -> Floats:
    """Return the rows as points."""
    blocks: list[Floats] = []
    for place, name in enumerate(frame.columns):
        column = as_column(str(name), read_raw(frame, place, rows))
        if column is not None:
            blocks += _blocks(column)
        if sum(block.shape[1] for block in blocks) > _MOST_COORDINATES:
            break
    n_rows = len(frame) if rows is None else len(rows)
    return np.column_stack(blocks) if blocks else np.zeros((n_rows, 0))


def _blocks(column: Column) -> list[Floats]:
    """Return the coordinates of one column."""
    missing = np.isnan(column.values)
    if missing.all():
        return []
    marks = [missing[:, None].astype(np.float64)] if missing.any() else []
    if column.levels:
        codes = np.where(missing, -1, np.minimum(np.nan_to_num(column.values), LEVELS))
        levels = np.arange(min(column.levels, LEVELS + 1))
        # two different levels are 2 apart: sqrt(2) in each of two coordinates
        return [np.sqrt(2.0) * (codes[:, None] == levels[None, :]).astype(np.float64), *marks]
    known = column.values[~missing]
    spread = float(known.std())
    if not spread > 0:
        return marks
    scaled = np.where(missing, 0.0, (np.nan_to_num(column.values) - known.mean()) / spread)
    return [scaled[:, None], *marks]


def _terms(points: Floats, targets: Floats, n_neighbors: int) -> Floats:
    """Return each row's distance from the mean of its neighbours."""
    n_rows = len(points)
    if points.shape[1] == 0 or n_rows <= n_neighbors:
        return np.empty(0)
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=n_neighbors, n_jobs=1).fit(points)
    # without an argument a row is never its own neighbour, ties or not
    near = found.kneighbors(return_distance=False)
    terms: Floats = np.abs(targets - targets[near].mean(axis=1)).sum(axis=1)
    return terms


def _with_interval(terms: Floats, confidence: float) -> tuple[float, float, float]:
    if len(terms) == 0:
        return np.nan, np.nan, np.nan
    value = 1 - float(terms.mean())
    low, high = scaled_interval(value, standard_error(terms.mean() - terms), confidence)
    return value, max(low, 0.0), min(high, 1.0)
