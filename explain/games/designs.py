"""Designs: which coalitions are evaluated, and the linear map from their worth to values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

import numpy as np

from explain.games.values import Bools, Floats

MOST_PLAYERS = 12
"""Effective players up to which all coalitions are enumerated on request."""


@dataclass(frozen=True, eq=False)
class Design:
    """Which coalitions of the d effective players are evaluated, and what is made of them.

    Parameters
    ----------
    coalitions : ndarray of bool, shape (k, d)
        Distinct coalitions; the first is empty, the last is full.
    operator : ndarray of float64, shape (d, k)
        Values are ``operator @ worth``.
    errors : callable
        ``errors(worth) -> (d, K)``: standard errors of the values.
    exact : bool
        Whether these are all 2^d coalitions.
    """

    coalitions: Bools
    operator: Floats
    errors: Callable[[Floats], Floats]
    exact: bool = False


def all_coalitions(d: int) -> Bools:
    """Return all 2^d coalitions; player i is in coalition c where bit i of c is set."""
    return np.asarray((np.arange(2**d)[:, None] >> np.arange(d)) % 2 == 1)


def exact_design(d: int) -> Design:
    r"""Return the design of all coalitions.

    :math:`\phi_i = \sum_{S \not\ni i} \frac{v(S \cup i) - v(S)}{d \binom{d-1}{|S|}}`.
    """
    coalitions = all_coalitions(d)
    sizes = coalitions.sum(axis=1)
    gain = np.array([1 / (d * comb(d - 1, max(0, s - 1))) for s in range(d + 1)]) if d else None
    loss = np.array([1 / (d * comb(d - 1, min(d - 1, s))) for s in range(d + 1)]) if d else None
    operator = (
        np.where(coalitions, gain[sizes, None], -loss[sizes, None]).T
        if gain is not None and loss is not None
        else np.zeros((0, 1))
    )
    return Design(coalitions, operator, lambda worth: np.zeros((d, worth.shape[1])), exact=True)


def least_coalitions(d: int) -> int:
    """Return the fewest coalitions from which values of d effective players can be estimated.

    Parameters
    ----------
    d : int
        Number of effective players.

    Returns
    -------
    int
        All 2^d coalitions, or the 4(d - 1) + 2 that leave enough to estimate an error from,
        whichever is less.

    Examples
    --------
    >>> [least_coalitions(d) for d in (0, 1, 4, 12)]
    [1, 2, 14, 46]
    """
    return min(int(2**d), 4 * max(0, d - 1) + 2)
