"""Antithetic permutation sampling: a random order of the players and its reverse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explain.games.designs import Design
from explain.games.values import Floats

Ints = NDArray[np.int64]

_GUARD = 1.0
"""Pairs for which the mean variance of all players stands in."""


def permutation_design(d: int, n_coalitions: int, rng: np.random.Generator) -> Design:
    """Return the design of as many pairs of permutations as n coalitions allow.

    Each player's value is the mean of its marginal contributions along the orders: unbiased. The
    pairs are independent and identically distributed, so their spread gives the standard error.
    Antithetic pairs: Mitchell et al., "Sampling permutations for Shapley value estimation", 2022.
    """
    n_pairs = (n_coalitions - 2) // (2 * (d - 1))
    orders = rng.permuted(np.tile(np.arange(d), (n_pairs, 1)), axis=1)
    both = np.stack([orders, orders[:, ::-1]], axis=1).reshape(-1, d)
    ranks = np.argsort(both, axis=1)
    prefixes = ranks[:, None, :] < np.arange(d + 1)[None, :, None]
    coalitions, place = np.unique(prefixes.reshape(-1, d), axis=0, return_inverse=True)
    steps = place.reshape(len(both), d + 1)
    operator = np.zeros((d, len(coalitions)))
    share = np.full(both.shape, 1 / len(both))
    np.add.at(operator, (both, steps[:, 1:]), share)
    np.add.at(operator, (both, steps[:, :-1]), -share)

    def errors(worth: Floats) -> Floats:
        return _spread(worth, both, steps)

    return Design(coalitions, operator, errors)


def _spread(worth: Floats, orders: Ints, steps: Ints) -> Floats:
    """Return the standard error of the mean over independent pairs.

    A few pairs may agree by chance, most of all where a player's contribution is nearly always
    the same. A share of the players' mean variance, which vanishes as pairs become many, guards
    against errors that look like 0.
    """
    gains = np.diff(worth[steps], axis=1)  # (2 n_pairs, d, K)
    values = np.empty_like(gains)
    np.put_along_axis(values, np.broadcast_to(orders[:, :, None], gains.shape), gains, axis=1)
    pairs = values.reshape(-1, 2, *gains.shape[1:]).mean(axis=1)
    n = len(pairs)
    own = pairs.var(axis=0, ddof=1)
    guard = own.mean(axis=0) * _GUARD / (n - 1)
    return np.asarray(np.sqrt((own + guard) / n))
