"""Critical values against integrals, scipy and bounds."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.stats import norm, studentized_range

from fairness.inference.maxt import DRAWS, max_t, range_exceedance


def all_pairs(k: int) -> tuple[np.ndarray, np.ndarray]:
    second, first = np.triu_indices(k, 1)
    return first, second


def to_first(k: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(1, k), np.zeros(k - 1, dtype=np.int64)


def critical(errors: list, pairs: tuple, confidence: float = 0.95, seed: int = 0) -> float:
    return max_t([np.asarray(each, float) for each in errors], *pairs, seed).critical(confidence)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.9999])
def test_two_groups_need_no_simulation(confidence: float) -> None:
    expected = norm.ppf((1 + confidence) / 2)
    assert critical([[1, 9]], all_pairs(2), confidence) == pytest.approx(expected)


@pytest.mark.parametrize("k", [3, 10, 26, 200])
@pytest.mark.parametrize("z", [1.0, 2.0, 3.5, 5.0])
def test_range_equals_scipy(k: int, z: float) -> None:
    expected = studentized_range.sf(z * np.sqrt(2), k, np.inf)
    found = range_exceedance(np.array([z]), k)[0]
    assert found == pytest.approx(expected, rel=2e-3, abs=1e-9)


@pytest.mark.parametrize("k", [3, 8, 25])
def test_equal_errors_give_tukeys_value(k: int) -> None:
    tukey = studentized_range.ppf(0.95, k, np.inf) / np.sqrt(2)
    assert critical([np.ones(k)], all_pairs(k)) == pytest.approx(tukey, abs=0.03)


@pytest.mark.parametrize("seed", [0, 1])
def test_unequal_errors_need_less_than_tukey_and_more_than_one_pair(seed: int) -> None:
    """Hayter (1984): the studentized range is conservative for unequal errors."""
    errors = np.geomspace(1, 10, 12)
    found = critical([errors], all_pairs(12), seed=seed)
    tukey = studentized_range.ppf(0.95, 12, np.inf) / np.sqrt(2)
    assert 1.96 < found < tukey + 0.01


@pytest.mark.parametrize("reference_error", [0.2, 1.0, 5.0])
def test_comparisons_with_one_group_equal_dunnetts_integral(reference_error: float) -> None:
    """P(all |z_i s_i - z_0 s_0| <= c sd_i) as a one-dimensional integral over z_0."""
    errors = np.array([reference_error, 1.0, 2.0, 0.5, 1.5])
    family = max_t([errors], *to_first(5), seed=3)
    z = np.linspace(-9, 9, 2001)
    spread = np.hypot(errors[1:], reference_error)
    for c in (1.5, 2.2, 2.6):
        upper = (z[:, None] * reference_error + c * spread) / errors[1:]
        lower = (z[:, None] * reference_error - c * spread) / errors[1:]
        inside = np.prod(norm.cdf(upper) - norm.cdf(lower), axis=1)
        expected = 1 - np.trapezoid(inside * norm.pdf(z), z)
        noise = 4 * np.sqrt(expected * (1 - expected) / DRAWS)
        assert family.exceedance(np.array([c]))[0] == pytest.approx(expected, abs=noise)


@pytest.mark.parametrize("k", [4, 40])
def test_several_metrics_multiply(k: int) -> None:
    errors = np.linspace(1, 2, k)
    one = max_t([errors], *all_pairs(k), seed=0)
    two = max_t([errors, errors], *all_pairs(k), seed=0)
    z = np.array([2.5, 3.0, 3.5])
    inside = 1 - one.exceedance(z)
    assert 1 - two.exceedance(z) == pytest.approx(inside**2, abs=5e-4)
    assert two.critical(0.95) > one.critical(0.95)


@pytest.mark.parametrize("k", [5, 40])
def test_tails_fall_and_never_exceed_bonferroni(k: int) -> None:
    family = max_t([np.linspace(1, 3, k)], *all_pairs(k), seed=0)
    z = np.linspace(0, 37, 4001)
    tail = family.exceedance(z)
    assert (np.diff(tail) <= 0).all()
    assert (tail <= np.minimum(1, k * (k - 1) * norm.sf(z)) * (1 + 1e-9)).all()
    assert tail[0] == pytest.approx(1)
    assert 0 < tail[-1] < 1e-290


@pytest.mark.parametrize("k", [5, 40])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99999])
def test_critical_value_inverts_the_tail(k: int, confidence: float) -> None:
    family = max_t([np.linspace(1, 3, k)], *all_pairs(k), seed=0)
    c = family.critical(confidence)
    assert family.exceedance(np.array([c]))[0] <= 1 - confidence
    assert family.exceedance(np.array([c - 1e-4]))[0] > 1 - confidence - 1e-3 * (1 - confidence)


def test_the_same_seed_gives_the_same_value() -> None:
    pairs, errors = all_pairs(6), [np.linspace(1, 3, 6)]
    assert critical(errors, pairs, seed=5) == critical(errors, pairs, seed=5)
    assert critical(errors, pairs, seed=5) != critical(errors, pairs, seed=6)


def test_groups_without_error_do_not_differ_by_chance() -> None:
    c = critical([[0, 0, 1]], all_pairs(3))
    assert 1.96 <= c < norm.ppf(1 - 0.05 / 4) + 0.05


def test_a_thousand_groups_fit_into_memory() -> None:
    tracemalloc.start()
    try:
        critical([np.ones(1000)], all_pairs(1000))
        critical([np.ones(1000)], to_first(1000))
        assert tracemalloc.get_traced_memory()[1] < 60e6
    finally:
        tracemalloc.stop()
