"""Small tables on which the models of these tests are fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Sample:
    """A table with a target of each kind."""

    X: pd.DataFrame
    value: NDArray[np.float64]
    binary: NDArray[Any]
    several: NDArray[Any]


def numbers(n: int = 160, seed: int = 0) -> Sample:
    """Return five numbers that interact; "idle" does not change while models are fitted."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 4)).round(3), columns=["a", "b", "c", "d"])
    X["idle"] = 1.0
    score = X["a"] + X["a"] * X["b"] - np.abs(X["c"]) + 0.1 * rng.normal(size=n)
    return _with_targets(X, score.to_numpy(), rng)


def mixed(n: int = 200, seed: int = 0, *, missing: bool = True) -> Sample:
    """Return numbers, texts with few levels, and free text, some of them missing."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n).astype(np.float64),
            "income": rng.lognormal(3, 0.5, n).round(2),
            "city": rng.choice(["Bonn", "Köln", "Ulm", "Jena"], n),
            "job": rng.choice(["none", "part", "full"], n),
        }
    )
    effect = X["city"].map({"Bonn": 0.0, "Köln": -1.0, "Ulm": 2.0, "Jena": 0.5})
    score = (
        (X["age"] - 50) / 15
        + (X["income"] > 20) * effect
        - (X["job"] == "none")
        + 0.1 * rng.normal(size=n)
    )
    if missing:
        X.loc[rng.random(n) < 0.15, "age"] = np.nan
        gone = rng.random(n) < 0.15
        gone[[0, 4, 12, 14]] = True  # rows that are explained, or references
        X.loc[gone, "city"] = None
        score[gone] += 3
    return _with_targets(X, score.to_numpy(), rng)


def as_categories(X: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its texts as categories."""
    return X.assign(city=X["city"].astype("category"), job=X["job"].astype("category"))


def _with_targets(X: pd.DataFrame, score: Any, rng: np.random.Generator) -> Sample:
    low, high = np.quantile(score, [0.35, 0.7])
    several = np.where(score < low, "low", np.where(score < high, "middle", "high"))
    return Sample(X, score, np.where(score > np.median(score), "yes", "no"), several)
