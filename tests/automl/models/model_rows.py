"""Small encoded rows for every family, made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from automl.features.base import Encoded, Encoding
from automl.models import Facts, Rows, Task
from automl.table.columns import Layout

N_CLASSES = {"binary": 2, "multiclass": 4, "regression": 1}
N_LEVELS = 6
TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


def facts(task: Task, n_rows: int = 160, *, weighted: bool = False, n_numbers: int = 4) -> Facts:
    numbers = tuple(f"x{i}" for i in range(n_numbers))
    layout = Layout(numbers, ("c",), (N_LEVELS,), (False,))
    return Facts(task, n_rows, N_CLASSES[task], layout, weighted)


def columns(n_rows: int, seed: int, n_numbers: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Numbers with holes, and codes with holes."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n_rows, n_numbers))
    numbers[rng.random(numbers.shape) < 0.08] = np.nan
    codes = rng.integers(0, N_LEVELS, n_rows).astype(float)
    codes[rng.random(n_rows) < 0.05] = np.nan
    return numbers, codes


def encode(numbers: np.ndarray, codes: np.ndarray, encoding: Encoding) -> Encoded:
    """Lay the columns out as an encoder would."""
    names = tuple(f"x{i}" for i in range(numbers.shape[1]))
    if encoding.kind == "onehot":
        levels = (codes[:, None] == np.arange(N_LEVELS)).astype(float)
        values = np.hstack([np.nan_to_num(numbers), np.isnan(numbers).astype(float), levels])
        made = tuple(f"missing_{name}" for name in names)
        labels = (*names, *made, *(f"c={level}" for level in range(N_LEVELS)))
        sources = (*names, *names, *("c",) * N_LEVELS)
        dense = Encoded(values, (), (), labels, sources)
        if encoding.text == "sparse":
            return replace(dense, values=sparse.csr_matrix(values))
        return dense
    values = np.column_stack([numbers, codes])
    categorical = (numbers.shape[1],) if encoding.kind == "native" else ()
    n_levels = (N_LEVELS,) if categorical else ()
    return Encoded(values, categorical, n_levels, (*names, "c"), (*names, "c"))


def targets(numbers: np.ndarray, codes: np.ndarray, task: Task, seed: int) -> np.ndarray:
    """A target that depends on numbers, a product, and the category."""
    X, c = np.nan_to_num(numbers), np.nan_to_num(codes, nan=-1.0)
    noise = 0.1 * np.random.default_rng(seed + 1000).normal(size=len(X))
    score = 1.5 * X[:, 0] + X[:, -1] * X[:, 0] + (c % 2 == 0) + noise
    if task == "regression":
        return 1e6 + 1e4 * score
    cuts = [0.5] if task == "binary" else [-1.0, 0.3, 1.2]
    return np.digitize(score, cuts).astype(np.int64)


def rows(task: Task, encoding: Encoding, n_rows: int = 160, seed: int = 0) -> Rows:
    numbers, codes = columns(n_rows, seed)
    return Rows(encode(numbers, codes, encoding), targets(numbers, codes, task, seed))


def take(these: Rows, index: np.ndarray) -> Rows:
    weight = None if these.weight is None else these.weight[index]
    return Rows(replace(these.X, values=these.X.values[index]), these.y[index], weight)
