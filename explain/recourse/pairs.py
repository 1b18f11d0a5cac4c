"""Which levels of two columns occur together in the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.protocol import Floats
from explain.recourse.columns import Column

Bools = NDArray[np.bool_]

LEAST_ROWS = 50
"""With fewer rows of data it is chance which levels meet: nothing is said of pairs."""

MANY_ROWS, OFTEN = 1_000, 3
"""From so many rows on, a pair has to occur this often: one row may be a mistake of the data."""

MOST_LEVELS = 50
"""A column of more levels has none that are seen with most of another's."""

MOST_TOGETHER = 400
"""Levels of all columns that are looked at: those of the columns with the fewest."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of levels that occur together in the data, a missing value being a level.

    Parameters
    ----------
    places : ndarray of int
        Of the columns of few levels among all columns.
    levels : tuple of ndarray of float64
        Each one's codes, ascending.
    starts : ndarray of int
        Where each one's levels start in `occur`.
    occur : ndarray of bool, shape (n_levels, n_levels)
        Which levels occur together.
    """

    places: NDArray[np.int64]
    levels: tuple[Floats, ...]
    starts: NDArray[np.int64]
    occur: Bools

    def have(self, codes: Floats, origin: Floats, changed: Bools) -> Bools:
        """Return which candidates have only pairs that occur.

        Looked at are pairs with a new level. One with a level that stays does not count where the
        row's own pair does not occur: then the data do not know the row.
        """
        spots = _spots(self.levels, self.starts, codes[:, self.places])
        own = _spots(self.levels, self.starts, origin[None, self.places])[0]
        stays = ~changed[:, self.places]
        good = np.ones(len(codes), dtype=bool)
        for one in range(len(self.places)):
            who = np.flatnonzero(~stays[:, one] & good)
            unknown = ~self.occur[own[one], own]
            found = self.occur[spots[who, one][:, None], spots[who]]
            good[who] = (found | (unknown & stays[who])).all(axis=1)
        return good


def pairs_of(columns: Sequence[Column]) -> Pairs | None:
    """Count which levels occur together; None where there is nothing to be told of it."""
    few = [
        place
        for place, one in enumerate(columns)
        if one.axis == "category" and 0 < len(one.distinct) <= MOST_LEVELS
    ]
    few.sort(key=lambda place: len(columns[place].distinct))
    sizes = np.array([len(columns[place].distinct) + 1 for place in few], dtype=np.int64)
    few = few[: int((np.cumsum(sizes) <= MOST_TOGETHER).sum())]
    n_rows = len(columns[0].codes)
    if len(few) < 2 or n_rows < LEAST_ROWS:
        return None
    sizes = sizes[: len(few)]
    starts = np.cumsum(sizes) - sizes
    levels = tuple(columns[place].distinct for place in few)
    spots = _spots(levels, starts, np.column_stack([columns[place].codes for place in few]))
    has = np.zeros((n_rows, int(sizes.sum())), dtype=np.float32)
    has[np.arange(n_rows)[:, None], spots] = 1
    occur = has.T @ has >= (OFTEN if n_rows >= MANY_ROWS else 1)
    for start, size in zip(starts, sizes, strict=True):
        occur[start : start + size, start : start + size] = True  # a column with itself
    return Pairs(np.array(few, dtype=np.int64), levels, starts, occur)


def _spots(levels: Sequence[Floats], starts: Any, codes: Floats) -> NDArray[np.int64]:
    """Return the position of each level in the table; missing values come after a column's."""
    found = [
        start + np.where(np.isnan(theirs), len(known), np.searchsorted(known, theirs))
        for known, start, theirs in zip(levels, starts, codes.T, strict=True)
    ]
    return np.column_stack(found).astype(np.int64)
