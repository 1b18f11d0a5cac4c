"""One-vs-rest ROC AUC of each group, and their mean, from scores of held-out folds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candor.statistics import (
    StandardError,
    roc_auc,
    roc_auc_influence,
    scaled_interval,
    standard_error,
)
from fairness.table.values import Floats

FOLDS = 5


@dataclass(frozen=True)
class Area:
    """An AUC with its interval."""

    value: float
    low: float
    high: float


NO_AREA = Area(math.nan, math.nan, math.nan)


def stratified_folds(codes: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Deal the rows of each group out to the folds, in random order."""
    order = rng.permutation(len(codes))
    order = order[np.argsort(codes[order], kind="stable")]
    fold = np.empty(len(codes), np.int64)
    fold[order] = np.arange(len(codes)) % FOLDS
    return fold


def one_vs_rest(
    codes: NDArray[np.int64], scores: Floats, fold: NDArray[np.int64], n_groups: int
) -> tuple[Floats, Floats]:
    """Return each group's AUC, and the influence of each row on it.

    Scores are compared within folds only, because those of different folds come from different
    fits; a group's AUC is the folds' mean, weighted by rows.

    Parameters
    ----------
    codes : ndarray of int64, shape (n_rows,)
        Group of each row.
    scores : ndarray of float64, shape (n_rows, n_groups)
        How much each row looks like each group.
    fold : ndarray of int64, shape (n_rows,)
        Fold in which each row was held out.
    n_groups : int
        Number of groups; with two, the second one's AUC is computed and serves for both.

    Returns
    -------
    tuple of ndarray
        Areas, shape (n_groups,), and influence, shape (n_groups, n_rows).
    """
    areas = np.zeros(n_groups)
    influence = np.zeros((n_groups, len(codes)))
    wanted = (1,) if n_groups == 2 else range(n_groups)
    for k in range(FOLDS):
        rows = np.flatnonzero(fold == k)
        for group in wanted:
            y, score = (codes[rows] == group).astype(np.int8), scores[rows, group]
            area = roc_auc(y, score)
            areas[group] += area * len(rows) / len(codes)
            influence[group, rows] = roc_auc_influence(y, score)
    if n_groups == 2:
        areas[0], influence[0] = areas[1], influence[1]
    return areas, influence


def with_interval(
    value: float, influence: Floats, weight: Floats | None, confidence: float
) -> Area:
    """Return an AUC with a logit interval from its influence values."""
    error = standard_error(influence, weight)
    return _area(value, error, confidence)


def from_counted(
    value: float, influence: Floats, counts: NDArray[np.int64], confidence: float
) -> Area:
    """Return an AUC with its interval where each influence value stands for several rows."""
    n = float(counts.sum())
    variance = float((counts * influence**2).sum()) / (n * (n - 1))
    return _area(value, StandardError(math.sqrt(variance), n, n - 1), confidence)


def _area(value: float, error: StandardError, confidence: float) -> Area:
    low, high = scaled_interval(min(max(value, 0.0), 1.0), error, confidence, "logit")
    return Area(value, low, high)
