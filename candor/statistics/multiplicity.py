"""P-values adjusted for how many hypotheses were tested."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def holm(p_values: ArrayLike) -> Floats:
    """Return p-values adjusted by Holm's step-down method.

    Rejecting where the adjusted value is at most alpha keeps the chance of any false rejection at
    or below alpha, however the tests depend on each other.

    Parameters
    ----------
    p_values : array_like of float, shape (n_hypotheses,)
        NaN: not tested; it stays NaN and does not count.

    Returns
    -------
    ndarray of float64, shape (n_hypotheses,)
        For the i-th smallest of m: ``max over j <= i of min(1, (m - j + 1) p_(j))``.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian
    Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> print(holm([0.01, 0.04, 0.03]))
    [0.03 0.06 0.06]
    """
    given, order, adjusted = _sorted(p_values)
    count = len(order)
    steps = np.maximum.accumulate(given[order] * (count - np.arange(count)))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Return p-values adjusted by the Benjamini-Hochberg step-up method.

    Rejecting where the adjusted value is at most alpha keeps the expected share of false ones
    among the rejections at or below alpha for independent or positively dependent tests.

    Parameters
    ----------
    p_values : array_like of float, shape (n_hypotheses,)
        NaN: not tested; it stays NaN and does not count.

    Returns
    -------
    ndarray of float64, shape (n_hypotheses,)
        For the i-th smallest of m: ``min over j >= i of min(1, m p_(j) / j)``.

    References
    ----------
    Benjamini, Y., and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> print(benjamini_hochberg([0.01, 0.04, 0.03]))
    [0.03 0.04 0.04]
    """
    given, order, adjusted = _sorted(p_values)
    count = len(order)
    steps = given[order] * (count / np.arange(1, count + 1))
    adjusted[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return adjusted


def _sorted(p_values: ArrayLike) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Return the values, positions of the tested ones in ascending order, and room for results."""
    given = np.asarray(p_values, dtype=np.float64)
    tested = np.flatnonzero(~np.isnan(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    return given, order.astype(np.int64), np.full(given.shape, np.nan)
