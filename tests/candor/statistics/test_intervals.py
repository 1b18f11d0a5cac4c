"""Standard errors and intervals against closed forms and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from candor.statistics import StandardError, jackknife_error, scaled_interval, standard_error
from candor.statistics.intervals import BLOCKS

VALUES = np.random.default_rng(0).normal(size=300)


def test_error_of_a_mean_is_the_classical_one() -> None:
    error = standard_error(VALUES - VALUES.mean())
    assert error.value == pytest.approx(VALUES.std(ddof=1) / math.sqrt(300))
    assert error.degrees == 299
    assert error.units == 300


def test_weight_zero_is_as_good_as_absent() -> None:
    phi = VALUES - VALUES[:200].mean()
    weight = np.repeat([1.0, 0.0], [200, 100])
    assert standard_error(phi, weight).value == pytest.approx(standard_error(phi[:200]).value)


def test_weights_equal_repeated_rows_that_depend_on_each_other() -> None:
    times = np.arange(300) % 3 + 1
    phi = VALUES - np.average(VALUES, weights=times)
    rows = np.repeat(np.arange(300), times)
    repeated = standard_error(phi[rows], groups=rows)
    assert standard_error(phi, times).value == pytest.approx(repeated.value)


def test_groups_of_equal_rows_count_once() -> None:
    phi = VALUES - VALUES.mean()
    groups = np.repeat(np.array([f"g{i}" for i in range(300)], dtype=object), 4)
    assert standard_error(np.repeat(phi, 4), groups=groups).value == pytest.approx(
        standard_error(phi).value
    )
    groups[:8] = None
    assert standard_error(np.repeat(phi, 4), groups=groups).degrees == 298


@pytest.mark.parametrize(
    ("phi", "weight", "groups"),
    [([0.5], None, None), ([1.0, -1.0], [1, 0], None), ([1.0, -1.0], None, ["a", "a"])],
)
def test_one_unit_has_no_error(phi: list, weight: list | None, groups: list | None) -> None:
    assert math.isnan(standard_error(phi, weight, groups).value)


def test_wrong_arguments_are_errors() -> None:
    with pytest.raises(ValueError, match="one length"):
        standard_error([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="not negative"):
        standard_error([1.0, 2.0], [1.0, -1.0])
    with pytest.raises(ValueError, match="one entry a row: 1 for 2"):
        standard_error([1.0, 2.0], groups=["a"])
    with pytest.raises(ValueError, match="between 0 and 1, got 95"):
        scaled_interval(0.5, StandardError(0.1, 10, 9), confidence=95)


def test_plain_interval_is_students() -> None:
    low, high = scaled_interval(2.0, StandardError(0.5, 12, 11), 0.9)
    assert (low, high) == pytest.approx((2 - 0.5 * t.ppf(0.95, 11), 2 + 0.5 * t.ppf(0.95, 11)))


RANGES = {
    "identity": (-9, 9),
    "log": (0.01, 9),
    "logit": (0.01, 0.99),
    "log_complement": (-9, 0.99),
    "fisher": (-0.99, 0.99),
}


@pytest.mark.parametrize("scale", RANGES)
@given(share=st.floats(0, 1), error=st.floats(1e-6, 2))
def test_intervals_hold_the_estimate_and_stay_in_range(
    scale: str, share: float, error: float
) -> None:
    bottom, top = RANGES[scale]
    estimate = bottom + share * (top - bottom)
    low, high = scaled_interval(estimate, StandardError(error, 50, 49), scale=scale)
    assert low <= estimate + 1e-12
    assert high >= estimate - 1e-12
    if scale in {"logit", "log", "fisher"}:
        assert low >= (-1 if scale == "fisher" else 0)
    if scale != "identity" and scale != "log":
        assert high <= 1


@pytest.mark.parametrize("scale", RANGES)
def test_small_errors_give_the_same_interval_on_every_scale(scale: str) -> None:
    low, high = scaled_interval(0.5, StandardError(1e-4, 1e4, 1e4), scale=scale)
    assert high - low == pytest.approx(2 * 1e-4 * 1.96, rel=1e-3)


def test_a_share_of_one_gets_wilsons_interval() -> None:
    low, high = scaled_interval(1.0, StandardError(0.0, 20, 19), scale="logit")
    quantile = t.ppf(0.975, 19)
    assert low == pytest.approx(20 / (20 + quantile**2))
    assert high == 1
    assert scaled_interval(0.0, StandardError(0.0, 20, 19), scale="logit")[0] == 0


def test_a_perfect_fit_has_an_interval_of_no_width() -> None:
    assert scaled_interval(0.0, StandardError(0.0, 20, 19), scale="log") == (0, 0)
    assert scaled_interval(1.0, StandardError(0.0, 20, 19), scale="log_complement") == (1, 1)


def test_unknown_errors_give_no_interval() -> None:
    assert all(map(math.isnan, scaled_interval(0.5, standard_error([1.0]))))
    assert all(map(math.isnan, scaled_interval(math.nan, StandardError(0.1, 9, 8))))


def test_jackknife_of_a_mean() -> None:
    errors = [
        jackknife_error(lambda rows: float(VALUES[rows].mean()), 300, seed=seed).value
        for seed in range(20)
    ]
    truth = VALUES.std(ddof=1) / math.sqrt(300)
    assert np.mean(errors) == pytest.approx(truth, rel=0.1)


def test_jackknife_leaves_out_whole_groups() -> None:
    groups = np.repeat(np.arange(30), 10)

    def statistic(rows: np.ndarray) -> float:
        assert set(np.bincount(groups[rows], minlength=30)) <= {0, 10}
        return float(VALUES[rows].mean())

    error = jackknife_error(statistic, 300, groups)
    assert error.units == 30
    assert error.degrees == BLOCKS - 1


def test_jackknife_of_a_sample_is_scaled_to_all_rows() -> None:
    values = np.random.default_rng(1).normal(size=40_000)
    sizes = []

    def statistic(rows: np.ndarray) -> float:
        sizes.append(len(rows))
        return float(values[rows].mean())

    errors = [jackknife_error(statistic, 40_000, max_rows=2_000, seed=s).value for s in range(30)]
    assert np.mean(errors) == pytest.approx(1 / math.sqrt(40_000), rel=0.15)
    assert max(sizes) < 2_000


def test_jackknife_without_a_replicate_has_no_error() -> None:
    assert math.isnan(jackknife_error(lambda rows: math.nan, 10).value)
    assert math.isnan(jackknife_error(lambda rows: 1.0, 1).value)
    assert math.isnan(jackknife_error(lambda rows: 1.0, 0).value)


@pytest.mark.slow
def test_coverage_with_groups() -> None:
    """Rows of a group share an effect; only the cluster-robust interval covers."""
    rng = np.random.default_rng(5)
    covered = {True: 0, False: 0}
    groups = np.repeat(np.arange(40), 10)
    for _ in range(600):
        values = rng.normal(size=40)[groups] + rng.normal(size=400)
        for robust in covered:
            error = standard_error(values - values.mean(), groups=groups if robust else None)
            low, high = scaled_interval(float(values.mean()), error)
            covered[robust] += low <= 0 <= high
    assert 0.92 < covered[True] / 600 < 0.975
    assert covered[False] / 600 < 0.7
