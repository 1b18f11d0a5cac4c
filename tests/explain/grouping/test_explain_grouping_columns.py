"""Columns that belong together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from explain import column_groups, explain
from explain.errors import ArgumentError, ArgumentTypeError
from explain.grouping import associations


def normal(n: int = 400, names: str = "abc", seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(n, len(names))), columns=list(names))


def with_correlation(rho: float, n: int = 2000) -> pd.DataFrame:
    frame = normal(n, "ac")
    other = np.random.default_rng(1).normal(size=n)
    return frame.assign(b=rho * frame["a"] + np.sqrt(1 - rho**2) * other)[["a", "b", "c"]]


def test_two_planted_clusters_are_found():
    rng = np.random.default_rng(3)
    one, two = rng.normal(size=(2, 500))
    frame = pd.DataFrame(
        {
            "p": one,
            "x": two,
            "q": -one + 0.1 * rng.normal(size=500),
            "y": np.exp(two),
            "r": one**3,
            "alone": rng.normal(size=500),
        }
    )
    assert column_groups(frame) == {"p + q + r": ("p", "q", "r"), "x + y": ("x", "y")}


@pytest.mark.parametrize(("rho", "grouped"), [(0.95, True), (0.6, False), (-0.95, True)])
def test_the_threshold_is_on_the_rank_correlation(rho, grouped):
    frame = with_correlation(rho)
    expected = {"a + b": ("a", "b")} if grouped else {}
    assert column_groups(frame) == expected
    own = abs(frame["a"].rank().corr(frame["b"].rank()))
    assert column_groups(frame, threshold=own - 0.01) == {"a + b": ("a", "b")}
    assert column_groups(frame, threshold=own + 0.01) == {}


def test_categories_go_with_categories_and_numbers():
    rng = np.random.default_rng(5)
    code = rng.integers(0, 4, 600)
    frame = pd.DataFrame(
        {
            "town": np.array(["Oslo", "Bergen", "Moss", "Bodø"])[code],
            "zip": np.array(["0150", "5003", "1530", "8001"])[code],
            "height": np.array([1.0, 10.0, 20.0, 30.0])[code] + 0.01 * rng.normal(size=600),
            "coin": rng.choice(["heads", "tails"], 600),
            "flag": rng.random(600) < 0.5,
        }
    )
    frame["zip"] = frame["zip"].astype("category")
    assert column_groups(frame) == {"town + zip + height": ("town", "zip", "height")}


def test_times_go_by_their_order():
    rng = np.random.default_rng(6)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.uniform(0, 1e4, 500), "h")
    frame = pd.DataFrame(
        {
            "ordered": start,
            "sent": start + pd.to_timedelta(rng.uniform(0, 48, 500), "h"),
            "took": pd.to_timedelta(rng.uniform(0, 48, 500), "h"),
            "other": pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.uniform(0, 1e4, 500), "h"),
        }
    )
    frame.loc[::9, "sent"] = pd.NaT
    frame["ordered"] = frame["ordered"].dt.tz_localize("UTC")
    assert column_groups(frame) == {"ordered + sent": ("ordered", "sent")}


def test_missing_values_count_as_a_level_and_are_left_out_of_ranks():
    frame = normal(300)
    frame["b"] = frame["a"].where(np.arange(300) % 3 > 0)
    coin = np.random.default_rng(2).random(300) < 0.5
    frame["d"] = np.where(coin, "up", None)
    frame["e"] = np.where(coin, "x", "y")
    assert column_groups(frame) == {"a + b": ("a", "b"), "d + e": ("d", "e")}


def test_columns_that_tell_nothing_are_in_no_group():
    frame = pd.DataFrame(
        {
            "one": [1] * 60,
            "two": [2.0] * 60,
            "x": ["x"] * 60,
            "y": ["y"] * 60,
            "gone": [None] * 60,
            "nan": [np.nan] * 60,
            "id": [f"id {k}" for k in range(60)],
            "key": [f"key {k}" for k in range(60)],
        }
    )
    assert column_groups(frame) == {}


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(1, 7))
def test_associations_are_symmetric_shares(seed, n_columns):
    rng = np.random.default_rng(seed)
    columns = {}
    for k in range(n_columns):
        base = rng.normal(size=40)
        columns[f"c{k}"] = [base, np.round(base), np.where(base > 0, "u", "d"), base > 0][k % 4]
    found = associations(pd.DataFrame(columns))
    assert found.shape == (n_columns, n_columns)
    np.testing.assert_array_equal(found, found.T)
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diag(found) == 1).all()


def test_groups_do_not_overlap_and_can_be_explained():
    frame = with_correlation(0.97, 300)
    groups = column_groups(frame)
    model = LinearRegression().fit(frame, frame.sum(axis=1))
    found = explain(model, frame, groups=groups)
    assert found.columns == ("a + b", "c")
    whole = explain(model, frame)
    np.testing.assert_allclose(found.values[:, 0], whole.values[:, :2].sum(axis=1))


def test_names_of_groups_are_short_and_no_columns_names():
    base = normal(100, "a")["a"]
    frame = pd.DataFrame({"x" * 200: base, "b": 2 * base, "c": -base, "d": base**3})
    frame["n" * 5] = base
    (name,) = column_groups(frame)
    assert name == f"{'x' * 39}… + b + c + …"
    twins = pd.DataFrame({"a": base, "b": base, "a + b": normal(100, seed=9)["b"]})
    (name, members), *_ = column_groups(twins).items()
    assert members == ("a", "b")
    assert name not in twins.columns
    found = explain(LinearRegression().fit(twins, base), twins, groups={name: members})
    assert found.columns == (name, "a + b")


def test_many_rows_are_sampled_and_the_seed_decides_which():
    frame = with_correlation(0.9, 12_000)
    assert column_groups(frame, seed=1) == column_groups(frame, seed=2)
    assert column_groups(frame, seed=1) == {"a + b": ("a", "b")}


def test_tables_in_other_forms():
    frame = with_correlation(0.95)
    assert column_groups(frame.to_numpy()) == {"x0 + x1": ("x0", "x1")}
    polars = pytest.importorskip("polars")
    assert column_groups(polars.from_pandas(frame)) == {"a + b": ("a", "b")}
    assert column_groups(frame[["a"]]) == {}
    assert column_groups(frame[:1]) == {}


@pytest.mark.parametrize("threshold", [0, 1, 1.5, -0.2, float("nan"), "0.8", None, True])
def test_thresholds_out_of_range(threshold):
    with pytest.raises(ArgumentError, match="the threshold must lie between 0 and 1"):
        column_groups(normal(10), threshold)


def test_bad_tables():
    with pytest.raises(ArgumentError, match="X has no rows"):
        column_groups(normal(10)[:0])
    with pytest.raises(ArgumentTypeError, match="X is no table"):
        column_groups(None)
    with pytest.raises(ArgumentError, match="X has duplicate column names"):
        column_groups(normal(10)[["a", "a"]])
    with pytest.raises(ArgumentTypeError, match="the seed must be a whole number"):
        column_groups(normal(10), seed=-1)
