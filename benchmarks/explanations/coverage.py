"""How often 95 % error bars hold what the full background gives exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import explain
from benchmarks.explanations.models import TABLES, classifiers
from benchmarks.explanations.truth import Floats
from explain.protocol import Scale

POPULATION, REFERENCES, ROWS, REPEATS = 5_000, 100, 50, 20


def measure(repeats: int = REPEATS, rows: int = ROWS) -> dict[str, Any]:
    """Draw backgrounds of 100 rows and compare with the background of all 5,000."""
    found: dict[str, Any] = {}
    for table, draw in TABLES.items():
        X, y = draw(np.random.default_rng(11), POPULATION + rows)
        background, explained = X.iloc[:POPULATION], X.iloc[POPULATION:]
        model = classifiers(0)["lightgbm"].fit(background, y[:POPULATION])
        found[f"{table}, lightgbm, margin"] = _covered(
            model, explained, background, "margin", repeats
        )
    wide = _wide(rows)
    found["14 columns, ensemble, probability"] = _covered(
        *wide, "probability", max(2, repeats // 5)
    )
    return found


def _wide(rows: int) -> tuple[Any, pd.DataFrame, pd.DataFrame]:
    """Return a model of too many columns to enumerate, with rows and population."""
    rng = np.random.default_rng(12)
    X = pd.DataFrame(rng.normal(size=(2_000 + rows, 14)), columns=[f"x{j}" for j in range(14)])
    margin = X["x0"] * X["x1"] + X["x2"] - X["x3"] * (X["x4"] > 0) + 0.5 * X["x5"]
    y = (rng.random(len(X)) < 1 / (1 + np.exp(-2 * margin))).astype(int)
    model = classifiers(0)["ensemble"].fit(X.iloc[:2_000], y.iloc[:2_000])
    return model, X.iloc[2_000 : 2_000 + min(rows, 20)], X.iloc[:2_000]


def _covered(
    model: Any, rows: pd.DataFrame, population: pd.DataFrame, scale: Scale, repeats: int
) -> dict[str, Any]:
    truth, exact = _truth(model, rows, population, scale)
    hits: list[NDArray[np.bool_]] = []
    for repeat in range(repeats):
        drawn = population.sample(REFERENCES, random_state=repeat)
        found = explain.explain(model, rows, background=drawn, scale=scale, seed=repeat)
        low, high = found.interval(0.95)
        hits.append((low <= truth) & (truth <= high))
    covered = np.array(hits)
    by_column = covered.mean(axis=(0, 1))
    return {
        "coverage": float(covered.mean()),
        "lowest_column": float(by_column.min()),
        "highest_column": float(by_column.max()),
        "truth": exact,
        "rows": len(rows),
        "backgrounds": repeats,
    }


def _truth(
    model: Any, rows: pd.DataFrame, population: pd.DataFrame, scale: Scale
) -> tuple[Floats, str]:
    """Return the values on the whole population, the mean of many runs where they are sampled."""
    found = explain.explain(model, rows, background=population, scale=scale)
    if found.label == "exact":
        return found.values, "exact"
    runs = [
        explain.explain(model, rows, background=population, scale=scale, seed=seed).values
        for seed in range(1_000, 1_020)
    ]
    return np.mean(runs, axis=0), "mean of 20 runs, each with a background of its own"
