"""Seconds beside shap, beside the libraries' own calls and beside scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import explain
from benchmarks.explanations.clock import timed
from benchmarks.explanations.models import classifiers
from explain.protocol import Scale

ROWS, COLUMNS = 10_000, 20
SHAP_ROWS = {100: 100, 10_000: 2}
"""Rows that shap is given for each number of references; its time for all is extrapolated."""


def measure(rows: int = ROWS) -> dict[str, Any]:
    """Measure all three on the same table."""
    X, y = _table(rows)
    models = _models(X, y)
    return {
        "interventional": [
            _interventional(name, models[name], X, m)
            for name in ("lightgbm", "xgboost", "random_forest")
            for m in (100, rows)
        ],
        "path_dependent": [
            _path_dependent(name, models[name], X) for name in ("lightgbm", "xgboost")
        ],
        "pdp": [_pdp(name, models[name], X) for name in ("lightgbm", "random_forest", "linear")],
        "by_default": _by_default(models["ensemble"], X),
    }


def _table(n: int) -> tuple[pd.DataFrame, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, COLUMNS)).astype(np.float32).astype(np.float64)
    margin = X[:, 0] * X[:, 1] + X[:, 2] - (X[:, 3] > 0) * X[:, 4] + 0.5 * X[:, 5:10].sum(axis=1)
    y = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(int)
    return pd.DataFrame(X, columns=[f"x{j}" for j in range(COLUMNS)]), y


def _models(X: pd.DataFrame, y: Any) -> dict[str, Any]:
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from xgboost import XGBClassifier

    found = {
        "lightgbm": LGBMClassifier(n_estimators=200, num_leaves=31, n_jobs=2, verbose=-1),
        "xgboost": XGBClassifier(n_estimators=200, max_depth=6, n_jobs=2),
        "random_forest": RandomForestClassifier(200, max_leaf_nodes=64, n_jobs=2, random_state=0),
        "linear": LogisticRegression(max_iter=1000),
        "ensemble": classifiers(0)["ensemble"],
    }
    return {name: model.fit(X, y) for name, model in found.items()}


def _interventional(name: str, model: Any, X: pd.DataFrame, m: int) -> dict[str, Any]:
    import shap

    scale: Scale = "probability" if name == "random_forest" else "margin"
    background = X.iloc[:m]
    ours, found = timed(lambda: explain.explain(model, X, background=background, scale=scale))
    few = X.iloc[-SHAP_ROWS.get(m, 2) :]
    # Handed over as an array, a background of more than 100 rows would be cut to 100.
    masker = shap.maskers.Independent(background.to_numpy(), max_samples=m)
    explainer = shap.TreeExplainer(model, masker)
    theirs, values = timed(lambda: explainer.shap_values(few.to_numpy()))
    values = np.asarray(values)
    if values.ndim == 3:
        values = values[..., 1] if values.shape[-1] == 2 else values[1]
    return {
        "model": name,
        "references": m,
        "rows": len(X),
        "seconds": round(ours, 2),
        "label": found.label,
        "shap_rows": len(few),
        "shap_seconds": round(theirs, 2),
        "shap_extrapolated_seconds": round(theirs * len(X) / len(few), 1),
        "largest_difference": float(np.abs(values - found.values[-len(few) :]).max()),
    }


def _path_dependent(name: str, model: Any, X: pd.DataFrame) -> dict[str, Any]:
    from xgboost import DMatrix

    def native() -> Any:
        if name == "lightgbm":
            return model.booster_.predict(X, pred_contrib=True)
        return model.get_booster().predict(DMatrix(X), pred_contribs=True)

    theirs, values = timed(native, 3)
    ours, found = timed(lambda: explain.explain(model, X, method="path_dependent"), 3)
    return {
        "model": name,
        "seconds": round(ours, 2),
        "native_seconds": round(theirs, 2),
        "label": found.label,
        "largest_difference": float(np.abs(values[:, :-1] - found.values).max()),
    }


def _pdp(name: str, model: Any, X: pd.DataFrame) -> dict[str, Any]:
    from sklearn.inspection import partial_dependence

    rows = X.iloc[:1_000]

    def brute() -> Any:
        return [
            partial_dependence(model, rows, [column], grid_resolution=50, method="brute")
            for column in rows.columns
        ]

    def ours() -> Any:
        return explain.effects(
            model, rows, columns=list(rows.columns), scale="probability", max_rows=1_000
        )

    their_seconds, _ = timed(brute)
    our_seconds, _ = timed(ours)
    return {
        "model": name,
        "seconds": round(our_seconds, 2),
        "sklearn_seconds": round(their_seconds, 2),
        "share": round(our_seconds / their_seconds, 3),
    }


def _by_default(
    model: Any, X: pd.DataFrame, rows: int = 5, references: int = 20
) -> dict[str, Any]:
    """Explain the probabilities of an ensemble as each is called by default."""
    import shap

    background, some = X.iloc[:references], X.iloc[-rows:]

    def chance(matrix: Any) -> Any:
        return model.predict_proba(pd.DataFrame(matrix, columns=X.columns))[:, 1]

    calls: dict[str, Callable[[], Any]] = {
        "candor": lambda: (
            explain.explain(model, some, background=background, scale="probability").values
        ),
        "kernel": lambda: shap.KernelExplainer(chance, background.to_numpy()).shap_values(
            some.to_numpy(), silent=True
        ),
        "permutation": lambda: (
            shap.PermutationExplainer(chance, background.to_numpy())(
                some.to_numpy(), silent=True
            ).values
        ),
    }
    found = {name: timed(call) for name, call in calls.items()}
    kernel = np.asarray(found["kernel"][1])
    return {
        "rows": rows,
        "references": references,
        "seconds": {name: round(seconds, 2) for name, (seconds, _) in found.items()},
        "relative_difference_from_kernel": {
            name: float(np.abs(values - kernel).sum() / np.abs(kernel).sum())
            for name, (_, values) in found.items()
        },
    }
