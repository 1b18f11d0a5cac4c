"""Intervals of single groups, and what can be said about each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from candor.statistics import clopper_pearson
from fairness.errors import ArgumentError
from fairness.inference.limits import Sample, distances, sample_of
from fairness.inference.values import SMALLEST, Floats, GroupIntervals, State
from fairness.metrics.values import Estimates

EXACT_BELOW = 10
"""Successes or failures below which a proportion gets its exact interval."""


def group_intervals(
    estimates: Estimates, *, confidence: float, tolerance: float
) -> GroupIntervals:
    """Return each group's interval, and whether its value is estimable.

    Parameters
    ----------
    estimates : Estimates
        One metric in each group.
    confidence : float
        Of each interval by itself, between 0 and 1.
    tolerance : float
        In the metric's units: a group whose interval is wider is "weak".

    Returns
    -------
    GroupIntervals
        Proportions: Clopper-Pearson's interval where there are fewer than 10 successes or
        failures, Wilson's otherwise; with weights both on the effective number of rows
        ``p (1 - p) / error²`` (Korn and Graubard 1998). Other metrics: value ± Student quantile
        times standard error, inside the metric's range, and all of an unbounded range where there
        is one row only. Each is widened by the error that
        binning can have caused. State: "undefined" without a denominator; "not estimable" with
        fewer than 30 rows (or effective rows) in it; "weak"; or "estimable".

    Raises
    ------
    ArgumentError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Brown, L. D., Cai, T. T., and DasGupta, A. (2001). Interval estimation for a binomial
    proportion. Statistical Science 16, 101-133.

    Examples
    --------
    >>> from fairness.metrics import estimate
    >>> from fairness.table.values import GroupCounts
    >>> cells = np.array([[[80, 20], [30, 70]], [[12, 1], [3, 4]]])
    >>> weights = cells.astype(float)
    >>> counts = GroupCounts("binary", "sex", ("f", "m"), ("0", "1"), cells, weights, weights)
    >>> found = group_intervals(estimate("fpr", counts), confidence=0.95, tolerance=0.2)
    >>> found.state
    ('estimable', 'not estimable')
    >>> found.method
    ('Wilson', 'exact')
    >>> print(found.low.round(3), found.high.round(3))
    [0.133 0.002] [0.289 0.36 ]
    """
    check_confidence(confidence)
    sample = sample_of(estimates)
    low, high, method = _intervals(estimates, sample, confidence)
    bottom, top = sample.range
    low = np.clip(low - estimates.bin_error, bottom, top)
    high = np.clip(high + estimates.bin_error, bottom, top)
    if not np.isfinite(top - bottom):
        # One row says nothing about the spread, and no range bounds what the mean may be.
        alone = rows_behind(estimates) < 2 - 1e-9
        low, high = np.where(alone, bottom, low), np.where(alone, top, high)
    undefined = is_undefined(estimates)
    small = rows_behind(estimates) < SMALLEST
    # An interval exactly as wide as the tolerance is not wider, whatever the last digit says.
    wide = high - low > tolerance * (1 + 1e-12)
    state = np.select(
        [undefined, small, wide], ["undefined", "not estimable", "weak"], "estimable"
    )
    states: list[State] = state.tolist()
    return GroupIntervals(
        low=np.where(undefined, np.nan, low),
        high=np.where(undefined, np.nan, high),
        method=method,
        state=tuple(states),
    )


def _intervals(
    estimates: Estimates, sample: Sample, confidence: float
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Return limits without the bin error, and how each was found."""
    from scipy.special import ndtri

    everyone = np.arange(len(sample.value))
    down, up = distances(sample, everyone, float(ndtri((1 + confidence) / 2)))
    low, high = sample.value - down, sample.value + up
    if not sample.proportion:
        return low, high, ("linearised",) * len(everyone)
    hits = sample.value * sample.effective
    exact = np.minimum(hits, sample.effective - hits) < EXACT_BELOW - 1e-9
    exact_low, exact_high = clopper_pearson(hits, sample.effective, confidence)
    # On effective rows of unequal weights nothing is exact (Korn and Graubard 1998).
    rows = estimates.denominator
    whole = np.abs(sample.effective - rows) <= 1e-9 * rows
    few = np.where(whole, "exact", "Korn-Graubard")
    names = tuple(np.where(exact, few, "Wilson").tolist())
    return np.where(exact, exact_low, low), np.where(exact, exact_high, high), names


def is_undefined(estimates: Estimates) -> NDArray[np.bool_]:
    """Return in which groups the metric has no value."""
    undefined: NDArray[np.bool_] = (estimates.denominator == 0) | ~np.isfinite(estimates.value)
    return undefined


def rows_behind(estimates: Estimates) -> Floats:
    """Return the rows that count towards `SMALLEST`: the denominator, or less with weights."""
    # Sums of equal weights may lack a hair of the whole number.
    least: Floats = np.minimum(estimates.denominator, estimates.effective + 1e-9)
    return least


def entering(estimates: Sequence[Estimates]) -> NDArray[np.bool_]:
    """Return which groups are compared: estimable, or weak, in every one of the metrics."""
    enough = [~is_undefined(one) & (rows_behind(one) >= SMALLEST) for one in estimates]
    every: NDArray[np.bool_] = np.logical_and.reduce(enough)
    return every


def check_confidence(confidence: float) -> None:
    """Refuse a confidence that is no probability."""
    if not 0 < confidence < 1:
        raise ArgumentError(
            "confidence must lie between 0 and 1",
            got=f"got {confidence}",
            hint="confidence=0.95",
        )
