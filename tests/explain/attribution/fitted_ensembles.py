"""Fitted ensembles, pipelines and wrappers, beside the models of `fitted_models`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from fitted_models import ALL, CLOSED, Case, case, classifier, regression
from sample_tables import as_categories, mixed, numbers
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, f_classif, f_regression
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

NUMBERS, TEXTS = ["age", "income"], ["city", "job"]


# --- ensembles ------------------------------------------------------------------------------


def _three_members() -> list[tuple[str, Any]]:
    return [
        ("forest", RandomForestClassifier(6, max_depth=4, random_state=0)),
        ("boosting", GradientBoostingClassifier(n_estimators=8, random_state=0)),
        ("line", LogisticRegression()),
    ]


@case
def soft_vote_with_weights() -> Case:
    s = numbers()
    model = VotingClassifier(_three_members(), voting="soft", weights=[3, 1, 2])
    return classifier(model.fit(s.X, s.binary), s.X)


@case
def soft_vote_of_three_classes() -> Case:
    s = numbers()
    model = VotingClassifier(_three_members(), voting="soft")
    return classifier(model.fit(s.X, s.several), s.X)


@case
def soft_vote_of_forests() -> Case:
    s = numbers()
    members = [
        ("a", RandomForestClassifier(5, random_state=0)),
        ("left_out", "drop"),
        ("b", DecisionTreeClassifier(max_depth=4, random_state=0)),
    ]
    model = VotingClassifier(members, voting="soft", weights=[1, 5, 2]).fit(s.X, s.binary)
    return classifier(model, s.X, routes=(ALL, CLOSED))


@case
def vote_of_regressors() -> Case:
    s = numbers()
    members = [
        ("line", LinearRegression()),
        ("forest", RandomForestRegressor(6, random_state=0)),
    ]
    model = VotingRegressor(members, weights=[1, 3]).fit(s.X, s.value)
    return regression(model, s.X, CLOSED)


@case
def stack_of_two() -> Case:
    s = numbers()
    model = StackingClassifier(_three_members(), LogisticRegression(), cv=3)
    model.fit(s.X, s.binary)
    return classifier(model, s.X, margin=model.decision_function)


@case
def stack_of_forests() -> Case:
    s = numbers()
    members = [
        ("a", RandomForestClassifier(5, random_state=0)),
        ("b", DecisionTreeClassifier(max_depth=3, random_state=0)),
    ]
    model = StackingClassifier(members, LogisticRegression(), cv=3).fit(s.X, s.binary)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def stack_of_three_classes() -> Case:
    s = numbers()
    model = StackingClassifier(_three_members()[::2], LogisticRegression(), cv=3)
    model.fit(s.X, s.several)
    return classifier(model, s.X, margin=model.decision_function)


@case
def stack_that_passes_columns_on() -> Case:
    s = numbers()
    members = [("forest", RandomForestRegressor(4, random_state=0)), ("line", Ridge())]
    model = StackingRegressor(members, LinearRegression(), cv=3, passthrough=True)
    return regression(model.fit(s.X, s.value), s.X, ALL)


@case
def stack_of_regressors() -> Case:
    s = numbers()
    members = [("forest", RandomForestRegressor(4, random_state=0)), ("line", Ridge())]
    model = StackingRegressor(members, Ridge(), cv=3).fit(s.X, s.value)
    return regression(model, s.X, CLOSED)


@case
def bag_of_trees_on_some_columns() -> Case:
    s = numbers()
    model = BaggingRegressor(
        DecisionTreeRegressor(max_depth=4), n_estimators=6, max_features=0.6, random_state=0
    )
    return regression(model.fit(s.X, s.value), s.X, CLOSED)


@case
def bag_of_lines() -> Case:
    s = numbers()
    model = BaggingRegressor(LinearRegression(), n_estimators=4, max_features=3, random_state=0)
    return regression(model.fit(s.X, s.value), s.X, CLOSED)


@case
def bag_of_naive_bayes() -> Case:
    s = numbers()
    X = s.X.drop(columns="idle")
    model = BaggingClassifier(GaussianNB(), n_estimators=3, random_state=0).fit(X, s.binary)
    return classifier(model, X)


@case
def bag_whose_members_have_not_seen_all_classes() -> Case:
    s = numbers()
    X = s.X.drop(columns="idle")
    # Members that take no weights are fitted on the drawn rows alone.
    model = BaggingClassifier(
        KNeighborsClassifier(2), n_estimators=6, max_samples=5, random_state=1
    ).fit(X, s.several)
    assert min(len(one.classes_) for one in model.estimators_) < 3
    return classifier(model, X, note="a member does not know all classes")


@case
def calibrated_by_sigmoid() -> Case:
    from sklearn.calibration import CalibratedClassifierCV

    s = numbers()
    inner = GradientBoostingClassifier(n_estimators=8, random_state=0)
    return classifier(CalibratedClassifierCV(inner, cv=3).fit(s.X, s.binary), s.X)


@case
def calibrated_by_one_sigmoid() -> Case:
    from sklearn.calibration import CalibratedClassifierCV

    s = numbers()
    inner = GradientBoostingClassifier(n_estimators=8, random_state=0)
    model = CalibratedClassifierCV(inner, cv=3, ensemble=False).fit(s.X, s.binary)
    return classifier(model, s.X, routes=(CLOSED, ALL))


@case
def calibrated_by_steps() -> Case:
    from sklearn.calibration import CalibratedClassifierCV

    s = numbers()
    inner = RandomForestClassifier(5, max_depth=3, random_state=0)
    model = CalibratedClassifierCV(inner, method="isotonic", cv=3).fit(s.X, s.binary)
    return classifier(model, s.X)


@case
def calibrated_with_three_classes() -> Case:
    from sklearn.calibration import CalibratedClassifierCV

    s = numbers()
    model = CalibratedClassifierCV(GaussianNB(), cv=3).fit(s.X.drop(columns="idle"), s.several)
    return classifier(model, s.X.drop(columns="idle"))


@case
def adaptive_boosting_of_two() -> Case:
    s = numbers()
    model = AdaBoostClassifier(n_estimators=5, random_state=0).fit(s.X, s.binary)
    return classifier(model, s.X)


@case
def adaptive_boosting_of_three() -> Case:
    s = numbers()
    model = AdaBoostClassifier(n_estimators=5, random_state=0).fit(s.X, s.several)
    return classifier(model, s.X)


@case
def adaptive_boosting_of_values() -> Case:
    s = numbers()
    model = AdaBoostRegressor(n_estimators=5, random_state=0).fit(s.X, s.value)
    return regression(model, s.X, ALL)


# --- pipelines ------------------------------------------------------------------------------


def _columns(numeric: Any, texts: Any) -> ColumnTransformer:
    return ColumnTransformer([("numbers", numeric, NUMBERS), ("texts", texts, TEXTS)])


def _filled_one_hot() -> ColumnTransformer:
    filled = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    return _columns(filled, OneHotEncoder(handle_unknown="ignore"))


@case
def line_on_one_hot_columns() -> Case:
    s = mixed()
    model = make_pipeline(_filled_one_hot(), LogisticRegression()).fit(s.X, s.binary)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def boosting_on_one_hot_columns() -> Case:
    # One raw column's indicators are one player: their sum of values would be another number.
    s = mixed()
    inner = GradientBoostingClassifier(n_estimators=15, random_state=0)
    model = make_pipeline(_filled_one_hot(), inner).fit(s.X, s.binary)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def forest_on_ordinal_columns() -> Case:
    s = mixed()
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = make_pipeline(
        _columns("passthrough", encoder), RandomForestRegressor(8, random_state=0)
    )
    return regression(model.fit(s.X, s.value), s.X, CLOSED)


@case
def boosting_on_target_encoded_columns() -> Case:
    s = mixed()
    texts = TargetEncoder(cv=3)
    inner = HistGradientBoostingClassifier(max_iter=8, min_samples_leaf=5)
    model = make_pipeline(_columns("passthrough", texts), inner).fit(s.X, s.binary)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def forest_on_columns_encoded_for_three_classes() -> Case:
    s = mixed()
    texts = TargetEncoder(cv=3)  # three features of each text
    inner = RandomForestClassifier(6, max_depth=5, random_state=0)
    model = make_pipeline(_columns("passthrough", texts), inner).fit(s.X, s.several)
    return classifier(model, s.X, routes=(ALL, CLOSED))


@case
def line_on_splines() -> Case:
    s = numbers()
    model = make_pipeline(SplineTransformer(n_knots=4), Ridge())
    X = s.X.drop(columns="idle")
    return regression(model.fit(X, s.value), X, CLOSED)


@case
def line_on_products() -> Case:
    # A product of two columns belongs to neither alone, so no closed form may be used.
    s = numbers()
    X = s.X[["a", "b", "c"]]
    model = make_pipeline(PolynomialFeatures(2), LinearRegression()).fit(X, s.value)
    return regression(model, X, ALL)


@case
def line_on_words() -> Case:
    s = mixed(missing=False)
    X = s.X.assign(note=s.X["city"] + " is " + s.X["job"] + " nice")
    encoder = ColumnTransformer(
        [("note", TfidfVectorizer(), "note"), ("numbers", "passthrough", ["age"])]
    )
    X = X[["age", "note", "job"]]
    model = make_pipeline(encoder, LogisticRegression()).fit(X, s.binary)
    return classifier(model, X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def boosting_on_words() -> Case:
    s = mixed(missing=False)
    X = s.X.assign(note=s.X["city"] + " is " + s.X["job"] + " nice")[["age", "income", "note"]]
    encoder = ColumnTransformer(
        [("note", TfidfVectorizer(), "note")], remainder="passthrough", sparse_threshold=0.9
    )
    inner = GradientBoostingClassifier(n_estimators=8, random_state=0)
    model = make_pipeline(encoder, inner).fit(X, s.binary)
    return classifier(model, X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def forest_on_logarithms() -> Case:
    s = mixed()
    X = s.X[NUMBERS]
    model = make_pipeline(FunctionTransformer(np.log1p), RandomForestRegressor(6, random_state=0))
    return regression(model.fit(X, s.value), X, CLOSED)


def _ratio(X: pd.DataFrame) -> pd.DataFrame:
    return X.assign(ratio=X["a"] / (1 + X["b"].abs()))


@case
def forest_on_a_function_of_two_columns() -> Case:
    s = numbers()
    model = make_pipeline(FunctionTransformer(_ratio), RandomForestRegressor(6, random_state=0))
    return regression(model.fit(s.X, s.value), s.X, ALL)


@case
def line_on_a_union() -> Case:
    s = numbers()
    X = s.X.drop(columns="idle")
    union = FeatureUnion([("scaled", StandardScaler()), ("bent", SplineTransformer(n_knots=3))])
    return regression(make_pipeline(union, Ridge()).fit(X, s.value), X, CLOSED)


@case
def boosting_on_chosen_columns() -> Case:
    s = numbers()
    X = s.X.drop(columns="idle")
    inner = GradientBoostingClassifier(n_estimators=8, random_state=0)
    model = make_pipeline(SelectKBest(f_classif, k=2), inner).fit(X, s.binary)
    return classifier(model, X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def line_on_main_directions() -> Case:
    s = numbers()
    X = s.X.drop(columns="idle")
    return regression(make_pipeline(PCA(2), LinearRegression()).fit(X, s.value), X, ALL)


@case
def pipeline_within_a_pipeline() -> Case:
    s = numbers()
    inner = Pipeline([("nothing", "passthrough"), ("scale", StandardScaler())])
    chosen = SelectKBest(f_regression, k=3)
    model = make_pipeline(inner, None, chosen, RandomForestRegressor(6, random_state=0))
    X = s.X.drop(columns="idle")
    return regression(model.fit(X, s.value), X, CLOSED)


@case
def columns_taken_in_every_way() -> Case:
    s = numbers()
    encoder = ColumnTransformer(
        [
            ("by slice of names", StandardScaler(), slice("a", "b")),
            ("by mask", "passthrough", [False, False, True, False, False]),
            ("by place", SplineTransformer(n_knots=3), [-2]),
            ("twice", StandardScaler(), ["a"]),
            ("none", StandardScaler(), []),
            ("dropped", "drop", ["idle"]),
        ]
    )
    return regression(make_pipeline(encoder, Ridge()).fit(s.X, s.value), s.X, CLOSED)


@case
def pipelines_in_a_vote() -> Case:
    s = mixed()
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    on_trees = make_pipeline(
        _columns("passthrough", encoder), RandomForestClassifier(6, random_state=0)
    )
    on_lines = make_pipeline(_filled_one_hot(), LogisticRegression())
    model = VotingClassifier([("trees", on_trees), ("lines", on_lines)], voting="soft")
    return classifier(model.fit(s.X, s.binary), s.X)


@case
def categories_within_a_pipeline() -> Case:
    s = mixed()
    X = as_categories(s.X)
    inner = HistGradientBoostingClassifier(
        categorical_features="from_dtype", max_iter=8, min_samples_leaf=5
    )
    encoder = ColumnTransformer(
        [("job", "passthrough", ["job", "city"]), ("numbers", StandardScaler(), NUMBERS)],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    model = make_pipeline(encoder, inner).fit(X, s.binary)
    return classifier(model, X, margin=model.decision_function, routes=(CLOSED, ALL))


# --- wrappers -------------------------------------------------------------------------------


@case
def target_on_another_scale() -> Case:
    s = numbers()
    model = TransformedTargetRegressor(
        RandomForestRegressor(5, random_state=0), func=np.log, inverse_func=np.exp
    )
    return regression(model.fit(s.X, np.exp(s.value)), s.X, ALL)


@case
def target_standardised() -> Case:
    s = numbers()
    model = TransformedTargetRegressor(Ridge(), transformer=StandardScaler())
    return regression(model.fit(s.X, 100 * s.value), s.X, ALL)


@case
def grid_search() -> Case:
    s = numbers()
    grid = {"max_depth": [2, 4]}
    model = GridSearchCV(RandomForestRegressor(5, random_state=0), grid, cv=3)
    return regression(model.fit(s.X, s.value), s.X, CLOSED)


@case
def tuned_threshold() -> Case:
    from sklearn.model_selection import FixedThresholdClassifier

    s = numbers()
    inner = GradientBoostingClassifier(n_estimators=8, random_state=0)
    model = FixedThresholdClassifier(inner, threshold=0.2).fit(s.X, s.binary)
    return classifier(model, s.X, margin=model.decision_function, routes=(CLOSED, ALL))


@case
def plain_function() -> Case:
    s = numbers()

    def product(rows: pd.DataFrame) -> Any:
        return rows["a"] * rows["b"] + rows["c"] ** 2

    return Case(product, s.X, {"response": product}, {"response": ALL})
