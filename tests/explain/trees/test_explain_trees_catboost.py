"""CatBoost's trees: read to the last bit, refused where they split on categories."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from explain import UnreadableModelError, explain
from explain.trees import read_forest

catboost = pytest.importorskip("catboost")

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(400, 4)), columns=list("abcd"))
X.loc[::7, "b"] = np.nan
SCORE = X["a"] * X["c"] + X["b"].fillna(0.3)
TWO = np.where(SCORE > 0, "yes", "no")
THREE = (SCORE > 0).astype(int) + (X["d"] > 1)

SHAPES = [
    {},
    {"grow_policy": "Lossguide"},
    {"grow_policy": "Depthwise", "nan_mode": "Max"},
]


def fitted(kind: str, y: Any, **settings: Any) -> Any:
    model = getattr(catboost, kind)(
        iterations=15, depth=4, verbose=False, allow_writing_files=False, **settings
    )
    return model.fit(X, y)


@pytest.mark.parametrize("shape", SHAPES, ids=["symmetric", "leafwise", "depthwise"])
@pytest.mark.parametrize(
    ("kind", "y", "scale"),
    [
        ("CatBoostClassifier", TWO, "margin"),
        ("CatBoostClassifier", THREE, "margin"),
        ("CatBoostRegressor", SCORE, "response"),
    ],
    ids=["binary", "multiclass", "regression"],
)
def test_trees_give_the_raw_score(shape: Any, kind: str, y: Any, scale: str) -> None:
    model = fitted(kind, y, **shape)
    forest = read_forest(model)
    assert forest.scale == scale
    # Borders of single precision: rows on either side of each, and far away.
    rows = np.concatenate([X.to_numpy(), RNG.normal(size=(300, 4)) * 100, np.full((1, 4), np.nan)])
    raw = np.asarray(model.predict(rows, prediction_type="RawFormulaVal"))
    np.testing.assert_allclose(forest.predict(rows), raw.reshape(len(rows), -1), atol=1e-9)


def test_values_are_exact_and_of_the_second_label() -> None:
    model = fitted("CatBoostClassifier", TWO)
    found = explain(model, X.iloc[:30], background=X)
    assert (found.label, found.scale) == ("exact", "margin")
    raw = model.predict(X.iloc[:30], prediction_type="RawFormulaVal")
    np.testing.assert_allclose(found.base_values + found.values.sum(axis=1), raw, atol=1e-9)
    assert found.classes == ("no", "yes")


def test_categories_are_no_trees_on_columns() -> None:
    rows = X.assign(level=RNG.choice(["x", "y", "z"], len(X)))
    model = catboost.CatBoostClassifier(
        iterations=10, verbose=False, allow_writing_files=False, cat_features=["level"]
    ).fit(rows, TWO)
    with pytest.raises(UnreadableModelError, match="categories and text are no trees"):
        read_forest(model)
    found = explain(model, rows.iloc[:5], background=rows.iloc[:50])
    margins = model.predict(rows.iloc[:5], prediction_type="RawFormulaVal")
    np.testing.assert_allclose(found.base_values + found.values.sum(axis=1), margins, atol=1e-6)
    assert found.verification.note == (
        "CatBoostClassifier could not be read and is treated as a black box: CatBoost's splits on "
        "categories and text are no trees on columns"
    )


def test_unfitted() -> None:
    with pytest.raises(UnreadableModelError, match="not fitted"):
        read_forest(catboost.CatBoostClassifier())
