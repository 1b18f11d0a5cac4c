"""Regions, interactions, permutation importance and the surrogate tree against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.errors import ArgumentError, PredictionError
from explain.profiles import (
    Condition,
    h_statistic,
    ice,
    partial_dependence,
    permuted,
    regions,
    surrogate_tree,
)
from explain.profiles.conditions import readable_between, readable_time_between


def uniform(n_rows: int, names: str = "abcde", seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.uniform(size=(n_rows, len(names))), columns=list(names))


def friedman(rows: pd.DataFrame) -> pd.Series:
    waves = 10 * np.sin(np.pi * rows["a"] * rows["b"])
    return waves + 20 * (rows["c"] - 0.5) ** 2 + 10 * rows["d"] + 5 * rows["e"]


# Regions


def test_regions_find_a_planted_threshold():
    X = uniform(400)
    effect = ice(lambda rows: rows["a"] * np.where(rows["b"] < 0.3, -1, 1) + rows["c"], X, "a")
    found = regions(effect, X)
    assert found.inside.condition.column == "b"
    assert found.inside.condition.threshold == pytest.approx(0.3, abs=0.05)
    assert 0.75 < found.reduction <= 1
    assert found.low <= found.reduction <= found.high
    assert found.inside.heterogeneity[0] < 0.5 * effect.heterogeneity[0]
    assert found.inside.values[-1, 0] < found.inside.values[0, 0]
    assert found.outside.values[-1, 0] > found.outside.values[0, 0]
    assert found.inside.n_rows + found.outside.n_rows == 400
    assert len(found.to_frame()) == 2 * len(effect.labels)


def test_regions_find_levels_and_missing_values():
    rng = np.random.default_rng(1)
    X = uniform(300, "a").assign(town=rng.choice(["n", "s", "e", "w"], 300))
    effect = ice(lambda rows: rows["a"] * rows["town"].isin(["n", "w"]), X, "a")
    found = regions(effect, X)
    assert sorted(found.inside.condition.levels) in (["n", "w"], ["e", "s"])
    assert found.reduction == pytest.approx(1)

    X["b"] = np.where(rng.random(300) < 0.4, np.nan, rng.random(300))
    effect = ice(lambda rows: rows["a"] * rows["b"].isna(), X, "a")
    found = regions(effect, X)
    assert str(found.inside.condition) == "b is missing"
    assert str(found.outside.condition) == "b is not missing"
    assert found.reduction == pytest.approx(1)


def test_no_regions_where_curves_agree_or_disagree_without_a_reason():
    X = uniform(200)
    assert regions(ice(lambda rows: 2 * rows["a"] + rows["b"], X, "a"), X) is None
    noise = np.random.default_rng(5).choice([-1.0, 1.0], 200)

    def by_row(rows):
        # The sign hangs on the last digits of another column: no split of it can help.
        return rows["a"] * noise[(rows["b"].to_numpy() * 1e9).astype(int) % 200]

    assert regions(ice(by_row, X, "a"), X) is None


def test_regions_ask_for_the_curves_and_their_frame():
    X = uniform(50)
    with pytest.raises(ArgumentError, match="regions need the individual curves"):
        regions(partial_dependence(lambda rows: rows["a"], X, "a"), X)
    effect = ice(lambda rows: rows["a"], X, "a")
    with pytest.raises(ArgumentError, match="X is not the frame"):
        regions(effect, X.iloc[:20])
    with pytest.raises(ArgumentError, match="min_reduction must lie between 0 and 1"):
        regions(effect, X, min_reduction=2)


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize(
    ("condition", "expected", "text", "negated"),
    [
        (Condition("n", "below", "number", 2.0), [1, 0, 0], "n < 2", "n ≥ 2 or missing"),
        (Condition("c", "is", "category", levels=("x",)), [1, 0, 0], 'c is "x"', 'c is not "x"'),
        (
            Condition("c", "is", "category", levels=("x", "y")),
            [1, 1, 0],
            'c is one of "x", "y"',
            'c is none of "x", "y"',
        ),
        (
            Condition("t", "below", "time", 86400.0),
            [1, 0, 0],
            "t < 1970-01-02",
            "t ≥ 1970-01-02 or missing",
        ),
    ],
)
def test_conditions_and_their_negations_part_the_rows(condition, expected, text, negated, missing):
    X = pd.DataFrame(
        {
            "n": [1.0, 2.0, None],
            "c": ["x", "y", None],
            "t": pd.to_datetime(["1970-01-01", "1970-01-03", None]),
        }
    )
    assert condition.holds(X).tolist() == [bool(k) for k in expected]
    assert (condition.negated().holds(X) ^ condition.holds(X)).all()
    assert condition.negated().negated() == condition
    assert (str(condition), str(condition.negated())) == (text, negated)


def test_conditions_hold_on_rows_that_look_like_another_kind():
    mixed = Condition("o", "is", "category", levels=("a",))
    assert (
        mixed.holds(pd.DataFrame({"o": pd.Series([1, 2], dtype=object)})).tolist() == [False] * 2
    )
    below = Condition("n", "below", "number", 3.0, missing=True)
    assert below.holds(pd.DataFrame({"n": pd.Series([None], dtype=object)})).tolist() == [True]
    with pytest.raises(ArgumentError, match="the column 'n' cannot be read as numbers"):
        below.holds(pd.DataFrame({"n": ["many"]}))
    with pytest.raises(ArgumentError, match="there is no column 'n'"):
        below.holds(pd.DataFrame({"m": [1]}))


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(1e-9, 1e9))
def test_thresholds_lie_between_values_and_are_short(low, gap):
    high = low + gap
    if not low < high:
        return
    for between in (readable_between, readable_time_between):
        assert low < between(low, high) <= high
    assert readable_between(31.0, 32.0) == 32.0
    assert readable_between(31.25, 31.75) == 31.5
    assert readable_time_between(86399.0, 90000.5) == 86400.0


def test_thresholds_are_told_in_full():
    assert str(Condition("t", "below", "number", 1700000099.5)) == "t < 1700000099.5"
    assert str(Condition("t", "below", "time", 1.25)) == "t < 1970-01-01T00:00:01.250000"


# Interactions


def test_friedman_one_has_the_known_interaction():
    X = uniform(500, seed=4)
    table = h_statistic(friedman, X, pairs=[("a", "b"), ("a", "c"), ("d", "e")], max_rows=500)
    assert table.loc[0, ["a", "b"]].tolist() == ["a", "b"]
    assert table.loc[0, "value"] == pytest.approx(0.15957, abs=0.01)
    assert table.loc[0, "share"] == pytest.approx(0.07492, abs=0.01)
    assert table.loc[0, "low"] < 0.15957 < table.loc[0, "high"]
    assert table.loc[1:, ["value", "low", "high", "strength", "share"]].to_numpy().sum() == 0


def test_a_product_of_centred_columns_is_all_interaction():
    X = pd.DataFrame([[a, b] for a in (-1.0, 1.0) for b in (-1.0, 1.0)] * 5, columns=["a", "b"])
    table = h_statistic(lambda rows: rows["a"] * rows["b"], X)
    assert table[["value", "share", "strength"]].to_numpy().tolist() == [[1.0, 1.0, 1.0]]


def test_categories_and_missing_values_interact_too():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"c": rng.choice(["x", "y"], 80), "n": rng.choice([1.0, np.nan], 80)})
    X["other"] = rng.normal(size=80)
    table = h_statistic(lambda rows: (rows["c"] == "x") * rows["n"].isna() * 1.0, X)
    assert table.loc[0, ["a", "b"]].tolist() == ["c", "n"]
    assert table.loc[0, "value"] > 0.1
    assert table.loc[1:, "value"].tolist() == [0, 0]


def test_the_top_columns_are_found_by_their_total_effect():
    X = uniform(100, "abcdefgh") - 0.5
    table = h_statistic(lambda rows: rows["f"] * rows["h"] + 0.01 * rows["a"], X, top=3)
    assert set(table["a"]) | set(table["b"]) == {"a", "f", "h"}
    assert table.loc[0, ["a", "b"]].tolist() == ["f", "h"]


def test_distinct_points_are_asked_once():
    X = pd.DataFrame({"a": [0, 1] * 20, "b": [0, 0, 1, 1] * 10})
    asked = []

    def predict(rows):
        asked.append(len(rows))
        return rows["a"] * rows["b"]

    h_statistic(predict, X)
    assert sum(asked) == 40 + (2 + 2 + 4) * 40


def test_a_constant_model_has_no_interaction():
    table = h_statistic(lambda rows: np.full(len(rows), 0.1), uniform(30))
    assert (table[["value", "low", "high", "strength", "share"]].to_numpy() == 0).all()


def test_interaction_arguments():
    X = uniform(30)
    with pytest.raises(ArgumentError, match="a pair is two different columns"):
        h_statistic(friedman, X, pairs=[("a", "a")])
    with pytest.raises(ArgumentError, match="there is no column 'z'"):
        h_statistic(friedman, X, columns=["a", "z"])


# Permutation importance


def weigh(weights):
    return lambda rows: rows.to_numpy() @ np.asarray(weights)


def test_permutation_importance_of_a_linear_model():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(4000, 3)), columns=list("abc"))
    result = permuted(
        weigh([1, 2, 0]), X, weigh([1, 2, 0])(X), "squared_error", max_rows=4000, n_repeats=10
    )
    expected = 2 * np.array([1, 4, 0]) * X.var().to_numpy()
    np.testing.assert_allclose(result.values, expected, rtol=0.03)
    assert (result.low <= expected).all()
    assert (expected <= result.high).all()
    assert result.values[2] == result.low[2] == result.high[2] == 0
    assert result.ranks.tolist() == [2, 1, 3]
    assert result.rank_low.tolist() == result.rank_high.tolist() == [2, 1, 3]
    assert result.to_frame()["column"].tolist() == ["b", "a", "c"]


def test_all_exchanges_together_are_without_bias():
    X = pd.DataFrame({"a": np.random.default_rng(1).normal(size=12)})
    result = permuted(weigh([3]), X, weigh([3])(X), "squared_error", n_repeats=100)
    assert result.repeats.shape == (1, 11)
    assert result.values[0] == pytest.approx(2 * 9 * X["a"].var())


@pytest.mark.parametrize("score", ["squared_error", lambda y, p: -float(((y - p) ** 2).mean())])
def test_importance_intervals_cover_the_truth(score):
    hits, tries = 0, 120
    for seed in range(tries):
        rng = np.random.default_rng(seed)
        X = pd.DataFrame(rng.normal(size=(150, 1)), columns=["a"])
        y = X["a"] + 0.5 * rng.normal(size=150)
        result = permuted(weigh([1]), X, y, score, seed=seed)
        hits += int(result.low[0] <= 2 <= result.high[0])
    assert 0.88 <= hits / tries <= 0.995


def test_a_group_is_exchanged_as_one():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=2000)})
    X["b"], X["c"] = X["a"], rng.normal(size=2000)
    model = weigh([1, 1, 1])
    both = permuted(
        model, X, model(X), "squared_error", groups={"pair": ["a", "b"]}, max_rows=2000
    )
    assert both.names == ("pair", "c")
    assert both.groups == (("a", "b"), ("c",))
    np.testing.assert_allclose(both.values, [8, 2], rtol=0.1)


def test_callable_scores_fall_by_the_same_as_losses_rise():
    X = uniform(200, "ab")
    y = X["a"] + np.random.default_rng(0).normal(size=200) * 0.1
    one = permuted(weigh([1, 1]), X, y, "squared_error")
    two = permuted(weigh([1, 1]), X, y, lambda t, p: -float(((t - p) ** 2).mean()))
    np.testing.assert_allclose(one.values, two.values)
    assert one.base == pytest.approx(-two.base)
    np.testing.assert_allclose(one.high - one.low, two.high - two.low, rtol=0.6)


def test_log_loss_takes_binary_vectors_matrices_and_named_classes():
    X = uniform(300, "ab")
    y = (X["a"] > 0.5).to_numpy().astype(int)

    def probability(rows):
        return 0.1 + 0.8 * (rows["a"].to_numpy() > 0.5)

    vector = permuted(probability, X, y, "log_loss")
    assert vector.base == pytest.approx(-math.log(0.9))
    names = np.array(["no", "yes"], dtype=object)[y]
    matrix = permuted(
        lambda rows: np.column_stack([1 - probability(rows), probability(rows)]),
        X,
        names,
        "log_loss",
        classes=["no", "yes"],
    )
    np.testing.assert_allclose(vector.values, matrix.values)
    assert vector.values[1] == 0


def test_all_columns_and_repeats_in_two_calls():
    X = uniform(100)
    calls = []

    def predict(rows):
        calls.append(len(rows))
        return friedman(rows)

    permuted(predict, X, friedman(X), "squared_error", n_repeats=4)
    assert calls == [100, 5 * 4 * 100]


def test_missing_values_and_categories_are_exchanged_as_they_are():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"n": np.where(rng.random(400) < 0.5, np.nan, 1.0)})
    X["c"] = pd.Categorical(rng.choice(["x", "y"], 400))
    y = X["n"].isna() * 1.0
    result = permuted(lambda rows: rows["n"].isna() * 1.0, X, y, "squared_error")
    assert result.values[0] == pytest.approx(0.5, abs=0.05)
    assert result.values[1] == 0


def test_ranks_that_cannot_be_told_apart_have_intervals():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, 3)), columns=list("abc"))
    result = permuted(weigh([1, 1.02, 4]), X, weigh([1, 1.02, 4])(X), "squared_error")
    assert (result.rank_low[2], result.rank_high[2]) == (1, 1)
    assert result.rank_low[:2].tolist() == [2, 2]
    assert result.rank_high[:2].tolist() == [3, 3]


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "int8", "Float64", object])
def test_targets_of_every_number_type(dtype):
    X = uniform(30, "ab").round()
    y = pd.Series(X["a"].to_numpy() > 0).astype(dtype)
    result = permuted(lambda rows: rows["a"], X, y, "squared_error")
    assert result.base == 0
    assert result.values[0] > 0
    assert permuted(lambda rows: rows["a"], X, y, "log_loss").values[1] == 0


@pytest.mark.parametrize(
    ("y", "score", "text"),
    [
        ([0.0] * 9, "squared_error", "y must have one entry per row"),
        ([0.0] * 9 + [math.nan], "squared_error", "y has missing values"),
        (["a"] * 10, "squared_error", "squared error needs a target of numbers"),
        ([1] * 10, "log_loss", "y holds one class only"),
        (["a", "b"] * 5, "log_loss", "log loss needs classes as 0, 1"),
        ([0, 1] * 5, "accuracy", "there is no loss 'accuracy'"),
    ],
)
def test_bad_targets_and_scores(y, score, text):
    with pytest.raises(ArgumentError, match=text):
        permuted(weigh([1, 1]), uniform(10, "ab"), y, score)


def test_a_score_that_some_rows_carry_alone_has_no_interval():
    def recall(y, prediction):
        if not y.any():
            raise ValueError("no positive row")
        return float((prediction[y == 1] > 0.5).mean())

    X = uniform(40, "ab")
    y = np.zeros(40)
    y[X["a"].argmax()] = 1
    result = permuted(weigh([1, 0]), X, y, recall)
    assert np.isnan(result.low).all()
    assert result.rank_low.tolist() == [1, 1]
    assert result.rank_high.tolist() == [2, 2]
    with pytest.raises(ArgumentError, match="the score is not a finite number"):
        permuted(weigh([1, 0]), X, y, lambda truth, prediction: math.nan)


def test_bad_groups_and_models():
    X, y = uniform(10, "ab"), [0, 1] * 5
    model = weigh([1, 1])
    with pytest.raises(ArgumentError, match="a column can be in one group only"):
        permuted(model, X, y, "squared_error", groups={"g": ["a"], "h": ["a"]})
    with pytest.raises(ArgumentError, match="there is no column 'c'"):
        permuted(model, X, y, "squared_error", groups={"g": ["c"]})
    with pytest.raises(ArgumentError, match="a group has the name of a column outside it"):
        permuted(model, X, y, "squared_error", groups={"a": ["b"]})
    with pytest.raises(ArgumentError, match="at least 2 rows"):
        permuted(model, X.iloc[:1], [1], "squared_error")
    with pytest.raises(PredictionError, match="log loss needs probabilities"):
        permuted(weigh([5, 5]), X, y, "log_loss")
    with pytest.raises(PredictionError, match="squared error needs one prediction per row"):
        permuted(lambda rows: rows.to_numpy(), X, y, "squared_error")


# Surrogate tree


def planted(rows: pd.DataFrame) -> np.ndarray:
    young = rows["age"].to_numpy() < 31.5
    female = (rows["sex"] == "female").to_numpy()
    return np.where(rows["income"].isna(), 5.0, np.where(young, 1.0, 2.0 + female))


def people(n_rows: int = 1000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    income = np.where(rng.random(n_rows) < 0.2, np.nan, rng.normal(size=n_rows))
    return pd.DataFrame(
        {
            "age": rng.integers(18, 70, n_rows),
            "sex": rng.choice(["female", "male"], n_rows),
            "income": income,
        }
    )


def test_a_surrogate_recovers_planted_rules_in_raw_words():
    X = people()
    tree = surrogate_tree(planted, X, max_leaves=4)
    assert (tree.fidelity, tree.low, tree.high) == (1.0, 1.0, 1.0)
    np.testing.assert_array_equal(tree.predict(X)[:, 0], planted(X))
    words = " and ".join(str(rule) for rule in tree.rules)
    assert 'sex is "female"' in words or 'sex is not "male"' in words
    assert "age < 32" in words or "age < 31.5" in words
    assert "income is missing" in words
    assert sum(rule.n_rows for rule in tree.rules) == tree.fitted_on == 700
    assert tree.held_out == 300
    assert tree.to_frame()["value"].tolist() == [rule.value[0] for rule in tree.rules]


def test_rules_part_the_rows_and_give_the_tree_s_values():
    X = people().assign(
        when=pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(1000) % 90, unit="D"),
        city=pd.Categorical(np.random.default_rng(1).choice(list("pqrst"), 1000)),
    )
    X.loc[::9, "city"] = np.nan

    def predict(rows):
        late = (rows["when"] > pd.Timestamp("2024-02-15")).to_numpy()
        wage = rows["age"].to_numpy() * 0.1 + late * rows["city"].isin(["p", "q"]).to_numpy()
        return wage + np.nan_to_num(rows["income"].to_numpy())

    tree = surrogate_tree(predict, X, max_leaves=12)
    passed = np.array(
        [np.logical_and.reduce([c.holds(X) for c in rule.conditions]) for rule in tree.rules]
    )
    assert (passed.sum(axis=0) == 1).all()
    values = np.array([rule.value[0] for rule in tree.rules])
    np.testing.assert_array_equal(values[passed.argmax(axis=0)], tree.predict(X)[:, 0])
    assert 0.5 < tree.low < tree.fidelity < tree.high < 1


def test_thresholds_far_beyond_float32_are_kept():
    X = pd.DataFrame({"t": 1.7e9 + np.arange(200.0)})
    tree = surrogate_tree(lambda rows: (rows["t"] >= 1.7e9 + 100) * 1.0, X, max_leaves=2)
    assert tree.fidelity == 1.0


def test_several_outputs_give_agreement():
    X = people()

    def predict(rows):
        young = (rows["age"].to_numpy() < 40) * 0.6 + 0.2
        return np.column_stack([young, 1 - young])

    tree = surrogate_tree(predict, X, max_leaves=2)
    assert tree.agreement == 1.0
    assert tree.agreement_low < 1.0
    assert list(tree.to_frame().columns) == ["rule", "n_rows", "share", "value_0", "value_1"]


def test_a_constant_model_is_one_leaf_without_fidelity():
    tree = surrogate_tree(lambda rows: np.full(len(rows), 0.3), people(100))
    assert str(tree) == "all rows: 0.3 (70 rows)"
    assert [str(rule) for rule in tree.rules] == ["all rows"]
    assert math.isnan(tree.fidelity)


def test_surrogate_arguments():
    with pytest.raises(ArgumentError, match="max_leaves must be at least 2"):
        surrogate_tree(planted, people(), max_leaves=1)
    with pytest.raises(ArgumentError, match="at least 10 rows"):
        surrogate_tree(planted, people(5))
    with pytest.raises(PredictionError, match="predict raised KeyError on the rows as they are"):
        surrogate_tree(lambda rows: rows["nope"], people())


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(2, 10))
def test_fidelity_never_exceeds_one_and_is_deterministic(seed, max_leaves):
    X = uniform(60, seed=seed)
    one = surrogate_tree(friedman, X, max_leaves=max_leaves, seed=seed)
    two = surrogate_tree(friedman, X, max_leaves=max_leaves, seed=seed)
    assert one.fidelity <= 1
    assert str(one) == str(two)
    assert len(one.rules) <= max_leaves
