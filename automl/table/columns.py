"""Typed columns: what a schema makes of raw rows, and what every encoder reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSING = -1
"""Code of a missing category."""

UNSEEN = -2
"""Code of a category that the schema does not know."""


@dataclass(frozen=True)
class Layout:
    """Which raw column stands where in `Columns`.

    Parameters
    ----------
    numeric : tuple of str
        Names of numeric and boolean columns, in the order of `Columns.numeric`.
    categorical : tuple of str
        Names of categorical and high-cardinality columns, in the order of `Columns.codes`.
    n_levels : tuple of int
        Number of levels of each categorical column; codes run from 0 to n_levels - 1.
    high_cardinality : tuple of bool
        Whether each categorical column has too many levels for one-hot columns.
    times : tuple of str
        Names of datetime columns, in the order of `Columns.times`.
    texts : tuple of str
        Names of text columns, in the order of `Columns.texts`.
    """

    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    n_levels: tuple[int, ...] = ()
    high_cardinality: tuple[bool, ...] = ()
    times: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def n_columns(self) -> int:
        """Number of raw columns in all blocks."""
        return len(self.numeric) + len(self.categorical) + len(self.times) + len(self.texts)


@dataclass(frozen=True)
class Columns:
    """Rows of a table as typed blocks.

    Parameters
    ----------
    layout : Layout
        Names of the columns in each block.
    numeric : ndarray of float64, shape (n_rows, n_numeric)
        Numbers and booleans (0, 1); NaN where missing, never infinite.
    codes : ndarray of int32, shape (n_rows, n_categorical)
        Level numbers; `MISSING` (-1) or `UNSEEN` (-2) otherwise.
    times : ndarray of float64, shape (n_rows, n_times)
        Seconds since 1970-01-01 UTC; NaN where missing.
    texts : tuple of ndarray of object, each of shape (n_rows,)
        Strings; the empty string where missing.
    """

    layout: Layout
    numeric: NDArray[np.float64]
    codes: NDArray[np.int32]
    times: NDArray[np.float64]
    texts: tuple[NDArray[np.object_], ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.numeric.shape[0])

    def take(self, rows: NDArray[np.int64]) -> Columns:
        """Return the rows at the given positions."""
        return Columns(
            self.layout,
            self.numeric[rows],
            self.codes[rows],
            self.times[rows],
            tuple(text[rows] for text in self.texts),
        )
