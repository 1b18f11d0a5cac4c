"""Which hybrid rows differ: keys of (coalition, reference) pairs, exact and without collisions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explain.games.values import Bools

Ints = NDArray[np.int64]

_LARGEST = 2**62
"""Keys stay below it, so that no product of two factors overflows."""


def ranked(codes: Ints) -> tuple[Ints, int]:
    """Renumber codes as 0, 1, …; return them and how many there are."""
    distinct, ranks = np.unique(codes, return_inverse=True)
    return ranks.astype(np.int64).reshape(codes.shape), len(distinct)


def folded(columns: list[Ints], n: int) -> Ints:
    """Return one number a row, equal exactly where all columns are equal."""
    key, size = np.zeros(n, dtype=np.int64), 1
    for column in columns:
        ranks, levels = ranked(column)
        if size * levels >= _LARGEST:
            key, size = ranked(key)
        key = key * levels + ranks
        size *= levels
    return ranked(key)[0]


def against(row: int, codes: Ints, first: int) -> Ints:
    """Return the background's codes beside one row: 0 where a player's columns equal the row's.

    Parameters
    ----------
    row : int
        Position of the row in the pool.
    codes : ndarray of int64, shape (n_pool, n_players)
        Codes of each player's columns.
    first : int
        Position of the first background row in the pool.

    Returns
    -------
    ndarray of int64, shape (m, n_players)
    """
    return np.where(codes[first:] == codes[row], 0, codes[first:] + 1)


def distinct_pairs(coalitions: Bools, different: Ints) -> tuple[Ints, Ints]:
    """Find the distinct hybrid rows of all pairs of a coalition and a reference.

    Parameters
    ----------
    coalitions : ndarray of bool, shape (k, n_players)
    different : ndarray of int64, shape (g, n_players)
        References beside the row, as from `against`: a hybrid row has code 0 for a player in the
        coalition, else the reference's.

    Returns
    -------
    pairs : ndarray of int64, shape (n_distinct,)
        ``coalition * g + reference`` of one pair for each distinct hybrid row.
    inverse : ndarray of int64, shape (k * g,)
        Which distinct row each pair has.
    """
    absent = (~coalitions).astype(np.int64)
    key = np.zeros((len(coalitions), len(different)), dtype=np.int64)
    size = 1
    for player in np.flatnonzero((different != 0).any(axis=0)):
        ranks, levels = _levels(different[:, player])
        if size * levels >= _LARGEST:
            key, size = ranked(key)
        key = key * levels + absent[:, [player]] * ranks
        size *= levels
    _, pairs, inverse = np.unique(key, return_index=True, return_inverse=True)
    return pairs.astype(np.int64), inverse.astype(np.int64).ravel()


def _levels(codes: Ints) -> tuple[Ints, int]:
    """Renumber one player's codes and keep 0 for the row's own value, though none may have it."""
    ranks, levels = ranked(np.append(codes, 0))
    return ranks[:-1], levels
