r"""The Shapley values of one leaf, from patterns alone.

Let row pattern A and reference pattern B be the sets of the path's players, k in all, whose
conditions the row and the reference meet. The hybrid row that takes coalition S from the row and
the rest from the reference reaches the leaf exactly when S holds every player outside B and none
outside A. That is impossible unless A and B together hold all players; then the game has the
closed form, with a = k - \|B\| players that only the row helps and b = k - \|A\| that only the
reference helps:

- a player outside B gets (a - 1)! b! / (a + b)!,
- a player outside A gets -a! (b - 1)! / (a + b)!,
- a player in both gets 0.

So a leaf needs only the counts of the references' patterns.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from explain.trees.patterns import Table, covering

WIDEST = 14
"""Most players for which sums over all 2^k patterns are considered."""
PAIRS_AT_ONCE = 1 << 20


def leaf_values(
    rows: Table, references: Table, counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum the leaf's Shapley values over the references, for a leaf of value 1.

    Parameters
    ----------
    rows : ndarray of bool of shape (n_rows, k)
        Row patterns.
    references : ndarray of bool of shape (n_references, k)
        Reference patterns, all different or not.
    counts : ndarray of shape (n_references,)
        Weight of each reference pattern.

    Returns
    -------
    ndarray of shape (n_rows, k)
        The value of each player of the path.
    """
    n_players = rows.shape[1]
    if n_players <= WIDEST:
        # Estimates of the elementary steps; most pairs do not cover the path.
        tables = (n_players + 1) * n_players * ((1 << n_players) / 2 + 3 * len(rows))
        if tables < len(rows) * len(references) * (2 + n_players / 2):
            return by_supersets(rows, references, counts)
    return by_pairs(rows, references, counts)


def shapley_weights(n_players: int) -> NDArray[np.float64]:
    """Tabulate w[a, b] = a! b! / (a + b + 1)! for a, b <= n_players.

    By products of ratios below one, so nothing overflows however many players there are.
    """
    weights = np.empty((n_players + 1, n_players + 1))
    other = np.arange(n_players + 1, dtype=np.float64)
    weights[0] = 1 / (other + 1)
    for own in range(1, n_players + 1):
        weights[own] = weights[own - 1] * own / (own + other + 1)
    return weights


@lru_cache(maxsize=256)
def _by_sizes(n_players: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give gains and losses as tables over (|A|, |B|)."""
    weights = shapley_weights(n_players)
    gain = np.zeros((n_players + 1, n_players + 1))
    loss = np.zeros_like(gain)
    outside = n_players - np.arange(n_players + 1)
    # A player outside B exists only where |B| < k, so index -1 is never reached.
    gain[:, :-1] = weights[outside[:-1] - 1][:, outside].T
    loss[:-1, :] = weights[outside][:, outside[:-1] - 1].T
    return gain, loss


def by_pairs(rows: Table, references: Table, counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over all pairs of a row pattern and a reference pattern."""
    gain, loss = _by_sizes(rows.shape[1])
    of_row, of_reference = rows.sum(axis=1), references.sum(axis=1)
    missing = (~references).astype(np.float64).T
    values = np.empty(rows.shape)
    step = max(1, PAIRS_AT_ONCE // max(1, len(references)))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        row, reference = np.nonzero(covering(block, references))
        sizes = of_row[start + row], of_reference[reference]
        weight = counts[reference]
        harmed = np.bincount(row, weight * loss[sizes], len(block))
        weight *= gain[sizes]
        for player, lacks in enumerate(missing):
            helped = np.bincount(row, weight * lacks.take(reference), len(block))
            values[start : start + step, player] = np.where(block[:, player], helped, -harmed)
    return values


def by_supersets(
    rows: Table, references: Table, counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum through tables over all 2^k patterns.

    For each size of B, the weight of the references whose pattern holds a given set is found for
    all sets at once (the sum over supersets).
    """
    n_players = rows.shape[1]
    bit = 1 << np.arange(n_players)
    sizes = references.sum(axis=1)
    holding = np.bincount(
        sizes * (1 << n_players) + references @ bit,
        weights=counts,
        minlength=(n_players + 1) << n_players,
    ).reshape(n_players + 1, -1)
    for player in range(n_players):
        halves = holding.reshape(n_players + 1, -1, 2, 1 << player)
        halves[:, :, 0] += halves[:, :, 1]
    gain, loss = _by_sizes(n_players)
    of_row = rows.sum(axis=1)
    needed = ~rows @ bit
    cover = holding[:, needed]
    harmed = np.einsum("ij,ji->i", loss[of_row], cover)
    helpful = gain[of_row].T
    values = np.empty(rows.shape)
    for player in range(n_players):
        without = cover - holding[:, needed | bit[player]]
        helped = (helpful * without).sum(axis=0)
        values[:, player] = np.where(rows[:, player], helped, -harmed)
    return values
