"""Intervals of proportions, of their differences and of their ratios."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def wilson(value: ArrayLike, n: ArrayLike, z: ArrayLike) -> tuple[Floats, Floats]:
    """Return the score interval of proportions.

    Parameters
    ----------
    value : array_like of float
        Observed proportions; NaN gives NaN.
    n : array_like of float
        Rows, or effective rows, behind each; 0 gives the whole of [0, 1].
    z : array_like of float
        Critical value of the standard normal, such as 1.96.

    Returns
    -------
    tuple of ndarray of float64
        Low and high ends, in [0, 1]: the p with ``|value - p| <= z sqrt(p (1 - p) / n)``.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> low, high = wilson(0.1, 30, 1.96)
    >>> print(f"{low:.4f} {high:.4f}")
    0.0346 0.2562
    """
    share, rows, quantile = (np.asarray(part, dtype=np.float64) for part in (value, n, z))
    square = quantile**2
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (rows * share + square / 2) / (rows + square)
        half = quantile / (rows + square) * np.sqrt(rows * share * (1 - share) + square / 4)
        low = np.where((rows + square) > 0, np.clip(centre - half, 0, share), 0.0)
        high = np.where((rows + square) > 0, np.clip(centre + half, share, 1), 1.0)
    unknown = np.isnan(share)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def clopper_pearson(
    successes: ArrayLike, n: ArrayLike, confidence: float
) -> tuple[Floats, Floats]:
    """Return the exact interval of proportions.

    Parameters
    ----------
    successes : array_like of float
        Number of successes. May be fractional where it is a share of effective rows (Korn and
        Graubard 1998).
    n : array_like of float
        Rows, or effective rows; 0 gives the whole of [0, 1].
    confidence : float
        Coverage that is at least reached, between 0 and 1.

    Returns
    -------
    tuple of ndarray of float64
        Quantiles ``(1 - confidence) / 2`` of Beta(x, n - x + 1) and ``(1 + confidence) / 2`` of
        Beta(x + 1, n - x); 0 where there is no success, 1 where there is no failure.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Clopper, C. J., and Pearson, E. S. (1934). The use of confidence or fiducial limits
    illustrated in the case of the binomial. Biometrika 26, 404-413.
    Korn, E. L., and Graubard, B. I. (1998). Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data. Survey Methodology 24, 193-201.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 30, 0.95)
    >>> print(f"{low:.4f} {high:.4f}")
    0.0000 0.1157
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    from scipy.special import betaincinv

    hits, rows = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    tail = (1 - confidence) / 2
    misses = rows - hits
    # The quantile is not defined at the ends; there the limit is the end itself.
    low = np.where(
        hits > 0, betaincinv(np.maximum(hits, 1e-300), np.maximum(misses, 0) + 1, tail), 0.0
    )
    high = np.where(
        misses > 0, betaincinv(np.maximum(hits, 0) + 1, np.maximum(misses, 1e-300), 1 - tail), 1.0
    )
    unknown = np.isnan(hits) | np.isnan(rows)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def difference_limit(
    first: ArrayLike, below: ArrayLike, second: ArrayLike, above: ArrayLike
) -> Floats:
    """Return the lower limit of a difference of independent estimates from their own limits.

    The upper limit of ``first - second`` is minus the lower limit of ``second - first``.

    Parameters
    ----------
    first : array_like of float
        The estimates.
    below : array_like of float
        How far the lower limit of the first lies below it.
    second : array_like of float
        The estimates that are subtracted.
    above : array_like of float
        How far the upper limit of the second lies above it.

    Returns
    -------
    ndarray of float64
        ``first - second - sqrt(below² + above²)`` (the method of variance estimates recovery).

    References
    ----------
    Zou, G. Y., and Donner, A. (2008). Construction of confidence limits about effect measures: a
    general approach. Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    >>> print(difference_limit(0.5, 0.03, 0.2, 0.04).round(3))
    0.25
    """
    gap = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    limit: Floats = gap - np.hypot(below, above)
    return limit


def newcombe(
    first: ArrayLike, n_first: ArrayLike, second: ArrayLike, n_second: ArrayLike, z: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the hybrid score interval of the difference of two independent proportions.

    Parameters
    ----------
    first : array_like of float
        Observed proportions; NaN gives NaN.
    n_first : array_like of float
        Rows, or effective rows, behind each.
    second, n_second : array_like of float
        The same of what they are compared to.
    z : array_like of float
        Critical value of both Wilson intervals, such as 1.96, or a simultaneous one.

    Returns
    -------
    tuple of ndarray of float64
        With Wilson limits (l1, u1) and (l2, u2): ``d - sqrt((p1 - l1)² + (u2 - p2)²)`` and
        ``d + sqrt((u1 - p1)² + (p2 - l2)²)``.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent
    proportions: comparison of eleven methods. Statistics in Medicine 17, 873-890 (method 10).

    Examples
    --------
    >>> low, high = newcombe(56 / 70, 70, 48 / 80, 80, 1.96)
    >>> print(f"{low:.4f} {high:.4f}")
    0.0524 0.3339
    """
    p1, p2 = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    (l1, u1), (l2, u2) = wilson(p1, n_first, z), wilson(p2, n_second, z)
    return (
        difference_limit(p1, p1 - l1, p2, u2 - p2),
        -difference_limit(p2, p2 - l2, p1, u1 - p1),
    )


def ratio_limit(first: ArrayLike, below: ArrayLike, second: ArrayLike, above: ArrayLike) -> Floats:
    """Return the lower limit of a ratio of independent estimates from their own limits.

    The upper limit of ``first / second`` is one over the lower limit of ``second / first``.

    Parameters
    ----------
    first : array_like of float
        The estimates, not negative; NaN gives NaN.
    below : array_like of float
        How far the lower limit l of the first lies below it; more than `first` counts as `first`.
    second : array_like of float
        The estimates that are divided by, not negative; NaN gives NaN.
    above : array_like of float
        How far the upper limit u of the second lies above it.

    Returns
    -------
    ndarray of float64
        The R that solves ``first - R second = sqrt(below² + R² above²)``, which is
        ``a / (first second + sqrt(first² second² - a b))`` with ``a = l (2 first - l)`` and
        ``b = u (2 second - u)``; 0 where l is 0. Normal limits give Fieller's interval.

    References
    ----------
    Donner, A., and Zou, G. Y. (2012). Closed-form confidence intervals for functions of the
    normal mean and standard deviation. Statistical Methods in Medical Research 21, 347-359.

    Examples
    --------
    >>> print(ratio_limit(0.5, 0.1, 0.25, 0.05).round(4))
    1.5
    """
    top, bottom, less, more = (
        np.asarray(part, dtype=np.float64) for part in (first, second, below, above)
    )
    kept = top**2 - np.minimum(less, top) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum((top * bottom) ** 2 - kept * (bottom**2 - more**2), 0.0))
        limit = kept / (top * bottom + root)
    # Nothing over nothing: no lower limit above 0 can be given.
    return np.where(kept == 0, np.where(np.isnan(bottom), np.nan, 0.0), limit)


def mover_ratio(
    first: ArrayLike, n_first: ArrayLike, second: ArrayLike, n_second: ArrayLike, z: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the hybrid score interval of the ratio of two independent proportions.

    Parameters
    ----------
    first : array_like of float
        Observed proportions; NaN gives NaN.
    n_first : array_like of float
        Rows, or effective rows, behind each.
    second, n_second : array_like of float
        The same of what they are compared to.
    z : array_like of float
        Critical value of both Wilson intervals, such as 1.96, or a simultaneous one.

    Returns
    -------
    tuple of ndarray of float64
        Low end (0 where `first` is 0) and high end (infinite where `second` is 0) by
        `ratio_limit` from Wilson limits.

    References
    ----------
    Donner, A., and Zou, G. Y. (2012). Closed-form confidence intervals for functions of the
    normal mean and standard deviation. Statistical Methods in Medical Research 21, 347-359.

    Examples
    --------
    >>> low, high = mover_ratio(15 / 30, 30, 5 / 30, 30, 1.96)
    >>> print(f"{low:.3f} {high:.3f}")
    1.322 7.103
    """
    p1, p2 = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    (l1, u1), (l2, u2) = wilson(p1, n_first, z), wilson(p2, n_second, z)
    with np.errstate(divide="ignore"):
        high: Floats = 1 / ratio_limit(p2, p2 - l2, p1, u1 - p1)
    return ratio_limit(p1, p1 - l1, p2, u2 - p2), high
