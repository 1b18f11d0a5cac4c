"""The role of a column of numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.table.column import Column, Repair, Spelling
from automl.table.convert import LIMIT, label
from automl.table.dates import infer_integer_dates
from automl.table.roles import (
    as_identifier,
    category_role,
    constant_column,
    empty_column,
    sorted_levels,
)
from automl.table.words import names_code, names_count, names_date, names_identifier
from candor.frames import RawColumn

_FEWEST_COUNTED = 10


def infer_numbers(name: str, raw: RawColumn, spare_counters: bool) -> Column:
    """Infer the role of a column that is stored as numbers, or was read as numbers."""
    values = raw.values
    present, repairs = _finite(values)
    n_rows = len(values)
    if not len(present):
        return empty_column(name, n_rows)
    distinct = distinct_values(present)
    missing = 1.0 - len(present) / n_rows
    examples = tuple(label(value) for value in distinct[:5].tolist())
    if len(distinct) == 1 and len(present) == n_rows:
        return constant_column(name, examples[0], repairs)
    column = Column(name, "numeric", "", missing, len(distinct), examples, (), Spelling(), repairs)
    if len(distinct) == 2 and set(distinct.tolist()) == {0, 1}:
        return replace(column, role="boolean", reason="only 0 and 1")
    low, high = distinct.min(), distinct.max()
    if values.dtype.kind == "f" and not _all_whole(distinct):
        return replace(column, reason=f"numbers from {_short(low)} to {_short(high)}")
    return _infer_integers(column, raw, present, distinct, spare_counters)


def _infer_integers(
    column: Column,
    raw: RawColumn,
    present: NDArray[Any],
    distinct: NDArray[Any],
    spare_counters: bool,
) -> Column:
    name, n_unique = column.name, len(distinct)
    dates = infer_integer_dates(distinct.astype(np.int64).tolist()) if names_date(name) else None
    if dates is not None:
        return replace(
            column,
            role="datetime",
            reason=f"integers that are dates ({dates.order}), such as {column.examples[0]}",
            spelling=Spelling(dates=dates),
        )
    share = n_unique / len(present)
    if share >= 0.98 and len(present) > 2 and names_identifier(name):
        return as_identifier(column, "named as an identifier, different in every row")
    if _counts_rows(raw.values) and not names_count(name) and not spare_counters:
        return as_identifier(column, "counts the rows")
    repeated = len(present) >= 3 * n_unique and n_unique > 2
    if (names_identifier(name) or names_code(name)) and repeated:
        role, _ = category_role(n_unique)
        levels = sorted_levels({label(value) for value in distinct.tolist()})
        reason = f"integers named as a code, {n_unique:,} levels"
        return replace(column, role=role, reason=reason, levels=levels)
    low, high = label(distinct.min()), label(distinct.max())
    few = f", {n_unique} different" if n_unique <= 20 else ""
    return replace(column, reason=f"integers from {low} to {high}{few}")


def _finite(values: NDArray[Any]) -> tuple[NDArray[Any], tuple[Repair, ...]]:
    """Return the finite values that are present, and what had to be repaired."""
    if values.dtype.kind != "f":
        return values, ()
    low, high = np.fmin.reduce(values), np.fmax.reduce(values)
    repairs: list[Repair] = []
    if np.isnan(low):
        return values[:0], ()
    if np.isinf(low) or np.isinf(high):
        n_infinite = int(np.isinf(values).sum())
        repairs.append(Repair("infinities", f"{n_infinite:,} times"))
        values = values[~np.isinf(values)]
    # as Python numbers, for a 16-bit float cannot be compared with the limit
    beyond = float(low) < -LIMIT or float(high) > LIMIT
    n_extreme = int((np.abs(values.astype(np.float64, copy=False)) > LIMIT).sum()) if beyond else 0
    if n_extreme:
        repairs.append(Repair("extreme-values", f"{n_extreme:,} cut to ±{LIMIT:g}"))
        values = np.clip(values.astype(np.float64, copy=False), -LIMIT, LIMIT)
    missing = np.isnan(values)
    return (values[~missing] if missing.any() else values), tuple(repairs)


def distinct_values(values: NDArray[Any]) -> NDArray[Any]:
    """Return the different values, in the order in which they occur."""
    import pandas as pd

    return np.asarray(pd.unique(values))


def _all_whole(values: NDArray[Any]) -> bool:
    return bool((values == np.floor(values)).all()) and float(np.abs(values).max()) < 2**53


def _counts_rows(values: NDArray[Any]) -> bool:
    """Say whether whole numbers go up by one from row to row, but for rows that are left out."""
    if len(values) < _FEWEST_COUNTED:
        return False
    first, span = float(values[0]), float(values[-1]) - float(values[0])
    if not 0 <= first <= 1 + 0.2 * len(values) or not len(values) - 1 <= span <= 1.25 * len(
        values
    ):
        return False
    return bool((np.diff(values) >= 1).all())


def _short(value: float) -> str:
    return f"{value:.6g}"
