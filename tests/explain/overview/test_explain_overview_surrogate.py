"""Imitations through the public call: fidelity, rules, words."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from explain import surrogate
from explain.errors import ArgumentError, ArgumentTypeError, PredictionError


def uniform(n: int, names: str = "abc", seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.uniform(size=(n, len(names))), columns=list(names))


def steps(rows: pd.DataFrame) -> np.ndarray:
    """Return four values, told apart by three questions."""
    return np.where(
        rows["a"] < 0.5, np.where(rows["b"] < 0.3, 1.0, 2.0), np.where(rows["b"] < 0.7, 5.0, 9.0)
    )


X = uniform(2000)


@pytest.mark.parametrize("kind", ["tree", "rules"])
def test_a_model_of_four_leaves_is_imitated_almost_without_loss(kind):
    model = DecisionTreeRegressor(max_leaf_nodes=4, random_state=0).fit(X, steps(X))
    found = surrogate(model, X, kind=kind, max_leaves=4)
    assert found.fidelity > 0.99
    assert found.low <= found.fidelity <= found.high
    told = found.predict(X)[:, 0]
    assert (np.abs(told - model.predict(X)) < 0.2).mean() > 0.99


def test_fidelity_is_r_squared_on_rows_that_it_was_not_fitted_on():
    def wave(rows):
        return np.sin(6 * rows["a"]) + rows["b"]

    found = surrogate(wave, X, max_leaves=5)
    fresh = uniform(20_000, seed=9)
    truth = wave(fresh)
    missed = ((truth - found.predict(fresh)[:, 0]) ** 2).mean()
    assert found.fidelity == pytest.approx(1 - missed / truth.var(), abs=0.03)
    assert found.low < 1 - missed / truth.var() < found.high
    assert found.held_out == 600


def test_more_leaves_tell_more():
    fidelity = [
        surrogate(lambda rows: rows["a"] + rows["b"], X, max_leaves=k).fidelity for k in (2, 4, 16)
    ]
    assert fidelity[0] < fidelity[1] < fidelity[2] < 1


@pytest.mark.parametrize("kind", ["tree", "rules"])
def test_the_rules_predict_what_they_say(kind):
    found = surrogate(steps, X, kind=kind, max_leaves=4)
    told = found.predict(X)[:, 0]
    taken = np.zeros(len(X), dtype=bool)
    for rule in found.rules:
        holds = np.logical_and.reduce([condition.holds(X) for condition in rule.conditions])
        assert (told[holds & ~taken] == rule.value[0]).all()
        taken |= holds
    if kind == "tree":
        assert taken.all()
    else:
        assert (told[~taken] == found.default[0]).all()
        assert 0.2 < (~taken).mean() < 0.5


def test_tree_and_rules_are_the_same_function():
    tree, rules = (surrogate(steps, X, kind=kind, max_leaves=6) for kind in ("tree", "rules"))
    np.testing.assert_array_equal(tree.predict(X), rules.predict(X))
    assert len(rules.rules) == len(tree.rules) - 1
    lengths = [len(rule.conditions) for rule in rules.rules]
    assert lengths == sorted(lengths)


def test_two_classes_are_told_by_name_chance_and_agreement():
    y = np.where(X["a"] > 0.5, "yes", "no")
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    found = surrogate(model, X, max_leaves=2)
    assert found.outputs == ("no", "yes")
    assert found.agreement == pytest.approx(1, abs=0.01)
    head, *rules = found.lines()
    assert "same label for" in head
    assert [line.split(": ")[1].split(" (")[0] for line in rules] == ["no", "yes"] or [
        line.split(": ")[1].split(" (")[0] for line in rules
    ] == ["yes", "no"]
    np.testing.assert_allclose(found.predict(X).sum(axis=1), 1)


def test_several_classes_agree_on_the_likeliest():
    y = np.select([X["a"] > 0.6, X["b"] > 0.5], ["high", "middle"], "low")
    model = RandomForestClassifier(10, max_depth=5, random_state=0).fit(X, y)
    found = surrogate(model, X, kind="rules", max_leaves=5)
    fresh = uniform(4000, seed=3)
    labels = np.array(found.outputs)[found.predict(fresh).argmax(axis=1)]
    same = (labels == model.predict(fresh)).mean()
    assert found.agreement == pytest.approx(same, abs=0.03)
    assert same > 0.97
    assert found.lines()[-1].startswith("else: ")


def test_a_margin_is_imitated_as_a_number():
    y = np.where(X["a"] > 0.5, 1, 0)
    model = RandomForestClassifier(10, max_depth=3, random_state=0).fit(X, y)
    found = surrogate(model, X, scale="probability")
    assert found.scale == "probability"
    assert np.isnan(surrogate(steps, X).agreement)


def test_categories_missing_values_dates_and_hostile_levels_in_conditions():
    rng = np.random.default_rng(2)
    bad = "</script>\n" + "x" * 200
    rows = pd.DataFrame(
        {
            "town": rng.choice([bad, "Oslo", "Moss"], 600),
            "age": np.where(rng.random(600) < 0.3, np.nan, rng.uniform(20, 60, 600)),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 99, 600), "D"),
        }
    )

    def predict(r):
        late = r["day"] >= pd.Timestamp("2024-02-20")
        return 4.0 * (r["town"] == bad) + 2.0 * r["age"].isna() + late

    found = surrogate(predict, rows, kind="rules", max_leaves=12)
    assert found.fidelity > 0.99
    text = "\n".join(found.lines())
    assert "age is missing" in text
    assert "2024-02-" in text
    assert all("\n" not in line and len(line) < 330 for line in found.lines())
    assert "</script>\n" not in found._repr_html_()
    assert "<script>xx" not in found._repr_html_()


def test_a_constant_model_is_told_as_one_value():
    tree, rules = (
        surrogate(lambda rows: np.full(len(rows), 2.5), X, kind=kind) for kind in ("tree", "rules")
    )
    assert np.isnan(tree.fidelity)
    assert tree.lines() == [
        "Function, imitated by 1 leaf: the model predicts one value for all 600 held-out rows",
        "always: 2.5 (1,400 rows)",
    ]
    assert rules.lines()[1:] == ["always: 2.5"]
    assert rules.predict(X[:2]).tolist() == [[2.5], [2.5]]
    assert rules.to_frame().empty
    assert json.loads(rules.to_json())["fidelity"] is None
    for found in (tree, rules):
        assert found.page().sections
        found.plot("bars").to_dict()


def test_classes_named_like_columns_of_the_frame_stay_apart():
    y = np.select([X["a"] > 0.6, X["b"] > 0.5], ["rule", "n_rows"], "share")
    model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)
    frame = surrogate(model, X).to_frame()
    assert list(frame.columns) == [
        "rule",
        "n_rows",
        "share",
        "predicted n_rows",
        "predicted rule",
        "predicted share",
    ]
    assert frame["share"].sum() == pytest.approx(1)
    assert frame["n_rows"].sum() == 1400


def test_words_json_and_page_of_an_imitation():
    found = surrogate(steps, X, max_leaves=4)
    told = json.loads(found.to_json())
    assert told["schema"] == "candor.surrogate/1"
    assert told["fidelity"] == found.fidelity
    assert told["rules"]["rule"] == found.to_frame()["rule"].tolist()
    assert told["default"] == [None]
    text, chart, listed = found.page().sections[0].blocks
    assert text.items == tuple(found.lines()[1:])
    assert "prediction (units of the prediction)" in json.dumps(chart.spec)
    assert len(listed.frame) == 4


def test_the_seed_decides_and_rows_are_bounded():
    def wave(rows):
        return np.sin(9 * rows["a"] * rows["b"])

    one, same, other = (surrogate(wave, X, max_rows=200, seed=seed) for seed in (1, 1, 2))
    assert one.held_out == 60
    pd.testing.assert_frame_equal(one.to_frame(), same.to_frame())
    assert one.fidelity != other.fidelity


def test_predictions_of_other_tables():
    found = surrogate(steps, X, kind="rules", max_leaves=4)
    rows = X[["b", "a"]][:5].set_axis([9, 8, 7, 6, 5])
    np.testing.assert_array_equal(found.predict(rows), found.predict(X[:5]))
    for kind in ("rules", "tree"):
        found = surrogate(steps, X, kind=kind, max_leaves=4)
        with pytest.raises(ArgumentError, match="there is no column"):
            found.predict(X.to_numpy())
        with pytest.raises(ArgumentTypeError, match="X is no table"):
            found.predict(None)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"kind": "list"}, ArgumentError, "there is no kind 'list'"),
        ({"max_leaves": 1}, ArgumentError, "max_leaves must be a whole number of at least 2"),
        ({"max_leaves": 2.5}, ArgumentError, "max_leaves must be a whole number of at least 2"),
        ({"max_rows": 0}, ArgumentError, "max_rows must be a whole number of at least 1"),
        ({"max_rows": 5}, ArgumentError, "at least 10 rows"),
        ({"seed": -1}, ArgumentTypeError, "the seed must be a whole number"),
        ({"scale": "margin"}, ArgumentError, "has no scale 'margin'"),
    ],
)
def test_bad_settings_of_imitations(options, error, text):
    with pytest.raises(error, match=text):
        surrogate(steps, X, **options)


def test_too_few_rows_and_models_that_fail():
    with pytest.raises(ArgumentError, match="at least 10 rows"):
        surrogate(steps, X[:9])
    with pytest.raises(PredictionError, match="Function failed to predict"):
        surrogate(lambda rows: rows["nothing"], X)
