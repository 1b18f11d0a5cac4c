"""Ranking scores of a binary outcome, with weights, ties and influence functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Levels:
    """Weight of positives and negatives at each distinct score, in ascending order."""

    positive: Floats
    negative: Floats
    level_of_row: NDArray[np.int64] | None


def _levels(y: NDArray[Any], score: Floats, weight: Floats | None, rows: bool) -> _Levels:
    """Sort the scores once and add up the weights at each distinct one."""
    order = np.argsort(score)
    ordered = score[order]
    hit = y[order] == 1
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    if weight is None:
        below = np.cumsum(hit)[last].astype(np.float64)
        total = last + 1.0
    else:
        mass = weight[order]
        below = np.cumsum(mass * hit)[last]
        total = np.cumsum(mass)[last]
    positive = np.diff(below, prepend=0.0)
    # A difference of sums may end a hair below zero.
    negative = np.maximum(np.diff(total, prepend=0.0) - positive, 0.0)
    level_of_row = None
    if rows:
        level_of_row = np.empty(len(order), dtype=np.int64)
        sizes = np.diff(last, prepend=-1)
        level_of_row[order] = np.repeat(np.arange(len(last)), sizes)
    return _Levels(positive, negative, level_of_row)


def roc_auc(y: NDArray[Any], score: Floats, weight: Floats | None = None) -> float:
    """Return the area under the ROC curve: P(score of a positive > score of a negative).

    Parameters
    ----------
    y : ndarray, shape (n_rows,)
        Outcome; 1 is positive, everything else negative.
    score : ndarray of float64, shape (n_rows,)
        Larger means more likely positive. Ties count one half.
    weight : ndarray of float64, shape (n_rows,), optional
        Row weights. Default: all equal.

    Returns
    -------
    float
        Area between 0 and 1; NaN where one of the two outcomes has no weight.

    Examples
    --------
    >>> roc_auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    if len(y) == 0:
        return math.nan
    levels = _levels(y, score, weight, rows=False)
    below = np.cumsum(levels.negative) - levels.negative / 2
    pairs = levels.positive.sum() * levels.negative.sum()
    return float(levels.positive @ below / pairs) if pairs > 0 else math.nan


def roc_auc_influence(y: NDArray[Any], score: Floats, weight: Floats | None = None) -> Floats:
    """Return the influence of each row on `roc_auc`.

    A positive row has ``(P(negative below it) - AUC) / P(positive)``, a negative one
    ``(P(positive above it) - AUC) / P(negative)``: the structural components of DeLong, DeLong and
    Clarke-Pearson (1988), from one sort (Sun and Xu 2014).

    Parameters
    ----------
    y, score, weight
        As in `roc_auc`; both outcomes must have weight.

    Returns
    -------
    ndarray of float64, shape (n_rows,)
        Influence values; their weighted mean is 0.

    Examples
    --------
    >>> roc_auc_influence(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    array([ 0.5, -0.5, -0.5,  0.5])
    """
    levels = _levels(y, score, weight, rows=True)
    n_positive, n_negative = levels.positive.sum(), levels.negative.sum()
    total = n_positive + n_negative
    below = (np.cumsum(levels.negative) - levels.negative / 2) / n_negative
    above = 1 - (np.cumsum(levels.positive) - levels.positive / 2) / n_positive
    area = float(levels.positive @ below / n_positive)
    placed = np.where(y == 1, below[levels.level_of_row], above[levels.level_of_row])
    influence: Floats = (placed - area) * total / np.where(y == 1, n_positive, n_negative)
    return influence


def average_precision(y: NDArray[Any], score: Floats, weight: Floats | None = None) -> float:
    """Return the average precision: the mean precision at the positives' scores.

    Parameters
    ----------
    y, score, weight
        As in `roc_auc`.

    Returns
    -------
    float
        ``sum_n (R_n - R_{n-1}) P_n`` over the distinct scores; NaN where no positive has weight.

    Examples
    --------
    >>> round(average_precision(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])), 4)
    0.8333
    """
    if len(y) == 0:
        return math.nan
    levels = _levels(y, score, weight, rows=False)
    n_positive = levels.positive.sum()
    if n_positive <= 0:
        return math.nan
    return float(levels.positive @ _precision(levels)[0] / n_positive)


def average_precision_influence(
    y: NDArray[Any], score: Floats, weight: Floats | None = None
) -> Floats:
    """Return the influence of each row on `average_precision`.

    A row moves the share of its own precision, the number of positives, and the precision at
    every score not above its own: the functional derivative of ``E[y Prec(s)] / P(y)``.

    Parameters
    ----------
    y, score, weight
        As in `roc_auc`; positives must have weight.

    Returns
    -------
    ndarray of float64, shape (n_rows,)
        Influence values; their weighted mean is 0.

    Examples
    --------
    >>> values = average_precision_influence(
    ...     np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4])
    ... )
    >>> values.round(4)
    array([ 0.    , -0.1111, -0.4444,  0.5556])
    """
    levels = _levels(y, score, weight, rows=True)
    precision, reached = _precision(levels)
    n_positive = levels.positive.sum()
    total = n_positive + levels.negative.sum()
    value = float(levels.positive @ precision / n_positive)
    # Only scores with positives count; where nothing has weight nothing is reached.
    step = np.divide(
        levels.positive, reached, out=np.zeros_like(reached), where=levels.positive > 0
    )
    gained = np.cumsum(step)[levels.level_of_row]
    lost = np.cumsum(step * precision)[levels.level_of_row]
    hit = (y == 1).astype(np.float64)
    own = precision[levels.level_of_row]
    influence: Floats = (hit * (own - value) + hit * gained - lost) * total / n_positive
    return influence


def _precision(levels: _Levels) -> tuple[Floats, Floats]:
    """Return precision, and the weight, of all rows at or above each distinct score."""
    hits = np.cumsum(levels.positive[::-1])[::-1]
    reached = hits + np.cumsum(levels.negative[::-1])[::-1]
    precision = np.divide(hits, reached, out=np.zeros_like(hits), where=reached > 0)
    return precision, reached
