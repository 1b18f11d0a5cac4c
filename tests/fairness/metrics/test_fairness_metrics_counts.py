"""Inequality and bootstrap replicates, from counts alone."""

from __future__ import annotations

import numpy as np
import pytest
from grouped_rows import labels, numbers
from hypothesis import given
from hypothesis import strategies as st

from fairness.errors import ArgumentError
from fairness.metrics import bootstrap, estimate, inequality
from fairness.metrics.replicates import MOST_BINS
from fairness.table.values import GroupCounts


def rows(n: int, seed: int, *, weighted: bool = False) -> GroupCounts:
    rng = np.random.default_rng(seed)
    y, said = rng.integers(0, 2, n), rng.integers(0, 2, n)
    weight = rng.exponential(1, n) + 0.01 if weighted else None
    return labels(y, said, rng.choice(["a", "b", "c"], n), score=rng.random(n), weight=weight)


def entropy(benefit: np.ndarray, weight: np.ndarray, alpha: int) -> float:
    """Return the generalised entropy of weighted rows, from its definition."""
    share = benefit / np.average(benefit, weights=weight)
    if alpha == 2:
        return float(np.average(share**2 - 1, weights=weight) / 2)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    return float(np.average(share * logs, weights=weight))


@given(st.integers(1, 60), st.integers(0, 10**6), st.booleans())
def test_inequality_by_rows(n: int, seed: int, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    y, said, group = rng.integers(0, 2, n), rng.integers(0, 2, n), rng.choice(["a", "b"], n)
    y[0] = 0
    weight = rng.exponential(1, n) + 0.01 if weighted else np.ones(n)
    benefit = said - y + 1.0
    if not benefit.any():
        return
    found = inequality(labels(y, said, group, weight=weight)).set_index("index")
    means = np.zeros(n)
    for name in np.unique(group):
        mine = group == name
        means[mine] = np.average(benefit[mine], weights=weight[mine])
    for index, alpha in (("theil", 1), ("ge2", 2)):
        row = found.loc[index]
        assert row["total"] == pytest.approx(entropy(benefit, weight, alpha), abs=1e-12)
        assert row["between"] == pytest.approx(entropy(means, weight, alpha), abs=1e-12)
        assert row["within"] + row["between"] == pytest.approx(row["total"], abs=1e-12)
        assert 0 <= row["low"] <= row["high"]


@pytest.mark.parametrize("weighted", [False, True])
def test_interval_of_inequality_is_that_of_its_spread(weighted: bool) -> None:
    rng = np.random.default_rng(3)
    n = 2000
    y, said = rng.integers(0, 2, n), rng.integers(0, 2, n)
    weight = rng.exponential(1, n) if weighted else np.ones(n)
    found = inequality(labels(y, said, ["a"] * n, weight=weight)).set_index("index")
    drawn = rng.integers(0, n, (1000, n))
    for index, alpha in (("theil", 1), ("ge2", 2)):
        values = [entropy(said[d] - y[d] + 1.0, weight[d], alpha) for d in drawn]
        width = found.loc[index, "high"] - found.loc[index, "low"]
        assert width == pytest.approx(2 * 1.96 * np.std(values), rel=0.07)


def test_inequality_without_benefits_is_undefined() -> None:
    found = inequality(labels([1, 1], [0, 0], ["a", "b"]))
    assert found.drop(columns="index").isna().all(axis=None)


def test_inequality_is_for_binary_predictions() -> None:
    with pytest.raises(ArgumentError, match="inequality is for predictions of a binary outcome"):
        inequality(numbers([1.0], [2.0], ["a"]))
    with pytest.raises(ArgumentError, match="inequality is for predictions of a binary outcome"):
        inequality(labels([1, 0], None, ["a", "b"]))


def test_replicates_are_about_the_estimate() -> None:
    counts = rows(3000, 0)
    drawn = bootstrap(counts, n_replicates=2000)
    assert drawn.groups == ("a", "b", "c")
    assert drawn.values.shape == (2000, 3, len(drawn.metrics))
    for k, name in enumerate(drawn.metrics):
        one = estimate(name, counts)
        np.testing.assert_allclose(
            drawn.values[..., k].mean(axis=0), one.value, atol=0.1 * one.error.max(), err_msg=name
        )


@given(st.integers(2, 40), st.integers(0, 10**6))
def test_replicates_hold_whole_rows(n: int, seed: int) -> None:
    counts = rows(n, seed)
    values = bootstrap(counts, ["tpr", "fnr", "accuracy"], n_replicates=20, seed=seed).values
    known = ~np.isnan(values[..., 0])
    np.testing.assert_allclose((values[..., 0] + values[..., 1])[known], 1, atol=1e-12)
    assert ((values >= 0) & (values <= 1) | np.isnan(values)).all()


def test_replicates_are_repeatable() -> None:
    counts = rows(100, 1, weighted=True)
    names = ["tpr", "auc"]
    first, again = (bootstrap(counts, names, n_replicates=50, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.values, again.values)
    other = bootstrap(counts, names, n_replicates=50, seed=5)
    assert not np.array_equal(first.values, other.values)


def test_chunks_change_only_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = rows(500, 2)
    monkeypatch.setattr("fairness.metrics.replicates._CHUNK", 50)
    drawn = bootstrap(counts, ["tpr", "auc"], n_replicates=300)
    assert not np.isnan(drawn.values).any()
    for k, name in enumerate(drawn.metrics):
        found = estimate(name, counts)
        np.testing.assert_allclose(drawn.values[..., k].std(axis=0), found.error, rtol=0.2)


def test_merged_bins_keep_the_area() -> None:
    counts = rows(20_000, 6)
    assert counts.histogram is not None
    assert len(counts.histogram.low) > MOST_BINS
    drawn = bootstrap(counts, ["auc"], n_replicates=500).values[..., 0]
    found = estimate("auc", counts)
    np.testing.assert_allclose(drawn.mean(axis=0), found.value, atol=0.2 * found.error.min())


@pytest.mark.parametrize("name", ["mean_score", "brier", "log_loss"])
def test_means_cannot_be_resampled_from_cells(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"{name} cannot be resampled from cells"):
        bootstrap(rows(50, 0), [name])


def test_replicates_need_rows() -> None:
    empty = labels([0, 1], [0, 1], ["a", "a"])
    none = GroupCounts(
        "binary",
        "x",
        (),
        ("0", "1"),
        *(a[:0] for a in (empty.counts, empty.weights, empty.weights_squared)),
    )
    with pytest.raises(ArgumentError, match="there are no rows to resample"):
        bootstrap(none)
    with pytest.raises(ArgumentError, match="n_replicates has to be at least 1"):
        bootstrap(empty, n_replicates=0)
