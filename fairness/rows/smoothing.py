"""Local-linear smoothing of values that are known with different precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fairness.table.values import Floats

BANDWIDTHS = (0.05, 0.075, 0.1, 0.15, 0.2, 0.3)
"""Half-widths to choose from, as shares of the rows: wider ones would hide where a curve bends."""

WIDER = (0.5, 1.0)
"""Half-widths for points that lie too far apart for those."""

UNDERSMOOTHING = 0.7
"""Part of the best bandwidth that is used: the best one balances bias against error, and an
interval that knows of the error alone then misses a bent curve too often (85 to 92 %)."""

_MOST_LEVERAGE = 0.95


@dataclass(frozen=True)
class Smooth:
    """A smoothed curve.

    Parameters
    ----------
    value : ndarray of float64, shape (n_points,)
        The curve; NaN where too few points are near.
    operator : ndarray of float64, shape (n_points, n_points)
        Factors of the points in each value.
    bandwidth : float
        Half-width of the kernel.
    """

    value: Floats
    operator: Floats
    bandwidth: float


def smooth(place: Floats, value: Floats, weight: Floats) -> Smooth:
    """Smooth with 0.7 of the bandwidth that predicts left-out points best.

    Parameters
    ----------
    place : ndarray of float64, shape (n_points,)
        Where the points lie, ascending, in [0, 1].
    value : ndarray of float64, shape (n_points,)
        What was measured there; ignored where `weight` is 0.
    weight : ndarray of float64, shape (n_points,)
        Rows behind each.

    Returns
    -------
    Smooth
        Local-linear fit with Epanechnikov's kernel (Fan and Gijbels 1996), undersmoothed so that
        intervals from its error alone hold where the curve bends (Hall 1992).
    """
    known = np.where(weight > 0, value, 0.0)
    tried = [_fit(place, known, weight, bandwidth) for bandwidth in BANDWIDTHS]
    usable = [fit for fit in tried if fit is not None]
    if usable:
        best = min(usable, key=lambda fit: fit[0])[1]
        rougher = _fit(place, known, weight, max(UNDERSMOOTHING * best.bandwidth, BANDWIDTHS[0]))
        return best if rougher is None else rougher[1]
    for bandwidth in WIDER:
        fit = _fit(place, known, weight, bandwidth)
        if fit is not None:
            return fit[1]
    return _smooth(place, known, weight, WIDER[-1])


def _fit(
    place: Floats, known: Floats, weight: Floats, bandwidth: float
) -> tuple[float, Smooth] | None:
    """Return the leave-one-out error of a bandwidth with its curve.

    None where the curve has gaps, or a point that only fits itself and so tells no error.
    """
    curve = _smooth(place, known, weight, bandwidth)
    used = weight > 0
    leverage = np.diag(curve.operator)[used]
    if not used.any() or np.isnan(curve.value).any() or (leverage > _MOST_LEVERAGE).any():
        return None
    left_out = (known - curve.value)[used] / (1 - leverage)
    return float((weight[used] * left_out**2).sum() / weight[used].sum()), curve


def _smooth(place: Floats, known: Floats, weight: Floats, bandwidth: float) -> Smooth:
    operator = _operator(place, weight, bandwidth)
    return Smooth(operator @ known, np.nan_to_num(operator), bandwidth)


def _operator(place: Floats, weight: Floats, bandwidth: float) -> Floats:
    """Return the factors of the points in the local-linear fit at each of them."""
    apart = place[None, :] - place[:, None]
    kernel = np.clip(1 - (apart / bandwidth) ** 2, 0.0, None) * weight[None, :]
    s0, s1, s2 = ((kernel * apart**power).sum(axis=1, keepdims=True) for power in range(3))
    # all near points at one place: their mean
    flat = s2 * s0 - s1**2 <= 1e-12 * s0**2
    top = np.where(flat, kernel, kernel * (s2 - apart * s1))
    below = np.where(flat, s0, s2 * s0 - s1**2)
    out = np.full(apart.shape, np.nan)
    operator: Floats = np.divide(top, below, out=out, where=below > 0)
    return operator
