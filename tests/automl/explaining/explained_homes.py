"""Homes with every kind of raw column, and winners that were searched on them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import automl

TASKS = ("binary", "multiclass", "regression")
COLUMNS = ("size", "age", "town", "day", "note", "garden")
"""Raw columns that are read: one that holds a single value tells nothing."""


def homes(n: int = 140, seed: int = 0) -> pd.DataFrame:
    """Return rows of every kind of raw column, with missing values."""
    rng = np.random.default_rng(seed)
    town = pd.Series(rng.choice(["Oslo", "Bergen", "Moss"], n), dtype=object)
    town[::17] = None
    said = rng.choice(["red house by the sea", "old mill", "new roof and garden", "near park"], n)
    end = rng.choice(["please call", "write soon", "visit us", "ask for the key"], n)
    return pd.DataFrame(
        {
            "size": np.where(rng.random(n) < 0.1, np.nan, rng.uniform(20, 200, n)),
            "age": rng.integers(0, 90, n),
            "town": town,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, n), "D"),
            "note": [
                f"{a}, {b} number {k % 13}" for k, (a, b) in enumerate(zip(said, end, strict=True))
            ],
            "garden": rng.random(n) < 0.5,
            "same": "x",
        }
    )


def price(rows: pd.DataFrame) -> np.ndarray:
    size = rows["size"].fillna(100).to_numpy()
    return size + 60.0 * (rows["town"] == "Oslo") - rows["age"] / 3 + 20.0 * rows["garden"]


def target(rows: pd.DataFrame, task: str) -> np.ndarray:
    value = np.asarray(price(rows))
    if task == "regression":
        return value
    if task == "binary":
        return np.where(value > 110, "yes, buy", "no")
    return np.array(["low", "middle", "high"])[np.digitize(value, [85, 145])]


@cache
def searched(family: str, task: str) -> automl.Result:
    """Search one family, within this process."""
    kind = automl.AutoMLRegressor if task == "regression" else automl.AutoMLClassifier
    rows = homes()
    families = ["linear" if family == "baseline" else family]
    # Neighbours do not beat shares of classes where most features are noise.
    ignore = ["note", "day"] if family == "knn" else []
    model = kind(n_trials=1, families=families, ignore=ignore, in_process=True, n_jobs=1)
    return model.fit(rows, target(rows, task)).result_


def member(family: str, task: str) -> Any:
    """Return a family's only candidate as an estimator."""
    name = family if family == "baseline" else f"{family}-1"
    return searched(family, task).candidate(name)


def strange(n: int = 40) -> pd.DataFrame:
    """Return new rows with unseen levels, all missing and far away values."""
    rows = homes(n, seed=9)
    rows.loc[0, "town"] = "Tromsø"
    rows.loc[1, ["size", "town", "note"]] = [np.nan, None, None]
    rows.loc[2, "age"] = 100_000
    rows.loc[3, "note"] = "\u202e</script> 🙂 zzz"
    rows.loc[4, "day"] = pd.Timestamp("1971-03-04")
    rows.loc[5, "day"] = pd.NaT
    return rows
