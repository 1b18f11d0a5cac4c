"""Columns of numbers: scores, weights and numeric outcomes, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.frames import RawColumn
from fairness.errors import ArgumentError
from fairness.table.cells import HEAVIEST, MOST_ROWS, Mass, plain_mass
from fairness.table.values import Counts, Floats


def as_floats(raw: RawColumn, what: str) -> Floats:
    """Return a column of finite numbers, or say where it has others."""
    if raw.kind == "boolean" or raw.kind == "number":
        values = np.asarray(raw.values, dtype=np.float64)
    elif raw.kind == "values" and all(_is_number(value) for value in raw.distinct):
        table = np.array([*(float(value) for value in raw.distinct), np.nan])
        values = table[raw.codes]
    else:
        raise ArgumentError(
            f"{what} must hold numbers",
            got=_example(raw),
            hint="convert it first, such as with pandas.to_numeric",
        )
    check_finite(values, what)
    return values


def _is_number(value: Any) -> bool:
    return type(value).__name__ in ("Decimal", "int", "float", "bool", "Fraction") or isinstance(
        value, np.number
    )


def _example(raw: RawColumn) -> str:
    if raw.kind != "values":
        return "it holds dates or times"
    texts = [value for value in raw.distinct if not _is_number(value)]
    return f"it holds {texts[0]!r}"


def check_finite(values: Floats, what: str) -> None:
    """Refuse NaN and infinity; say how many there are and where the first one is."""
    good = np.isfinite(values)
    if good.all():
        return
    bad = np.flatnonzero(~good)
    missing = bool(np.isnan(values[bad]).all())
    raise ArgumentError(
        f"{what} has {'missing' if missing else 'missing or infinite'} values",
        got=f"{len(bad):,} of {len(values):,}, the first in row {bad[0]:,} (counted from 0)",
        hint="leave these rows out, or fill them in, before the audit",
    )


def check_present(raw: RawColumn, what: str) -> None:
    """Refuse missing labels, as `check_finite` does with numbers."""
    if raw.kind == "values":
        missing = np.asarray(raw.codes) < 0
        check_finite(np.where(missing, np.nan, 0.0), what)
    elif raw.values.dtype.kind == "f":
        check_finite(np.asarray(raw.values, dtype=np.float64), what)


def read_mass(n: int, weight: Floats | None, counts: Counts | None) -> Mass:
    """Return what the rows weigh; `counts` says how many equal rows each one stands for."""
    rows = np.ones(n, dtype=np.int64) if counts is None else counts
    if weight is None:
        return plain_mass(rows)
    check_signs(weight, "weight")
    _check_scale(weight)
    if np.all(weight == 1):
        return plain_mass(rows)
    return Mass(rows, rows * weight, rows * weight**2)


def check_signs(weight: Floats, what: str) -> None:
    """Refuse negative weights."""
    negative = np.flatnonzero(weight < 0)
    if len(negative):
        raise ArgumentError(
            f"{what} has negative values",
            got=f"{len(negative):,} of {len(weight):,}, the first in row {negative[0]:,}: "
            f"{weight[negative[0]]:g}",
            hint="weights of 0 or more",
        )


def _check_scale(weight: Floats) -> None:
    """Refuse weights whose squares cannot be added up."""
    odd = np.flatnonzero((weight > HEAVIEST) | ((weight > 0) & (weight < 1 / HEAVIEST)))
    if len(odd):
        raise ArgumentError(
            "weight is too large or too small to add up its squares",
            got=f"{weight[odd[0]]:g} in row {odd[0]:,} (counted from 0)",
            hint="scale the weights so that their mean is about 1",
        )


def check_some_weight(mass: Mass) -> None:
    """Refuse rows that all have weight 0."""
    if not np.any((mass.weights > 0) & (mass.counts > 0)):
        raise ArgumentError(
            "weight is 0 in every row", got="no row would count", hint="weights above 0"
        )


def as_counts(raw: RawColumn, what: str) -> Counts:
    """Return a column of whole numbers of rows."""
    values = as_floats(raw, what)
    wrong = np.flatnonzero((values < 0) | (values != np.floor(values)) | (values > MOST_ROWS))
    if len(wrong):
        raise ArgumentError(
            f"{what} must hold whole numbers of rows",
            got=f"{values[wrong[0]]:g} in row {wrong[0]:,} (counted from 0)",
            hint="COUNT(*) of each group of rows",
        )
    if not values.any():
        raise ArgumentError(f"{what} adds up to 0 rows", hint="at least one row")
    return values.astype(np.int64)


def quantiles(values: NDArray[Any], counts: Counts, parts: int) -> tuple[Floats, Floats]:
    """Cut a distribution into parts of about the same size, at values that occur.

    Parameters
    ----------
    values : ndarray, shape (n_items,)
        Numbers without NaN.
    counts : ndarray of int64, shape (n_items,)
        Rows that each stands for.
    parts : int
        How many parts are wanted.

    Returns
    -------
    tuple of ndarray
        Ascending cut points, each a value such that there are rows below it and rows from it on;
        and the distinct values in order.
    """
    codes, distinct = pd.factorize(values, sort=True)
    rows = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(rows, codes, counts)
    # share of rows below each distinct value but the first
    below = np.cumsum(rows)[:-1] / rows.sum()
    wanted = np.arange(1, parts) / parts
    right = np.clip(np.searchsorted(below, wanted), 0, max(len(below) - 1, 0))
    left = np.maximum(right - 1, 0)
    if not len(below):
        return np.empty(0), np.asarray(distinct, dtype=np.float64)
    nearer = np.where(wanted - below[left] < below[right] - wanted, left, right)
    places = np.unique(nearer) + 1
    ordered = np.asarray(distinct, dtype=np.float64)
    return ordered[places], ordered
