"""The estimators keep scikit-learn's rules, and read what a search reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

import automl

QUICK = {"n_trials": 2, "families": ["linear"], "in_process": True, "n_jobs": 1}

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "a row of weight 2 is one row in a fold, two rows are in two: the folds, and with them "
        "the choice of parameters, differ"
    ),
}


def expected_failures(estimator: Any) -> dict[str, str]:
    return EXPECTED_FAILURES


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@parametrize_with_checks(
    [automl.AutoMLClassifier(**QUICK), automl.AutoMLRegressor(**QUICK)],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_contract(estimator: Any, check: Any) -> None:
    check(estimator)


def test_classifier_reads_messy_frames_with_string_labels() -> None:
    rng = np.random.default_rng(0)
    income = rng.uniform(1000, 9000, 200)
    frame = pd.DataFrame(
        {
            "income": [f"${value:,.0f}" for value in income],
            "city": rng.choice(["Bern", "Genf", None], 200),
        }
    )
    y = np.where(income > 5000, "good", "bad")
    model = automl.AutoMLClassifier(**QUICK).fit(frame, y)
    assert model.classes_.tolist() == ["bad", "good"]
    assert model.score(frame, y) > 0.95
    assert model.result_.schema.set_index("column").loc["income", "role"] == "numeric"


def test_works_in_cross_validation_and_is_cloneable() -> None:
    X, y = load_iris(return_X_y=True)
    model = automl.AutoMLClassifier(**QUICK)
    assert cross_val_score(clone(model), X, y, cv=3).mean() > 0.9


def test_regressor_predicts_values_in_units_of_the_target() -> None:
    X, y = load_diabetes(return_X_y=True)
    model = automl.AutoMLRegressor(**QUICK).fit(X, y)
    assert model.score(X, y) > 0.45


def test_same_random_state_gives_the_same_model() -> None:
    X, y = load_iris(return_X_y=True)
    first, second = (
        automl.AutoMLClassifier(**QUICK, random_state=3).fit(X, y).predict_proba(X)
        for _ in range(2)
    )
    assert np.array_equal(first, second)


def test_one_class_is_an_error_that_says_so() -> None:
    with pytest.raises(automl.DataError, match="at least two classes"):
        automl.AutoMLClassifier(**QUICK).fit([[0.0], [1.0], [2.0]], [1, 1, 1])
