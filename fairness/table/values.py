"""Frozen values of the count table: what a cell is, and what a group adds up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Task = Literal["binary", "multiclass", "regression"]

MISSING = "(missing)"
"""Name of the group of rows whose attribute is missing."""

TIMES = " × "
"""What joins the names of attributes, and of groups, that are crossed."""

ALL = "(all)"
"""Attribute, and group, of all rows together."""


@dataclass(frozen=True)
class Attribute:
    """One attribute that groups the rows.

    Parameters
    ----------
    name : str
        Its name.
    groups : tuple of str
        Names of the groups, in order; `MISSING`, where there is one, is the last.
    edges : tuple of float
        Cut points where the attribute is a number that was binned: group i holds values from
        ``edges[i - 1]`` (inclusive) to ``edges[i]`` (exclusive). Empty where it was not.
    control : bool
        Whether it is a control feature (a stratum to compare within), not a sensitive one.
    """

    name: str
    groups: tuple[str, ...]
    edges: tuple[float, ...] = ()
    control: bool = False


@dataclass(frozen=True)
class ScoreGrid:
    """How scores are binned.

    Parameters
    ----------
    kind : {"probability", "edges"}
        probability: a fixed grid over [0, 1], fine at both ends, the same for every table.
        edges: cut points of an ordered score on any scale.
    edges : tuple of float
        Ascending cut points: bin i holds scores from ``edges[i - 1]`` (inclusive) to ``edges[i]``
        (exclusive); there is one bin more than there are edges.
    """

    kind: Literal["probability", "edges"]
    edges: tuple[float, ...]


@dataclass(frozen=True)
class Histogram:
    """Scores of groups, by outcome and bin: what AUC, calibration and sweeps are computed from.

    Every array has the shape (n_groups, 2, n_bins): group, outcome (0 or 1), bin; only bins that
    hold rows in any group are kept, in ascending order of score.

    Parameters
    ----------
    counts : ndarray of int64
        Rows.
    weights, weights_squared : ndarray of float64
        Sum of the rows' weights, and of their squares.
    scores, scores_squared : ndarray of float64
        Weighted sum of the scores, and of their squares.
    low, high : ndarray of float64, shape (n_bins,)
        Smallest and largest score in each bin, over all groups.
    """

    counts: Counts
    weights: Floats
    weights_squared: Floats
    scores: Floats
    scores_squared: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Moments:
    """Weighted sums of a quantity x over the rows of each group, each of shape (n_groups,).

    Parameters
    ----------
    total : ndarray of float64
        Sum of w x.
    weighted : ndarray of float64
        Sum of w² x; equal to `total` without weights.
    squared : ndarray of float64
        Sum of w² x²; with it, the standard error of every ratio with x above the line is exact.
    """

    total: Floats
    weighted: Floats
    squared: Floats


@dataclass(frozen=True)
class GroupCounts:
    """What the rows of each group add up to: all that metrics and inference see.

    Groups without a single row are left out.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
        What is predicted.
    attribute : str
        Name of the attribute, or names joined by " × ".
    groups : tuple of str
        Names of the groups, crossed ones joined by " × ".
    classes : tuple of str
        Labels, in order; for a binary outcome (negative, positive); empty for regression without
        a threshold.
    counts : ndarray of int64, shape (n_groups, n_outcomes, n_predictions)
        Rows by outcome and prediction. Classification: (n_groups, K, K), axis 1 true, axis 2
        predicted; regression: the same with K = 2 (below or above the threshold) where there is a
        threshold; (n_groups, 1, 1) without. Without predictions axis 2 has length 1.
    weights, weights_squared : ndarray of float64
        Of the same shape: sum of the rows' weights, and of their squares.
    moments : mapping of str to Moments
        By name of the quantity. Binary with scores: "score", and for scores that are
        probabilities "log_loss" and "squared_error"; multiclass with probabilities: "log_loss",
        "squared_error" (summed over classes); regression: "outcome", "outcome_squared",
        "prediction", "error" (prediction − outcome), "absolute_error", "squared_error".
    histogram : Histogram or None
        Binned scores; None without scores, for multiclass and for regression.
    probability : bool
        Whether scores are probabilities (in [0, 1]).
    weighted : bool
        Whether any row has a weight other than 1.
    codes : ndarray of int64, shape (n_groups, n_attributes)
        Which group of each crossed attribute each group is, in the order of `names`.
    names : tuple of str
        The attributes that are crossed.
    """

    task: Task
    attribute: str
    groups: tuple[str, ...]
    classes: tuple[str, ...]
    counts: Counts
    weights: Floats
    weights_squared: Floats
    moments: Mapping[str, Moments] = field(default_factory=dict)
    histogram: Histogram | None = None
    probability: bool = False
    weighted: bool = False
    codes: Counts = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    names: tuple[str, ...] = ()

    @property
    def n(self) -> Counts:
        """Rows of each group, shape (n_groups,)."""
        total: Counts = self.counts.sum(axis=(1, 2))
        return total

    @property
    def has_predictions(self) -> bool:
        """Whether rows are told apart by what was predicted."""
        return bool(self.counts.shape[2] > 1)
