"""What callers hand over, as columns: lists, arrays, series and frames of any library."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from candor.frames import RawColumn, arrow_to_pandas, frame_kind, raw_column, to_pandas
from fairness.errors import ArgumentError, ArgumentTypeError, ColumnNotFoundError
from fairness.table.names import listed, readable
from fairness.table.values import ALL, TIMES


def read_column(value: Any, what: str) -> RawColumn:
    """Read one column, whatever holds it.

    Parameters
    ----------
    value : list, ndarray, Series or Arrow array
        The column.
    what : str
        What to call it in messages.

    Returns
    -------
    RawColumn
        The column; never of the kind "unsupported".
    """
    raw = raw_column(as_series(value, what))
    if raw.kind == "unsupported":
        raise ArgumentError(
            f"{what} cannot be used", got=raw.note, hint="a column of plain values"
        )
    if raw.kind == "values" and raw.distinct and all(type(v) is Decimal for v in raw.distinct):
        table = np.array([*(float(value) for value in raw.distinct), np.nan])
        return RawColumn("number", table[raw.codes], raw.codes[:0])
    return raw


def is_polars_or_arrow(value: Any) -> bool:
    """Say whether a column's declared categories may be in order of appearance."""
    return not isinstance(value, (pd.Series, pd.Categorical))


def as_series(value: Any, what: str) -> pd.Series[Any]:
    """Return a column as a pandas series; rows are matched by position, not by index."""
    if isinstance(value, pd.Series):
        return value
    if frame_kind(value):
        raise ArgumentError(
            f"{what} is a frame, one column is needed",
            got=_shape(value),
            hint='one column of it, such as frame["name"]',
        )
    if isinstance(value, (str, bytes, Mapping, set, frozenset)) or np.isscalar(value):
        raise ArgumentTypeError(
            f"{what} is no column", got=f"{type(value).__name__}", hint="a list, array or Series"
        )
    if _is_arrow(value):
        import pyarrow as pa

        return arrow_to_pandas(pa.table({"column": _arrow_column(value)}))["column"]
    if isinstance(value, (pd.Index, pd.api.extensions.ExtensionArray)):
        return pd.Series(value)
    if isinstance(value, (Sequence, range)):
        return _from_list(list(value), what)
    if not hasattr(value, "__array__"):
        raise ArgumentTypeError(
            f"{what} is no column", got=f"{type(value).__name__}", hint="a list, array or Series"
        )
    array = value if isinstance(value, np.ma.MaskedArray) else np.asarray(value)
    if array.ndim != 1:
        raise _not_flat(what, array.shape)
    return _inferred(array)


def _from_list(values: list[Any], what: str) -> pd.Series[Any]:
    nested = (list, tuple, np.ndarray)
    if values and isinstance(values[0], nested) and np.ndim(values[0]):
        raise _not_flat(what, (len(values), len(values[0])))
    return _inferred(values) if values else pd.Series(values, dtype=object)


def _inferred(values: Any) -> pd.Series[Any]:
    try:
        return pd.Series(values)
    except UnicodeEncodeError:  # half of a surrogate pair: no text column can hold it
        return pd.Series(values, dtype=object)


def _not_flat(what: str, shape: tuple[int, ...]) -> ArgumentError:
    return ArgumentError(
        f"{what} must have one dimension",
        got=f"it has the shape {shape}",
        hint="one value for each row, such as values[:, 0]",
    )


def _shape(frame: Any) -> str:
    names = column_names(frame)
    return f"{len(names):,} columns: {listed(names)}"


def _is_arrow(value: Any) -> bool:
    package = type(value).__module__.partition(".")[0]
    return package in ("polars", "pyarrow") or hasattr(value, "__arrow_c_stream__")


def _arrow_column(value: Any) -> Any:
    """Return a polars or Arrow column as Arrow stores it."""
    import pyarrow as pa

    if isinstance(value, (pa.Array, pa.ChunkedArray)):
        return value
    return value.to_arrow() if hasattr(value, "to_arrow") else pa.chunked_array(value)


def read_matrix(value: Any, what: str) -> np.ndarray[Any, np.dtype[Any]] | None:
    """Return scores of several classes as a matrix; None where the value has one dimension."""
    if frame_kind(value):
        return to_pandas(value).to_numpy()
    if _is_arrow(value) or isinstance(value, (str, pd.Series)):
        return None
    if isinstance(value, (list, tuple)) and not (value and np.ndim(value[0]) == 1):
        return None
    array = np.asarray(value)
    if array.ndim > 2:
        raise _not_flat(what, array.shape)
    return array if array.ndim == 2 else None


def read_attributes(value: Any, argument: str) -> dict[str, Any]:
    """Return attributes by name, as the caller's own columns.

    Parameters
    ----------
    value : Series, list, ndarray, frame or mapping
        One column, several by name, or None.
    argument : str
        Name of the argument, which names a column that has no name.

    Returns
    -------
    dict of str to column
        In the order given.
    """
    if value is None:
        return {}
    if isinstance(value, str):
        raise ArgumentTypeError(
            f"{argument} is a name, not a column",
            got=repr(value),
            hint=f"{argument}=frame[{value!r}], or CountTable.from_frame(frame, …)",
        )
    if isinstance(value, Mapping):
        return _named((readable(str(name)), column) for name, column in value.items())
    if frame_kind(value):
        names = column_names(value)
        frame = select(value, names)
        return _named((readable(str(name)), frame.iloc[:, i]) for i, name in enumerate(names))
    if np.ndim(value) == 2 and not isinstance(value, pd.Series):
        raise ArgumentError(
            f"the columns of {argument} have no names",
            got=f"an array of shape {np.shape(value)}",
            hint=f'{argument}={{"race": …, "sex": …}} or a frame',
        )
    name = getattr(value, "name", None)
    return {argument if name in (None, "") else readable(str(name)): value}


def _named(columns: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, column in columns:
        if name in found:
            raise ArgumentError(
                f"two attributes are named {name!r}", hint="a different name for each"
            )
        found[name] = column
    return found


def check_attributes(sensitive: Mapping[str, Any], control: Mapping[str, Any]) -> None:
    """Refuse attributes that nobody could tell apart, and an audit by nothing."""
    if not sensitive:
        raise ArgumentError(
            "sensitive names no attribute",
            got="nothing to group the rows by",
            hint='sensitive=frame[["race", "sex"]]',
        )
    both = [name for name in sensitive if name in control]
    if both:
        raise ArgumentError(
            f"{both[0]!r} is both sensitive and a control feature",
            hint="one of the two: groups are compared by it, or within it",
        )
    check_names((*sensitive, *control))


def check_names(names: Sequence[str]) -> None:
    """Refuse names that stand for something else."""
    for name in names:
        if name == ALL:
            raise ArgumentError(
                f"an attribute cannot be named {ALL!r}",
                got="that name stands for all rows together",
                hint='another name, such as sensitive={"everyone": …}',
            )
        parts = name.split(TIMES)
        if len(parts) > 1 and all(part in names for part in parts):
            raise ArgumentError(
                f"an attribute cannot be named {name!r}",
                got=f"that name stands for {listed(parts)} crossed",
                hint="another name",
            )


def column_names(frame: Any) -> list[Any]:
    """Return the names of a frame's columns."""
    if hasattr(frame, "collect_schema"):
        return list(frame.collect_schema().names())
    if hasattr(frame, "column_names"):
        return list(frame.column_names)
    if isinstance(frame, pd.DataFrame) or hasattr(frame, "columns"):
        return list(frame.columns)
    return list(frame.schema.names)


def select(frame: Any, names: Sequence[Any]) -> pd.DataFrame:
    """Return some columns of any frame as a pandas frame; the others are not converted."""
    if isinstance(frame, pd.DataFrame):
        return frame.loc[:, list(dict.fromkeys(names))]
    if hasattr(frame, "select"):
        frame = frame.select(list(dict.fromkeys(names)))
    return to_pandas(frame)


def as_names(value: Any, argument: str) -> tuple[str, ...]:
    """Return one column name, or several, as a tuple."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable):
        raise ArgumentTypeError(
            f"{argument} has to name columns",
            got=type(value).__name__,
            hint=f'{argument}="race" or {argument}=["race", "sex"]',
        )
    return tuple(str(name) for name in value)


def find_columns(
    names: Iterable[tuple[str, str]], columns: Sequence[Any], where: str
) -> list[Any]:
    """Find named columns.

    Parameters
    ----------
    names : iterable of (str, str)
        Argument and the column that it names.
    columns : sequence
        Names that there are.
    where : str
        What to call the frame or file.

    Returns
    -------
    list
        The frame's own names.
    """
    return [_find(name, columns, where, argument) for argument, name in names]


def _find(name: str, columns: Sequence[Any], where: str, argument: str) -> Any:
    found = [column for column in columns if str(column) == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise ArgumentError(
            f"{len(found)} columns of {where} are named {name!r}", hint="a different name for each"
        )
    texts = [str(column) for column in columns]
    near = nearest(name, texts)
    raise ColumnNotFoundError(
        f"there is no column {name!r} in {where}",
        got=f"it has {listed(texts, 12)}",
        hint=f"{argument}={near!r}" if near else None,
    )


def nearest(name: str, texts: Sequence[str]) -> str:
    """Return the name that was most likely meant; empty where none is near."""
    same = [text for text in texts if text.lower() == name.lower()]
    near = same or difflib.get_close_matches(name, texts, n=1)
    return near[0] if near else ""
