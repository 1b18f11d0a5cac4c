"""Estimates from sampled coalitions: exact sums, honest errors, the same again by seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.games import (
    FunctionGame,
    MarginalGame,
    enumerate_values,
    estimate,
    least_coalitions,
    sample_values,
)
from explain.games.regression import allocated

METHODS = ["leverage", "kernel", "permutation"]
Worth = Callable[[NDArray[np.bool_]], NDArray[np.float64]]


def moebius(d: int, n: int, largest: int, seed: int) -> Worth:
    rng = np.random.default_rng(seed)
    sets = [rng.choice(d, rng.integers(1, largest + 1), replace=False) for _ in range(n)]
    weights = rng.normal(size=n)
    return lambda s: sum(w * s[:, members].all(axis=1) for w, members in zip(weights, sets))  # type: ignore[return-value]  # noqa: B905


def logistic(d: int, seed: int) -> Worth:
    slopes = np.random.default_rng(seed).normal(size=d) * 1.2
    return lambda s: 1 / (1 + np.exp(0.5 - s @ slopes))


def airport(d: int) -> Worth:
    return lambda s: np.asarray((s * np.arange(1.0, d + 1)).max(axis=1))


def model(seed: int, d: int = 14) -> MarginalGame:
    rng = np.random.default_rng(seed)
    slopes = rng.normal(size=(d, 2))
    return MarginalGame(
        lambda at: np.tanh(at @ slopes) + at[:, [0]] * at[:, [1]],
        rng.normal(size=(1, d)),
        rng.normal(size=(8, d)),
        tuple((j,) for j in range(d)),
    )


@pytest.mark.parametrize("method", METHODS)
def test_values_sum_to_the_output_for_every_output(method: Any) -> None:
    found = sample_values(model(0), 0, n_coalitions=80, seed=0, method=method)
    assert found.label == "estimated"
    assert found.values.shape == found.errors.shape == found.background_errors.shape == (14, 2)
    np.testing.assert_allclose(
        found.base + found.values.sum(axis=0), found.output, rtol=0, atol=1e-9
    )
    assert (found.errors > 0).all()
    assert (found.background_errors > 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_gives_the_same_again_and_another_does_not(method: Any) -> None:
    first, again, other = (
        sample_values(model(1), 0, n_coalitions=80, seed=seed, method=method) for seed in (4, 4, 5)
    )
    np.testing.assert_array_equal(first.values, again.values)
    np.testing.assert_array_equal(first.errors, again.errors)
    assert np.abs(first.values - other.values).max() > 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_coalitions", [64, 1000])
def test_all_coalitions_are_exact(method: Any, n_coalitions: int) -> None:
    game = model(2, d=6)
    found = sample_values(game, 0, n_coalitions=n_coalitions, seed=0, method=method)
    wanted = enumerate_values(game, 0)
    assert (found.label, found.n_coalitions) == ("exact", 64)
    np.testing.assert_array_equal(found.values, wanted.values)
    assert (found.errors == 0).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_coalitions", [46, 47, 80, 301, 4000])
def test_the_budget_is_kept(method: Any, n_coalitions: int) -> None:
    seen: list[NDArray[np.bool_]] = []

    def worth(coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        seen.append(coalitions)
        return np.asarray(coalitions.sum(axis=1) ** 2.0)

    game = FunctionGame(12, worth)
    found = sample_values(game, 0, n_coalitions=n_coalitions, seed=1, method=method)
    asked = np.concatenate(seen)
    assert len(np.unique(asked, axis=0)) == len(asked) == found.n_coalitions <= n_coalitions
    if method != "permutation":
        assert found.n_coalitions >= n_coalitions - 1


@pytest.mark.parametrize("leverage", [True, False])
@pytest.mark.parametrize("d", [3, 4, 9, 12, 31])
def test_pairs_are_shared_among_sizes_within_their_numbers(d: int, leverage: bool) -> None:
    for n_pairs in (2 * (d - 1), 3 * d, min(2 ** (d - 1) - 1, 500)):
        if n_pairs > 2 ** (d - 1) - 1:
            continue
        strata = allocated(d, n_pairs, leverage)
        assert sum(each.n for each in strata) == n_pairs
        assert all(min(2, each.population) <= each.n <= each.population for each in strata)
    total = sum(each.population for each in allocated(d, 2 * (d - 1), leverage))
    assert total == 2 ** (d - 1) - 1


def test_leverage_spreads_over_sizes_and_the_kernel_prefers_the_ends() -> None:
    even = [each.n for each in allocated(31, 150, leverage=True)]
    ends = [each.n for each in allocated(31, 150, leverage=False)]
    assert even == [10] * 15
    assert ends[0] > 3 * ends[-1]


@pytest.mark.parametrize("method", METHODS)
def test_the_least_number_of_coalitions_works_and_one_less_says_what_to_do(method: Any) -> None:
    for d in range(2, 14):
        least = least_coalitions(d)
        game = FunctionGame(d, moebius(d, 12, 3, d) if d > 2 else airport(d))
        for seed in range(20):
            found = sample_values(game, 0, n_coalitions=least, seed=seed, method=method)
            assert np.isfinite(found.values).all()
        with pytest.raises(ArgumentError, match=f"try  n_coalitions={least} or more"):
            sample_values(game, 0, n_coalitions=least - 1, seed=0, method=method)


def test_an_unknown_method_and_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    game = FunctionGame(20, airport(20))
    with pytest.raises(ArgumentError, match='no method "magic"'):
        sample_values(game, 0, n_coalitions=100, seed=0, method="magic")  # type: ignore[arg-type]
    monkeypatch.setattr(estimate, "_LARGEST", 1000)
    with pytest.raises(ArgumentError, match=r"20 columns or groups .* are too many to sample"):
        sample_values(game, 0, n_coalitions=100, seed=0)


def test_intervals_widen_with_the_confidence() -> None:
    found = sample_values(model(3), 0, n_coalitions=80, seed=0)
    low, high = found.interval(0.95)
    np.testing.assert_allclose(high - low, 2 * 1.959964 * found.errors, rtol=1e-6)
    assert (found.interval(0.99)[0] < low).all()
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        found.interval(95)


@pytest.mark.parametrize("method", METHODS)
def test_interactions_of_two_cost_no_error(method: Any) -> None:
    rng = np.random.default_rng(0)
    pay, pairs = rng.normal(size=16), np.triu(rng.normal(size=(16, 16)), 1)
    game = FunctionGame(16, lambda s: s @ pay + ((s @ pairs) * s).sum(axis=1))
    found = sample_values(game, 0, n_coalitions=80, seed=0, method=method)
    np.testing.assert_allclose(
        found.values[:, 0], pay + (pairs.sum(axis=0) + pairs.sum(axis=1)) / 2, atol=1e-10
    )
    assert found.errors.max() < 1e-10


def test_permutations_of_very_many_players() -> None:
    pay = np.arange(300.0)
    game = FunctionGame(300, lambda s: (s @ pay) ** 2 / 1000)
    found = sample_values(game, 0, n_coalitions=3000, seed=0, method="permutation")
    wanted = pay * pay.sum() / 1000
    assert np.abs(found.values[:, 0] - wanted).max() < 0.1 * wanted.max()


GAMES: dict[str, tuple[int, Worth]] = {
    "Moebius, few": (8, moebius(8, 30, 3, 1)),
    "Moebius, large": (12, moebius(12, 60, 6, 2)),
    "logistic": (10, logistic(10, 3)),
    "airport": (10, airport(10)),
}


def runs(name: str, method: Any, n_coalitions: int, n: int) -> tuple[Any, Any, Any]:
    """Return estimates (n, d), their errors, and the true values."""
    d, worth = GAMES[name]
    game = FunctionGame(d, worth)
    truth = enumerate_values(game, 0).values[:, 0]
    found = [
        sample_values(game, 0, n_coalitions=n_coalitions, seed=seed, method=method)
        for seed in range(n)
    ]
    values = np.array([each.values[:, 0] for each in found])
    return values, np.array([each.errors[:, 0] for each in found]), truth


@pytest.mark.parametrize("method", METHODS)
def test_errors_cover(method: Any) -> None:
    values, errors, truth = runs("logistic", method, 120, 150)
    covered = np.abs(values - truth) <= 1.96 * errors
    assert 0.90 <= covered.mean() <= 0.98
    # unbiased, or with a bias far below the error
    z = (values.mean(axis=0) - truth) / (values.std(axis=0, ddof=1) / np.sqrt(len(values)))
    assert np.abs(z).max() < 4
    assert 0.8 < (errors**2).mean() / ((values - truth) ** 2).mean() < 1.5


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("n_coalitions", ["least", 60, 120, 240, 480])
def test_errors_cover_in_every_game_from_the_least_budget_on(
    name: str, method: Any, n_coalitions: int | str
) -> None:
    d = GAMES[name][0]
    budget = least_coalitions(d) if isinstance(n_coalitions, str) else n_coalitions
    if budget < least_coalitions(d) or budget >= 2**d:
        pytest.skip("too few coalitions for an error, or all of them")
    values, errors, truth = runs(name, method, budget, 400)
    covered = np.abs(values - truth) <= 1.96 * errors + 1e-12
    assert 0.895 <= covered.mean() <= 0.98


@pytest.mark.slow
def test_permutations_are_unbiased() -> None:
    values, _, truth = runs("Moebius, large", "permutation", 60, 3000)
    z = (values.mean(axis=0) - truth) / (values.std(axis=0, ddof=1) / np.sqrt(len(values)))
    assert np.abs(z).max() < 3.5


def test_regressions_need_fewer_coalitions_than_permutations() -> None:
    squared = {}
    for method in METHODS:
        values, _, truth = runs("Moebius, large", method, 240, 30)
        squared[method] = ((values - truth) ** 2).mean()
    assert squared["leverage"] < 0.6 * squared["permutation"]
    assert squared["kernel"] < 0.6 * squared["permutation"]
