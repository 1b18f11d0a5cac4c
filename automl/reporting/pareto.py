"""Candidates that no other beats in score, speed and disparity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import fairness
from automl.auditing.columns import sensitive_columns
from automl.reporting.groups import refusals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl.tuning.kept_rows import KeptRows
    from automl.winner import Winner
    from fairness import CountTable

SMALLEST = 30
"""Rows in a denominator from which on a group is compared."""

SECONDS = 6.0
"""Of predicting the kept rows by all candidates, at the speeds that the search measured."""

ROWS = (500, 5_000)
"""Rows that are predicted at least and at most."""


def unbeaten(board: pd.DataFrame, greater_is_better: bool) -> pd.DataFrame:
    """Return the rows that no other beats: score, predict_seconds and, where there, disparity.

    Of rows that are equal in everything the first one stays.
    """
    gain = board["score"] if greater_is_better else -board["score"]
    costs = [-gain, board["predict_seconds"]]
    if "disparity" in board.columns:
        costs.append(board["disparity"])
    points = np.column_stack([one.fillna(np.inf).to_numpy(dtype=np.float64) for one in costs])
    kept = [place for place in range(len(points)) if not _beaten(points, place)]
    return board.iloc[kept].reset_index(drop=True)


def _beaten(points: NDArray[np.float64], place: int) -> bool:
    own = points[place]
    no_worse = (points <= own).all(axis=1)
    better = (points < own).any(axis=1)
    first = np.arange(len(points)) < place
    return bool((no_worse & (better | first)).any())


def disparities(
    board: pd.DataFrame,
    kept: KeptRows,
    sensitive: Sequence[str],
    opened: Callable[[str], Winner],
    seed: int,
) -> pd.Series[float]:
    """Return each candidate's largest difference between groups, on sealed rows.

    Empty where no column makes groups that can be compared.

    Parameters
    ----------
    board : DataFrame
        Finished candidates: name and predict_seconds.
    kept : KeptRows
        Sealed rows.
    sensitive : sequence of str
        Columns that group them.
    opened : callable (str) -> Winner
        Opens a candidate by its name.
    seed : int
        Of the sample, where candidates are too slow for all rows.
    """
    cost = float(board["predict_seconds"].fillna(0.0).sum())
    most = int(np.clip(SECONDS / max(cost, 1e-9), *ROWS))
    n = len(kept.rows)
    rows = np.arange(n)
    if n > most:
        rows = np.sort(np.random.default_rng([seed, 0x9A]).choice(n, most, replace=False))
    frame = kept.frame.iloc[rows].reset_index(drop=True)
    groups = sensitive_columns(frame, sensitive, "the sealed rows")
    groups = groups.drop(columns=list(refusals(groups)))
    if groups.empty:
        return pd.Series(dtype=np.float64)
    weight = None if kept.weight is None else kept.weight[rows]
    found = [_of_one(opened(name), frame, kept.y[rows], weight, groups) for name in board["name"]]
    return pd.Series(found, index=board.index, dtype=np.float64)


def _of_one(
    winner: Winner,
    frame: pd.DataFrame,
    y: NDArray[np.float64],
    weight: NDArray[np.float64] | None,
    groups: pd.DataFrame,
) -> float:
    target = winner.schema.target
    if target.task == "regression":
        true, predicted = y, winner.predict(frame)
    else:
        names = np.array([str(one) for one in target.classes])
        true = names[y.astype(np.int64)]
        predicted = np.array([str(one) for one in winner.predict(frame)])
    table = fairness.CountTable.from_rows(
        true,
        predicted,
        sensitive=groups,
        weight=weight,
        positive=str(target.classes[1]) if target.task == "binary" else None,
        task=target.task,
    )
    spread = float(np.std(y)) if target.task == "regression" else 1.0
    return largest_difference(table, spread)


def largest_difference(table: CountTable, spread: float = 1.0) -> float:
    """Return the largest difference in equalized odds, or in mean errors of values.

    Parameters
    ----------
    table : fairness.CountTable
        Counts of the rows.
    spread : float
        Standard deviation of the target; for values only.
    """
    found = [_difference(table, name, spread) for name in table.sensitive]
    known = [one for one in found if np.isfinite(one)]
    return max(known) if known else float("nan")


def _difference(table: CountTable, name: str, spread: float) -> float:
    groups = table.groups((name,))
    if table.task == "regression":
        error = groups.moments["error"]
        enough = groups.n >= SMALLEST
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.asarray(error.total) / groups.weights.sum(axis=(1, 2)) / spread
        return _range(means[enough])
    found = []
    n_classes = groups.counts.shape[1]
    for place in range(1, n_classes) if n_classes == 2 else range(n_classes):
        others = np.arange(n_classes) != place
        for rows in (np.arange(n_classes) == place, others):
            counted = groups.counts[:, rows, :].sum(axis=(1, 2))
            with np.errstate(invalid="ignore", divide="ignore"):
                rate = groups.weights[:, rows, place].sum(axis=1) / groups.weights[:, rows, :].sum(
                    axis=(1, 2)
                )
            found.append(_range(rate[counted >= SMALLEST]))
    return float(np.nanmax(found)) if np.isfinite(found).any() else float("nan")


def _range(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(np.ptp(known)) if len(known) > 1 else float("nan")
