"""What a model of the caller's own raises, as an error that says what went wrong and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from explain.errors import ArgumentError, ExplainError, PredictionError

Found = TypeVar("Found")

LONGEST = 300
"""Characters of a foreign message that are told."""

NAMED = 5
"""Columns that are named."""


def said(error: BaseException) -> str:
    """Write a foreign error on one line: its type, and its message.

    Examples
    --------
    >>> said(KeyError("price")), said(AssertionError())
    ("KeyError: 'price'", 'AssertionError, without a message')
    """
    text = " ".join(str(error).split())
    if not text:
        return f"{type(error).__name__}, without a message"
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return f"{type(error).__name__}: {text}"


def not_fitted(name: str) -> ArgumentError:
    """Say that an estimator was not fitted."""
    return ArgumentError(
        f"{name} is not fitted", got="an estimator without what fit learns", hint="model.fit(X, y)"
    )


def failed(name: str, rows: Any, error: Exception) -> ExplainError:
    """Say that a model failed on rows; of values that it rejects, which columns hold them."""
    if type(error).__name__ == "NotFittedError":
        return not_fitted(name)
    text = f"{name} failed to predict {rows.shape[0]:,} rows"
    for word, what, holds, hint in _REJECTED:
        columns = _columns_that(rows, holds) if word in str(error).lower() else []
        if columns:
            shown = ", ".join(columns[:NAMED])
            more = f" and {len(columns) - NAMED:,} more columns" if len(columns) > NAMED else ""
            first = str(error).strip().splitlines()[0][:LONGEST]
            return PredictionError(
                text,
                got=f"{type(error).__name__}: {first.rstrip('.')}; {what} in {shown}{more}",
                hint=f"rows without {what} there{hint}",
            )
    return PredictionError(
        text,
        got=said(error),
        hint="rows as the model was fitted on: the same columns, types and missing values",
    )


def told(predict: Callable[[Any], Found], name: str) -> Callable[[Any], Found]:
    """Return a model's predictions as a function whose errors say that the model failed."""

    def call(rows: Any) -> Found:
        try:
            return predict(rows)
        except (ExplainError, MemoryError):
            raise
        except Exception as error:  # whatever a model of the caller's own raises
            raise failed(name, rows, error) from error

    return call


def _missing(column: pd.Series[Any]) -> bool:
    return bool(column.isna().any())


def _infinite(column: pd.Series[Any]) -> bool:
    if not pd.api.types.is_float_dtype(column):
        return False
    return bool(np.isinf(column.to_numpy(dtype=np.float64, na_value=np.nan)).any())


_IMPUTE = ", or a model that fills them: make_pipeline(SimpleImputer(), model)"

_REJECTED = (
    ("nan", "missing values", _missing, _IMPUTE),
    ("missing", "missing values", _missing, _IMPUTE),
    ("infinity", "infinite values", _infinite, ""),
)
"""A word of a foreign message, what it speaks of, how columns show it, and what else helps."""


def _columns_that(rows: Any, holds: Callable[[pd.Series[Any]], bool]) -> list[str]:
    """Name the columns of rows as a model takes them that hold such values."""
    if hasattr(rows, "toarray"):
        return []  # of sparse rows the features have no names
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
    named = isinstance(rows, pd.DataFrame)
    return [
        repr(name) if named else f"column {name}"
        for place, name in enumerate(frame.columns)
        if holds(frame.iloc[:, place])
    ]
