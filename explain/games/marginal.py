"""The marginal (interventional) game of a model, a row and a background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.games.blocks import Block, Groups, Sums
from explain.games.hybrids import against, distinct_pairs, folded
from explain.games.predictions import Predict, predicted
from explain.games.tables import Table, pool
from explain.games.values import Bools, Evaluation, Floats

Ints = NDArray[np.int64]

MOST_ROWS = 200_000
"""Hybrid rows that are built and predicted at once."""

MOST_CELLS = 20_000_000
"""Cells of them, where a table is wide."""


@dataclass(frozen=True, eq=False)
class MarginalGame:
    r"""The marginal game of a model: absent players take the background's values.

    :math:`v(S) = \sum_r w_r f(x_S, r_{\bar S})`, the weighted mean over references r of the
    model's output where the columns of the players in S come from the explained row and all
    others from the reference.

    Parameters
    ----------
    predict : callable
        ``predict(rows) -> (n,)`` or ``(n, K)``, of a frame or matrix like `background`; or
        `Outputs`, where a `LinkControl` reuses the same predictions.
    rows : pandas.DataFrame or ndarray of float, shape (n_rows, n_columns)
        The rows to explain: raw columns of any dtype.
    background : like `rows`, shape (m, n_columns)
        The references.
    players : tuple of tuples of int
        Positions of the columns of each player. A column of no player is held at the explained
        row's value.
    weights : ndarray of float, shape (m,), optional
        Positive weights of the references, equal by default; they are scaled to sum to 1.

    Raises
    ------
    ArgumentError
        If rows and background do not fit together, a column is unknown or has two players, or a
        weight is not positive.

    Notes
    -----
    Hybrid rows are built in batches of at most `MOST_ROWS` rows and `MOST_CELLS` cells. Within a
    batch each distinct hybrid row is predicted once: columns in which row and reference are equal
    make no difference, and identical references are merged.

    Examples
    --------
    >>> background = np.array([[0.0, 0.0], [2.0, 0.0]])
    >>> game = MarginalGame(
    ...     lambda rows: rows[:, 0] + 10 * rows[:, 1],
    ...     rows=np.array([[3.0, 1.0]]),
    ...     background=background,
    ...     players=((0,), (1,)),
    ... )
    >>> game.values(0, np.array([[False, False], [True, False], [True, True]])).ravel()
    array([ 1.,  3., 13.])
    """

    predict: Predict
    rows: Any
    background: Any
    players: tuple[tuple[int, ...], ...]
    weights: Sequence[float] | Floats | None = None

    def __post_init__(self) -> None:
        if len(self.background) == 0:
            raise ArgumentError(
                "the background has no rows", got="0 rows", hint="at least 2 rows of training data"
            )
        self._check_players(self._table.n_columns)
        self._check_weights()

    @property
    def n_players(self) -> int:
        """Number of players."""
        return len(self.players)

    @property
    def n_references(self) -> int:
        """Number of background rows."""
        return len(self.background)

    @cached_property
    def shares(self) -> Floats:
        """Weights of the references, summing to 1: shape (m,)."""
        if self.weights is None:
            return np.full(self.n_references, 1 / self.n_references)
        weights = np.asarray(self.weights, dtype=np.float64)
        return np.asarray(weights / weights.sum())

    def effective(self, row: int) -> Bools:
        """Say for each player whether its columns differ from any background row's."""
        different = against(self._at(row), self._codes, len(self.rows))
        return np.asarray((different != 0).any(axis=0))

    def values(self, row: int, coalitions: Bools) -> Floats:
        """Return v(S) of coalitions (k, n_players): shape (k, K)."""
        return self.evaluate(row, coalitions).worth

    def evaluate(
        self,
        row: int,
        coalitions: Bools,
        operator: Floats | None = None,
        coefficients: Floats | None = None,
    ) -> Evaluation:
        """Return the worth of coalitions, and what else the same predictions give.

        Parameters
        ----------
        row : int
            Position in `rows`.
        coalitions : ndarray of bool, shape (k, n_players)
            Who is present.
        operator : ndarray of float64, shape (p, k), optional
            Applied to each reference's own worth: ``by_reference[r] = operator @ v_r``; with
            coefficients, to that of the residual game ``v_r - c_r``.
        coefficients : ndarray of float64, shape (m, M, K), optional
            Each reference's mixture of the channels, as `LinkControl` holds it.

        Raises
        ------
        PredictionError
            If the model fails or gives NaN or a wrong shape.
        """
        coalitions = self._check_coalitions(coalitions)
        groups = Groups.of(against(self._at(row), self._codes, len(self.rows)), self.shares)
        mixture = None if coefficients is None else groups.mean(coefficients)
        sums = Sums(len(coalitions), len(groups.weights), operator)
        for which, references in self._blocks(len(coalitions), len(groups.weights)):
            block = self._block(row, coalitions[which], groups, references, mixture is not None)
            sums.add(block, which, references, groups.weights, mixture)
        return sums.evaluation(groups)

    def _block(
        self, row: int, coalitions: Bools, groups: Groups, references: slice, channels: bool
    ) -> Block:
        """Predict all pairs of some coalitions and some references, each distinct row once."""
        different = groups.different[references]
        n = len(different)
        pairs, inverse = distinct_pairs(coalitions, different)
        which, reference = np.divmod(pairs, n)
        at = len(self.rows) + groups.first[references][reference]
        inside = coalitions[which]
        position = self._at(row)
        positions: list[Ints | int] = [position] * self._table.n_columns
        for player in np.flatnonzero((different != 0).any(axis=0)):
            taken = np.where(inside[:, player], position, at)
            for column in self.players[player]:
                positions[column] = taken
        where = f"{len(pairs)} hybrid rows of row {row}"
        hybrids = self._table.take(positions, len(pairs))
        target, given = predicted(self.predict, hybrids, len(pairs), where)
        if channels and given is None:
            raise ArgumentError(
                "a LinkControl needs predict to return Outputs with channels",
                got="predictions only",
                hint="return Outputs(target, channels)",
            )
        shape = (len(coalitions), n, -1)
        mixed = None if given is None or not channels else given[inverse].reshape(shape)
        return Block(target[inverse].reshape(shape), mixed, len(pairs))

    def _blocks(self, k: int, n_groups: int) -> Iterator[tuple[slice, slice]]:
        """Yield (coalitions, references) so that no batch is larger than allowed."""
        most = max(1, min(MOST_ROWS, MOST_CELLS // max(1, self._table.n_columns)))
        rows = min(k, most)
        columns = max(1, most // max(1, rows))
        for start in range(0, n_groups, columns):
            for first in range(0, k, max(1, rows)):
                yield slice(first, first + rows), slice(start, start + columns)

    @cached_property
    def _table(self) -> Table:
        return pool(self.rows, self.background)

    @cached_property
    def _codes(self) -> Ints:
        """Codes of each player's columns in the pool: shape (n_rows + m, n_players)."""
        n = len(self.rows) + self.n_references
        codes = [folded([self._table.codes(j) for j in player], n) for player in self.players]
        return np.stack(codes, axis=1) if codes else np.empty((n, 0), dtype=np.int64)

    def _at(self, row: int) -> int:
        if not 0 <= row < len(self.rows):
            raise ArgumentError(
                f"there is no row {row}",
                got=f"{len(self.rows)} rows",
                hint=f"0 to {len(self.rows) - 1}",
            )
        return int(row)

    def _check_coalitions(self, coalitions: Bools) -> Bools:
        given = np.asarray(coalitions)
        if given.dtype != bool or given.ndim != 2 or given.shape[1] != self.n_players:
            raise ArgumentError(
                "coalitions must be booleans with one column for each player",
                got=f"shape {given.shape}, dtype {given.dtype}",
                hint=f"shape (k, {self.n_players})",
            )
        return given

    def _check_players(self, n_columns: int) -> None:
        columns = [column for player in self.players for column in player]
        unknown = sorted({column for column in columns if not 0 <= column < n_columns})
        if unknown:
            raise ArgumentError(
                "a player has a column that the rows do not have",
                got=f"position {unknown[0]} of {n_columns} columns",
                hint=f"positions 0 to {n_columns - 1}",
            )
        if len(set(columns)) < len(columns):
            twice = next(column for column in columns if columns.count(column) > 1)
            raise ArgumentError(
                "a column belongs to two players",
                got=f"position {twice}",
                hint="each column in at most one player",
            )

    def _check_weights(self) -> None:
        if self.weights is None:
            return
        weights = np.asarray(self.weights, dtype=np.float64)
        if weights.shape != (self.n_references,) or not (
            np.isfinite(weights).all() and (weights > 0).all()
        ):
            raise ArgumentError(
                "the weights must be one positive number for each background row",
                got=f"shape {weights.shape}, smallest {weights.min(initial=np.inf):g}",
                hint="leave out background rows of weight 0",
            )
