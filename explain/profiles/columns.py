"""Raw columns read as numbers, times or levels, whatever their storage type."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.errors import ArgumentError, ArgumentTypeError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Axis = Literal["number", "time", "category"]

MISSING = "missing"
"""How a missing value is called wherever it is shown."""


@dataclass(frozen=True, eq=False)
class RawColumn:
    """A column as float64, with what its numbers mean.

    Parameters
    ----------
    name : hashable
        Name in the frame.
    axis : {"number", "time", "category"}
        How `values` are meant.
    values : ndarray of float64, shape (n_rows,)
        number: the number; time: seconds since 1970-01-01 UTC; category: position in `levels`;
        NaN where missing.
    levels : tuple of object
        Values of a category, in their own order where they have one, else the most frequent first.
    ordered : bool
        Whether the order of `levels` has a meaning.
    """

    name: Hashable
    axis: Axis
    values: Floats
    levels: tuple[Any, ...] = ()
    ordered: bool = False

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where values are missing, shape (n_rows,)."""
        return np.isnan(self.values)

    def label(self, value: float) -> str:
        """Return the text for one of `values`."""
        if math.isnan(value):
            return MISSING
        if self.axis == "category":
            text = str(self.levels[int(value)])
            return f'"{text}"' if text == MISSING else text
        return time_text(value) if self.axis == "time" else number_text(value)


def read_column(frame: pd.DataFrame, name: Hashable, axis: Axis | None = None) -> RawColumn:
    """Read one column; text is a category, also where it looks like a number or a date.

    With `axis` it is read as that: a few rows of a column may look like another kind.
    """
    series = frame[name]
    axis = _kind(series) if axis is None else axis
    if axis == "category":
        return _read_levels(series, name)
    try:
        return RawColumn(name, axis, _numbers(series) if axis == "number" else _seconds(series))
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"the column {name!r} cannot be read as {axis}s",
            got=str(error),
            hint="the same types in every frame",
        ) from error


def _kind(series: pd.Series[Any]) -> Axis:
    types = pd.api.types
    if isinstance(series.dtype, pd.CategoricalDtype) or types.is_bool_dtype(series.dtype):
        return "category"
    if types.is_datetime64_any_dtype(series.dtype):
        return "time"
    if types.is_numeric_dtype(series.dtype) or types.is_timedelta64_dtype(series.dtype):
        return "number"
    inferred = pd.api.types.infer_dtype(series, skipna=True)
    if inferred in ("integer", "floating", "mixed-integer-float", "decimal"):
        return "number"
    return "time" if inferred in ("datetime", "datetime64", "date") else "category"


def _numbers(series: pd.Series[Any]) -> Floats:
    """Return numbers, and durations in seconds, as float64."""
    if pd.api.types.is_timedelta64_dtype(series.dtype):
        seconds: Floats = series.dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan)
        return seconds
    numbers: Floats = pd.to_numeric(series).to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def _seconds(series: pd.Series[Any]) -> Floats:
    # Dates in an object column need not share one form once they are read as text.
    form = "mixed" if series.dtype == object else None
    times = pd.to_datetime(series, utc=True, format=form)
    whole = times.dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    seconds: Floats = whole.astype(np.int64) / 1e6
    seconds[np.isnat(whole)] = np.nan
    return seconds


def _read_levels(series: pd.Series[Any], name: Hashable) -> RawColumn:
    ordered = isinstance(series.dtype, pd.CategoricalDtype) and bool(series.cat.ordered)
    try:
        codes, distinct = pd.factorize(series.array, use_na_sentinel=True)
    except TypeError as error:
        raise ArgumentTypeError(
            f"the column {name!r} holds values that cannot be compared",
            got=str(error),
            hint="numbers, text, dates, booleans or categories",
        ) from error
    levels = list(distinct)
    if ordered:
        ranks = {level: rank for rank, level in enumerate(series.cat.categories)}
        order = sorted(range(len(levels)), key=lambda k: ranks[levels[k]])
    elif pd.api.types.is_bool_dtype(series.dtype):
        order = sorted(range(len(levels)), key=lambda k: bool(levels[k]))
        ordered = True
    else:
        counts = np.bincount(codes[codes >= 0], minlength=len(levels))
        order = sorted(range(len(levels)), key=lambda k: (-counts[k], str(levels[k])))
    place = np.full(len(levels) + 1, np.nan)
    place[order] = np.arange(len(levels))
    return RawColumn(name, "category", place[codes], tuple(levels[k] for k in order), ordered)


def number_text(value: float) -> str:
    """Return a number with six digits, ten where it is very large or small; whole ones in full."""
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.6g}" if 1e-4 <= abs(value) < 1e6 else f"{value:.10g}"


def exact_text(value: float) -> str:
    """Return the shortest text that means exactly this number."""
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value))


def time_text(seconds: float) -> str:
    """Return a time in ISO form; only the date at midnight, no fraction at whole seconds."""
    micro = round(seconds * 1e6)
    if micro % 1_000_000:
        return str(np.datetime64(micro, "us"))
    return str(np.datetime64(micro // 1_000_000, "s")).removesuffix("T00:00:00")


def checked_frame(frame: object) -> pd.DataFrame:
    """Return the frame with a fresh index, or say why it cannot be used."""
    if not isinstance(frame, pd.DataFrame):
        raise ArgumentTypeError(
            "X must be a pandas DataFrame of raw columns", got=type(frame).__name__
        )
    if not len(frame):
        raise ArgumentError("X has no rows", got="0 rows", hint="at least 2 rows")
    if not frame.shape[1]:
        raise ArgumentError("X has no columns", got="0 columns")
    if not frame.columns.is_unique:
        double = frame.columns[frame.columns.duplicated()][0]
        raise ArgumentError(
            "column names must differ", got=f"{double!r} twice", hint="rename one of them"
        )
    return frame.reset_index(drop=True)


def check_columns(frame: pd.DataFrame, names: Iterable[Hashable]) -> None:
    """Raise for the first name that the frame lacks, with the nearest that it has."""
    for name in names:
        if name in frame.columns:
            continue
        known = [str(column) for column in frame.columns]
        near = get_close_matches(str(name), known, n=1, cutoff=0.5)
        shown = ", ".join(known[:3]) + (", …" if len(known) > 3 else "")
        raise ArgumentError(
            f"there is no column {name!r} in X",
            got=f"{len(known)} columns: {shown}",
            hint=f"{near[0]!r}" if near else "one of X.columns",
        )


def check_settings(*, confidence: float, **at_least_one: int) -> None:
    """Raise for a confidence outside (0, 1) and for counts below 1."""
    if not 0 < confidence < 1:
        raise ArgumentError(
            "confidence must lie between 0 and 1", got=f"{confidence}", hint="confidence=0.95"
        )
    for name, value in at_least_one.items():
        if value < 1:
            raise ArgumentError(f"{name} must be at least 1", got=f"{name}={value}")


def stream(seed: int, purpose: int) -> np.random.Generator:
    """Return a generator of its own for each purpose, also apart from the caller's own seed."""
    if seed < 0:
        raise ArgumentError("seed must not be negative", got=f"seed={seed}", hint="seed=0")
    return np.random.default_rng([seed, purpose])


def sample_rows(n_rows: int, max_rows: int, seed: int) -> Ints:
    """Return positions of at most `max_rows` rows, in the frame's order."""
    if n_rows <= max_rows:
        return np.arange(n_rows)
    chosen = stream(seed, 0).choice(n_rows, max_rows, replace=False)
    return np.sort(chosen).astype(np.int64)
