"""What other explainers get wrong: each trap by its name, with what goes wrong there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from brute_force import brute_force, centred_log, logit, off, three
from sample_tables import as_categories, mixed, numbers
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeRegressor

from explain import UnreadableModelError, explain

S = numbers(300)
X = S.X.drop(columns="idle")
BINARY = (S.binary == "yes").astype(int)
ROWS, BACKGROUND = X.iloc[:4], X.iloc[20:40].reset_index(drop=True)


def lightgbm(X: Any, y: Any, **options: Any) -> Any:
    import lightgbm

    kind = lightgbm.LGBMClassifier if options.pop("classes", True) else lightgbm.LGBMRegressor
    fixed = {"n_estimators": 15, "min_child_samples": 5, "verbose": -1, "n_jobs": 1}
    return kind(**{**fixed, **options}).fit(X, y)


def xgboost(X: Any, y: Any, **options: Any) -> Any:
    import xgboost

    kind = xgboost.XGBClassifier if options.pop("classes", True) else xgboost.XGBRegressor
    return kind(**{"n_estimators": 15, "max_depth": 3, "n_jobs": 1, **options}).fit(X, y)


BOOSTED = {
    "lightgbm": lambda: lightgbm(X, BINARY),
    "xgboost": lambda: xgboost(X, BINARY),
    "histogram": lambda: HistGradientBoostingClassifier(max_iter=15).fit(X, BINARY),
    "gradient": lambda: GradientBoostingClassifier(n_estimators=15).fit(X, BINARY),
}


@pytest.mark.parametrize("family", BOOSTED)
def test_probability_of_boosting_is_no_rescaled_margin(family: str) -> None:
    # Elsewhere the margin's values are stretched until they sum to the probability: additive to
    # 1e-9 and 10 to 18 % wrong, with ranks and signs that change.
    model = BOOSTED[family]()

    def probability(rows: pd.DataFrame) -> Any:
        return model.predict_proba(rows)[:, 1]

    truth = brute_force(probability, ROWS, BACKGROUND)
    found = explain(model, ROWS, background=BACKGROUND, scale="probability")
    assert found.label == "exact"
    assert off(found.values, truth) < 5e-6
    # These rows tell the two apart.
    each = [
        explain(model, ROWS, background=BACKGROUND.iloc[[r]]).values
        * _secant(model, ROWS, BACKGROUND.iloc[[r]])[:, None]
        for r in range(len(BACKGROUND))
    ]
    assert off(np.mean(each, axis=0), truth) > 0.05


def _secant(model: Any, rows: pd.DataFrame, reference: pd.DataFrame) -> Any:
    p, r = (model.predict_proba(one)[:, 1] for one in (rows, reference))
    return (p - r) / (logit(p) - logit(r))


def test_a_row_with_the_references_own_margin() -> None:
    # Elsewhere the stretching factor is 1 where both margins are equal, and the slope there is
    # at most 1/4: values four times too large. Here a and b cancel out.
    rows = pd.DataFrame({"a": [1.0], "b": [-1.0]})
    reference = pd.DataFrame({"a": [-1.0], "b": [1.0]})
    model = LogisticRegression().fit(X[["a", "b"]], S.binary)
    model.coef_, model.intercept_ = np.array([[2.0, 2.0]]), np.array([0.5])
    found = explain(model, rows, background=reference, scale="probability")
    truth = brute_force(lambda f: model.predict_proba(f)[:, 1], rows, reference)
    np.testing.assert_allclose(found.values, truth[..., 0], atol=1e-12)
    assert found.values.sum() == pytest.approx(0, abs=1e-12)
    assert abs(found.values[0, 0]) > 0.2


@pytest.mark.parametrize("kind", ["lightgbm", "xgboost", "histogram"])
@pytest.mark.parametrize("scale", ["margin", "probability"])
def test_native_categories_against_a_background(kind: str, scale: str) -> None:
    # Elsewhere: AttributeError (LightGBM), TypeError (XGBoost), sums that are off by twice the
    # target's deviation without a word (histogram boosting).
    s = mixed(300)
    table = as_categories(s.X)
    y = (s.binary == "yes").astype(int)
    model = {
        "lightgbm": lambda: lightgbm(
            table, y, min_child_samples=3, cat_smooth=1.0, cat_l2=1.0, min_data_per_group=5
        ),
        "xgboost": lambda: xgboost(table, y, enable_categorical=True, max_cat_to_onehot=2),
        "histogram": lambda: HistGradientBoostingClassifier(
            categorical_features="from_dtype", max_iter=15, min_samples_leaf=5
        ).fit(table, y),
    }[kind]()
    rows, background = table.iloc[:4], table.iloc[10:30].reset_index(drop=True)
    found = explain(model, rows, background=background, scale=scale)

    def predict(frame: pd.DataFrame) -> Any:
        if scale == "probability":
            return model.predict_proba(frame)[:, 1]
        if kind == "xgboost":
            return model.predict(frame, output_margin=True)
        if kind == "lightgbm":
            return model.predict(frame, raw_score=True)
        return model.decision_function(frame)

    assert off(found.values, brute_force(predict, rows, background)) < 2e-5
    city = found.columns.index("city")
    assert np.abs(found.values[:, city]).max() > 0


def test_rows_and_background_may_declare_other_categories() -> None:
    # A column's codes depend on its own levels: elsewhere another order of them, or levels that
    # a sample lacks, moves every category to another branch.
    s = mixed(300)
    table = as_categories(s.X)
    model = HistGradientBoostingRegressor(categorical_features="from_dtype", max_iter=15)
    model.fit(table, s.value)
    rows, background = table.iloc[:5], table.iloc[50:80].reset_index(drop=True)
    expected = explain(model, rows, background=background).values
    few = rows.assign(
        city=rows["city"].cat.remove_unused_categories(),
        job=rows["job"].cat.reorder_categories(["part", "none", "full"]),
    )
    found = explain(model, few, background=background)
    np.testing.assert_allclose(found.values, expected, atol=1e-12)


@pytest.mark.parametrize("kind", ["lightgbm", "forest", "histogram"])
def test_thresholds_between_timestamps(kind: str) -> None:
    # Elsewhere thresholds are rounded to float32: unix seconds in steps of less than 128 fall
    # on the wrong side, and the sums miss the predictions.
    rng = np.random.default_rng(0)
    clock = pd.DataFrame(
        {"time": 1.7e9 + np.sort(rng.uniform(0, 2000, 300)), "b": rng.normal(size=300)}
    )
    y = np.sin(clock["time"] / 100) + (clock["b"] > 0)
    model = {
        "lightgbm": lambda: lightgbm(clock, y, classes=False),
        "histogram": lambda: HistGradientBoostingRegressor(max_iter=15).fit(clock, y),
        "forest": lambda: RandomForestRegressor(5, random_state=0).fit(clock, y),
    }[kind]()
    rows, background = clock.iloc[::60], clock.iloc[7::15].reset_index(drop=True)
    found = explain(model, rows, background=background)
    assert off(found.values, brute_force(model.predict, rows, background)) < 1e-6
    assert found.evaluations == 0
    assert np.abs(found.values[:, 0]).max() > 0.1


def test_xgboost_reads_float32() -> None:
    # XGBoost rounds rows to float32 before it compares: two values that differ in float64 alone
    # take the same branch there, and must here.
    base = np.float32(0.1)
    near = pd.DataFrame(
        {"a": np.repeat([float(base), float(np.nextafter(base, np.float32(1)))], 40)}
    )
    near["b"] = np.tile([0.0, 1.0], 40)
    model = xgboost(near, near["a"] > float(base), n_estimators=3)
    a = float(base) + np.array([0.0, 1e-9, 3e-9, 4e-9, 6e-9, 7.4e-9])
    rows = pd.DataFrame({"a": a, "b": 0.0})
    found = explain(model, rows, background=near)

    def predict(frame: pd.DataFrame) -> Any:
        return model.predict(frame, output_margin=True)

    assert off(found.values, brute_force(predict, rows, near)) < 2e-5
    assert len(np.unique(found.values[:, 0])) == 2


def test_base_score_of_xgboost_with_several_outputs() -> None:
    # Since 3.1 it is a list, one number a class, and a parser that wants one number fails.
    y = pd.factorize(S.several)[0]
    model = xgboost(X, y, n_estimators=5)
    found = explain(model, ROWS, background=BACKGROUND)
    margin = model.predict(BACKGROUND, output_margin=True)
    np.testing.assert_allclose(found.base_values, margin.mean(axis=0), rtol=1e-5)


def test_a_forest_deeper_than_a_hundred_splits() -> None:
    # Elsewhere the polynomial weights overflow on deep sparse trees: -1.66e11 for 0.3.
    n = 240
    # Each split takes one row off: targets that grow so fast leave the largest alone.
    deep = pd.DataFrame({"a": np.arange(n) / n, "b": np.tile([0.0, 1.0], n // 2)})
    y = 2.5 ** np.arange(n) * (1 + 0.1 * deep["b"])
    model = RandomForestRegressor(2, bootstrap=False, random_state=0).fit(deep, np.asarray(y))
    assert max(tree.get_depth() for tree in model.estimators_) > 100
    rows, background = deep.iloc[-3:], deep.iloc[::24].reset_index(drop=True)
    found = explain(model, rows, background=background)
    assert off(found.values, brute_force(model.predict, rows, background)) < 1e-9


@pytest.mark.parametrize("scale", ["margin", "probability"])
def test_shapes_of_several_classes(scale: str) -> None:
    # Elsewhere: lists of arrays before, arrays with the classes last since; gradient boosting
    # of several classes is refused.
    model = GradientBoostingClassifier(n_estimators=5).fit(X, S.several)
    found = explain(model, ROWS, background=BACKGROUND, scale=scale)
    assert found.values.shape == (4, 4, 3)
    assert found.base_values.shape == (3,)
    assert found.predictions.shape == (4, 3)
    assert found.importance_errors.shape == (4, 3)
    assert found.classes == ("high", "low", "middle")
    if scale == "probability":
        np.testing.assert_allclose(found.values.sum(axis=2), 0, atol=1e-12)
        assert found.base_values.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "labels", [("no", "yes"), (0, 1), (False, True), (7, 3), ("b", "a"), (1.0, -2.0)], ids=str
)
def test_values_are_for_the_second_class_whatever_it_is_called(labels: tuple[Any, Any]) -> None:
    # Elsewhere the sign follows the order in which labels came, or column 0 of the forest.
    y = np.where(X["a"] > 0, labels[1], labels[0])
    first, second = sorted(labels)
    direction = 1 if second == labels[1] else -1
    for model in (
        RandomForestClassifier(8, random_state=0),
        LogisticRegression(),
        GradientBoostingClassifier(n_estimators=5),
    ):
        model.fit(X, y)
        for scale in ("margin", "probability"):
            found = explain(model, X[:40], scale=scale)
            assert found.classes == (first, second)
            slope = np.corrcoef(X["a"][:40], found.values[:, 0])[0, 1]
            assert direction * slope > 0.5
            told = found.predictions
            told = told if scale == "probability" else 1 / (1 + np.exp(-told))
            np.testing.assert_allclose(told, model.predict_proba(X[:40])[:, 1], atol=1e-6)


def test_missing_values_are_a_branch_of_their_own() -> None:
    s = mixed(300)
    table = s.X[["age", "income"]]
    for model in (
        RandomForestRegressor(5, random_state=0).fit(table, s.value),
        HistGradientBoostingRegressor(max_iter=10).fit(table, s.value),
        lightgbm(table, s.value, classes=False),
        xgboost(table, s.value, classes=False),
    ):
        rows = pd.DataFrame({"age": [np.nan, 30.0, np.nan], "income": [20.0, np.nan, np.nan]})
        background = table.iloc[:15]
        found = explain(model, rows, background=background)
        assert off(found.values, brute_force(model.predict, rows, background)) < 2e-5
        assert found.label == "exact"


def test_constant_and_unused_columns_get_nothing() -> None:
    table = X.assign(constant=3.0, unread=np.random.default_rng(1).normal(size=len(X)))
    models: list[Any] = [
        make_pipeline(
            ColumnTransformer([("read", "passthrough", ["a", "b", "c", "d"])]), inner
        ).fit(table, S.value)
        for inner in (RandomForestRegressor(5, random_state=0), HistGradientBoostingRegressor())
    ]
    models.append(lambda rows: np.tanh(rows["a"] * rows["b"]))
    for model in models:
        found = explain(model, table.iloc[:5], background=table.iloc[:40])
        for name in ("constant", "unread"):
            assert not found.values[:, found.columns.index(name)].any()
            assert not found.standard_errors[:, found.columns.index(name)].any()


def test_one_hot_columns_are_one_player_not_a_sum() -> None:
    # Elsewhere the indicators are players: half of their coalitions are rows that cannot be,
    # and adding up absolute values doubles the column's importance.
    s = mixed(300, missing=False)
    encoder = ColumnTransformer(
        [("city", OneHotEncoder(), ["city", "job"]), ("rest", "passthrough", ["age", "income"])],
        sparse_threshold=0,
    )
    inner = GradientBoostingRegressor(n_estimators=30, max_depth=4, random_state=0)
    height = s.X["city"].map({"Bonn": 60, "Köln": 50, "Ulm": 480, "Jena": 150})
    model = make_pipeline(encoder, inner).fit(s.X, height * s.X["income"] / 100)
    rows, background = s.X.iloc[:5], s.X.iloc[10:30].reset_index(drop=True)
    found = explain(model, rows, background=background)
    assert found.columns == ("age", "income", "city", "job")
    assert off(found.values, brute_force(model.predict, rows, background)) < 1e-6
    # Four cities as four players give another number.
    coded = explain(inner, encoder.transform(rows), background=encoder.transform(background))
    assert off(coded.values[:, :4].sum(axis=1), found.values[:, 2, None]) > 1e-3
    assert np.abs(coded.values[:, :4]).sum() > 1.1 * np.abs(found.values[:, 2]).sum()


def test_the_whole_background_counts() -> None:
    # Elsewhere it is cut to 100 rows in silence, and the base is then no mean prediction.
    model = RandomForestRegressor(3, random_state=0).fit(X, S.value)
    many = pd.concat([X] * 5, ignore_index=True).assign(
        a=lambda t: t["a"] + 0.1 * np.arange(1500) / 1500
    )
    found = explain(model, ROWS, background=many)
    assert found.n_background == found.background_size == 1500
    assert found.base_values == pytest.approx(model.predict(many).mean(), rel=1e-9)


def test_the_backgrounds_own_error_is_told() -> None:
    # Elsewhere nobody says that two backgrounds of 100 rows disagree by 15 %.
    rng = np.random.default_rng(0)
    model = GradientBoostingClassifier(n_estimators=15).fit(X, BINARY)
    population = pd.DataFrame(rng.normal(size=(4000, 4)), columns=list(X))
    drawn = [
        explain(model, ROWS, background=population.iloc[start : start + 100])
        for start in range(0, 4000, 100)
    ]
    spread = np.std([one.values for one in drawn], axis=0, ddof=1)
    told = np.sqrt(np.mean([one.background_errors**2 for one in drawn], axis=0))
    large = spread > 0.1 * spread.max()
    assert large.sum() > 4
    ratio = told[large] / spread[large]
    assert ((ratio > 0.6) & (ratio < 1.6)).all()


def test_path_dependent_values_are_labelled_approximate() -> None:
    # They answer another question, and libraries weigh branches by rows or by hessians.
    model = lightgbm(X, BINARY)
    found = explain(model, ROWS, method="path_dependent")
    assert found.label == "approximate"
    assert set(found.row_labels) == {"approximate"}
    native = model.predict(ROWS, pred_contrib=True)
    np.testing.assert_allclose(found.values, native[:, :-1], atol=1e-9)
    assert found.base_values == pytest.approx(native[0, -1])
    assert any("approximate" in line for line in found.lines())


def test_saturated_probabilities_stay_finite() -> None:
    # A deep tree says 0 and 1, of which there are no log-odds: they are clipped, and the sums
    # are those of the clipped predictions.
    model = RandomForestClassifier(3, random_state=0).fit(X, S.several)
    found = explain(model, ROWS, background=BACKGROUND)
    truth = brute_force(lambda f: centred_log(model.predict_proba(f)), ROWS, BACKGROUND)
    assert np.isfinite(found.values).all()
    assert off(found.values, truth) < 1e-6


def test_a_column_twice_gets_half_each() -> None:
    # Symmetric columns get equal values, and as one group what the column alone would get.
    twice = pd.DataFrame({"a": X["a"], "again": X["a"], "b": X["b"]})

    def model(rows: pd.DataFrame) -> Any:
        return (rows["a"] + rows["again"]) * rows["b"]

    found = explain(model, twice.iloc[:5], background=twice.iloc[5:25])
    np.testing.assert_allclose(found.values[:, 0], found.values[:, 1], atol=1e-12)
    groups = {"both": ["a", "again"]}
    joined = explain(model, twice.iloc[:5], background=twice.iloc[5:25], groups=groups)
    alone = explain(
        lambda rows: 2 * rows["a"] * rows["b"], X[["a", "b"]][:5], background=X[["a", "b"]][5:25]
    )
    np.testing.assert_allclose(joined.values, alone.values, atol=1e-12)


def test_fever_and_cough() -> None:
    # Lundberg et al., "Consistent individualized feature attribution", figure 1: shares along
    # the path give cough, the more important one in the second model, the smaller value.
    table = pd.DataFrame({"fever": [0.0, 0, 1, 1], "cough": [0.0, 1, 0, 1]})
    both = DecisionTreeRegressor().fit(table, [0.0, 0, 0, 80])
    more = DecisionTreeRegressor().fit(table, [0.0, 10, 0, 90])
    found = explain(both, table)
    assert found.base_values == pytest.approx(20)
    np.testing.assert_allclose(found.values[3], [30, 30])
    found = explain(more, table)
    assert found.base_values == pytest.approx(25)
    np.testing.assert_allclose(found.values[3], [30, 35])
    assert three(found.values).shape == (4, 2, 1)


def test_path_dependent_values_of_histogram_boosting_are_refused() -> None:
    # shap's default for its categories: off by 4 on a target with a deviation of 2, and its own
    # check says nothing.
    s = mixed(300)
    table = as_categories(s.X)
    model = HistGradientBoostingRegressor(categorical_features="from_dtype", max_iter=5)
    model.fit(table, s.value)
    with pytest.raises(UnreadableModelError, match="only LightGBM and XGBoost compute path-dep"):
        explain(model, table.iloc[:20], method="path_dependent")


@pytest.mark.parametrize("kind", ["lightgbm", "xgboost"])
def test_path_dependent_values_of_native_categories_are_the_librarys_own(kind: str) -> None:
    s = mixed(300)
    table = as_categories(s.X)
    fit = lightgbm if kind == "lightgbm" else xgboost
    options = {} if kind == "lightgbm" else {"enable_categorical": True}
    model = fit(table, s.value, classes=False, **options)
    found = explain(model, table.iloc[:20], method="path_dependent")
    assert found.label == "approximate"
    total = found.base_values + found.values.sum(axis=1)
    np.testing.assert_allclose(total, model.predict(table.iloc[:20]), atol=1e-5)
