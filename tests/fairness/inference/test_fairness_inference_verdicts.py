"""Disparities: the worst pair, a reference, verdicts of three values, and what is needed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inference_samples import drawn, means, metric, rates

from fairness.errors import ArgumentError
from fairness.inference import disparity, pairs
from fairness.metrics.values import Estimates

KINDS = ("difference", "ratio")


def worst(one, kind="difference", tolerance=None, **options):
    (found,) = disparities(one, kind, tolerance, **options)
    return found


def disparities(one, kind="difference", tolerance=None, confidence=0.95, **options):
    given_ = one if isinstance(one, list) else [one]
    held = (0.1 if kind == "difference" else 0.8) if tolerance is None else tolerance
    return disparity(given_, kind, name="notion", tolerance=held, confidence=confidence, **options)


def test_worst_pair_is_largest_minus_smallest() -> None:
    found = worst(rates([300, 600, 450, 3], [1000, 1000, 1000, 4]))
    assert (found.group, found.reference) == ("g1", "g0")
    assert found.value == pytest.approx(0.3)
    assert found.all_groups == pytest.approx(0.75 - 0.3)
    assert found.left_out == ("g3",)
    assert found.comparisons == 3
    assert found.verdict == "beyond"
    assert found.p_value < 1e-6
    assert (found.needs, math.isnan(found.needs_rows)) == ("", True)
    assert (found.metric, found.kind, found.tolerance) == ("notion", "difference", 0.1)


def test_worst_ratio_is_smallest_over_largest() -> None:
    found = worst(rates([300, 600, 450, 1], [1000, 1000, 1000, 4]), "ratio")
    assert (found.group, found.reference) == ("g0", "g1")
    assert found.value == pytest.approx(0.5)
    assert found.all_groups == pytest.approx(0.25 / 0.6)
    assert found.low < 0.5 < found.high < 0.8
    assert found.verdict == "beyond"
    assert math.isnan(found.detectable)


def test_interval_is_that_of_the_worst_true_gap() -> None:
    one = rates([20, 30, 45], [100] * 3)
    found = worst(one)
    family = pairs([one], "difference", tolerance=0.1, confidence=0.95)
    assert found.low == pytest.approx(max(0, *family.low, *-family.high))
    assert found.high == pytest.approx(np.abs([family.low, family.high]).max())
    found = worst(one, "ratio")
    family = pairs([one], "ratio", tolerance=0.8, confidence=0.95)
    both = np.concatenate([family.low, 1 / family.high])
    assert found.low == pytest.approx(both.min())
    both = np.concatenate([family.high, 1 / family.low])
    assert found.high == pytest.approx(min(1, both.min()))


def test_notion_takes_the_worse_of_its_metrics() -> None:
    same = rates([500, 500], [1000, 1000])
    apart = rates([300, 700], [1000, 1000])
    found = worst([same, apart])
    assert found.value == pytest.approx(0.4)
    assert found.all_groups == pytest.approx(0.4)
    assert found.comparisons == 2
    assert found.verdict == worst([apart, same]).verdict == "beyond"
    assert worst([same, apart], "ratio").value == pytest.approx(3 / 7)
    assert found.low < worst(apart).low


@pytest.mark.parametrize("kind", KINDS)
def test_three_verdicts(kind: str) -> None:
    assert worst(rates([50_000, 50_500], [10**5] * 2), kind).verdict == "within"
    assert worst(rates([50_000, 80_000], [10**5] * 2), kind).verdict == "beyond"
    assert worst(rates([15, 16], [30] * 2), kind).verdict == "not enough data"


@pytest.mark.parametrize("kind", KINDS)
@given(
    groups=st.lists(
        st.integers(30, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=2,
        max_size=5,
    ),
    tolerance=st.floats(0.05, 0.95),
    named=st.booleans(),
)
def test_verdicts_say_what_the_intervals_say(
    kind: str, groups: list, tolerance: float, named: bool
) -> None:
    hits, n = zip(*groups, strict=True)
    reference = "g0" if named else None
    for found in disparities(rates(hits, n), kind, tolerance, reference=reference):
        low, high = found.low, found.high
        if kind == "ratio":
            beyond = high < tolerance * (1 - 1e-9) or low > 1 / tolerance * (1 + 1e-9)
            within = low >= tolerance and high <= 1 / tolerance
        else:
            beyond = low > tolerance * (1 + 1e-9) or high < -tolerance * (1 + 1e-9)
            within = low >= -tolerance and high <= tolerance
        assert beyond == (found.verdict == "beyond")
        assert within == (found.verdict == "within")
        assert (found.verdict == "beyond") == (found.p_value <= 0.05)
        assert found.verdict != "not enough data" or not math.isnan(found.needs_rows)


def test_reference_gives_one_each_with_signs() -> None:
    one = rates([300, 600, 450, 3], [1000, 1000, 1000, 4])
    found = disparities(one, reference="g2")
    assert [each.group for each in found] == ["g0", "g1", "g3"]
    assert {each.reference for each in found} == {"g2"}
    assert [each.value for each in found[:2]] == pytest.approx([-0.15, 0.15])
    assert found[0].high < -0.1 < 0.1 < found[1].low
    assert [each.verdict for each in found] == ["beyond", "beyond", "not enough data"]
    assert math.isnan(found[2].value)
    assert found[2].all_groups == pytest.approx(0.3)
    assert (found[2].needs, found[2].needs_rows) == ("g3", 26)
    assert [each.comparisons for each in found] == [2, 2, 0]
    ratios = disparities(one, "ratio", reference="g2")
    assert [each.value for each in ratios[:2]] == pytest.approx([2 / 3, 4 / 3])
    assert ratios[1].high > 1


def test_reference_of_a_notion_takes_the_worse_of_its_metrics() -> None:
    first, second = rates([500, 450, 500], [1000] * 3), rates([500, 800, 510], [1000] * 3)
    found = disparities([first, second], reference="g0")
    assert [each.value for each in found] == pytest.approx([0.3, 0.01])
    assert [each.group for each in found] == ["g1", "g2"]
    assert found[0].all_groups == pytest.approx(0.3)
    ratios = disparities([first, second], "ratio", reference="g0")
    assert [each.value for each in ratios] == pytest.approx([5 / 8, 50 / 51])


def test_reference_that_is_too_small_needs_rows_itself() -> None:
    (found,) = disparities(rates([30, 5], [100, 10]), reference="g1")
    assert (found.verdict, found.needs, found.needs_rows) == ("not enough data", "g1", 20)


def test_unknown_reference_is_an_error() -> None:
    with pytest.raises(ArgumentError, match=r"no reference group 'x' in x\n  it has g0, g1"):
        disparities(rates([3, 5], [100, 100]), reference="x")


def test_fewer_than_two_groups_have_no_disparity() -> None:
    found = worst(rates([50, 3, 2, 0], [100, 10, 20, 0], rows=[200, 40, 30, 5]))
    assert math.isnan(found.value)
    assert found.verdict == "not enough data"
    assert (found.group, found.reference, found.comparisons) == ("", "", 0)
    assert found.all_groups == pytest.approx(0.4)
    assert found.left_out == ("g1", "g2", "g3")
    # g2 lacks 10 of a denominator that holds two of its three rows.
    assert (found.needs, found.needs_rows) == ("g2", 15)


def test_one_group_has_nothing_to_be_compared_to() -> None:
    for one in (rates([50], [100]), rates([50, 0], [100, 0])):
        found = worst(one)
        assert (found.needs, found.needs_rows) == ("", math.inf)
        assert math.isnan(found.all_groups)
        assert math.isnan(found.p_value)


def grown(one: Estimates, group: str, rows: float) -> Estimates:
    """Return the same estimates with more rows in one group."""
    factor = np.ones(len(one.n))
    at = one.groups.index(group)
    factor[at] = 1 + rows / one.n[at]
    return replace(
        one,
        n=np.ceil(one.n * factor).astype(np.int64),
        denominator=np.ceil(one.denominator * factor).astype(np.int64),
        effective=one.effective * factor,
        error=one.error / np.sqrt(factor),
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "one",
    [
        rates([20_000, 12], [60_000, 60]),
        rates([20_000, 3_000], [60_000, 7_000], rows=[90_000, 20_000]),
        rates([5_000, 25], [10_000, 80], rows=[10_000, 160]),
        means([1.0, 1.02], [0.001, 0.2], [10**6, 100], metric("mean", 0, np.inf)),
    ],
)
def test_needed_rows_settle_it(one: Estimates, kind: str) -> None:
    found = worst(one, kind)
    assert found.verdict == "not enough data"
    assert found.needs == "g1"
    assert worst(grown(one, "g1", found.needs_rows * 1.01), kind).verdict != "not enough data"
    assert worst(grown(one, "g1", found.needs_rows * 0.97), kind).verdict == "not enough data"


def test_needs_of_many_groups_name_the_one_that_blocks() -> None:
    one = rates([3000, 3000, 1500, 15], [10_000, 10_000, 5_000, 50])
    found = worst(one)
    assert (found.verdict, found.needs) == ("not enough data", "g3")
    assert worst(grown(one, "g3", found.needs_rows * 1.05)).verdict == "within"


def test_where_one_group_cannot_settle_it_both_grow() -> None:
    one = rates([15, 15], [50, 50])
    found = worst(one)
    assert worst(grown(one, found.needs, 1e9)).verdict == "not enough data"
    assert {found.needs, *found.also_needs} == {"g0", "g1"}
    both = grown(grown(one, "g0", found.needs_rows * 1.01), "g1", found.needs_rows * 1.01)
    assert worst(both).verdict == "within"


def test_all_groups_that_have_to_grow_are_named_and_none_besides() -> None:
    one = rates([399, 38, 123], [1000, 100, 300])
    found = worst(one)
    assert (found.needs, found.also_needs) == ("g1", ("g2",))
    # the critical value shifts a little as groups grow
    both = grown(grown(one, "g1", found.needs_rows * 1.1), "g2", found.needs_rows * 1.1)
    assert worst(both).verdict == "within"
    assert worst(grown(one, "g1", found.needs_rows * 1.1)).verdict == "not enough data"
    assert worst(rates([20_000, 12], [60_000, 60])).also_needs == ()


def test_two_groups_grow_where_one_alone_would_take_many_more() -> None:
    found = worst(rates([382, 51], [1000, 200]))
    assert set(found.also_needs) == {"g0"}
    assert found.needs_rows < 3_000


def test_no_number_of_rows_settles_what_lies_at_the_tolerance() -> None:
    for kind, hits in [("difference", [40, 50]), ("ratio", [40, 50])]:
        found = worst(rates(hits, [100, 100]), kind)
        assert found.verdict == "not enough data"
        assert (found.needs, found.needs_rows) == ("", math.inf)


def test_no_number_of_rows_removes_the_error_of_bins() -> None:
    found = worst(rates([40, 48], [100, 100], bin_error=0.02))
    assert (found.needs, found.needs_rows) == ("", math.inf)


def test_ratio_of_nothing_is_no_ratio() -> None:
    found = worst(rates([0, 0], [100, 100]), "ratio")
    assert math.isnan(found.value)
    assert math.isnan(found.all_groups)
    assert (found.low, found.high) == (0, 1)
    assert found.verdict == "not enough data"
    mixed = worst(rates([0, 0, 50], [100] * 3), "ratio")
    assert (mixed.value, mixed.all_groups) == (0, 0)


def test_reference_of_nothing_has_no_upper_end() -> None:
    (found,) = disparities(rates([0, 50], [100, 100]), "ratio", reference="g0")
    assert found.value == found.high == found.all_groups == math.inf
    assert found.verdict == "beyond"


def test_equal_estimates_have_no_negative_gap() -> None:
    found = worst(rates([50, 50, 50], [100] * 3))
    assert (found.value, found.low) == (0, 0)
    assert found.high > 0


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_metrics_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = drawn(rng, [200, 300], 0.4), drawn(rng, [90, 120], 0.6)
    there, back = worst([first, second]), worst([second, first])
    assert (there.value, there.low, there.high) == (back.value, back.low, back.high)
    assert there.p_value == pytest.approx(back.p_value)
    assert there.verdict == back.verdict
