"""Limits of one group's estimate at any critical value: what all intervals are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candor.statistics import wilson
from fairness.inference.values import Floats
from fairness.metrics.values import Estimates

Positions = NDArray[np.int64]

SMOOTHING = 2.0
"""Successes and failures that are added where a share of 0 or 1 needs a standard error."""


@dataclass(frozen=True)
class Sample:
    """One metric's estimates, as far as intervals need them; arrays of shape (n_groups,).

    Parameters
    ----------
    value, error, bin_error : ndarray of float64
        As in `Estimates`.
    effective : ndarray of float64
        Rows that a simple random sample would need for the same standard error.
    range : tuple of float
        Smallest and largest possible value.
    proportion : bool
        Whether the value is a share of rows.
    """

    value: Floats
    error: Floats
    effective: Floats
    bin_error: Floats
    range: tuple[float, float]
    proportion: bool


def sample_of(estimates: Estimates) -> Sample:
    """Return what intervals need; for proportions with the effective rows behind the error."""
    effective = np.asarray(estimates.effective, dtype=np.float64)
    proportion = estimates.metric.kind == "proportion"
    if proportion:
        effective = _rows_behind(estimates, effective)
    return Sample(
        value=estimates.value,
        error=estimates.error,
        effective=effective,
        bin_error=estimates.bin_error,
        range=estimates.metric.range,
        proportion=proportion,
    )


def _rows_behind(estimates: Estimates, kish: Floats) -> Floats:
    """Return ``p (1 - p) / error²``, the rows whose binomial error is the linearised one.

    Never more than Kish's number: with few rows the linearised error is itself uncertain, and
    too small just where the value is extreme. Where it is 0 it tells nothing.
    """
    share, error = estimates.value, estimates.error
    with np.errstate(invalid="ignore", divide="ignore"):
        behind = np.where(error > 0, share * (1 - share) / error**2, kish)
    # Without weights the two are the same number of rows but for rounding.
    same = np.abs(behind - kish) <= 1e-9 * kish
    return np.where(same, kish, np.minimum(behind, kish))


def distances(
    sample: Sample, groups: Positions, z: Floats | float, growth: Floats | float = 1.0
) -> tuple[Floats, Floats]:
    """Return how far the limits of groups lie below and above their values.

    Proportions have Wilson limits. Other metrics have Student limits at the same tail
    probability, kept inside the range. Where all rows agree the standard error is 0 and says
    nothing: then at most a share ``z² / (n + z²)`` of rows may differ (the Wilson limit of
    0 of n), and each by no more than the range allows.

    Parameters
    ----------
    sample : Sample
        Estimates of all groups.
    groups : ndarray of int64
        Positions; repeats are allowed.
    z : ndarray of float64 or float
        Critical value of the standard normal, broadcast against `groups`.
    growth : ndarray of float64 or float
        Factor by which the rows are thought to grow.
    """
    value, rows = sample.value[groups], sample.effective[groups] * growth
    if sample.proportion:
        low, high = wilson(value, rows, z)
        return value - low, high - value
    error = sample.error[groups] / np.sqrt(growth)
    half = error * student(z, np.maximum(rows - 1, 1.0))
    to_bottom = np.maximum(value - sample.range[0], 0.0)
    to_top = np.maximum(sample.range[1] - value, 0.0)
    if np.isfinite(sample.range).all():
        differing = np.square(z) / (rows + np.square(z))
        half = np.where(error > 0, half, np.inf)
        room = np.where(error > 0, 1.0, differing)
        return np.minimum(half, room * to_bottom), np.minimum(half, room * to_top)
    return np.minimum(half, to_bottom), np.minimum(half, to_top)


def student(z: Floats | float, degrees: Floats) -> Floats:
    """Return the Student quantile at the tail probability of a normal quantile.

    The inverse of Wallace's transform (1959): within .2 % up to z = 6 for the 29 degrees of
    freedom with which groups are compared, and too wide rather than too narrow for fewer; fast
    enough to be solved for `z` in many pairs.
    """
    scaled = np.asarray(z) * (8 * degrees + 3) / (8 * degrees + 1)
    # Beyond e^700 the quantile is no number; the interval is without an end there anyway.
    quantile: Floats = np.sqrt(degrees * np.expm1(np.minimum(scaled**2 / degrees, 700.0)))
    return quantile


def smooth_error(sample: Sample) -> Floats:
    """Return standard errors that are above 0 wherever the range says that they have to be.

    Proportions: that of the Agresti-Coull share, two successes and two failures added. Other
    metrics: the standard error, or where it is 0 that of a share of 0 so smoothed, times the
    range.
    """
    rows = sample.effective + 2 * SMOOTHING
    if sample.proportion:
        share = (sample.value * sample.effective + SMOOTHING) / rows
        error: Floats = np.sqrt(share * (1 - share) / rows)
        return error
    width = sample.range[1] - sample.range[0]
    if not np.isfinite(width):
        return sample.error
    least = width * np.sqrt(SMOOTHING / rows * (1 - SMOOTHING / rows) / rows)
    return np.where(sample.error > 0, sample.error, least)
