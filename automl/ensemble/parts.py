"""Row parts for cross-fitting: what is chosen on the other parts is applied to each part."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

N_PARTS = 5
"""Parts that rows are dealt into where one fold held all of them out."""


def part_numbers(fold_of_rows: NDArray[Any], seed: int) -> NDArray[np.int64]:
    """Return a part number for each row, from 0 on.

    Parameters
    ----------
    fold_of_rows : ndarray, shape (n_rows,)
        The fold that held each row out: the parts, where there are several.
    seed : int
        Seed of the deal where there is one fold only.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
        Numbers of the folds, or of 5 random parts of one size.
    """
    folds, numbers = np.unique(fold_of_rows, return_inverse=True)
    if len(folds) > 1:
        return numbers.astype(np.int64)
    dealt = np.arange(len(fold_of_rows)) % N_PARTS
    shuffled: NDArray[np.int64] = np.random.default_rng(seed).permutation(dealt)
    return shuffled


def others_and_own(parts: NDArray[np.int64]) -> list[tuple[Rows, Rows]]:
    """Return, for each part, the rows of the other parts and its own."""
    return [(np.flatnonzero(parts != k), np.flatnonzero(parts == k)) for k in np.unique(parts)]
