"""Frozen values of the inference: intervals of groups, disparities between them, verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
State = Literal["estimable", "weak", "not estimable", "undefined"]
Verdict = Literal["beyond", "within", "not enough data"]
Kind = Literal["difference", "ratio"]

SMALLEST = 30
"""Rows in a denominator below which a rate is "not estimable"."""


@dataclass(frozen=True)
class GroupIntervals:
    """Intervals of one metric in each group, each at the confidence by itself.

    Parameters
    ----------
    low, high : ndarray of float64, shape (n_groups,)
        The ends; NaN where undefined.
    method : tuple of str
        "exact" (Clopper-Pearson), "Korn-Graubard" (the same on effective rows, where weights
        differ), "Wilson", or "linearised" for each group.
    state : tuple of str
        "estimable", "weak", "not estimable" or "undefined" for each group.

    Examples
    --------
    >>> one = GroupIntervals(np.array([0.2]), np.array([0.4]), ("Wilson",), ("weak",))
    >>> print((one.high - one.low).round(2), one.state)
    [0.2] ('weak',)
    """

    low: Floats
    high: Floats
    method: tuple[str, ...]
    state: tuple[State, ...]


@dataclass(frozen=True)
class Shrunk:
    """Empirical Bayes estimates of one metric in each group.

    Parameters
    ----------
    value, low, high : ndarray of float64, shape (n_groups,)
        Posterior mean and interval; NaN where undefined.

    Examples
    --------
    >>> one = Shrunk(np.array([0.3]), np.array([0.2]), np.array([0.4]))
    >>> print(one.value)
    [0.3]
    """

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Pairs:
    """Simultaneous intervals of one metric's disparities between pairs of groups.

    All arrays have the shape (n_pairs,). A pair is (group, reference). Its difference is value of
    the group minus value of the reference, its ratio value of the group over value of the
    reference.

    Parameters
    ----------
    kind : {"difference", "ratio"}
        What is compared.
    group, reference : ndarray of int64
        Positions of the groups.
    value, low, high : ndarray of float64
        The disparity with its simultaneous interval.
    p_value : ndarray of float64
        Of the hypothesis that the pair's disparity is not beyond the tolerance, adjusted for all
        pairs (max-T).
    detectable : ndarray of float64
        Smallest true gap that would be told from none with 80 % power (differences; NaN for
        ratios).
    metric : ndarray of int64
        Position of the metric, where several are compared at once.
    critical : float
        Critical value that all intervals were made with; NaN without pairs.

    Examples
    --------
    >>> at, of = np.array([1]), np.array([0])
    >>> gap, low, high = np.array([0.2]), np.array([0.05]), np.array([0.34])
    >>> one = Pairs("difference", at, of, gap, low, high, np.array([0.01]), np.array([0.2]))
    >>> print(f"{one.value[0]} [{one.low[0]}, {one.high[0]}]")
    0.2 [0.05, 0.34]
    """

    kind: Kind
    group: NDArray[np.int64]
    reference: NDArray[np.int64]
    value: Floats
    low: Floats
    high: Floats
    p_value: Floats
    detectable: Floats
    metric: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    critical: float = float("nan")


@dataclass(frozen=True)
class Disparity:
    """One disparity with its verdict: a pair with a reference, or the worst of all pairs.

    Parameters
    ----------
    metric : str
        Name of a metric or of a notion.
    kind : {"difference", "ratio"}
        difference: larger minus smaller value, or group minus reference; ratio: smaller over
        larger value, or group over reference.
    group, reference : str
        The two groups; empty where there are fewer than two groups to compare.
    value, low, high : float
        The disparity among groups whose rates are estimable (or weak), and its simultaneous
        interval; NaN where there are fewer than two.
    all_groups : float
        The same among all groups in which the metric is defined, however small.
    p_value : float
        Of the hypothesis that no disparity is beyond the tolerance.
    tolerance : float
        What it was held against.
    verdict : {"beyond", "within", "not enough data"}
        What can be said.
    detectable : float
        Smallest true gap between the two that would be found with 80 % power.
    needs : str
        The group that needs the most more rows to settle it; empty where it is settled or rows do
        not help.
    needs_rows : float
        About how many more; inf where none would do.
    left_out : tuple of str
        Groups that are not estimable or undefined.
    comparisons : int
        Pairs, times metrics, that the interval holds for at once.
    also_needs : tuple of str
        Groups that have to grow besides, each by at most `needs_rows` rows.

    Examples
    --------
    >>> one = Disparity(
    ...     "tpr", "difference", "f", "m", 0.2, 0.12, 0.28, 0.2, 0.01, 0.1, "beyond", 0.1
    ... )
    >>> f"{one.group} - {one.reference}: {one.verdict}"
    'f - m: beyond'
    """

    metric: str
    kind: Kind
    group: str
    reference: str
    value: float
    low: float
    high: float
    all_groups: float
    p_value: float
    tolerance: float
    verdict: Verdict
    detectable: float
    needs: str = ""
    needs_rows: float = float("nan")
    left_out: tuple[str, ...] = field(default_factory=tuple)
    comparisons: int = 0
    also_needs: tuple[str, ...] = ()
