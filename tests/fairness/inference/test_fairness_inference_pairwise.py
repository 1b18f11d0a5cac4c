"""Simultaneous intervals of pairs: closed forms, symmetries, and p-values that invert them."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inference_samples import drawn, means, metric, rates
from scipy.stats import norm

from candor.statistics import mover_ratio, newcombe
from fairness.errors import ArgumentError
from fairness.inference import pairs

Z = float(norm.ppf(0.975))
KINDS = ("difference", "ratio")
GROUPS = st.lists(
    st.integers(30, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=5,
)


def compare(one, kind="difference", tolerance=None, confidence=0.95, **options):
    given_ = one if isinstance(one, list) else [one]
    held = (0.0 if kind == "difference" else 1.0) if tolerance is None else tolerance
    return pairs(given_, kind, tolerance=held, confidence=confidence, **options)


def test_two_proportions_have_newcombes_interval() -> None:
    found = compare(rates([48, 56], [80, 70]))
    assert (found.low[0], found.high[0]) == pytest.approx(newcombe(0.8, 70, 0.6, 80, Z))
    assert found.critical == pytest.approx(Z)
    assert (found.group.tolist(), found.reference.tolist()) == ([1], [0])


def test_two_proportions_have_the_ratio_of_the_same_limits() -> None:
    found = compare(rates([48, 56], [80, 70]), "ratio")
    low, high = mover_ratio(0.8, 70, 0.6, 80, Z)
    assert (found.low[0], found.high[0]) == pytest.approx((float(low), float(high)))
    assert found.value[0] == pytest.approx(0.8 / 0.6)
    assert np.isnan(found.detectable).all()


def test_two_means_have_the_normal_interval() -> None:
    found = compare(means([1.0, 2.0], [0.3, 0.4], [10**7, 10**7]))
    assert (found.low[0], found.high[0]) == pytest.approx((1 - Z * 0.5, 1 + Z * 0.5), rel=1e-5)
    assert found.p_value[0] == pytest.approx(2 * norm.sf(2.0), rel=1e-5)
    assert found.detectable[0] == pytest.approx((Z + norm.ppf(0.81)) * 0.5, rel=1e-5)


def test_two_means_have_fiellers_ratio() -> None:
    what = metric("mean", 0.0, np.inf)
    found = compare(means([4.0, 8.0], [0.3, 0.4], [10**7, 10**7], what), "ratio")
    a, b, c = 16 - (Z * 0.3) ** 2, -2 * 32, 64 - (Z * 0.4) ** 2
    assert (found.low[0], found.high[0]) == pytest.approx(np.sort(np.roots([a, b, c])), rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@given(groups=GROUPS, tolerance=st.floats(0.01, 1), confidence=st.floats(0.5, 0.999))
def test_p_values_invert_the_intervals(
    kind: str, groups: list, tolerance: float, confidence: float
) -> None:
    hits, n = zip(*groups, strict=True)
    found = compare(rates(hits, n), kind, tolerance, confidence)
    if kind == "difference":
        beyond = (found.low > tolerance + 1e-9) | (found.high < -tolerance - 1e-9)
        inside = (found.low < tolerance - 1e-9) & (found.high > -tolerance + 1e-9)
    else:
        beyond = (found.low > (1 + 1e-9) / tolerance) | (found.high < tolerance * (1 - 1e-9))
        inside = (found.low < (1 - 1e-9) / tolerance) & (found.high > tolerance * (1 + 1e-9))
    alpha = 1 - confidence
    assert (found.p_value[beyond] <= alpha).all()
    assert (found.p_value[inside] > alpha).all()
    assert ((found.p_value >= 0) & (found.p_value <= 1)).all()


@given(groups=GROUPS)
def test_intervals_hold_the_estimate_and_stay_in_range(groups: list) -> None:
    hits, n = zip(*groups, strict=True)
    gap = compare(rates(hits, n))
    assert (gap.low <= gap.value + 1e-12).all()
    assert (gap.value <= gap.high + 1e-12).all()
    assert (np.abs([gap.low, gap.high]) <= 1).all()
    ratio = compare(rates(hits, n), "ratio")
    known = np.isfinite(ratio.value)
    assert (ratio.low[known] <= ratio.value[known] * (1 + 1e-9)).all()
    assert (ratio.value[known] <= ratio.high[known] * (1 + 1e-9)).all()
    assert (ratio.low >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_order_of_two_groups_does_not_matter(kind: str) -> None:
    there = compare(rates([30, 90], [100, 150]), kind, 0.3 if kind == "difference" else 0.8)
    back = compare(rates([90, 30], [150, 100]), kind, 0.3 if kind == "difference" else 0.8)
    assert back.p_value == pytest.approx(there.p_value)
    assert back.detectable == pytest.approx(there.detectable, nan_ok=True)
    if kind == "difference":
        assert (back.low[0], back.high[0]) == pytest.approx((-there.high[0], -there.low[0]))
    else:
        assert (back.low[0], back.high[0]) == pytest.approx((1 / there.high[0], 1 / there.low[0]))


@pytest.mark.parametrize(
    ("hits", "n", "kind", "tolerance"),
    [
        ([400_000_000, 500_000_000], [10**9, 10**9], "ratio", 0.8),
        ([48_000_000, 60_000_000], [10**8, 10**8], "ratio", 0.8),
        ([300_000_000, 400_000_000], [10**9, 10**9], "difference", 0.1),
        ([200_000_000, 300_000_000], [10**9, 10**9], "difference", 0.1),
        ([600_000_000, 700_000_000], [10**9, 10**9], "difference", 0.1),
    ],
)
def test_exactly_at_the_tolerance_is_not_beyond(
    hits: list, n: list, kind: str, tolerance: float
) -> None:
    for order in (slice(None), slice(None, None, -1)):
        found = compare(rates(hits[order], n[order]), kind, tolerance)
        assert found.p_value.tolist() == [1.0]


@given(groups=GROUPS, smaller=st.floats(0, 1), larger=st.floats(0, 1))
def test_a_wider_tolerance_is_harder_to_exceed(
    groups: list, smaller: float, larger: float
) -> None:
    smaller, larger = sorted([smaller, larger])
    hits, n = zip(*groups, strict=True)
    narrow = compare(rates(hits, n), tolerance=smaller)
    wide = compare(rates(hits, n), tolerance=larger)
    # Where both round to the same side of alpha the tie is broken at alpha itself.
    assert (wide.p_value >= narrow.p_value * (1 - 1e-6)).all()


def test_far_tails_are_small_and_positive() -> None:
    found = compare(rates([100, 900, 850], [1000, 1000, 1000]))
    assert (found.p_value[:2] < 1e-20).all()
    assert (found.p_value > 0).all()


def test_each_metric_compares_the_groups_with_enough_rows_in_it() -> None:
    first = rates([10, 10, 10, 10], [40, 29, 40, 40])
    second = rates([10, 10, 0, 10], [40, 40, 0, 40])
    found = compare([first, second])
    pairs_of = [
        {
            (int(g), int(r))
            for g, r, m in zip(found.group, found.reference, found.metric, strict=True)
            if m == k
        }
        for k in (0, 1)
    ]
    assert pairs_of == [{(2, 0), (3, 0), (3, 2)}, {(1, 0), (3, 0), (3, 1)}]


def test_nothing_to_compare() -> None:
    for found in (
        compare(rates([10, 1], [40, 5])),
        compare(rates([10], [40])),
        compare(rates([10, 10, 1], [40, 40, 5]), reference=2),
    ):
        assert len(found.group) == len(found.low) == len(found.metric) == 0
        assert np.isnan(found.critical)


def test_all_others_with_a_reference() -> None:
    one = rates([20, 30, 10, 40], [100] * 4)
    found = compare(one, reference=1)
    assert found.group.tolist() == [0, 2, 3]
    assert found.reference.tolist() == [1, 1, 1]
    assert found.value == pytest.approx([-0.1, -0.2, 0.1])
    assert Z < found.critical < compare(one).critical


def test_more_pairs_and_more_metrics_widen_the_intervals() -> None:
    two, four = rates([20, 30], [100] * 2), rates([20, 30, 25, 25], [100] * 4)
    narrow, wide, widest = compare(two), compare(four), compare([four, four])
    assert wide.low[0] < narrow.low[0]
    assert widest.low[0] < wide.low[0]
    assert narrow.critical < wide.critical < widest.critical


def test_bin_error_widens_on_both_sides() -> None:
    plain, binned = rates([20, 60], [100] * 2), rates([20, 60], [100] * 2, bin_error=0.01)
    a, b = compare(plain), compare(binned)
    assert b.low == pytest.approx(a.low - 0.02)
    assert b.high == pytest.approx(a.high + 0.02)
    assert b.p_value[0] > a.p_value[0]
    assert compare(binned, tolerance=0.39).p_value[0] == 1
    a, b = compare(plain, "ratio"), compare(binned, "ratio")
    assert b.low[0] < a.low[0]
    assert b.high[0] > a.high[0]


def test_rates_of_zero_and_one_have_intervals() -> None:
    found = compare(rates([0, 100, 0], [100] * 3))
    assert (found.high > found.low).all()
    assert found.p_value[1] == 1
    ratio = compare(rates([0, 100, 0], [100] * 3), "ratio")
    assert np.isnan(ratio.value[1])
    assert (ratio.low[1], ratio.high[1]) == (0, np.inf)
    assert ratio.value[0] == np.inf


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_numbers(kind: str) -> None:
    one = drawn(np.random.default_rng(0), [100, 200, 300, 60], 0.3)
    a, b = compare(one, kind, seed=4), compare(one, kind, seed=4)
    for name in ("low", "high", "p_value"):
        assert getattr(a, name).tolist() == getattr(b, name).tolist()


def test_wrong_arguments_are_errors() -> None:
    one = rates([20, 30], [100] * 2)
    with pytest.raises(ArgumentError, match="nothing to compare"):
        compare([])
    with pytest.raises(ArgumentError, match="the same groups"):
        compare([one, rates([1, 2, 3], [100] * 3)])
    with pytest.raises(ArgumentError, match=r"got -0\.1 for a difference"):
        compare(one, tolerance=-0.1)
    for tolerance in (0.0, 1.25, np.nan):
        with pytest.raises(ArgumentError, match="for a ratio"):
            compare(one, "ratio", tolerance)
    with pytest.raises(ArgumentError, match="a ratio of quantity has no meaning"):
        compare(means([1, 2], [1, 1], [50, 50]), "ratio")
    with pytest.raises(ArgumentError, match="confidence must lie"):
        compare(one, confidence=1.0)


def test_a_thousand_groups_fit_into_memory() -> None:
    one = drawn(np.random.default_rng(0), np.full(1000, 100), 0.3)
    tracemalloc.start()
    try:
        found = compare(one, tolerance=0.1)
        assert tracemalloc.get_traced_memory()[1] < 600e6
    finally:
        tracemalloc.stop()
    assert len(found.low) == 499_500
