"""Small frames with a fixed content, for tests of the table package."""

from __future__ import annotations

import numpy as np
import pandas as pd


def small(n: int = 60, seed: int = 0) -> pd.DataFrame:
    """Two numbers, a category and a binary target `y`."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "a": rng.normal(size=n),
            "b": rng.integers(0, 5, n),
            "c": rng.choice(["x", "y", "z"], n),
            "y": rng.permutation(np.arange(n) % 2),
        }
    )


def one_column(values: object) -> pd.DataFrame:
    """Column `v` beside a feature and a target."""
    series = pd.Series(values)
    n = len(series)
    rng = np.random.default_rng(1)
    return pd.DataFrame({"v": series, "a": rng.normal(size=n), "y": np.arange(n) % 2})
