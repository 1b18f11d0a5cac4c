"""Confidence intervals from influence values and from a delete-a-group jackknife."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Scale = Literal["identity", "log", "logit", "log_complement", "fisher"]

BLOCKS = 20
"""Groups that the jackknife leaves out, one after the other."""


@dataclass(frozen=True)
class StandardError:
    """Standard error of an estimate.

    Parameters
    ----------
    value : float
        The standard error; NaN where there are fewer than two independent units.
    units : float
        Effective number of independent units (rows, or groups of rows) behind the estimate.
    degrees : float
        Degrees of freedom of the t distribution that goes with it.
    """

    value: float
    units: float
    degrees: float


UNKNOWN = StandardError(math.nan, 0.0, 0.0)


def standard_error(
    influence: ArrayLike, weight: ArrayLike | None = None, groups: ArrayLike | None = None
) -> StandardError:
    """Return the standard error of a weighted estimate from its influence values.

    Parameters
    ----------
    influence : array_like of float, shape (n_rows,)
        Influence of each row on the estimate: for a mean, value minus mean.
    weight : array_like of float, shape (n_rows,), optional
        Row weights, read as sampling weights. Default: all equal.
    groups : array_like, shape (n_rows,), optional
        Group of each row; rows of one group may depend on each other. Default: all independent.

    Returns
    -------
    StandardError
        ``sqrt(G / (G - 1) * sum_g (sum_{i in g} w_i phi_i)**2) / sum_i w_i`` for G groups that
        have weight (the sandwich estimator; Huber 1967, Liang and Zeger 1986).

    Raises
    ------
    ValueError
        If the arguments have different lengths, or a weight is negative or not finite.

    Examples
    --------
    >>> round(standard_error([-1.0, 0.0, 1.0]).value, 4)
    0.5774
    """
    phi = np.asarray(influence, dtype=np.float64)
    mass = np.ones(len(phi)) if weight is None else np.asarray(weight, dtype=np.float64)
    if phi.ndim != 1 or mass.shape != phi.shape:
        raise ValueError(f"influence and weight must be vectors of one length: {len(phi)} rows")
    if not np.isfinite(mass).all() or (mass < 0).any():
        raise ValueError("weights must be finite and not negative")
    parts, share = mass * phi, mass
    if groups is not None:
        codes = group_numbers(groups)
        if codes.shape != phi.shape:
            raise ValueError(f"groups must have one entry a row: {len(codes)} for {len(phi)}")
        parts = np.bincount(codes, weights=parts).astype(np.float64)
        share = np.bincount(codes, weights=mass).astype(np.float64)
    n_units = int(np.count_nonzero(share))
    if n_units < 2 or not np.isfinite(parts).all():
        return UNKNOWN
    total = float(share.sum())
    variance = n_units / (n_units - 1) * float(parts @ parts) / total**2
    return StandardError(math.sqrt(variance), total**2 / float(share @ share), n_units - 1.0)


def group_numbers(groups: ArrayLike) -> NDArray[np.int64]:
    """Return group numbers from 0 on; missing marks of any kind are one group."""
    import pandas as pd

    codes, _ = pd.factorize(np.asarray(groups), use_na_sentinel=False)
    return codes.astype(np.int64)


def scaled_interval(
    estimate: float, error: StandardError, confidence: float = 0.95, scale: Scale = "identity"
) -> tuple[float, float]:
    """Return a t interval that is symmetric on a scale on which the estimate is unbounded.

    Parameters
    ----------
    estimate : float
        The point estimate.
    error : StandardError
        Its standard error.
    confidence : float, default 0.95
        Coverage that is aimed at, between 0 and 1.
    scale : {"identity", "log", "logit", "log_complement", "fisher"}, default "identity"
        "log" for estimates above 0, "logit" between 0 and 1, "log_complement" below 1,
        "fisher" between -1 and 1.

    Returns
    -------
    tuple of float
        Low and high end; NaN where the error is unknown. A share at exactly 0 or 1, where the
        standard error says nothing, gets the Wilson interval of the effective number of units.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1.

    Examples
    --------
    >>> low, high = scaled_interval(0.9, StandardError(0.01, 900, 899), scale="logit")
    >>> round(low, 3), round(high, 3)
    (0.879, 0.918)
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    if not (math.isfinite(estimate) and math.isfinite(error.value)):
        return math.nan, math.nan
    quantile = _t_quantile(0.5 + confidence / 2, error.degrees)
    if scale == "logit" and not 0 < estimate < 1:
        return _wilson(estimate, error.units, quantile)
    forward, back, slope = _SCALES[scale]
    if not math.isfinite(slope(estimate)):
        return estimate, estimate
    half = quantile * error.value * slope(estimate)
    ends = back(forward(estimate) - half), back(forward(estimate) + half)
    return min(ends), max(ends)


def jackknife_error(
    statistic: Callable[[NDArray[np.int64]], float],
    n_rows: int,
    groups: ArrayLike | None = None,
    *,
    max_rows: int = 10_000,
    seed: int = 0,
) -> StandardError:
    """Return the delete-a-group jackknife standard error of any statistic of rows.

    Parameters
    ----------
    statistic : callable
        Takes row positions (ndarray of int64) and returns the statistic on them.
    n_rows : int
        Number of rows.
    groups : array_like, shape (n_rows,), optional
        Rows of one group are left out together.
    max_rows : int, default 10_000
        With more rows the error is measured on a random sample of this size (of whole groups)
        and scaled by the square root of the sizes' ratio.
    seed : int, default 0
        Seed of the sample and of the blocks.

    Returns
    -------
    StandardError
        ``sqrt((B - 1) / B * sum_b (theta_(-b) - mean)**2)`` with B = 20 random blocks (Kott 2001),
        or one block a unit where there are fewer units; NaN where a replicate is not finite.

    Examples
    --------
    >>> values = np.arange(100.0)
    >>> error = jackknife_error(lambda rows: float(values[rows].mean()), 100)
    >>> 1.5 < error.value < 5
    True
    """
    units = np.arange(n_rows) if groups is None else group_numbers(groups)
    n_units = int(units.max()) + 1 if n_rows else 0
    if n_units < 2:
        return UNKNOWN
    rng = np.random.default_rng(seed)
    order = rng.permutation(n_units)
    keep = max(2, math.floor(n_units * min(1.0, max_rows / n_rows)))
    n_blocks = min(BLOCKS, keep)
    block_of_unit = np.full(n_units, -1)
    block_of_unit[order[:keep]] = np.arange(keep) % n_blocks
    block = block_of_unit[units]
    replicates = np.array(
        [statistic(np.flatnonzero((block >= 0) & (block != b))) for b in range(n_blocks)]
    )
    if not np.isfinite(replicates).all():
        return UNKNOWN
    spread = float(((replicates - replicates.mean()) ** 2).sum())
    value = math.sqrt((n_blocks - 1) / n_blocks * spread * keep / n_units)
    return StandardError(value, float(n_units), n_blocks - 1.0)


def _t_quantile(probability: float, degrees: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def _wilson(share: float, units: float, quantile: float) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927)."""
    share = min(max(share, 0.0), 1.0)
    shrink = 1 + quantile**2 / units
    centre = (share + quantile**2 / (2 * units)) / shrink
    half = quantile / shrink * math.sqrt(share * (1 - share) / units + (quantile / units / 2) ** 2)
    return max(0.0, centre - half), min(1.0, centre + half)


def _sigmoid(x: float) -> float:
    return 0.5 * (1 + math.tanh(x / 2))


def _inverse(x: float) -> float:
    return 1 / x if x > 0 else math.inf


_Function = Callable[[float], float]
_SCALES: dict[Any, tuple[_Function, _Function, _Function]] = {
    "identity": (lambda x: x, lambda z: z, lambda x: 1.0),
    "log": (lambda x: math.log(x), lambda z: math.exp(z), _inverse),
    "logit": (lambda x: math.log(x / (1 - x)), _sigmoid, lambda x: _inverse(x * (1 - x))),
    "log_complement": (
        lambda x: math.log(1 - x),
        lambda z: 1 - math.exp(z),
        lambda x: _inverse(1 - x),
    ),
    "fisher": (math.atanh, math.tanh, lambda x: _inverse(1 - x * x)),
}
