"""Category features that are one number a level: codes, counts and target encodings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.features.targets import Targets, encode_targets

SHIFT = 2
"""Codes start at -2 (unseen) and -1 (missing), tables at 0."""

MAX_NATIVE = 255
"""Levels that every booster takes as native categories."""

MANY_ORDINAL = 10
"""Beyond that many levels an arbitrary order needs the help of a target encoding."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Look-up tables from codes to numbers, all in one array.

    Parameters
    ----------
    columns : ndarray of int64, shape (n_features,)
        The code column that each feature reads.
    offsets : ndarray of int64, shape (n_features,)
        Where code 0 stands in `table`.
    table : ndarray of float64
        Values of all levels of all features.
    names : tuple of str
        Name of each feature.
    native : tuple of int
        Positions of features that are integer codes.
    n_levels : tuple of int
        Number of codes of each native feature.
    """

    columns: NDArray[np.int64]
    offsets: NDArray[np.int64]
    table: NDArray[np.float64]
    names: tuple[str, ...]
    native: tuple[int, ...]
    n_levels: tuple[int, ...]

    def write(self, codes: NDArray[np.int32], out: NDArray[np.floating]) -> None:
        """Write the features of rows into `out`, shape (n_rows, n_features)."""
        if len(self.columns):
            out[:] = self.table[codes[:, self.columns] + self.offsets]


@dataclass(frozen=True)
class CodeColumn:
    """A code column as the encoders see it.

    Parameters
    ----------
    name : str
        Its name.
    n_levels : int
        Codes run from 0 to n_levels - 1.
    high : bool
        Whether it has too many levels for one-hot columns.
    crossed : bool
        Whether it was generated from two columns.
    """

    name: str
    n_levels: int
    high: bool
    crossed: bool = False


@dataclass
class _Builder:
    """Collects features with their tables."""

    columns: list[int]
    tables: list[NDArray[np.float64]]
    names: list[str]
    native: list[int]
    n_levels: list[int]
    own: dict[int, NDArray[np.float64]]

    def add(self, column: int, table: NDArray[np.float64], name: str) -> None:
        self.columns.append(column)
        self.tables.append(table)
        self.names.append(name)

    def finish(self) -> Levels:
        starts = np.cumsum([0, *(len(t) for t in self.tables[:-1])])[: len(self.tables)]
        return Levels(
            np.array(self.columns, dtype=np.int64),
            starts.astype(np.int64) + SHIFT,
            np.concatenate(self.tables) if self.tables else np.empty(0),
            tuple(self.names),
            tuple(self.native),
            tuple(self.n_levels),
        )


def fit_levels(
    codes: NDArray[np.int32],
    columns: tuple[CodeColumn, ...],
    kind: str,
    targets: Targets,
    *,
    all_targets: bool = False,
) -> tuple[Levels, dict[int, NDArray[np.float64]]]:
    """Learn the tables, and give the training rows' own values where they differ from them.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_rows, n_columns)
        Codes of the training rows.
    columns : tuple of CodeColumn
        What is known of each column.
    kind : {"native", "ordinal", "onehot"}
        The encoding; onehot gets target encodings of wide columns only.
    targets : Targets
        Targets of the training rows.
    all_targets : bool
        Target-encode every column with more than two levels.

    Returns
    -------
    levels : Levels
        The tables.
    own : dict of int to ndarray
        Out-of-fold values of the training rows by feature position.
    """
    build = _Builder([], [], [], [], [], {})
    for j, column in enumerate(columns):
        index = codes[:, j].astype(np.int64) + SHIFT
        counts = np.bincount(index, minlength=column.n_levels + SHIFT)
        n_seen = int(np.count_nonzero(counts[SHIFT:]))
        if np.count_nonzero(counts) < 2:
            continue
        wide = column.high or column.crossed or n_seen > MAX_NATIVE
        _add_codes(build, j, column, counts, kind)
        helped = wide or (kind == "ordinal" and n_seen > MANY_ORDINAL)
        # Without a repeated level there is nothing to learn from other rows.
        if counts.max() > 1 and (helped or (all_targets and n_seen > 2)):
            _add_targets(build, j, column, index, targets, scaled=kind == "onehot")
        if wide and kind != "onehot" and counts.max() > 1:
            build.add(j, counts.astype(np.float64), f"{column.name} count")
    return build.finish(), build.own


def frequency_order(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the codes that occur, most frequent first."""
    order = np.argsort(-counts[SHIFT:], kind="stable")
    return order[: np.count_nonzero(counts[SHIFT:])]


def _add_codes(
    build: _Builder, j: int, column: CodeColumn, counts: NDArray[np.int64], kind: str
) -> None:
    """Add the column as codes by frequency, where the encoding wants it."""
    order = frequency_order(counts)
    if column.crossed or kind == "onehot" or (kind == "native" and len(order) > MAX_NATIVE):
        return
    table = np.full(len(counts), np.nan)
    table[order + SHIFT] = np.arange(len(order))
    if kind == "native":
        build.native.append(len(build.columns))
        build.n_levels.append(len(order))
    build.add(j, table, column.name)


def _add_targets(
    build: _Builder,
    j: int,
    column: CodeColumn,
    index: NDArray[np.int64],
    targets: Targets,
    *,
    scaled: bool,
) -> None:
    """Add one target encoding for each component of the target."""
    n_levels = column.n_levels + SHIFT
    table, own = encode_targets(index, n_levels, targets, scaled=scaled)
    for k, label in enumerate(targets.labels):
        build.own[len(build.columns)] = own[:, k]
        build.add(j, table[:, k], f"{column.name} target {label}".rstrip())
