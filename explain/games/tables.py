"""Rows and background as one pool, from which hybrid rows are taken column by column."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.errors import ArgumentError, ArgumentTypeError

Ints = NDArray[np.int64]


class Table(Protocol):
    """A pool of rows: first those to explain, then the background."""

    @property
    def n_columns(self) -> int:
        """Number of columns."""

    def codes(self, column: int) -> Ints:
        """Return one integer a row, equal exactly where the column's values are equal."""

    def take(self, positions: list[Ints | int], n: int) -> Any:
        """Return n rows; column j takes its values from the rows ``positions[j]`` of the pool."""


@dataclass(frozen=True)
class FrameTable:
    """A pool of pandas columns, each with its own dtype, categories and missing values."""

    names: pd.Index[Any]
    columns: tuple[Any, ...]

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.columns)

    def codes(self, column: int) -> Ints:
        """Return one integer a row, equal exactly where the column's values are equal."""
        values = self.columns[column]
        if values.dtype == object:
            return _object_codes(values)
        codes, _ = pd.factorize(values, use_na_sentinel=True)
        return np.asarray(codes, dtype=np.int64)

    def take(self, positions: list[Ints | int], n: int) -> pd.DataFrame:
        """Return n rows as a frame with the pool's dtypes."""
        columns = {
            j: _kept(values.take(np.full(n, at) if isinstance(at, int) else at))
            for j, (values, at) in enumerate(zip(self.columns, positions, strict=True))
        }
        frame = pd.DataFrame(columns, index=pd.RangeIndex(n), copy=False)
        frame.columns = self.names
        return frame


@dataclass(frozen=True)
class MatrixTable:
    """A pool of float64 rows."""

    matrix: NDArray[np.float64]

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return int(self.matrix.shape[1])

    def codes(self, column: int) -> Ints:
        """Return one integer a row, equal exactly where the column's values are equal."""
        _, codes = np.unique(self.matrix[:, column], return_inverse=True, equal_nan=True)
        return codes.astype(np.int64).ravel()

    def take(self, positions: list[Ints | int], n: int) -> NDArray[np.float64]:
        """Return n rows as a matrix."""
        rows = np.empty((n, self.n_columns))
        for j, at in enumerate(positions):
            rows[:, j] = self.matrix[at, j]
        return rows


def pool(rows: object, background: object) -> Table:
    """Join the rows to explain and the background, and refuse what does not fit together."""
    if isinstance(rows, pd.DataFrame) and isinstance(background, pd.DataFrame):
        return _pool_frames(rows, background)
    if isinstance(rows, np.ndarray) and isinstance(background, np.ndarray):
        return _pool_matrices(rows, background)
    raise ArgumentTypeError(
        "rows and background must be two pandas frames or two float matrices",
        got=f"{type(rows).__name__} and {type(background).__name__}",
        hint="candor.frames.to_pandas(...) for both",
    )


def _pool_matrices(rows: NDArray[Any], background: NDArray[Any]) -> MatrixTable:
    for name, matrix in (("rows", rows), ("background", background)):
        if matrix.ndim != 2 or matrix.dtype.kind not in "fiub":
            raise ArgumentTypeError(
                f"{name} must be a matrix of numbers",
                got=f"shape {matrix.shape}, dtype {matrix.dtype}",
                hint="a pandas frame for other types",
            )
    if rows.shape[1] != background.shape[1]:
        raise ArgumentError(
            "rows and background have different columns",
            got=f"{rows.shape[1]} and {background.shape[1]} columns",
            hint="the same columns in the same order",
        )
    return MatrixTable(np.concatenate([rows, background]).astype(np.float64))


def _pool_frames(rows: pd.DataFrame, background: pd.DataFrame) -> FrameTable:
    if list(rows.columns) != list(background.columns):
        raise ArgumentError(
            "rows and background have different columns",
            got=f"{_some(rows.columns)} and {_some(background.columns)}",
            hint="the same columns in the same order",
        )
    columns = [
        _joined(rows.iloc[:, j], background.iloc[:, j], name)
        for j, name in enumerate(background.columns)
    ]
    return FrameTable(background.columns, tuple(columns))


def _joined(ours: pd.Series[Any], theirs: pd.Series[Any], name: Hashable) -> Any:
    """Join a column of the rows with the background's, in the background's type.

    Integers and floats become floats, categories are united, and a type that only few rows
    guessed (no value at all, or strings as objects) is corrected.
    """
    types = (ours.dtype, theirs.dtype)
    if all(isinstance(each, pd.CategoricalDtype) and not each.ordered for each in types):
        return pd.api.types.union_categoricals([ours, theirs])
    if types[0] != types[1] and not all(_is_number(each) for each in types):
        if not _can_become(ours, types[1]):
            raise ArgumentError(
                f"column {name!r} has another type in the rows than in the background",
                got=f"{types[0]} and {types[1]}",
                hint="give both the dtype that the model was fitted with",
            )
        ours = ours.astype(types[1])
    both = pd.concat([ours, theirs], ignore_index=True)
    return both.to_numpy() if isinstance(both.dtype, np.dtype) else both.array


def _is_number(dtype: Any) -> bool:
    return bool(pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype))


def _can_become(column: pd.Series[Any], dtype: Any) -> bool:
    """Say whether a column of another type can take a type without losing anything."""
    if isinstance(dtype, np.dtype) and dtype.kind in "biu":
        return False  # no place for a missing value
    if isinstance(dtype, pd.StringDtype):
        texts = column.map(lambda value: isinstance(value, str))
        return bool((column.isna() | texts).all())
    return bool(pd.api.types.is_object_dtype(dtype) or column.isna().all())


def _kept(values: Any) -> Any:
    """Wrap objects so that a frame does not guess another dtype for them."""
    return pd.Series(values, dtype=object, copy=False) if values.dtype == object else values


def _object_codes(values: Any) -> Ints:
    """Give Python objects numbers; 1, 1.0 and True differ, and so do None and NaN."""
    known: dict[Hashable, int] = {}
    codes = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        missing = isinstance(value, float) and value != value
        key = (type(value), None if missing else value)
        if not isinstance(value, Hashable):
            codes[row] = -1 - row  # never equal to another: only speed is lost
            continue
        codes[row] = known.setdefault(key, len(known))
    return codes


def _some(names: pd.Index[Any]) -> str:
    shown = ", ".join(str(name) for name in names[:5])
    return f"[{shown}{', …' if len(names) > 5 else ''}] ({len(names)} columns)"
