"""Permutation and drop-column importance through the public calls."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from explain import drop_column_importance, permutation_importance
from explain.errors import ArgumentError, ArgumentTypeError, PredictionError

BETA = np.array([1.0, -2.0, 0.0])


def normal(n: int, names: str = "abc", seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(n, len(names))), columns=list(names))


def linear(rows: pd.DataFrame) -> np.ndarray:
    return rows.to_numpy() @ BETA


def classified(n: int = 400):
    X = normal(n, seed=3)
    chance = 1 / (1 + np.exp(-3 * X["a"] - X["b"]))
    y = np.where(np.random.default_rng(4).random(n) < chance, "yes", "no")
    return X, y, LogisticRegression().fit(X, y)


# Permutation


def test_a_linear_model_has_the_closed_form():
    X = normal(3000)
    found = permutation_importance(linear, X, linear(X), n_repeats=10, max_rows=3000)
    table = found.to_frame().set_index("column").loc[["a", "b", "c"]]
    expected = 2 * BETA**2 * X.var().to_numpy()
    np.testing.assert_allclose(table["value"], expected, rtol=0.04)
    assert (table["low"] <= expected).all()
    assert (expected <= table["high"]).all()
    assert table.loc["c", ["value", "low", "high"]].tolist() == [0, 0, 0]
    assert table["rank"].tolist() == [2, 1, 3]
    assert (found.base, found.n_rows) == (0, 3000)


def test_noise_in_the_targets_does_not_bias_it():
    X = normal(3000, seed=1)
    y = linear(X) + np.random.default_rng(2).normal(size=3000)
    found = permutation_importance(linear, X, y, n_repeats=10, max_rows=3000)
    table = found.to_frame().set_index("column")
    assert table.loc["b", "value"] == pytest.approx(8 * X["b"].var(), rel=0.06)
    assert found.base == pytest.approx(1, abs=0.1)


def test_intervals_cover_the_population():
    hits, tries = 0, 100
    for seed in range(tries):
        X = normal(150, "a", seed)
        y = X["a"] + 0.5 * np.random.default_rng(seed + 1000).normal(size=150)
        found = permutation_importance(lambda rows: rows["a"], X, y, seed=seed).to_frame()
        hits += bool(found["low"][0] <= 2 <= found["high"][0])
    assert 0.87 <= hits / tries <= 1


def test_correlated_columns_show_their_worth_as_a_group():
    X = normal(1000, "ac")
    X.insert(1, "b", X["a"])

    def predict(rows):
        return rows["a"] + rows["b"] + rows["c"]

    found = permutation_importance(
        predict, X, predict(X), groups={"twins": ["b", "a"]}, n_repeats=10
    )
    table = found.to_frame().set_index("column")
    assert list(table.index) == ["twins", "c"]
    # Together they are 2 a: 2 · 4 var; exchanged one by one each would be 2 var.
    assert table.loc["twins", "value"] == pytest.approx(8 * X["a"].var(), rel=0.1)
    assert table.loc["c", "value"] == pytest.approx(2 * X["c"].var(), rel=0.1)


def test_a_binary_model_is_judged_by_its_log_loss_on_any_labels():
    X, y, model = classified()
    found = permutation_importance(model, X, y)
    own = model.predict_proba(X)[np.arange(len(y)), (y == "yes").astype(int)]
    assert found.base == pytest.approx(-np.log(own).mean())
    assert found.score == "log loss"
    assert found.to_frame()["column"].tolist()[:2] == ["a", "b"]
    named = permutation_importance(model, X, pd.Series(y, index=X.index[::-1], dtype="category"))
    assert named.base == found.base


def test_several_classes_and_pipelines():
    X = normal(300, seed=8)
    y = np.select([X["b"] > 0.5, X["b"] > -0.5], ["high", "middle"], "low")
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    found = permutation_importance(model, X, y)
    assert found.to_frame()["column"][0] == "b"
    chances = pd.DataFrame(model.predict_proba(X), columns=model.classes_)
    own = np.array([chances.loc[k, label] for k, label in enumerate(y)])
    assert found.base == pytest.approx(-np.log(own).mean())


def test_a_callable_score_falls_where_a_loss_rises():
    X = normal(200, seed=5)
    y = linear(X) + np.random.default_rng(0).normal(size=200)

    def negative_error(target, prediction):
        return -float(((target - prediction) ** 2).mean())

    loss = permutation_importance(linear, X, y).to_frame()
    score = permutation_importance(linear, X, y, score=negative_error)
    np.testing.assert_allclose(loss["value"], score.to_frame()["value"])
    assert score.score == "negative error"
    assert score.to_frame()["value"].max() > 0
    assert score.base < 0


def test_rows_that_the_model_has_not_seen_unmask_an_overfit():
    X = normal(120, "abcdef", seed=9)
    y = X["a"] + np.random.default_rng(1).normal(size=120)
    from sklearn.tree import DecisionTreeRegressor

    model = DecisionTreeRegressor(random_state=0).fit(X[:60], y[:60])
    seen, unseen = (
        permutation_importance(model, X[part], y[part], n_repeats=10).to_frame()
        for part in (slice(0, 60), slice(60, 120))
    )
    noise = list("bcdef")
    seen, unseen = (one.set_index("column")["value"] for one in (seen, unseen))
    assert seen[noise].mean() > 0.2
    assert abs(unseen[noise].mean()) < 0.15


def test_rows_are_bounded_and_the_seed_decides():
    X = normal(500)
    y = linear(X)
    one, same, other = (
        permutation_importance(linear, X, y, max_rows=100, seed=seed) for seed in (1, 1, 2)
    )
    assert one.n_rows == 100
    pd.testing.assert_frame_equal(one.to_frame(), same.to_frame())
    assert one.to_frame()["value"][0] != other.to_frame()["value"][0]


def test_missing_values_and_categories_are_exchanged_as_they_are():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"n": np.where(rng.random(400) < 0.5, np.nan, 1.0)})
    X["c"] = pd.Categorical(rng.choice(["x", "y"], 400))
    gone = X["n"].isna() * 1.0
    table = permutation_importance(lambda rows: rows["n"].isna() * 1.0, X, gone).to_frame()
    assert table["column"].tolist() == ["n", "c"]
    assert table["value"][0] == pytest.approx(0.5, abs=0.06)
    assert table["value"][1] == 0


def test_importance_words_json_and_page():
    X = normal(100)
    found = permutation_importance(LinearRegression().fit(X, linear(X) + 1), X, linear(X) + 1)
    head, first, *_ = found.lines()
    assert head.startswith(
        "LinearRegression · permutation importance in squared error on 100 rows"
    )
    assert first.startswith("b: ")
    told = json.loads(found.to_json())
    assert told["schema"] == "candor.column_importance/1"
    assert told["columns"]["column"] == found.to_frame()["column"].tolist()
    section = found.page().sections[0]
    assert [type(block).__name__ for block in section.blocks] == ["Chart", "Table"]
    assert "change of squared error" in json.dumps(found.plot("bars", top=2).to_dict())


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"y": None}, ArgumentError, "y must have one entry per row of X"),
        ({"y": [1.0] * 9}, ArgumentError, "y must have one entry per row of X"),
        ({"y": ["a"] * 30}, ArgumentError, "squared error needs a target of numbers"),
        ({"y": [np.nan] * 30}, ArgumentError, "y has missing values"),
        ({"score": "r2"}, ArgumentError, "there is no score 'r2'"),
        ({"score": lambda y, p: "x"}, ArgumentError, r"the score is no number\n  'x'"),
        ({"score": lambda y, p: np.nan}, ArgumentError, "the score is not a finite number"),
        ({"groups": {"g": ["a", "z"]}}, ArgumentError, "names a column that the model does not"),
        ({"groups": {"g": ["a"], "h": ["a", "b"]}}, ArgumentError, "'a' is in two groups"),
        ({"groups": {"g": []}}, ArgumentError, "the group 'g' has no columns"),
        ({"groups": {"c": ["a", "b"]}}, ArgumentError, "bears the name of a column outside it"),
        ({"n_repeats": 0}, ArgumentError, "n_repeats must be a whole number of at least 1"),
        ({"max_rows": 0}, ArgumentError, "max_rows must be a whole number of at least 1"),
        ({"confidence": 2}, ArgumentError, "the confidence must lie between 0 and 1"),
        ({"seed": "x"}, ArgumentTypeError, "the seed must be a whole number"),
    ],
)
def test_bad_settings_of_exchanges(options, error, text):
    X = normal(30)
    with pytest.raises(error, match=text):
        permutation_importance(linear, X, **{"y": linear(X), **options})


def test_bad_targets_of_classes():
    X, y, model = classified(60)
    with pytest.raises(ArgumentError, match=r"y holds one class only[\s\S]*at least two classes"):
        permutation_importance(model, X, ["yes"] * 60)
    with pytest.raises(ArgumentError, match="y holds a class that the model does not know"):
        permutation_importance(model, X, ["maybe", *y[1:]])
    with pytest.raises(ArgumentError, match=r"a log loss needs probabilities\n  LinearSVC"):
        permutation_importance(LinearSVC().fit(X, y), X, y)
    with pytest.raises(ArgumentError, match="exchanging values needs at least 2 rows"):
        permutation_importance(model, X[:1], y[:1])


# Dropping columns


def test_dropping_a_column_of_a_linear_model_costs_its_variance():
    X = normal(4000, seed=2)
    y = linear(X)
    found = drop_column_importance(LinearRegression().fit(X, y), X, y)
    table = found.to_frame().set_index("column")
    for name, weight in zip("abc", BETA, strict=True):
        expected = weight**2 * X[name].var()
        assert table.loc[name, "value"] == pytest.approx(expected, rel=0.08, abs=1e-12)
    assert list(table.index) == ["b", "a", "c"]
    assert found.n_rows == 1200
    assert found.base == pytest.approx(0, abs=1e-20)


def test_a_twin_makes_a_column_dispensable_but_not_unimportant():
    X = normal(300, "a", seed=6)
    X["twin"] = X["a"]
    model = LinearRegression().fit(X, X["a"])
    dropped = drop_column_importance(model, X, X["a"]).to_frame()["value"]
    exchanged = permutation_importance(model, X, X["a"]).to_frame()["value"]
    assert dropped.abs().max() < 1e-12
    assert exchanged.min() > 0.2


def test_dropping_columns_refits_a_fresh_copy():
    X, y, model = classified()
    before = model.coef_.copy()
    found = drop_column_importance(model, X, y, ["a"], seed=3)
    np.testing.assert_array_equal(model.coef_, before)
    assert found.to_frame()["column"].tolist() == ["a"]
    assert found.to_frame()["low"][0] > 0
    assert found.score == "log loss"
    again = drop_column_importance(model, X, y, ["a"], seed=3)
    pd.testing.assert_frame_equal(found.to_frame(), again.to_frame())


def test_dropped_columns_have_intervals_of_the_asked_confidence():
    X = normal(100)
    y = linear(X) + np.random.default_rng(5).normal(size=100)
    model = LinearRegression().fit(X, y)
    narrow, wide = (
        drop_column_importance(model, X, y, confidence=level).to_frame() for level in (0.5, 0.99)
    )
    assert ((wide["high"] - wide["low"]) > 2 * (narrow["high"] - narrow["low"])).all()
    assert wide["value"].tolist() == narrow["value"].tolist()


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"y": None}, ArgumentError, "y must have one entry per row of X"),
        ({"y": [1.0] * 3}, ArgumentError, "y must have one entry per row of X"),
        ({"y": [np.nan] * 60}, ArgumentError, "y has missing values"),
        ({"columns": ["z"]}, ArgumentError, "there is no column 'z'"),
        ({"confidence": 3}, ArgumentError, "the confidence must lie between 0 and 1"),
        ({"seed": -3}, ArgumentTypeError, "the seed must be a whole number"),
    ],
)
def test_bad_settings_of_drops(options, error, text):
    X = normal(60)
    y = linear(X)
    with pytest.raises(error, match=text):
        drop_column_importance(LinearRegression().fit(X, y), X, **{"y": y, **options})


def test_models_that_cannot_be_fitted_again():
    X, y, model = classified(60)
    with pytest.raises(ArgumentTypeError, match=r"cannot be fitted again[\s\S]*permutation_imp"):
        drop_column_importance(linear, X, linear(X))
    with pytest.raises(PredictionError, match="could not be fitted on 3 columns"):
        drop_column_importance(model, X, ["yes"] * 60)
    with pytest.raises(ArgumentError, match="there are too few rows"):
        drop_column_importance(model, X[:3], y[:3])
    with pytest.raises(ArgumentError, match="without its only column"):
        drop_column_importance(LogisticRegression().fit(X[["a"]], y), X[["a"]], y)


def test_a_model_that_reads_nothing_loses_nothing():
    X, y, _ = classified(100)
    table = drop_column_importance(DummyClassifier().fit(X, y), X, y).to_frame()
    assert table[["value", "low", "high"]].abs().to_numpy().max() == 0
