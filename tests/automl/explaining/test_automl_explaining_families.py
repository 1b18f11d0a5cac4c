"""Winners of every family and task open themselves: parts, sums, raw columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from explained_homes import COLUMNS, TASKS, homes, member, strange

import automl
from automl.models.registry import is_registered, known_families
from explain import explain
from explain.parts import evaluate

FAMILIES = (
    "baseline",
    "linear",
    "knn",
    "random_forest",
    "extra_trees",
    "hist_gradient_boosting",
    "lightgbm",
    "xgboost",
    "mlp",
)
SLOW = {
    (family, task)
    for family in ("extra_trees", "hist_gradient_boosting", "random_forest", "xgboost")
    for task in TASKS
} - {
    ("extra_trees", "multiclass"),
    ("hist_gradient_boosting", "binary"),
    ("random_forest", "binary"),
    ("xgboost", "binary"),
}
ALL = [
    pytest.param(family, task, marks=[pytest.mark.slow] if (family, task) in SLOW else [])
    for family in FAMILIES
    for task in TASKS
]

CLOSED = {"baseline", "linear", "hist_gradient_boosting", "lightgbm", "xgboost"}
"""Families whose margins have closed forms."""


def test_all_families_are_looked_at():
    built_in = {name for name in known_families() if not is_registered(name)}
    assert built_in - {"catboost", "ebm"} == set(FAMILIES)


@pytest.mark.parametrize(("family", "task"), ALL)
def test_parts_give_the_margin_of_strange_rows(family, task):
    model = member(family, task)
    parts = model.explain_parts()
    rows = strange()
    expected = model.margin(rows).reshape(len(rows), -1)
    assert parts.scale == ("response" if task == "regression" else "margin")
    size = np.abs(expected).max()
    tolerance = (1e-5 if family in ("xgboost", "mlp") else 1e-9) * max(1.0, size)
    found = evaluate(parts.precise or parts.node, rows)
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)
    if family in CLOSED:
        # Where no probability is clipped, what has a closed form gives the margin too.
        inside = np.full(len(rows), True)
        if task != "regression":
            inside = model.predict_proba(rows).min(axis=1) > 1e-5
        assert inside.mean() > 0.3
        found = evaluate(parts.node, rows)
        np.testing.assert_allclose(found[inside], expected[inside], rtol=0, atol=tolerance)


@pytest.mark.parametrize(("family", "task"), ALL)
def test_values_of_raw_columns_add_up_to_the_margin(family, task):
    model = member(family, task)
    rows, background = strange(8), homes(40, seed=3)
    found = explain(model, rows, background=background)
    ignored = ("note", "day") if family == "knn" else ()
    assert found.columns == tuple(name for name in COLUMNS if name not in ignored)
    expected = model.margin(rows)
    assert found.predictions.dtype == np.float64
    np.testing.assert_allclose(found.predictions, expected, atol=1e-9, rtol=1e-9)
    total = found.base_values + found.values.sum(axis=1)
    size = np.abs(expected).max()
    np.testing.assert_allclose(total, expected, rtol=0, atol=1e-5 * max(1.0, size))
    base = model.margin(background).mean(axis=0)
    np.testing.assert_allclose(found.base_values, base, rtol=0, atol=1e-5 * max(1.0, size))
    assert found.task == task
    assert found.classes == tuple(getattr(model, "classes_", ()))
    if family in CLOSED:
        assert found.label == "exact"


@pytest.mark.parametrize("family", ["lightgbm", "knn"])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_probabilities_are_explained_as_probabilities(family, task):
    model = member(family, task)
    rows, background = homes(6, seed=5), homes(15, seed=3)
    found = explain(model, rows, background=background, scale="probability")
    chances = model.predict_proba(rows)
    expected = chances if task == "multiclass" else chances[:, 1]
    np.testing.assert_allclose(found.predictions, expected, atol=1e-12)
    np.testing.assert_allclose(
        found.base_values + found.values.sum(axis=1), expected, rtol=0, atol=1e-6
    )


def test_values_are_those_of_brute_force_over_raw_columns():
    model = member("lightgbm", "binary")
    rows, background = homes(3, seed=5), homes(12, seed=3)
    found = explain(model, rows, background=background)
    raw, others = rows[list(COLUMNS)], background[list(COLUMNS)]
    blind = explain(lambda frame: model.margin(frame), raw, background=others)
    assert blind.label == "exact"
    assert "closed form" in found.route
    np.testing.assert_allclose(found.values, blind.values, rtol=0, atol=1e-9)


@pytest.mark.parametrize("named", [True, False], ids=["frame", "array"])
def test_estimators_open_as_their_winners_do(named: bool) -> None:
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.normal(size=(200, 3)), columns=list("abc"))
    y = np.where(X["a"] * X["b"] + X["c"] > 0, "yes", "no")
    rows = X if named else X.to_numpy()
    model = automl.AutoMLClassifier(
        families=["lightgbm", "linear"], n_trials=2, in_process=True, n_jobs=1
    ).fit(rows, y)
    found = explain(model, rows)
    assert (found.label, found.scale) == ("exact", "margin")
    chance = model.predict_proba(rows)[:, 1]
    margin = np.log(chance) - np.log1p(-chance)
    np.testing.assert_allclose(found.base_values + found.values.sum(axis=1), margin, atol=1e-8)
    assert found.columns == (("a", "b", "c") if named else ("x0", "x1", "x2"))
