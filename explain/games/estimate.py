"""Shapley values of one row: exactly over all coalitions, or from a sample of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from explain.errors import ArgumentError
from explain.games.control import Control, LinkControl
from explain.games.designs import MOST_PLAYERS, Design, exact_design, least_coalitions
from explain.games.game import Game
from explain.games.permutations import permutation_design
from explain.games.predictions import predicted
from explain.games.regression import regression_design
from explain.games.uncertainty import background_error
from explain.games.values import Bools, Evaluation, Floats, Values

Method = Literal["leverage", "kernel", "permutation"]

_CLOSES = 1e-4
"""Gap, relative to the control's largest worth, up to which a control's values count as its own.

Tree members that work in float32 leave gaps of about 1e-6.
"""

_LARGEST = 50_000_000
"""Players times coalitions, which a matrix of 8-byte numbers must hold."""


def enumerate_values(game: Game, row: int) -> Values:
    r"""Return exact Shapley values from all coalitions of the effective players.

    :math:`\phi_i = \sum_{S \not\ni i} \frac{|S|! (d - |S| - 1)!}{d!} (v(S \cup i) - v(S))`.

    Parameters
    ----------
    game : Game
        The game.
    row : int
        Position of the explained row.

    Returns
    -------
    Values
        Labelled "exact". With a `MarginalGame` the errors of the background are estimated too.

    Raises
    ------
    ArgumentError
        With more than 12 effective players.
    PredictionError
        If the model fails on a hybrid row.

    References
    ----------
    Shapley, "A value for n-person games", 1953.

    Examples
    --------
    >>> from explain.games import FunctionGame
    >>> glove = FunctionGame(3, lambda s: np.minimum(s[:, :2].sum(axis=1), s[:, 2]))
    >>> enumerate_values(glove, 0).values.ravel().round(4)
    array([0.1667, 0.1667, 0.6667])
    """
    effective = game.effective(row)
    d = int(effective.sum())
    if d > MOST_PLAYERS:
        raise ArgumentError(
            f"{d} effective players are too many for all {2**d:,} coalitions",
            got=f"row {row}; the limit is {MOST_PLAYERS}",
            hint="sample_values(...), or fewer, larger players",
        )
    return _estimated(game, row, effective, exact_design(d), None)


def sample_values(
    game: Game,
    row: int,
    *,
    n_coalitions: int,
    seed: int,
    control: Control | None = None,
    method: Method = "leverage",
) -> Values:
    """Return Shapley values estimated from a sample of coalitions, with standard errors.

    Parameters
    ----------
    game : Game
        The game.
    row : int
        Position of the explained row.
    n_coalitions : int
        Coalitions to evaluate at most, the empty and the full one among them. Where that is
        all 2^d of the effective players, the values are exact. `least_coalitions` says how many
        are needed.
    seed : int
        Of the sampling: the same seed gives the same values.
    control : ControlVariate or LinkControl, optional
        A game with known values, near to this one: only the difference is estimated.
    method : {"leverage", "kernel", "permutation"}, default "leverage"
        Least squares on pairs of complementary coalitions, their sizes drawn by leverage scores
        or by the kernel's mass (both consistent: their bias shrinks faster than their error); or
        permutations in antithetic pairs (unbiased).

    Returns
    -------
    Values
        Labelled "estimated", or "exact". Efficiency holds to rounding in either case.

    Raises
    ------
    ArgumentError
        If there are too few coalitions, or the control is not of this game.
    PredictionError
        If the model fails on a hybrid row.

    Notes
    -----
    All methods evaluate complementary coalitions together. Where no more than two players
    interact their estimates are exact, with errors of 0; a control helps with the rest.

    References
    ----------
    Lundberg and Lee, "A unified approach to interpreting model predictions", 2017; Covert and
    Lee, "Improving KernelSHAP", 2021; Musco and Witter, "Provably accurate Shapley value
    estimation via leverage score sampling", 2025; Mitchell et al., "Sampling permutations for
    Shapley value estimation", 2022.

    Examples
    --------
    >>> from explain.games import FunctionGame
    >>> game = FunctionGame(20, lambda s: s.sum(axis=1) ** 2)
    >>> found = sample_values(game, 0, n_coalitions=200, seed=0)
    >>> found.label, found.n_coalitions, found.values.sum().round(6).item()
    ('estimated', 200, 400.0)
    """
    if method not in get_args(Method):
        raise ArgumentError(
            f'there is no method "{method}"', hint=" or ".join(f'"{m}"' for m in get_args(Method))
        )
    effective = game.effective(row)
    design = _design(int(effective.sum()), n_coalitions, np.random.default_rng(seed), method)
    # all coalitions need no control, and its rounding would only do harm
    helper = None if design.exact else control
    return _estimated(game, row, effective, design, helper)


def _design(d: int, n_coalitions: int, rng: np.random.Generator, method: Method) -> Design:
    least = least_coalitions(d)
    if n_coalitions < least:
        raise ArgumentError(
            f"{n_coalitions} coalitions are too few for {d} effective players",
            hint=f"n_coalitions={least} or more",
        )
    if d * n_coalitions > _LARGEST:
        raise ArgumentError(
            f"{d:,} columns or groups that can change the outcome are too many to sample",
            got=f"{n_coalitions:,} coalitions of them, {d * n_coalitions:,} numbers; "
            f"the limit is {_LARGEST:,}",
            hint="groups= of columns that belong together",
        )
    if n_coalitions >= 2**d:
        return exact_design(d)
    if method == "permutation":
        return permutation_design(d, n_coalitions, rng)
    return regression_design(d, n_coalitions, rng, leverage=method == "leverage")


def _estimated(
    game: Game, row: int, effective: Bools, design: Design, control: Control | None
) -> Values:
    """Evaluate a design's coalitions and make values of them."""
    coalitions = np.zeros((len(design.coalitions), game.n_players), dtype=bool)
    coalitions[:, effective] = design.coalitions
    found, known, known_each = _with_control(game, row, coalitions, design, control)
    residual = found.worth if found.control is None else found.worth - found.control
    total = found.worth[-1] - found.worth[0]
    values = design.operator @ residual + known[effective]
    if len(values):
        # a control computed in float32 leaves a gap of rounding that is no player's own
        values += (total - values.sum(axis=0)) / len(values)
    return Values(
        label="exact" if design.exact else "estimated",
        values=_spread_out(values, effective),
        errors=_spread_out(design.errors(residual), effective),
        background_errors=_spread_out(_background(found, known_each, effective), effective),
        base=found.worth[0],
        output=found.worth[-1],
        effective=effective,
        n_coalitions=len(coalitions),
        n_evaluations=found.n_rows,
    )


def _with_control(
    game: Game, row: int, coalitions: Bools, design: Design, control: Control | None
) -> tuple[Evaluation, Floats, Floats | None]:
    """Return the evaluation, the control's values, and its values for each reference."""
    if isinstance(control, LinkControl):
        found = game.evaluate(row, coalitions, design.operator, control.coefficients)
        if found.control is None or found.shares is None:
            raise ArgumentError(
                "a LinkControl needs a game with references", hint="ControlVariate(...)"
            )
        each = np.asarray(control.values, dtype=np.float64)
        wanted = (len(found.shares), game.n_players, found.worth.shape[1])
        _check_shape(each, wanted)
        known = np.tensordot(found.shares, each, axes=1)
        _check_known(known, coalitions[-1], found.control)
        return found, known, each
    found = game.evaluate(row, coalitions, design.operator)
    if control is None:
        return found, np.zeros((game.n_players, found.worth.shape[1])), None
    known = np.asarray(control.values, dtype=np.float64)
    _check_shape(known, (game.n_players, found.worth.shape[1]))
    # the game's dummies must be the control's too: the last coalition asks for them
    everyone = np.ones((1, game.n_players), dtype=bool)
    where = f"{len(coalitions) + 1} coalitions of the control"
    asked = np.concatenate([coalitions, everyone])
    worth, _ = predicted(control.evaluate, asked, len(asked), where)
    _check_shape(worth, (len(asked), known.shape[1]))
    _check_known(known, coalitions[-1], worth)
    return replace(found, control=worth[:-1]), known, None


def _check_shape(array: Floats, wanted: tuple[int, ...]) -> None:
    if array.shape != wanted:
        raise ArgumentError(
            "the control does not fit the game",
            got=f"shape {array.shape}",
            hint=f"shape {wanted}: players and outputs of the game",
        )


def _check_known(known: Floats, effective: Bools, worth: Floats) -> None:
    """Refuse a control whose values do not sum to its worth, or that pays the game's dummies.

    The worth is of coalitions of which the first is empty and the last is full.
    """
    gap = np.abs(known.sum(axis=0) - (worth[-1] - worth[0])).max(initial=0.0)
    scale = max(np.ptp(worth, axis=0).max(initial=0.0), np.abs(known).max(initial=0.0))
    if gap > _CLOSES * scale:
        raise ArgumentError(
            "the control's values do not sum to its worth: they belong to another game",
            got=f"a gap of {gap:.3g} on a range of {scale:.3g}",
            hint="the control's exact values on the same row and background",
        )
    paid = np.where(effective, 0.0, np.abs(known).max(axis=1))
    if paid.max(initial=0.0) > _CLOSES * scale:
        raise ArgumentError(
            "the control gives a value to a player who changes nothing in the game",
            got=f"{paid.max():.3g} for player {int(paid.argmax())}",
            hint="a control on the same row and background",
        )


def _background(found: Evaluation, known_each: Floats | None, effective: Bools) -> Floats:
    """Return the background's standard errors of the effective players' values."""
    if found.by_reference is None or found.shares is None:
        return np.full((int(effective.sum()), found.worth.shape[1]), np.nan)
    each = found.by_reference
    if known_each is not None:
        each = each + known_each[:, effective]
    return background_error(each, found.shares)


def _spread_out(values: Floats, effective: Bools) -> Floats:
    """Return values of all players: 0 for dummies."""
    spread = np.zeros((len(effective), values.shape[1]))
    spread[effective] = values
    return spread
