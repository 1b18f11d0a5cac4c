"""Errors from the background: against closed forms, against simulation, and combined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explain.errors import ArgumentError
from explain.games import (
    MarginalGame,
    background_error,
    combine_errors,
    enumerate_values,
    split_half_error,
)


@given(arrays(np.float64, (7, 2, 3), elements=st.floats(-100, 100)))
def test_equal_weights_give_the_error_of_a_mean(values: np.ndarray) -> None:
    wanted = values.std(axis=0, ddof=1) / np.sqrt(7)
    np.testing.assert_allclose(background_error(values), wanted, atol=1e-12)
    np.testing.assert_allclose(background_error(values, [3.0] * 7), wanted, atol=1e-12)


def test_weights_give_the_error_of_a_weighted_mean() -> None:
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.2, 2, size=40)
    draws = rng.normal(size=(20_000, 40))
    truth = (draws @ weights / weights.sum()).std()
    found = np.sqrt((background_error(draws.T, weights) ** 2).mean())
    assert found == pytest.approx(truth, rel=0.03)


def test_nothing_is_left_to_err_with_the_whole_population() -> None:
    values = np.random.default_rng(1).normal(size=(10, 2, 1))
    assert (background_error(values, population=10) == 0).all()
    np.testing.assert_allclose(
        background_error(values, population=40), background_error(values) * np.sqrt(0.75)
    )
    with pytest.raises(ArgumentError, match="the population is smaller"):
        background_error(values, population=9)


def test_one_reference_has_no_error_to_estimate() -> None:
    assert np.isnan(background_error(np.ones((1, 3, 2)))).all()
    game = MarginalGame(
        lambda at: at.sum(axis=1), np.ones((1, 2)), np.array([[0.0, 1.0]]), ((0,), (1,))
    )
    found = enumerate_values(game, 0).background_errors
    # the second is a dummy against that reference, which is all the game has
    assert np.isnan(found[0, 0])
    assert found[1, 0] == 0


@pytest.mark.parametrize("weights", [[1.0, 1.0], [1.0, -1.0, 1.0]])
def test_weights_that_do_not_fit(weights: list[float]) -> None:
    with pytest.raises(ArgumentError, match="one positive number for each reference"):
        background_error(np.ones((3, 1, 1)), weights)


def test_halves_agree_with_the_formula_on_average() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(60, 4, 1))
    orders = [rng.permutation(60) for _ in range(400)]
    first = np.array([values[order[:30]].mean(axis=0) for order in orders])
    second = np.array([values[order[30:]].mean(axis=0) for order in orders])
    np.testing.assert_allclose(
        split_half_error(first, second), background_error(values), rtol=0.15
    )
    with pytest.raises(ArgumentError, match="the same shape"):
        split_half_error(first, second[:5])


def test_independent_errors_add_in_squares() -> None:
    one = np.array([[3.0, np.nan]])
    np.testing.assert_allclose(combine_errors(one, np.array([[4.0, 1.0]])), [[5.0, np.nan]])
    np.testing.assert_allclose(combine_errors(one), one)
    with pytest.raises(ArgumentError, match=r"one shape\n  none"):
        combine_errors()
    with pytest.raises(ArgumentError, match="one shape"):
        combine_errors(one, np.ones(2))


def test_background_errors_cover_the_values_of_the_whole_population() -> None:
    rng = np.random.default_rng(3)
    population = rng.normal(size=(400, 3))
    row = np.array([[1.0, -0.5, 2.0]])
    players = ((0,), (1,), (2,))

    def model(at: np.ndarray) -> np.ndarray:
        return np.asarray(1 / (1 + np.exp(-at[:, 0] * at[:, 1] - at[:, 2])))

    truth = enumerate_values(MarginalGame(model, row, population, players), 0).values
    covered = []
    for _ in range(150):
        drawn = population[rng.choice(400, 60, replace=False)]
        found = enumerate_values(MarginalGame(model, row, drawn, players), 0)
        reach = 1.96 * found.background_errors * np.sqrt(1 - 60 / 400)
        covered.append(np.abs(found.values - truth) <= reach)
    assert 0.90 <= np.mean(covered) <= 0.98
