"""Games: what the estimators of Shapley values need to know of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.games.predictions import predicted
from explain.games.values import Bools, Evaluation, Floats

Ints = NDArray[np.int64]


class Game(Protocol):
    """What the estimators need: players, and what coalitions of them are worth."""

    @property
    def n_players(self) -> int:
        """Number of players."""

    def effective(self, row: int) -> Bools:
        """Say for each player whether it can change anything: shape (n_players,)."""

    def evaluate(
        self,
        row: int,
        coalitions: Bools,
        operator: Floats | None = None,
        coefficients: Floats | None = None,
    ) -> Evaluation:
        """Return the worth of coalitions, shape (k, n_players)."""


@dataclass(frozen=True, eq=False)
class FunctionGame:
    """A game whose worth is a function of the coalitions themselves.

    Parameters
    ----------
    n_players : int
        Number of players.
    worth : callable
        ``worth(coalitions)`` with a bool array (k, n_players) gives (k,) or (k, K).

    Examples
    --------
    >>> airport = FunctionGame(3, lambda s: (s * [10.0, 20.0, 30.0]).max(axis=1))
    >>> from explain.games import enumerate_values
    >>> enumerate_values(airport, 0).values.ravel().round(4)
    array([ 3.3333,  8.3333, 18.3333])
    """

    n_players: int
    worth: Callable[[Bools], Any]

    def effective(self, row: int) -> Bools:
        """Say that every player may change something."""
        del row
        return np.ones(self.n_players, dtype=bool)

    def evaluate(
        self,
        row: int,
        coalitions: Bools,
        operator: Floats | None = None,
        coefficients: Floats | None = None,
    ) -> Evaluation:
        """Return the worth of coalitions; the game has no references, hence no operator's use.

        Raises
        ------
        ArgumentError
            If coefficients of a `LinkControl` are given.
        """
        del row, operator
        if coefficients is not None:
            raise ArgumentError(
                "a game without a background has no channels for a LinkControl",
                hint="ControlVariate(values, evaluate)",
            )
        worth, _ = predicted(self.worth, coalitions, len(coalitions), "coalitions of the game")
        return Evaluation(worth, n_rows=0)


def effective_players(game: Game, row: int) -> Ints:
    """Return the players whose columns differ from any background row; the others are dummies.

    Parameters
    ----------
    game : Game
        The game.
    row : int
        Position of the explained row.

    Returns
    -------
    ndarray of int64, shape (d,)
        Positions of the effective players. Every other player's value is exactly 0.

    Examples
    --------
    >>> from explain.games import MarginalGame
    >>> game = MarginalGame(
    ...     lambda rows: rows.sum(axis=1),
    ...     np.array([[1.0, 5.0]]),
    ...     np.array([[0.0, 5.0], [2.0, 5.0]]),
    ...     players=((0,), (1,)),
    ... )
    >>> effective_players(game, 0)
    array([0])
    """
    return np.flatnonzero(game.effective(row)).astype(np.int64)
