"""Scores: their bins, what they predict, and what is summed up of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from fairness.errors import ArgumentError
from fairness.table.cells import Codes, Mass, moments_of
from fairness.table.numbers import check_finite, quantiles
from fairness.table.outcomes import Outcome
from fairness.table.values import Counts, Floats, Moments, ScoreGrid

MOST_LEVELS = 512
"""Up to so many distinct scores each have a bin of their own."""

SMALLEST = 1e-15
"""Probabilities are kept so far from 0 and 1 in the log loss."""

_STEP, _STEPS = 0.02, 500
"""Width of a probability's bin in log-odds, and bins on each side of one half."""


@cache
def probability_grid() -> ScoreGrid:
    """Return the grid of probabilities: log-odds from -10 to 10 in steps of 0.02.

    Cut points are rounded to 12 decimals, so that every machine has the same ones.
    """
    lower = [round(1 / (1 + math.exp(_STEP * i)), 12) for i in range(_STEPS, 0, -1)]
    upper = [round(1 - edge, 12) for edge in reversed(lower)]
    return ScoreGrid("probability", (*lower, 0.5, *upper))


@dataclass(frozen=True)
class Levels:
    """Which scores there are; two of them, from two batches, can be united.

    Parameters
    ----------
    low, high : float
        Smallest and largest score.
    distinct : tuple of float or None
        The distinct scores in order; None where there are more than `MOST_LEVELS`.
    """

    low: float
    high: float
    distinct: tuple[float, ...] | None

    def __or__(self, other: Levels) -> Levels:
        distinct = None
        if self.distinct is not None and other.distinct is not None:
            both = sorted({*self.distinct, *other.distinct})
            distinct = tuple(both) if len(both) <= MOST_LEVELS else None
        return Levels(min(self.low, other.low), max(self.high, other.high), distinct)

    @property
    def probability(self) -> bool:
        """Whether all scores lie in [0, 1]."""
        return self.low >= 0 and self.high <= 1


def find_levels(score: Floats) -> Levels:
    """Return the range of the scores, and the distinct ones where they are few."""
    low, high = float(score.min()), float(score.max())
    distinct = None
    if len(pd.unique(score[: 4 * MOST_LEVELS])) <= MOST_LEVELS:
        values = np.unique(pd.unique(score))
        distinct = tuple(values.tolist()) if len(values) <= MOST_LEVELS else None
    return Levels(low, high, distinct)


def choose_grid(levels: Levels, score: Floats, counts: Counts) -> ScoreGrid:
    """Choose the bins: fixed for probabilities, else one for each distinct score or quantile."""
    if levels.probability:
        return probability_grid()
    if levels.distinct is not None:
        return level_grid(levels.distinct)
    points, _ = quantiles(score, counts, MOST_LEVELS)
    return ScoreGrid("edges", tuple(points.tolist()))


def level_grid(distinct: tuple[float, ...]) -> ScoreGrid:
    """Return the grid with a bin of its own for each of the given scores.

    The smallest score, too, is a cut point, with an empty bin below it: so two such grids are
    equal only where the scores are.
    """
    return ScoreGrid("edges", distinct)


def to_bins(score: Floats, grid: ScoreGrid) -> Codes:
    """Return the bin of each score."""
    if grid.kind == "probability" and (score.min() < 0 or score.max() > 1):
        raise ArgumentError(
            "y_score leaves the range from 0 to 1 in which it began",
            got=f"scores from {score.min():g} to {score.max():g}",
            hint="probabilities everywhere, or the same ordered scale everywhere",
        )
    return np.searchsorted(np.array(grid.edges), score, side="right")


def binary_moments(
    score: Floats, outcome: Codes, mass: Mass, probability: bool
) -> Iterator[tuple[str, Moments]]:
    """Yield the moments of a score, and of its losses where it is a probability."""
    yield "score", moments_of(score, mass)
    if not probability:
        return
    right = np.where(outcome == 1, score, 1 - score)
    yield "log_loss", moments_of(-np.log(np.clip(right, SMALLEST, 1 - SMALLEST)), mass)
    yield "squared_error", moments_of((score - outcome) ** 2, mass)


def multiclass_moments(
    scores: Floats, outcome: Codes, mass: Mass
) -> Iterator[tuple[str, Moments]]:
    """Yield the moments of the losses of class probabilities, shape (n_rows, n_classes)."""
    rows = np.arange(len(scores))
    right = scores[rows, outcome]
    yield "log_loss", moments_of(-np.log(np.clip(right, SMALLEST, 1 - SMALLEST)), mass)
    error = scores.copy()
    error[rows, outcome] -= 1
    yield "squared_error", moments_of((error**2).sum(axis=1), mass)


def regression_moments(
    true: Floats, predicted: Floats | None, mass: Mass
) -> Iterator[tuple[str, Moments]]:
    """Yield the moments of a quantity, of its prediction and of the errors."""
    yield "outcome", moments_of(true, mass)
    yield "outcome_squared", moments_of(true**2, mass)
    if predicted is None:
        return
    error = predicted - true
    yield "prediction", moments_of(predicted, mass)
    yield "error", moments_of(error, mass)
    yield "absolute_error", moments_of(np.abs(error), mass)
    yield "squared_error", moments_of(error**2, mass)


def as_matrix(matrix: Any) -> Floats:
    """Return scores of several classes as finite numbers."""
    try:
        scores = np.asarray(matrix, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(
            "y_score must hold numbers", got=f"its first row is {matrix[0].tolist()}"
        ) from None
    check_finite(scores.sum(axis=1), "y_score")
    return scores


def check_matrix(scores: Floats, columns: tuple[str, ...]) -> Floats:
    """Return class probabilities, or say what is wrong with them."""
    if scores.shape[1] != len(columns):
        raise ArgumentError(
            f"y_score has {scores.shape[1]} columns for {len(columns)} classes",
            got=f"y_true has {', '.join(columns)}",
            hint="one column for each class, in sorted order, as predict_proba gives them",
        )
    outside = np.flatnonzero((scores.min(axis=1) < 0) | (scores.max(axis=1) > 1))
    if len(outside):
        raise ArgumentError(
            "columns of y_score must be probabilities in [0, 1]",
            got=f"row {outside[0]:,} (counted from 0) holds {scores[outside[0]].tolist()}",
        )
    off = np.flatnonzero(np.abs(scores.sum(axis=1) - 1) > 1e-3)
    if len(off):
        raise ArgumentError(
            "the columns of y_score must add up to 1 in each row",
            got=f"row {off[0]:,} (counted from 0) adds up to {scores[off[0]].sum():.4g}",
        )
    return scores


def in_class_order(scores: Floats, outcome: Outcome) -> Floats:
    """Return the columns of class probabilities in the order of the classes' codes."""
    order = [outcome.columns.index(label) for label in outcome.classes]
    return scores[:, order]


def positive_column(scores: Floats, outcome: Outcome) -> Floats:
    """Return the probability of the positive label."""
    return scores[:, outcome.columns.index(outcome.classes[1])]
