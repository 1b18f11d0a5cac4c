"""Frozen values of the metrics: what a metric is, and what it comes to in each group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fairness.table.values import Task

Floats = NDArray[np.float64]
Kind = Literal["proportion", "mean", "ratio", "score"]


@dataclass(frozen=True)
class Metric:
    """One quantity that is compared between groups.

    Parameters
    ----------
    name : str
        Its name in frames, such as "fpr".
    label : str
        Its name for people, such as "False positive rate".
    formula : str
        The formula in plain text, such as "FP / (FP + TN)".
    range : tuple of float
        Smallest and largest possible value.
    better : {"higher", "lower", "neither"}
        Which direction is better for those who are decided on, where that can be said at all.
    tasks : tuple of str
        Tasks that it is defined for.
    needs : {"outcomes", "predictions", "scores", "probabilities"}
        What has to be known besides the groups.
    kind : {"proportion", "mean", "ratio", "score"}
        proportion: a share of rows (has exact intervals); mean: a mean over rows; ratio: any other
        ratio of sums, or a sum of such; score: from binned scores.
    reference : str
        Where it is defined or discussed.
    ratio : bool
        Whether a ratio between groups has a meaning (a value that is never negative).

    Examples
    --------
    >>> from fairness.metrics import METRICS
    >>> METRICS["ppv"].label, METRICS["ppv"].better
    ('Positive predictive value', 'higher')
    """

    name: str
    label: str
    formula: str
    range: tuple[float, float]
    better: Literal["higher", "lower", "neither"]
    tasks: tuple[Task, ...]
    needs: Literal["outcomes", "predictions", "scores", "probabilities"]
    kind: Kind
    reference: str
    ratio: bool = True


@dataclass(frozen=True)
class Notion:
    """A named notion of parity: one or several metrics that have to be equal between groups.

    Parameters
    ----------
    name : str
        Such as "equalized_odds".
    label : str
        Its name for people.
    metrics : tuple of str
        Names of the metrics; its disparity is the largest of theirs.
    reference : str
        Where it is defined.

    Examples
    --------
    >>> from fairness.metrics import NOTIONS
    >>> NOTIONS["equalized_odds"].metrics
    ('tpr', 'fpr')
    """

    name: str
    label: str
    metrics: tuple[str, ...]
    reference: str


@dataclass(frozen=True)
class Estimates:
    """One metric in each group of one attribute; every array has the shape (n_groups,).

    Parameters
    ----------
    metric : Metric
        What is estimated. For a class of a multiclass outcome its name is such as "tpr[setosa]".
    attribute : str
        Name of the attribute, or crossed names.
    groups : tuple of str
        Names of the groups.
    n : ndarray of int64
        Rows of each group.
    denominator : ndarray of int64
        Rows that the estimate stands on: those with a part in the metric's denominator (for ROC
        AUC and balanced accuracy the smaller of positives and negatives).
    effective : ndarray of float64
        Kish's effective number of those rows, (sum w)² / sum w²; the same without weights.
    value : ndarray of float64
        The plug-in estimate; NaN where the denominator is 0.
    error : ndarray of float64
        Standard error by linearisation; 0 where all rows agree, NaN where `value` is.
    bin_error : ndarray of float64
        Largest error that binning the scores can have caused; 0 for everything else.

    Examples
    --------
    >>> from fairness.metrics import estimate
    >>> from fairness.table import CountTable
    >>> table = CountTable.from_rows([0, 1, 1, 1], [0, 1, 0, 1], sensitive={"sex": list("ffmm")})
    >>> found = estimate("tpr", table.groups(["sex"]))
    >>> found.groups, found.value.tolist(), found.denominator.tolist()
    (('f', 'm'), [1.0, 0.5], [1, 2])
    """

    metric: Metric
    attribute: str
    groups: tuple[str, ...]
    n: NDArray[np.int64]
    denominator: NDArray[np.int64]
    effective: Floats
    value: Floats
    error: Floats
    bin_error: Floats
