"""Options against all combinations there are, on small grids."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from explain.recourse import counterfactuals


def table(seed: int, levels: int, numbers: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = {f"c{j}": rng.integers(0, levels, 400) for j in range(numbers)}
    return pd.DataFrame(frame).assign(g=rng.choice(["a", "b", "c"], 400))


def bumpy(X: pd.DataFrame, seed: int, scored: Any) -> Any:
    """Return a forest: not additive, not monotone, full of plateaus."""
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(seed)
    signal = X["c0"] * X["c1"] - 2 * X["c2"] + 3 * (X["g"] == "a") + rng.normal(size=len(X))
    codes = {"a": 0, "b": 1, "c": 2}

    def encoded(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(g=rows["g"].map(codes))

    y = (signal > np.quantile(signal, 0.7)).astype(int)
    forest = RandomForestClassifier(20, max_depth=6, random_state=0).fit(encoded(X), y)
    return scored(X.columns, lambda rows: forest.predict_proba(encoded(rows))[:, 1])


def all_valid(model: Any, X: pd.DataFrame, row: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return cost and number of changes of every valid combination of values that occur."""
    values = [sorted(X[name].unique()) for name in X]
    grid = pd.DataFrame(list(product(*values)), columns=X.columns)
    cost, changes = np.zeros(len(grid)), np.zeros(len(grid), dtype=int)
    for name in X:
        old = row[name].iloc[0]
        changes += (grid[name] != old).to_numpy()
        if name == "g":
            cost += (grid[name] != old).to_numpy()
            continue
        share = {one: (X[name] < one).mean() + (X[name] == one).mean() / 2 for one in values[0]}
        cost += np.abs(grid[name].map(share) - share[old]).to_numpy()
    valid = model.predict(grid) == "yes"
    return cost[valid], changes[valid]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("most", [None, 1, 2])
def test_on_a_small_grid_the_cheapest_of_all_is_found(
    seed: int, most: int | None, scored: Any
) -> None:
    X = table(seed, levels=6, numbers=3)
    model = bumpy(X, seed, scored)
    row = X[model.predict(X) == "no"].iloc[[3]]
    options = counterfactuals(model, row, data=X, most_changes=most)
    cost, changes = all_valid(model, X, row)
    cost = cost[changes <= (most or 9)]
    assert options.every
    assert options.found == (len(cost) > 0)
    if options.found:
        assert options.costs[0] == pytest.approx(cost.min())


@pytest.mark.parametrize("seed", range(6))
def test_on_a_larger_grid_the_cheapest_is_nearly_found(seed: int, scored: Any) -> None:
    X = table(seed, levels=9, numbers=4)
    model = bumpy(X, seed, scored)
    row = X[model.predict(X) == "no"].iloc[[3]]
    options = counterfactuals(model, row, data=X)
    cost, changes = all_valid(model, X, row)
    assert not options.every
    assert cost.min() - 1e-9 <= options.costs[0] <= 1.1 * cost.min()
    fewest = options.changes.groupby("option").size().min()
    assert fewest <= changes.min() + 1
    assert options.tried < 10_000


def test_with_an_additive_score_the_cheapest_pair_is_found(scored: Any) -> None:
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.integers(0, 100, (1000, 6)), columns=list("abcdef"))
    weights = np.array([1.0, 2.0, 3.0, 0.5, 0.2, 0.1])
    model = scored(
        X.columns, lambda rows: 1 / (1 + np.exp(-(rows.to_numpy() @ weights - 480) / 50))
    )
    row = pd.DataFrame([[50] * 6], columns=X.columns)
    options = counterfactuals(model, row, data=X, n=1)
    # 140 are lacking; "c" alone gives 3 for each step and ends at 99 or before.
    assert options.rows.drop(columns="c").to_numpy().tolist() == [[50] * 5]
    assert options.rows["c"].tolist() == [50 + 47]
