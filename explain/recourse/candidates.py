"""Where candidates come from: single columns swept, and rows of the data carried over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explain.protocol import Floats
from explain.recourse.columns import Column
from explain.recourse.cost import costs_of
from explain.recourse.space import Space, Span

Ints = NDArray[np.int64]

SWEEP = 1_200
"""Values that are tried over all columns."""

LEAST_VALUES, MOST_VALUES = 3, 40
"""Values that are tried of one column."""


def values_of(space: Space) -> dict[int, Floats]:
    """Return the values to try of each column that may change."""
    each = int(np.clip(space.fewer(SWEEP) // max(1, len(space.free)), LEAST_VALUES, MOST_VALUES))
    return {place: _spread(space.columns[place], space.spans[place], each) for place in space.free}


def _spread(column: Column, span: Span, most: int) -> Floats:
    """Choose values, evenly in the data's distribution, with the extremes and the nearest ones."""
    values = span.values
    if len(values) <= most:
        return values
    if not column.is_metric:
        known = column.codes[~np.isnan(column.codes)]
        counts = np.bincount(known.astype(np.int64))[values.astype(np.int64)]
        return np.sort(values[np.argsort(-counts, kind="stable")[:most]])
    places = column.place(values)
    near = np.searchsorted(places, np.linspace(places[0], places[-1], most))
    beside = int(np.searchsorted(values, column.origin))
    chosen = np.concatenate([near, [0, beside - 1, beside, len(values) - 1]])
    return np.asarray(values[np.unique(chosen.clip(0, len(values) - 1))])


def swept(space: Space, values: dict[int, Floats]) -> Floats:
    """Return the row with one column changed, for every value of every column."""
    total = sum(len(one) for one in values.values())
    codes = np.tile(space.origin, (total, 1))
    start = 0
    for place, one in values.items():
        codes[start : start + len(one), place] = one
        start += len(one)
    return codes


def grid(space: Space, values: dict[int, Floats]) -> Floats:
    """Return every combination of values, with the row's own, of no more changes than allowed."""
    codes = space.origin[None, :]
    for place, one in values.items():
        choices = np.concatenate([[space.origin[place]], one])
        codes = np.repeat(codes, len(choices), axis=0)
        codes[:, place] = np.tile(choices, len(codes) // len(choices))
        codes = codes[space.changed(codes).sum(axis=1) <= space.most]
    return codes


def grid_size(values: dict[int, Floats], most: int) -> float:
    """Return how many combinations there are of at most so many changes."""
    counts = np.zeros(most + 1)
    counts[0] = 1.0
    for one in values.values():
        counts[1:] += counts[:-1] * len(one)
    return float(counts.sum())


def carried(space: Space) -> Floats:
    """Return the data's rows as the row could become them: the nearest first.

    What may not change is the row's own, and so is what is missing or out of reach; numbers
    become the nearest that are allowed on their side of the row's own.
    """
    n_rows = len(space.columns[0].codes)
    codes = np.tile(space.origin, (n_rows, 1))
    for place in space.free:
        column, values = space.columns[place], space.spans[place].values
        if column.is_metric:
            codes[:, place] = _nearest(column, values)
        else:
            codes[:, place] = np.where(np.isin(column.codes, values), column.codes, column.origin)
    order = np.argsort(costs_of(space, codes).sum(axis=1), kind="stable")
    return np.asarray(codes[order])


def _nearest(column: Column, values: Floats) -> Floats:
    """Return the nearest of some values to each of the data's, on its side of the row's own."""
    theirs, own = column.codes, column.origin
    found = np.full(len(theirs), own)
    sides = [(~np.isnan(theirs), values)]
    if not np.isnan(own):
        sides = [(theirs > own, values[values > own]), (theirs < own, values[values < own])]
    for where, some in sides:
        if not len(some):
            continue
        behind = np.searchsorted(some, theirs[where]).clip(1, max(1, len(some) - 1))
        left, right = some[behind - 1], some[np.minimum(behind, len(some) - 1)]
        nearer = theirs[where] - left <= right - theirs[where]
        found[where] = np.where(nearer, left, right)
    return found
