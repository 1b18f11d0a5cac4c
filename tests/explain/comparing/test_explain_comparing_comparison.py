"""Two explanations side by side."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, spearmanr
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

from explain import compare, explain
from explain.errors import ArgumentError, ArgumentTypeError

X = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 3)), columns=list("abc"))


def linear(weights):
    return explain(LinearRegression().fit(X, X.to_numpy() @ np.asarray(weights)), X)


ONE, OTHER = linear([1.0, 2.0, 0.0]), linear([-1.0, 2.0, 3.0])


def test_an_explanation_agrees_with_itself():
    found = compare(ONE, ONE)
    assert (
        found.table[["difference", "low", "high", "flips"]].to_numpy().tolist() == [[0.0] * 4] * 3
    )
    assert (found.rank_correlation, found.same_top) == (1, 1)
    assert found.row_correlation == pytest.approx(1)
    assert found.lines()[1].endswith("difference 0 [0, 0]; the sign differs in 0 % of rows")


def test_two_linear_models_have_the_closed_form():
    found = compare(ONE, OTHER)
    table = found.table.set_index("column")
    centred = (X - X.mean()).abs()
    for column, first, second, flips in (("a", 1, 1, 1), ("b", 2, 2, 0), ("c", 0, 3, 0)):
        row = table.loc[column]
        assert row["first"] == pytest.approx(first * centred[column].mean(), abs=1e-12)
        assert row["second"] == pytest.approx(second * centred[column].mean(), abs=1e-12)
        assert row["flips"] == flips
    error = 3 * centred["c"].std() / np.sqrt(200)
    mean = 3 * centred["c"].mean()
    reach = norm.ppf(0.975) * error
    assert table.loc["c", ["low", "high"]].tolist() == pytest.approx([mean - reach, mean + reach])
    assert found.table["column"][0] == "c"
    assert table.loc["a", ["difference", "low", "high"]].tolist() == [0, 0, 0]


def test_rounding_is_no_difference_whatever_the_units():
    for unit in (1e-9, 1.0, 1e9):
        one, other = (linear(np.array([1.0, 2.0, 0.5]) * unit * k) for k in (1, 1 + 1e-15))
        table = compare(one, other).table
        assert table[["difference", "low", "high", "flips"]].abs().to_numpy().max() == 0
        larger = linear(np.array([1.0, 2.0, 0.6]) * unit)
        top = compare(one, larger).table.iloc[0]
        assert top["column"] == "c"
        assert top["difference"] == pytest.approx(
            0.1 * unit * (X["c"] - X["c"].mean()).abs().mean()
        )
        assert top["low"] > 0


def test_agreement_is_measured_on_ranks_and_rows():
    model = RandomForestRegressor(5, max_depth=3, random_state=0).fit(X, X["a"] * X["b"] + X["c"])
    third = explain(model, X)
    found = compare(OTHER, third)
    sizes = [np.abs(one.values) for one in (OTHER, third)]
    means = [size.mean(axis=0) for size in sizes]
    assert found.rank_correlation == pytest.approx(spearmanr(*means).statistic)
    same = sizes[0].argmax(axis=1) == sizes[1].argmax(axis=1)
    assert found.same_top == pytest.approx(same.mean())
    rows = [spearmanr(a, b).statistic for a, b in zip(*sizes, strict=True)]
    assert found.row_correlation == pytest.approx(np.mean(rows))


def test_the_rows_that_differ_most_come_first():
    values = ONE.values.copy()
    values[17] += 5
    values[3] -= 9
    found = compare(ONE, replace(ONE, values=values))
    assert found.farthest[:2].tolist() == [3, 17]
    assert len(found.farthest) == 10


def test_several_classes_and_groups():
    y = np.select([X["a"] > 0.5, X["b"] > 0], ["x", "y"], "z")
    forest = RandomForestClassifier(8, max_depth=3, random_state=0).fit(X, y)
    logistic = LogisticRegression().fit(X, y)
    groups = {"both": ["a", "b"]}
    one, other = (
        explain(model, X, scale="margin" if model is logistic else "probability", groups=groups)
        for model in (logistic, forest)
    )
    found = compare(other, replace(one, scale="probability", unit=other.unit))
    assert set(found.table["column"]) == {"both", "c"}
    sizes = np.abs(other.values).mean(axis=(0, 2))
    table = found.table.set_index("column")
    assert table.loc[["both", "c"], "first"].tolist() == pytest.approx(sizes.tolist())
    assert 0 <= table["flips"].min() <= table["flips"].max() <= 1


def test_one_row_has_no_interval():
    one, other = (explain(model, X[:1], background=X) for model in models())
    table = compare(one, other).table
    assert table[["low", "high"]].isna().to_numpy().all()


def models():
    return [LinearRegression().fit(X, X.to_numpy() @ w) for w in ([1, 2, 0], [-1, 2, 3])]


def test_the_same_rows_from_other_libraries_are_the_same_rows():
    polars = pytest.importorskip("polars")
    rows = X.assign(c=X["c"].where(X["c"] > -1))
    model = LinearRegression().fit(X[["a", "b"]], X["a"])
    one = explain(model, rows[["a", "b"]])
    other = explain(model, polars.from_pandas(rows[["a", "b"]]))
    assert compare(one, other).table["difference"].tolist() == [0, 0]


def test_missing_values_are_equal_to_missing_values():
    rows = X.assign(a=X["a"].where(X["a"] > 0), t=[None, "x"] * 100)

    def predict(r):
        return r["a"].fillna(0) + (r["t"] == "x")

    found = explain(predict, rows[:30])
    assert compare(found, found).same_top == 1


def test_words_json_and_page_of_a_comparison():
    found = compare(ONE, OTHER)
    assert found.lines()[0].startswith("LinearRegression and LinearRegression on 200 rows: rank")
    assert found.lines()[1].startswith("c: 0 and ")
    told = json.loads(found.to_json())
    assert told["schema"] == "candor.comparison/1"
    assert told["farthest"] == found.farthest.tolist()
    assert told["columns"]["difference"] == found.to_frame()["difference"].tolist()
    blocks = found.page().sections[0].blocks
    assert [type(block).__name__ for block in blocks] == ["Chart", "Table"]
    drawn = json.dumps(found.plot("bars", top=1).to_dict())
    assert "units of the prediction" in drawn
    assert '"label": "c"' in drawn
    assert '"label": "a"' not in drawn


CLASSES = [LogisticRegression().fit(X, np.where(X["a"] > 0, *names)) for names in ("no", "ni")]


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (ONE, linear([1, 1, 1]), None),
        (ONE, explain(CLASSES[0], X), "differ in their scale\n  response and margin"),
        (explain(CLASSES[0], X), explain(CLASSES[1], X), "differ in their classes"),
        (
            ONE,
            explain(LinearRegression().fit(X[["a", "b"]], X["a"]), X),
            "differ in their columns",
        ),
        (ONE, explain(models()[0], X[:50]), "differ in their rows"),
        (ONE, explain(models()[0], X, max_rows=50), "differ in their rows"),
        (ONE, explain(models()[0], X.assign(b=0.0)), "of different rows\n  other values of b"),
        (
            explain(models()[0], X, groups={"g": ["a", "b"]}),
            replace(
                explain(models()[0], X, groups={"g": ["a", "b"]}),
                groups={"g": ("a",), "c": ("b", "c")},
            ),
            "differ in their groups",
        ),
    ],
)
def test_explanations_of_other_things_are_refused(first, second, text):
    if text is None:
        assert compare(first, second).n_rows == 200
        return
    with pytest.raises(ArgumentError, match=text):
        compare(first, second)


def test_bad_arguments_of_a_comparison():
    with pytest.raises(ArgumentTypeError, match="LinearRegression"):
        compare(ONE, models()[0])
    with pytest.raises(ArgumentTypeError, match="NoneType"):
        compare(None, ONE)
    with pytest.raises(ArgumentError, match="the confidence must lie between 0 and 1"):
        compare(ONE, OTHER, confidence=1.5)
