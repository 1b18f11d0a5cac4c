"""What is confirmed is confirmed with the error that is named, and true slices are found."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from candor.statistics import holm
from explain.cohorts import slices
from explain.cohorts.confirming import confirm
from explain.cohorts.cuts import cut_column
from explain.cohorts.scoring import Half, best, excess
from explain.profiles.columns import read_column

LOSSES: dict[str, Callable[[np.random.Generator, pd.DataFrame], np.ndarray]] = {
    "heavy tails": lambda rng, X: rng.exponential(size=len(X)) ** 2,
    "rare errors": lambda rng, X: (rng.random(len(X)) < 0.08) * 1.0,
    "frequent errors": lambda rng, X: (rng.random(len(X)) < 0.9) * 1.0,
    "unequal spread": lambda rng, X: rng.normal(size=len(X)) * np.where(X["d"] == "x", 4, 1),
}


def unrelated(rng: np.random.Generator) -> pd.DataFrame:
    n = int(rng.integers(150, 500))
    X = pd.DataFrame(rng.normal(size=(n, 3)).round(1), columns=list("abc"))
    X["d"] = rng.choice(list("xyz"), n, p=[0.2, 0.3, 0.5])
    return X


def false_findings(loss: str, times: int) -> int:
    """Count tables without any worse part in which one is confirmed."""
    count = 0
    for seed in range(times):
        rng = np.random.default_rng([seed, 77])
        X = unrelated(rng)
        found = slices(X, LOSSES[loss](rng, X), seed=seed)
        count += bool(found.table["confirmed"].any())
    return count


def test_noise_is_not_confirmed() -> None:
    assert sum(false_findings(loss, 25) for loss in LOSSES) <= 5


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
def test_noise_is_confirmed_in_five_percent_at_most(loss: str) -> None:
    times = 500
    allowed = stats.binom.ppf(0.999, times, 0.05)
    assert false_findings(loss, times) <= allowed


def recovered(times: int) -> float:
    """Return how often a planted pair of conditions is confirmed as it is."""
    hits = 0
    for seed in range(times):
        rng = np.random.default_rng([seed, 78])
        X = pd.DataFrame(rng.normal(size=(3000, 8)), columns=list("abcdefgh"))
        X["k"] = rng.choice(list("xyz"), len(X))
        inside = ((X["a"] > 0.4) & (X["k"] == "y")).to_numpy()
        found = slices(X, rng.exponential(size=len(X)) + inside, seed=seed)
        for place in np.flatnonzero(found.table["confirmed"]):
            mask = found.mask(int(place), X)
            if (mask & inside).sum() / (mask | inside).sum() >= 0.8:
                hits += 1
                break
    return hits / times


def test_a_planted_slice_is_recovered() -> None:
    assert recovered(10) >= 0.9


@pytest.mark.slow
def test_a_planted_slice_is_recovered_in_nine_of_ten_tables() -> None:
    assert recovered(50) >= 0.9


@pytest.mark.slow
def test_intervals_hold_the_true_differences() -> None:
    """All intervals of a table at once, in 95 % of tables, although slices are chosen."""
    held = 0
    times = 200
    for seed in range(times):
        rng = np.random.default_rng([seed, 79])
        X = pd.DataFrame({"a": rng.integers(0, 10, 1500), "k": rng.choice(list("xyz"), 1500)})
        mean = 1.0 * (X["a"] < 3) + 0.5 * (X["k"] == "x")
        found = slices(X, mean + rng.gamma(2, size=1500), seed=seed)
        grid = pd.DataFrame([(a, k) for a in range(10) for k in "xyz"], columns=["a", "k"])
        truth = (1.0 * (grid["a"] < 3) + 0.5 * (grid["k"] == "x")).to_numpy()
        good = True
        for place, row in found.table.iterrows():
            inside = found.mask(int(place), grid)
            gap = truth[inside].mean() - truth[~inside].mean()
            good &= row["low"] <= gap <= row["high"]
        held += good
    assert held / times >= 0.92


def test_the_permutation_test_is_the_exact_one() -> None:
    rng = np.random.default_rng(0)
    loss = rng.exponential(size=20) + np.r_[np.full(10, 0.6), np.zeros(10)]
    mask = np.arange(20) < 10

    def t(one: np.ndarray, other: np.ndarray, axis: int) -> np.ndarray:
        found: np.ndarray = stats.ttest_ind(one, other, equal_var=False, axis=axis).statistic
        return found

    exact = stats.permutation_test(
        (loss[mask], loss[~mask]), t, alternative="greater", vectorized=True, n_resamples=200_000
    ).pvalue
    assert 0.02 < exact < 0.3
    p = confirm(loss, [mask], 0.999, 0).p[0] / 2  # 20,000 draws
    assert p == pytest.approx(exact, abs=4 * np.sqrt(exact / 20_000))


def test_large_slices_are_tested_by_welch() -> None:
    rng = np.random.default_rng(0)
    loss = rng.normal(size=6000) + np.r_[np.full(3000, 0.1), np.zeros(3000)]
    mask = np.arange(6000) < 3000
    told = stats.ttest_ind(loss[mask], loss[~mask], equal_var=False)
    assert confirm(loss, [mask], 0.95, 0).p[0] == pytest.approx(told.pvalue)


def test_both_tests_agree_where_they_meet() -> None:
    rng = np.random.default_rng(1)
    loss = rng.exponential(size=4000)
    masks = [np.arange(4000) < 1990, np.arange(4000) < 2010]
    loss[masks[0]] += 0.05
    told = [stats.ttest_ind(loss[m], loss[~m], equal_var=False).pvalue for m in masks]
    found = confirm(loss, masks, 0.99, 0).p
    assert found == pytest.approx(holm(told), abs=0.05)


def test_too_few_rows_to_test_are_not_estimable() -> None:
    X = pd.DataFrame({"rare": np.r_[np.ones(12), np.zeros(988)]})
    loss = np.random.default_rng(0).random(1000) + 5 * X["rare"]
    found = slices(X, loss, min_rows=8)
    row = found.table.iloc[0]
    assert row["n_tested"] < 10
    assert np.isnan(row["p"])
    assert not row["confirmed"]
    assert "not estimable with" in found.lines()[1]


def half_of(X: pd.DataFrame, loss: np.ndarray, least: int) -> Half:
    cuts = [cut_column(read_column(X, name), least) for name in X.columns]
    return Half(tuple(cut for cut in cuts if cut is not None), loss, least)


@given(st.integers(0, 10_000))
def test_the_best_slice_is_the_best_of_all_that_may_be(seed: int) -> None:
    """Sums over cells give what the rows themselves give, condition by condition."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"a": rng.integers(0, 4, 120), "b": rng.choice(list("xy"), 120)})
    loss = rng.normal(size=120) + 2.5 * ((X["a"] == 3) & (X["b"] == "x")).to_numpy()
    half = half_of(X, loss, 5)
    scored = best(half, 2)
    if scored is None:
        return
    score, places = scored
    inside = half.rows(places)
    n, total = np.array(float(inside.sum())), np.array(loss[inside].sum())
    assert score == pytest.approx(float(excess(n, total, 120.0, loss.sum(), loss @ loss)))
    by_hand = (loss[inside].mean() - loss.mean()) / np.sqrt(
        loss.var() / inside.sum() * (120 - inside.sum()) / 119
    )
    assert score == pytest.approx(by_hand)
    assert 5 <= inside.sum() <= 115
    for part in places:  # no single condition of it is better than the conjunction
        alone = half.rows((part,))
        n, total = np.array(float(alone.sum())), np.array(loss[alone].sum())
        assert float(half.score(n, total)) <= score + 1e-9


@given(st.lists(st.floats(-5, 5) | st.none(), min_size=8, max_size=60), st.integers(0, 99))
def test_conditions_are_their_cells(values: list[float | None], seed: int) -> None:
    frame = pd.DataFrame({"x": pd.Series(values, dtype=float)})
    cut = cut_column(read_column(frame, "x"), 1)
    if cut is None:
        return
    place = seed % len(cut.parts)
    passed = np.ones(len(frame), dtype=bool)
    for condition in cut.parts[place]:
        passed &= condition.holds(frame)
    assert (passed == cut.rows(place)).all()
    assert cut.sums()[place] == passed.sum()


@pytest.mark.slow
def test_all_tests_together_keep_their_level() -> None:
    """Five random slices a table: any p-value at most 0.2 in 10 % of tables, not in 40 %.

    The p-values are two-sided, and only slices that are worse count.
    """
    false = 0
    times = 400
    for seed in range(times):
        rng = np.random.default_rng([seed, 80])
        loss = rng.exponential(size=150) ** 2
        masks = [rng.permutation(150) < size for size in (12, 20, 40, 75, 120)]
        false += bool((confirm(loss, masks, 0.9, seed).p <= 0.2).any())
    assert 0.05 < false / times < 0.145


@pytest.mark.slow
def test_intervals_hold_on_either_side_of_skewed_losses() -> None:
    low, high = 0, 0
    times = 1000
    for seed in range(times):
        rng = np.random.default_rng([seed, 81])
        loss = rng.exponential(size=400)
        found = confirm(loss, [np.arange(400) < 30], 0.95, seed)
        low += int(found.low[0] > 0)
        high += int(found.high[0] < 0)
    assert max(low, high) / times < 0.045
