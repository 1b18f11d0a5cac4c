"""The second half of the rows: whether the loss of the found parts is higher there, too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from scipy.stats import norm, t

from candor.statistics import holm, newcombe
from explain.profiles.columns import Floats, Ints

FEWEST = 10
"""Rows inside and outside from which on a slice is tested."""

MANY = 2000
"""Rows inside and outside from which on Welch's t has its t distribution whatever the losses."""

MOST_DRAWS = 100_000


@dataclass(frozen=True, eq=False)
class Confirmed:
    """What the second half says of each slice; every field has shape (n_slices,).

    Parameters
    ----------
    n : ndarray of int64
        Rows of the second half inside.
    share : ndarray of float64
        Share of the sum of losses; NaN where a loss is negative.
    inside, rest : ndarray of float64
        Mean losses.
    low, high : ndarray of float64
        Simultaneous interval of their difference, with Hall's correction for skewness.
    p : ndarray of float64
        Adjusted p-value; NaN where not tested.
    """

    n: Ints
    share: Floats
    inside: Floats
    rest: Floats
    low: Floats
    high: Floats
    p: Floats


def confirm(
    loss: Floats, masks: Sequence[NDArray[np.bool_]], confidence: float, seed: int
) -> Confirmed:
    """Test slices that were found on other rows.

    Parameters
    ----------
    loss : ndarray of float64, shape (n_rows,)
    masks : sequence of ndarray of bool, shape (n_rows,)
        The rows of each slice.
    confidence : float
        Of all intervals together; 1 less it is the level of all tests together.
    seed : int
        Of the permutations.
    """
    n = np.array([int(mask.sum()) for mask in masks], dtype=np.int64)
    total = np.array([float(loss[mask].sum()) for mask in masks])
    with np.errstate(divide="ignore", invalid="ignore"):
        inside, rest = total / n, (loss.sum() - total) / (len(loss) - n)
        share = total / loss.sum() if (loss >= 0).all() else np.full(len(n), np.nan)
    ends = [_interval(loss, mask, confidence, len(masks)) for mask in masks]
    low, high = (np.array(side) for side in zip(*ends, strict=True)) if ends else (total, total)
    p = holm(_p_values(loss - loss.mean(), masks, confidence, seed)) if len(n) else total
    return Confirmed(n, share, inside, rest, low, high, p)


def clearly_worse(
    loss: Floats, inside: NDArray[np.bool_], outer: NDArray[np.bool_], confidence: float
) -> bool:
    """Return whether rows are worse than the others of `outer`, by Welch's one-sided test."""
    between = outer & ~inside
    if min(inside.sum(), between.sum()) < FEWEST:
        return False
    value, error, degrees = _welch(loss[inside], loss[between])
    return bool(value > stdtrit(degrees, confidence) * error)


def _welch(one: Floats, other: Floats) -> tuple[float, float, float]:
    """Return the difference of two means, its standard error and degrees of freedom."""
    a, b = one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)
    gap = float(one.mean() - other.mean())
    if a + b == 0:
        return gap, 0.0, float(len(one) + len(other) - 2)
    degrees = (a + b) ** 2 / (a**2 / (len(one) - 1) + b**2 / (len(other) - 1))
    return gap, math.sqrt(a + b), float(degrees)


def _interval(
    loss: Floats, mask: NDArray[np.bool_], confidence: float, count: int
) -> tuple[float, float]:
    """Return the interval of the difference of means, Bonferroni over all slices."""
    n, other = int(mask.sum()), int((~mask).sum())
    if min(n, other) < FEWEST:
        return math.nan, math.nan
    tail = (1 - confidence) / (2 * count)
    if np.isin(loss, (0.0, 1.0)).all():
        low, high = newcombe(loss[mask].mean(), n, loss[~mask].mean(), other, norm.isf(tail))
        return float(low), float(high)
    gap, error, degrees = _welch(loss[mask], loss[~mask])
    skew = _skewness(loss[mask], loss[~mask], error)
    below, above = (
        _unskewed(float(stdtrit(degrees, one)), skew) * error for one in (1 - tail, tail)
    )
    return gap - below, gap - above


def _skewness(one: Floats, other: Floats, error: float) -> float:
    """Return the skewness of a difference of two means."""
    if error == 0:
        return 0.0
    third = [float(((part - part.mean()) ** 3).mean()) / len(part) ** 2 for part in (one, other)]
    return (third[0] - third[1]) / error**3


def _unskewed(quantile: float, skew: float) -> float:
    """Return the quantile of a studentised mean from that of a symmetric one (Hall 1992)."""
    if abs(skew) < 1e-8:
        return quantile
    return 3 / skew * (float(np.cbrt(1 + skew * (quantile - skew / 6))) - 1)


def _p_values(
    loss: Floats, masks: Sequence[NDArray[np.bool_]], confidence: float, seed: int
) -> Floats:
    """Return p-values of higher means inside; NaN where there are too few rows.

    Twice the one-sided ones, so that they go with intervals that have two ends. The losses have
    mean 0, so that nothing is lost in sums of squares.
    """
    n = np.array([int(mask.sum()) for mask in masks], dtype=np.int64)
    total = np.array([float(loss[mask].sum()) for mask in masks])
    square = np.array([float((loss[mask] ** 2).sum()) for mask in masks])
    everything = float(loss.sum()), float((loss**2).sum())
    seen = _t_values(n, total, square, len(loss), everything)
    p = np.full(len(n), np.nan)
    smaller = np.minimum(n, len(loss) - n)
    drawn = (smaller >= FEWEST) & (smaller <= MANY)
    for place in np.flatnonzero(smaller > MANY).tolist():
        _, _, degrees = _welch(loss[masks[place]], loss[~masks[place]])
        p[place] = t.sf(seen[place], degrees)
    if drawn.any():
        draws = min(math.ceil(20 * len(n) / (1 - confidence)), MOST_DRAWS)
        p[drawn] = _permuted(loss, n[drawn], seen[drawn], everything, max(draws, 999), seed)
    doubled: Floats = np.minimum(2 * p, 1.0)
    return doubled


def _permuted(
    loss: Floats,
    n: Ints,
    seen: Floats,
    everything: tuple[float, float],
    draws: int,
    seed: int,
) -> Floats:
    """Return the shares of random slices of the same sizes with a t at least as high.

    One random order of rows serves all slices: the first n rows are a random slice of n, and of
    a slice of more than half of the rows it is the rest that is drawn.
    """
    rng = np.random.default_rng([seed, 0x7E])
    size = len(loss)
    smaller = np.minimum(n, size - n)
    flipped = smaller < n
    reached = np.zeros(len(n))
    line = seen - 1e-9 * np.abs(seen)  # equal rows in another order add up to a hair less
    for _ in range(draws):
        one = loss[rng.choice(size, int(smaller.max()), replace=False)]
        total, square = np.cumsum(one)[smaller - 1], np.cumsum(one**2)[smaller - 1]
        total = np.where(flipped, everything[0] - total, total)
        square = np.where(flipped, everything[1] - square, square)
        reached += _t_values(n, total, square, size, everything) >= line
    found: Floats = (1 + reached) / (1 + draws)
    return found


def _t_values(
    n: Ints, total: Floats, square: Floats, size: int, everything: tuple[float, float]
) -> Floats:
    """Return Welch's t from sums of losses and of their squares."""
    other, other_total = size - n, everything[0] - total
    other_square = everything[1] - square
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = total / n - other_total / other
        error = np.maximum(square - total**2 / n, 0) / (n * (n - 1.0)) + np.maximum(
            other_square - other_total**2 / other, 0
        ) / (other * (other - 1.0))
        found: Floats = gap / np.sqrt(error)
    return np.where(np.isnan(found), 0.0, found)
