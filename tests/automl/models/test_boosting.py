"""Learning rates, patience and the watched loop."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_rows import facts

from automl.models import FitLimits
from automl.models.boosting import (
    HIGHEST_RATE,
    LOWEST_RATE,
    Patience,
    appetite,
    boost,
    least_patience,
    look_every,
    most_rounds,
    paced_rate,
    round_cost,
    useful_threads,
)


def test_without_a_time_limit_the_rate_stays_but_for_a_floor() -> None:
    about = replace(facts("binary"), round_seconds=0.5)
    assert paced_rate(0.05, about, 1.0) == 0.05
    assert paced_rate(0.005, about, 1.0) == LOWEST_RATE


def test_without_a_measured_round_the_rate_stays() -> None:
    assert paced_rate(0.05, replace(facts("binary"), fit_seconds=1.0), 1.0) == 0.05


def test_the_rate_is_what_lets_the_usual_rounds_fit() -> None:
    # 20 / rate rounds of 0.01 s in 4 s: 0.05.
    about = replace(facts("binary"), fit_seconds=4.0, round_seconds=0.01)
    assert paced_rate(0.01, about, 1.0) == pytest.approx(0.05)
    assert paced_rate(0.01, about, 2.0) == pytest.approx(0.1)
    assert paced_rate(0.01, about, 100.0) == HIGHEST_RATE


def test_a_high_rate_is_never_lowered() -> None:
    about = replace(facts("binary"), fit_seconds=0.1, round_seconds=1.0)
    assert paced_rate(0.2, about, 1.0) == 0.2
    assert paced_rate(0.2, replace(about, fit_seconds=0.0), 1.0) == 0.2
    assert paced_rate(0.01, replace(about, fit_seconds=-1.0), 1.0) == HIGHEST_RATE


@given(
    rate=st.floats(0.001, 0.3),
    seconds=st.floats(0.01, 1e4),
    round_seconds=st.floats(1e-5, 10.0),
    cost=st.floats(0.1, 50.0),
)
def test_less_time_never_gives_a_lower_rate(
    rate: float, seconds: float, round_seconds: float, cost: float
) -> None:
    about = replace(facts("binary"), fit_seconds=seconds, round_seconds=round_seconds)
    paced = paced_rate(rate, about, cost)
    assert max(rate, LOWEST_RATE) <= paced <= max(rate, HIGHEST_RATE)
    assert paced_rate(rate, replace(about, fit_seconds=seconds / 2), cost) >= paced


def test_the_cost_of_a_round_is_in_rounds_of_31_leaves() -> None:
    assert round_cost(31) == pytest.approx(1.0)
    assert round_cost(200) > round_cost(31) > round_cost(5) > round_cost(5, 0.5) > 0.25


def test_small_and_random_trees_need_more_rounds() -> None:
    assert appetite(31) == appetite(200) == 1.0
    assert appetite(31, extra_trees=True) == 3.0
    assert appetite(5) == pytest.approx(math.sqrt(31 / 5))


@pytest.mark.parametrize(
    ("n_rows", "rate", "expected"),
    [
        (1_000, 0.01, 300.0),
        (10_000, 0.02, 300.0),
        (10_000, 0.1, 60.0),
        (100_000, 0.01, 30.0),
        (1_000_000, 0.01, 20.0),
        (100_000, 0.2, 20.0),
    ],
)
def test_patience_by_rows_and_rate(n_rows: int, rate: float, expected: float) -> None:
    assert least_patience(n_rows, rate) == pytest.approx(expected)


def test_patience_grows_with_the_best_round() -> None:
    patience = Patience(20.0)
    losses = [1.0 - 0.001 * done for done in range(1, 201)]
    assert not any(patience.stops(done, loss) for done, loss in enumerate(losses, start=1))
    assert patience.best_round == 200
    # 0.3 x 200 + 20 rounds without improvement.
    stops = [patience.stops(done, 2.0) for done in range(201, 281)]
    assert stops.index(True) == 79
    assert patience.best_round == 200


def test_patience_does_not_wait_for_crumbs_but_keeps_them() -> None:
    patience = Patience(20.0)
    patience.stops(1, 1.0)
    stops = [patience.stops(1 + more, 1.0 - 1e-9 * more) for more in range(1, 60)]
    assert stops.index(True) == 20
    assert patience.best_round == 60


def test_an_undefined_loss_is_no_improvement() -> None:
    patience = Patience(20.0)
    patience.stops(1, 1.0)
    patience.stops(2, math.nan)
    assert patience.best_round == 1


class Rounds:
    """Rounds whose losses are given, on a clock that each moves."""

    def __init__(self, losses: list[float], exhausted_at: int = -1):
        self.losses = losses
        self.exhausted_at = exhausted_at
        self.done = 0

    def step(self, number: int) -> bool:
        assert number == self.done
        self.done += 1
        return self.done == self.exhausted_at

    def loss(self) -> float:
        return self.losses[min(self.done, len(self.losses)) - 1]


FREE = FitLimits()


def test_the_best_round_is_kept() -> None:
    rounds = Rounds([3.0, 2.0, 1.0, 2.0, 3.0])
    outcome = boost(rounds.step, rounds.loss, FREE, Patience(2.0), 100)
    assert outcome.rounds == 3
    assert outcome.run == rounds.done
    assert outcome.note == ""
    # Patience of 0.3 x 3 + 20.
    assert rounds.done == 3 + 21


def test_without_validation_all_rounds_are_kept() -> None:
    rounds = Rounds([])
    assert boost(rounds.step, None, FREE, Patience(2.0), 17).rounds == 17


def test_it_ends_where_nothing_more_can_be_learned() -> None:
    rounds = Rounds([1.0], exhausted_at=4)
    outcome = boost(rounds.step, None, FREE, Patience(2.0), 17)
    assert (outcome.rounds, outcome.note) == (4, "")


def test_the_deadline_leaves_the_rounds_so_far() -> None:
    rounds = Rounds([2.0, 1.0, 1.5])
    late = FitLimits(deadline=time.monotonic())
    outcome = boost(rounds.step, rounds.loss, late, Patience(20.0), 100)
    assert outcome.rounds == 1
    assert outcome.note == "stopped by the deadline after 1 rounds"


def test_the_loss_is_looked_at_every_few_rounds() -> None:
    looks = []
    rounds = Rounds([1.0 / done for done in range(1, 13)])

    def loss() -> float:
        looks.append(rounds.done)
        return rounds.loss()

    outcome = boost(rounds.step, loss, FREE, Patience(100.0), 12, every=5)
    assert looks == [5, 10, 12]
    assert outcome.rounds == 12


def test_rounds_are_given_guessed_or_capped() -> None:
    assert most_rounds(FitLimits(rounds=7), True, 0.1) == 7
    assert most_rounds(FREE, True, 0.1, 150) == 150
    assert most_rounds(FREE, False, 0.1) == 150
    assert most_rounds(FREE, False, 0.1, 100) == 100


def test_many_classes_are_looked_at_less_often() -> None:
    assert look_every(1, 50_000) == 1
    assert look_every(26, 5_000) == 5


def test_few_cells_get_one_thread() -> None:
    two = FitLimits(n_threads=2)
    assert useful_threads(two, 1_000, 10) == 1
    assert useful_threads(two, 100_000, 10) == 2
    assert useful_threads(FREE, 10**6, 100) == 1
