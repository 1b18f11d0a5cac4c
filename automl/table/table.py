"""The table: everything that the rest of the search reads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.table.checks import Check
from automl.table.columns import Columns
from automl.table.schema import Schema

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Table:
    """A table that was read, understood and checked; its rows are those with a target.

    Parameters
    ----------
    name : str
        File name, or the kind of frame.
    schema : Schema
        Roles and spellings of the columns, and the target.
    columns : Columns
        The features.
    y : ndarray, shape (n_rows,)
        Class numbers (int64) or values (float64).
    weight : ndarray of float64, shape (n_rows,), or None
        Row weights.
    group : ndarray of int64, shape (n_rows,), or None
        Group numbers.
    time : ndarray of float64, shape (n_rows,), or None
        Seconds since 1970-01-01 UTC, or plain numbers.
    sensitive : pandas.DataFrame or None
        Raw values of the sensitive columns.
    frame : pandas.DataFrame
        Raw values of features and sensitive columns.
    row_numbers : ndarray of int64, shape (n_rows,)
        Position of each row in the data as given.
    checks : tuple of Check
        What the data checks found, gravest first.
    fingerprint : str
        SHA-256 over features, target, weights, groups and times, and the column names.
    """

    name: str
    schema: Schema
    columns: Columns
    y: NDArray[Any]
    weight: NDArray[np.float64] | None
    group: NDArray[np.int64] | None
    time: NDArray[np.float64] | None
    sensitive: pd.DataFrame | None
    frame: pd.DataFrame
    row_numbers: NDArray[np.int64]
    checks: tuple[Check, ...]
    fingerprint: str

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.y)


def fingerprint(schema: Schema, columns: Columns, arrays: dict[str, NDArray[Any] | None]) -> str:
    """Hash the content of a table; equal content gives an equal hash."""
    digest = hashlib.sha256()
    for name in (schema.target.name, *map(str, schema.target.classes)):
        digest.update(name.encode(errors="surrogatepass") + b"\0")
    for column in schema.columns:
        digest.update(f"{column.name}\0{column.role}\0".encode(errors="surrogatepass"))
        for level in column.levels:
            digest.update(level.encode(errors="surrogatepass") + b"\0")
    for block in (columns.numeric, columns.codes, columns.times):
        digest.update(np.ascontiguousarray(block.T).data)
    for texts in columns.texts:
        digest.update("\0".join(texts.tolist()).encode(errors="surrogatepass"))
    for name, array in arrays.items():
        digest.update(name.encode() + b"\0")
        if array is not None:
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
