"""Columns that steer the search instead of being features: weight, group and time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl.errors import DataError
from automl.table.column import Spelling
from automl.table.convert import bounded, number, read_times
from automl.table.inference import infer_column
from automl.table.numbers import infer_number_format
from candor.frames import RawColumn, as_values


def check_weights(name: str, raw: RawColumn) -> NDArray[np.float64]:
    """Read row weights.

    Raises
    ------
    DataError
        If a weight is no number, negative, missing or infinite, or all are zero.
    """
    if raw.kind not in ("number", "boolean", "values"):
        raise DataError(f'weight column "{name}" holds no numbers', got=raw.note or raw.kind)
    weights = raw.values.astype(np.float64) if raw.kind != "values" else _numbers(raw)
    if weights is None:
        shown = ", ".join(str(value) for value in raw.distinct[:3])
        raise DataError(f'weight column "{name}" holds no numbers', got=f"got {shown}")
    for problem, wrong in (
        ("missing", np.isnan(weights)),
        ("infinite", np.isinf(weights)),
        ("negative", weights < 0),
    ):
        if wrong.any():
            raise DataError(
                f'weight column "{name}" has {problem} values: {int(wrong.sum()):,} of'
                f" {len(weights):,}",
                got=f"the first is in row {int(np.flatnonzero(wrong)[0])} (rows count from 0)",
                hint="give every row a weight of 0 or more",
            )
    if not weights.any():
        raise DataError(f'weight column "{name}" is zero in every row')
    return weights


def _numbers(raw: RawColumn) -> NDArray[np.float64] | None:
    """Read strings and objects as numbers; None if one of them is none."""
    texts = [value for value in raw.distinct if isinstance(value, str)]
    spelling = Spelling(numbers=infer_number_format(texts[:1000]))
    read = [number(value, spelling) for value in raw.distinct]
    if any(value is None for value in read):
        return None
    values: NDArray[np.float64] = np.array([*read, np.nan], dtype=np.float64)[raw.codes]
    return values


def group_codes(name: str, raw: RawColumn) -> tuple[NDArray[np.int64], int]:
    """Turn groups into numbers; rows without a group form one of their own.

    Returns
    -------
    tuple of (ndarray of int64, int)
        Group of each row, and the number of rows that name none.

    Raises
    ------
    DataError
        If there are fewer than two groups.
    """
    if raw.kind == "unsupported":
        raise DataError(f'group column "{name}" cannot be used: {raw.note}')
    values = as_values(raw)
    _, codes = np.unique(values.codes, return_inverse=True)
    if codes.max(initial=0) < 1:
        raise DataError(
            f'group column "{name}" has one group only',
            got="at least two are needed: one to learn from, one to be scored on",
        )
    return codes.astype(np.int64), int((values.codes < 0).sum())


def row_times(name: str, raw: RawColumn) -> NDArray[np.float64]:
    """Read the time of each row, as seconds or as plain numbers.

    Raises
    ------
    DataError
        If a row has no time, or the column holds neither dates nor numbers.
    """
    column = infer_column(name, raw)
    times: NDArray[np.float64] | None = None
    if column.role == "datetime":
        times = read_times(column, raw)
    elif raw.kind in ("number", "duration", "boolean"):
        times = bounded(raw.values.astype(np.float64))
    elif raw.kind == "values":
        times = _numbers(raw)
    if times is None or column.role == "constant":
        raise DataError(
            f'time column "{name}" holds neither dates nor numbers that differ',
            got=f"{column.role}: {column.reason}",
        )
    missing = np.flatnonzero(np.isnan(times))
    if len(missing):
        raise DataError(
            f'time column "{name}" is missing in {len(missing):,} of {len(times):,} rows',
            got=f"the first is row {missing[0]} (rows count from 0)",
            hint="remove these rows, or fill in their time",
        )
    return times
