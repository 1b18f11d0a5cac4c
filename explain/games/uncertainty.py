"""How far values may be off because the background is a sample, and sums of such errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from explain.errors import ArgumentError
from explain.games.values import Floats


def background_error(
    per_reference: Floats, weights: ArrayLike | None = None, *, population: int | None = None
) -> Floats:
    r"""Return the standard error of the mean over references.

    :math:`\sqrt{\sum_r w_r^2 (\phi_r - \bar\phi)^2 / (1 - \sum_r w_r^2)}` with weights that sum
    to 1; :math:`s / \sqrt m` where they are equal.

    Parameters
    ----------
    per_reference : ndarray of float64, shape (m, ...)
        Shapley values against each single reference, as (m, d, K) or any other shape behind m.
    weights : array-like of float, shape (m,), optional
        Weights of the references, equal by default.
    population : int, optional
        Number of rows from which the m references were drawn without replacement. The error is
        then that against all of them: smaller by :math:`\sqrt{1 - m / N}`, and 0 with m = N.

    Returns
    -------
    ndarray of float64, shape (...)
        NaN with fewer than two references.

    Raises
    ------
    ArgumentError
        If the weights do not fit, or the population is smaller than m.

    Notes
    -----
    Assumes that the references are independent draws. The row is given: two rows' errors from
    the same background are correlated, so errors of a mean over rows need the mean's own
    per-reference values.

    Examples
    --------
    >>> background_error(np.array([[1.0], [3.0]]))
    array([1.])
    """
    values = np.asarray(per_reference, dtype=np.float64)
    m = len(values)
    if population is not None and population < m:
        raise ArgumentError(
            "the population is smaller than the background drawn from it",
            got=f"{population} rows for {m} references",
        )
    shares = np.full(m, 1 / m) if weights is None else np.asarray(weights, dtype=np.float64)
    if shares.shape != (m,) or not (shares > 0).all():
        raise ArgumentError(
            "the weights must be one positive number for each reference",
            got=f"shape {shares.shape} for {m} references",
        )
    if m < 2:
        return np.full(values.shape[1:], np.nan)
    shares = shares / shares.sum()
    centred = values - np.tensordot(shares, values, axes=1)
    squares = np.tensordot(shares**2, centred**2, axes=1) / (1 - (shares**2).sum())
    left = 1.0 if population is None else 1 - m / population
    return np.asarray(np.sqrt(left * squares))


def split_half_error(first: Floats, second: Floats) -> Floats:
    """Return the standard error of values over a background from those over its two halves.

    Half the difference of two independent half-sample means has the standard deviation of the
    whole sample's mean. One split is a rough guess; several are pooled by their mean square.

    Parameters
    ----------
    first, second : ndarray of float64, shape (d, K) or (n_splits, d, K)
        Values from disjoint halves of the background.

    Returns
    -------
    ndarray of float64, shape (d, K)

    Raises
    ------
    ArgumentError
        If the two have different shapes, or neither two nor three axes.

    Examples
    --------
    >>> split_half_error(np.array([[1.0]]), np.array([[3.0]]))
    array([[1.]])
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != other.shape or one.ndim not in (2, 3):
        raise ArgumentError(
            "the two halves must have values of the same shape",
            got=f"{one.shape} and {other.shape}",
            hint="(d, K), or (n_splits, d, K)",
        )
    squares = ((one - other) / 2) ** 2
    return np.asarray(np.sqrt(squares if one.ndim == 2 else squares.mean(axis=0)))


def combine_errors(*errors: Floats) -> Floats:
    """Return the standard error of a sum of independent errors: the root of summed squares.

    Parameters
    ----------
    *errors : ndarray of float64, all of one shape
        Standard errors, such as those of sampling and of the background.

    Returns
    -------
    ndarray of float64
        NaN where any is NaN.

    Raises
    ------
    ArgumentError
        If there are none, or their shapes differ.

    Examples
    --------
    >>> combine_errors(np.array([3.0]), np.array([4.0]))
    array([5.])
    """
    arrays = [np.asarray(each, dtype=np.float64) for each in errors]
    if not arrays or any(each.shape != arrays[0].shape for each in arrays):
        raise ArgumentError(
            "errors to combine must have one shape",
            got=", ".join(str(each.shape) for each in arrays) or "none",
        )
    return np.asarray(np.sqrt(sum(each**2 for each in arrays)))
