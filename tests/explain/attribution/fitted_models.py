"""Fitted models of every kind, with what their own predictions are on each scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from brute_force import Predict, centred_log, logit
from sample_tables import as_categories, mixed, numbers

CLOSED = "closed"
"""Exact without a prediction of the model."""
ALL = "all"
"""Exact by all coalitions."""


@dataclass(frozen=True, eq=False)
class Case:
    """A fitted model.

    `outputs` gives its own predictions of raw rows by scale, `routes` how they must be found;
    `rounding` is the error that is allowed, in units of the mean absolute value; `note` is what
    must be said where the structure cannot be used.
    """

    model: Any
    X: pd.DataFrame
    outputs: Mapping[str, Predict]
    routes: Mapping[str, str]
    classes: tuple[Any, ...] = ()
    rounding: float = 1e-6
    note: str = ""


Make = Callable[[], Case]
CASES: dict[str, Make] = {}


def case(make: Make) -> Make:
    """Enter a case under the name of its function."""
    CASES[make.__name__] = make
    return make


def regression(
    model: Any, X: pd.DataFrame, route: str, rounding: float = 1e-6, note: str = ""
) -> Case:
    """Return a fitted regressor's case."""
    return Case(model, X, {"response": model.predict}, {"response": route}, (), rounding, note)


def classifier(
    model: Any,
    X: pd.DataFrame,
    *,
    margin: Predict | None = None,
    routes: tuple[str, str] = (ALL, ALL),
    rounding: float = 1e-6,
    note: str = "",
) -> Case:
    """Return a fitted classifier's case; its margin is made of its probabilities by default."""
    classes = tuple(np.asarray(model.classes_).tolist())
    two = len(classes) == 2

    def probability(rows: pd.DataFrame) -> Any:
        found = np.asarray(model.predict_proba(rows))
        return found[:, 1] if two else found

    def log_odds(rows: pd.DataFrame) -> Any:
        return logit(probability(rows)) if two else centred_log(probability(rows))

    outputs = {"margin": margin or log_odds, "probability": probability}
    found = dict(zip(outputs, routes, strict=True))
    return Case(model, X, outputs, found, classes, rounding, note)


# --- linear ---------------------------------------------------------------------------------


@case
def linear_regression() -> Case:
    from sklearn.linear_model import LinearRegression

    s = numbers()
    return regression(LinearRegression().fit(s.X, s.value), s.X, CLOSED)


@case
def ridge() -> Case:
    from sklearn.linear_model import Ridge

    s = numbers()
    return regression(Ridge().fit(s.X, s.value), s.X, CLOSED)


@case
def sgd_regressor() -> Case:
    from sklearn.linear_model import SGDRegressor

    s = numbers()
    return regression(SGDRegressor(random_state=0).fit(s.X, s.value), s.X, CLOSED)


@case
def logistic_of_two() -> Case:
    from sklearn.linear_model import LogisticRegression

    s = numbers()
    model = LogisticRegression().fit(s.X, s.binary)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def logistic_of_three() -> Case:
    from sklearn.linear_model import LogisticRegression

    s = numbers()
    model = LogisticRegression().fit(s.X, s.several)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def ridge_classifier_without_probabilities() -> Case:
    from sklearn.linear_model import RidgeClassifier

    s = numbers()
    model = RidgeClassifier().fit(s.X, s.binary)
    return Case(model, s.X, {"margin": model.decision_function}, {"margin": CLOSED}, ("no", "yes"))


@case
def ridge_classifier_of_three() -> Case:
    from sklearn.linear_model import RidgeClassifier

    s = numbers()
    model = RidgeClassifier().fit(s.X, s.several)
    classes = ("high", "low", "middle")
    return Case(model, s.X, {"margin": model.decision_function}, {"margin": CLOSED}, classes)


@case
def sgd_with_log_loss() -> Case:
    from sklearn.linear_model import SGDClassifier

    s = numbers()
    model = SGDClassifier(loss="log_loss", alpha=0.1, random_state=0).fit(s.X, s.binary)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def sgd_of_three_with_modified_huber_loss() -> Case:
    from sklearn.linear_model import SGDClassifier

    s = numbers()
    model = SGDClassifier(loss="modified_huber", alpha=0.5, random_state=0).fit(s.X, s.several)
    return classifier(model, s.X, note="does not give its")


@case
def poisson() -> Case:
    from sklearn.linear_model import PoissonRegressor

    return _with_log_link(PoissonRegressor(alpha=0.1))


@case
def gamma() -> Case:
    from sklearn.linear_model import GammaRegressor

    return _with_log_link(GammaRegressor(alpha=0.1))


@case
def tweedie() -> Case:
    from sklearn.linear_model import TweedieRegressor

    return _with_log_link(TweedieRegressor(power=1.5, alpha=0.1))


@case
def tweedie_without_a_link() -> Case:
    from sklearn.linear_model import TweedieRegressor

    s = numbers()
    return regression(TweedieRegressor(power=0).fit(s.X, s.value), s.X, CLOSED)


def _with_log_link(model: Any) -> Case:
    s = numbers()
    model.fit(s.X, np.exp(s.value))
    outputs = {"response": model.predict, "margin": lambda rows: np.log(model.predict(rows))}
    return Case(model, s.X, outputs, {"response": ALL, "margin": CLOSED})


# --- trees of scikit-learn ------------------------------------------------------------------


@case
def decision_tree_of_values() -> Case:
    from sklearn.tree import DecisionTreeRegressor

    s = numbers()
    return regression(DecisionTreeRegressor(random_state=0).fit(s.X, s.value), s.X, CLOSED)


@case
def decision_tree_of_classes() -> Case:
    from sklearn.tree import DecisionTreeClassifier

    s = numbers()
    model = DecisionTreeClassifier(random_state=0).fit(s.X, s.several)
    return classifier(model, s.X, routes=(ALL, CLOSED))


@case
def random_forest_of_two() -> Case:
    from sklearn.ensemble import RandomForestClassifier

    s = numbers()
    model = RandomForestClassifier(12, random_state=0).fit(s.X, s.binary)
    return classifier(model, s.X, routes=(ALL, CLOSED))


@case
def random_forest_of_values() -> Case:
    from sklearn.ensemble import RandomForestRegressor

    s = numbers()
    return regression(RandomForestRegressor(12, random_state=0).fit(s.X, s.value), s.X, CLOSED)


@case
def random_forest_with_missing_values() -> Case:
    from sklearn.ensemble import RandomForestRegressor

    s = mixed()
    X = s.X[["age", "income"]]
    return regression(RandomForestRegressor(8, random_state=0).fit(X, s.value), X, CLOSED)


@case
def extra_trees_of_three() -> Case:
    from sklearn.ensemble import ExtraTreesClassifier

    s = numbers()
    model = ExtraTreesClassifier(8, max_depth=5, random_state=0).fit(s.X, s.several)
    return classifier(model, s.X, routes=(ALL, CLOSED))


@case
def gradient_boosting_of_values() -> Case:
    from sklearn.ensemble import GradientBoostingRegressor

    s = numbers()
    return regression(GradientBoostingRegressor(n_estimators=20).fit(s.X, s.value), s.X, CLOSED)


@case
def gradient_boosting_of_two() -> Case:
    from sklearn.ensemble import GradientBoostingClassifier

    s = numbers()
    model = GradientBoostingClassifier(n_estimators=15).fit(s.X, s.binary)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def gradient_boosting_of_three() -> Case:
    from sklearn.ensemble import GradientBoostingClassifier

    s = numbers()
    model = GradientBoostingClassifier(n_estimators=10).fit(s.X, s.several)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def gradient_boosting_with_exponential_loss() -> Case:
    from sklearn.ensemble import GradientBoostingClassifier

    s = numbers()
    model = GradientBoostingClassifier(loss="exponential", n_estimators=15).fit(s.X, s.binary)
    # Its probability is logistic(2 f), so f is no log-odds.
    return classifier(model, s.X, note="does not give its")


@case
def histogram_boosting_with_categories() -> Case:
    from sklearn.ensemble import HistGradientBoostingRegressor

    s = mixed()
    X = as_categories(s.X)
    model = HistGradientBoostingRegressor(
        categorical_features="from_dtype", max_iter=15, min_samples_leaf=5
    )
    return regression(model.fit(X, s.value), X, CLOSED)


@case
def histogram_boosting_of_two_with_categories() -> Case:
    from sklearn.ensemble import HistGradientBoostingClassifier

    s = mixed()
    X = as_categories(s.X)
    model = HistGradientBoostingClassifier(
        categorical_features="from_dtype", max_iter=10, min_samples_leaf=5
    ).fit(X, s.binary)
    return classifier(model, X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def histogram_boosting_of_three() -> Case:
    from sklearn.ensemble import HistGradientBoostingClassifier

    s = numbers()
    model = HistGradientBoostingClassifier(max_iter=8, min_samples_leaf=5).fit(s.X, s.several)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def histogram_boosting_with_poisson_loss() -> Case:
    from sklearn.ensemble import HistGradientBoostingRegressor

    s = numbers()
    model = HistGradientBoostingRegressor(loss="poisson", max_iter=10, min_samples_leaf=5)
    model.fit(s.X, np.exp(s.value))
    outputs = {"response": model.predict, "margin": lambda rows: np.log(model.predict(rows))}
    return Case(model, s.X, outputs, {"response": ALL, "margin": CLOSED})


# --- LightGBM and XGBoost -------------------------------------------------------------------


def _lightgbm(kind: str, X: pd.DataFrame, y: Any, **options: Any) -> Any:
    import lightgbm

    fixed = {"n_estimators": 12, "min_child_samples": 5, "verbose": -1, "n_jobs": 1}
    return getattr(lightgbm, kind)(**{**fixed, **options}).fit(X, y)


@case
def lightgbm_of_values() -> Case:
    s = numbers()
    return regression(_lightgbm("LGBMRegressor", s.X, s.value), s.X, CLOSED)


@case
def lightgbm_of_two() -> Case:
    s = numbers()
    return _of_lightgbm(_lightgbm("LGBMClassifier", s.X, s.binary), s.X)


@case
def lightgbm_of_three() -> Case:
    s = numbers()
    return _of_lightgbm(_lightgbm("LGBMClassifier", s.X, s.several), s.X)


@case
def lightgbm_with_categories_and_missing_values() -> Case:
    s = mixed()
    X = as_categories(s.X)
    return _of_lightgbm(_lightgbm("LGBMClassifier", X, s.binary, min_child_samples=3), X)


@case
def lightgbm_as_random_forest() -> Case:
    s = numbers()
    options = {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.7}
    return regression(_lightgbm("LGBMRegressor", s.X, s.value, **options), s.X, CLOSED)


@case
def lightgbm_with_dart() -> Case:
    s = numbers()
    model = _lightgbm("LGBMClassifier", s.X, s.binary, boosting_type="dart")
    return _of_lightgbm(model, s.X)


@case
def lightgbm_with_linear_leaves() -> Case:
    s = numbers()
    X = s.X[["a", "b", "c"]]
    model = _lightgbm("LGBMRegressor", X, s.value, linear_tree=True)
    return regression(model, X, ALL, note="leaves hold linear models")


@case
def lightgbm_with_poisson_loss() -> Case:
    s = numbers()
    model = _lightgbm("LGBMRegressor", s.X, np.exp(s.value), objective="poisson")
    outputs = {"response": model.predict, "margin": lambda rows: np.log(model.predict(rows))}
    return Case(model, s.X, outputs, {"response": ALL, "margin": CLOSED})


@case
def lightgbm_booster_of_two() -> Case:
    s = numbers()
    booster = _lightgbm("LGBMClassifier", s.X, s.binary).booster_
    outputs = {
        "margin": lambda rows: booster.predict(rows, raw_score=True),
        "probability": booster.predict,
    }
    return Case(booster, s.X, outputs, {"margin": CLOSED, "probability": ALL}, (0, 1))


@case
def lightgbm_booster_of_values() -> Case:
    s = numbers()
    booster = _lightgbm("LGBMRegressor", s.X, s.value).booster_
    return regression(booster, s.X, CLOSED)


def _of_lightgbm(model: Any, X: pd.DataFrame) -> Case:
    def margin(rows: pd.DataFrame) -> Any:
        return model.predict(rows, raw_score=True)

    return classifier(model, X, margin=margin, routes=(CLOSED, ALL))


SINGLE = 2e-5
"""XGBoost predicts in float32; our values are exact in float64."""


def _xgboost(kind: str, X: pd.DataFrame, y: Any, **options: Any) -> Any:
    import xgboost

    fixed = {"n_estimators": 12, "max_depth": 3, "n_jobs": 1}
    return getattr(xgboost, kind)(**{**fixed, **options}).fit(X, y)


@case
def xgboost_of_values() -> Case:
    s = numbers()
    return regression(_xgboost("XGBRegressor", s.X, s.value), s.X, CLOSED, SINGLE)


@case
def xgboost_with_a_base_score() -> Case:
    s = numbers()
    model = _xgboost("XGBRegressor", s.X, s.value, base_score=7.5)
    return regression(model, s.X, CLOSED, 10 * SINGLE)


@case
def xgboost_of_two() -> Case:
    s = numbers()
    return _of_xgboost(_xgboost("XGBClassifier", s.X, (s.binary == "yes").astype(int)), s.X)


@case
def xgboost_of_three() -> Case:
    s = numbers()
    return _of_xgboost(_xgboost("XGBClassifier", s.X, pd.factorize(s.several)[0]), s.X)


@case
def xgboost_with_categories_and_missing_values() -> Case:
    s = mixed()
    X = as_categories(s.X)
    y = (s.binary == "yes").astype(int)
    return _of_xgboost(_xgboost("XGBClassifier", X, y, enable_categorical=True), X)


@case
def xgboost_stopped_early() -> Case:
    import xgboost

    s = numbers()
    model = xgboost.XGBRegressor(
        n_estimators=80, max_depth=4, learning_rate=0.5, early_stopping_rounds=3, n_jobs=1
    )
    model.fit(s.X[:100], s.value[:100], eval_set=[(s.X[100:], s.value[100:])], verbose=False)
    assert model.best_iteration < model.get_booster().num_boosted_rounds() - 1
    return regression(model, s.X, CLOSED, SINGLE)


@case
def xgboost_with_dart() -> Case:
    s = numbers()
    model = _xgboost("XGBRegressor", s.X, s.value, booster="dart", rate_drop=0.3, random_state=1)
    return regression(model, s.X, CLOSED, SINGLE)


@case
def xgboost_of_lines() -> Case:
    s = numbers()
    X = s.X[["a", "b", "c"]]
    return regression(_xgboost_lines(X, s.value), X, ALL, 20 * SINGLE, "has no trees")


def _xgboost_lines(X: pd.DataFrame, y: Any) -> Any:
    import xgboost

    return xgboost.XGBRegressor(booster="gblinear", n_estimators=20, n_jobs=1).fit(X, y)


@case
def xgboost_with_poisson_loss() -> Case:
    s = numbers()
    model = _xgboost("XGBRegressor", s.X, np.exp(s.value), objective="count:poisson")
    outputs = {
        "response": model.predict,
        "margin": lambda rows: model.predict(rows, output_margin=True),
    }
    routes = {"response": ALL, "margin": CLOSED}
    return Case(model, s.X, outputs, routes, (), SINGLE)


@case
def xgboost_booster_of_two() -> Case:
    import xgboost

    s = numbers()
    y = (s.binary == "yes").astype(int)
    booster = _xgboost("XGBClassifier", s.X, y).get_booster()
    outputs = {
        "margin": lambda rows: booster.predict(xgboost.DMatrix(rows), output_margin=True),
        "probability": lambda rows: booster.predict(xgboost.DMatrix(rows)),
    }
    routes = {"margin": CLOSED, "probability": ALL}
    return Case(booster, s.X, outputs, routes, (0, 1), SINGLE)


@case
def xgboost_booster_of_three() -> Case:
    import xgboost

    s = numbers()
    booster = _xgboost("XGBClassifier", s.X, pd.factorize(s.several)[0]).get_booster()
    outputs = {
        "margin": lambda rows: booster.predict(xgboost.DMatrix(rows), output_margin=True),
        "probability": lambda rows: booster.predict(xgboost.DMatrix(rows)),
    }
    routes = {"margin": CLOSED, "probability": ALL}
    return Case(booster, s.X, outputs, routes, (0, 1, 2), SINGLE)


def _of_xgboost(model: Any, X: pd.DataFrame) -> Case:
    def margin(rows: pd.DataFrame) -> Any:
        return model.predict(rows, output_margin=True)

    return classifier(model, X, margin=margin, routes=(CLOSED, ALL), rounding=SINGLE)


# --- other families -------------------------------------------------------------------------


@case
def neural_net() -> Case:
    from sklearn.neural_network import MLPClassifier

    s = numbers()
    model = MLPClassifier(
        hidden_layer_sizes=(8,), alpha=1.0, max_iter=60, tol=1e-2, random_state=0
    )
    return classifier(model.fit(s.X, s.several), s.X)


@case
def neural_net_of_values() -> Case:
    from sklearn.neural_network import MLPRegressor

    s = numbers()
    model = MLPRegressor(
        hidden_layer_sizes=(8,), solver="lbfgs", max_iter=60, tol=1e-1, random_state=0
    )
    return regression(model.fit(s.X, s.value), s.X, ALL)


@case
def support_vectors_without_probabilities() -> Case:
    from sklearn.svm import SVC

    s = numbers()
    model = SVC().fit(s.X, s.binary)
    return Case(model, s.X, {"margin": model.decision_function}, {"margin": ALL}, ("no", "yes"))


@case
def support_vectors_of_three() -> Case:
    from sklearn.svm import SVC

    s = numbers()
    model = SVC().fit(s.X, s.several)
    classes = ("high", "low", "middle")
    return Case(model, s.X, {"margin": model.decision_function}, {"margin": ALL}, classes)


@case
def neighbours() -> Case:
    from sklearn.neighbors import KNeighborsClassifier

    s = numbers()
    return classifier(KNeighborsClassifier(7).fit(s.X, s.binary), s.X)


@case
def neighbours_of_values() -> Case:
    from sklearn.neighbors import KNeighborsRegressor

    s = numbers()
    return regression(KNeighborsRegressor(7).fit(s.X, s.value), s.X, ALL)


@case
def naive_bayes() -> Case:
    from sklearn.naive_bayes import GaussianNB

    s = numbers()
    X = s.X.drop(columns="idle")
    return classifier(GaussianNB().fit(X, s.several), X)


@case
def discriminant_analysis() -> Case:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    s = numbers()
    X = s.X.drop(columns="idle")
    model = LinearDiscriminantAnalysis().fit(X, s.binary)
    return classifier(model, X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def explainable_boosting_machine() -> Case:
    glassbox = pytest.importorskip("interpret.glassbox")
    s = numbers()
    X = s.X[["a", "b", "c"]]
    model = glassbox.ExplainableBoostingRegressor(
        interactions=2, max_rounds=40, outer_bags=1, n_jobs=1, random_state=0
    )
    return regression(model.fit(X, s.value), X, CLOSED)
