"""One column a level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from automl.features.levels import SHIFT, CodeColumn, frequency_order

MAX_LEVELS = 100
MAX_LEVELS_HIGH = 30
MISSING_AT = 1


@dataclass(frozen=True, eq=False)
class OneHot:
    """Which feature each code switches on.

    Parameters
    ----------
    columns : ndarray of int64
        The code columns that have features.
    offsets : ndarray of int64
        Where code 0 of each of them stands in `table`.
    table : ndarray of int64
        Feature that a level switches on; -1 for none.
    names : tuple of str
        Name of each feature.
    owners : ndarray of int64, shape (n_features,)
        The code column of each feature.
    """

    columns: NDArray[np.int64]
    offsets: NDArray[np.int64]
    table: NDArray[np.int64]
    names: tuple[str, ...]
    owners: NDArray[np.int64]

    @property
    def width(self) -> int:
        """Number of features."""
        return len(self.names)

    def write(self, codes: NDArray[np.int32], out: NDArray[np.floating]) -> None:
        """Write the features of rows into `out`, shape (n_rows, width)."""
        out[:] = 0
        position = self._positions(codes)
        rows, columns = np.nonzero(position >= 0)
        out[rows, position[rows, columns]] = 1

    def matrix(self, codes: NDArray[np.int32]) -> sparse.csr_matrix:
        """Return the features of rows as a sparse matrix."""
        position = self._positions(codes)
        on = position >= 0
        ends = np.concatenate([[0], np.cumsum(on.sum(axis=1))])
        ones = np.ones(ends[-1], dtype=np.float32)
        return sparse.csr_matrix((ones, position[on], ends), shape=(len(codes), self.width))

    def _positions(self, codes: NDArray[np.int32]) -> NDArray[np.int64]:
        position: NDArray[np.int64] = self.table[codes[:, self.columns] + self.offsets]
        return position


def fit_onehot(codes: NDArray[np.int32], columns: tuple[CodeColumn, ...]) -> OneHot:
    """Give frequent levels a column each; the rest of a column's levels share one."""
    chosen: list[int] = []
    offsets: list[int] = []
    tables: list[NDArray[np.int64]] = []
    names: list[str] = []
    owners: list[int] = []
    start = 0
    for j, column in enumerate(columns):
        if column.crossed:
            continue
        index = codes[:, j].astype(np.int64) + SHIFT
        counts = np.bincount(index, minlength=column.n_levels + SHIFT)
        table, labels = _column(column, counts)
        if not labels:
            continue
        chosen.append(j)
        offsets.append(start + SHIFT)
        tables.append(np.where(table >= 0, table + len(names), -1))
        start += len(table)
        names.extend(labels)
        owners.extend([j] * len(labels))
    return OneHot(
        np.array(chosen, dtype=np.int64),
        np.array(offsets, dtype=np.int64),
        np.concatenate(tables) if tables else np.empty(0, dtype=np.int64),
        tuple(names),
        np.array(owners, dtype=np.int64),
    )


def min_count(n_rows: int) -> int:
    """Return how often a level has to occur for a column of its own: 2, up to 10 for many rows."""
    return int(np.clip(n_rows // 1000, 2, 10))


def _column(column: CodeColumn, counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the feature of each level, counted from 0, and the features' names."""
    table = np.full(len(counts), -1, dtype=np.int64)
    if np.count_nonzero(counts) < 2:
        return table, []
    order = frequency_order(counts)
    limit = MAX_LEVELS_HIGH if column.high else MAX_LEVELS
    frequent = order[counts[order + SHIFT] >= min_count(int(counts.sum()))][:limit]
    missing, rare = counts[MISSING_AT] > 0, len(order) > len(frequent)
    if len(frequent) == 2 and not missing and not rare:
        # Two levels are one contrast.
        frequent = frequent[1:]
    table[frequent + SHIFT] = np.arange(len(frequent))
    labels = [f"{column.name} level {code}" for code in frequent]
    if rare:
        known = np.zeros(len(counts), dtype=bool)
        known[frequent + SHIFT] = known[MISSING_AT] = True
        table[~known] = len(labels)
        labels.append(f"{column.name} infrequent")
    if missing:
        table[MISSING_AT] = len(labels)
        labels.append(f"{column.name} missing")
    return table, labels
