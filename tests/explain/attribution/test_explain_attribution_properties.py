"""Axioms on random functions and trees, groups as players, and the same values every time."""

from __future__ import annotations

from functools import cache
from math import comb
from typing import Any

import numpy as np
import pandas as pd
import pytest
from brute_force import brute_force, off
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sample_tables import as_categories, mixed, numbers
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor

from explain import Explanation, explain

S = numbers()
X = S.X.drop(columns="idle")
ROWS, BACKGROUND = X.iloc[:4], X.iloc[20:40].reset_index(drop=True)
FEW = settings(max_examples=15)
"""Each example fits a model or explains one."""


class Polynomial:
    """A random sum of products of columns."""

    def __init__(self, terms: list[tuple[frozenset[int], float]]):
        self.terms = terms

    def __call__(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        table = rows.to_numpy(np.float64)
        total = np.zeros(len(table))
        for columns, weight in self.terms:
            total += weight * table[:, sorted(columns)].prod(axis=1)
        return total


polynomials = st.lists(
    st.tuples(st.frozensets(st.integers(0, 3), max_size=4), st.floats(-5, 5)), max_size=6
).map(Polynomial)


@st.composite
def trees(draw: st.DrawFn) -> Any:
    """Draw a model of random trees."""
    seed, depth = draw(st.integers(0, 1000)), draw(st.integers(1, 6))
    y = np.random.default_rng(seed).normal(size=len(X))
    kind = draw(st.sampled_from(["tree", "forest", "histogram"]))
    if kind == "tree":
        return DecisionTreeRegressor(max_depth=depth, random_state=seed).fit(X, y)
    if kind == "forest":
        return RandomForestRegressor(3, max_depth=depth, random_state=seed).fit(X, y)
    return HistGradientBoostingRegressor(max_iter=3, max_depth=depth).fit(X, y)


def values_of(model: Any, **options: Any) -> NDArray[np.float64]:
    return explain(model, ROWS, background=BACKGROUND, **options).values


@FEW
@given(polynomials)
def test_values_of_a_function_are_those_of_all_coalitions(function: Polynomial) -> None:
    truth = brute_force(function, ROWS, BACKGROUND)[..., 0]
    np.testing.assert_allclose(values_of(function), truth, atol=1e-9)


@FEW
@given(trees())
def test_values_of_trees_are_those_of_all_coalitions(model: Any) -> None:
    found = explain(model, ROWS, background=BACKGROUND)
    assert found.evaluations == 0
    truth = brute_force(model.predict, ROWS, BACKGROUND)[..., 0]
    np.testing.assert_allclose(found.values, truth, atol=1e-9)


@FEW
@given(st.one_of(polynomials, trees()))
def test_efficiency(model: Any) -> None:
    found = explain(model, ROWS, background=BACKGROUND)
    predict = getattr(model, "predict", model)
    total = found.values.sum(axis=1)
    np.testing.assert_allclose(
        total, predict(ROWS) - np.mean(predict(BACKGROUND)), rtol=1e-9, atol=1e-9
    )


@FEW
@given(polynomials)
def test_symmetry(function: Polynomial) -> None:
    # A function of a + b treats both alike, and so do rows in which they are equal.
    def model(rows: pd.DataFrame) -> Any:
        joined = rows["a"] + rows["b"]
        return function(pd.DataFrame({"s": joined, "c": rows["c"], "d": rows["d"], "t": joined}))

    same = BACKGROUND.assign(b=BACKGROUND["a"])
    found = explain(model, ROWS.assign(b=ROWS["a"]), background=same)
    np.testing.assert_allclose(found.values[:, 0], found.values[:, 1], atol=1e-9)


@FEW
@given(polynomials, st.integers(0, 3))
def test_a_column_that_changes_nothing_gets_nothing(function: Polynomial, column: int) -> None:
    kept = [term for term in function.terms if column not in term[0]]
    assert not values_of(Polynomial(kept))[:, column].any()


@FEW
@given(trees(), trees(), st.floats(-3, 3))
def test_linearity(one: Any, other: Any, weight: float) -> None:
    # One side in closed form, the other by all coalitions of a black box.
    def both(rows: pd.DataFrame) -> Any:
        return one.predict(rows) + weight * other.predict(rows)

    np.testing.assert_allclose(
        values_of(both), values_of(one) + weight * values_of(other), atol=1e-8
    )


@FEW
@given(trees(), st.integers(1, 19))
def test_a_background_is_the_mean_of_its_halves(model: Any, cut: int) -> None:
    parts = [
        len(half) * explain(model, ROWS, background=half).values
        for half in (BACKGROUND[:cut], BACKGROUND[cut:])
    ]
    np.testing.assert_allclose(values_of(model), sum(parts) / len(BACKGROUND), atol=1e-10)


# --- groups ---------------------------------------------------------------------------------

GROUPS = {"first": ["a", "c"], "rest": ["b"]}
TEAMS = [["a", "c"], ["b"], ["d"]]


@pytest.mark.parametrize(
    "model",
    [
        LinearRegression(),
        RandomForestRegressor(5, random_state=0),
        HistGradientBoostingRegressor(max_iter=10),
        SVR(),
        VotingRegressor([("a", LinearRegression()), ("b", SVR())]),
    ],
    ids=lambda model: type(model).__name__,
)
def test_groups_of_columns_are_players(model: Any) -> None:
    model.fit(X, S.value)
    found = explain(model, ROWS, background=BACKGROUND, groups=GROUPS)
    assert found.columns == ("first", "rest", "d")
    assert dict(found.groups) == {"first": ("a", "c"), "rest": ("b",), "d": ("d",)}
    assert off(found.values, brute_force(model.predict, ROWS, BACKGROUND, TEAMS)) < 1e-6


def test_a_group_makes_a_product_of_its_columns_a_closed_form() -> None:
    columns = ColumnTransformer(
        [("products", PolynomialFeatures(2), ["a", "b"]), ("rest", "passthrough", ["c", "d"])]
    )
    model = make_pipeline(columns, LinearRegression()).fit(X, S.value)
    apart = explain(model, ROWS, background=BACKGROUND)
    together = explain(model, ROWS, background=BACKGROUND, groups={"ab": ["a", "b"]})
    assert apart.evaluations > 0
    assert together.evaluations == 0
    assert off(apart.values, brute_force(model.predict, ROWS, BACKGROUND)) < 1e-6
    teams = [["a", "b"], ["c"], ["d"]]
    assert off(together.values, brute_force(model.predict, ROWS, BACKGROUND, teams)) < 1e-6


def test_encoded_columns_of_a_group_are_one_player() -> None:
    s = mixed(missing=False)
    encoder = ColumnTransformer(
        [
            ("texts", OneHotEncoder(), ["city", "job"]),
            ("rest", StandardScaler(), ["age", "income"]),
        ]
    )
    model = make_pipeline(encoder, RandomForestClassifier(6, random_state=0)).fit(s.X, s.binary)
    rows, background = s.X.iloc[:4], s.X.iloc[20:40].reset_index(drop=True)
    found = explain(
        model,
        rows,
        background=background,
        scale="probability",
        groups={"person": ["age", "job"]},
    )
    assert found.columns == ("person", "income", "city")
    assert found.evaluations == 0
    truth = brute_force(
        lambda frame: model.predict_proba(frame)[:, 1],
        rows,
        background,
        [["age", "job"], ["income"], ["city"]],
    )
    assert off(found.values, truth) < 1e-6


def test_one_group_of_all_columns_gets_everything() -> None:
    model = RandomForestRegressor(5, random_state=0).fit(X, S.value)
    found = explain(model, ROWS, background=BACKGROUND, groups={"all": list(X)})
    assert found.values.shape == (4, 1)
    np.testing.assert_allclose(
        found.values[:, 0], model.predict(ROWS) - model.predict(BACKGROUND).mean()
    )
    assert found.page().sections
    assert found.row_lines(0)
    assert found.to_frame()["column"].unique().tolist() == ["all"]


def test_a_group_of_one_column_changes_the_name_alone() -> None:
    model = RandomForestRegressor(5, random_state=0).fit(X, S.value)
    found = values_of(model, groups={"A": ["a"], "B": "b"})
    np.testing.assert_array_equal(found, values_of(model))


# --- the same every time --------------------------------------------------------------------

MANY = pd.DataFrame(np.random.default_rng(5).normal(size=(400, 14))).add_prefix("x")


def bent(rows: Any) -> Any:
    """Return a smooth black box of all columns, with all their interactions."""
    table = np.asarray(rows, dtype=np.float64)
    return np.tanh(table @ np.linspace(-1, 1, table.shape[1])) * (1 + table[:, 0])


def sampled(seed: int = 0, n: int = 2, m: int = 20) -> Explanation:
    rows, background = MANY.iloc[:n], MANY.iloc[100 : 100 + m].reset_index(drop=True)
    return explain(bent, rows, background=background, seed=seed)


def test_the_same_seed_gives_the_same_estimates() -> None:
    one, again, other = sampled(), sampled(), sampled(seed=1)
    assert one.label == "estimated"
    np.testing.assert_array_equal(one.values, again.values)
    np.testing.assert_array_equal(one.standard_errors, again.standard_errors)
    assert one.to_json() == again.to_json()
    assert not np.array_equal(one.values, other.values)


def test_estimates_do_not_touch_the_global_generator() -> None:
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    sampled()
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002


def test_the_order_of_the_background_changes_no_exact_value() -> None:
    turned = BACKGROUND.sample(frac=1, random_state=3)
    for model in (
        RandomForestRegressor(5, random_state=0).fit(X, S.value),
        LinearRegression().fit(X, S.value),
        SVR().fit(X, S.value),
    ):
        one = explain(model, ROWS, background=BACKGROUND)
        other = explain(model, ROWS, background=turned)
        np.testing.assert_allclose(one.values, other.values, rtol=1e-9, atol=1e-12)


def test_a_row_twice_in_the_background_counts_twice() -> None:
    model = SVR().fit(X, S.value)
    doubled = pd.concat([BACKGROUND, BACKGROUND.iloc[:5]], ignore_index=True)
    found = explain(model, ROWS, background=doubled)
    assert off(found.values, brute_force(model.predict, ROWS, doubled)) < 1e-6


def test_the_other_rows_do_not_change_exact_values() -> None:
    model = RandomForestRegressor(5, random_state=0).fit(X, S.value)
    one = explain(model, X.iloc[[7]], background=BACKGROUND).values[0]
    np.testing.assert_allclose(explain(model, X, background=BACKGROUND).values[7], one, rtol=1e-12)


# --- estimates ------------------------------------------------------------------------------


@cache
def truth_of(n: int, m: int) -> NDArray[np.float64]:
    """Return the values of `bent` over all 16,384 coalitions of its fourteen columns."""
    rows = MANY.iloc[:n].to_numpy()
    references = MANY.iloc[100 : 100 + m].to_numpy()
    d = rows.shape[1]
    masks = (np.arange(2**d)[:, None] >> np.arange(d)) & 1
    sizes = masks.sum(axis=1)
    weights = np.array([1 / (d * comb(d - 1, size)) for size in range(d)])
    values = np.zeros((n, d))
    for at, row in enumerate(rows):
        worth = np.zeros(2**d)
        for reference in references:
            worth += bent(np.where(masks == 1, row, reference)) / m
        for player in range(d):
            without = np.flatnonzero(masks[:, player] == 0)
            step = worth[without | (1 << player)] - worth[without]
            values[at, player] = (weights[sizes[without]] * step).sum()
    return values


def covered(found: Explanation, truth: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which values lie within 1.96 standard errors of the truth."""
    return np.abs(found.values - truth) <= 1.96 * found.standard_errors


def test_estimates_lie_within_their_errors_and_the_errors_cover_what_they_say() -> None:
    truth = truth_of(4, 20)
    hits = []
    for seed in range(3):
        found = sampled(seed, n=4, m=20)
        assert found.label == "estimated"
        assert (np.abs(found.values - truth) <= 5 * found.standard_errors).all()
        hits.append(covered(found, truth))
        total = found.base_values + found.values.sum(axis=1)
        np.testing.assert_allclose(total, bent(MANY.iloc[:4]), atol=1e-9)
        assert np.abs(found.values - truth).mean() < 0.1 * np.abs(truth).mean()
    assert np.mean(hits) >= 0.85


@pytest.mark.slow
def test_error_bars_cover_what_they_say() -> None:
    hits = [covered(sampled(seed, n=5, m=30), truth_of(5, 30)) for seed in range(20)]
    assert 0.9 <= np.mean(hits) <= 0.99


@pytest.mark.slow
def test_error_bars_cover_what_the_whole_background_would_give() -> None:
    # So many rows that each is compared with a part of the background only.
    rows, background = MANY.iloc[:50], pd.concat([MANY.iloc[100:200]] * 30, ignore_index=True)
    hits = []
    for seed in range(8):
        found = explain(bent, rows, background=background, seed=seed)
        assert found.n_background < found.background_size
        hits.append(covered(found, np.resize(truth_of(4, 100), found.values.shape))[:4])
    assert 0.9 <= np.mean(hits) <= 0.99


def test_a_part_of_the_background_is_told_and_paid_for() -> None:
    # Eight columns: so many rows and references that not all coalitions can be evaluated.
    table = MANY.iloc[:, :8]
    many = pd.concat([table.iloc[:100]] * 40, ignore_index=True)
    found = explain(bent, table.iloc[:60], background=many)
    assert found.label == "estimated"
    assert found.n_background < found.background_size == 4000
    assert f"{found.n_background} of 4,000 background rows" in found.route
    assert found.base_values == pytest.approx(bent(many).mean())
    truth = brute_force(bent, table.iloc[:3], table.iloc[:100])[..., 0]
    error = np.abs(found.values[:3] - truth)
    assert (error <= 5 * found.standard_errors[:3]).all()
    assert error.mean() < 0.2 * np.abs(truth).mean()


def test_categories_and_missing_values_are_sampled_too() -> None:
    s = mixed()
    table = as_categories(s.X)
    model = HistGradientBoostingRegressor(categorical_features="from_dtype", max_iter=10)
    model.fit(table, s.value)

    def bent_model(rows: pd.DataFrame) -> Any:
        return np.tanh(model.predict(rows))

    found = explain(bent_model, table.iloc[:4], background=table.iloc[4:24])
    assert off(found.values, brute_force(bent_model, table[:4], table[4:24])) < 1e-6


def test_a_probability_of_many_columns_is_estimated_with_its_trees_help() -> None:
    y = np.where(bent(MANY) > 0, "yes", "no")
    model = RandomForestClassifier(10, random_state=0).fit(MANY, y)
    line = LogisticRegression().fit(MANY, y)
    exact = explain(model, MANY.iloc[:3], background=MANY.iloc[50:80], scale="probability")
    assert exact.label == "exact"
    found = explain(line, MANY.iloc[:3], background=MANY.iloc[50:80], scale="probability")

    def probability(rows: Any) -> Any:
        return line.predict_proba(pd.DataFrame(rows, columns=MANY.columns))[:, 1]

    black_box = explain(probability, MANY.iloc[:3], background=MANY.iloc[50:80])
    agree = np.abs(found.values - black_box.values)
    both = np.hypot(found.standard_errors, black_box.standard_errors)
    assert (agree <= 5 * both + 1e-9).all()
