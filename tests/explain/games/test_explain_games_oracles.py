"""Textbook games and closed forms: what the values must be."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.games import (
    FunctionGame,
    MarginalGame,
    Values,
    effective_players,
    enumerate_values,
    sample_values,
)

Floats = NDArray[np.float64]


def unanimity(
    sets: list[list[int]], weights: list[float]
) -> Callable[[NDArray[np.bool_]], Floats]:
    """Return the worth of a sum of unanimity games."""

    def worth(coalitions: NDArray[np.bool_]) -> Floats:
        total = np.zeros(len(coalitions))
        for members, weight in zip(sets, weights, strict=True):
            total += weight * coalitions[:, members].all(axis=1)
        return total

    return worth


def by_orders(worth: Callable[[NDArray[np.bool_]], Floats], d: int) -> Floats:
    """Average marginal contributions over all d! orders: the definition itself."""
    values, count = np.zeros(d), 0
    for order in permutations(range(d)):
        steps = np.zeros((d + 1, d), dtype=bool)
        for place, player in enumerate(order):
            steps[place + 1 :, player] = True
        values[list(order)] += np.diff(worth(steps))
        count += 1
    return values / count


@st.composite
def moebius(draw: st.DrawFn) -> tuple[int, list[list[int]], list[float]]:
    d = draw(st.integers(1, 8))
    members = st.lists(st.integers(0, d - 1), min_size=1, max_size=d, unique=True)
    sets = draw(st.lists(members, min_size=1, max_size=12))
    weights = draw(st.lists(st.floats(-100, 100), min_size=len(sets), max_size=len(sets)))
    return d, sets, weights


@given(moebius())
def test_moebius_games_share_each_weight_among_its_members(
    game: tuple[int, list[list[int]], list[float]],
) -> None:
    d, sets, weights = game
    wanted = np.zeros(d)
    for members, weight in zip(sets, weights, strict=True):
        wanted[members] += weight / len(members)
    found = enumerate_values(FunctionGame(d, unanimity(sets, weights)), 0)
    np.testing.assert_allclose(found.values[:, 0], wanted, atol=1e-10)
    assert found.label == "exact"
    assert (found.errors == 0).all()


def test_the_formula_is_the_mean_over_all_orders() -> None:
    table = np.random.default_rng(0).normal(size=2**6)

    def worth(coalitions: NDArray[np.bool_]) -> Floats:
        return table[coalitions @ (1 << np.arange(6))]

    found = enumerate_values(FunctionGame(6, worth), 0)
    np.testing.assert_allclose(found.values[:, 0], by_orders(worth, 6), atol=1e-12)


def test_airport_game() -> None:
    costs = np.array([1.0, 4.0, 4.0, 10.0])
    found = enumerate_values(FunctionGame(4, lambda s: (s * costs).max(axis=1)), 0)
    # each stretch of the runway is shared by those who need it
    np.testing.assert_allclose(found.values[:, 0], [0.25, 1.25, 1.25, 7.25])


def test_glove_game() -> None:
    game = FunctionGame(3, lambda s: np.minimum(s[:, :2].sum(axis=1), s[:, 2]))
    np.testing.assert_allclose(enumerate_values(game, 0).values[:, 0], [1 / 6, 1 / 6, 4 / 6])


def test_product_of_two_with_one_reference() -> None:
    x, r = np.array([[3.0, -2.0]]), np.array([[0.5, 4.0]])
    game = MarginalGame(lambda rows: rows[:, 0] * rows[:, 1], x, r, ((0,), (1,)))
    (x1, x2), (r1, r2) = x[0], r[0]
    wanted = [(x1 - r1) * (x2 + r2) / 2, (x2 - r2) * (x1 + r1) / 2]
    np.testing.assert_allclose(enumerate_values(game, 0).values[:, 0], wanted)


def linear(d: int, *, weighted: bool = False) -> tuple[MarginalGame, Floats]:
    rng = np.random.default_rng(d)
    slopes, background, rows = (
        rng.normal(size=d),
        rng.normal(size=(30, d)),
        rng.normal(size=(2, d)),
    )
    weights = rng.uniform(0.5, 2, size=30) if weighted else np.ones(30)
    mean = np.average(background, axis=0, weights=weights)
    game = MarginalGame(
        lambda at: at @ slopes + 3,
        rows,
        background,
        tuple((j,) for j in range(d)),
        weights if weighted else None,
    )
    return game, slopes * (rows[1] - mean)


@pytest.mark.parametrize("weighted", [False, True])
def test_linear_model_exactly(weighted: bool) -> None:
    game, wanted = linear(6, weighted=weighted)
    found = enumerate_values(game, 1)
    np.testing.assert_allclose(found.values[:, 0], wanted, atol=1e-12)
    np.testing.assert_allclose(found.base + found.values.sum(axis=0), found.output, atol=1e-12)


@pytest.mark.parametrize("method", ["leverage", "kernel", "permutation"])
def test_linear_model_is_exact_from_few_coalitions_and_says_so(method: str) -> None:
    game, wanted = linear(20)
    found = sample_values(game, 1, n_coalitions=100, seed=0, method=method)
    np.testing.assert_allclose(found.values[:, 0], wanted, atol=1e-10)
    assert found.errors.max() < 1e-10
    assert found.label == "estimated"


def test_background_errors_of_a_linear_model_are_those_of_a_mean() -> None:
    game, _ = linear(6)
    found = enumerate_values(game, 0)
    slopes = game.predict(np.eye(6)) - 3
    wanted = np.abs(slopes) * game.background.std(axis=0, ddof=1) / np.sqrt(30)
    np.testing.assert_allclose(found.background_errors[:, 0], wanted)


def test_symmetric_duplicates_get_equal_values_and_groups_play_the_quotient_game() -> None:
    rng = np.random.default_rng(3)
    background = rng.normal(size=(12, 3))[:, [0, 1, 1, 2]]
    rows = rng.normal(size=(1, 3))[:, [0, 1, 1, 2]]

    def model(at: Floats) -> Floats:
        return np.exp(at[:, 0] * (at[:, 1] + at[:, 2])) + at[:, 1] * at[:, 2] * at[:, 3]

    alone = MarginalGame(model, rows, background, ((0,), (1,), (2,), (3,)))
    values = enumerate_values(alone, 0).values[:, 0]
    assert values[1] == pytest.approx(values[2], rel=1e-12)

    grouped = MarginalGame(model, rows, background, ((0,), (1, 2), (3,)))
    at_once = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]], dtype=bool).T
    quotient = FunctionGame(3, lambda s: alone.values(0, s @ at_once))
    np.testing.assert_allclose(
        enumerate_values(grouped, 0).values, enumerate_values(quotient, 0).values, rtol=1e-12
    )


def test_several_outputs_are_several_games() -> None:
    rng = np.random.default_rng(4)
    slopes, background, rows = (
        rng.normal(size=(4, 3)),
        rng.normal(size=(9, 4)),
        rng.normal(size=(1, 4)),
    )

    def chances(at: Floats) -> Floats:
        powers = np.exp(at @ slopes)
        return powers / powers.sum(axis=1, keepdims=True)

    players = ((0,), (1,), (2,), (3,))
    together = enumerate_values(MarginalGame(chances, rows, background, players), 0)
    assert together.values.shape == (4, 3)
    np.testing.assert_allclose(together.values.sum(axis=1), 0, atol=1e-12)
    for k in range(3):
        single = MarginalGame(lambda at, k=k: chances(at)[:, k], rows, background, players)
        np.testing.assert_allclose(enumerate_values(single, 0).values[:, 0], together.values[:, k])


def trivial(found: Values, n_players: int) -> None:
    assert found.values.shape == (n_players, 1)
    assert (found.values == 0).all()
    assert (found.errors == 0).all()
    assert found.base == found.output
    assert found.label == "exact"


def test_no_player_is_effective_where_the_row_is_all_of_the_background() -> None:
    game = MarginalGame(
        lambda at: at.sum(axis=1), np.ones((1, 3)), np.ones((4, 3)), ((0,), (1, 2))
    )
    assert effective_players(game, 0).tolist() == []
    trivial(enumerate_values(game, 0), 2)
    trivial(sample_values(game, 0, n_coalitions=10, seed=0), 2)
    assert enumerate_values(game, 0).n_evaluations == 1


def test_a_game_without_players() -> None:
    game = MarginalGame(lambda at: at.sum(axis=1), np.ones((1, 3)), np.zeros((4, 3)), ())
    trivial(enumerate_values(game, 0), 0)


def test_one_effective_player_gets_all() -> None:
    background = np.array([[0.0, 7.0], [4.0, 7.0]])
    game = MarginalGame(
        lambda at: at[:, 0] ** 2 + at[:, 1], np.array([[3.0, 7.0]]), background, ((0,), (1,))
    )
    assert effective_players(game, 0).tolist() == [0]
    for found in (enumerate_values(game, 0), sample_values(game, 0, n_coalitions=2, seed=0)):
        np.testing.assert_allclose(found.values, [[9 - 8], [0]])
        assert found.values[1, 0] == 0


@pytest.mark.parametrize("method", ["leverage", "kernel", "permutation"])
def test_a_constant_model_has_no_values(method: str) -> None:
    rng = np.random.default_rng(5)
    game = MarginalGame(
        lambda at: np.full(len(at), 0.3),
        rng.normal(size=(1, 15)),
        rng.normal(size=(5, 15)),
        tuple((j,) for j in range(15)),
    )
    found = sample_values(game, 0, n_coalitions=90, seed=0, method=method)
    assert np.abs(found.values).max() < 1e-15
    assert found.errors.max() < 1e-15


def test_more_than_twelve_players_are_not_enumerated() -> None:
    game = FunctionGame(13, lambda s: s.sum(axis=1))
    with pytest.raises(ArgumentError, match="13 effective players are too many for all 8,192"):
        enumerate_values(game, 0)
