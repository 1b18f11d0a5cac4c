"""What comes in at the border, and errors of what a sample of references cannot show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from explain import ArgumentError, ArgumentTypeError, effects, explain

RNG = np.random.default_rng(8)


def numbers(n: int, seed: int = 0) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(n, 3)), columns=list("abc"))


def test_one_row_is_no_background_of_its_own() -> None:
    X = numbers(50)
    model = LinearRegression().fit(X, X["a"])
    with pytest.raises(ArgumentError, match="one row cannot be its own background") as told:
        explain(model, X.iloc[[3]])
    assert "background=training_rows" in str(told.value)
    found = explain(model, X.iloc[[3]], background=X)
    assert found.values[0, 0] == pytest.approx(X["a"].iloc[3] - X["a"].mean())


def test_categories_may_be_declared_differently() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    X = numbers(300).assign(city=pd.Categorical(RNG.choice(["rome", "oslo", "bonn"], 300)))
    y = X["a"] + X["city"].map({"rome": 0.0, "oslo": 2.0, "bonn": -2.0}).astype(float)
    model = lightgbm.LGBMRegressor(n_estimators=20, n_jobs=1, verbose=-1).fit(X, y)
    few = X[X["city"] != "bonn"].iloc[:5].copy()
    few["city"] = few["city"].cat.remove_unused_categories()
    found = explain(model, few, background=X)
    wanted = explain(model, X.loc[few.index], background=X)
    np.testing.assert_allclose(found.values, wanted.values, rtol=0, atol=1e-12)
    reordered = X.assign(city=X["city"].cat.reorder_categories(["rome", "bonn", "oslo"]))
    again = explain(model, few, background=reordered)
    np.testing.assert_allclose(again.values, wanted.values, rtol=0, atol=1e-12)


def test_lightgbm_keeps_blanks_as_underscores() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    X = numbers(200).rename(columns={"a": "a b"})
    model = lightgbm.LGBMRegressor(n_estimators=5, n_jobs=1, verbose=-1).fit(X, X["a b"])
    found = explain(model, X.iloc[:5], background=X)
    assert (found.label, found.columns) == ("exact", ("a b", "b", "c"))
    assert list(effects(model, X, columns=["a b"]).columns) == ["a b"]


def test_numbers_and_booleans_side_by_side() -> None:
    X = numbers(100).assign(flag=RNG.random(100) < 0.5)
    front = ColumnTransformer([("kept", "passthrough", ["a", "flag"])])
    model = make_pipeline(front, LinearRegression()).fit(X, X["a"] + 3 * X["flag"])
    found = explain(model, X.iloc[:10], background=X)
    assert found.label == "exact"
    np.testing.assert_allclose(
        found.values[:, 3], 3 * (X["flag"].iloc[:10] - X["flag"].mean()), atol=1e-9
    )


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (["a"], "groups must be a mapping of names to columns"),
        ({"g": None}, "the group 'g' must list its columns"),
        ({"g": 3}, "the group 'g' must list its columns"),
    ],
)
def test_groups_that_are_none(groups: Any, said: str) -> None:
    X = numbers(20)
    with pytest.raises(ArgumentTypeError, match=said):
        explain(LinearRegression().fit(X, X["a"]), X, groups=groups)


def test_pictures_tell_what_they_take() -> None:
    X = numbers(20)
    found = explain(LinearRegression().fit(X, X["a"]), X)
    with pytest.raises(ArgumentTypeError, match="'waterfall' does not take") as told:
        found.plot("waterfall", zeile=9)
    assert "row: 'int' = 0" in str(told.value) or "row: int = 0" in str(told.value)


def test_every_row_has_an_interval() -> None:
    X = numbers(300)
    low, high = explain(LinearRegression().fit(X, X["a"] * 2 + X["b"]), X).interval()
    assert (high - low)[:, :2].min() > 0


@pytest.mark.parametrize("share", [0.5, 0.03])
def test_errors_of_rare_values_hold(share: float) -> None:
    """A linear model's values on the population are known; 95 % of the intervals hold them."""
    rng = np.random.default_rng(5)

    def drawn(n: int) -> pd.DataFrame:
        return pd.DataFrame({"a": rng.normal(size=n), "rare": (rng.random(n) < share) * 1.0})

    X = drawn(500)
    model = LinearRegression().fit(X, X["a"] + 4 * X["rare"])
    rows = pd.DataFrame({"a": [0.5, -1.0], "rare": [0.0, 1.0]})
    truth = np.column_stack([rows["a"] - 0.0, 4 * (rows["rare"] - share)])
    held = []
    for _ in range(60):
        low, high = explain(model, rows, background=drawn(1_000)).interval()
        held.append((low <= truth) & (truth <= high))
    assert 0.88 <= np.mean(held) <= 0.995


def test_a_column_that_no_used_reference_changes_is_not_told_to_be_exact() -> None:
    n, p = 3_000, 16
    X = pd.DataFrame(
        np.random.default_rng(1).normal(size=(n, p)), columns=[f"x{j}" for j in range(p)]
    )
    X["rare"] = 0.0
    X.loc[:11, "rare"] = 1.0

    def predict(frame: pd.DataFrame) -> Any:
        return np.tanh(frame["x0"] * frame["x1"]) + frame["x2"] + 5 * frame["rare"]

    found = explain(predict, X.iloc[100:150], background=X)
    assert found.label == "estimated"
    place = found.columns.index("rare")
    truth = 5 * (0.0 - 12 / n)
    errors = found.standard_errors[:, place]
    assert (errors > 0).all()
    assert (np.abs(found.values[:, place] - truth) <= 3 * errors + 0.01).all()
