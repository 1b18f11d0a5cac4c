"""Frozen values of the games: what a model gives, what a game gives, Shapley values."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Label = Literal["exact", "estimated"]


@dataclass(frozen=True)
class Outputs:
    """What one call of `predict` gives where a control variate reuses its work.

    Parameters
    ----------
    target : ndarray, shape (n,) or (n, K)
        The output that is explained.
    channels : ndarray, shape (n, M)
        Further outputs of the same rows whose Shapley values are known exactly, such as the
        margins of an ensemble's tree members. `LinkControl` mixes them.

    Examples
    --------
    >>> Outputs(target=np.array([0.7]), channels=np.array([[0.9, 0.8]])).channels.shape
    (1, 2)
    """

    target: NDArray[np.floating]
    channels: NDArray[np.floating]


@dataclass(frozen=True)
class Evaluation:
    """The worth of coalitions in a game.

    Parameters
    ----------
    worth : ndarray of float64, shape (n_coalitions, K)
        v(S) of each coalition.
    n_rows : int
        Rows that the model predicted for it; 0 for games without a model.
    control : ndarray of float64, shape (n_coalitions, K), optional
        Worth of the same coalitions in the control game, where coefficients were given.
    by_reference : ndarray of float64, shape (m, p, K), optional
        The operator applied to each reference's own game, where an operator was given.
    shares : ndarray of float64, shape (m,), optional
        Weights of the references, summing to 1, where the game has references.

    Examples
    --------
    >>> Evaluation(np.zeros((4, 1)), n_rows=40).worth.shape
    (4, 1)
    """

    worth: Floats
    n_rows: int
    control: Floats | None = None
    by_reference: Floats | None = None
    shares: Floats | None = None


@dataclass(frozen=True)
class Values:
    """Shapley values of one row, with their errors.

    Parameters
    ----------
    label : {"exact", "estimated"}
        Whether all coalitions were evaluated, or a sample of them.
    values : ndarray of float64, shape (n_players, K)
        One value for each player and output. ``base + values.sum(axis=0) == output``.
    errors : ndarray of float64, shape (n_players, K)
        Standard error from the sampling of coalitions, given the background; 0 where exact.
    background_errors : ndarray of float64, shape (n_players, K)
        Standard error from having the background's m rows instead of the population that they
        are a sample of; NaN with fewer than two of them, or where the game has no background.
    base, output : ndarray of float64, shape (K,)
        Worth of no player, and of all.
    effective : ndarray of bool, shape (n_players,)
        Players who can change anything; the others are dummies, with value exactly 0.
    n_coalitions, n_evaluations : int
        Distinct coalitions, and model rows, that were evaluated.

    Examples
    --------
    >>> from explain.games import FunctionGame, enumerate_values
    >>> game = FunctionGame(2, lambda coalitions: coalitions.all(axis=1).astype(float))
    >>> enumerate_values(game, 0).values.ravel()
    array([0.5, 0.5])
    """

    label: Label
    values: Floats
    errors: Floats
    background_errors: Floats
    base: Floats
    output: Floats
    effective: Bools
    n_coalitions: int
    n_evaluations: int

    def interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Return the ends of intervals for the sampling error: value ± quantile · error.

        Parameters
        ----------
        confidence : float, default 0.95
            Share of intervals that hold the value of the full enumeration.

        Returns
        -------
        low, high : ndarray of float64, shape (n_players, K)

        Raises
        ------
        ArgumentError
            If `confidence` is not between 0 and 1.

        Notes
        -----
        The quantile is the normal distribution's: the errors are widened where they rest on few
        coalitions, so that in simulation 95 % intervals cover 90 to 98 % from the least number
        of coalitions on. Values that are exact have intervals of no width.
        """
        if not 0 < confidence < 1:
            raise ArgumentError(
                "the confidence must lie between 0 and 1", got=f"{confidence}", hint="0.95"
            )
        reach = NormalDist().inv_cdf((1 + confidence) / 2) * self.errors
        return self.values - reach, self.values + reach
