"""Small tables for the tests of encoders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from automl.features import Encoded, Encoding
from automl.table.columns import MISSING, Columns, Layout

WORDS = [
    *("free", "win", "cash", "now", "call", "me", "later", "home", "prize"),
    *("2nd", "100", "Ähre", "tea-time", "OK", "you're", "naïve", "東京"),
]

ENCODINGS = (
    Encoding(),
    Encoding("native", crosses=True),
    Encoding("native", text="sparse"),
    Encoding("ordinal"),
    Encoding("ordinal", crosses=True),
    Encoding("onehot"),
    Encoding("onehot", "standard"),
    Encoding("onehot", "quantile", "sparse"),
    Encoding("onehot", "standard", "sparse", crosses=True),
    Encoding("native", "quantile"),
)

TASKS = (("binary", 2), ("multiclass", 3), ("multiclass", 12), ("regression", 1))


def messy(n_rows: int, seed: int = 0) -> Columns:
    """Return columns of every kind with missing values."""
    rng = np.random.default_rng(seed)
    numeric = np.column_stack(
        [
            rng.normal(size=n_rows),
            rng.integers(0, 2, n_rows),
            np.exp(rng.normal(size=n_rows) * 3),
            np.full(n_rows, np.nan),
            np.full(n_rows, 7.0),
        ]
    )
    numeric[rng.random(n_rows) < 0.2, 0] = np.nan
    levels = (3, 40, 2, 1, 300)
    codes = np.column_stack([rng.integers(0, size, n_rows) for size in levels]).astype(np.int32)
    codes[rng.random(n_rows) < 0.1, 1] = MISSING
    times = 1.4e9 + rng.random((n_rows, 2)) * 1e8
    times[rng.random(n_rows) < 0.1, 1] = np.nan
    texts = [" ".join(rng.choice(WORDS, rng.integers(0, 9))) for _ in range(n_rows)]
    layout = Layout(
        ("a", "flag", "skewed", "absent", "constant"),
        ("few", "many", "two", "one", "wide"),
        levels,
        (False, True, False, False, True),
        ("begin", "end"),
        ("note",),
    )
    return Columns(layout, numeric, codes, times, (np.array(texts, dtype=object),))


def coded(codes: NDArray[np.int32], n_levels: int, *, high: bool = True) -> Columns:
    """Return one categorical column."""
    n_rows = len(codes)
    layout = Layout(categorical=("c",), n_levels=(n_levels,), high_cardinality=(high,))
    column = np.asarray(codes, dtype=np.int32)[:, None]
    return Columns(layout, np.empty((n_rows, 0)), column, np.empty((n_rows, 0)))


def numbers(values: NDArray[np.float64]) -> Columns:
    """Return numeric columns."""
    layout = Layout(numeric=tuple(f"x{i}" for i in range(values.shape[1])))
    none = np.empty((len(values), 0))
    return Columns(layout, values.astype(np.float64), none.astype(np.int32), none)


def target(task: str, n_classes: int, n_rows: int, seed: int = 0) -> NDArray[np.generic]:
    """Return random targets."""
    rng = np.random.default_rng(seed)
    if task == "regression":
        return 1e6 + rng.normal(size=n_rows)
    return rng.integers(0, n_classes, n_rows)


def dense(encoded: Encoded) -> NDArray[np.floating]:
    """Return the matrix as an array."""
    if sparse.issparse(encoded.values):
        return encoded.values.toarray()
    return encoded.values
