"""Intervals of proportions against scipy, published examples and their own equations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from candor.statistics import (
    clopper_pearson,
    difference_limit,
    mover_ratio,
    newcombe,
    ratio_limit,
    wilson,
)

Z = float(norm.ppf(0.975))
COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, st.sampled_from([0.8, 0.95, 0.999]))
def test_single_intervals_equal_scipy(counts: tuple[int, int], confidence: float) -> None:
    hits, n = counts
    test = binomtest(hits, n)
    exact = test.proportion_ci(confidence, method="exact")
    score = test.proportion_ci(confidence, method="wilson")
    z = norm.ppf((1 + confidence) / 2)
    assert clopper_pearson(hits, n, confidence) == pytest.approx((exact.low, exact.high))
    assert wilson(hits / n, n, z) == pytest.approx((score.low, score.high), abs=1e-12)


def test_intervals_of_arrays_are_those_of_each() -> None:
    hits, n = np.array([0, 3, 10]), np.array([10, 10, 10])
    low, high = wilson(hits / n, n, [1.0, 2.0, 3.0])
    for i, z in enumerate([1.0, 2.0, 3.0]):
        assert (low[i], high[i]) == wilson(hits[i] / 10, 10, z)
    low, high = clopper_pearson(hits, n, 0.9)
    assert (low[0], high[2]) == (0.0, 1.0)


def test_nothing_known_is_everything_possible() -> None:
    assert wilson(0.0, 0, 1.96) == (0.0, 1.0)
    assert clopper_pearson(0, 0, 0.95) == (0.0, 1.0)
    assert np.isnan(wilson(np.nan, 0, 1.96)).all()
    assert np.isnan(clopper_pearson(np.nan, 10, 0.95)).all()
    assert wilson(0.25, 40, 0.0) == pytest.approx((0.25, 0.25))


def test_confidence_is_a_probability() -> None:
    with pytest.raises(ValueError, match="between 0 and 1, got 95"):
        clopper_pearson(1, 2, 95)


PUBLISHED = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0),
    (10, 10, 0, 10, 0.6075, 1.0),
]
"""Newcombe (1998), table II, method 10: counts and 95 % limits."""


@pytest.mark.parametrize(("a", "m", "b", "n", "low", "high"), PUBLISHED)
def test_differences_equal_newcombes(
    a: int, m: int, b: int, n: int, low: float, high: float
) -> None:
    assert newcombe(a / m, m, b / n, n, Z) == pytest.approx((low, high), abs=6e-5)
    assert newcombe(b / n, n, a / m, m, Z) == pytest.approx((-high, -low), abs=6e-5)


@given(COUNTS, COUNTS, st.floats(0.5, 5))
def test_ratios_solve_their_equation(
    first: tuple[int, int], second: tuple[int, int], z: float
) -> None:
    (a, m), (b, n) = first, second
    p, q = a / m, b / n
    (l1, u1), (l2, u2) = wilson(p, m, z), wilson(q, n, z)
    low, high = mover_ratio(p, m, q, n, z)
    assert low <= (p / q if q else np.inf) or (p == 0 and low == 0)
    assert p - low * q == pytest.approx(np.hypot(p - l1, low * (u2 - q)), abs=1e-9)
    if np.isfinite(high):
        scale = max(1.0, high)
        gap = (high * q - p) / scale
        assert gap == pytest.approx(np.hypot(u1 - p, high * (q - l2)) / scale, abs=1e-9)
    else:
        assert b == 0
    back_low, back_high = mover_ratio(q, n, p, m, z)
    if low > 0:
        assert back_high == pytest.approx(1 / low)
    if back_low > 0:
        assert high == pytest.approx(1 / back_low)


def test_ratios_of_nothing() -> None:
    assert mover_ratio(0.0, 10, 0.5, 10, Z)[0] == 0
    assert mover_ratio(0.5, 10, 0.0, 10, Z)[1] == np.inf
    assert mover_ratio(0.0, 10, 0.0, 10, Z) == (0.0, np.inf)
    assert np.isnan(mover_ratio(np.nan, 10, 0.5, 10, Z)).all()
    assert np.isnan(mover_ratio(0.5, 10, np.nan, 10, Z)).all()


@given(st.floats(0.1, 9), st.floats(0.1, 9), st.floats(0.001, 3), st.floats(0.001, 3))
def test_normal_limits_give_fiellers_interval(x: float, y: float, s: float, t: float) -> None:
    """Fieller (1954): the roots of (x - R y)² = z² (s² + R² t²)."""
    below, above = Z * s, Z * t
    assume(below < x)
    assume(above < y)
    a, b, c = y**2 - above**2, -2 * x * y, x**2 - below**2
    root = (-b - np.sqrt(b**2 - 4 * a * c)) / (2 * a)
    assert ratio_limit(x, below, y, above) == pytest.approx(root, rel=1e-6)


def test_limits_of_a_difference_add_in_squares() -> None:
    assert difference_limit(2.0, 0.3, 1.0, 0.4) == pytest.approx(0.5)


@pytest.mark.slow
def test_newcombes_interval_covers() -> None:
    """Exact coverage, over all pairs of counts, in small samples."""
    from scipy.stats import binom

    covers = []
    for m, n in [(30, 30), (40, 100)]:
        a, b = np.arange(m + 1)[:, None], np.arange(n + 1)
        low, high = newcombe(a / m, m, b / n, n, Z)
        for p in (0.05, 0.3, 0.5):
            for gap in (0.0, 0.1, 0.3):
                chance = binom.pmf(a, m, p + gap) * binom.pmf(b, n, p)
                covers.append(float(chance[(low <= gap) & (gap <= high)].sum()))
    assert min(covers) > 0.925
    assert np.mean(covers) > 0.945
