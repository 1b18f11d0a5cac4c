"""Differences within strata, pooled with Mantel-Haenszel weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairness.sensitivity.strata import Strata
from fairness.table.values import Floats

_DRAWS = 20_000
_MOST_PAIRS = 200
"""With more pairs the quantile is Šidák's, which is never smaller."""


@dataclass(frozen=True)
class Pooled:
    """One pair's pooled difference.

    Parameters
    ----------
    group, reference : int
        Positions of the two groups.
    value, error : float
        The pooled difference and its standard error; NaN where no stratum has both groups.
    common : ndarray of bool, shape (n_strata,)
        Strata in which both groups have a denominator.
    share : ndarray of float64, shape (n_strata,)
        Weight of each stratum; they add up to 1.
    smaller : int
        Rows of the smaller of the two groups within the common strata.
    effective : tuple of float
        Effective rows of the two groups within the common strata.
    proportion : bool
        Whether the metric is a share of rows.
    comparisons : int
        Pairs compared at once.
    """

    group: int
    reference: int
    value: float
    error: float
    common: NDArray[np.bool_]
    share: Floats
    smaller: int
    effective: tuple[float, float]
    proportion: bool
    comparisons: int = 1

    def interval(self, critical: float) -> tuple[float, float]:
        """Return the interval for a critical value."""
        half = critical * self.error
        if self.error == 0 and self.proportion:
            # all rows agree: as wide as Newcombe's interval for two shares at 0 or at 1
            half = math.hypot(*(critical**2 / (n + critical**2) for n in self.effective))
        low, high = self.value - half, self.value + half
        return (max(low, -1.0), min(high, 1.0)) if self.proportion else (low, high)


def pool(laid: Strata, group: int, reference: int) -> Pooled:
    """Pool one pair's differences over the strata."""
    pair = [group, reference]
    common = (laid.below[group] > 0) & (laid.below[reference] > 0)
    n = laid.effective[pair]
    sizes = n.sum(axis=0)
    weight = np.where(common, n[0] * n[1] / np.where(sizes > 0, sizes, 1.0), 0.0)
    mass = float(weight.sum())
    smaller = int(laid.rows[pair][:, common].sum(axis=1).min())
    effective = (float(n[0, common].sum()), float(n[1, common].sum()))
    if mass <= 0:
        nothing = np.zeros(len(common))
        return Pooled(
            group, reference, np.nan, np.nan, common, nothing, 0, effective, laid.proportion
        )
    share = weight / mass
    value = float((share * (laid.rate[group] - laid.rate[reference]))[common].sum())
    variance = _variance(laid, pair, share, value)
    return Pooled(
        group,
        reference,
        value,
        float(np.sqrt(max(variance, 0.0))),
        common,
        share,
        smaller,
        effective,
        laid.proportion,
    )


def _variance(laid: Strata, pair: list[int], share: Floats, value: float) -> float:
    """Return the variance of a pooled difference.

    A share of rows has Sato's; where weights differ the larger of that, in effective rows, and
    the linearised one, which knows how weights and outcomes go together but is too small in
    strata of a few rows. Means have the linearised one.
    """
    linearised = float((share**2 * _unbiased(laid)[pair].sum(axis=0)).sum())
    if laid.hits is None:
        return linearised
    sato = _sato(laid.effective[pair], laid.hits[pair], value)
    return sato if laid.equal else max(sato, linearised)


def _unbiased(laid: Strata) -> Floats:
    """Return each cell's variance for n - 1 degrees of freedom; single rows have the typical one.

    The linearised variance is over n, and 0 for a single row, which tells nothing of its spread.
    """
    free = laid.effective - 1
    several = free > 1e-9
    scale = np.divide(laid.effective, free, out=np.zeros_like(free), where=several)
    spread = np.where(several, laid.variance * scale * laid.effective, 0.0)
    mass = float(free[several].sum())
    typical = float((spread * free)[several].sum() / mass) if mass > 0 else 0.0
    rows = np.where(laid.effective > 0, laid.effective, 1.0)
    return np.where(several, spread, np.where(laid.effective > 0, typical, 0.0)) / rows


def _sato(rows: Floats, hits: Floats, value: float) -> float:
    """Return Sato's (1989) variance of the Mantel-Haenszel risk difference."""
    n1, n0 = rows
    hit1, hit0 = hits
    size = np.where(n1 + n0 > 0, n1 + n0, 1.0)
    p = (n1**2 * hit0 - n0**2 * hit1 + n1 * n0 * (n0 - n1) / 2) / size**2
    q = (hit1 * (n0 - hit0) + hit0 * (n1 - hit1)) / (2 * size)
    use = (n1 > 0) & (n0 > 0)
    weight = float((n1 * n0 / size)[use].sum())
    return float((value * p[use].sum() + q[use].sum()) / weight**2)


def critical_value(laid: Strata, found: Sequence[Pooled], confidence: float, seed: int) -> float:
    """Return the max-T quantile for all pooled pairs at once."""
    from scipy.special import ndtri

    pairs = [one for one in found if np.isfinite(one.value)]
    if len(pairs) < 2:
        return float(ndtri(0.5 + confidence / 2))
    if len(pairs) > _MOST_PAIRS:
        return float(ndtri(0.5 + confidence ** (1 / len(pairs)) / 2))
    root = _correlation_root(laid, pairs)
    rng = np.random.default_rng(seed)
    largest = np.abs(rng.standard_normal((_DRAWS, root.shape[0])) @ root).max(axis=1)
    return float(np.quantile(largest, confidence))


def _correlation_root(laid: Strata, pairs: Sequence[Pooled]) -> Floats:
    """Return R with R'R = correlation of the pooled differences.

    The symmetric root: eigenvectors are unique only up to their signs, and any rotation where
    eigenvalues agree, so that another root would change with the last digit of the data.
    """
    spread = _variances(laid)
    contrasts = np.zeros((len(pairs), *laid.below.shape))
    for row, one in enumerate(pairs):
        contrasts[row, one.group] = one.share
        contrasts[row, one.reference] = -one.share
    scaled = (contrasts * np.sqrt(spread)).reshape(len(pairs), -1)
    covariance = scaled @ scaled.T
    scale = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    root: Floats = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    return root


def _variances(laid: Strata) -> Floats:
    """Return each cell's variance; where all rows of a cell agree, that of the mean cell."""
    rows = np.where(laid.effective > 0, laid.effective, 1.0)
    spread = laid.variance * rows
    typical = float(spread[spread > 0].mean()) if (spread > 0).any() else 1.0
    filled: Floats = np.where(spread > 0, spread, typical) / rows
    return filled
