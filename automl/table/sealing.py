"""Audit rows: sealed before anything is fitted, seen by nothing before the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArgumentError
from automl.table.table import Table

if TYPE_CHECKING:
    import pandas as pd

_SHARE = 0.2
_MOST = 10_000
_SMALL_CELL = 10
_TO_LEARN = 3


def seal_audit_rows(table: Table, audit_size: str | int | float, seed: int) -> NDArray[np.int64]:
    """Choose the rows that only the audit sees.

    Parameters
    ----------
    table : Table
        The table. With times, its last rows are sealed; with groups, whole groups.
    audit_size : "auto", int or float
        auto: 20 % of the rows, at most 10,000, where the table has sensitive columns; a share
        below 1; a number of rows; 0: none.
    seed : int
        Seed of the choice.

    Returns
    -------
    ndarray of int64
        Positions in the table, ascending. Stratified by label and sensitive columns; cells of
        fewer than 10 rows are merged. Labels with fewer than 5 rows are not sealed.

    Raises
    ------
    ArgumentError
        If the size makes no sense for the table.
    """
    n_sealed = _size(table, audit_size)
    if not n_sealed:
        return np.empty(0, dtype=np.int64)
    if table.time is not None:
        return _last(table.time, n_sealed)
    rng = np.random.default_rng([seed, 0xA0D17])
    if table.group is not None:
        return _whole_groups(table.group, n_sealed, rng)
    return _stratified(_cells(table), _rare(table), n_sealed, rng)


def _size(table: Table, audit_size: object) -> int:
    n = table.n_rows
    if audit_size == "auto":
        return min(int(_SHARE * n), _MOST) if table.sensitive is not None else 0
    if isinstance(audit_size, (bool, str)) or not isinstance(
        audit_size, (int, float, np.integer, np.floating)
    ):
        raise ArgumentError(
            'audit_size has to be "auto", a share below 1 or a number of rows',
            got=f"got {audit_size!r}",
        )
    size = float(audit_size)
    n_sealed = int(size * n) if 0 < size < 1 else size
    if not 0 <= n_sealed <= n - _TO_LEARN or n_sealed != int(n_sealed):
        raise ArgumentError(
            f"audit_size does not fit a table of {n:,} rows",
            got=f"got {audit_size!r}",
            hint=f'"auto", a share such as 0.2, or at most {n - _TO_LEARN:,} rows',
        )
    return int(n_sealed)


def _last(time: NDArray[np.float64], n_sealed: int) -> NDArray[np.int64]:
    """Take the last rows; rows of one moment stay on one side, except all are of one moment."""
    order = np.argsort(time, kind="stable")
    cut = len(order) - n_sealed
    later = int(np.searchsorted(time[order], time[order[cut]], side="right"))
    if time[order[cut - 1]] == time[order[cut]] and later < len(order):
        cut = later
    return np.sort(order[cut:]).astype(np.int64)


def _whole_groups(
    group: NDArray[np.int64], n_sealed: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Take random groups until they hold enough rows; at least two groups stay to learn from."""
    names, size = np.unique(group, return_counts=True)
    order = rng.permutation(len(names))
    total = np.cumsum(size[order])
    fitting = int(np.searchsorted(total, n_sealed, side="right"))
    taken = max(0, min(max(1, fitting), len(names) - 2))
    return np.flatnonzero(np.isin(group, names[order[:taken]])).astype(np.int64)


def _cells(table: Table) -> NDArray[np.int64]:
    """Combine label and sensitive columns into cells; small ones fall back to the label."""
    label = table.y if table.schema.target.task != "regression" else _quarters(table.y)
    _, label = np.unique(label, return_inverse=True)
    cell: NDArray[Any] = label
    if table.sensitive is not None:
        for name in table.sensitive:
            finer: NDArray[Any] = cell * 1_000 + _levels(table.sensitive[name])
            _, finer = np.unique(finer, return_inverse=True)
            small = np.bincount(finer)[finer] < _SMALL_CELL
            _, cell = np.unique(np.where(small, -1 - label, finer), return_inverse=True)
    return cell.astype(np.int64)


def _levels(values: pd.Series[Any]) -> NDArray[np.int64]:
    """Turn the values of a sensitive column into numbers; many different ones by quarters."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values) and values.nunique() > 20:
        return _quarters(values.to_numpy(dtype=np.float64, na_value=np.nan))
    codes = pd.factorize(values.astype(object).map(str))[0]
    return np.minimum(codes, 998).astype(np.int64)


def _quarters(values: NDArray[Any]) -> NDArray[np.int64]:
    present = values[~np.isnan(values)]
    cuts = np.unique(np.quantile(present, [0.25, 0.5, 0.75])) if len(present) else present
    return np.where(np.isnan(values), 9, np.searchsorted(cuts, values)).astype(np.int64)


def _rare(table: Table) -> NDArray[np.bool_]:
    """Mark rows whose label is too rare to give any away."""
    if table.schema.target.task == "regression":
        return np.zeros(table.n_rows, dtype=bool)
    counts = np.bincount(table.y)
    rare: NDArray[np.bool_] = counts[table.y] < 5
    return rare


def _stratified(
    cell: NDArray[np.int64], kept: NDArray[np.bool_], n_sealed: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Take the same share of every cell: evenly spaced rows in the order of the cells."""
    candidates = np.flatnonzero(~kept)
    shuffled = rng.permutation(candidates)
    order = shuffled[np.argsort(cell[shuffled], kind="stable")]
    n_sealed = min(n_sealed, len(order))
    start = rng.random()
    places = ((np.arange(n_sealed) + start) * len(order) / max(1, n_sealed)).astype(np.int64)
    return np.sort(order[np.minimum(places, len(order) - 1)]).astype(np.int64)
