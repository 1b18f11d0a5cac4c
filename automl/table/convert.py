"""Values into typed arrays, the same way at fit and at predict.

What a value becomes depends on the value and its column's spelling alone, never on other rows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import DataError
from automl.table.column import Column, Spelling
from automl.table.columns import MISSING, UNSEEN
from automl.table.dates import duration, instant
from automl.table.numbers import plain_number
from automl.table.words import is_mark, truth
from candor.frames import RawColumn, as_values, is_missing

log = logging.getLogger(__name__)

LIMIT = 1e30
"""Larger numbers are cut to it: models compute in 32-bit floats, which end at 3.4e38."""

_NAN = float("nan")


def read_numeric(column: Column, raw: RawColumn) -> NDArray[np.float64]:
    """Read a numeric or boolean column; NaN where missing, never infinite.

    Raises
    ------
    DataError
        If a value is no number; names column, value and row.
    """
    if column.role == "boolean" and column.spelling.truths and raw.kind == "number":
        raw = as_values(raw)  # a word such as yes cannot become any number
    if raw.kind in ("number", "boolean", "duration"):
        return bounded(raw.values.astype(np.float64, copy=False))
    if raw.kind == "time":
        raise _unreadable(column, "a date", int(np.flatnonzero(~np.isnan(raw.values))[0]))
    spelling = column.spelling
    if column.role == "boolean":
        return _read_distinct(column, raw, lambda value: _boolean(column, value))
    return bounded(_read_distinct(column, raw, lambda value: number(value, spelling)))


def read_times(column: Column, raw: RawColumn) -> NDArray[np.float64]:
    """Read a datetime column as seconds since 1970-01-01 UTC; NaN where missing.

    Raises
    ------
    DataError
        If a value is no date; names column, value and row.
    """
    if raw.kind == "time":
        return np.asarray(raw.values, dtype=np.float64)
    spelling = column.spelling
    return _read_distinct(column, as_values(raw), lambda value: seconds(value, spelling))


def read_codes(column: Column, raw: RawColumn) -> NDArray[np.int32]:
    """Read a categorical column as level numbers, `MISSING` or `UNSEEN`."""
    raw = as_values(raw)
    lookup = np.empty(len(raw.distinct) + 1, dtype=np.int32)
    lookup[-1] = MISSING
    for i, value in enumerate(raw.distinct):
        lookup[i] = _level(column, value)
    codes: NDArray[np.int32] = lookup[raw.codes]
    return codes


def read_text(column: Column, raw: RawColumn) -> NDArray[np.object_]:
    """Read a text column as strings; the empty string where missing."""
    raw = as_values(raw)
    lookup = np.empty(len(raw.distinct) + 1, dtype=object)
    lookup[-1] = ""
    for i, value in enumerate(raw.distinct):
        text = value if isinstance(value, str) else label(value)
        lookup[i] = "" if is_mark(text) else text
    texts: NDArray[np.object_] = lookup[raw.codes]
    return texts


def number(value: Any, spelling: Spelling) -> float | None:
    """Read one value as a number: NaN if it is missing, None if it is no number."""
    if isinstance(value, bytes):
        value = decoded(value)
    if not isinstance(value, str):
        return _plain_value(value)
    plain = plain_number(value) if spelling.numbers.decimal == "." else None
    if plain is not None:
        return plain
    if is_mark(value) or value in spelling.unreadable_set:
        return _NAN
    read = duration(value) if spelling.durations else spelling.numbers.parse_marked(value)
    if read is None and spelling.truths:
        read = truth(value)
    return read


def seconds(value: Any, spelling: Spelling) -> float | None:
    """Read one value as seconds since 1970: NaN if missing, None if it is no date."""
    if isinstance(value, bytes):
        value = label(value)
    if isinstance(value, str):
        if is_mark(value) or value in spelling.unreadable_set:
            return _NAN
        return spelling.dates.parse(value)
    if is_missing(value):
        return _NAN
    read = instant(value)
    if read is None and spelling.dates.integer and not isinstance(value, bool):
        whole = _plain_value(value)
        if whole is not None and whole.is_integer():
            read = spelling.dates.parse_integer(int(whole))
    return read


def label(value: Any) -> str:
    """Spell a value as the name of a level: 3, 3.0 and "3" are one level."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        return decoded(value).strip()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    return str(value)


def decoded(value: bytes) -> str:
    """Decode bytes as UTF-8, or Latin-1 where they are not."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def bounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers without infinities and within ±`LIMIT`; the array itself if they are."""
    if not len(values):
        return values
    if np.fmax.reduce(values) <= LIMIT and np.fmin.reduce(values) >= -LIMIT:
        return values
    finite = np.where(np.isinf(values), np.nan, values)
    return np.clip(finite, -LIMIT, LIMIT)


def _plain_value(value: Any) -> float | None:
    if isinstance(value, (int, float)):
        return float(value)
    if is_missing(value):
        return _NAN
    if isinstance(value, np.generic) and value.dtype.kind in "iufb":
        return float(value.item())
    if isinstance(value, Decimal):
        return float(value)
    return duration(value)


def _boolean(column: Column, value: Any) -> float | None:
    """Read yes and no; a third word is an unseen category and counts as missing."""
    read = number(value, column.spelling)
    if column.spelling.truths and (
        read not in (0.0, 1.0, None) if not isinstance(value, str) else read is None
    ):
        log.info('column "%s": %r is neither yes nor no, read as missing', column.name, value)
        return _NAN
    return read


def _level(column: Column, value: Any) -> int:
    codes = column.level_codes
    name = label(value)
    code = codes.get(name)
    if code is not None:
        return code
    if is_mark(name) and not (column.spelling.none_is_level and name.casefold() == "none"):
        return MISSING
    plain = plain_number(name)
    if plain is not None:
        return codes.get(label(plain), UNSEEN)
    return codes.get(name.capitalize(), UNSEEN) if name.lower() in ("true", "false") else UNSEEN


def _read_distinct(
    column: Column, raw: RawColumn, read: Callable[[Any], float | None]
) -> NDArray[np.float64]:
    lookup = np.empty(len(raw.distinct) + 1, dtype=np.float64)
    lookup[-1] = _NAN
    for i, value in enumerate(raw.distinct):
        result = read(value)
        if result is None:
            rows = np.flatnonzero(raw.codes == i)
            if not len(rows):
                result = _NAN  # a declared level that no row has
            else:
                raise _unreadable(column, repr(value), int(rows[0]))
        lookup[i] = result
    values: NDArray[np.float64] = lookup[raw.codes]
    return values


def _unreadable(column: Column, value: str, row: int) -> DataError:
    kind = {"boolean": "yes or no", "datetime": "a date"}.get(column.role, "a number")
    like = ", ".join(column.examples[:3])
    return DataError(
        f'column "{column.name}" cannot be read as {kind}: {value} in row {row}',
        got=f"when the schema was learned, its values were such as {like}" if like else None,
        hint="correct the value, or leave it empty if it is missing (rows count from 0)",
    )
