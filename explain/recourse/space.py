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

Bools = NDArray[np.bool_]

TAILS = (0.01, 0.99)
"""Percentiles between which numbers stay where no range is given."""


@dataclass(frozen=True, eq=False)
class Span:
    """Where a column's codes may go.

    Parameters
    ----------
    low, high : float
        The least and the greatest new code.
    values : ndarray of float64
        Codes that occur and are allowed, ascending; empty where the column stays.
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
    """

    row: pd.DataFrame
    columns: tuple[Column, ...]
    spans: tuple[Span, ...]
    most: int

    @cached_property
    def origin(self) -> Floats:
        """The row's codes, shape (n_columns,)."""
        return np.array([column.origin for column in self.columns])

    @cached_property
    def free(self) -> list[int]:
        """Places of the columns that may change."""
        return [place for place, span in enumerate(self.spans) if span.is_free]

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

    def frame(self, codes: Floats) -> pd.DataFrame:
        """Return codes as raw rows; what is not changed is the row's own value."""
        changed = self.changed(codes)
        found = self.row.take(np.zeros(len(codes), dtype=np.int64)).reset_index(drop=True)
        arrays = {name: values.array for name, values in found.items()}
        for place in np.flatnonzero(changed.any(axis=0)):
            column, where = self.columns[place], changed[:, place]
            values = arrays[column.name].copy()
            values[where] = column.decode(codes[where, place])
            arrays[column.name] = values
        # Put together once: column by column is slow where there are many.
        return pd.DataFrame(arrays, copy=False)


def build(row: pd.DataFrame, columns: Sequence[Column], limits: Limits) -> Space:
    """Lay the limits on the columns."""
    spans = tuple(span_of(column, limits) for column in columns)
    free = sum(span.is_free for span in spans)
    most = free if limits.most_changes is None else min(limits.most_changes, free)
    return Space(row, tuple(columns), spans, most)


def span_of(column: Column, limits: Limits) -> Span:
    """Return where the limits let a column go."""
    nowhere = Span(np.nan, np.nan, np.empty(0))
    if column.name in limits.immutable or column.axis == "text":
        return nowhere
    known = column.codes[~np.isnan(column.codes)]
    if not len(known):
        return nowhere
    low, high = _bounds(column, known, limits)
    if column.has_order and not np.isnan(column.origin):
        low = max(low, column.origin) if column.name in limits.increasing else low
        high = min(high, column.origin) if column.name in limits.decreasing else high
    seen = np.unique(known)
    values = seen[(seen >= low) & (seen <= high) & (seen != column.origin)]
    if column.step and not column.discrete:
        round_ = np.unique(column.on_grid(values))
        round_ = round_[(round_ >= low) & (round_ <= high) & (round_ != column.origin)]
        values = round_ if len(round_) else values
    return Span(low, high, values)


def _bounds(column: Column, known: Floats, limits: Limits) -> tuple[float, float]:
    """Return the range of the limits, never wider than the data."""
    low, high = float(known.min()), float(known.max())
    if not column.is_metric:
        return low, high
    given = (limits.ranges or {}).get(column.name)
    if given is not None:
        return max(low, given.low), min(high, given.high)
    if limits.percentiles:
        tails: Any = np.quantile(known, TAILS, method="inverted_cdf")
        return float(tails[0]), float(tails[1])
    return low, high
