"""Empirical Bayes estimates: limits, invariances, and states."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inference_samples import drawn, means, metric, rates

from fairness.errors import ArgumentError
from fairness.inference import shrink


def shrunk(one):
    return shrink(one, confidence=0.95)


def test_small_groups_are_drawn_further_than_large_ones() -> None:
    one = rates([300, 310, 290, 305, 6, 600], [1000, 1000, 1000, 1000, 10, 1000])
    found = shrunk(one)
    assert 0.3 < found.value[4] < 0.6
    assert abs(found.value[5] - 0.6) < 0.02
    assert abs(found.value[0] - 0.3) < 0.02


def test_equal_groups_become_nearly_the_same() -> None:
    rng = np.random.default_rng(0)
    one = drawn(rng, np.full(40, 30), 0.3)
    found = shrunk(one)
    assert np.ptp(found.value) < 0.35 * np.ptp(one.value)
    assert found.value.mean() == pytest.approx(0.3, abs=0.03)


def test_groups_far_apart_stay_where_they_are() -> None:
    one = rates([100, 5000, 9900], [10_000] * 3)
    found = shrunk(one)
    assert found.value == pytest.approx(one.value, abs=2e-3)
    half = 1.96 * one.error
    assert found.high - found.low == pytest.approx(2 * half, rel=0.05)


def test_undefined_groups_have_no_estimate() -> None:
    found = shrunk(rates([10, 0, 20], [40, 0, 40]))
    assert np.isnan([found.value[1], found.low[1], found.high[1]]).all()
    assert np.isfinite(found.value[[0, 2]]).all()
    nothing = shrunk(rates([0, 0], [0, 0]))
    assert np.isnan(nothing.value).all()


@given(
    st.lists(
        st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=12,
    )
)
def test_estimates_lie_inside_their_intervals(groups: list) -> None:
    hits, n = zip(*groups, strict=True)
    one = rates(hits, n)
    found = shrunk(one)
    assert ((found.low <= found.value) & (found.value <= found.high)).all()
    assert ((found.low >= 0) & (found.high <= 1)).all()
    assert (found.high > found.low).all()
    slack = 0.5 / np.array(n).sum() + 0.02
    assert (found.value <= max(one.value.max(), 0.5) + slack).all()
    assert (found.value >= min(one.value.min(), 0.5) - slack).all()


def test_successes_and_failures_are_treated_alike() -> None:
    n = np.array([10, 40, 100, 700])
    hits = np.array([0, 13, 60, 300])
    one, other = shrunk(rates(hits, n)), shrunk(rates(n - hits, n))
    assert other.value == pytest.approx(1 - one.value)
    assert other.low == pytest.approx(1 - one.high)


@given(st.floats(-1e3, 1e3), st.floats(0.01, 1e3))
def test_means_do_not_depend_on_origin_and_unit(origin: float, unit: float) -> None:
    value, error, n = (
        np.array([1.0, 2.0, 4.0, 4.5]),
        np.array([0.3, 0.2, 1.0, 0.1]),
        [20, 40, 5, 90],
    )
    one = shrunk(means(value, error, n))
    other = shrunk(means(origin + unit * value, unit * error, n))
    assert other.value == pytest.approx(origin + unit * one.value, rel=1e-6, abs=1e-6 * unit)
    assert other.high == pytest.approx(origin + unit * one.high, rel=1e-6, abs=1e-6 * unit)


def test_a_mean_without_error_borrows_that_of_the_others() -> None:
    found = shrunk(means([1.0, 2.0, 3.0], [0.5, 0.0, 0.5], [40, 2, 40]))
    assert found.high[1] - found.low[1] > 1
    exact = shrunk(means([1.0, 2.0], [0.0, 0.0], [40, 40]))
    assert exact.value.tolist() == exact.low.tolist() == exact.high.tolist() == [1.0, 2.0]


def test_means_stay_in_their_range_and_carry_the_bin_error() -> None:
    what = metric("score", 0.0, 1.0)
    value, error, n = [0.97, 0.99, 0.9], [0.02, 0.01, 0.05], [50, 60, 30]
    plain, binned = (
        shrunk(means(value, error, n, what)),
        shrunk(means(value, error, n, what, 0.01)),
    )
    assert (plain.high <= 1).all()
    assert binned.low == pytest.approx(plain.low - 0.01)


def test_a_thousand_groups() -> None:
    one = drawn(np.random.default_rng(0), np.full(1000, 20), 0.3)
    assert np.std(shrunk(one).value) < 0.3 * np.std(one.value)


def test_confidence_is_a_probability() -> None:
    with pytest.raises(ArgumentError, match="confidence must lie"):
        shrink(rates([1], [2]), confidence=0)
