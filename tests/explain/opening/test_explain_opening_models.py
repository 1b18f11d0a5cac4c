"""From a fitted model to its columns, classes, scales and predictions."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    GradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from explain import ArgumentError, PredictionError
from explain.opening import OpenModel, open_model
from explain.parts import evaluate, is_exact
from explain.protocol import Linked, Opaque, Trees, Weighted

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(80, 3)), columns=["a", "b", "c"])
VALUE = X["a"] + X["b"] * X["c"]
BINARY = np.where(VALUE > 0, "yes", "no")
SEVERAL = np.where(VALUE > 0.5, "high", np.where(VALUE > -0.5, "middle", "low"))


def check(opened: OpenModel) -> None:
    """Compare every node with the deployed prediction."""
    assert set(opened.nodes) == set(opened.deployed)
    for scale, node in opened.nodes.items():
        found = opened.predict(X, scale)
        assert found.shape == (len(X), opened.n_outputs)
        np.testing.assert_allclose(evaluate(node, X), found, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("model", "y", "task", "classes", "natural", "scales"),
    [
        (LinearRegression(), VALUE, "regression", (), "response", {"response"}),
        (PoissonRegressor(), np.exp(VALUE), "regression", (), "response", {"response", "margin"}),
        (
            LogisticRegression(), BINARY, "binary", ("no", "yes"), "margin",
            {"margin", "probability"},
        ),
        (LinearSVC(), BINARY, "binary", ("no", "yes"), "margin", {"margin"}),
        (
            RandomForestClassifier(4), SEVERAL, "multiclass", ("high", "low", "middle"), "margin",
            {"margin", "probability"},
        ),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, BaseEstimator) else "",
)  # fmt: skip
def test_task_classes_and_scales(
    model: Any, y: Any, task: str, classes: tuple[str, ...], natural: str, scales: set[str]
) -> None:
    opened = open_model(model.fit(X, y), X)
    assert (opened.task, opened.classes, opened.natural) == (task, classes, natural)
    assert set(opened.deployed) == scales
    assert opened.columns == ("a", "b", "c")
    assert opened.name == type(model).__name__
    assert opened.scale("auto") == natural
    check(opened)


def test_labels_are_the_models_own() -> None:
    model = TunedThresholdClassifierCV(LogisticRegression(), scoring="f1", cv=3).fit(
        X, BINARY == "yes"
    )
    opened = open_model(model, X)
    np.testing.assert_array_equal(opened.predict_labels(X), model.predict(X))
    check(opened)


def test_a_function_has_no_labels_but_values() -> None:
    opened = open_model(lambda rows: rows["a"] * 2, X)
    assert opened.name == "Function"
    np.testing.assert_array_equal(opened.predict_labels(X), X["a"] * 2)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), RandomForestClassifier(4, random_state=0)),
        GridSearchCV(RandomForestClassifier(4, random_state=0), {"max_depth": [2]}, cv=2),
        VotingClassifier([("one", RandomForestClassifier(4, random_state=0))], voting="soft"),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("y", [BINARY, SEVERAL], ids=["two", "three"])
def test_wrapped_forests_keep_their_probability_exact(model: Any, y: Any) -> None:
    opened = open_model(model.fit(X, y), X)
    assert is_exact(opened.nodes["probability"])
    assert isinstance(opened.nodes["margin"], Linked)
    assert not opened.notes
    check(opened)


@pytest.mark.parametrize("ensemble", [True, False])
def test_a_calibrated_frozen_model_is_opened(ensemble: bool) -> None:
    inner = GradientBoostingClassifier(n_estimators=5).fit(X, BINARY)
    model = CalibratedClassifierCV(FrozenEstimator(inner), ensemble=ensemble).fit(X, BINARY)
    opened = open_model(model, X)
    assert not isinstance(opened.nodes["margin"], Opaque)
    assert not opened.notes
    check(opened)


def test_members_are_weighed() -> None:
    members = [("f", RandomForestClassifier(4, random_state=0)), ("l", LogisticRegression())]
    model = VotingClassifier(members, voting="soft", weights=[3, 1]).fit(X, BINARY)
    node = open_model(model, X).nodes["probability"]
    assert isinstance(node, Weighted)
    assert [float(one[0, 0]) for one in node.weights] == [0.75, 0.25]


def test_a_stack_of_labels_is_a_black_box_and_says_so() -> None:
    members = [("f", RandomForestClassifier(4, random_state=0)), ("l", LogisticRegression())]
    model = StackingClassifier(members, LogisticRegression(), cv=3, stack_method="predict")
    numbers = (BINARY == "yes").astype(int)
    opened = open_model(model.fit(X, numbers), X)
    assert isinstance(opened.nodes["margin"], Opaque)
    assert "hands its labels on" in opened.notes["margin"]
    check(opened)


@pytest.mark.parametrize("as_frame", [True, False])
def test_boosters_know_their_columns(as_frame: bool) -> None:
    rows = X if as_frame else X.to_numpy()
    light = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1).fit(rows, VALUE)
    extreme = xgboost.XGBRegressor(n_estimators=3, n_jobs=1).fit(rows, VALUE)
    names = ("a", "b", "c") if as_frame else ("x0", "x1", "x2")
    for model in (light, light.booster_, extreme, extreme.get_booster()):
        opened = open_model(model, rows)
        assert opened.columns == names
        assert opened.task == "regression"
        node = opened.nodes["response"]
        assert isinstance(node, Trees)
        found = opened.predict(opened.read(rows), "response")[:, 0]
        theirs = light if "lightgbm" in type(model).__module__ else extreme
        np.testing.assert_allclose(found, theirs.predict(rows), rtol=1e-6)


def test_boosters_of_arrays_take_the_names_of_a_frame() -> None:
    light = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1)
    extreme = xgboost.XGBRegressor(n_estimators=3, n_jobs=1)
    for model in (light, extreme):
        model.fit(X.to_numpy(), VALUE)
        booster = model.booster_ if model is light else model.get_booster()
        assert open_model(booster, X).columns == ("a", "b", "c")
        with pytest.raises(ArgumentError, match="2 columns, the model reads 3"):
            open_model(booster, X[["a", "b"]])


def test_a_booster_of_columns_in_another_order() -> None:
    booster = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1).fit(X, VALUE).booster_
    opened = open_model(booster, X[["c", "a", "b"]])
    assert opened.columns == ("a", "b", "c")
    np.testing.assert_allclose(
        opened.predict(opened.read(X[["b", "c", "a"]]), "response")[:, 0], booster.predict(X)
    )


class Broken(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose predictions are what one says."""

    def __init__(self, given: Any):
        self.given = given

    def fit(self, rows: Any, y: Any) -> Broken:
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, rows: Any) -> Any:
        return self.given(rows)

    def predict(self, rows: Any) -> Any:
        return np.repeat(self.classes_[0], len(rows))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda rows: np.full((len(rows), 2), np.nan), "not finite"),
        (lambda rows: np.full((len(rows), 3), 1 / 3), "wrong shape"),
        (lambda rows: np.full(len(rows), 0.5), ""),
        (lambda rows: np.zeros((1, 2)), "wrong shape"),
        (lambda rows: [], ""),
        (lambda rows: None, ""),
    ],
)  # fmt: skip
def test_probabilities_that_are_none(given: Any, told: str) -> None:
    model = Broken(given).fit(X, BINARY)
    with pytest.raises(PredictionError) as caught:
        open_model(model, X).predict(X, "probability")
    assert told in str(caught.value)


def test_what_does_not_give_the_output_is_not_taken_for_its_structure() -> None:
    # Its probability is logistic(2 f): the trees give neither scale.
    model = GradientBoostingClassifier(loss="exponential", n_estimators=5).fit(X, BINARY)
    opened = open_model(model, X)
    assert isinstance(opened.nodes["margin"], Opaque)
    assert "does not give its margin" in opened.notes["margin"]
    assert "does not give its probability" in opened.notes["probability"]
    check(opened)


def test_levels_that_were_not_met_are_missing() -> None:
    levels = RNG.choice(["Ulm", "Bonn", "Jena"], 80)
    table = pd.DataFrame({"city": pd.Categorical(levels), "a": X["a"]})
    model = lightgbm.LGBMRegressor(
        n_estimators=3, min_child_samples=2, min_data_per_group=2, cat_smooth=1, verbose=-1
    ).fit(table, (levels == "Ulm") * 3.0 - (levels == "Bonn"))
    opened = open_model(model, table)
    other = pd.DataFrame(
        {"city": pd.Categorical([None, "Paris", "Ulm", "Bonn"]), "a": [0.0, 0.0, 0.0, 0.0]}
    )
    node = opened.nodes["response"]
    assert isinstance(node, Trees)
    read = node.forest.predict(node.encoding.transform(opened.read(other)))[:, 0]
    np.testing.assert_allclose(read, opened.predict(opened.read(other), "response")[:, 0])
    assert read[0] == read[1]
    assert len(set(read)) > 1


@pytest.mark.parametrize("piped", [False, True])
def test_scores_of_pairs_of_classes_are_no_scores_of_classes(piped: bool) -> None:
    # Three classes have three pairs, so that the shape tells nothing.
    model: Any = SVC(decision_function_shape="ovo")
    model = make_pipeline(StandardScaler(), model) if piped else model
    model.fit(X, SEVERAL)
    assert model.decision_function(X).shape == (80, 3)
    with pytest.raises(ArgumentError, match="no decision_function with a score for each class"):
        open_model(model, X)
    check(open_model(SVC().fit(X, SEVERAL), X))


def test_a_member_that_raises_is_not_swallowed() -> None:
    def fails(rows: Any) -> Any:
        raise ZeroDivisionError("by zero")

    with pytest.raises(PredictionError, match="ZeroDivisionError: by zero"):
        open_model(Broken(fails).fit(X, BINARY), X)


def test_a_model_without_predict_has_no_labels() -> None:
    class Chances:
        classes_ = np.array(["no", "yes"])

        def predict_proba(self, rows: Any) -> Any:
            return np.full((len(rows), 2), 0.5)

    opened = open_model(Chances(), X)
    assert opened.task == "binary"
    with pytest.raises(ArgumentError, match="Chances has no predict"):
        opened.predict_labels(X)


def test_a_black_box_within_a_pipeline_reads_encoded_rows() -> None:
    model = make_pipeline(StandardScaler(), KNeighborsClassifier(5)).fit(X, BINARY)
    node = open_model(model, X).nodes["probability"]
    assert isinstance(node, Opaque)
    assert node.encoding is not None
    assert node.encoding.sources == (("a",), ("b",), ("c",))


def test_a_pipeline_of_texts_takes_a_single_column() -> None:
    texts = pd.DataFrame({"note": ["a red car", "a blue bike", "red bike", "blue car"] * 5})
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    model.fit(texts["note"], ["r", "b", "r", "b"] * 5)

    def predict(rows: pd.DataFrame) -> Any:
        return model.decision_function(rows["note"])

    opened = open_model(predict, texts)
    assert opened.predict(texts, "response").shape == (20, 1)
