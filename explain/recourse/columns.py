"""Columns of a table as codes: their values, their distribution, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.errors import ArgumentTypeError
from explain.profiles.columns import RawColumn, read_column
from explain.protocol import Floats

MOST_DECIMALS = 6
"""A column with more decimals is taken as continuous."""

RARE = 0.001
"""A value near which lies less of the data is rare."""

NEAR = 0.01
"""What is near to a number, in ranges between the 1st and 99th percentile."""

TAILS = (0.01, 0.99)
"""Percentiles between which numbers stay where no range is given."""

FEW = 20
"""Texts of no more than this many different values are never free text."""

WORDS = 4.0
"""Texts of more words than this on average are free text."""


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the data as float64 codes; NaN is a missing value.

    Parameters
    ----------
    name : str
    axis : {"number", "time", "category", "text"}
        What codes mean: numbers, seconds since 1970, positions of levels; text never changes.
    ordered : bool
        Whether codes of levels are ordered.
    codes : ndarray of float64, shape (n_rows,)
        The data's.
    origin : float
        The row's.
    source : array of the column's type
        Its different values.
    distinct : ndarray of float64
        Their codes, ascending.
    heights : ndarray of float64
        The share of the data below each, with half of the share that equals it.
    offered : ndarray of float64
        Codes that can be new, ascending: those that occur; of a continuous column rounded.
    step : float
        What new numbers of a continuous column are multiples of; 0 where only values that occur
        can be new.
    decimals : int
        Of those multiples.
    """

    name: str
    axis: Literal["number", "time", "category", "text"]
    ordered: bool
    codes: Floats
    origin: float
    source: Any
    distinct: Floats
    heights: Floats
    offered: Floats
    step: float = 0.0
    decimals: int = 0

    @property
    def is_metric(self) -> bool:
        """Whether codes lie on a line: numbers and times."""
        return self.axis in ("number", "time")

    @property
    def has_order(self) -> bool:
        """Whether codes can rise and fall."""
        return self.is_metric or self.ordered

    @property
    def has_choice(self) -> bool:
        """Whether there is another value than the row's that it could have."""
        known = self.codes[~np.isnan(self.codes)]
        return self.axis != "text" and bool((known != self.origin).any())

    def place(self, codes: Floats) -> Floats:
        """Return the share of the data below each code, linear between values that occur."""
        return np.interp(codes, self.distinct, self.heights, left=0.0, right=1.0)

    @cached_property
    def known(self) -> Floats:
        """The data's codes that are not missing, ascending."""
        return np.sort(self.codes[~np.isnan(self.codes)])

    @cached_property
    def tails(self) -> tuple[float, float]:
        """The 1st and the 99th percentile."""
        low, high = np.quantile(self.known, TAILS, method="inverted_cdf")
        return float(low), float(high)

    def on_grid(self, codes: Floats) -> Floats:
        """Return the nearest multiples of the step."""
        return _rounded(codes, self.step, self.decimals)

    def is_rare(self, codes: Floats) -> NDArray[np.bool_]:
        """Return which codes less than a thousandth of the data have, or have one near to it.

        Of levels only the level itself counts. A number is near to others as it is itself: one
        that many have says nothing of those beside it, but where numbers are rounded.
        """
        least = max(1.0, RARE * len(self.known))
        rare = _within(self.known, codes, 0.0) < least
        if not self.is_metric or not rare.any():
            return rare
        reach = NEAR * (self.tails[1] - self.tails[0])
        apart = _within(self.known, self.known, 0.0) < least
        near = self.known if self.step else self.known[apart]
        return np.asarray(rare & (_within(near, codes, reach) < least))

    def decode(self, codes: Floats) -> Any:
        """Return values of the column's own type."""
        if not self.step:
            return self.source.take(np.searchsorted(self.distinct, codes))
        dtype = self.source.dtype
        return pd.array(codes).astype(dtype) if _is_nullable(dtype) else codes.astype(dtype)


def read(frame: pd.DataFrame, name: str) -> Column:
    """Read a column of a frame whose first row is the row in question, and the rest the data."""
    series = frame[name]
    try:
        raw = read_column(frame, name)
    except ArgumentTypeError:  # lists and the like: nothing to choose from
        return _unchanging(series, name)
    codes = np.where(np.isfinite(raw.values), raw.values, np.nan)
    known = np.flatnonzero(~np.isnan(codes[1:])) + 1
    if raw.axis == "category" and _is_free_text(series, raw):
        return _unchanging(series, name)
    # The row's own value is no candidate, yet its code must find its value.
    everywhere = np.flatnonzero(~np.isnan(codes))
    distinct, first = np.unique(codes[everywhere], return_index=True)
    source = series.array.take(everywhere[first])
    own, of_data = float(codes[0]), codes[known]
    points, counts = np.unique(of_data, return_counts=True)
    if raw.axis == "category":
        shares = np.arange(len(distinct), dtype=np.float64) / max(1, len(distinct) - 1)
        return Column(name, "category", raw.ordered, codes[1:], own, source, distinct, shares,
                      points)  # fmt: skip
    heights = (np.cumsum(counts) - counts / 2) / max(1, len(of_data))
    source = source.take(np.searchsorted(distinct, points))
    choice = (
        _choice(series, points, counts)
        if pd.api.types.is_float_dtype(series.dtype) and len(points) > 1
        else (points, 0.0, 0)
    )
    return Column(name, raw.axis, True, codes[1:], own, source, points, heights, *choice)


def _unchanging(series: pd.Series[Any], name: str) -> Column:
    nothing = np.empty(0)
    return Column(
        name, "text", False, np.zeros(len(series) - 1), 0.0, series.array, nothing, nothing,
        nothing,
    )  # fmt: skip


def _is_free_text(series: pd.Series[Any], raw: RawColumn) -> bool:
    """Tell sentences and names from levels: nobody chooses them from a list."""
    if isinstance(series.dtype, pd.CategoricalDtype) or len(raw.levels) <= FEW:
        return False
    if not all(isinstance(level, str) for level in raw.levels):
        return False
    words = float(np.mean([len(level.split()) for level in raw.levels[:1000]]))
    known = int((~raw.missing).sum())
    return words > WORDS or len(raw.levels) > known / 2


def _choice(series: pd.Series[Any], points: Floats, counts: Any) -> tuple[Floats, float, int]:
    """Return the numbers that can be new, and step and decimals where the column is continuous.

    Those that occur, if all have few decimals. Where some have very many, as means that were
    filled in do, those with few, if they are half of the rows and more than a few values. Else
    the column is continuous: round numbers, a thousandth of the range apart or a little less.
    """
    single = getattr(series.dtype, "itemsize", 8) <= 4
    some = np.zeros(len(points), dtype=bool)
    for decimals in range(MOST_DECIMALS + 1):
        have = _have_decimals(points, decimals, 4e-7 if single else 1e-12)
        enough = have.sum() > FEW and counts[have].sum() >= counts.sum() / 2
        if have.all() or (enough and not some.any()):
            some = have
        if have.all():
            break
    if some.any():
        return points[some], 0.0, 0
    span = float(points[-1] - points[0])
    if not np.isfinite(span):
        return points, 0.0, 0
    decimals = -int(np.floor(np.log10(span / 1000)))
    step = 10.0**-decimals
    rounded = np.unique(_rounded(points, step, decimals))
    rounded = rounded[(rounded >= points[0]) & (rounded <= points[-1])]
    return rounded, step, decimals


def _have_decimals(values: Floats, decimals: int, precision: float) -> NDArray[np.bool_]:
    """Return which numbers have no more decimals, where their precision lets it be told."""
    scaled = values * 10.0**decimals
    slack = precision * np.maximum(1, np.abs(scaled))
    return np.asarray((np.abs(scaled - np.round(scaled)) <= slack) & (slack < 0.1))


def _within(values: Floats, codes: Floats, reach: float) -> NDArray[np.int64]:
    """Return how many of ascending values lie no farther from each code than that."""
    below = np.searchsorted(values, codes - reach, side="left")
    return np.asarray(np.searchsorted(values, codes + reach, side="right") - below)


def _rounded(codes: Floats, step: float, decimals: int) -> Floats:
    return np.asarray(np.round(np.round(codes / step) * step, decimals))


def _is_nullable(dtype: Any) -> bool:
    return bool(pd.api.types.is_extension_array_dtype(dtype))
