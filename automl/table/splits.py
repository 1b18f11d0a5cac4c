"""Splits: which rows a candidate is fitted on, and on which it is scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArgumentError, DataError
from automl.table.dealing import by_class, by_group, by_value
from automl.table.table import Table

Rows = NDArray[np.int64]
Fold = tuple[Rows, Rows]

_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
_FEW_ROWS = 300
_SOME_ROWS = 2_000


@dataclass(frozen=True)
class Splits:
    """Folds of training and validation rows.

    Parameters
    ----------
    folds : tuple of (ndarray of int64, ndarray of int64)
        Training and validation rows of each fold, as positions in the table, in ascending order.
        The first fold is the one to use where a single holdout has to do.
    scheme : str
        The split in words, such as ``"5 folds, stratified"``.
    note : str
        What the reader should know of it, such as rows that are never scored.
    """

    folds: tuple[Fold, ...]
    scheme: str
    note: str = ""


def make_splits(table: Table, rows: Rows, *, seed: int, n_folds: int | None = None) -> Splits:
    """Split rows into folds, the way the table asks for.

    Parameters
    ----------
    table : Table
        The table. With groups, no group is on both sides of a fold. With times, the rows of a
        fold are scored by a model of strictly earlier rows only.
    rows : ndarray of int64
        Positions of the rows to split.
    seed : int
        Seed of the shuffling.
    n_folds : int, optional
        Number of folds. Default: 5; 8 below 2,000 rows; twice 5 below 300 rows; fewer where
        rows, groups or times do not allow so many.

    Returns
    -------
    Splits
        In each fold, validation rows are disjoint from training rows, and every class with at
        least two rows is in the training part (without groups and times).

    Raises
    ------
    DataError
        If no fold is possible.
    """
    if n_folds is not None and (isinstance(n_folds, bool) or n_folds < 2):
        raise ArgumentError("n_folds has to be at least 2", got=f"got {n_folds!r}")
    rows = np.sort(np.asarray(rows, dtype=np.int64))
    if table.time is not None:
        return _forward(table, rows, n_folds or 5)
    if table.group is not None:
        return _grouped(table, rows, n_folds or 5, seed)
    return _shuffled(table, rows, n_folds, seed)


def _shuffled(table: Table, rows: Rows, n_folds: int | None, seed: int) -> Splits:
    repeats = 2 if n_folds is None and len(rows) < _FEW_ROWS else 1
    wanted = n_folds or (8 if _FEW_ROWS <= len(rows) < _SOME_ROWS else 5)
    classify = table.schema.target.task != "regression"
    y = table.y[rows]
    folds: list[Fold] = []
    k = min(wanted, len(rows))
    never = 0
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, repeat])
        dealt = by_class(y, k, rng) if classify else by_value(y, k, rng)
        never = int((dealt < 0).sum())
        folds += _folds(rows, dealt)
    if not folds:
        raise DataError("no split is possible: every label occurs once")
    per_repeat = len(folds) // repeats
    way = "stratified" if classify else "stratified by value"
    scheme = f"{per_repeat} folds{' twice' if repeats > 1 else ''}, {way}"
    note = ""
    if never:
        s, be = ("s", "are") if never > 1 else ("", "is")
        note = f"{never} row{s} whose label occurs once {be} always in the training part"
    return Splits(tuple(folds), scheme, note)


def _grouped(table: Table, rows: Rows, n_folds: int, seed: int) -> Splits:
    assert table.group is not None
    group, y = table.group[rows], table.y[rows]
    n_groups = len(np.unique(group))
    if n_groups < 2:
        raise DataError("no split is possible: all rows are in one group")
    k = min(n_folds, n_groups)
    dealt = by_group(group, y, k, np.random.default_rng(seed))
    folds = [fold for fold in _folds(rows, dealt) if _learnable(table, fold[0])]
    if not folds:
        raise DataError(
            "no split is possible: without any group's rows one label only is left to learn from",
            hint="leave group out, or choose another",
        )
    scheme = f"{len(folds)} folds, by group ({n_groups:,} groups)"
    return Splits(tuple(folds), scheme, "" if k == n_folds else "as many folds as groups")


def _forward(table: Table, rows: Rows, n_folds: int) -> Splits:
    """Cut the rows by time into one more part than folds; each part is scored from the earlier."""
    assert table.time is not None
    ordered = rows[np.argsort(table.time[rows], kind="stable")]
    time = table.time[ordered]
    wanted = np.linspace(0, len(ordered), min(n_folds, len(ordered) - 1) + 2)[1:-1].astype(int)
    # rows of one moment stay on one side
    before, after = (np.searchsorted(time, time[wanted], side=side) for side in _SIDES)
    cuts = np.unique(np.where(before > 0, before, after))
    cuts = cuts[cuts < len(ordered)]
    ends = np.append(cuts, len(ordered))[1:]
    folds = []
    for cut, end in zip(cuts, ends, strict=True):
        fold = _without_shared_groups(table, np.sort(ordered[:cut]), np.sort(ordered[cut:end]))
        if len(fold[0]) and _learnable(table, fold[0]):
            folds.append(fold)
    if not folds:
        raise DataError(
            "no split by time is possible",
            got="all rows are of one time, or the earlier rows have one label only",
            hint="leave time out, or choose another column",
        )
    by = " and group" if table.group is not None else ""
    s = "s" if len(folds) > 1 else ""
    scheme = f"{len(folds)} fold{s}, forward in time{by}"
    return Splits(tuple(folds[::-1]), scheme, "the earliest rows are never scored")


def _without_shared_groups(table: Table, train: Rows, valid: Rows) -> Fold:
    if table.group is None:
        return train, valid
    shared = np.isin(table.group[train], np.unique(table.group[valid]))
    return train[~shared], valid


def _folds(rows: Rows, dealt: NDArray[np.int64]) -> list[Fold]:
    """Turn fold numbers into folds; rows numbered -1 are always in the training part."""
    numbers = np.unique(dealt[dealt >= 0]).tolist()
    folds = [(rows[dealt != number], rows[dealt == number]) for number in numbers]
    return [(train, valid) for train, valid in folds if len(train)]


def _learnable(table: Table, train: Rows) -> bool:
    if table.schema.target.task == "regression":
        return len(train) > 1
    return len(np.unique(table.y[train])) > 1
