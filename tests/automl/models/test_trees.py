"""Forests and histogram trees as plain arrays: the same predictions, and nothing forged loads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from model_rows import facts, rows
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)

from automl.features.base import Encoding
from automl.models import FitLimits, get_family
from automl.models.codes import Recoding, within_levels
from automl.models.files import read_arrays, write_arrays
from automl.models.forests import MOST_LEAVES, ForestFamily, least_leaf, most_leaves
from automl.models.hist_trees import HistTrees
from automl.models.trees import Forest, check_nodes

ORDINAL, NATIVE = Encoding("ordinal"), Encoding("native")


def test_a_forest_predicts_what_scikit_learn_predicts() -> None:
    train, test = rows("multiclass", ORDINAL), rows("multiclass", ORDINAL, seed=2)
    original = ExtraTreesClassifier(20, random_state=0).fit(train.X.values, train.y)
    forest = Forest.of(original, 4)
    expected = original.predict_proba(test.X.values)
    np.testing.assert_allclose(forest.predict(test.X.values), expected, atol=1e-7)
    again = Forest.from_arrays(forest.to_arrays(), 4)
    np.testing.assert_array_equal(again.predict(test.X.values), forest.predict(test.X.values))


def test_threads_predict_the_same() -> None:
    train = rows("regression", ORDINAL, n_rows=400)
    original = RandomForestRegressor(10, random_state=0).fit(train.X.values, train.y / 1e6)
    forest = Forest.of(original, 1)
    many = np.tile(train.X.values, (25, 1))
    np.testing.assert_array_equal(forest.predict(many, 1), forest.predict(many, 3))
    np.testing.assert_allclose(forest.predict(many)[:, 0], original.predict(many), rtol=1e-6)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    family, about = get_family("random_forest"), facts("multiclass")
    params = {"n_trees": 5, "max_features": 0.5, "min_samples_leaf": 1, "criterion": "gini"}
    family.fit(params, rows("multiclass", ORDINAL), None, about, FitLimits()).save(tmp_path)
    return tmp_path


def forge(folder: Path, name: str, place: int, value: object) -> None:
    arrays = read_arrays(folder)
    arrays[name] = arrays[name].copy()
    arrays[name][place] = value
    write_arrays(folder, arrays)


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("left_child", 0, 10**6),
        ("left_child", 0, 0),
        ("right_child", 0, -7),
        ("feature", 0, 99),
        ("feature", 0, -5),
        ("n_nodes", 0, 1),
        ("n_nodes", 0, 10**6),
        ("n_nodes", 0, 0),
        ("columns", 0, 4),
        ("columns", 0, -1),
        ("filled", 0, 10**6),
        ("filled", 0, -1),
        ("values", 0, np.nan),
    ],
)
def test_a_forged_forest_is_refused(saved: Path, name: str, place: int, value: object) -> None:
    forge(saved, name, place, value)
    with pytest.raises(ValueError, match=r"a saved (forest|tree)"):
        get_family("random_forest").model_class.load(saved)


def test_an_array_of_objects_is_refused(saved: Path) -> None:
    arrays = read_arrays(saved)
    arrays["values"] = np.array([{}], dtype=object)
    write_arrays(saved, arrays)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        get_family("random_forest").model_class.load(saved)


def test_a_leaf_with_a_child_is_refused() -> None:
    left, right, feature = np.array([1, -1, -1]), np.array([2, -1, 5]), np.array([0, -2, -2])
    with pytest.raises(ValueError, match="a saved tree is damaged"):
        check_nodes(left, right, feature, 1)


def test_leaves_are_bounded_by_rows_and_classes() -> None:
    params = {"n_trees": 100, "min_samples_leaf": 1}
    assert [least_leaf(params, n) for n in (1_000, 30_000, 200_000)] == [1, 2, 5]
    assert most_leaves(params, 1) == MOST_LEAVES
    assert most_leaves(params, 100) == 2_500
    assert least_leaf(params | {"min_samples_leaf": 20}, 200_000) == 20


@pytest.mark.parametrize("name", ["random_forest", "extra_trees"])
def test_many_rows_are_sampled_for_each_tree(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automl.models.forests._SAMPLED_ROWS", 50)
    family, about = get_family(name), facts("regression")
    assert isinstance(family, ForestFamily)
    train = rows("regression", ORDINAL)
    params = {"n_trees": 5, "max_features": 1.0, "min_samples_leaf": 1}
    model = family.fit(params, train, None, about, FitLimits())
    most = max(len(tree.__getstate__()["nodes"]) for tree in model.forest.trees)  # type: ignore[attr-defined]
    assert most <= 2 * 50


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_histogram_trees_predict_what_scikit_learn_predicts(task: str) -> None:
    train, test = rows(task, NATIVE, n_rows=400), rows(task, NATIVE, seed=2)
    kind = (
        HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    )
    y = train.y / 1e6 if task == "regression" else train.y
    original = kind(max_iter=20, categorical_features=[4], early_stopping=False, random_state=0)
    original.fit(train.X.values, y)
    recoding = Recoding.of(train.X, 255)
    trees = HistTrees.of(original, 20)
    raw = trees.predict(recoding.transform(test.X.values), task != "regression")
    if task == "regression":
        expected = original.predict(test.X.values)
    else:
        expected = original.predict_proba(test.X.values)
        expected = expected[:, 1] if task == "binary" else expected
    np.testing.assert_allclose(raw, expected)
    n_sums = 4 if task == "multiclass" else 1
    again = HistTrees.from_arrays(trees.to_arrays(), 5, n_sums)
    X = recoding.transform(test.X.values)
    np.testing.assert_array_equal(again.predict(X, False), trees.predict(X, False))


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("left", 0, 10**6),
        ("right", 0, 0),
        ("feature_idx", 0, 5),
        ("n_nodes", 0, 1),
        ("n_bitsets", 0, 10**6),
        ("bitset_idx", None, 10**6),
        ("places", slice(None), 77),
    ],
)
def test_forged_histogram_trees_are_refused(
    tmp_path: Path, name: str, place: object, value: object
) -> None:
    family, about = get_family("hist_gradient_boosting"), facts("binary")
    params = dict(family.presets(about)[0].params)
    family.fit(params, rows("binary", NATIVE), None, about, FitLimits(rounds=5)).save(tmp_path)
    arrays = read_arrays(tmp_path)
    by_set = np.flatnonzero(arrays["is_categorical"] & (1 - arrays["is_leaf"]))
    assert len(by_set) > 0
    forge(tmp_path, name, by_set if place is None else place, value)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="saved tree"):
        family.model_class.load(tmp_path)


def test_codes_are_renumbered_and_strange_ones_missing() -> None:
    train = rows("binary", NATIVE, n_rows=4)
    values = np.column_stack([np.arange(4.0), [5.0, 1.0, 5.0, np.nan]])
    X = replace(train.X, values=values, categorical=(1,), n_levels=(6,))
    recoding = Recoding.of(X, 255)
    asked = np.column_stack([np.arange(5.0), [1.0, 5.0, 3.0, np.nan, -2.0]])
    expected = [[0, 0], [1, 1], [np.nan, 2], [np.nan, 3], [np.nan, 4]]
    np.testing.assert_array_equal(recoding.transform(asked), expected)
    assert Recoding.from_json(recoding.to_json()) == recoding
    # Too many levels: a number like others.
    np.testing.assert_array_equal(Recoding.of(X, 1).transform(asked), asked)


@pytest.mark.parametrize(
    "state",
    [
        {"n_features": 2, "levels": [[2, [0, 1]]]},
        {"n_features": 2, "levels": [[-1, [0, 1]]]},
        {"n_features": 2, "levels": [[0, [0]], [0, [1]]]},
        {"n_features": 2, "levels": [[0, [1, 0]]]},
    ],
)
def test_impossible_codes_are_refused(state: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a saved model has categor"):
        Recoding.from_json(state)


def test_codes_beyond_their_levels_are_missing_and_the_input_stays() -> None:
    values = np.array([[0.0, 9.0], [2.0, 9.0], [-1.0, 9.0], [np.nan, 9.0]])
    before = values.copy()
    expected = [[0, 9], [np.nan, 9], [np.nan, 9], [np.nan, 9]]
    np.testing.assert_array_equal(within_levels(values, ((0, 2),)), expected)
    np.testing.assert_array_equal(values, before)
    assert within_levels(values[:1], ((0, 2),)).base is values
