"""Bad input: what is wrong, what was got, what to try."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from brute_force import brute_force, off
from sample_tables import as_categories, mixed, numbers
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from explain import ArgumentError, ArgumentTypeError, ExplainError, PredictionError, explain

S = numbers()
X = S.X.drop(columns="idle")
LINE = LinearRegression().fit(X, S.value)
CLASSES = LogisticRegression().fit(X, S.binary)


def message(call: Callable[[], Any], kind: type[ExplainError] = ArgumentError) -> str:
    """Return the text of the error that a call must raise."""
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


# --- models ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [LinearRegression(), RandomForestRegressor(), make_pipeline(LinearRegression()), SVC()],
    ids=lambda model: type(model).__name__,
)
def test_a_model_that_is_not_fitted(model: Any) -> None:
    text = message(lambda: explain(model, X))
    assert f"{type(model).__name__} is not fitted" in text
    assert "try  model.fit(X, y)" in text


def test_a_class_in_place_of_a_model() -> None:
    text = message(lambda: explain(LinearRegression, X), ArgumentTypeError)
    assert "the model is a class" in text
    assert "LinearRegression().fit(X, y)" in text


@pytest.mark.parametrize(
    "model", [None, 3, "model", X, OneHotEncoder()], ids=lambda one: type(one).__name__
)
def test_something_that_cannot_predict(model: Any) -> None:
    text = message(lambda: explain(model, X), ArgumentTypeError)
    assert "the model cannot predict" in text
    assert type(model).__name__ in text


@pytest.mark.parametrize("model", [RidgeClassifier(), SVC()], ids=lambda m: type(m).__name__)
def test_probabilities_of_a_model_without_them(model: Any) -> None:
    model.fit(X, S.binary)
    text = message(lambda: explain(model, X, scale="probability"))
    assert f"{type(model).__name__} has no scale 'probability'" in text
    assert "scales of this binary model: margin, the decision function" in text
    assert "it has no predict_proba" in text
    assert 'try  scale="margin", or probabilities of CalibratedClassifierCV' in text


def test_scales_that_the_task_does_not_have() -> None:
    assert "scales of this regression model: response" in message(
        lambda: explain(LINE, X, scale="probability")
    )
    assert "scales of this binary model: margin, probability" in message(
        lambda: explain(CLASSES, X, scale="response")
    )
    assert "has no scale 'log'" in message(lambda: explain(CLASSES, X, scale="log"))  # type: ignore[arg-type]


class Labels(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier with labels alone."""

    def fit(self, rows: Any, y: Any) -> Labels:
        self.classes_ = np.unique(y)
        return self

    def predict(self, rows: Any) -> Any:
        return np.repeat(self.classes_[0], len(rows))


def test_a_classifier_that_gives_labels_alone() -> None:
    text = message(lambda: explain(Labels().fit(X, S.binary), X))
    assert "gives neither probabilities nor scores" in text
    assert "try  a model with predict_proba" in text


@pytest.mark.parametrize("model", [DecisionTreeClassifier(), DummyClassifier()])
def test_a_model_that_knows_one_class(model: Any) -> None:
    text = message(lambda: explain(model.fit(X, np.repeat("yes", len(X))), X))
    assert "knows one class only" in text
    assert "yes" in text


def test_several_targets() -> None:
    both = np.column_stack([S.value, S.value])
    text = message(lambda: explain(LinearRegression().fit(X, both), X))
    assert "several targets" in text
    forest = DecisionTreeClassifier().fit(X, np.column_stack([S.binary, S.several]))
    assert "several targets" in message(lambda: explain(forest, X))


def test_a_constant_model_gives_zeros() -> None:
    for model in (DummyRegressor(), RandomForestRegressor(3), HistGradientBoostingRegressor()):
        found = explain(model.fit(X, np.full(len(X), 3.5)), X.iloc[:5], background=X)
        np.testing.assert_allclose(found.values, 0, atol=1e-12)
        assert found.base_values == pytest.approx(3.5)
        assert found.lines()
        assert found.importance()["share"].sum() == 0


def test_a_model_that_always_says_the_same_class() -> None:
    model = DummyClassifier(strategy="constant", constant="yes").fit(X, S.binary)
    for scale in ("margin", "probability"):
        found = explain(model, X.iloc[:5], background=X, scale=scale)
        assert not found.values.any()
        assert np.isfinite(found.base_values)


def test_a_function_with_predictions_of_another_shape() -> None:
    text = message(lambda: explain(lambda rows: 1.0, X), PredictionError)
    assert "predictions of the wrong shape\n  1.0 for 160 rows\n  try  shape (160,)" in text
    text = message(lambda: explain(lambda rows: np.ones(len(rows) + 1), X), PredictionError)
    assert "predictions of the wrong shape\n  shape (161,) for 160 rows" in text
    text = message(lambda: explain(lambda rows: np.ones((len(rows), 2)), X))
    assert "several targets" in text
    assert "model.predict_proba(rows)[:, 1]" in text


def test_a_function_that_gives_texts() -> None:
    text = message(lambda: explain(lambda rows: np.repeat("much", len(rows)), X), PredictionError)
    assert "predictions that are no numbers\n  'much', 'much', 'much', …" in text


# --- columns --------------------------------------------------------------------------------


def test_columns_in_another_order_are_found_by_name() -> None:
    turned = X[["d", "b", "a", "c"]]
    one, other = explain(LINE, X), explain(LINE, turned, background=X)
    np.testing.assert_array_equal(one.values, other.values)
    assert other.columns == ("a", "b", "c", "d")


def test_more_columns_than_the_model_reads_are_left_out() -> None:
    found = explain(LINE, X.assign(other="text"))
    assert found.columns == ("a", "b", "c", "d")
    assert list(found.data) == ["a", "b", "c", "d"]


def test_columns_that_are_missing() -> None:
    text = message(lambda: explain(LINE, X.rename(columns={"b": "B"}).drop(columns="c")))
    assert "X lacks columns that the model reads" in text
    assert "2 of 4 are missing: 'b', 'c'" in text
    assert "try  " in text
    text = message(lambda: explain(LINE, X, background=X.rename(columns={"a": "aa"})))
    assert "the background lacks columns" in text
    assert "try  rename 'aa' to 'a'" in text


def test_an_array_of_another_width() -> None:
    model = LinearRegression().fit(X.to_numpy(), S.value)
    text = message(lambda: explain(model, X.to_numpy()[:, :3]))
    assert "3 columns, the model reads 4" in text
    text = message(lambda: explain(model, X.to_numpy(), background=X.to_numpy()[:, :2]))
    assert "the background has another number of columns" in text


def test_columns_of_another_type() -> None:
    for model in (LINE, RandomForestRegressor(3).fit(X, S.value)):
        text = message(lambda: explain(model, X.assign(b="much")), ExplainError)  # noqa: B023
        assert "much" in text
        assert "try  " in text
        assert "the same columns, types" in text or "columns of the types" in text


def test_numbers_as_texts_in_the_background_alone() -> None:
    text = message(lambda: explain(LINE, X, background=X.assign(b="much")), ExplainError)
    assert "much" in text


def test_double_column_names() -> None:
    doubled = X.set_axis(["a", "b", "b", "d"], axis=1)
    text = message(lambda: explain(lambda rows: rows.sum(axis=1), doubled))
    assert "X has duplicate column names\n  'b'" in text


@pytest.mark.parametrize("table", [None, 3, "x", [1.0, 2.0], np.ones(3), S.X["a"], [[1], [2, 3]]])
def test_something_that_is_no_table(table: Any) -> None:
    assert "X is no table" in message(lambda: explain(LINE, table), ArgumentTypeError)
    assert "the background is no table" in message(
        lambda: explain(LINE, X, background=3), ArgumentTypeError
    )


def test_no_rows() -> None:
    text = message(lambda: explain(LINE, X.iloc[:0]))
    assert "X has no rows" in text
    assert "0 rows" in text
    assert "the background has no rows" in message(lambda: explain(LINE, X, background=X.iloc[:0]))
    model = LinearRegression().fit(X.to_numpy(), S.value)
    assert "has no rows" in message(lambda: explain(model, np.ones((0, 4))))


def test_no_columns() -> None:
    assert "X has no columns" in message(
        lambda: explain(lambda rows: np.ones(len(rows)), pd.DataFrame(index=range(3)))
    )


def test_missing_values_for_a_model_that_rejects_them() -> None:
    rows = X.copy()
    rows.loc[1, "b"] = np.nan
    for call in (
        lambda: explain(LINE, rows),
        lambda: explain(LINE, X, background=rows),
        lambda: explain(CLASSES, rows),
    ):
        text = message(call, PredictionError)
        assert "contains NaN" in text
        assert "missing values" in text.split("try  ")[1]


def test_a_category_that_the_encoder_does_not_know() -> None:
    s = mixed(missing=False)
    encoder = ColumnTransformer([("city", OneHotEncoder(), ["city"])], remainder="drop")
    model = make_pipeline(encoder, LogisticRegression()).fit(s.X, s.binary)
    text = message(lambda: explain(model, s.X.assign(city="Paris")), PredictionError)
    assert "Paris" in text


# --- background -----------------------------------------------------------------------------


def test_a_background_of_one_row_is_that_reference() -> None:
    model = GradientBoostingClassifier(n_estimators=5).fit(X, S.binary)
    one = X.iloc[[7]]
    found = explain(model, X.iloc[:3], background=one)
    truth = brute_force(model.decision_function, X.iloc[:3], one)
    assert off(found.values, truth) < 1e-6
    assert np.isnan(found.background_errors).all()  # one row says nothing of a spread
    assert np.isfinite(found.interval()[0]).all()
    assert found.importance()["value"].notna().all()


def test_a_row_against_itself_is_nothing() -> None:
    found = explain(LINE, X.iloc[[3]], background=X.iloc[[3]])
    np.testing.assert_allclose(found.values, 0, atol=1e-15)
    assert found.base_values == pytest.approx(LINE.predict(X.iloc[[3]])[0])


def test_the_background_is_x_by_default() -> None:
    found = explain(LINE, X)
    assert found.background_size == found.n_background == len(X)
    assert found.base_values == pytest.approx(LINE.predict(X).mean())


# --- numbers and names ----------------------------------------------------------------------


@pytest.mark.parametrize("max_rows", [0, -1, 2.5, "3", True])
def test_a_number_of_rows_that_is_none(max_rows: Any) -> None:
    text = message(lambda: explain(LINE, X, max_rows=max_rows), ExplainError)
    assert "max_rows must be a whole number above 0" in text
    assert repr(max_rows) in text


@pytest.mark.parametrize("seed", [-1, 1.5, None, "0", False, np.random.default_rng(0)])
def test_a_seed_that_is_none(seed: Any) -> None:
    text = message(lambda: explain(LINE, X, seed=seed), ArgumentTypeError)
    assert "the seed must be a whole number of at least 0" in text


def test_numbers_of_numpy_are_numbers() -> None:
    found = explain(LINE, X, max_rows=np.int64(4), seed=np.int32(3))
    assert len(found.values) == len(found.rows) == 4
    assert found.rows_used == "4 of 160 rows of X, drawn at random (seed 3)"


def test_rows_that_are_drawn_are_told_by_their_position() -> None:
    found = explain(LINE, X, y=S.value, max_rows=7)
    assert (np.diff(found.rows) > 0).all()
    pd.testing.assert_frame_equal(found.data, X.iloc[found.rows].reset_index(drop=True))
    np.testing.assert_array_equal(found.y, S.value[found.rows])
    np.testing.assert_allclose(found.values, explain(LINE, X).values[found.rows])


def test_targets_of_another_length() -> None:
    text = message(lambda: explain(LINE, X, y=S.value[:5]))
    assert "y must have one target for each row of X" in text
    assert "(5,) for 160 rows" in text


def test_a_method_that_there_is_not() -> None:
    text = message(lambda: explain(LINE, X, method="kernel"))  # type: ignore[arg-type]
    assert "there is no method 'kernel'" in text
    assert '"auto" or "path_dependent"' in text


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ({"g": []}, "the group 'g' has no columns"),
        ({"g": ["aa"]}, "names a column that the model does not read"),
        ({"g": ["a"], "h": ["a", "b"]}, "the column 'a' is in two groups"),
        ({"c": ["a", "b"]}, "bears the name of a column outside it"),
    ],
)
def test_groups_that_cannot_be(groups: Any, told: str) -> None:
    assert told in message(lambda: explain(LINE, X, groups=groups))


# --- many columns ---------------------------------------------------------------------------


def test_ten_thousand_columns_of_a_line() -> None:
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(12, 10_000))
    model = LinearRegression().fit(wide, wide[:, 0])
    found = explain(model, wide[:2], background=wide)
    assert found.label == "exact"
    expected = model.coef_ * (wide[:2] - wide.mean(axis=0))
    np.testing.assert_allclose(found.values, expected, atol=1e-12)
    assert len(found.lines()) < 40


def test_ten_thousand_columns_of_a_black_box_are_refused_at_once() -> None:
    wide = np.random.default_rng(0).normal(size=(12, 10_000))
    calls = []

    def black_box(rows: Any) -> Any:
        calls.append(len(rows))
        return np.abs(rows).sum(axis=1)

    text = message(lambda: explain(black_box, wide[:2], background=wide))
    assert "10,000" in text
    assert "columns that belong together" in text
    assert sum(calls) < 100_000


def test_ten_thousand_columns_of_which_a_tree_reads_a_few() -> None:
    wide = np.random.default_rng(0).normal(size=(60, 10_000)).astype(np.float32)
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(wide, wide[:, 5] > 0)
    found = explain(model, wide[:2], background=wide, scale="probability")
    used = set(np.flatnonzero(np.bincount(np.maximum(model.tree_.feature, 0), minlength=10_000)))
    assert set(np.flatnonzero(np.abs(found.values).max(axis=0))) <= used
    assert found.values[0].any()


# --- tables of other kinds ------------------------------------------------------------------


def test_tables_of_every_kind_give_the_same() -> None:
    polars = pytest.importorskip("polars")
    arrow = pytest.importorskip("pyarrow")
    model = RandomForestRegressor(4, random_state=0).fit(X, S.value)
    expected = explain(model, X).values
    for table in (polars.from_pandas(X), arrow.Table.from_pandas(X)):
        np.testing.assert_array_equal(explain(model, table).values, expected)
    plain = RandomForestRegressor(4, random_state=0).fit(X.to_numpy(), S.value)
    found = explain(plain, X.to_numpy())
    assert found.columns == ("x0", "x1", "x2", "x3")
    np.testing.assert_array_equal(found.values, expected)
    np.testing.assert_array_equal(explain(plain, X.to_numpy().tolist()).values, expected)


def test_a_model_fitted_on_an_array_takes_the_names_of_a_frame() -> None:
    model = RandomForestRegressor(4, random_state=0).fit(X.to_numpy(), S.value)
    assert explain(model, X).columns == ("a", "b", "c", "d")


def test_sparse_rows() -> None:
    from scipy import sparse

    model = LinearRegression().fit(sparse.csr_matrix(X.to_numpy()), S.value)
    found = explain(model, sparse.csr_matrix(X.to_numpy()))
    np.testing.assert_allclose(found.values, model.coef_ * (X - X.mean()), atol=1e-12)


def test_column_names_that_are_no_texts() -> None:
    numbered = X.set_axis([0, 1, 2, 3], axis=1)
    model = make_pipeline(ColumnTransformer([("all", "passthrough", [0, 1])]), LinearRegression())
    found = explain(model.fit(numbered, S.value), numbered)
    assert found.columns == ("0", "1", "2", "3")
    assert not found.values[:, 2:].any()
    assert explain(lambda rows: rows[2], numbered).values[:, 2].any()


def test_rows_are_not_changed() -> None:
    s = mixed()
    rows = as_categories(s.X).set_axis(range(1000, 1200))
    before = rows.copy(deep=True)
    model = HistGradientBoostingRegressor(categorical_features="from_dtype", max_iter=3)
    explain(model.fit(rows, s.value), rows, groups={"who": ["age", "job"]}, max_rows=5)
    pd.testing.assert_frame_equal(rows, before)


def test_a_model_that_changes_its_input_does_not_change_ours() -> None:
    def greedy(rows: pd.DataFrame) -> Any:
        rows["a"] = rows["a"] * 2
        rows.loc[:, "b"] = 0.0
        return rows["a"] + rows["c"]

    before = X.copy(deep=True)
    found = explain(greedy, X.iloc[:5], background=X)
    expected = 2 * (X["a"] - X["a"].mean())[:5]
    np.testing.assert_allclose(found.values[:, 0], expected, atol=1e-12)
    assert not found.values[:, 1].any()
    pd.testing.assert_frame_equal(found.data, before.iloc[:5])
    pd.testing.assert_frame_equal(X, before)


def test_predictions_may_be_a_column_a_series_or_a_list() -> None:
    shuffled = X.set_axis(np.arange(len(X))[::-1] * 3)
    expected = explain(lambda rows: rows["a"].to_numpy(), shuffled).values
    for function in (
        lambda rows: rows["a"],
        lambda rows: rows[["a"]],
        lambda rows: rows["a"].tolist(),
        lambda rows: rows[["a"]].to_numpy(),
    ):
        np.testing.assert_array_equal(explain(function, shuffled).values, expected)


def test_classes_in_the_order_of_the_model() -> None:
    class Turned:
        """Its second class comes first in the alphabet."""

        classes_ = np.array(["yes", "no"])

        def predict_proba(self, rows: pd.DataFrame) -> Any:
            return CLASSES.predict_proba(rows)[:, ::-1]

        def predict(self, rows: pd.DataFrame) -> Any:
            return CLASSES.predict(rows)

    found = explain(Turned(), X.iloc[:5], background=X.iloc[:20], scale="probability")
    assert found.classes == ("yes", "no")
    truth = brute_force(lambda rows: CLASSES.predict_proba(rows)[:, 0], X[:5], X[:20])
    assert off(found.values, truth) < 1e-6
    assert "probability of no" in found.row_lines(0)[0]
