"""What a row could become within the limits, as matrices of codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.protocol import Floats
from explain.recourse.columns import Column
from explain.recourse.limits import Limits
from explain.recourse.pairs import Pairs

Bools = NDArray[np.bool_]


WIDE = 1_000
"""Columns from which on fewer candidates are tried."""


@dataclass(frozen=True, eq=False)
class Span:
    """Where a column's codes may go.

    Parameters
    ----------
    low, high : float
        The least and the greatest new code.
    values : ndarray of float64
        Codes that are offered and allowed, ascending; empty where the column stays.
    """

    low: float
    high: float
    values: Floats

    @property
    def is_free(self) -> bool:
        """Whether the column may change."""
        return len(self.values) > 0


@dataclass(frozen=True, eq=False)
class Space:
    """A row, its columns and where each may go.

    Parameters
    ----------
    row : DataFrame of one row
    columns : tuple of Column
        In the frame's order.
    spans : tuple of Span
    most : int
        How many columns may change.
    pairs : Pairs or None
        Levels that may go together; None where all may.
    """

    row: pd.DataFrame
    columns: tuple[Column, ...]
    spans: tuple[Span, ...]
    most: int
    pairs: Pairs | None = None

    @cached_property
    def origin(self) -> Floats:
        """The row's codes, shape (n_columns,)."""
        return np.array([column.origin for column in self.columns])

    @cached_property
    def free(self) -> list[int]:
        """Places of the columns that may change."""
        return [place for place, span in enumerate(self.spans) if span.is_free]

    def fewer(self, count: int) -> int:
        """Return how many of so many candidates are affordable: a wide row takes its time."""
        return max(1, int(count * min(1.0, WIDE / len(self.columns))))

    @cached_property
    def fixed(self) -> tuple[str, ...]:
        """Columns that no limit but their content keeps: free text, or nothing to choose from."""
        return tuple(one.name for one in self.columns if not one.has_choice)

    def without(self, places: Bools) -> Space:
        """Return the space in which some columns stay as they are."""
        spans = tuple(
            Span(one.low, one.high, np.empty(0)) if stays else one
            for one, stays in zip(self.spans, places, strict=True)
        )
        return replace(self, spans=spans, most=min(self.most, sum(one.is_free for one in spans)))

    def changed(self, codes: Floats) -> Bools:
        """Return which codes are not the row's, shape (n, n_columns)."""
        same: Bools = (codes == self.origin) | (np.isnan(codes) & np.isnan(self.origin))
        return ~same

    def goes_together(self, codes: Floats) -> Bools:
        """Return which candidates have no new level that the data do not have with others."""
        if self.pairs is None:
            return np.ones(len(codes), dtype=bool)
        return self.pairs.have(codes, self.origin, self.changed(codes))

    def frame(self, codes: Floats) -> pd.DataFrame:
        """Return codes as raw rows; what is not changed is the row's own value."""
        changed = self.changed(codes)
        parts = [
            pd.DataFrame(self._block(places, codes, changed), columns=self.row.columns[places])
            for places in self._alike
        ]
        loose = {
            self.columns[place].name: self._values(place, codes, changed) for place in self._loose
        }
        if loose or not parts:
            parts.append(pd.DataFrame(loose, index=range(len(codes)), copy=False))
        if len(parts) == 1:
            return parts[0]
        return pd.concat(parts, axis=1)[list(self.row.columns)]

    @cached_property
    def _alike(self) -> list[NDArray[np.int64]]:
        """Places of columns of numbers, by type: they are filled at once, where there are many."""
        alike: dict[str, list[int]] = {}
        for place, kind in enumerate(self.row.dtypes):
            if isinstance(kind, np.dtype) and kind.kind in "biuf":
                alike.setdefault(str(kind), []).append(place)
        return [np.array(places, dtype=np.int64) for places in alike.values()]

    @cached_property
    def _loose(self) -> list[int]:
        """Places of all other columns."""
        alike = {place for places in self._alike for place in places.tolist()}
        return [place for place in range(len(self.columns)) if place not in alike]

    def _block(self, places: NDArray[np.int64], codes: Floats, changed: Bools) -> Any:
        """Return the values of columns of one type."""
        own = self.row.iloc[:, places].to_numpy()
        table = np.asfortranarray(np.repeat(own, len(codes), axis=0))
        for spot in np.flatnonzero(changed[:, places].any(axis=0)).tolist():
            place, where = places[spot], changed[:, places[spot]]
            table[where, spot] = self.columns[place].decode(codes[where, place])
        return table

    def _values(self, place: int, codes: Floats, changed: Bools) -> Any:
        """Return the values of one column."""
        where = changed[:, place]
        values = self.row.iloc[:, place].array.take(np.zeros(len(codes), dtype=np.int64))
        if where.any():
            values[where] = self.columns[place].decode(codes[where, place])
        return values


def build(
    row: pd.DataFrame, columns: Sequence[Column], limits: Limits, pairs: Pairs | None = None
) -> Space:
    """Lay the limits on the columns."""
    spans = tuple(span_of(column, limits) for column in columns)
    return of_spans(row, columns, spans, limits, pairs)


def of_spans(
    row: pd.DataFrame,
    columns: Sequence[Column],
    spans: tuple[Span, ...],
    limits: Limits,
    pairs: Pairs | None = None,
) -> Space:
    """Return the space of spans, with the number of changes that the limits allow."""
    free = sum(span.is_free for span in spans)
    most = free if limits.most_changes is None else min(limits.most_changes, free)
    return Space(row, tuple(columns), spans, most, pairs if limits.combinations else None)


def span_of(column: Column, limits: Limits) -> Span:
    """Return where the limits let a column go."""
    nowhere = Span(np.nan, np.nan, np.empty(0))
    if column.name in limits.kept or column.axis == "text":
        return nowhere
    if not len(column.offered):
        return nowhere
    low, high = _bounds(column, limits)
    if column.has_order and not np.isnan(column.origin):
        low = max(low, column.origin) if column.name in limits.rising else low
        high = min(high, column.origin) if column.name in limits.falling else high
    values = column.offered
    values = values[(values >= low) & (values <= high) & (values != column.origin)]
    if limits.usual and column.name not in (limits.ranges or {}):
        values = values[~column.is_rare(values)]
    return Span(low, high, values)


def _bounds(column: Column, limits: Limits) -> tuple[float, float]:
    """Return the range of the limits, never wider than the data."""
    low, high = float(column.known[0]), float(column.known[-1])
    if not column.is_metric:
        return low, high
    given = (limits.ranges or {}).get(column.name)
    if given is not None:
        return max(low, given.low), min(high, given.high)
    return column.tails if limits.percentiles else (low, high)
