"""Rows as they were handed over: read, of equal length, and without those that weigh nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from candor.frames import RawColumn
from fairness.errors import ArgumentError
from fairness.table.cells import Mass
from fairness.table.inputs import (
    check_attributes,
    is_polars_or_arrow,
    read_attributes,
    read_column,
    read_matrix,
)
from fairness.table.numbers import as_counts, as_floats, read_mass
from fairness.table.scores import as_matrix
from fairness.table.values import Counts, Floats


@dataclass(frozen=True)
class Grouping:
    """One attribute as handed over.

    Parameters
    ----------
    name : str
        Its name.
    raw : RawColumn
        The column.
    control : bool
        Whether it is a control feature.
    keep_order : bool
        Whether declared categories are in an order that somebody chose.
    """

    name: str
    raw: RawColumn
    control: bool
    keep_order: bool


@dataclass(frozen=True)
class Rows:
    """Rows of equal number in every part, none with weight 0.

    Parameters
    ----------
    true, predicted : RawColumn
        Outcomes and predictions.
    score : ndarray of float64, shape (n_rows,) or (n_rows, n_columns), or None
        Scores.
    groupings : tuple of Grouping
        Attributes, sensitive ones first.
    mass : Mass
        How many rows each stands for, and their weights.
    """

    true: RawColumn
    predicted: RawColumn | None
    score: Floats | None
    groupings: tuple[Grouping, ...]
    mass: Mass


def read_rows(
    y_true: Any, y_pred: Any, y_score: Any, sensitive: Any, control: Any, weight: Any, counts: Any
) -> Rows:
    """Read and check what the caller handed over."""
    by = read_attributes(sensitive, "sensitive")
    within = read_attributes(control, "control")
    check_attributes(by, within)
    true = read_column(y_true, "y_true")
    predicted = None if y_pred is None else read_column(y_pred, "y_pred")
    score = None if y_score is None else _read_score(y_score)
    groupings = tuple(
        Grouping(
            name,
            read_column(column, f"{argument} column {name!r}"),
            argument == "control",
            not is_polars_or_arrow(column),
        )
        for argument, columns in (("sensitive", by), ("control", within))
        for name, column in columns.items()
    )
    weights = None if weight is None else as_floats(read_column(weight, "weight"), "weight")
    rows = None if counts is None else as_counts(read_column(counts, "counts"), "counts")
    optional = {"y_pred": predicted, "weight": weights, "counts": rows, "y_score": score}
    lengths = {"y_true": _length(true)}
    lengths |= {name: _length(part) for name, part in optional.items() if part is not None}
    lengths |= {f"attribute {grouping.name!r}": _length(grouping.raw) for grouping in groupings}
    _check_lengths(lengths)
    mass = read_mass(lengths["y_true"], weights, rows)
    return heavy_rows(Rows(true, predicted, score, groupings, mass))


def _read_score(value: Any) -> Floats:
    matrix = read_matrix(value, "y_score")
    if matrix is None:
        return as_floats(read_column(value, "y_score"), "y_score")
    return as_matrix(matrix)


def _length(part: RawColumn | Floats | Counts) -> int:
    return part.n_rows if isinstance(part, RawColumn) else len(part)


def _check_lengths(lengths: Mapping[str, int]) -> None:
    n = lengths["y_true"]
    for name, length in lengths.items():
        if length != n:
            raise ArgumentError(
                f"y_true and {name} differ in length",
                got=f"{n:,} and {length:,} rows",
                hint="one value for each row, in the same order",
            )
    if n == 0:
        raise ArgumentError("there are no rows", got="y_true is empty", hint="at least one row")


def heavy_rows(rows: Rows) -> Rows:
    """Leave out rows without weight: they are no part of the audit."""
    heavy = (rows.mass.weights > 0) & (rows.mass.counts > 0)
    if heavy.all():
        return rows
    kept = np.flatnonzero(heavy)
    mass = rows.mass
    weights = mass.weights[kept]
    squared = weights if mass.plain else mass.weights_squared[kept]
    return Rows(
        rows.true.take(kept),
        None if rows.predicted is None else rows.predicted.take(kept),
        None if rows.score is None else rows.score[kept],
        tuple(replace(part, raw=part.raw.take(kept)) for part in rows.groupings),
        Mass(mass.counts[kept], weights, squared),
    )
