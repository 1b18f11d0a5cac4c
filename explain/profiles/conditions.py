"""Conditions on raw columns that read as sentences."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.profiles.columns import (
    Axis,
    Floats,
    check_columns,
    exact_text,
    read_column,
    time_text,
)


@dataclass(frozen=True)
class Condition:
    """A test of one raw column.

    Parameters
    ----------
    column : hashable
        The column tested.
    test : {"below", "from", "is", "is not"}
        Below a threshold, at or above it, one of `levels`, or none of them.
    axis : {"number", "time", "category"}
        How `threshold` is meant.
    threshold : float
        Number, or seconds since 1970-01-01 UTC; infinite for levels, and where numbers are only
        told from missing values.
    levels : tuple of object
        Values of a category.
    missing : bool
        Whether a missing value passes.
    says_missing : bool
        Whether the text tells that: it need not where the column had no missing values.

    Examples
    --------
    >>> str(Condition("age", "below", "number", threshold=31.5))
    'age < 31.5'
    >>> str(Condition("sex", "is", "category", levels=("female",), missing=True))
    'sex is "female" or missing'
    """

    column: Hashable
    test: Literal["below", "from", "is", "is not"]
    axis: Axis
    threshold: float = math.inf
    levels: tuple[Any, ...] = ()
    missing: bool = False
    says_missing: bool = True

    def holds(self, X: pd.DataFrame) -> NDArray[np.bool_]:
        """Return whether each row passes, shape (n_rows,).

        Parameters
        ----------
        X : DataFrame
            Rows with the column.

        Raises
        ------
        explain.errors.ArgumentError
            If there is no such column, or it holds values of another kind.
        """
        check_columns(X, [self.column])
        raw = read_column(X, self.column, self.axis)
        if self.axis == "category":
            wanted = np.array([level in self.levels for level in raw.levels] + [False])
            codes = np.where(raw.missing, -1, raw.values).astype(np.int64)
            passed = wanted[codes] if self.test == "is" else ~wanted[codes]
        else:
            below = np.isinf(self.threshold) | (raw.values < self.threshold)
            passed = below if self.test == "below" else ~below
        return np.where(raw.missing, self.missing, passed)

    def negated(self) -> Condition:
        """Return the condition that exactly the other rows pass."""
        other = {"below": "from", "from": "below", "is": "is not", "is not": "is"}
        return Condition(
            self.column,
            other[self.test],  # type: ignore[arg-type]  # the keys are the four tests
            self.axis,
            self.threshold,
            self.levels,
            not self.missing,
            self.says_missing,
        )

    def __str__(self) -> str:
        if self.axis == "category":
            return f"{self.column} {self._levels_text()}"
        text = exact_text if self.axis == "number" else time_text
        sign = "<" if self.test == "below" else "≥"
        if math.isinf(self.threshold):
            return f"{self.column} is {'missing' if self.missing else 'not missing'}"
        also = " or missing" if self.missing and self.says_missing else ""
        return f"{self.column} {sign} {text(self.threshold)}{also}"

    def _levels_text(self) -> str:
        if not self.levels:
            return "is missing" if self.missing else "is not missing"
        named = ", ".join(f'"{x}"' if isinstance(x, str) else str(x) for x in self.levels)
        if self.test == "is":
            also = " or missing" if self.missing and self.says_missing else ""
            return f"is {named}{also}" if len(self.levels) == 1 else f"is one of {named}{also}"
        also = " and not missing" if self.says_missing and not self.missing else ""
        return f"is not {named}{also}" if len(self.levels) == 1 else f"is none of {named}{also}"


def is_missing(column: Hashable, axis: Axis) -> Condition:
    """Return the condition that a value is missing."""
    if axis == "category":
        return Condition(column, "is", axis, missing=True)
    return Condition(column, "from", axis, threshold=math.inf, missing=True)


def readable_between(low: float, high: float) -> float:
    """Return the number with the fewest digits in (low, high]."""
    for digits in range(1, 18):
        number = float(f"{(low + high) / 2:.{digits}g}")
        if low < number <= high:
            return number
    return high


def readable_time_between(low: float, high: float) -> float:
    """Return the roundest time in (low, high]: a midnight, an hour, a minute or a second."""
    for unit in (86400, 3600, 60, 1):
        moment = math.floor(high / unit) * float(unit)
        if low < moment:
            return moment
    return high


def cut_points(values: Floats, size: int, axis: Axis) -> Floats:
    """Return at most `size` readable thresholds between values that occur."""
    distinct = np.unique(values)
    if len(distinct) < 2:
        return np.empty(0)
    steps = np.linspace(0, 1, size + 2)[1:-1]
    at = np.unique(np.searchsorted(distinct, np.quantile(values, steps, method="inverted_cdf")))
    at = np.unique(np.minimum(at, len(distinct) - 2))
    between = readable_time_between if axis == "time" else readable_between
    return np.array([between(float(distinct[k]), float(distinct[k + 1])) for k in at])
