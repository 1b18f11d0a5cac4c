"""Columns of a table as codes: their values, their distribution, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from explain.errors import ArgumentTypeError
from explain.profiles.columns import RawColumn, read_column
from explain.protocol import Floats

MOST_DECIMALS = 6
"""A column with more decimals is taken as continuous."""

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
    step, anchor : float
        New numbers are ``anchor + k * step``; a step of 0 allows only values that occur.
    decimals : int
        Of them.
    discrete : bool
        Whether values that occur are preferred to others.
    """

    name: str
    axis: Literal["number", "time", "category", "text"]
    ordered: bool
    codes: Floats
    origin: float
    source: Any
    distinct: Floats
    heights: Floats
    step: float = 0.0
    anchor: float = 0.0
    decimals: int = 0
    discrete: bool = True

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
        return np.interp(codes, self.distinct, self.heights)

    def on_grid(self, codes: Floats) -> Floats:
        """Return the nearest numbers that the column could hold."""
        steps = np.round((codes - self.anchor) / self.step)
        return np.asarray(np.round(self.anchor + steps * self.step, self.decimals))

    def decode(self, codes: Floats) -> Any:
        """Return values of the column's own type."""
        if self.axis == "number" and self.step:
            dtype = self.source.dtype
            numbers = np.round(codes).astype(np.int64) if _is_whole(dtype) else codes
            return (
                pd.array(numbers).astype(dtype) if _is_nullable(dtype) else numbers.astype(dtype)
            )
        return self.source.take(np.searchsorted(self.distinct, codes))


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
    if raw.axis == "category":
        shares = np.arange(len(distinct), dtype=np.float64) / max(1, len(distinct) - 1)
        return Column(
            name, "category", raw.ordered, codes[1:], float(codes[0]), source, distinct, shares
        )
    of_data = codes[known]
    points, counts = np.unique(of_data, return_counts=True)
    heights = (np.cumsum(counts) - counts / 2) / max(1, len(of_data))
    grid = _grid(series, points) if raw.axis == "number" else (0.0, 0.0, 0, True)
    if not grid[0]:
        source = source.take(np.searchsorted(distinct, points))
    return Column(
        name, raw.axis, True, codes[1:], float(codes[0]), source, points, heights,
        *grid,
    )  # fmt: skip


def _unchanging(series: pd.Series[Any], name: str) -> Column:
    nothing = np.empty(0)
    return Column(
        name, "text", False, np.zeros(len(series) - 1), 0.0, series.array, nothing, nothing
    )


def _is_free_text(series: pd.Series[Any], raw: RawColumn) -> bool:
    """Tell sentences and names from levels: nobody chooses them from a list."""
    if isinstance(series.dtype, pd.CategoricalDtype) or len(raw.levels) <= FEW:
        return False
    if not all(isinstance(level, str) for level in raw.levels):
        return False
    words = float(np.mean([len(level.split()) for level in raw.levels[:1000]]))
    known = int((~raw.missing).sum())
    return words > WORDS or len(raw.levels) > known / 2


def _grid(series: pd.Series[Any], points: Floats) -> tuple[float, float, int, bool]:
    """Return step, anchor and decimals of numbers, and whether values that occur are preferred.

    The step is the greatest that leads from each value that occurs to every other; where there
    are too many decimals, a round number of about a thousandth of the range.
    """
    dtype = series.dtype
    if not pd.api.types.is_numeric_dtype(dtype) or len(points) < 2:
        return 0.0, 0.0, 0, True
    for decimals in range(MOST_DECIMALS + 1):
        scaled = points * 10.0**decimals
        whole = np.round(scaled)
        tolerance = 1e-6 if dtype in (np.float32, np.float16) else 1e-12
        if (
            np.abs(whole).max() < 2**53
            and (np.abs(scaled - whole) <= tolerance * np.maximum(1, np.abs(whole))).all()
        ):
            unit = int(np.gcd.reduce(np.diff(whole).astype(np.int64)))
            if unit:
                return unit / 10.0**decimals, float(points[0]), decimals, True
    span = float(points[-1] - points[0])
    if not np.isfinite(span) or span <= 0:
        return 0.0, 0.0, 0, True
    decimals = -int(np.floor(np.log10(span / 1000)))
    return 10.0**-decimals, 0.0, decimals, False


def _is_whole(dtype: Any) -> bool:
    return bool(pd.api.types.is_integer_dtype(dtype))


def _is_nullable(dtype: Any) -> bool:
    return bool(pd.api.types.is_extension_array_dtype(dtype))
