"""Rows at the border: any table in, a checked pandas frame with texts as column names inside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.frames import frame_kind, to_pandas
from explain.errors import ArgumentError, ArgumentTypeError

if TYPE_CHECKING:
    import pandas as pd


def read_rows(X: Any, names: Sequence[str] | None, what: str = "X") -> pd.DataFrame:
    """Return rows as a pandas frame with a plain index and texts as column names.

    Parameters
    ----------
    X : pandas, polars or Arrow frame, or array-like of shape (n_rows, n_columns)
        Raw rows. Columns of an array are called by `names`, or "x0", "x1", …
    names : sequence of str or None
        The columns wanted, which are picked and ordered; None: all that are there.
    what : str, default "X"
        What errors call the rows.

    Raises
    ------
    ArgumentError
        There are no rows, or columns are missing or doubled.
    ArgumentTypeError
        X is no table.
    """
    frame = _frame(X, names, what)
    if not len(frame):
        raise ArgumentError(f"{what} has no rows", got="0 rows", hint="at least one row")
    if not frame.shape[1]:
        raise ArgumentError(f"{what} has no columns", got="0 columns")
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1).reset_index(drop=True)
    _refuse_doubles(list(frame.columns), what)
    if names is None:
        return frame
    _refuse_missing(list(frame.columns), names, what)
    return frame[list(names)]


def with_equal_levels(
    frame: pd.DataFrame, other: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give categories of two frames the levels of both, so that rows of both can be mixed.

    A small file read as categories declares fewer levels than the training data.
    """
    import pandas as pd

    levels = {}
    for name in frame.columns:
        ours, theirs = frame[name].dtype, other[name].dtype
        if not (isinstance(ours, pd.CategoricalDtype) and isinstance(theirs, pd.CategoricalDtype)):
            continue
        if ours != theirs and not (ours.ordered or theirs.ordered):
            first, second = theirs.categories, ours.categories
            united = first.append(second.difference(first, sort=False))
            levels[name] = pd.CategoricalDtype(united)
    return (frame.astype(levels), other.astype(levels)) if levels else (frame, other)


def _frame(X: Any, names: Sequence[str] | None, what: str) -> pd.DataFrame:
    """Turn any table into a pandas frame."""
    import pandas as pd

    if frame_kind(X):
        return to_pandas(X)
    if X is None or isinstance(X, (pd.Series, str, bytes)):
        raise ArgumentTypeError(
            f"{what} is no table", got=type(X).__name__, hint="a frame, or an array of two axes"
        )
    if hasattr(X, "toarray"):
        X = X.toarray()
    try:
        matrix = np.asarray(X)
    except ValueError as error:
        raise ArgumentTypeError(f"{what} is no table", got=str(error)) from error
    if matrix.ndim != 2:
        raise ArgumentTypeError(
            f"{what} is no table",
            got=f"{type(X).__name__} of shape {matrix.shape}",
            hint="a frame, or an array of two axes",
        )
    wanted = list(names) if names is not None else [f"x{j}" for j in range(matrix.shape[1])]
    if len(wanted) != matrix.shape[1]:
        raise ArgumentError(
            f"{what} has another number of columns than the model reads",
            got=f"{matrix.shape[1]:,} columns, the model reads {len(wanted):,}",
        )
    return pd.DataFrame(matrix, columns=wanted)


def _refuse_doubles(columns: list[str], what: str) -> None:
    doubled = [name for name, count in Counter(columns).items() if count > 1]
    if doubled:
        raise ArgumentError(
            f"{what} has duplicate column names",
            got=", ".join(f"{name!r}" for name in doubled[:5]),
            hint="give every column a name of its own",
        )


def _refuse_missing(columns: list[str], names: Sequence[str], what: str) -> None:
    known = set(columns)
    missing = [name for name in names if name not in known]
    if not missing:
        return
    shown = ", ".join(repr(name) for name in missing[:5]) + (", …" if len(missing) > 5 else "")
    near = get_close_matches(missing[0], columns, n=1)
    raise ArgumentError(
        f"{what} lacks columns that the model reads",
        got=f"{len(missing):,} of {len(names):,} are missing: {shown}",
        hint=f"rename {near[0]!r} to {missing[0]!r}"
        if near
        else "the columns of the training data",
    )
