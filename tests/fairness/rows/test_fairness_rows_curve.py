"""Curves and trends along a number: recovered from counts, with intervals that cover."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fairness.errors import ArgumentError
from fairness.metrics import estimate
from fairness.rows import CURVE_METRICS, curve_frame, fine_table, trend
from fairness.rows.smoothing import smooth
from fairness.table import CountTable


def sample(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    age = rng.gamma(4, 9, n).round() + 18
    score = rng.beta(2, 2, n) * 0.6 + np.clip((age - 18) / 250, 0, 0.4)
    truth = rng.random(n) < score
    return age, truth, score > 0.45, score


@pytest.fixture(scope="module")
def table() -> CountTable:
    age, truth, said, score = sample(4000, 0)
    found = fine_table("age", age, truth, said, y_score=score)
    assert found is not None
    return found


def test_bins_are_fine_and_hold_every_row(table: CountTable) -> None:
    counts = table.groups(("age",))
    assert counts.n.sum() == 4000
    assert counts.n.min() >= 50
    assert 20 <= len(counts.groups) <= 40
    edges = table.attributes[0].edges
    assert edges[0] == sample(4000, 0)[0].min() - 0.5
    # whole numbers are never cut through
    assert all(edge % 1 == 0.5 for edge in edges)


@given(st.lists(st.integers(0, 30), min_size=0, max_size=400), st.integers(1, 4))
def test_every_bin_has_its_rows_whatever_the_ties(values: list[int], power: int) -> None:
    numbers = np.array(values, dtype=float) ** power
    found = fine_table("x", numbers, np.zeros(len(numbers)) if len(numbers) else [0])
    if found is None:
        return
    counts = found.groups(("x",))
    assert counts.n.min() >= 50
    assert counts.n.sum() == len(numbers)
    assert 3 <= len(counts.groups) <= 40


def test_missing_and_endless_values_stay_off_the_curve() -> None:
    age, truth, said, score = sample(1000, 1)
    age[:30], age[30:40], age[40:50] = np.nan, np.inf, -np.inf
    found = fine_table("age", age, truth, said, y_score=score)
    assert found is not None
    assert found.n == 1000
    frame = curve_frame(found)
    assert frame.query("metric == 'selection_rate'")["n"].sum() == 950
    assert np.isfinite(frame[["low_edge", "high_edge", "position"]]).all().all()


def test_too_few_rows_make_no_curve() -> None:
    assert fine_table("age", np.arange(149), np.arange(149) % 2) is None
    assert fine_table("age", [np.nan] * 500, [0, 1] * 250) is None
    assert fine_table("age", [1, 2] * 250, [0, 1] * 250) is None
    with pytest.raises(ArgumentError, match="needs numbers"):
        fine_table("age", ["a"] * 500, [0, 1] * 250)


def test_the_curve_has_every_metric_and_counts(table: CountTable) -> None:
    frame = curve_frame(table)
    assert set(frame["metric"]) == set(CURVE_METRICS) - {"mae", "bias", "mean_prediction"}
    counts = table.groups(("age",))
    for metric, rows in frame.groupby("metric"):
        assert rows["position"].is_monotonic_increasing
        assert rows["n"].sum() == 4000
        one = estimate(str(metric), counts)
        np.testing.assert_array_equal(rows["raw"], one.value)
        np.testing.assert_array_equal(rows["denominator"], one.denominator)
        assert ((rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])).all()
        assert rows["bandwidth"].nunique() == 1
    assert set(frame["state"]) <= {"estimable", "weak"}
    strict = curve_frame(table, tolerance=1e-6).query("metric == 'tpr'")
    assert strict["state"].eq("weak").all()


def test_regressions_have_curves_too() -> None:
    rng = np.random.default_rng(0)
    age = rng.uniform(20, 70, 3000)
    truth = rng.normal(size=3000)
    found = fine_table("age", age, truth, truth + 0.1 * age, task="regression")
    assert found is not None
    frame = curve_frame(found)
    assert set(frame["metric"]) == {"mae", "bias", "mean_prediction"}
    bias = frame.query("metric == 'bias'")
    np.testing.assert_allclose(bias["value"], 0.1 * bias["position"], atol=0.05)
    value = trend(found).set_index("metric").loc["bias", "value"]
    # the mean difference between two uniform ages is a third of their range
    assert value == pytest.approx(0.1 * 50 / 3, rel=0.05)


def test_the_curve_recomputes_from_counts(table: CountTable) -> None:
    again = CountTable.from_json(table.to_json())
    pd.testing.assert_frame_equal(curve_frame(again), curve_frame(table))
    pd.testing.assert_frame_equal(trend(again), trend(table))


def test_straight_lines_are_left_as_they_are() -> None:
    place = np.linspace(0.02, 0.98, 25)
    curve = smooth(place, 0.2 + 0.5 * place, np.arange(25) + 1.0)
    np.testing.assert_allclose(curve.value, 0.2 + 0.5 * place, atol=1e-9)
    np.testing.assert_allclose(curve.operator.sum(axis=1), 1)


def test_bends_are_followed_and_noise_is_not() -> None:
    place = np.linspace(0, 1, 40)
    step = np.where(place > 0.5, 0.8, 0.2)
    assert smooth(place, step, np.full(40, 50.0)).bandwidth < 0.1
    widths = [
        smooth(place, np.random.default_rng(seed).normal(size=40), np.full(40, 50.0)).bandwidth
        for seed in range(30)
    ]
    assert np.median(widths) >= 0.2


def test_points_without_rows_are_bridged() -> None:
    place = np.linspace(0, 1, 20)
    weight = np.full(20, 30.0)
    weight[8:11] = 0
    value = np.where(weight > 0, place, np.nan)
    curve = smooth(place, value, weight)
    np.testing.assert_allclose(curve.value, place, atol=1e-9)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), min_size=160, max_size=200
    )
)
def test_the_trend_counts_pairs(rows: list[tuple[int, bool, bool]]) -> None:
    x = np.array([row[0] for row in rows])
    truth, said = (np.array([row[k] for row in rows]) for k in (1, 2))
    if min(np.bincount(x, minlength=4)) < 2 or len({*truth}) < 2 or len({*said}) < 2:
        return
    found = CountTable.from_rows(
        truth, said, sensitive={"x": x}, edges={"x": [-0.5, 0.5, 1.5, 2.5, 3.5]}, positive=True
    )
    frame = trend(found).set_index("metric")
    for metric, inside in (
        ("selection_rate", np.ones(len(x), bool)),
        ("tpr", truth),
        ("fpr", ~truth),
    ):
        a, b = x[inside], said[inside].astype(int)
        if len(set(a)) < 2:
            assert np.isnan(frame.loc[metric, "value"])
            continue
        assert frame.loc[metric, "n"] == len(a)
        if len(set(b)) < 2:
            assert frame.loc[metric, "value"] == pytest.approx(0, abs=1e-12)
            continue
        oracle = stats.somersd(a, b).statistic
        assert frame.loc[metric, "value"] == pytest.approx(oracle)


def test_the_trends_error_is_somers() -> None:
    age, truth, said, score = sample(600, 3)
    edges = [0.5, 30.5, 45.5, 60.5, 400.5]
    found = CountTable.from_rows(
        truth, said, y_score=score, sensitive={"age": age}, edges={"age": edges}, positive=True
    )
    row = trend(found).set_index("metric").loc["selection_rate"]
    n = np.array(
        [np.bincount(said[np.digitize(age, edges) == k], minlength=2) for k in range(1, 5)]
    )
    total = n.sum()
    within = total**2 - (n.sum(axis=1) ** 2).sum()
    d = np.zeros(n.shape)
    for i in range(4):
        for j in range(2):
            same = n[:i, :j].sum() + n[i + 1 :, j + 1 :].sum()
            other = n[:i, j + 1 :].sum() + n[i + 1 :, :j].sum()
            d[i, j] = same - other
    gap = (n * d).sum()
    row_sums = n.sum(axis=1, keepdims=True)
    squares = (n * (within * d - gap * (total - row_sums)) ** 2).sum()
    # Goodman and Kruskal (1972), as in the manual of SAS's FREQ procedure
    error = 2 / within**2 * np.sqrt(squares)
    assert row["value"] == pytest.approx(gap / within)
    assert (row["high"] - row["low"]) / 2 == pytest.approx(1.959964 * error)


@pytest.mark.slow
def test_curves_and_trends_cover() -> None:
    inside, trends, runs = [], [], 150
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        age = rng.uniform(0, 1, 3000)
        said = rng.random(3000) < 0.3 + 0.3 * age
        found = fine_table("age", age, said, said)
        assert found is not None
        frame = curve_frame(found).query("metric == 'selection_rate'")
        truth = 0.3 + 0.3 * frame["position"]
        inside.append(((frame["low"] <= truth) & (truth <= frame["high"])).mean())
        row = trend(found).set_index("metric").loc["selection_rate"]
        trends.append(row["low"] <= 0.1 <= row["high"])
    assert np.mean(inside) >= 0.9
    assert np.mean(trends) >= 0.91


@pytest.mark.parametrize("bends", [0, 3, 6])
def test_intervals_hold_where_the_curve_bends(bends: int) -> None:
    """With the bandwidth of the smallest error they hold 89 % of the time."""
    rng = np.random.default_rng(bends)
    place, rows = (np.arange(40) + 0.5) / 40, 500
    truth = 0.4 + 0.2 * np.sin(bends * place)
    held = []
    for _ in range(100):
        seen = rng.binomial(rows, truth) / rows
        found = smooth(place, seen, np.full(40, float(rows)))
        half = 1.96 * np.sqrt(found.operator**2 @ (truth * (1 - truth) / rows))
        held.append(np.mean(np.abs(found.value - truth) <= half))
    assert np.mean(held) > 0.92
