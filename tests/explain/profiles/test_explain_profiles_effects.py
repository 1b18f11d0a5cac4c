"""Partial dependence, ICE and ALE against closed forms."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.errors import ArgumentError, ArgumentTypeError, PredictionError
from explain.profiles import accumulated_local_effects, ice, partial_dependence

KINDS = [partial_dependence, ice, accumulated_local_effects]


def correlated(n_rows: int = 500, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n_rows)
    return pd.DataFrame({"a": a, "b": 0.95 * a + 0.2 * rng.normal(size=n_rows)})


def mixed(n_rows: int = 40) -> pd.DataFrame:
    """Return every storage type that a raw frame may have, each with missing values."""
    rng = np.random.default_rng(3)
    number = np.where(rng.random(n_rows) < 0.2, np.nan, rng.normal(size=n_rows))
    text = pd.Series(rng.choice(["x", "y", "z"], n_rows), dtype=object)
    text[::7] = None
    days = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n_rows), unit="D"))
    days[3] = pd.NaT
    whole = pd.array([None if k % 9 == 0 else k % 5 for k in range(n_rows)], dtype="Int64")
    objects = [None if k % 6 == 0 else (1.5 if k % 2 else 2) for k in range(n_rows)]
    return pd.DataFrame(
        {
            "number": number,
            "text": text,
            "string": text.astype("string"),
            "category": pd.Categorical(text),
            "ordered": pd.Categorical(text, categories=["z", "x", "y"], ordered=True),
            "boolean": rng.random(n_rows) < 0.5,
            "maybe": pd.array([None if k % 8 == 0 else k % 2 == 0 for k in range(n_rows)]),
            "days": days,
            "zoned": days.dt.tz_localize("Europe/Berlin"),
            "date": pd.Series([dt.date(2020, 1, 1 + k % 3) for k in range(n_rows)], dtype=object),
            "duration": pd.to_timedelta(np.arange(n_rows) % 4, unit="h"),
            "whole": whole,
            "objects": pd.Series(objects, dtype=object),
            "constant": 1,
            "empty": None,
        }
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", list(mixed().columns))
def test_every_storage_type_keeps_its_type_and_has_an_effect(kind, column):
    X = mixed()
    seen = []

    def predict(rows):
        seen.append(rows)
        return np.nan_to_num(rows["number"].to_numpy(dtype=float))

    effect = kind(predict, X, column, grid=4)
    assert all((rows.dtypes == X.dtypes).all() for rows in seen)
    assert all(list(rows.columns) == list(X.columns) for rows in seen)
    assert effect.values.shape == (len(effect.positions), 1) == (len(effect.labels), 1)
    assert effect.share.sum() + effect.left_out_share == pytest.approx(1)
    assert ("missing" in effect.labels) == X[column].isna().any()
    assert len(effect.to_frame()) == len(effect.labels)
    if column != "number":
        assert np.ptp(effect.values) == 0
        assert effect.heterogeneity.tolist() == [0.0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_frame_is_left_as_it_was(kind):
    X = mixed()
    before = X.copy(deep=True)
    kind(lambda rows: rows["number"].fillna(0), X, "text")
    pd.testing.assert_frame_equal(X, before)


def test_partial_dependence_of_a_linear_model():
    X = correlated()
    effect = partial_dependence(lambda rows: 3 * rows["a"] - rows["b"], X, "a")
    expected = 3 * effect.positions - X["b"].mean()
    np.testing.assert_allclose(effect.values[:, 0], expected)
    assert effect.positions[[0, -1]].tolist() == [X["a"].min(), X["a"].max()]
    assert set(effect.positions) <= set(X["a"])
    half = 1.9647 * X["b"].std() / np.sqrt(500)
    np.testing.assert_allclose(effect.high - effect.low, 2 * half, rtol=1e-3)


def test_partial_dependence_of_a_product_differs_from_accumulated_local_effects():
    X = correlated()

    def product(rows):
        return rows["a"] * rows["b"]

    along = partial_dependence(product, X, "a")
    np.testing.assert_allclose(along.values[:, 0], along.positions * X["b"].mean(), atol=1e-12)
    local = accumulated_local_effects(product, X, "a")
    # The derivative along a is b, which follows 0.95 a: the integral is a parabola.
    expected = 0.475 * (local.positions**2 - (X["a"] ** 2).mean())
    assert np.abs(local.values[:, 0] - expected)[3:-3].max() < 0.12
    assert np.abs(along.values).max() < 0.2 < np.ptp(local.values)


def test_partial_dependence_matches_scikit_learn_brute_force():
    inspection = pytest.importorskip("sklearn.inspection")
    linear_model = pytest.importorskip("sklearn.linear_model")
    X = correlated(80).assign(c=np.arange(80) % 3)
    y = np.sin(X["a"]) + X["c"]
    model = linear_model.LinearRegression().fit(X, y)
    ours = partial_dependence(model.predict, X, "c")
    theirs = inspection.partial_dependence(model, X.astype(float), ["c"], method="brute")
    np.testing.assert_allclose(ours.positions, theirs["grid_values"][0])
    np.testing.assert_allclose(ours.values[:, 0], theirs["average"][0])


@settings(max_examples=25)
@given(st.floats(-5, 5), st.floats(-5, 5), st.integers(0, 10), st.integers(2, 60))
def test_ale_of_a_linear_model_is_exact_under_correlation(slope, other, seed, grid):
    X = correlated(120, seed)
    effect = accumulated_local_effects(
        lambda rows: slope * rows["a"] + other * rows["b"], X, "a", grid=grid
    )
    expected = slope * (effect.positions - X["a"].mean())
    np.testing.assert_allclose(effect.values[:, 0], expected, atol=1e-9)
    assert effect.heterogeneity[0] < 1e-6 or abs(slope) < 1e-6


def test_ale_of_an_imputing_linear_model_is_exact_at_missing_values():
    X = correlated(400)
    X["a"] = X["a"].where(np.arange(400) % 5 > 0)
    effect = accumulated_local_effects(lambda rows: 2 * rows["a"].fillna(0.7) + rows["b"], X, "a")
    filled = np.where(np.isnan(effect.positions), 0.7, effect.positions)
    expected = 2 * (filled - X["a"].fillna(0.7).mean())
    np.testing.assert_allclose(effect.values[:, 0], expected, atol=1e-12)
    assert effect.labels[-1] == "missing"


def test_ale_of_times_is_linear_in_seconds():
    days = pd.date_range("2024-01-01", periods=100, freq="D")
    X = pd.DataFrame({"when": days})
    origin = pd.Timestamp("2024-01-01")
    effect = accumulated_local_effects(lambda rows: (rows["when"] - origin).dt.days, X, "when")
    assert effect.axis == "time"
    assert (effect.labels[0], effect.labels[-1]) == ("2024-01-01", "2024-04-09")
    expected = (effect.positions - effect.positions[0]) / 86400 - 49.5
    np.testing.assert_allclose(effect.values[:, 0], expected, atol=1e-9)


def test_ale_puts_levels_in_an_order_of_likeness_and_recovers_their_values():
    rng = np.random.default_rng(0)
    level = rng.choice(4, 800, p=[0.1, 0.4, 0.2, 0.3])
    names = np.array(["warm", "cold", "hot", "mild"])
    heat = np.array([2.0, 0.0, 3.0, 1.0])
    X = pd.DataFrame({"climate": names[level], "ice": heat[level] + rng.normal(size=800) * 0.8})
    worth = {"cold": 5.0, "mild": 1.0, "warm": -2.0, "hot": 0.0}
    effect = accumulated_local_effects(
        lambda rows: rows["climate"].map(worth).astype(float) + rows["ice"], X, "climate"
    )
    assert effect.labels == ("cold", "mild", "warm", "hot")
    centre = np.mean([worth[name] for name in X["climate"]])
    np.testing.assert_allclose(effect.values[:, 0], [5 - centre, 1 - centre, -2 - centre, -centre])
    assert effect.share @ effect.values[:, 0] == pytest.approx(0)


def test_ale_keeps_the_order_of_an_ordered_category():
    sizes = pd.Categorical(["l", "s", "m"] * 20, categories=["s", "m", "l"], ordered=True)
    X = pd.DataFrame({"size": sizes})
    effect = accumulated_local_effects(
        lambda rows: rows["size"].cat.codes.astype(float), X, "size"
    )
    assert effect.labels == ("s", "m", "l")
    np.testing.assert_allclose(effect.values[:, 0], [-1, 0, 1], atol=1e-12)


@pytest.mark.parametrize("confidence", [0.95])
def test_ale_intervals_cover_the_true_effect(confidence):
    hits, tries = 0, 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        X = pd.DataFrame({"a": rng.uniform(size=300), "b": rng.normal(size=300)})
        effect = accumulated_local_effects(
            lambda rows: rows["a"] * (2 + rows["b"]), X, "a", grid=10, confidence=confidence
        )
        truth = 2 * (effect.positions - 0.5)
        inside = (effect.low[:, 0] <= truth) & (truth <= effect.high[:, 0])
        hits += int(inside[[0, 4, -1]].sum())
        tries += 3
    assert 0.90 <= hits / tries <= 0.99


def test_partial_dependence_intervals_cover_the_true_effect():
    hits = 0
    for seed in range(200):
        X = pd.DataFrame({"a": [0.0, 1.0] * 30})
        X["b"] = np.random.default_rng(seed).exponential(size=60)
        effect = partial_dependence(lambda rows: rows["a"] + rows["b"], X, "a")
        hits += int(effect.low[1, 0] <= 2 <= effect.high[1, 0])
    assert 0.88 <= hits / 200 <= 0.99


def test_heterogeneity_is_the_share_that_the_mean_curve_leaves():
    X = pd.DataFrame({"a": np.tile([-1.0, 1.0], 50), "b": np.repeat([0.5, 1.5], 50)})
    effect = ice(lambda rows: rows["a"] * rows["b"], X, "a")
    # Curves are ±0.5 and ±1.5 around their mean ±1: variance 0.25 of mean square 1.25.
    assert effect.heterogeneity[0] == pytest.approx(0.25 / 1.25)
    np.testing.assert_allclose(effect.spread[:, 0], 0.5 * np.sqrt(100 / 99))
    assert effect.individual.shape == (100, 2, 1)


def test_centred_curves_have_mean_zero_and_drop_what_other_columns_add():
    X = correlated(60)
    effect = ice(lambda rows: rows["a"] + 100 * rows["b"], X, "a", centred=True)
    means = np.einsum("igk,g->ik", effect.individual, effect.share)
    np.testing.assert_allclose(means, 0, atol=1e-10)
    assert (effect.high - effect.low).max() < 1e-9


def test_outputs_are_kept_apart():
    X = correlated(50)

    def predict(rows):
        return np.column_stack([rows["a"], -rows["a"], rows["b"]])

    for kind in KINDS:
        effect = kind(predict, X, "a")
        assert effect.values.shape[1] == 3
        alone = kind(lambda rows: rows["b"], X, "a")
        np.testing.assert_allclose(effect.values[:, [2]], alone.values, atol=1e-12)
        assert effect.to_frame()["output"].tolist()[:3] == [0, 1, 2]


def test_rare_levels_are_counted_and_left_out():
    X = pd.DataFrame({"c": ["a"] * 50 + ["b"] * 30 + ["c"] * 15 + ["d"] * 5})
    for kind in KINDS:
        effect = kind(lambda rows: np.zeros(len(rows)), X, "c", grid=2)
        assert sorted(effect.labels) == ["a", "b"]
        assert (effect.left_out, effect.left_out_share) == (2, 0.2)


def test_a_level_called_missing_is_told_from_missing_values():
    X = pd.DataFrame({"c": ["missing", None, "x", "x"]})
    effect = partial_dependence(lambda rows: np.zeros(len(rows)), X, "c")
    assert effect.labels == ("x", '"missing"', "missing")


@pytest.mark.parametrize("kind", KINDS)
def test_a_constant_column_has_one_point_and_says_so(kind):
    effect = kind(lambda rows: rows["a"], correlated(20).assign(k="same"), "k")
    assert effect.labels == ("same",)
    assert effect.note == "the column 'k' holds one value only: same"


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_effect_and_at_most_max_rows(kind):
    X = correlated(300)
    one, two = (kind(lambda rows: rows["a"] * rows["b"], X, "a", max_rows=100) for _ in "ab")
    np.testing.assert_array_equal(one.values, two.values)
    np.testing.assert_array_equal(one.rows, two.rows)
    other = kind(lambda rows: rows["a"] * rows["b"], X, "a", max_rows=100, seed=1)
    assert len(one.rows) == 100
    assert not np.array_equal(one.rows, other.rows)


def test_one_call_for_a_whole_grid_and_small_frames_where_cells_run_out(monkeypatch):
    X = correlated(100)
    sizes = []

    def predict(rows):
        sizes.append(len(rows))
        return rows["a"] * rows["b"]

    whole = partial_dependence(predict, X, "a")
    assert sizes == [100 * len(whole.positions)]
    sizes.clear()
    monkeypatch.setattr("explain.profiles.swaps.BATCH_CELLS", 64)
    parts = partial_dependence(predict, X, "a")
    assert max(sizes) <= 32
    np.testing.assert_array_equal(whole.values, parts.values)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("predict", "text"),
    [
        (lambda rows: 1 / 0, "predict raised ZeroDivisionError on"),
        (lambda rows: np.zeros(3), "predict returned the wrong shape on"),
        (lambda rows: np.zeros((len(rows), 2, 2)), "predict returned the wrong shape on"),
        (lambda rows: np.full(len(rows), np.nan), "values that are not finite on"),
        (lambda rows: np.array(["x"] * len(rows)), "predict did not return numbers on"),
    ],
)
def test_a_failing_model_is_named_with_the_column(kind, predict, text):
    with pytest.raises(PredictionError, match=text) as caught:
        kind(predict, correlated(20), "a")
    assert "'a'" in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_bad_arguments_say_what_to_do(kind):
    X = correlated(20)

    def predict(rows):
        return rows["a"]

    with pytest.raises(ArgumentError, match=r"there is no column 'aa' in X\n.*\n  try  'a'"):
        kind(predict, X, "aa")
    with pytest.raises(ArgumentError, match="X has no rows"):
        kind(predict, X.iloc[:0], "a")
    with pytest.raises(ArgumentTypeError, match="X must be a pandas DataFrame"):
        kind(predict, X.to_numpy(), "a")
    with pytest.raises(ArgumentError, match="X has no columns"):
        kind(predict, X[[]], "a")
    with pytest.raises(ArgumentError, match="seed must not be negative"):
        kind(predict, X, "a", max_rows=5, seed=-1)
    with pytest.raises(ArgumentError, match="column names must differ"):
        kind(predict, X[["a", "a"]], "a")
    with pytest.raises(ArgumentError, match="grid must be at least 1"):
        kind(predict, X, "a", grid=0)
    with pytest.raises(ArgumentError, match="confidence must lie between 0 and 1"):
        kind(predict, X, "a", confidence=95)
    with pytest.raises(ArgumentTypeError, match="the column 'l' holds values that cannot be"):
        kind(predict, X.assign(l=[[1]] * 20), "l")
    with pytest.raises(ArgumentError, match="the column 'i' holds no finite number"):
        kind(predict, X.assign(i=np.inf), "i")


@pytest.mark.parametrize("kind", KINDS)
def test_one_row_has_an_effect_but_no_interval(kind):
    effect = kind(lambda rows: rows["a"], correlated(1), "a")
    assert effect.values.shape == (1, 1)
    assert np.isnan(effect.low).all()
