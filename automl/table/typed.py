"""Rows whose numbers and times are such, where the table spells them as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from automl.table.columns import Columns

if TYPE_CHECKING:
    from automl.table.schema import Schema


def typed_frame(schema: Schema, frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows in which "$1,200" is 1200.0 and "3 May 2024" a time.

    Whoever draws a curve or tells a direction needs the numbers; to the schema both are the same.

    Parameters
    ----------
    schema : Schema
        How the rows are read.
    frame : DataFrame
        Rows with at least its features.

    Returns
    -------
    DataFrame
        The same object where no number or time is spelled as text, or where the schema would
        read the typed rows differently.
    """
    spelled = [
        column
        for column in schema.columns
        if column.is_feature
        and column.name in frame.columns
        and column.role in ("numeric", "datetime")
        and str(frame[column.name].dtype) in ("object", "str", "string", "category")
    ]
    if not spelled:
        return frame
    read = schema.read(frame)
    numbers = dict(zip(read.layout.numeric, read.numeric.T, strict=True))
    times = dict(zip(read.layout.times, read.times.T, strict=True))
    typed = frame.assign(
        **{
            column.name: numbers[column.name].copy()
            if column.role == "numeric"
            else pd.to_datetime(times[column.name], unit="s")
            for column in spelled
        }
    )
    return typed if _same(read, schema.read(typed)) else frame


def _same(one: Columns, other: Columns) -> bool:
    """Tell whether a model would see the same rows."""
    return (
        np.array_equal(one.numeric, other.numeric, equal_nan=True)
        and np.array_equal(one.codes, other.codes)
        and np.array_equal(one.times, other.times, equal_nan=True)
        and all(np.array_equal(a, b) for a, b in zip(one.texts, other.texts, strict=True))
    )
