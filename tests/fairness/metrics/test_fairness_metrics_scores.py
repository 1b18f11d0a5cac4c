"""Curves, sweeps and calibration from binned scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from grouped_rows import labels, numbers
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest
from sklearn.metrics import roc_curve

from fairness.errors import ArgumentError
from fairness.metrics import (
    abroca,
    calibration,
    calibration_test,
    estimate,
    outcome_at_equal_score,
    threshold_sweep,
)
from fairness.metrics.calibrating import beyond_brownian
from fairness.metrics.stratified import pooled_difference
from fairness.table import CountTable
from fairness.table.values import GroupCounts

FRAMES = (abroca, threshold_sweep, calibration, calibration_test, outcome_at_equal_score)
EDGES = np.linspace(0, 1, 1025)[1:-1]


def rows(n: int, seed: int, *, digits: int = 2, bend: float = 0.0) -> dict[str, Any]:
    """Return a calibrated score, or with `bend` one that is bent."""
    rng = np.random.default_rng(seed)
    score = rng.beta(2, 3, n).round(digits)
    truth = np.clip(score + bend * score * (1 - score), 0, 1)
    y = (rng.random(n) < truth).astype(int)
    return {"y": y, "score": score, "group": rng.choice(["a", "b"], n)}


@pytest.mark.parametrize("frame", FRAMES)
def test_scores_are_needed(frame: Any) -> None:
    with pytest.raises(ArgumentError, match="needs scores"):
        frame(labels([0, 1], [0, 1], ["a", "b"]))
    with pytest.raises(ArgumentError, match="the task is regression"):
        frame(numbers([0, 1], [0, 1], ["a", "b"]))


@pytest.mark.parametrize("frame", [abroca, threshold_sweep, calibration])
@pytest.mark.parametrize("confidence", [0, 1, 1.5])
def test_confidence_is_checked(frame: Any, confidence: float) -> None:
    counts = labels([0, 1], None, ["a", "a"], score=[0.1, 0.2])
    with pytest.raises(ArgumentError, match="confidence has to lie between 0 and 1"):
        frame(counts, confidence=confidence)


@pytest.mark.parametrize("frame", [abroca, outcome_at_equal_score])
def test_one_group_has_no_pairs(frame: Any) -> None:
    found = frame(labels([0, 1], None, ["a", "a"], score=[0.1, 0.9]))
    assert found.empty
    assert {"group", "reference", "value"} <= set(found.columns)


# Area between curves


def dense_area(y: Any, score: Any, group: Any) -> float:
    """Integrate numerically between scikit-learn's curves."""
    grid = np.linspace(0, 1, 200_001)
    grid = (grid[1:] + grid[:-1]) / 2
    heights = []
    for name in ("a", "b"):
        mine = group == name
        fpr, tpr, _ = roc_curve(y[mine], score[mine], drop_intermediate=False)
        heights.append(np.interp(grid, fpr, tpr))
    return float(np.abs(heights[0] - heights[1]).mean())


@given(st.integers(8, 60), st.integers(0, 10**6), st.integers(1, 3))
def test_abroca_is_the_area_between_curves(n: int, seed: int, digits: int) -> None:
    given = rows(n, seed, digits=digits)
    given["y"][:4], given["group"][:4] = [0, 1, 0, 1], list("aabb")
    found = abroca(labels(**given, said=None), n_replicates=2)
    expected = dense_area(given["y"], given["score"], given["group"])
    assert found["value"].item() == pytest.approx(expected, abs=2e-4)


def test_abroca_of_curves_that_cross() -> None:
    # The corners are (0, 0) (1/2, 1) (1, 1) and (0, 0) (0, 1/2) (1, 1).
    a = {"y": [1, 1, 0, 0], "score": [2, 2, 2, 1], "group": list("aaaa")}
    b = {"y": [1, 1, 0, 0], "score": [2, 1, 1, 1], "group": list("bbbb")}
    both = {name: [*a[name], *b[name]] for name in a}
    found = abroca(labels(**both, said=None, probability=False), n_replicates=2)
    # 2x against (1 + x)/2 cross at 1/3; from 1/2 on 1 against (1 + x)/2
    expected = 0.5 * (1 / 3) / 2 + 0.25 * (1 / 6) / 2 + 0.25 * 0.5 / 2
    assert found["value"].item() == pytest.approx(expected, abs=1e-12)


def test_abroca_of_equal_curves_reaches_to_zero() -> None:
    given = rows(300, 5)
    twice = {name: np.concatenate([column, column]) for name, column in given.items()}
    twice["group"] = np.repeat(["a", "b"], 300)
    found = abroca(labels(**twice, said=None)).iloc[0]
    assert found["value"] == 0
    assert found["low"] == 0
    assert 0 < found["high"] < 0.2


def test_abroca_is_undefined_without_positives() -> None:
    counts = labels([0, 1, 0, 0], None, list("aabb"), score=[0.1, 0.2, 0.3, 0.4])
    found = abroca(counts).iloc[0]
    assert np.isnan([found["value"], found["low"], found["high"], found["bin_error"]]).all()
    assert found["denominator"] == 0


def test_abroca_is_within_its_bin_error() -> None:
    given = rows(400, 3, digits=6)
    exact = abroca(labels(**given, said=None), n_replicates=2).iloc[0]
    coarse = labels(**given, said=None, edges=np.linspace(0, 1, 12)[1:-1])
    found = abroca(coarse, n_replicates=2).iloc[0]
    assert exact["bin_error"] == 0
    assert abs(found["value"] - exact["value"]) <= found["bin_error"]


def test_abroca_is_repeatable() -> None:
    counts = labels(**rows(200, 1), said=None)
    assert abroca(counts, seed=3).equals(abroca(counts, seed=3))
    assert not abroca(counts, seed=3).equals(abroca(counts, seed=4))


@pytest.mark.slow
@pytest.mark.parametrize(("separation", "truth"), [(1.0, 0.0), (2.0, 0.16108)])
def test_abroca_interval_covers(separation: float, truth: float) -> None:
    # Scores normal(y) and normal(2 y): areas Φ(1/√2), Φ(2/√2), and the curves do not cross.
    covered = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        y, group = rng.integers(0, 2, 800), np.repeat(["a", "b"], 400)
        score = rng.normal(y * np.where(group == "a", 1.0, separation))
        counts = labels(y, None, group, score=score, probability=False)
        found = abroca(counts, n_replicates=200).iloc[0]
        covered += found["low"] <= truth <= found["high"]
    assert covered / 300 >= 0.92


# Threshold sweep


def test_sweep_equals_rates_at_each_threshold() -> None:
    given = rows(150, 2, digits=1)
    frame = threshold_sweep(labels(**given, said=None))
    assert list(frame.columns) == ["group", "threshold", "metric", "value", "low", "high"]
    for (threshold, metric), part in frame.groupby(["threshold", "metric"]):
        said = (given["score"] >= threshold).astype(int)
        expected = estimate(metric, labels(given["y"], said, given["group"]))
        np.testing.assert_allclose(part["value"], expected.value, rtol=1e-12)


def test_sweep_has_wilson_intervals() -> None:
    given = rows(150, 2, digits=1)
    frame = threshold_sweep(labels(**given, said=None), confidence=0.9)
    part = frame[(frame.group == "a") & (frame.threshold == 0.3) & (frame.metric == "tpr")]
    mine = (given["group"] == "a") & (given["y"] == 1)
    hits = int((given["score"][mine] >= 0.3).sum())
    expected = binomtest(hits, int(mine.sum())).proportion_ci(0.9, "wilson")
    np.testing.assert_allclose(part[["low", "high"]].iloc[0], [expected.low, expected.high])


def test_sweep_keeps_few_of_many_thresholds() -> None:
    counts = labels(**rows(3000, 4, digits=6), said=None)
    frame = threshold_sweep(counts, n_thresholds=11)
    thresholds = frame["threshold"].unique()
    assert len(thresholds) == 11
    selected = frame[(frame.group == "a") & (frame.metric == "selection_rate")]["value"]
    np.testing.assert_allclose(selected, np.linspace(1, 0, 11), atol=0.04)
    with pytest.raises(ArgumentError, match="n_thresholds has to be at least 2"):
        threshold_sweep(counts, n_thresholds=1)


def test_sweep_is_undefined_without_rows() -> None:
    counts = labels([0, 0, 1], None, list("aab"), score=[0.1, 0.2, 0.9])
    frame = threshold_sweep(counts).set_index(["group", "metric", "threshold"]).sort_index()
    assert frame.loc[("a", "tpr")].isna().all(axis=None)
    assert frame.loc[("a", "ppv", 0.9)].isna().all()
    assert frame.loc[("a", "selection_rate", 0.9), "value"] == 0


# Calibration


def test_calibration_bands_hold_about_equal_rows() -> None:
    given = rows(5000, 1, digits=6)
    frame = calibration(labels(**given, said=None, edges=EDGES))
    bands = frame.groupby("score_low")["n"].sum()
    assert len(bands) == 10
    assert bands.between(440, 560).all()
    assert frame["n"].sum() == 5000
    one = frame.iloc[3]
    inside = (given["group"] == one["group"]) & (given["score"] >= one["score_low"])
    inside &= given["score"] <= one["score_high"]
    assert inside.sum() == one["n"]
    assert given["y"][inside].mean() == pytest.approx(one["value"])
    assert given["score"][inside].mean() == pytest.approx(one["score"])


def test_calibration_keeps_few_distinct_scores() -> None:
    given = rows(400, 1, digits=1)
    frame = calibration(labels(**given, said=None), n_bins=3)
    assert sorted(frame["score_low"].unique()) == sorted(np.unique(given["score"]))
    assert (frame["score_low"] == frame["score_high"]).all()


def test_calibration_shows_bands_without_rows() -> None:
    frame = calibration(labels([0, 1], None, ["a", "b"], score=[0.1, 0.9]))
    empty = frame[(frame["group"] == "a") & (frame["score_low"] == 0.9)].iloc[0]
    assert empty["n"] == 0
    assert np.isnan([empty["value"], empty["low"], empty["high"], empty["score"]]).all()


def test_calibration_refuses_no_bins() -> None:
    with pytest.raises(ArgumentError, match="n_bins has to be at least 1"):
        calibration(labels([0, 1], None, ["a", "b"], score=[0.1, 0.9]), n_bins=0)


def test_calibration_test_needs_probabilities() -> None:
    ordered = labels([0, 1], None, ["a", "b"], score=[1, 9], probability=False)
    with pytest.raises(ArgumentError, match="needs probabilities"):
        calibration_test(ordered)


def test_calibration_test_statistic_by_rows() -> None:
    given = rows(300, 7)
    found = calibration_test(labels(**given, said=None)).set_index("group")
    mine = given["group"] == "a"
    y, s = given["y"][mine], given["score"][mine]
    walk = [(y - s)[s <= value].sum() for value in np.unique(s)]
    expected = np.abs(walk).max() / np.sqrt((s * (1 - s)).sum())
    assert found.loc["a", "statistic"] == pytest.approx(expected)
    assert found.loc["a", "n"] == mine.sum()


def test_calibration_test_says_nothing_on_few_rows() -> None:
    found = calibration_test(labels([0, 1], None, ["a", "a"], score=[0.1, 0.9]))
    assert found[["statistic", "p_value"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("x", "p_value"), [(1.9600, 0.1), (2.2414, 0.05), (2.8070, 0.01), (0.1, 1.0), (np.inf, 0.0)]
)
def test_supremum_of_brownian_motion(x: float, p_value: float) -> None:
    assert beyond_brownian(np.array(x)) == pytest.approx(p_value, abs=5e-2 if x < 1 else 2e-5)


def test_both_series_of_brownian_motion_agree() -> None:
    ends = beyond_brownian(np.array([1.0, 1.0 + 1e-12]))
    assert ends[0] == pytest.approx(ends[1], abs=1e-11)


def shares_below(level: float, *, bend: float, weighted: bool) -> float:
    """Return how often the test rejects in 2,000 groups of 500 rows."""
    rejected = 0.0
    for seed in range(20):
        n = 100 * 500
        given = rows(n, seed, digits=6, bend=bend)
        given["group"] = np.repeat(np.arange(100), 500)
        weight = np.random.default_rng(seed).exponential(1, n) if weighted else None
        counts: GroupCounts = labels(**given, said=None, edges=EDGES, weight=weight)
        rejected += float((calibration_test(counts)["p_value"] < level).mean())
    return rejected / 20


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("level", [0.05, 0.1, 0.5])
def test_p_values_of_a_calibrated_score_are_uniform(level: float, weighted: bool) -> None:
    share = shares_below(level, bend=0.0, weighted=weighted)
    assert 0.75 * level <= share <= 1.15 * level + 0.005


@pytest.mark.slow
def test_bent_score_is_found() -> None:
    assert shares_below(0.05, bend=0.5, weighted=False) > 0.9


# Outcome at equal score


def test_pooled_difference_by_hand() -> None:
    # Two strata: 10/20 against 5/25 and 3/10 against 6/30.
    value, error = pooled_difference(
        np.array([0.5, 0.3]), np.array([20.0, 10.0]), np.array([0.2, 0.2]), np.array([25.0, 30.0])
    )
    w = np.array([20 * 25 / 45, 10 * 30 / 40])
    expected = (w * [0.3, 0.1]).sum() / w.sum()
    p = (400 * 5 - 625 * 10 + 500 * 5 / 2) / 45**2 + (100 * 6 - 900 * 3 + 300 * 20 / 2) / 40**2
    q = (10 * 20 + 5 * 10) / 90 + (3 * 24 + 6 * 7) / 80
    assert value == pytest.approx(expected)
    assert error == pytest.approx(np.sqrt((expected * p + q) / w.sum() ** 2))


@pytest.mark.parametrize(("strata", "size"), [(4, 200), (300, 3)])
def test_error_of_the_pooled_difference_is_its_spread(strata: int, size: int) -> None:
    rng = np.random.default_rng(0)
    base = rng.uniform(0.2, 0.6, strata)
    rows_a, rows_b = np.full(strata, size), np.full(strata, 2 * size)
    found = [
        pooled_difference(
            rng.binomial(rows_a, base + 0.1) / rows_a,
            rows_a.astype(float),
            rng.binomial(rows_b, base) / rows_b,
            rows_b.astype(float),
        )
        for _ in range(2000)
    ]
    values, errors = np.array(found).T
    assert values.mean() == pytest.approx(0.1, abs=0.003)
    assert errors.mean() == pytest.approx(values.std(), rel=0.06)


def test_equal_score_sets_composition_aside() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat(["a", "b"], 20_000)
    score = rng.beta(np.where(group == "a", 2, 3), 3)
    y = (rng.random(40_000) < score).astype(int)
    counts = labels(y, None, group, score=score, edges=EDGES)
    raw = estimate("base_rate", counts).value
    found = outcome_at_equal_score(counts, n_bins=50).iloc[0]
    assert abs(raw[0] - raw[1]) > 0.08
    assert abs(found["value"]) < 3 * found["error"]
    assert (found["group"], found["reference"], found["rows"]) == ("b", "a", 40_000)


def test_ten_bands_leave_little_composition() -> None:
    # Expected weights, not draws: two beta distributions of a calibrated score.
    grid = (np.arange(1000) + 0.5) / 1000
    weight, group, y, score = [], [], [], []
    for name, a in (("a", 2), ("b", 3)):
        for outcome, chance in ((0, 1 - grid), (1, grid)):
            weight.append(beta.pdf(grid, a, 3) * chance)
            group += [name] * 1000
            y += [outcome] * 1000
            score.append(grid)
    counts = labels(y, None, group, score=np.concatenate(score), weight=np.concatenate(weight))
    raw = np.ptp(estimate("base_rate", counts).value)
    for n_bins, left in ((10, 0.04), (50, 0.01)):
        assert abs(outcome_at_equal_score(counts, n_bins)["value"].item()) < left * raw


def test_groups_that_share_no_score() -> None:
    found = outcome_at_equal_score(labels([0, 1], None, ["a", "b"], score=[0.1, 0.9])).iloc[0]
    assert np.isnan(found["value"])
    assert np.isnan(found["error"])
    assert found["rows"] == 0


def test_a_common_factor_of_the_weights_leaves_the_area_between_curves() -> None:
    rng = np.random.default_rng(0)
    score, group = rng.random(500).round(2), rng.choice(["a", "b"], 500)
    outcome = (rng.random(500) < score).astype(int)
    plain, *scaled = (
        abroca(
            CountTable.from_rows(
                outcome, y_score=score, sensitive={"group": group}, weight=weight
            ).groups(["group"])
        )
        for weight in (None, np.full(500, 0.1), np.full(500, 0.7), np.full(500, 1e6))
    )
    for one in scaled:
        pd.testing.assert_frame_equal(plain, one, rtol=1e-9)
