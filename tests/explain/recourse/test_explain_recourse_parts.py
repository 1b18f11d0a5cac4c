"""The pieces of the search, each by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.recourse.asking import ask
from explain.recourse.batch import Batch, judged
from explain.recourse.candidates import grid, grid_size, swept, values_of
from explain.recourse.columns import read
from explain.recourse.cost import cost_of
from explain.recourse.diversity import apart_from, diverse
from explain.recourse.growing import grown
from explain.recourse.judging import Judge
from explain.recourse.limits import Limits, Range
from explain.recourse.space import Space, build
from explain.recourse.sparing import spared


def column(values: Any, own: Any) -> Any:
    frame = pd.DataFrame({"x": values})
    return read(pd.concat([pd.DataFrame({"x": [own]}), frame], ignore_index=True), "x")


def space_of(frame: pd.DataFrame, limits: Limits | None = None) -> Space:
    """Return the space of the first row among the others."""
    columns = [read(frame, name) for name in frame]
    return build(frame.iloc[[0]], columns, limits or Limits(percentiles=False))


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 5, 9],
        [1.5, 2.0, 4.5],
        [0.1, 0.3, 0.35],
        [1e6, 3e6, 4e6],
        [0.1 + 0.2, 0.7, 1.1],
        np.array([0.1, 0.2, 0.7], dtype="float32"),
    ],
)
def test_only_values_that_occur_are_offered(values: Any) -> None:
    found = column(values, np.asarray(values)[0])
    assert found.step == 0
    assert found.offered.tolist() == np.asarray(values, dtype=float).tolist()


def test_a_column_of_many_decimals_is_offered_round_numbers_near_its_own() -> None:
    values = np.random.default_rng(0).random(500) * 300
    found = column(values, 100.0)
    assert found.step == 0.1
    assert found.on_grid(np.array([12.34567])).tolist() == [12.3]
    np.testing.assert_array_equal(found.offered, np.round(found.offered, 1))
    assert values.min() <= found.offered.min() < found.offered.max() <= values.max()


def test_numbers_that_were_filled_in_do_not_make_whole_ones_continuous() -> None:
    rng = np.random.default_rng(0)
    ages = rng.integers(18, 80, 400).astype(float)
    ages[:150] = rng.normal(45, 5, 150)
    offered = column(ages, 29.0).offered
    np.testing.assert_array_equal(offered, np.unique(ages[150:]))


def test_values_near_which_next_to_nothing_lies_are_rare() -> None:
    gain = np.concatenate([np.zeros(9_000), [1.0], np.full(499, 3_100), np.full(500, 5_000)])
    found = column(gain, 0.0)
    assert found.is_rare(np.array([0.0, 1_000.0, 3_100.0])).tolist() == [False, True, False]
    levels = column(["a"] * 3_000 + ["b"], "a")
    assert levels.is_rare(np.array([0.0, 1.0])).tolist() == [False, True]
    few = column([1, 2, 30], 1)
    assert not few.is_rare(few.offered).any()


@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=30),
    st.integers(-60, 60),
    st.integers(-60, 60),
)
def test_the_cost_of_a_number_is_a_distance_of_percentiles(
    values: list[int], own: int, new: int
) -> None:
    one = column(values, own)
    cost = cost_of(one, np.array([float(new), float(own)]))
    assert cost[1] == 0
    assert 0 <= cost[0] <= 1
    if own in values and new in values:
        seen = np.array(values)
        share = [(seen < v).mean() + (seen == v).mean() / 2 for v in (own, new)]
        assert cost[0] == pytest.approx(abs(share[1] - share[0]))


def test_a_level_costs_one_and_so_does_a_filled_gap() -> None:
    levels = column(["a", "b", "b"], "a")
    assert cost_of(levels, np.array([0.0, 1.0])).tolist() == [0.0, 1.0]
    gap = column([1.0, 2.0, 3.0], np.nan)
    assert cost_of(gap, np.array([np.nan, 2.0])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("values", "is_text"),
    [
        ([f"name {k}" for k in range(50)], True),
        (["a", "b"] * 25, False),
        ([f"level {k % 25}" for k in range(100)], False),
        ([f"one two three four five six {k % 30}" for k in range(100)], True),
        ([f"city {k}" for k in range(10)], False),
    ],
)
def test_free_text_is_told_from_levels(values: list[str], is_text: bool) -> None:
    assert (column(values, values[0]).axis == "text") is is_text


def test_codes_come_back_as_the_values_they_are(people: pd.DataFrame) -> None:
    table = pd.concat([people.iloc[[0]], people], ignore_index=True)
    space = space_of(table)
    codes = np.column_stack([one.codes for one in space.columns])
    known = np.isfinite(codes)
    codes = np.where(known, codes, space.origin)
    back = space.frame(codes)
    for place, name in enumerate(people):
        if space.columns[place].step:
            continue
        where = known[:, place]
        expected = people[name][where]
        if name != "note":
            pd.testing.assert_series_equal(back[name][where], expected)


def test_the_grid_is_every_combination_within_the_number_of_changes() -> None:
    frame = pd.DataFrame({"a": [0, 1, 2, 0], "b": [0, 1, 0, 1], "c": ["x", "y", "z", "x"]})
    for most, expected in ((1, 1 + 2 + 1 + 2), (2, 6 + 2 + 4 + 2), (3, 3 * 2 * 3)):
        space = space_of(frame, Limits(most_changes=most, percentiles=False))
        values = values_of(space)
        assert grid_size(values, space.most) == expected
        codes = grid(space, values)
        assert len(np.unique(codes, axis=0)) == len(codes) == expected
        assert space.changed(codes).sum(axis=1).max() == most
        assert len(swept(space, values)) == 5


def test_many_columns_and_few_changes_make_no_large_grid() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).integers(0, 3, (20, 60)))
    frame.columns = [f"c{k}" for k in range(60)]
    space = space_of(frame, Limits(most_changes=1, percentiles=False))
    assert len(grid(space, values_of(space))) == 121


def batch(changed: list[list[int]], cost: list[float]) -> Batch:
    where = np.array(changed, dtype=bool)
    codes = where.astype(float) * np.arange(1, len(cost) + 1)[:, None]
    return Batch(codes, np.ones(len(cost), bool), np.zeros(len(cost)), np.array(cost), where)


def test_options_differ_in_the_columns_that_they_change() -> None:
    found = diverse(batch([[1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]], [0.2, 0.1, 0.25, 0.3]), 2)
    assert found.cost.tolist() == [0.1, 0.3]
    assert diverse(batch([[1, 0], [1, 0]], [0.2, 0.1]), 3).cost.tolist() == [0.1]


def test_another_option_lacks_a_column_of_each_that_was_found() -> None:
    found = batch([[1, 0, 0], [0, 1, 1]], [0.1, 0.2])
    others = batch([[1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], [0.1, 0.2, 0.3, 0.4])
    assert apart_from(found, others).cost.tolist() == [0.2, 0.3]


@given(st.integers(1, 199), st.sampled_from([1, -1]))
def test_a_number_stops_at_the_first_value_that_will_do(limit: int, side: int) -> None:
    values = np.arange(200) * side
    frame = pd.DataFrame({"x": np.concatenate([[0], values])})

    def score(rows: pd.DataFrame) -> np.ndarray:
        return np.abs(rows["x"].to_numpy()).astype(float)

    question = ask(score, frame.iloc[[0]], frame, (limit, None), 0)
    space = space_of(frame)
    judge = Judge(question.goal)
    start = judged(space, judge, np.array([[199.0 * side]]))
    assert spared(space, judge, start).codes.tolist() == [[limit * side]]


def test_the_way_to_a_neighbour_begins_with_what_helps() -> None:
    frame = pd.DataFrame({name: [0, 1, 2, 3] for name in "abcd"})

    def score(rows: pd.DataFrame) -> np.ndarray:
        return rows["c"].to_numpy() * 10.0 + rows["a"].to_numpy()

    question = ask(score, frame.iloc[[0]], frame, (20, None), 0)
    space = space_of(frame, Limits(percentiles=False, most_changes=2))
    judge = Judge(question.goal)
    steps = grown(space, judge, judged(space, judge, np.array([[3.0, 3.0, 3.0, 3.0]])))
    assert [0, 0, 3, 0] in steps.codes.tolist()
    assert steps.n_changed.max() == 2
    assert len(grown(space, judge, steps.take(slice(0, 0)))) == 0


def test_a_range_never_reaches_beyond_the_data() -> None:
    frame = pd.DataFrame({"a": [5, 1, 3, 9, 20]})
    space = space_of(frame, Limits(ranges={"a": Range(-100, 100)}))
    assert (space.spans[0].low, space.spans[0].high) == (1, 20)
    assert space.spans[0].values.tolist() == [1, 3, 9, 20]
