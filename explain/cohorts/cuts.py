"""Columns cut into few disjoint cells, and the conditions that are sums of cells."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explain.profiles import Condition
from explain.profiles.columns import Floats, Ints, RawColumn
from explain.profiles.conditions import cut_points, is_missing

BINS = 10
"""Cells of a number or date, of about equal numbers of rows."""

LEVELS = 50
"""Most frequent levels of a category that are looked at."""

Part = tuple[Condition, ...]
"""What a slice asks of one column: one condition, or two that are the ends of an interval."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A column as cells and conditions.

    Parameters
    ----------
    codes : ndarray of int16, shape (n_rows,)
        The cell of each row.
    member : ndarray of float64, shape (n_conditions, n_cells)
        1 where a cell passes a condition.
    parts : tuple of Part
        The conditions.
    wider : ndarray of int64, shape (n_conditions, 2)
        For an interval with two ends the places of the two conditions with one end, else -1.
    """

    codes: NDArray[np.int16]
    member: Floats
    parts: tuple[Part, ...]
    wider: Ints

    def rows(self, place: int) -> NDArray[np.bool_]:
        """Return which rows pass a condition, shape (n_rows,)."""
        passed: NDArray[np.bool_] = self.member[place][self.codes] > 0
        return passed

    def of(self, rows: NDArray[np.bool_]) -> Cut:
        """Return the cut of some of the rows."""
        return Cut(self.codes[rows], self.member, self.parts, self.wider)

    def sums(self, weight: Floats | None = None) -> Floats:
        """Return the sum of a weight, or the number of rows, under each condition."""
        cells = np.bincount(self.codes, weights=weight, minlength=self.member.shape[1])
        found: Floats = self.member @ cells
        return found


def cut_column(raw: RawColumn, least: int) -> Cut | None:
    """Cut a column; None where it gives no condition with at least `least` rows."""
    return _levels(raw, least) if raw.axis == "category" else _ranges(raw, least)


def _ranges(raw: RawColumn, least: int) -> Cut | None:
    """Cut a number or a date at quantiles; the conditions are all runs of cells."""
    values = raw.values[np.isfinite(raw.values)]
    cuts = cut_points(values, BINS - 1, raw.axis)
    absent = int(raw.missing.sum())
    if not len(cuts) and absent < least:
        return None
    count = len(cuts) + 1
    codes = np.searchsorted(cuts, raw.values, side="right").astype(np.int16)
    codes[raw.missing] = count
    runs = [(i, j) for i in range(count) for j in range(i + 1, count + 1)]
    if not absent:
        runs.remove((0, count))
    places = {run: place for place, run in enumerate(runs)}
    member = np.zeros((len(runs) + 1, count + 1))
    wider = np.full((len(runs) + 1, 2), -1)
    parts = []
    for place, (i, j) in enumerate(runs):
        member[place, i:j] = 1
        if i > 0 and j < count:
            wider[place] = places[i, count], places[0, j]
        parts.append(_interval(raw, cuts, i, j))
    member[-1, count] = 1
    parts.append((is_missing(raw.name, raw.axis),))
    return Cut(codes, member, tuple(parts), wider)


def _interval(raw: RawColumn, cuts: Floats, i: int, j: int) -> Part:
    """Return the condition for the cells from i to before j; missing values never pass."""
    ends = []
    if i > 0:
        ends.append(Condition(raw.name, "from", raw.axis, float(cuts[i - 1])))
    if j <= len(cuts):
        ends.append(Condition(raw.name, "below", raw.axis, float(cuts[j - 1])))
    return tuple(ends) or (Condition(raw.name, "below", raw.axis, math.inf),)


def _levels(raw: RawColumn, least: int) -> Cut | None:
    """Give each frequent level a cell and a condition, the others one cell and none."""
    known = ~raw.missing
    places = np.where(known, raw.values, 0).astype(np.int64)
    counts = np.bincount(places[known], minlength=len(raw.levels))
    frequent = np.argsort(-counts, kind="stable")[:LEVELS]
    frequent = frequent[counts[frequent] >= least]
    parts: list[Part] = [
        (Condition(raw.name, "is", "category", levels=(raw.levels[place],)),) for place in frequent
    ]
    cell = np.full(len(raw.levels) + 1, len(frequent))
    cell[frequent] = np.arange(len(frequent))
    codes = np.where(known, cell[places], len(frequent) + 1)
    if len(raw.levels) - int(known.all()) < 1:
        return None  # one level on every row, or none at all
    member = np.zeros((len(frequent) + 1, len(frequent) + 2))
    member[np.arange(len(frequent)), np.arange(len(frequent))] = 1
    member[-1, -1] = 1
    parts.append((is_missing(raw.name, "category"),))
    if not len(frequent) and int((~known).sum()) < least:
        return None
    return Cut(codes.astype(np.int16), member, tuple(parts), np.full((len(parts), 2), -1))
