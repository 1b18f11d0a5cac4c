"""Columns of a frame or file that an audit reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from automl.errors import ArgumentError
from automl.table.names import find_column, find_columns, with_text_names
from automl.table.words import is_mark
from candor.frames import raw_column

if TYPE_CHECKING:
    import pandas as pd


def sensitive_columns(frame: pd.DataFrame, names: Iterable[str], where: str) -> pd.DataFrame:
    """Return columns to group by, with marks of missing values taken for what they are.

    Numbers that stand as text become numbers, so that many different ones are binned.

    Raises
    ------
    ArgumentError
        No column is named.
    ColumnNotFoundError
        A column is not there.
    DataError
        Two columns have one name.
    """
    import pandas as pd

    frame, _ = with_text_names(frame, where)
    found = find_columns(names, frame.columns.tolist(), where, "sensitive")
    if not found:
        raise ArgumentError(
            "an audit needs sensitive columns", got="none is named", hint='sensitive=["sex"]'
        )
    return pd.DataFrame({name: _typed(frame[name]) for name in found})


def one_column(frame: pd.DataFrame, name: str, where: str, argument: str) -> pd.Series[Any]:
    """Return one column, numbers that stand as text as numbers.

    Raises
    ------
    ColumnNotFoundError
        It is not there.
    DataError
        Two columns have one name.
    """
    frame, _ = with_text_names(frame, where)
    return _typed(frame[find_column(name, frame.columns.tolist(), where, argument)])


def _typed(series: pd.Series[Any]) -> pd.Series[Any]:
    """Turn text into numbers where it holds nothing else, and marks into missing values."""
    raw = raw_column(series)
    if raw.kind != "values" or raw.declared:
        return series
    import pandas as pd

    values = [None if isinstance(v, str) and is_mark(v) else v for v in raw.distinct]
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, str) for value in present):
        numbers = pd.to_numeric(pd.Series(present), errors="coerce")
        if numbers.notna().all():
            values = [None if value is None else float(value) for value in values]
    lookup = pd.Series([*values, None], dtype=object)
    taken = lookup.iloc[raw.codes].reset_index(drop=True)
    return taken.infer_objects().set_axis(series.index)
