"""Intervals and states of single groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from inference_samples import means, metric, rates, weighted_rates
from scipy.stats import binomtest, norm, t

from fairness.errors import ArgumentError
from fairness.inference import SMALLEST, group_intervals
from fairness.inference.limits import distances, sample_of, smooth_error, student


def test_small_cells_are_exact_and_others_wilson() -> None:
    hits, n = [9, 10, 90, 91, 0, 40], [100, 100, 100, 100, 40, 40]
    found = group_intervals(rates(hits, n), confidence=0.9, tolerance=1.0)
    assert found.method == ("exact", "Wilson", "Wilson", "exact", "exact", "exact")
    names = {"exact": "exact", "Wilson": "wilson"}
    for i, method in enumerate(found.method):
        expected = binomtest(hits[i], n[i]).proportion_ci(0.9, method=names[method])
        assert (found.low[i], found.high[i]) == pytest.approx((expected.low, expected.high))


def test_states() -> None:
    hits, n = [0, 3, 14, 15, 15, 500], [0, 3, 29, 30, 30, 1000]
    found = group_intervals(rates(hits, n), confidence=0.95, tolerance=0.1)
    assert found.state == (
        "undefined",
        "not estimable",
        "not estimable",
        "weak",
        "weak",
        "estimable",
    )
    assert np.isnan([found.low[0], found.high[0]]).all()
    assert np.isfinite(found.low[1:]).all()


def test_weak_means_wider_than_the_tolerance() -> None:
    one = rates([30], [100])
    found = group_intervals(one, confidence=0.95, tolerance=1)
    width = float(found.high[0] - found.low[0])
    for tolerance, state in [(width, "estimable"), (width * 0.999, "weak")]:
        assert group_intervals(one, confidence=0.95, tolerance=tolerance).state == (state,)


def test_effective_rows_decide_with_weights() -> None:
    one = replace(rates([30], [100]), effective=np.array([29.0]))
    assert group_intervals(one, confidence=0.95, tolerance=1).state == ("not estimable",)
    hair = replace(rates([10], [30]), effective=np.array([30 - 1e-12]))
    assert group_intervals(hair, confidence=0.95, tolerance=1).state == ("estimable",)


def test_nothing_is_called_exact_on_effective_rows() -> None:
    one = rates([3, 3], [40, 40])
    few = replace(one, effective=np.array([40.0, 20.0]), error=one.error * [1, np.sqrt(2)])
    found = group_intervals(few, confidence=0.95, tolerance=0.1)
    assert found.method == ("exact", "Korn-Graubard")


def test_weighted_proportions_stand_on_effective_rows() -> None:
    one = weighted_rates(np.random.default_rng(0), [400, 400], 0.4, spread=1.0)
    rows = sample_of(one).effective
    assert (rows <= one.effective + 1e-9).all()
    assert (rows < 250).all()
    found = group_intervals(one, confidence=0.95, tolerance=1)
    plain = group_intervals(rates([160, 160], [400, 400]), confidence=0.95, tolerance=1)
    assert ((found.high - found.low) > 1.2 * (plain.high - plain.low)).all()


def test_equal_weights_change_nothing() -> None:
    n = np.array([100, 37, 64])
    one = rates([31, 9, 50], n)
    assert sample_of(one).effective.tolist() == n.tolist()


def test_means_have_students_interval_inside_the_range() -> None:
    one = means([5.0, 0.99], [0.5, 0.02], [40, 40], metric("mean", 0.0, 5.2))
    found = group_intervals(one, confidence=0.95, tolerance=9)
    assert found.method == ("linearised", "linearised")
    half = 0.5 * t.ppf(0.975, 39)
    assert found.low[0] == pytest.approx(5 - half, rel=2e-3)
    assert found.high[0] == 5.2


@pytest.mark.parametrize("degrees", [29, 100, 1e7])
@pytest.mark.parametrize("z", [0.0, 0.5, 1.96, 3.5, 6.0])
def test_student_quantiles(z: float, degrees: float) -> None:
    expected = -t.ppf(norm.sf(z), degrees)
    assert student(z, np.array([degrees])) == pytest.approx(expected, rel=2e-3, abs=1e-12)


@pytest.mark.parametrize("degrees", [1.0, 4.0, 9.0])
def test_student_quantiles_of_few_rows_are_too_wide_if_anything(degrees: float) -> None:
    assert student(1.96, np.array([degrees])) >= -t.ppf(norm.sf(1.96), degrees)


def test_rows_that_all_agree_leave_room() -> None:
    """An AUC of 1 in 40 rows is not certain: the limit is that of 40 of 40."""
    one = means([1.0, 0.5], [0.0, 0.0], [40, 40], metric("score"))
    found = group_intervals(one, confidence=0.95, tolerance=1)
    expected = binomtest(40, 40).proportion_ci(0.95, method="wilson").low
    assert (found.low[0], found.high[0]) == pytest.approx((expected, 1.0))
    assert found.low[1] == pytest.approx(0.5 - (1 - expected) / 2)
    assert (smooth_error(sample_of(one)) > 0).all()


def test_rows_that_all_agree_without_a_range() -> None:
    one = means([1.0], [0.0], [40])
    found = group_intervals(one, confidence=0.95, tolerance=1)
    assert (found.low[0], found.high[0]) == (1.0, 1.0)


def test_bin_error_widens_but_not_past_the_range() -> None:
    plain = rates([20, 1], [50, 50])
    wide = rates([20, 1], [50, 50], bin_error=0.01)
    a, b = (group_intervals(one, confidence=0.95, tolerance=1) for one in (plain, wide))
    assert b.low[0] == pytest.approx(a.low[0] - 0.01)
    assert b.high == pytest.approx(a.high + 0.01)
    assert b.low[1] == 0.0


def test_more_rows_bring_limits_nearer() -> None:
    sample, at = sample_of(rates([15], [50])), np.array([0])
    down, up = distances(sample, at, 1.96, 4.0)
    expected = binomtest(60, 200).proportion_ci(0.95, method="wilson")
    assert 0.3 - down[0] == pytest.approx(expected.low, abs=1e-4)
    assert 0.3 + up[0] == pytest.approx(expected.high, abs=1e-4)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_confidence_is_a_probability(confidence: float) -> None:
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        group_intervals(rates([1], [2]), confidence=confidence, tolerance=0.1)


def test_the_threshold_is_thirty() -> None:
    assert SMALLEST == 30
