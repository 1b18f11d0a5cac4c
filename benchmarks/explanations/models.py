"""Tables and models that the explanations are measured on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

COLUMNS = 6
FOREST_LEAVES = 64


def smooth(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Draw numbers whose log-odds are smooth, with one product."""
    X = rng.normal(size=(n, COLUMNS))
    margin = 2 * X[:, 0] - X[:, 1] + 1.5 * X[:, 2] * X[:, 3] + np.sin(2 * X[:, 4])
    return _table(X), _classes(rng, 1.5 * margin)


def stepped(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Draw whole numbers and correlated ones, whose log-odds jump."""
    X = rng.normal(size=(n, COLUMNS))
    X[:, 1] = 0.8 * X[:, 0] + 0.6 * X[:, 1]
    X[:, 5] = rng.integers(0, 5, n)
    margin = 3 * (X[:, 0] > 0.5) * (X[:, 5] > 2) - 2 * (X[:, 1] < 0) + (X[:, 2] > 0) * X[:, 3]
    return _table(X), _classes(rng, 1.5 * margin)


def skewed(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Draw heavy tails and a rare class."""
    X = rng.normal(size=(n, COLUMNS))
    X[:, :3] = np.exp(X[:, :3])
    margin = np.log(X[:, 0] * X[:, 1]) + X[:, 3] * X[:, 4] - 0.5 * X[:, 2] - 1.5
    return _table(X), _classes(rng, 1.5 * margin)


TABLES: dict[str, Callable[..., tuple[pd.DataFrame, NDArray[np.int64]]]] = {
    "smooth": smooth,
    "stepped": stepped,
    "skewed": skewed,
}


def classifiers(seed: int) -> dict[str, Any]:
    """Return unfitted classifiers by name; the ensemble averages the probabilities of others."""
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        RandomForestClassifier,
        VotingClassifier,
    )
    from sklearn.linear_model import LogisticRegression
    from xgboost import XGBClassifier

    def lightgbm() -> Any:
        return LGBMClassifier(n_estimators=100, random_state=seed, n_jobs=2, verbose=-1)

    def xgboost() -> Any:
        return XGBClassifier(n_estimators=100, max_depth=5, random_state=seed, n_jobs=2)

    def forest() -> Any:
        return RandomForestClassifier(
            100, max_leaf_nodes=FOREST_LEAVES, random_state=seed, n_jobs=2
        )

    members = [
        ("lightgbm", lightgbm()),
        ("xgboost", xgboost()),
        ("forest", forest()),
        ("linear", LogisticRegression(max_iter=1000)),
    ]
    return {
        "lightgbm": lightgbm(),
        "xgboost": xgboost(),
        "hist_gradient_boosting": HistGradientBoostingClassifier(random_state=seed),
        "random_forest": forest(),
        "linear": LogisticRegression(max_iter=1000),
        "ensemble": VotingClassifier(members, voting="soft", weights=[0.35, 0.30, 0.20, 0.15]),
    }


def _table(X: NDArray[np.float64]) -> pd.DataFrame:
    # In single precision, so that libraries which round thresholds agree with those that do not.
    single = X.astype(np.float32).astype(np.float64)
    return pd.DataFrame(single, columns=[f"x{place}" for place in range(X.shape[1])])


def _classes(rng: np.random.Generator, margin: NDArray[np.float64]) -> NDArray[np.int64]:
    return (rng.random(len(margin)) < 1 / (1 + np.exp(-margin))).astype(np.int64)
