"""Tables and models that several tests ask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest


class Scored:
    """A classifier made of a function of frames that gives the probability of the last label."""

    def __init__(
        self, columns: Any, function: Any, classes: Any = ("no", "yes"), cut: float = 0.5
    ):
        self.feature_names_in_ = np.array(columns, dtype=object)
        self.classes_ = np.array(classes)
        self.function, self.cut = function, cut

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        chance = np.asarray(self.function(rows), dtype=float)
        return np.column_stack([1 - chance, chance])

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        return self.classes_[(self.predict_proba(rows)[:, 1] >= self.cut).astype(int)]


@pytest.fixture(scope="session")
def scored() -> type[Scored]:
    return Scored


@pytest.fixture(scope="session")
def people() -> pd.DataFrame:
    """Return a table of all kinds of columns."""
    rng = np.random.default_rng(0)
    n = 600
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "income": rng.normal(30, 10, n).round(2),
            "ratio": rng.random(n),
            "rooms": rng.integers(1, 6, n).astype("int8"),
            "job": rng.choice(["clerk", "nurse", "driver", "cook"], n),
            "grade": pd.Categorical(
                rng.choice(["low", "middle", "high"], n),
                categories=["low", "middle", "high"],
                ordered=True,
            ),
            "owner": rng.random(n) < 0.4,
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
            "note": [f"note {k} of this person" for k in range(n)],
        }
    )
    frame.loc[rng.random(n) < 0.1, "income"] = np.nan
    frame.loc[rng.random(n) < 0.1, "job"] = None
    return frame


def chance(rows: pd.DataFrame) -> np.ndarray:
    """Return a probability that every kind of column moves."""
    level = rows["grade"].cat.codes.to_numpy()
    years = (rows["since"] - pd.Timestamp("2020-01-01")).dt.days.to_numpy() / 365
    margin = (
        0.05 * (rows["age"].to_numpy() - 50)
        + 0.08 * (rows["income"].fillna(10).to_numpy() - 30)
        + 1.5 * rows["ratio"].to_numpy()
        + 0.3 * rows["rooms"].to_numpy()
        + (rows["job"] == "nurse").to_numpy() * 1.2
        + 0.8 * level
        + rows["owner"].to_numpy() * 0.7
        - 0.6 * years
        - 3.0
    )
    return 1 / (1 + np.exp(-margin))


@pytest.fixture(scope="session")
def lender(people: pd.DataFrame) -> Scored:
    return Scored(people.columns, chance, cut=0.6)
