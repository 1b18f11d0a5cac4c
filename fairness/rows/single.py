"""How well one column alone tells the groups of an attribute apart.

The column is binned, and the bins are ranked by the share of a group among rows of the other
folds, so that the direction, and any bend, is learned and never judged on the rows it was learned
from. All of it is arithmetic on counts by fold, bin and group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candor.statistics import roc_auc, roc_auc_influence
from fairness.rows.independence import association_p
from fairness.rows.ranking import FOLDS, Area, from_counted
from fairness.rows.reading import Column
from fairness.table.values import Floats

BINS = 32
_PRIOR_ROWS = 2.0


@dataclass(frozen=True)
class ColumnFinding:
    """What one column tells about an attribute."""

    area: Area
    p_value: float


def bin_column(column: Column) -> NDArray[np.int64]:
    """Return the bin of each row; missing values have a bin of their own.

    Numbers with up to 32 values have a bin for each, others bins of equal counts; of a category
    the 31 most frequent levels have bins of their own.
    """
    missing = np.isnan(column.values)
    present = column.values[~missing]
    bins = np.zeros(len(column.values), np.int64)
    if column.levels:
        bins[~missing] = np.minimum(present, BINS - 1).astype(np.int64)
    elif len(present):
        # one sort serves both the distinct values and the quantiles
        ordered = np.sort(present)
        distinct = ordered[np.append(True, ordered[1:] != ordered[:-1])]
        if len(distinct) > BINS:
            places = np.linspace(0, len(ordered), BINS + 1)[1:-1].astype(np.int64)
            distinct = np.unique(ordered[places])
        bins[~missing] = np.searchsorted(distinct, present, side="right")
    bins[missing] = int(bins.max(initial=0)) + 1
    return bins


def find_single(
    bins: NDArray[np.int64],
    codes: NDArray[np.int64],
    fold: NDArray[np.int64],
    n_groups: int,
    confidence: float,
) -> ColumnFinding:
    """Return how well binned values of one column tell the groups apart.

    The AUC is the one-vs-rest mean, weighted by the groups' shares; a value below one half is
    chance and is given as one half.
    """
    n_bins = int(bins.max(initial=0)) + 1
    cell = (fold * n_bins + bins) * n_groups + codes
    counts = np.bincount(cell, minlength=FOLDS * n_bins * n_groups)
    by_fold = counts.reshape(FOLDS, n_bins, n_groups)
    whole = by_fold.sum(axis=0)
    shares = whole.sum(axis=0) / len(codes)
    value = 0.0
    influence = np.zeros(by_fold.shape)
    for k in range(FOLDS):
        area, part = _fold_area(by_fold[k], whole - by_fold[k], shares)
        value += area * by_fold[k].sum() / len(codes)
        influence[k] = part
    found = from_counted(max(value, 0.5), influence, by_fold, confidence)
    floored = Area(found.value, max(found.low, 0.5), found.high)
    return ColumnFinding(floored, association_p(whole))


def _fold_area(
    held_out: NDArray[np.int64], others: NDArray[np.int64], shares: Floats
) -> tuple[float, Floats]:
    """Return the mean AUC in one fold, and the influence of a row of each bin and group."""
    n_bins, n_groups = held_out.shape
    sizes = others.sum(axis=1, keepdims=True)
    scores = (others + _PRIOR_ROWS * shares) / (sizes + _PRIOR_ROWS)
    in_bin, in_groups = held_out.sum(axis=1), held_out.sum(axis=0)
    label = np.repeat([1, 0], n_bins)
    value = 0.0
    influence: Floats = np.zeros(held_out.shape)
    # with two groups both have the same area: the second serves for both
    weights = [(1, 1.0)] if n_groups == 2 else list(enumerate(shares))
    for group, share in weights:
        if in_groups[group] == 0 or in_groups[group] == in_bin.sum():
            value += 0.5 * share
            continue
        own = held_out[:, group]
        mass = np.concatenate([own, in_bin - own]).astype(np.float64)
        score = np.tile(scores[:, group], 2)
        value += share * roc_auc(label, score, mass)
        parts = share * roc_auc_influence(label, score, mass)
        influence += parts[n_bins:, None]
        influence[:, group] += parts[:n_bins] - parts[n_bins:]
    return value, influence
