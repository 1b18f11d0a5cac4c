"""Inequality of benefits among people, split into within and between groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import xlogy

from fairness.errors import ArgumentError
from fairness.metrics.cells import Floats, divide
from fairness.metrics.normal import quantile
from fairness.table.values import GroupCounts

_BENEFIT = np.array([[1.0, 2.0], [0.0, 1.0]])
"""Prediction - outcome + 1, by outcome and prediction."""


@dataclass(frozen=True)
class _Split:
    """One index with its parts and the standard error of the total."""

    total: float
    within: float
    between: float
    error: float


def inequality(counts: GroupCounts, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return how unequally the benefits of decisions are spread, within and between groups.

    The benefit of a row is prediction - outcome + 1: 2 for a false positive, 1 for a right
    prediction, 0 for a false negative.

    Parameters
    ----------
    counts : GroupCounts
        Counts of a binary outcome with predictions.
    confidence : float, default 0.95
        Coverage of the total's interval.

    Returns
    -------
    DataFrame
        Rows "theil" (generalised entropy with alpha = 1) and "ge2" (alpha = 2, half the squared
        coefficient of variation); columns index, total, within, between (which add up to the
        total), low, high (of the total, by linearisation, cut at 0). NaN where all benefits are 0.

    Raises
    ------
    ArgumentError
        If the outcome is not binary or there are no predictions.

    Notes
    -----
    Speicher, Heidari, Grgić-Hlača, Gummadi, Singla, Weller & Zafar (2018), "A unified approach to
    quantifying algorithmic unfairness".

    Examples
    --------
    >>> cells = np.array([[[3, 1], [2, 4]], [[5, 3], [2, 2]]])
    >>> w = cells.astype(float)
    >>> counts = GroupCounts("binary", "sex", ("f", "m"), ("0", "1"), cells, w, w)
    >>> inequality(counts)["total"].round(4).tolist()
    [0.2521, 0.1818]
    """
    if counts.task != "binary" or not counts.has_predictions:
        raise ArgumentError(
            "inequality is for predictions of a binary outcome",
            got=f"the task is {counts.task}" if counts.task != "binary" else "there are none",
        )
    z = quantile(confidence)
    rows = []
    for name, split in (("theil", _theil(counts)), ("ge2", _half_squared_variation(counts))):
        low, high = max(split.total - z * split.error, 0.0), split.total + z * split.error
        if np.isnan(split.total):
            low = high = float("nan")
        rows.append((name, split.total, split.within, split.between, low, high))
    return pd.DataFrame(rows, columns=["index", "total", "within", "between", "low", "high"])


def _theil(counts: GroupCounts) -> _Split:
    """Split the mean of (b / μ) log(b / μ)."""
    weight, mean = _means(counts, _BENEFIT)
    share, overall = weight / weight.sum(), float(weight @ mean / weight.sum())
    if overall == 0:
        return _undefined()
    logs = xlogy(_BENEFIT, _BENEFIT)
    _, log_mean = _means(counts, logs)
    between = float((share * xlogy(mean / overall, mean / overall)).sum())
    within = float((share * (log_mean - xlogy(mean, mean))).sum() / overall)
    a = float(share @ log_mean)
    influence = (logs - a) / overall - (a / overall + 1) * (_BENEFIT - overall) / overall
    return _Split(a / overall - np.log(overall), within, between, _error(counts, influence))


def _half_squared_variation(counts: GroupCounts) -> _Split:
    """Split half the squared coefficient of variation."""
    weight, mean = _means(counts, _BENEFIT)
    share, overall = weight / weight.sum(), float(weight @ mean / weight.sum())
    if overall == 0:
        return _undefined()
    _, square = _means(counts, _BENEFIT**2)
    second = float(share @ square)
    between = float(share @ (mean**2 - overall**2)) / (2 * overall**2)
    within = float(share @ (square - mean**2)) / (2 * overall**2)
    slope = second * (_BENEFIT - overall) / overall**3
    influence = (_BENEFIT**2 - second) / (2 * overall**2) - slope
    return _Split(second / (2 * overall**2) - 0.5, within, between, _error(counts, influence))


def _means(counts: GroupCounts, benefit: Floats) -> tuple[Floats, Floats]:
    """Return each group's weight and mean benefit; 0 for a group without weight."""
    weight: Floats = counts.weights.sum(axis=(1, 2))
    total = (counts.weights * benefit).sum(axis=(1, 2))
    return weight, np.nan_to_num(divide(total, weight))


def _error(counts: GroupCounts, influence: Floats) -> float:
    variance = (counts.weights_squared * influence**2).sum() / counts.weights.sum() ** 2
    return float(np.sqrt(variance))


def _undefined() -> _Split:
    return _Split(float("nan"), float("nan"), float("nan"), float("nan"))
