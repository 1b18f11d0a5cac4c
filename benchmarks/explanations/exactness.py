"""Six columns, all 64 coalitions: how far values are from the truth, beside shap's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

import explain
from benchmarks.explanations.models import TABLES, classifiers
from benchmarks.explanations.truth import Floats, brute_force
from explain.protocol import Scale

ROWS, REFERENCES, TRAINING = 20, 100, 5_000
SEEDS = (0, 1, 2, 3, 4)
ON_PROBABILITY = ("random_forest",)
"""Models that add up on the probability; the margin of a forest is a curve put on it."""


SCALES: tuple[Scale, ...] = ("margin", "probability")


@dataclass(frozen=True)
class Comparison:
    """One model's values on one scale beside the truth.

    Parameters
    ----------
    model, table, scale : str
        What was explained.
    seed : int
        Of rows and model.
    label : str
        What Candor says of its values.
    largest, relative : float
        Largest error over the mean absolute value; sum of errors over the sum of absolute values.
    shap_relative : float or None
        The same of shap's TreeExplainer with ``model_output="probability"``.
    """

    model: str
    table: str
    scale: str
    seed: int
    label: str
    largest: float
    relative: float
    shap_relative: float | None


def measure(seeds: tuple[int, ...] = SEEDS, rows: int = ROWS) -> dict[str, Any]:
    """Compare every model on every table; the worst of each scale counts."""
    found = [one for seed in seeds for one in _of_seed(seed, rows)]
    additive = [one for one in found if one.scale == _additive_scale(one.model)]
    chances = [one for one in found if one.scale == "probability"]
    boosted = [one.shap_relative for one in chances if one.shap_relative is not None]
    return {
        "comparisons": [asdict(one) for one in found],
        "additive_largest": max(one.largest for one in additive if one.model != "ensemble"),
        "probability_relative": max(one.relative for one in chances),
        "shap_probability_relative": [min(boosted), max(boosted)],
        "wrong_labels": [asdict(one) for one in found if not _label_is_right(one)],
    }


def _additive_scale(model: str) -> str:
    return "probability" if model in ON_PROBABILITY else "margin"


def _label_is_right(one: Comparison) -> bool:
    """Exact values have rounding errors only; others must not call themselves exact."""
    return (one.label == "exact") == (one.relative < 1e-5)


def _of_seed(seed: int, n_rows: int) -> list[Comparison]:
    found = []
    for name, draw in TABLES.items():
        rng = np.random.default_rng([seed, 7])
        X, y = draw(rng, TRAINING)
        rows, background = X.iloc[:n_rows], X.iloc[-REFERENCES:].reset_index(drop=True)
        for kind, model in classifiers(seed).items():
            model.fit(X, y)
            found += [
                _compare(kind, name, model, scale, seed, rows, background) for scale in SCALES
            ]
    return found


def _compare(
    kind: str,
    table: str,
    model: Any,
    scale: Scale,
    seed: int,
    rows: pd.DataFrame,
    background: pd.DataFrame,
) -> Comparison:
    truth, _ = brute_force(_prediction(kind, model, scale), rows, background)
    ours = explain.explain(model, rows, background=background, scale=scale)
    shap_relative = None
    if scale == "probability" and kind not in ("ensemble", "linear"):
        shap_relative = _relative(_shap_probability(model, rows, background), truth)
    error = np.abs(ours.values - truth)
    largest = float(error.max() / np.abs(truth).mean())
    relative = _relative(ours.values, truth)
    return Comparison(kind, table, scale, seed, ours.label, largest, relative, shap_relative)


def _relative(values: Floats, truth: Floats) -> float:
    return float(np.abs(values - truth).sum() / np.abs(truth).sum())


def _prediction(kind: str, model: Any, scale: str) -> Callable[[pd.DataFrame], Floats]:
    """Return the model's own output, from the library itself."""
    if scale == "probability":
        return lambda rows: np.asarray(model.predict_proba(rows)[:, 1], dtype=np.float64)
    if kind == "lightgbm":
        return lambda rows: np.asarray(model.predict(rows, raw_score=True), dtype=np.float64)
    if kind == "xgboost":
        return lambda rows: np.asarray(model.predict(rows, output_margin=True), dtype=np.float64)
    if hasattr(model, "decision_function"):
        return lambda rows: np.asarray(model.decision_function(rows), dtype=np.float64)

    def log_odds(rows: pd.DataFrame) -> Floats:
        chance = np.clip(model.predict_proba(rows)[:, 1], 1e-7, 1 - 1e-7)
        return np.asarray(np.log(chance) - np.log1p(-chance), dtype=np.float64)

    return log_odds


def _shap_probability(model: Any, rows: pd.DataFrame, background: pd.DataFrame) -> Floats:
    import shap

    explainer = shap.TreeExplainer(model, background, model_output="probability")
    values = np.asarray(explainer.shap_values(rows), dtype=np.float64)
    if values.ndim == 3:  # one slice a class, last in newer versions and first in older ones
        values = values[..., 1] if values.shape[-1] == 2 else values[1]
    return values
