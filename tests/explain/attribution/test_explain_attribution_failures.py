"""What models do wrong inside, told so that it can be put right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from explain import (
    ArgumentError,
    ArgumentTypeError,
    ExplainError,
    PredictionError,
    compare,
    drop_column_importance,
    effects,
    explain,
    interactions,
    permutation_importance,
    surrogate,
)

X = pd.DataFrame(np.random.default_rng(2).normal(size=(60, 4)), columns=list("abcd"))
Y = 2 * X["a"] + X["b"]
LINE = LinearRegression().fit(X, Y)
TWO = np.where(Y > 0, "yes", "no")

CALLS: list[Callable[[Any, Any], Any]] = [
    explain,
    effects,
    interactions,
    surrogate,
    lambda model, rows: permutation_importance(model, rows, Y[: len(rows)]),
]
NAMES = ["explain", "effects", "interactions", "surrogate", "permutation_importance"]
every_call = pytest.mark.parametrize("call", CALLS, ids=NAMES)


def message(call: Callable[[], Any], kind: type[ExplainError] = ArgumentError) -> str:
    """Return the text of the error that a call must raise."""
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


@every_call
def test_columns_with_missing_values_are_named(call: Any) -> None:
    rows = X.copy()
    rows.loc[3, "b"] = rows.loc[5, "d"] = np.nan
    text = message(lambda: call(LINE, rows), PredictionError)
    assert "Input X contains NaN; missing values in 'b', 'd'\n" in text
    assert "try  rows without missing values there" in text
    assert text.count("try  ") == 1


def test_missing_values_of_the_background_and_of_arrays_are_named() -> None:
    rows = X.copy()
    rows.loc[3, "c"] = np.nan
    text = message(lambda: explain(LINE, X, background=rows), PredictionError)
    assert "missing values in 'c'" in text
    plain = LinearRegression().fit(X.to_numpy(), Y)
    text = message(lambda: explain(plain, rows.to_numpy()), PredictionError)
    assert "missing values in 'x2'" in text or "missing values in column 2" in text
    wide = pd.DataFrame(np.ones((5, 9)), columns=list("abcdefghi"))
    model = LinearRegression().fit(wide, range(5))
    text = message(lambda: explain(model, wide * np.nan), PredictionError)
    assert "missing values in 'a', 'b', 'c', 'd', 'e' and 4 more columns" in text


def test_infinite_values_are_named() -> None:
    text = message(lambda: explain(LINE, X.assign(a=np.inf)), PredictionError)
    assert "infinite values in 'a'" in text
    assert "SimpleImputer" not in text


class OwnError(Exception):
    """An error that nobody else knows."""


@every_call
def test_the_models_own_message_is_told_whole_and_once(call: Any) -> None:
    def broken(rows: Any) -> Any:
        raise OwnError("the price list\nis closed")

    text = message(lambda: call(broken, X), PredictionError)
    assert "OwnError: the price list is closed\n" in text
    assert text.count("OwnError") == text.count("try  ") == 1


def test_a_model_that_fails_late_is_told_as_one_that_fails_at_once() -> None:
    asked = []

    def tiring(rows: Any) -> Any:
        asked.append(len(rows))
        if len(asked) > 4:
            raise OwnError("enough")
        return rows["a"] * rows["b"]

    assert "OwnError: enough" in message(lambda: explain(tiring, X), PredictionError)


def test_an_error_without_a_message() -> None:
    def silent(rows: Any) -> Any:
        raise AssertionError

    text = message(lambda: explain(silent, X), PredictionError)
    assert "AssertionError, without a message" in text


class Chances:
    """A classifier with any probabilities."""

    classes_ = np.array(["no", "yes"])

    def __init__(self, chances: Callable[[Any], Any]):
        self.chances = chances

    def predict_proba(self, rows: Any) -> Any:
        """Return what was given."""
        return self.chances(rows)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (lambda rows: None, "None for 60 rows\n  try  shape (60,)"),
        (lambda rows: np.ones(3), "shape (3,) for 60 rows\n  try  shape (60,)"),
        (Chances(lambda rows: np.full(60, 0.5)), "shape (60,) for 60 rows\n  try  shape (60, 2)"),
        (
            Chances(lambda rows: np.ones((60, 1))),
            "shape (60, 1) for 60 rows\n  try  shape (60, 2)",
        ),
        (
            Chances(lambda rows: np.ones((60, 3))),
            "shape (60, 3) for 60 rows\n  try  shape (60, 2)",
        ),
    ],
    ids=["nothing", "few", "vector", "one column", "three columns"],
)
def test_a_wrong_shape_is_told_with_the_right_one(model: Any, told: str) -> None:
    text = message(lambda: explain(model, X), PredictionError)
    assert "of the wrong shape" in text
    assert text.endswith(told)


def test_probabilities_beyond_1_are_none() -> None:
    text = message(
        lambda: explain(Chances(lambda rows: np.tile([2, 3], (60, 1))), X), ExplainError
    )
    assert "gives probabilities outside 0 and 1\n  from 2 to 3" in text


def test_predictions_that_are_not_finite_are_counted() -> None:
    text = message(
        lambda: explain(lambda rows: rows["a"].where(rows.index > 1), X), PredictionError
    )
    assert "nan for row 0, and such for 2 of 60 rows" in text


class Plain:
    """A model of nobody's library: no tags, no base class."""

    def fit(self, rows: Any, y: Any) -> Plain:
        """Learn nothing."""
        return self

    def predict(self, rows: Any) -> Any:
        """Add two columns up."""
        return rows["a"] + 2 * rows["b"]


def test_a_model_of_no_library_is_explained() -> None:
    found = explain(Plain().fit(X, Y), X.iloc[:4], background=X)
    expected = (X - X.mean()).iloc[:4].to_numpy() * [1, 2, 0, 0]
    np.testing.assert_allclose(found.values, expected, atol=1e-12)


def test_a_scale_that_is_no_text() -> None:
    for scale in (None, ["margin"], 3):
        assert "has no scale" in message(lambda: explain(LINE, X, scale=scale))  # type: ignore[arg-type]  # noqa: B023


def test_path_dependent_values_name_where_they_are() -> None:
    boosted = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(X, TWO)
    forest = RandomForestClassifier(3).fit(X, TWO)
    for model, hint in ((boosted, 'scale="margin"'), (forest, 'method="auto"')):
        for scale in ("margin", "probability"):
            if (model, scale) == (boosted, "margin"):
                continue
            text = message(
                lambda: explain(model, X, scale=scale, method="path_dependent"),  # noqa: B023
                ExplainError,
            )
            assert f"try  {hint}" in text


# --- settings of the results ----------------------------------------------------------------

FOUND = explain(LINE, X)


@pytest.mark.parametrize("confidence", ["a", None, [0.5], 0, 1, True, np.nan])
def test_a_confidence_that_is_none(confidence: Any) -> None:
    for call in (FOUND.importance, FOUND.interval):
        assert "the confidence must lie between 0 and 1" in message(lambda: call(confidence))  # noqa: B023


@pytest.mark.parametrize("top", [0, -1, "x", 2.5, None])
def test_a_number_of_bars_that_is_none(top: Any) -> None:
    shown = [(FOUND, "importance"), (FOUND, "summary"), (compare(FOUND, FOUND), "bars")]
    shown += [(permutation_importance(LINE, X, Y), "bars"), (interactions(LINE, X), "bars")]
    for found, kind in shown:
        assert "top must be a whole number of at least 1" in message(
            lambda: found.plot(kind, top=top)  # noqa: B023
        )


def test_a_path_that_is_none() -> None:
    assert "the path must be" in message(lambda: FOUND.report(None), ArgumentTypeError)  # type: ignore[arg-type]


def test_a_class_that_there_is_not_is_told_with_those_that_there_are() -> None:
    y = np.select([X["a"] > 0.5, X["b"] > 0], ["x", "y"], "z")
    found = explain(LogisticRegression().fit(X, y), X)
    for call in (
        lambda: found.importance(output="w"),
        lambda: found.row_lines(0, output="w"),
        lambda: found.plot("summary", output="w"),
    ):
        assert "there is no class 'w'\n  classes: x, y and z" in message(call)


def test_explanations_of_other_columns_are_told_apart() -> None:
    names = [f"a_long_name_of_column_{place}" for place in range(30)]
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 30)), columns=names)
    more = wide.assign(extra=X["a"])
    one, other = (explain(LinearRegression().fit(rows, Y), rows) for rows in (wide, more))
    text = message(lambda: compare(one, other))
    assert "differ in their columns\n  only in the second: extra\n" in text
    turned = wide[names[::-1]]
    other = explain(LinearRegression().fit(turned, Y), turned)
    assert "the same 30 in another order" in message(lambda: compare(one, other))
    text = message(lambda: compare(FOUND, explain(LINE, X, max_rows=58)))
    assert "only in the first: " in text
    one, other = (explain(LINE, X, groups={"g": pair}) for pair in (["a", "b"], ["a", "b", "c"]))
    assert "only in the first: c" in message(lambda: compare(one, other))


# --- scores and settings of the caller ------------------------------------------------------


def failing(after: int, error: Exception) -> Callable[[Any, Any], float]:
    """Return a score that fails after so many calls."""
    calls = []

    def score(y: Any, prediction: Any) -> float:
        calls.append(1)
        if len(calls) > after:
            raise error
        return 1.0

    return score


@pytest.mark.parametrize("after", [0, 3, 30])
@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), KeyError("q"), OwnError("a\nb")])
def test_a_score_that_fails_is_told(after: int, error: Exception) -> None:
    text = message(lambda: permutation_importance(LINE, X, Y, score=failing(after, error)))
    assert "the score 'score' failed" in text
    assert type(error).__name__ in text
    assert "try  a callable (y, prediction) -> float, higher is better" in text


def test_a_score_that_blocks_of_one_class_have_not_is_left_out() -> None:
    def picky(y: Any, prediction: Any) -> float:
        if len(y) < 60:
            raise ValueError("one class only")
        return -float(np.abs(y - prediction).mean())

    table = permutation_importance(LINE, X, Y, score=picky).to_frame().set_index("column")
    assert table.loc["a", "value"] > 0
    assert np.isnan(table.loc["a", "low"])


def test_a_score_that_is_no_number_on_exchanged_rows() -> None:
    def partial(y: Any, prediction: Any) -> float:
        return 0.0 if np.allclose(y, prediction) else np.nan

    text = message(lambda: permutation_importance(LINE, X, Y, score=partial))
    assert "not a finite number on rows with exchanged columns" in text


@pytest.mark.parametrize(
    ("y", "told"),
    [
        (np.full(60, np.inf), "y has infinite values\n  60 of 60"),
        (None, "y must have one entry per row of X\n  NoneType, 60 rows"),
        (np.repeat("much", 60), "squared error needs a target of numbers\n  such as 'much'"),
    ],
    ids=["infinite", "none", "texts"],
)
def test_targets_that_are_none(y: Any, told: str) -> None:
    assert told in message(lambda: permutation_importance(LINE, X, y))


def test_targets_of_unknown_classes_are_told_as_values() -> None:
    model = LogisticRegression().fit(X, TWO)
    text = message(lambda: permutation_importance(model, X, np.repeat(["yes", "maybe"], 30)))
    assert "'maybe'; it knows 'no', 'yes'" in text
    text = message(lambda: permutation_importance(model, X, np.repeat("yes", 60)))
    assert "y holds one class only\n  'yes'" in text
    assert "y has missing values" in message(
        lambda: drop_column_importance(LINE, X, Y.where(Y > 0))
    )


@pytest.mark.parametrize("kind", ["pdp", "ice", "ale"])
def test_a_grid_of_one_point_is_no_effect(kind: Any) -> None:
    text = message(lambda: effects(LINE, X, grid=1, kind=kind))
    assert text == "grid must be a whole number of at least 2\n  grid=1"


def test_pairs_that_are_none() -> None:
    for pairs in (3, "ab"):
        text = message(lambda: interactions(LINE, X, pairs=pairs), ArgumentTypeError)  # type: ignore[arg-type]  # noqa: B023
        assert "pairs must list pairs of columns" in text
    assert "at least 2 rows" in message(lambda: interactions(LINE, X[:1]))
    assert "max_rows must be a whole number of at least 2" in message(
        lambda: interactions(LINE, X, max_rows=1)
    )


# --- many columns ---------------------------------------------------------------------------


def test_ten_thousand_columns_have_ranks_at_once() -> None:
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 10_000)))
    wide.columns = [f"c{place}" for place in wide.columns]
    model = LinearRegression().fit(wide, wide["c0"])
    table = explain(model, wide, max_rows=3).importance()
    assert table["rank"].tolist() == list(range(1, 10_001))
    assert (table["rank_low"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_high"]).all()
