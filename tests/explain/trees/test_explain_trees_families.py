"""Every family that can be read: its own predictions, its leaves, and brute force."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from test_explain_trees_interventional import assert_exact
from threadpoolctl import threadpool_limits

from explain.errors import ArgumentError, UnreadableModelError
from explain.trees import interventional, is_readable, path_dependent, read_forest
from explain.trees.reading import FAMILIES, _find

N_CATEGORIES = 9


@pytest.fixture(autouse=True)
def one_thread():
    """Small models fit faster without threads, all the more on a busy machine."""
    with threadpool_limits(1):
        yield


def rows(kind, n=500, seed=0):
    """Five columns: two of noise, one rounded, a Unix time in float64, a category or a number."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5))
    X[:, 2] = np.round(X[:, 2], 1)
    X[:, 3] = 1.7e9 + rng.integers(0, 300, n) + 0.25
    if "category" in kind:
        X[:, 4] = rng.integers(0, N_CATEGORIES, n)
    if "missing" in kind:
        X[rng.random(X.shape) < 0.15] = np.nan
    return X


def target(X, task, seed=1):
    rng = np.random.default_rng(seed)
    known = np.nan_to_num(X - np.array([0, 0, 0, 1.7e9 + 150, 0]), nan=0.7)
    score = known[:, 0] * known[:, 1] + known[:, 3] / 100
    score += 2.5 * np.isin(known[:, 4], [1, 4, 6])
    score = score + known[:, 2] + 0.3 * rng.normal(size=len(X))
    if task == "regression":
        return score
    cuts = [0.5] if task == "binary" else [-0.3, 1.0]
    return np.digitize(score, cuts)


def lightgbm(task, kind, **options):
    import lightgbm as library

    cls = library.LGBMRegressor if task == "regression" else library.LGBMClassifier
    settings = {
        "n_estimators": 6, "num_leaves": 12, "min_child_samples": 3, "min_data_per_group": 2,
        "cat_smooth": 1, "n_jobs": 1, "verbose": -1, "random_state": 0,
    }  # fmt: skip
    X = rows(kind)
    columns = [4] if "category" in kind else "auto"
    model = cls(**{**settings, **options})
    return model.fit(X, target(X, task), categorical_feature=columns)


def xgboost(task, kind, **options):
    import xgboost as library

    cls = library.XGBRegressor if task == "regression" else library.XGBClassifier
    types = ["q"] * 4 + (["c"] if "category" in kind else ["q"])
    settings = {
        "n_estimators": 6, "max_depth": 4, "n_jobs": 1, "feature_types": types,
        "enable_categorical": True, "random_state": 0,
    }  # fmt: skip
    X = rows(kind)
    return cls(**{**settings, **options}).fit(X, target(X, task))


def histogram(task, kind, **options):
    from sklearn import ensemble

    name = "Regressor" if task == "regression" else "Classifier"
    cls = getattr(ensemble, f"HistGradientBoosting{name}")
    columns = [4] if "category" in kind else None
    settings = {"max_iter": 6, "max_leaf_nodes": 12, "min_samples_leaf": 3, "random_state": 0}
    X = rows(kind)
    model = cls(**{**settings, "categorical_features": columns, **options})
    return model.fit(X, target(X, task))


def sklearn_model(stem, **settings):
    def build(task, kind, **options):
        from sklearn import ensemble, tree

        name = stem + ("Regressor" if task == "regression" else "Classifier")
        cls = getattr(ensemble, name, None) or getattr(tree, name)
        X = rows(kind)
        model = cls(random_state=0, **settings, **options)
        return model.fit(X, target(X, task))

    return build


FOREST = {"n_estimators": 5, "max_leaf_nodes": 14}
BUILDERS = {
    "lightgbm": lightgbm,
    "xgboost": xgboost,
    "histogram": histogram,
    "random_forest": sklearn_model("RandomForest", **FOREST),
    "extra_trees": sklearn_model("ExtraTrees", **FOREST),
    "decision_tree": sklearn_model("DecisionTree"),
    "bagging": sklearn_model("Bagging", n_estimators=5, max_features=0.7),
    "gradient_boosting": sklearn_model("GradientBoosting", n_estimators=5),
}
NATIVE = ("lightgbm", "xgboost", "histogram")
"""Families that know categories."""
CASES = [
    (family, task, kind)
    for family in BUILDERS
    for task in ("binary", "multiclass", "regression")
    for kind in ("plain", "missing", "category", "category+missing")
    if (family in NATIVE or "category" not in kind)
    and not (family == "gradient_boosting" and "missing" in kind)
]


def own_raw(model, X):
    return _find(model).raw(model, X)


@pytest.mark.parametrize(("family", "task", "kind"), CASES)
def test_exact_on_every_family(family, task, kind):
    model = BUILDERS[family](task, kind)
    X = rows(kind, n=400, seed=5)
    forest = read_forest(model, check=X)
    assert forest.n_features == 5
    assert (forest.listed_value.size > 0) == ("category" in kind)
    assert forest.n_outputs == (3 if task == "multiclass" else len(own_raw(model, X[:1])[0]))
    assert_exact(forest, X[:6], X[6:13])
    assert_exact(forest, X[:4], X[6:12], players=[0, 1, 0, 2, 1], weights=[1, 2, 3, 4, 5, 0.5])


def test_every_family_is_tested():
    tested = {id(_find(BUILDERS[name]("binary", "plain"))) for name in BUILDERS}
    # CatBoost is not always there, and has a file of its own.
    assert tested == {id(family) for family in FAMILIES if family.library != "catboost"}


@pytest.mark.parametrize("kind", ["plain", "missing", "category+missing"])
def test_lightgbm_rows_reach_its_own_leaves(kind):
    model = lightgbm("multiclass", kind)
    X = rows(kind, n=500, seed=3)
    X[:40, 4] = [-1.0, -0.5, 2.7, 1e9] * 10  # codes that no training row had
    forest = read_forest(model, check=X)
    leaf = forest.leaves(X) - forest.root
    inner = np.diff(np.append(forest.root, len(forest.left))) // 2
    np.testing.assert_array_equal(leaf - inner, model.booster_.predict(X, pred_leaf=True))


@pytest.mark.parametrize("kind", ["plain", "missing", "category+missing"])
def test_xgboost_rows_reach_its_own_leaves(kind):
    import xgboost as library

    model = xgboost("multiclass", kind)
    X = rows(kind, n=500, seed=3)
    if "category" in kind:
        X[:20, 4] = N_CATEGORIES + 3
    forest = read_forest(model, check=X)
    booster = model.get_booster()
    types = booster.feature_types
    matrix = library.DMatrix(X, feature_types=types, enable_categorical=True)
    theirs = booster.predict(matrix, pred_leaf=True)
    np.testing.assert_array_equal(forest.leaves(X) - forest.root, theirs)


@pytest.mark.parametrize("family", ["random_forest", "extra_trees"])
def test_sklearn_rows_reach_its_own_leaves(family):
    model = BUILDERS[family]("multiclass", "missing")
    X = rows("missing", n=500, seed=3)
    forest = read_forest(model, check=X)
    np.testing.assert_array_equal(forest.leaves(X) - forest.root, model.apply(X))


def around(threshold):
    """Numbers at and beside a threshold, in steps of float32 and of float64."""
    near = np.float32(threshold)
    steps = [np.nextafter(near, np.float32(way)) for way in (-np.inf, np.inf)]
    numbers = np.array([near, *steps, threshold], dtype=np.float64)
    middles = np.concatenate([numbers, (numbers[0] + numbers[1:3]) / 2])
    return np.concatenate([middles, np.nextafter(middles, -np.inf), np.nextafter(middles, np.inf)])


@pytest.mark.parametrize("family", list(BUILDERS))
def test_numbers_at_the_edge_of_a_threshold(family):
    """Of each node's threshold and its neighbours the library and the forest decide alike."""
    model = BUILDERS[family]("regression", "plain")
    forest = read_forest(model)
    inner = np.flatnonzero(forest.left >= 0)
    blocks = []
    for node in inner:
        block = np.repeat(rows("plain", n=1, seed=int(node)), 18, axis=0)
        block[:, forest.feature[node]] = around(forest.threshold[node])
        blocks.append(block)
    assert read_forest(model, check=np.concatenate(blocks)).n_trees == forest.n_trees


def test_a_wrong_threshold_is_caught(monkeypatch):
    model = lightgbm("regression", "plain")
    family = _find(model)
    wrong = replace(family, read=lambda m: replace(f := family.read(m), threshold=f.threshold + 1))
    monkeypatch.setattr("explain.trees.reading.FAMILIES", (wrong,))
    with pytest.raises(UnreadableModelError, match="does not give its predictions"):
        read_forest(model, check=rows("plain"))


@pytest.mark.parametrize(
    "options",
    [
        {"boosting_type": "rf", "subsample": 0.6, "subsample_freq": 1},
        {"boosting_type": "dart"},
        {"zero_as_missing": True},
        {"use_missing": False},
        {"objective": "poisson"},
        {"reg_sqrt": True},
        {"extra_trees": True},
    ],
)
def test_lightgbm_variants(options):
    import lightgbm as library

    X = rows("missing")
    X[::5, 0] = 0.0
    X[1::9, 1] = 1e-36
    y = np.abs(target(X, "regression"))
    settings = {"n_estimators": 5, "min_child_samples": 3, "verbose": -1, "n_jobs": 1}
    model = library.LGBMRegressor(**settings, **options).fit(X, y)
    forest = read_forest(model, check=X)
    linked = options.get("objective") == "poisson" or "reg_sqrt" in options
    assert forest.scale == ("margin" if linked else "response")
    assert_exact(forest, X[:5], X[5:12])


def test_lightgbm_forest_is_averaged_in_every_output():
    """LightGBM's own raw score and contributions of a random forest are sums over the trees."""
    options = {"boosting_type": "rf", "subsample": 0.6, "subsample_freq": 1}
    model = lightgbm("regression", "plain", **options)
    X = rows("plain")
    np.testing.assert_allclose(read_forest(model, check=X).predict(X)[:, 0], model.predict(X))
    values, base = path_dependent(model, X)
    np.testing.assert_allclose(base + values.sum(axis=1)[:, 0], model.predict(X))


def test_lightgbm_reads_up_to_the_best_iteration():
    import lightgbm as library

    X = rows("plain")
    y = target(X, "binary")
    model = library.LGBMClassifier(n_estimators=60, verbose=-1, n_jobs=1, min_child_samples=3)
    stop = library.early_stopping(2, verbose=False)
    model.fit(X[:300], y[:300], eval_X=(X[300:],), eval_y=(y[300:],), callbacks=[stop])
    forest = read_forest(model, check=X)
    assert forest.n_trees == model.best_iteration_ < 60
    assert read_forest(model.booster_, check=X).n_trees == forest.n_trees


def test_lightgbm_with_linear_leaves_is_refused():
    model = lightgbm("regression", "plain", linear_tree=True)
    with pytest.raises(UnreadableModelError, match="hold linear models"):
        read_forest(model)


def test_lightgbm_single_leaf_trees():
    import lightgbm as library

    X = rows("plain", n=30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = library.LGBMRegressor(n_estimators=3, min_child_samples=100, verbose=-1)
        model.fit(X, target(X, "regression"))
    forest = read_forest(model, check=X)
    values, base = interventional(forest, X[:3], X)
    assert not values.any()
    assert base == pytest.approx(model.predict(X[:1]))


@pytest.mark.filterwarnings("ignore:.*is deprecated:UserWarning")  # XGBoost 3.4
@pytest.mark.parametrize(
    "options",
    [
        {"booster": "dart", "rate_drop": 0.5},
        {"num_parallel_tree": 3, "subsample": 0.5},
        {"objective": "count:poisson"},
        {"objective": "reg:gamma"},
        {"objective": "reg:tweedie"},
        {"objective": "reg:logistic"},
        {"objective": "binary:logitraw"},
        {"objective": "binary:hinge"},
        {"objective": "reg:absoluteerror"},
        {"objective": "reg:pseudohubererror"},
        {"objective": "reg:quantileerror", "quantile_alpha": 0.7},
        {"objective": "survival:cox"},
        {"grow_policy": "lossguide", "max_leaves": 9, "max_depth": 0},
        {"base_score": 0.3},
    ],
)
def test_xgboost_variants(options):
    import xgboost as library

    X = rows("missing")
    y = 1 / (1 + np.exp(-target(X, "regression")))
    if options.get("objective", "").startswith("binary"):
        y = (y > 0.5).astype(int)
    settings = {"n_estimators": 5, "max_depth": 4, "n_jobs": 1, "random_state": 0}
    model = library.XGBRegressor(**{**settings, **options}).fit(X, y)
    forest = read_forest(model, check=X)
    assert forest.scale in ("margin", "response")
    assert_exact(forest, X[:5], X[5:12])


@pytest.mark.parametrize("one_hot", [1, 100])
def test_xgboost_category_sets_and_single_categories(one_hot):
    model = xgboost("multiclass", "category+missing", max_cat_to_onehot=one_hot)
    X = rows("category+missing", n=300, seed=9)
    forest = read_forest(model, check=X)
    sizes = np.diff(forest.listed_start)
    assert sizes.max() > 1 if one_hot == 1 else sizes.max() == 1
    assert_exact(forest, X[:5], X[5:12])


def test_xgboost_reads_up_to_the_best_iteration():
    import xgboost as library

    X = rows("plain")
    y = target(X, "binary")
    model = library.XGBClassifier(n_estimators=80, early_stopping_rounds=2, n_jobs=1)
    model.fit(X[:300], y[:300], eval_set=[(X[300:], y[300:])], verbose=False)
    assert read_forest(model, check=X).n_trees == model.best_iteration + 1 < 80
    booster = model.get_booster()
    assert read_forest(booster, check=X).n_trees == booster.num_boosted_rounds()


def test_xgboost_one_tree_for_each_target():
    import xgboost as library

    X = rows("plain")
    y = np.column_stack([target(X, "regression"), X[:, 0]])
    model = library.XGBRegressor(n_estimators=3, max_depth=3, n_jobs=1).fit(X, y)
    forest = read_forest(model, check=X)
    assert forest.n_outputs == 2
    assert_exact(forest, X[:4], X[4:9])


@pytest.mark.filterwarnings("ignore:.*is deprecated:UserWarning")  # XGBoost 3.4
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"booster": "gblinear"}, "has no trees"),
        ({"missing": -999.0}, "takes a number as missing"),
    ],
)
def test_xgboost_models_that_are_refused(options, message):
    import xgboost as library

    X = rows("plain")
    model = library.XGBRegressor(n_estimators=2, n_jobs=1, **options)
    model.fit(X, target(X, "regression"))
    with pytest.raises(UnreadableModelError, match=message):
        read_forest(model)


def test_histogram_categories_in_any_place_and_unknown_ones():
    from sklearn.ensemble import HistGradientBoostingClassifier

    X = rows("category+missing")
    y = target(X, "binary")
    moved = X[:, [0, 4, 1, 3, 2]]
    moved[:, 1] = moved[:, 1] * 10 + 5  # values that are not 0, 1, 2, …
    model = HistGradientBoostingClassifier(
        max_iter=5, categorical_features=[1], min_samples_leaf=3
    ).fit(moved, y)
    moved[:30, 1] = [7.0, -5.0, 1000.0] * 10
    forest = read_forest(model, check=moved)
    assert set(forest.listed_value) == {10.0 * code + 5 for code in range(N_CATEGORIES)}
    assert_exact(forest, moved[:6], moved[28:36])


def test_histogram_text_categories_stand_as_places():
    import pandas as pd
    from sklearn.ensemble import HistGradientBoostingRegressor

    codes = rows("category+missing")
    y = target(codes, "regression")
    frame = pd.DataFrame(codes, columns=list("abcde"))
    names = pd.array([None if np.isnan(c) else f"k{c:.0f}" for c in codes[:, 4]], dtype="str")
    frame["e"] = pd.Categorical(names)
    model = HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=3).fit(frame, y)
    codes[:10, 4] = 77.0
    forest = read_forest(model, check=codes)
    assert forest.listed_value.size
    np.testing.assert_allclose(forest.predict(codes[10:])[:, 0], model.predict(frame[10:]))
    assert_exact(forest, codes[:6], codes[8:15])


@pytest.mark.parametrize("loss", ["poisson", "gamma", "absolute_error", "quantile"])
def test_histogram_losses(loss):
    from sklearn.ensemble import HistGradientBoostingRegressor

    X = rows("missing")
    y = np.exp(target(X, "regression") / 3)
    quantile = 0.6 if loss == "quantile" else None
    model = HistGradientBoostingRegressor(loss=loss, quantile=quantile, max_iter=4).fit(X, y)
    forest = read_forest(model, check=X)
    assert forest.scale == ("margin" if loss in ("poisson", "gamma") else "response")


@pytest.mark.parametrize("family", ["lightgbm", "xgboost"])
def test_categories_of_a_frame_stand_as_codes(family):
    import pandas as pd

    codes = rows("category+missing")
    frame = pd.DataFrame(codes, columns=list("abcde"))
    names = [f"k{code}" for code in range(N_CATEGORIES)]
    frame["e"] = pd.Categorical.from_codes(np.nan_to_num(codes[:, 4], nan=-1).astype(int), names)
    y = target(codes, "regression")
    if family == "lightgbm":
        import lightgbm as library

        model = library.LGBMRegressor(n_estimators=4, verbose=-1, n_jobs=1).fit(frame, y)
    else:
        import xgboost as library

        model = library.XGBRegressor(n_estimators=4, enable_categorical=True, n_jobs=1)
        model.fit(frame, y)
    forest = read_forest(model, check=codes)
    assert forest.listed_value.size
    np.testing.assert_allclose(forest.predict(codes)[:, 0], model.predict(frame), atol=1e-5)


def test_checking_on_no_rows_is_refused():
    with pytest.raises(ArgumentError, match="no rows to check"):
        read_forest(BUILDERS["decision_tree"]("binary", "plain"), check=np.empty((0, 5)))


def test_forest_values_follow_the_class_order():
    from sklearn.ensemble import RandomForestClassifier

    X = rows("plain")
    y = np.array(["zebra", "ant"])[(X[:, 0] > 0).astype(int)]  # ant where x0 is high
    model = RandomForestClassifier(10, random_state=0).fit(X, y)
    forest = read_forest(model, check=X)
    values, base = interventional(forest, X, X)
    np.testing.assert_allclose(base + values.sum(axis=1), model.predict_proba(X), atol=1e-12)
    high = X[:, 0] > 0.5
    assert values[high, 0, list(model.classes_).index("ant")].min() > 0
    np.testing.assert_allclose(values[..., 0], -values[..., 1], atol=1e-12)


def test_bag_whose_members_lack_a_class():
    from sklearn.ensemble import BaggingClassifier
    from sklearn.tree import DecisionTreeClassifier

    X = rows("plain", n=60)
    y = target(X, "multiclass")
    model = BaggingClassifier(n_estimators=4, random_state=1).fit(X, y)
    model.estimators_[1] = DecisionTreeClassifier(random_state=0).fit(X[y != 1], y[y != 1])
    assert_exact(read_forest(model, check=X), X[:5], X[5:12])


def test_deep_forest():
    """A tree of 120 levels, on two columns that share their work."""
    from sklearn.tree import DecisionTreeRegressor

    x = np.arange(121.0)
    X = np.column_stack([x, 500 - x, np.zeros(121), x % 7])
    model = DecisionTreeRegressor(random_state=0).fit(X, 4.0**x)
    assert model.get_depth() > 100
    forest = read_forest(model, check=X)
    scaled = replace(forest, value=forest.value / np.abs(forest.value).max())
    assert_exact(scaled, X[-6:], X[::20])


def test_gradient_boosting_starts():
    from sklearn.ensemble import GradientBoostingRegressor
    from sklearn.linear_model import LinearRegression

    X = rows("plain")
    y = target(X, "regression")
    model = GradientBoostingRegressor(n_estimators=3, init="zero").fit(X, y)
    assert read_forest(model, check=X).base.tolist() == [0.0]
    model = GradientBoostingRegressor(n_estimators=3, init=LinearRegression()).fit(X, y)
    with pytest.raises(UnreadableModelError, match="starts from another model"):
        read_forest(model)


def test_several_targets_are_refused():
    from sklearn.tree import DecisionTreeRegressor

    model = DecisionTreeRegressor().fit([[0.0], [1.0]], [[0.0, 1.0], [1.0, 2.0]])
    with pytest.raises(UnreadableModelError, match="several targets"):
        read_forest(model)


def test_other_models_are_refused():
    from sklearn.ensemble import AdaBoostClassifier, IsolationForest, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    for model in (LogisticRegression(), AdaBoostClassifier(), IsolationForest()):
        assert not is_readable(model)
        with pytest.raises(UnreadableModelError, match="not made of trees"):
            read_forest(model)
    with pytest.raises(UnreadableModelError, match="cannot be read"):
        read_forest(RandomForestClassifier())


@pytest.mark.parametrize("family", ["lightgbm", "xgboost"])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_path_dependent_adds_up(family, task):
    model = BUILDERS[family](task, "category+missing")
    X = rows("category+missing", n=30, seed=8)
    values, base = path_dependent(model, X)
    forest = read_forest(model, check=X)
    assert values.shape == (30, 5, forest.n_outputs)
    np.testing.assert_allclose(base + values.sum(axis=1), forest.predict(X), atol=1e-4)


def test_path_dependent_is_refused_elsewhere():
    with pytest.raises(UnreadableModelError, match="only LightGBM and XGBoost"):
        path_dependent(BUILDERS["decision_tree"]("binary", "plain"), rows("plain"))
