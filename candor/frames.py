"""Frames at the border: any data frame in, pandas and plain arrays inside."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

RawKind = Literal["number", "boolean", "time", "duration", "values", "unsupported"]

_FEW = 32
"""Up to so many rows, plain Python beats vectorised code on strings."""


@dataclass(frozen=True)
class RawColumn:
    """One column of a frame, its storage type behind it.

    Parameters
    ----------
    kind : {"number", "boolean", "time", "duration", "values", "unsupported"}
        number: `values` as stored, integers kept whole; boolean: 0, 1, NaN;
        time: seconds since 1970-01-01 UTC; duration: seconds; NaN where missing.
        values: `codes` into the list `distinct`. unsupported: `note` says why.
    values : ndarray, shape (n_rows,)
        The numbers; empty for "values" and "unsupported".
    codes : ndarray of int, shape (n_rows,)
        Positions in `distinct`, -1 where missing; empty for other kinds.
    distinct : tuple of object
        The distinct Python values.
    declared : bool
        Whether the frame itself declares the column categorical.
    ordered : bool
        Whether the order of `distinct` has a meaning.
    note : str
        What the reader should know, such as a time zone that was converted.
    """

    kind: RawKind
    values: NDArray[Any]
    codes: NDArray[Any]
    distinct: tuple[Any, ...] = ()
    declared: bool = False
    ordered: bool = False
    note: str = ""

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.codes) if self.kind == "values" else len(self.values)

    def take(self, rows: NDArray[np.int64]) -> RawColumn:
        """Return the column at the given rows; `distinct` stays as it is."""
        values = self.values[rows] if len(self.values) else self.values
        codes = self.codes[rows] if len(self.codes) else self.codes
        return RawColumn(
            self.kind, values, codes, self.distinct, self.declared, self.ordered, self.note
        )


_NONE: NDArray[Any] = np.empty(0)

_UNIFORM = frozenset(
    {"string", "bytes", "integer", "floating", "boolean", "decimal", "date", "datetime", "time"}
)
"""Kinds of object columns, as pandas infers them, whose values are all of one type."""


def frame_kind(data: object) -> str:
    """Name the kind of frame, such as ``"polars frame"``; the empty string if it is none."""
    if type(data).__name__ not in ("DataFrame", "LazyFrame", "Table", "RecordBatch"):
        return "Arrow frame" if hasattr(data, "__arrow_c_stream__") and _has_columns(data) else ""
    package = type(data).__module__.partition(".")[0]
    if package in ("pandas", "polars"):
        return f"{package} frame"
    if package == "pyarrow":
        return "Arrow frame"
    return f"{package} frame" if _is_narwhals_frame(data) else ""


def to_pandas(data: Any) -> pd.DataFrame:
    """Return a pandas, polars or Arrow frame as a pandas frame, sharing memory where it can."""
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data
    return arrow_to_pandas(_to_arrow(data))


def arrow_to_pandas(table: Any) -> pd.DataFrame:
    """Return an Arrow table as a pandas frame; duplicated names stay duplicated."""
    import pyarrow as pa

    names = table.column_names
    unique = table.rename_columns([str(i) for i in range(len(names))])
    for i, field in enumerate(unique.schema):
        if field.type in (pa.string_view(), pa.binary_view()):
            plain = pa.large_string() if field.type == pa.string_view() else pa.large_binary()
            unique = unique.set_column(i, field.name, unique.column(i).cast(plain))
    # one block a column: no second copy of the table to bring columns together; 64-bit integers
    # with nulls stay integers, because floats would lose digits of long identifiers
    frame: pd.DataFrame = unique.to_pandas(
        split_blocks=True,
        ignore_metadata=True,
        date_as_object=False,
        types_mapper=_nullable_types(unique),
    )
    frame.columns = names
    return frame


def _nullable_types(table: Any) -> Any:
    """Return a type mapper that keeps integers with nulls as integers where they are long."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    for field, column in zip(table.schema, table.columns, strict=True):
        if field.type in (pa.int64(), pa.uint64()) and column.null_count:
            ends = pc.min_max(column).as_py()
            if max(abs(ends["min"] or 0), abs(ends["max"] or 0)) > 2**53:
                return {pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}.get
    return None


def _to_arrow(data: Any) -> Any:
    import pyarrow as pa

    if isinstance(data, pa.Table):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if type(data).__name__ in ("DataFrame", "LazyFrame"):
        import narwhals as nw

        frame = nw.from_native(data)
        return (frame.collect() if isinstance(frame, nw.LazyFrame) else frame).to_arrow()
    return pa.table(data)


def _is_narwhals_frame(data: Any) -> bool:
    import narwhals as nw

    return isinstance(nw.from_native(data, pass_through=True), (nw.DataFrame, nw.LazyFrame))


def _has_columns(data: Any) -> bool:
    """Tell a table from a single column that also offers an Arrow stream."""
    return hasattr(data, "column_names") or hasattr(data, "columns")


def raw_column(series: pd.Series[Any]) -> RawColumn:
    """Read one pandas column, whatever its dtype, into a `RawColumn`.

    Parameters
    ----------
    series : pandas.Series
        The column: numpy, nullable, Arrow, categorical or object dtype.

    Returns
    -------
    RawColumn
        Kind "unsupported", with a reason, for complex numbers, lists, dicts and their like.
    """
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return _numpy_column(series.to_numpy(), series)
    name = type(dtype).__name__
    if name == "StringDtype":
        return _string_column(series)
    if name == "CategoricalDtype":
        return _categorical_column(series)
    if name == "DatetimeTZDtype":
        zone = str(dtype.tz)  # type: ignore[attr-defined]
        naive = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        return _time_column(naive, "" if zone == "UTC" else zone)
    if name == "ArrowDtype":
        return _arrow_column(series)
    if name == "PeriodDtype":
        return _time_column(series.dt.to_timestamp().to_numpy(), "")
    if name == "SparseDtype":
        return _numpy_column(np.asarray(series.to_numpy()), series)
    if name == "IntervalDtype":
        return _object_column(series.astype(object).map(str, na_action="ignore"))
    return _nullable_column(series)


def as_values(raw: RawColumn) -> RawColumn:
    """Return a column of any kind as distinct values and codes."""
    if raw.kind in ("values", "unsupported"):
        return raw
    import pandas as pd

    codes, distinct = pd.factorize(raw.values, use_na_sentinel=True)
    values = distinct.tolist()
    if raw.kind == "boolean":
        values = [bool(value) for value in values]
    return RawColumn("values", _NONE, codes, tuple(values), note=raw.note)


def _numpy_column(values: NDArray[Any], series: pd.Series[Any]) -> RawColumn:
    kind = values.dtype.kind
    if kind in "iuf":
        return RawColumn("number", values, _NONE)
    if kind == "b":
        return RawColumn("boolean", values.view(np.uint8), _NONE)
    if kind == "M":
        return _time_column(values, "")
    if kind == "m":
        return RawColumn("duration", _seconds(values, "timedelta64[us]"), _NONE)
    if kind == "O":
        return _object_column(series)
    if kind == "c":
        return _unsupported("it holds complex numbers")
    return _object_column(series.astype(object))


def _time_column(values: NDArray[Any], note: str) -> RawColumn:
    return RawColumn("time", _seconds(values, "datetime64[us]"), _NONE, note=note)


def _seconds(values: NDArray[Any], unit: str) -> NDArray[np.float64]:
    """Count seconds through whole microseconds, so that every stored unit gives the same float."""
    whole = values.astype(unit)
    seconds: NDArray[np.float64] = whole.astype(np.int64) / 1e6
    seconds[np.isnat(whole)] = np.nan
    return seconds


def _nullable_column(series: pd.Series[Any]) -> RawColumn:
    """Read pandas' nullable integers, floats and booleans; other extension types as objects."""
    kind = getattr(series.dtype, "kind", "O")
    if kind not in "iufb":
        return _object_column(series.astype(object))
    missing = series.isna().to_numpy()
    if kind == "b":
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return RawColumn("boolean", values, _NONE)
    if not missing.any():
        stored = getattr(series.dtype, "numpy_dtype", np.float64)
        return RawColumn("number", series.to_numpy(dtype=stored), _NONE)
    if kind in "iu" and _is_long(series):
        return _object_column(series.astype(object))
    return RawColumn("number", series.to_numpy(dtype=np.float64, na_value=np.nan), _NONE)


def _is_long(series: pd.Series[Any]) -> bool:
    """Say whether integers are too long for a float."""
    present = series.dropna()
    return bool(len(present) and (present.min() < -(2**53) or present.max() > 2**53))


def _string_column(series: pd.Series[Any]) -> RawColumn:
    if len(series) <= _FEW:
        return _from_list(series.tolist())
    import pyarrow as pa

    return _dictionary_column(pa.array(series.array, from_pandas=True))


def _dictionary_column(array: Any) -> RawColumn:
    """Read an Arrow array of strings or bytes through its dictionary."""
    import pyarrow as pa

    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return RawColumn("values", _NONE, codes, tuple(encoded.dictionary.to_pylist()))


def _categorical_column(series: pd.Series[Any]) -> RawColumn:
    categories = series.cat.categories
    inner = raw_column(categories.to_series())
    if inner.kind == "unsupported":
        return inner
    distinct = tuple(categories.tolist())
    codes = series.cat.codes.to_numpy()
    return RawColumn("values", _NONE, codes, distinct, True, bool(series.cat.ordered))


def _arrow_column(series: pd.Series[Any]) -> RawColumn:
    """Read a pandas column that Arrow stores."""
    import pyarrow as pa

    array = pa.array(series.array)
    stored = array.type
    if pa.types.is_dictionary(stored):
        raw = _dictionary_column(array)
        return RawColumn("values", _NONE, raw.codes, raw.distinct, True)
    if pa.types.is_string(stored) or pa.types.is_large_string(stored):
        return _dictionary_column(array)
    if pa.types.is_nested(stored):
        return _unsupported(f"it holds nested values ({stored})")
    table = pa.table({"c": array})
    plain = table.to_pandas(ignore_metadata=True, date_as_object=False)["c"]
    if pa.types.is_integer(stored) and array.null_count and _is_long(series):
        return _object_column(series.astype(object))
    if plain.dtype == object and pa.types.is_boolean(stored):
        return RawColumn("boolean", plain.astype("float64").to_numpy(), _NONE)
    return raw_column(plain)


def _object_column(series: pd.Series[Any]) -> RawColumn:
    """Read a column of Python objects."""
    if len(series) <= _FEW:
        return _from_list(series.tolist())
    import pandas as pd

    values = series.to_numpy(dtype=object)
    # in a mixture, 1 and True are equal: only the slow way tells them apart
    if pd.api.types.infer_dtype(values, skipna=True) not in _UNIFORM:
        return _from_list(series.tolist())
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    return _checked(np.asarray(codes), distinct.tolist())


def _from_list(values: list[Any]) -> RawColumn:
    known: dict[Hashable, int] = {}
    distinct: list[Any] = []
    codes = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        if is_missing(value):
            codes[row] = -1
            continue
        if not isinstance(value, Hashable):
            return _unsupported(f"it holds {_plural(value)}")
        key = (type(value), value)
        try:
            code = known.get(key, -1)
        except TypeError:
            return _unsupported(f"it holds {_plural(value)}")
        if code < 0:
            code = known[key] = len(distinct)
            distinct.append(value)
        codes[row] = code
    return _checked(codes, distinct)


def _checked(codes: NDArray[Any], distinct: list[Any]) -> RawColumn:
    for value in distinct:
        if isinstance(value, (tuple, frozenset, complex)):
            return _unsupported(f"it holds {_plural(value)}")
    return RawColumn("values", _NONE, codes, tuple(distinct))


def is_missing(value: Any) -> bool:
    """Say whether a Python value stands for missing: None, NaN, NaT or pandas' NA."""
    if value is None:
        return True
    if isinstance(value, str):
        return False
    if isinstance(value, float):
        return value != value
    return (
        type(value).__name__ in ("NAType", "NaTType")
        or (isinstance(value, np.generic) and value.dtype.kind in "fmM" and bool(value != value))
        or (type(value).__name__ == "Decimal" and value.is_nan())
    )


def _unsupported(why: str) -> RawColumn:
    return RawColumn("unsupported", _NONE, _NONE, note=why)


def _plural(value: object) -> str:
    names = {"dict": "dicts", "list": "lists", "tuple": "tuples", "set": "sets"}
    names |= {"ndarray": "lists", "frozenset": "sets", "complex": "complex numbers"}
    kind = type(value).__name__
    return names.get(kind, f"values of type {kind}")
