"""Predictions for rows in which some columns come from other rows.

A profile asks a model about rows that never were: row 7 with the age of row 12. Such a row is
named by positions in the frame, so every value keeps the type in which the model has seen it,
missing values included, and nothing is converted.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from explain.errors import ExplainError, PredictionError
from explain.profiles.columns import Floats, Ints

Predict = Callable[[pd.DataFrame], Any]

BATCH_CELLS = 4_000_000
"""Largest number of cells (rows × columns) of one frame that a model is given."""

BATCH_ROWS = 200_000
"""Largest number of its rows."""


@dataclass(frozen=True, eq=False)
class Swap:
    """Rows with some of their columns taken from donors.

    Parameters
    ----------
    columns : tuple of hashable
        The columns that the donors give.
    base : ndarray of int, shape (n,)
        Positions of the rows that give every other column.
    donors : ndarray of int, shape (n,)
        Positions of the rows that give `columns`.
    """

    columns: tuple[Hashable, ...]
    base: Ints
    donors: Ints


def outputs(predict: Predict, frame: pd.DataFrame, about: str) -> Floats:
    """Return the checked predictions for a frame, shape (n_rows, n_outputs)."""
    try:
        raw = predict(frame)
    except (ExplainError, MemoryError):
        raise
    except Exception as error:  # whatever a foreign model raises, its place must be told
        raise PredictionError(
            f"predict raised {type(error).__name__} on {about}",
            got=str(error) or "no message",
            hint="call predict on the rows themselves to see whether it reads them",
        ) from error
    values = np.asarray(raw)
    if values.ndim not in (1, 2) or len(values) != len(frame) or values.size == 0:
        raise PredictionError(
            f"predict returned the wrong shape on {about}",
            got=f"{values.shape} for {len(frame)} rows",
            hint="shape (rows,) or (rows, outputs)",
        )
    if values.dtype.kind not in "fiub":
        raise PredictionError(
            f"predict did not return numbers on {about}",
            got=f"dtype {values.dtype}",
            hint="the margin, the probabilities or the response instead of labels",
        )
    values = values.astype(np.float64).reshape(len(frame), -1)
    bad = int((~np.isfinite(values)).any(axis=1).sum())
    if bad:
        raise PredictionError(
            f"predict returned values that are not finite on {about}",
            got=f"in {bad} of {len(frame)} rows",
        )
    return values


def swapped(predict: Predict, X: pd.DataFrame, swaps: Iterable[Swap]) -> Iterator[Floats]:
    """Yield the predictions of each swap, shape (n, n_outputs), in as few calls as fit."""
    limit = batch_rows(X)
    for batch in _batches(swaps, limit):
        values = _batch_outputs(predict, X, batch, limit)
        ends = np.cumsum([len(swap.base) for swap in batch])
        yield from np.split(values, ends[:-1])


def batch_rows(X: pd.DataFrame) -> int:
    """Return how many rows of so many columns one call may have."""
    return max(1, min(BATCH_ROWS, BATCH_CELLS // X.shape[1]))


def _batches(swaps: Iterable[Swap], limit: int) -> Iterator[list[Swap]]:
    """Gather swaps that fit into one call; a larger one goes alone."""
    batch: list[Swap] = []
    rows = 0
    for swap in swaps:
        if batch and rows + len(swap.base) > limit:
            yield batch
            batch, rows = [], 0
        batch.append(swap)
        rows += len(swap.base)
    if batch:
        yield batch


def _batch_outputs(predict: Predict, X: pd.DataFrame, batch: Sequence[Swap], limit: int) -> Floats:
    base = np.concatenate([swap.base for swap in batch])
    sources: dict[Hashable, Ints] = {}
    start = 0
    for swap in batch:
        end = start + len(swap.base)
        for column in swap.columns:
            sources.setdefault(column, base.copy())[start:end] = swap.donors
        start = end
    about = _about(list(sources))
    parts = [
        outputs(predict, _mixed(X, base, sources, slice(at, at + limit)), about)
        for at in range(0, len(base), limit)
    ]
    if len({part.shape[1] for part in parts}) > 1:
        raise PredictionError(
            f"predict returned the wrong shape on {about}",
            got=f"{sorted({part.shape[1] for part in parts})} outputs in different calls",
            hint="the same outputs in every call",
        )
    return np.concatenate(parts)


def _mixed(
    X: pd.DataFrame, base: Ints, sources: dict[Hashable, Ints], part: slice
) -> pd.DataFrame:
    frame = X.take(base[part])
    frame.index = pd.RangeIndex(len(frame))
    for column, source in sources.items():
        # As a series: a bare array of objects would be given a new type.
        given = X[column].take(source[part])
        given.index = frame.index
        frame[column] = given
    return frame


def _about(columns: Sequence[Hashable]) -> str:
    if not columns:
        return "the rows as they are"
    shown = ", ".join(repr(column) for column in columns[:3])
    more = f" and {len(columns) - 3} more" if len(columns) > 3 else ""
    word = "column" if len(columns) == 1 else "columns"
    return f"rows with other values of the {word} {shown}{more}"
