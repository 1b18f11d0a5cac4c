"""Models without probabilities: a decision function is told as a score, never as a chance."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import (
    LogisticRegression,
    PoissonRegressor,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from explain import (
    ArgumentError,
    Explanation,
    compare,
    disparity,
    drop_column_importance,
    effects,
    explain,
    interactions,
    permutation_importance,
    quality,
    surrogate,
)

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(80, 3)), columns=list("abc"))
TWO = np.where(X["a"] + 0.5 * X["b"] > 0, "yes", "no")
THREE = np.select([X["a"] > 0.5, X["b"] > 0], ["x", "y"], "z")
SCORE = "score (decision function)"

MODELS = [
    LinearSVC(),
    RidgeClassifier(),
    SGDClassifier(random_state=0),
    SVC(),
    make_pipeline(StandardScaler(), LinearSVC()),
]


def texts(found: Explanation) -> str:
    """Return all that an explanation says: story, row, page, pictures, JSON."""
    page = found.page()
    said = [*found.lines(), *found.row_lines(0), *(one.text for one in page.lead)]
    for section in page.sections:
        said += [section.title, section.conclusion, *(str(block) for block in section.blocks)]
    drawn = [json.dumps(found.plot(kind).to_dict()) for kind in ("importance", "waterfall")]
    return "\n".join([*said, *drawn, found.to_json()])


@pytest.mark.parametrize("model", MODELS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
def test_a_decision_function_is_no_probability(model: Any, y: Any) -> None:
    found = explain(model.fit(X, y), X.iloc[:6], background=X)
    assert (found.scale, found.unit) == ("margin", SCORE)
    said = texts(found)
    assert SCORE in said
    for word in ("log-odds", "log-probabilit", "probability of", "chance", "likeliest"):
        assert word not in said
    total = found.base_values + found.values.sum(axis=1)
    np.testing.assert_allclose(total, model.decision_function(X.iloc[:6]), atol=1e-8)


def test_a_row_is_told_in_scores() -> None:
    model = LinearSVC().fit(X, TWO)
    found = explain(model, X)
    score = model.decision_function(X.iloc[[2]])[0]
    assert found.row_lines(2)[0].startswith(f"{SCORE} of yes: ")
    assert found.row_lines(2)[0].endswith(f"{score:.4g} for row 2.".replace("-", "−"))
    assert found.lines()[0].endswith(f"{SCORE} of yes")
    several = explain(LinearSVC().fit(X, THREE), X)
    assert several.lines()[0].endswith("scores (decision function) of 3 classes")


def test_every_result_names_the_score() -> None:
    model = LinearSVC().fit(X, TWO)
    found = explain(model, X)
    assert effects(model, X, ["a"]).unit == SCORE
    assert SCORE in json.dumps(effects(model, X, ["a"]).plot().to_dict())
    pairs = interactions(model, X, ["a", "b"], kind="shapley", max_rows=5)
    assert pairs.lines()[0].endswith(f"in {SCORE}")
    assert surrogate(model, X).unit == SCORE
    assert compare(found, found).unit == SCORE
    gaps = disparity(found, np.where(X["a"] > 0, "m", "f"))
    assert f"] in {SCORE}, " in gaps.lines()[0]
    assert "probability" not in "\n".join(quality(found, model, X, max_rows=10).lines())


def test_the_units_of_other_models() -> None:
    chances = LogisticRegression().fit(X, TWO)
    assert explain(chances, X).unit == "log-odds"
    assert explain(chances, X, scale="probability").unit == "probability"
    assert "a probability of" in explain(chances, X).row_lines(0)[0]
    assert explain(LogisticRegression().fit(X, THREE), X).unit.startswith("log-probability")
    counts = PoissonRegressor().fit(X, np.exp(X["a"]))
    assert explain(counts, X).unit == "units of the prediction"
    assert explain(counts, X, scale="margin").unit == "log of the prediction"
    assert effects(counts, X, ["a"], scale="margin").unit == "log of the prediction"


@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
def test_probabilities_that_are_not_there_name_the_way_out(y: Any) -> None:
    model = LinearSVC().fit(X, y)
    for call in (explain, effects, surrogate):
        with pytest.raises(ArgumentError, match="CalibratedClassifierCV") as caught:
            call(model, X, scale="probability")
        assert "has no predict_proba" in str(caught.value)
    calibrated = CalibratedClassifierCV(LinearSVC(), cv=2).fit(X, y)
    assert explain(calibrated, X.iloc[:3], background=X, scale="probability").unit == "probability"


def test_scores_and_log_odds_are_not_compared() -> None:
    one, other = (explain(kind.fit(X, TWO), X) for kind in (LinearSVC(), LogisticRegression()))
    with pytest.raises(ArgumentError, match="differ in their unit"):
        compare(one, other)


def test_importance_is_measured_by_a_score_of_decisions() -> None:
    model = LinearSVC().fit(X, TWO)
    found = permutation_importance(
        model, X, TWO, score=lambda y, decision: roc_auc_score(y == "yes", decision)
    )
    assert found.to_frame()["column"].iloc[0] == "a"
    for call in (permutation_importance, drop_column_importance):
        with pytest.raises(ArgumentError, match="a log loss needs probabilities") as caught:
            call(model, X, TWO)
        assert "CalibratedClassifierCV" in str(caught.value)
