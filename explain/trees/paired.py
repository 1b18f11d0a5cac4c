"""Exact Shapley values of rows against one reference each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explain.errors import ArgumentError
from explain.trees.forest import Forest, as_matrix
from explain.trees.kernel import interventional, player_of_features
from explain.trees.leafgame import shapley_weights

WIDEST = 63
"""Most players that may stand on one path: a bit each."""

Bits = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class _Alive:
    """Pairs that can still reach a node.

    Bit i of `row` (`reference`) says that the row (the reference) meets all conditions of the
    path's i-th player. Every player's conditions are met by one of the two.
    """

    pairs: NDArray[np.intp]
    row: Bits
    reference: Bits


def paired(
    forest: Forest,
    X: ArrayLike,
    references: ArrayLike,
    *,
    players: ArrayLike | None = None,
) -> NDArray[np.float64]:
    r"""Compute exact Shapley values of each row against its own reference.

    Parameters
    ----------
    forest : Forest
        The model, from `read_forest`.
    X, references : array-like of shape (n, n_features)
        Rows to explain, and the reference of each.
    players : array-like of int of shape (n_features,), optional
        The player of each column, numbered from 0. By default every column is a player.

    Returns
    -------
    ndarray of shape (n, n_players, n_outputs)
        ``values.sum(axis=1) == forest.predict(X) - forest.predict(references)``.

    Raises
    ------
    explain.errors.ArgumentError
        The two have different shapes, or are no matrices of numbers.

    Notes
    -----
    The value function is :math:`v_i(S) = f(x_{i,S}, r_{i,\bar S})`. A leaf counts for a pair only
    when each player on its path meets its conditions with the row's values or with the
    reference's; the pairs of which this is not so are dropped on the way down.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> from explain.trees import read_forest
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> model = DecisionTreeRegressor().fit(X, [0.0, 0.0, 0.0, 80.0])
    >>> paired(read_forest(model), X[[3, 3]], X[[0, 1]])[:, :, 0].tolist()
    [[40.0, 40.0], [80.0, 0.0]]
    """
    rows = as_matrix(X, forest.n_features, "rows")
    others = as_matrix(references, forest.n_features, "references")
    if rows.shape != others.shape:
        raise ArgumentError(
            "every row needs one reference",
            got=f"{len(rows)} rows and {len(others)} references",
        )
    player_of = player_of_features(forest, players)
    playing = np.unique(player_of[forest.used])
    values = np.zeros((len(rows), int(player_of.max(initial=-1)) + 1, forest.n_outputs))
    walk = _Walk(
        forest, np.asfortranarray(rows), np.asfortranarray(others),
        np.searchsorted(playing, player_of), len(playing),
    )  # fmt: skip
    try:
        sums = walk.over_trees()
    except _TooDeepError:
        return _one_by_one(forest, rows, others, player_of)
    values[:, playing] = sums.transpose(2, 0, 1)
    return values


class _TooDeepError(Exception):
    """A path has more players than bits."""


def _one_by_one(
    forest: Forest,
    rows: NDArray[np.float64],
    references: NDArray[np.float64],
    player_of: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Do the same with the kernel for whole backgrounds, a row at a time."""
    found = [
        interventional(forest, row[None], reference[None], players=player_of)[0]
        for row, reference in zip(rows, references, strict=True)
    ]
    return np.concatenate(found)


@dataclass(frozen=True, eq=False)
class _Walk:
    """What all trees share: pairs column by column, and the seat of each column's player."""

    forest: Forest
    rows: NDArray[np.float64]
    references: NDArray[np.float64]
    seat: NDArray[np.intp]
    n_seats: int

    def over_trees(self) -> NDArray[np.float64]:
        """Add all trees' values, shape (n_seats, n_outputs, n)."""
        sums = np.zeros((self.n_seats, self.forest.n_outputs, len(self.rows)))
        for root in self.forest.root:
            self._add_tree(int(root), sums)
        return sums

    def _add_tree(self, root: int, sums: NDArray[np.float64]) -> None:
        """Walk down one tree with the pairs that can still reach each node."""
        forest, n = self.forest, len(self.rows)
        everyone = _Alive(np.arange(n), np.zeros(n, np.uint64), np.zeros(n, np.uint64))
        waiting: list[tuple[int, list[int], _Alive]] = [(root, [], everyone)]
        while waiting:
            node, path, alive = waiting.pop()
            if forest.left[node] < 0:
                self._add_leaf(forest.value[node], path, alive, sums)
                continue
            column = int(forest.feature[node])
            seat = int(self.seat[column])
            new = seat not in path
            path = [*path, seat] if new else path
            if len(path) > WIDEST:
                raise _TooDeepError
            bit = np.uint64(1 << path.index(seat))
            row_left = forest.goes_left(node, self.rows[alive.pairs, column])
            other_left = forest.goes_left(node, self.references[alive.pairs, column])
            for child, met, other_met in (
                (forest.left[node], row_left, other_left),
                (forest.right[node], ~row_left, ~other_left),
            ):
                below = _narrowed(alive, bit, met, other_met, new)
                if len(below.pairs):
                    waiting.append((int(child), path, below))

    def _add_leaf(
        self,
        value: NDArray[np.float64],
        path: list[int],
        alive: _Alive,
        sums: NDArray[np.float64],
    ) -> None:
        """Add one leaf's values: players whom only the row helps gain, the others lose."""
        outputs = np.flatnonzero(value)
        if not path or not len(outputs):
            return
        only_row, only_other = alive.row & ~alive.reference, alive.reference & ~alive.row
        gaining, losing = np.bitwise_count(only_row), np.bitwise_count(only_other)
        gain, loss = _weights(len(path))
        gains, losses = gain[gaining, losing], loss[gaining, losing]
        for place, seat in enumerate(path):
            bit = np.uint64(1 << place)
            share = np.where(only_row & bit, gains, 0.0) - np.where(only_other & bit, losses, 0.0)
            moved = np.flatnonzero(share)
            for output in outputs:
                sums[seat, output, alive.pairs[moved]] += value[output] * share[moved]


def _narrowed(
    alive: _Alive, bit: np.uint64, met: NDArray[np.bool_], other_met: NDArray[np.bool_], new: bool
) -> _Alive:
    """Keep the pairs of which one still meets the player's conditions."""
    if not new:
        met = met & ((alive.row & bit) != 0)
        other_met = other_met & ((alive.reference & bit) != 0)
    kept = np.flatnonzero(met | other_met)
    met, other_met = met[kept], other_met[kept]
    row, reference = alive.row[kept] & ~bit, alive.reference[kept] & ~bit
    return _Alive(
        alive.pairs[kept],
        np.where(met, row | bit, row),
        np.where(other_met, reference | bit, reference),
    )


def _weights(n_players: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tabulate (a-1)! b! / (a+b)! and a! (b-1)! / (a+b)! for a, b <= n_players."""
    weights = shapley_weights(n_players)
    gain, loss = np.zeros_like(weights), np.zeros_like(weights)
    gain[1:] = weights[:-1]
    loss[:, 1:] = weights[:, :-1]
    return gain, loss
