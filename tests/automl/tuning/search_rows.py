"""Small rows for tests of the search's machinery."""

from __future__ import annotations

import numpy as np

from automl.table.columns import Columns, Layout
from automl.tuning.scratch import SearchData


def make_rows(
    n_rows: int = 400, n_folds: int = 4, task: str = "binary", seed: int = 0
) -> SearchData:
    """Return rows whose first number and first category carry the signal."""
    rng = np.random.default_rng(seed)
    layout = Layout(("a", "b"), ("c",), (3,), (False,), ("when",), ("words",))
    numeric = rng.normal(size=(n_rows, 2))
    codes = rng.integers(-1, 3, size=(n_rows, 1)).astype(np.int32)
    times = rng.uniform(0, 1e9, size=(n_rows, 1))
    words = np.array([f"row {i % 7} ünï" for i in range(n_rows)], dtype=object)
    signal = numeric[:, 0] + codes[:, 0] + 0.5 * rng.normal(size=n_rows)
    y = (signal > 0.5).astype(np.int64) if task == "binary" else signal
    parts = np.array_split(rng.permutation(n_rows), n_folds)
    everything = np.arange(n_rows)
    folds = tuple((np.setdiff1d(everything, part), np.sort(part)) for part in parts)
    return SearchData(
        Columns(layout, numeric, codes, times, (words,)),
        y,
        None,
        folds,
        "binary" if task == "binary" else "regression",
        2 if task == "binary" else 1,
        seed,
    )
