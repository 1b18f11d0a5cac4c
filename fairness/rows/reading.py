"""Rows at the border: attributes as group codes, other columns as numbers or levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.frames import RawColumn, as_values, frame_kind, raw_column, to_pandas
from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.table.attributes import encode
from fairness.table.inputs import read_attributes, read_column
from fairness.table.values import MISSING, Floats

Codes = NDArray[np.int64]

TOP_LEVELS = 60
"""Levels of a category that are told apart; rarer ones are one level."""

_LARGEST = 1e100
_MOSTLY = 0.95


@dataclass(frozen=True)
class Grouping:
    """Which group of one attribute each row belongs to.

    Parameters
    ----------
    name : str
        The attribute.
    groups : tuple of str
        Names of the groups; `MISSING` is not one of them.
    codes : ndarray of int64, shape (n_rows,)
        Position of each row's group, -1 where the attribute is missing.
    raw : RawColumn
        The column as given.
    """

    name: str
    groups: tuple[str, ...]
    codes: Codes
    raw: RawColumn

    def take(self, rows: Codes) -> Grouping:
        """Return the grouping of some of the rows."""
        return Grouping(self.name, self.groups, self.codes[rows], self.raw.take(rows))


@dataclass(frozen=True)
class Column:
    """One column as numbers, or as codes of levels.

    Parameters
    ----------
    name : str
        Its name.
    values : ndarray of float64, shape (n_rows,)
        Numbers, or codes of the levels from 0 on in order of frequency; NaN where missing.
    levels : int
        Number of levels; 0 for numbers.
    """

    name: str
    values: Floats
    levels: int

    def take(self, rows: Codes) -> Column:
        """Return the column of some of the rows."""
        return Column(self.name, self.values[rows], self.levels)


def read_groupings(sensitive: Any) -> tuple[Grouping, ...]:
    """Group the rows by each attribute as the count table does.

    Parameters
    ----------
    sensitive : Series, frame, mapping of str to array_like, or array_like
        The attributes.
    """
    found = []
    for name, values in read_attributes(sensitive, "sensitive").items():
        raw = read_column(values, f"the sensitive column {name!r}")
        ones = np.ones(raw.n_rows, np.int64)
        attribute, codes = encode(name, raw, ones, control=False, edges=None, keep_order=False)
        groups = tuple(group for group in attribute.groups if group != MISSING)
        known = np.where(codes < len(groups), codes, -1).astype(np.int64)
        found.append(Grouping(name, groups, known, raw))
    return tuple(found)


def read_features(features: Any, n_rows: int | None) -> pd.DataFrame:
    """Return the other columns as a pandas frame.

    Parameters
    ----------
    features : frame
        Of pandas, polars or Arrow.
    n_rows : int or None
        Rows that there have to be.

    Raises
    ------
    ArgumentTypeError
        It is no frame.
    ArgumentError
        It has another number of rows.
    """
    if not frame_kind(features):
        raise ArgumentTypeError(
            "features has to be a frame",
            got=f"got {type(features).__name__}",
            hint="a pandas, polars or Arrow frame",
        )
    frame = to_pandas(features)
    if n_rows is not None and len(frame) != n_rows:
        raise ArgumentError(
            "features and the other arguments differ in length",
            got=f"{len(frame):,} and {n_rows:,} rows",
        )
    return frame


def common_length(groupings: Sequence[Grouping]) -> int | None:
    """Return the number of rows of the attributes; None where there is none.

    Raises
    ------
    ArgumentError
        They differ.
    """
    sizes = {len(one.codes) for one in groupings}
    if len(sizes) > 1:
        listed = ", ".join(f"{one.name}: {len(one.codes):,}" for one in groupings)
        raise ArgumentError("the sensitive columns differ in length", got=listed)
    return sizes.pop() if sizes else None


def read_raw(frame: pd.DataFrame, position: int, rows: Codes | None) -> RawColumn:
    """Read one column of a frame, or some rows of it."""
    series = frame.iloc[:, position]
    return raw_column(series if rows is None else series.iloc[rows])


def as_column(name: str, raw: RawColumn) -> Column | None:
    """Return a column as numbers or levels; None where its values cannot be used."""
    if raw.kind == "unsupported":
        return None
    if raw.kind != "values":
        values = raw.values.astype(np.float64)
        return Column(name, np.clip(values, -_LARGEST, _LARGEST), 0)
    numbers = _as_numbers(raw)
    return _as_levels(name, raw) if numbers is None else Column(name, numbers, 0)


def _as_numbers(raw: RawColumn) -> Floats | None:
    """Return numbers or dates that a column of Python values holds; None for anything else."""
    if not raw.distinct or raw.declared:
        return None
    first = raw.distinct[0]
    if isinstance(first, str):
        return _written_numbers(raw)
    kinds: tuple[type, ...] = (int, float, np.integer, np.floating)
    if type(first).__name__ == "Decimal" or (
        isinstance(first, kinds) and not isinstance(first, bool)
    ):
        if not all(_is_number(value) for value in raw.distinct):
            return None
        found = np.array([float(value) for value in raw.distinct])
    elif type(first).__name__ == "date":
        if not all(type(value).__name__ == "date" for value in raw.distinct):
            return None
        found = np.array([float(value.toordinal()) for value in raw.distinct])
    else:
        return None
    return np.where(raw.codes >= 0, np.clip(found, -_LARGEST, _LARGEST)[raw.codes], np.nan)


def _written_numbers(raw: RawColumn) -> Floats | None:
    """Return the numbers in strings such as "$1,200" and "31 %", where there are many of them."""
    if len(raw.distinct) <= TOP_LEVELS:
        return None
    texts = pd.Series(list(raw.distinct), dtype=object).astype(str).str.strip()
    bare = texts.str.replace(r"^[$€£]|[,\s]|%$", "", regex=True)
    found = pd.to_numeric(bare, errors="coerce").to_numpy(np.float64)
    if np.isfinite(found).mean() < _MOSTLY:
        return None
    return np.where(raw.codes >= 0, np.clip(found, -_LARGEST, _LARGEST)[raw.codes], np.nan)


def _is_number(value: object) -> bool:
    numeric = isinstance(value, int | float | np.integer | np.floating)
    return (numeric and not isinstance(value, bool)) or type(value).__name__ == "Decimal"


def _as_levels(name: str, raw: RawColumn) -> Column:
    codes = raw.codes.astype(np.int64)
    sizes = np.bincount(codes[codes >= 0], minlength=max(len(raw.distinct), 1))
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(len(sizes), np.int64)
    rank[order] = np.arange(len(sizes))
    occurring = int((sizes > 0).sum())
    capped = np.minimum(rank, TOP_LEVELS)
    values = np.where(codes >= 0, capped[codes].astype(np.float64), np.nan)
    return Column(name, values, max(min(occurring, TOP_LEVELS + 1), 1))


def values_of(raw: RawColumn) -> Codes:
    """Return a code for each row's value, -1 where missing."""
    return as_values(raw).codes.astype(np.int64)
