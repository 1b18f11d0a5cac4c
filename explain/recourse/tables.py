"""A row and the data in types that both share, and back into the row's own."""

from __future__ import annotations

from typing import Any

import pandas as pd

from explain.errors import ArgumentTypeError
from explain.showing.words import short, value_text


def aligned(row: pd.DataFrame, data: pd.DataFrame) -> pd.DataFrame:
    """Return the row followed by the data.

    Raises
    ------
    ArgumentTypeError
        The row holds what no value of a column could be.
    """
    alike = [
        name
        for name in data.columns
        if row[name].dtype == data[name].dtype and not row[name].isna().any()
    ]
    # All at once: one column after another takes long where there are many.
    found = pd.concat([row[alike], data[alike]], ignore_index=True)
    rest = {
        name: _put_together(row[name], data[name]) for name in data.columns if name not in alike
    }
    return pd.concat([found, pd.DataFrame(rest, index=found.index)], axis=1)[list(data.columns)]


def _put_together(one: pd.Series[Any], many: pd.Series[Any]) -> pd.Series[Any]:
    if one.isna().all():
        one = many.iloc[:0].reindex([0])
    elif isinstance(many.dtype, pd.CategoricalDtype):
        one, many = _in_levels(one, many)
    elif one.dtype != many.dtype:
        one = _as_data(one, many)
    return pd.concat([one, many], ignore_index=True)


def _in_levels(one: pd.Series[Any], many: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Give both the data's categories, and the row's own level where they lack it."""
    value = one.iloc[0]
    if value not in many.cat.categories:
        many = many.cat.add_categories([value])
    return one.astype(object).astype(many.dtype), many


def _as_data(one: pd.Series[Any], many: pd.Series[Any]) -> pd.Series[Any]:
    """Bring the row's value to the data's type; wider numbers stay what they are."""
    types = pd.api.types
    numbers = types.is_numeric_dtype(one.dtype) and types.is_numeric_dtype(many.dtype)
    if numbers and not types.is_bool_dtype(one.dtype) and not types.is_bool_dtype(many.dtype):
        whole = float(one.iloc[0]).is_integer()
        return one if types.is_integer_dtype(many.dtype) and not whole else one.astype(many.dtype)
    value = one.iloc[0]
    text_for_other = isinstance(value, str) and (
        numbers_of(many) or types.is_bool_dtype(many.dtype)
    )
    other_for_text = not isinstance(value, str) and types.is_string_dtype(many.dtype)
    if text_for_other or (other_for_text and many.dtype != object):
        raise _other_type(one, many)
    try:
        return one.astype(object).astype(many.dtype)
    except (TypeError, ValueError) as error:
        raise _other_type(one, many) from error


def numbers_of(series: pd.Series[Any]) -> bool:
    """Tell whether a column holds numbers."""
    return bool(pd.api.types.is_numeric_dtype(series.dtype))


def _other_type(one: pd.Series[Any], many: pd.Series[Any]) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"the row's {short(one.name)!r} is of another type than the data's",
        got=f"{short(repr(one.iloc[0]))}, the data hold {many.dtype}",
        hint=f"a value such as {value_text(many.dropna().iloc[0])}"
        if many.notna().any()
        else None,
    )


def as_given(rows: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Return rows in the types of the row that was given, where these hold their values."""
    found = rows.reset_index(drop=True).copy()
    for name in found.columns:
        if given[name].dtype != found[name].dtype:
            found[name] = _cast(found[name], given[name].dtype)
    return found


def _cast(values: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
    """Return values in another type if it holds them, else as they are."""
    types = pd.api.types
    if types.is_string_dtype(dtype) and types.is_string_dtype(values.dtype):
        return values.astype(dtype)
    both = types.is_numeric_dtype(dtype) and numbers_of(values)
    if not both or (values.isna().any() and not types.is_float_dtype(dtype)):
        return values
    cast = values.astype(dtype)
    same = (cast.astype(float) == values.astype(float)) | values.isna()
    return cast if bool(same.all()) else values
