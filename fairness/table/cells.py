"""Cells: rows that agree in everything that is counted, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.errors import CountTableError
from fairness.table.values import Counts, Floats, Moments

Codes = NDArray[np.intp]

MOST_ROWS = 2**53
"""Whole numbers up to this are exact as floats, too."""

HEAVIEST = 1e60
"""Weights lie between 1 over this and this: fourth powers of their sums still are numbers."""

_SPACE = 1 << 62
"""Combined codes stay below this."""

_DENSE = 1 << 20
"""Up to so many possible cells, all of them are counted, whether they hold rows or not."""


@dataclass(frozen=True)
class ScoreSums:
    """What the histogram needs of each cell's scores beside their moments.

    Parameters
    ----------
    squared : ndarray of float64, shape (n_cells,)
        Sum of w s².
    low, high : ndarray of float64, shape (n_cells,)
        Smallest and largest score.
    """

    squared: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Mass:
    """How many rows each item stands for, and what they weigh; an item is a row or a cell.

    Parameters
    ----------
    counts : ndarray of int64
        Rows.
    weights, weights_squared : ndarray of float64
        Sum of the rows' weights, and of their squares; the very same array where no row has a
        weight other than 1.
    """

    counts: Counts
    weights: Floats
    weights_squared: Floats

    @property
    def plain(self) -> bool:
        """Whether every row has weight 1."""
        return self.weights is self.weights_squared


@dataclass(frozen=True)
class Sums:
    """What cells, or groups of cells, add up to."""

    mass: Mass
    moments: Mapping[str, Moments]
    scores: ScoreSums | None


def plain_mass(counts: Counts) -> Mass:
    """Return the mass of rows without weights."""
    weights = counts.astype(np.float64)
    return Mass(counts, weights, weights)


def settled(mass: Mass) -> Mass:
    """Return the mass with one array for weights and squares where all weights turn out as 1.

    The sum of (w − 1)² is Σw² − 2 Σw + n: it is 0 only where every weight is 1.
    """
    ones = np.array_equal(mass.weights, mass.counts)
    if ones and np.array_equal(mass.weights_squared, mass.counts):
        return plain_mass(mass.counts)
    return mass


def moments_of(x: Floats, mass: Mass) -> Moments:
    """Return the moments of a quantity that is the same for all rows of an item."""
    total = mass.weights * x
    weighted = total if mass.plain else mass.weights_squared * x
    return Moments(total, weighted, weighted * x)


def locate(codes: Sequence[NDArray[Any]], sizes: Sequence[int]) -> tuple[Codes, NDArray[np.int32]]:
    """Return the cell of each item, and the cells' keys in ascending order.

    Parameters
    ----------
    codes : sequence of ndarray of int, each of shape (n_items,)
        From -1 to the size less 1.
    sizes : sequence of int
        How many codes from 0 there are in each.

    Returns
    -------
    tuple
        The position of each item's cell, and the distinct keys, shape (n_cells, n_codes).
    """
    n = len(codes[0])
    combined = np.zeros(n, dtype=np.int64)
    space = 1
    for column, size in zip(codes, sizes, strict=True):
        if space > _SPACE // (size + 1):
            combined, space = _compressed(combined, space)
        combined *= size + 1
        combined += column
        combined += 1
        space *= size + 1
    cell, n_cells = _compressed(combined, space)
    some_row = np.empty(n_cells, dtype=np.intp)
    some_row[cell] = np.arange(n)
    keys = [np.asarray(column[some_row], dtype=np.int32) for column in codes]
    return cell, np.stack(keys, axis=1)


def _compressed(combined: NDArray[np.int64], space: int) -> tuple[Codes, int]:
    """Give the codes that occur numbers from 0, in their order."""
    if space <= max(_DENSE, 2 * len(combined)):
        occurs = np.zeros(space, dtype=bool)
        occurs[combined] = True
        rank = np.cumsum(occurs) - 1
        return rank[combined], int(rank[-1]) + 1
    cell, distinct = pd.factorize(combined, sort=True)
    return cell, len(distinct)


def add_up(
    cell: Codes,
    n_cells: int,
    mass: Mass,
    moments: Iterable[tuple[str, Moments]] = (),
    scores: ScoreSums | None = None,
) -> Sums:
    """Add up items, which are rows or finer cells, to the cells that they belong to.

    Parameters
    ----------
    cell : ndarray of int, shape (n_items,)
        The cell of each item.
    n_cells : int
        How many cells there are.
    mass : Mass
        Of each item.
    moments : iterable of (str, Moments)
        Of each item; taken one by one, so that they need not all be in memory.
    scores : ScoreSums, optional
        Of each item.

    Returns
    -------
    Sums
        Of each cell.
    """
    counts = _count(cell, n_cells, mass.counts)
    if mass.plain:
        added = plain_mass(counts)
    else:
        added = Mass(
            counts,
            sum_by(cell, n_cells, mass.weights),
            sum_by(cell, n_cells, mass.weights_squared),
        )
    return Sums(
        added,
        {name: _add_moments(cell, n_cells, moment) for name, moment in moments},
        None if scores is None else _add_scores(cell, n_cells, scores),
    )


def sum_by(cell: Codes, n_cells: int, values: Floats) -> Floats:
    """Add up values by cell."""
    added = np.bincount(cell, weights=values, minlength=n_cells)
    return np.asarray(added, dtype=np.float64)


def _count(cell: Codes, n_cells: int, counts: Counts) -> Counts:
    """Add up whole numbers without a detour through floats."""
    total = counts.sum(dtype=np.float64)
    if total > MOST_ROWS:
        raise CountTableError(
            "there are more rows than can be counted", got=f"{total:.4g}, at most {MOST_ROWS:,}"
        )
    if np.all(counts == 1):
        return np.bincount(cell, minlength=n_cells).astype(np.int64)
    added = np.zeros(n_cells, dtype=np.int64)
    np.add.at(added, cell, counts)
    return added


def _add_moments(cell: Codes, n_cells: int, moment: Moments) -> Moments:
    total = sum_by(cell, n_cells, moment.total)
    same = moment.weighted is moment.total
    weighted = total if same else sum_by(cell, n_cells, moment.weighted)
    return Moments(total, weighted, sum_by(cell, n_cells, moment.squared))


def _add_scores(cell: Codes, n_cells: int, scores: ScoreSums) -> ScoreSums:
    low = np.full(n_cells, np.inf)
    high = np.full(n_cells, -np.inf)
    np.minimum.at(low, cell, scores.low)
    np.maximum.at(high, cell, scores.high)
    return ScoreSums(sum_by(cell, n_cells, scores.squared), low, high)
