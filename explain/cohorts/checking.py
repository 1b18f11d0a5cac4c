"""What the caller gives, checked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from explain.errors import ArgumentError, ArgumentTypeError
from explain.profiles.columns import Floats
from explain.settings import check_count

FEWEST_ROWS = 40
"""Rows of a slice by default at least."""

LARGEST = 1e100
"""Largest loss."""


def checked_loss(loss: Any, n_rows: int) -> Floats:
    """Return the loss of each row as float64.

    Raises
    ------
    ArgumentError
        It has another length, missing or infinite values, or is the same for all rows.
    ArgumentTypeError
        It does not hold numbers.
    """
    given = np.asarray(loss)
    if given.shape != (n_rows,):
        raise ArgumentError(
            "the loss must have one number for each row of X",
            got=f"shape {given.shape} for {n_rows:,} rows",
            hint="each row's own loss, such as (y - prediction) ** 2, not their mean",
        )
    values = _numbers(given)
    bad = int((~np.isfinite(values)).sum())
    if bad:
        raise ArgumentError(
            "the loss is missing or infinite on some rows",
            got=f"{bad:,} of {n_rows:,} rows",
            hint="leave those rows out of X and of the loss",
        )
    if np.abs(values).max() > LARGEST:
        raise ArgumentError(
            "the loss holds numbers that are too large to be squared",
            got=f"{values[np.abs(values).argmax()]:g}",
            hint="the loss in other units",
        )
    if values.min() == values.max():
        raise ArgumentError(
            "the loss is the same on every row, so no part of them can stand out",
            got=f"{values[0]:g} on {n_rows:,} rows",
        )
    return values


def _numbers(given: Any) -> Floats:
    if given.dtype.kind in "OUSmM" and not all(
        isinstance(one, int | float | np.number | np.bool_) or one is None or one is pd.NA
        for one in given.tolist()
    ):
        raise ArgumentTypeError(
            "the loss does not hold numbers",
            got=f"{given.dtype}, such as {given.tolist()[0]!r}",
            hint="each row's own loss: 1 for an error and 0 for none, or a squared error",
        )
    if given.dtype.kind == "c":
        raise ArgumentTypeError("the loss does not hold real numbers", got=f"{given.dtype}")
    numbers: Floats = pd.Series(given).to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def checked_least(min_rows: Any, n_rows: int) -> int:
    """Return how many rows a slice has at least.

    Raises
    ------
    ArgumentError
        It is out of range, or X has too few rows for a slice and the rest.
    """
    least = max(FEWEST_ROWS, math.ceil(n_rows / 100)) if min_rows is None else min_rows
    check_count(least, "min_rows", 2)
    if n_rows < 2 * least:
        raise ArgumentError(
            "X has too few rows to find a slice on one half and confirm it on the other",
            got=f"{n_rows:,} rows, at least {2 * least:,} with min_rows={least:,}",
            hint="more rows" + ("" if min_rows is None else ", or a smaller min_rows"),
        )
    return int(least)
