"""A table as a frame of cells, and that frame as a table again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.frames import is_missing
from fairness.errors import ArgumentError, ColumnNotFoundError
from fairness.table.cells import Mass, ScoreSums, Sums, add_up, locate, plain_mass, settled
from fairness.table.checking import check_cells, check_mass
from fairness.table.header import SCHEMA, Header, moment_names, write_header
from fairness.table.inputs import read_column
from fairness.table.names import listed
from fairness.table.numbers import as_counts, as_floats, check_signs
from fairness.table.values import MISSING, Moments

if TYPE_CHECKING:
    from fairness.table.table import CountTable

PREFIX = "attribute."
"""Begins the column of an attribute whose own name is reserved."""

_MOMENTS = (
    "score",
    "log_loss",
    "squared_error",
    "outcome",
    "outcome_squared",
    "prediction",
    "error",
    "absolute_error",
)
SCORE_COLUMNS = ("score_bin", "score_low", "score_high", "scores_squared")
RESERVED = frozenset(
    {
        "y_true",
        "y_pred",
        "score",
        "count",
        "weight",
        "weight_squared",
        *SCORE_COLUMNS,
        *(f"{name}.{part}" for name in _MOMENTS for part in ("total", "weighted", "squared")),
    }
)
"""Columns of a frame of cells that are no attributes."""


def to_frame(table: CountTable) -> pd.DataFrame:
    """Return the cells as a frame; what else the table says goes with it as ``attrs``."""
    columns: dict[str, Any] = {}
    for attribute, codes in zip(table.attributes, table.keys.T, strict=False):
        names = [group for group in attribute.groups if group != MISSING]
        present = np.where(codes < len(names), codes, -1)
        columns[column_of(attribute.name)] = _categories(present, names)
    if table.classes:
        columns["y_true"] = _categories(table.keys[:, -3], table.classes)
    if table.classes and table.has_predictions:
        columns["y_pred"] = _categories(table.keys[:, -2], table.classes)
    if table.scores is not None:
        columns["score_bin"] = table.keys[:, -1]
        columns["score_low"], columns["score_high"] = table.scores.low, table.scores.high
    columns["count"] = table.counts
    if table.weighted:
        columns["weight"] = table.weights
        columns["weight_squared"] = table.weights_squared
    for name, moment in table.moments.items():
        columns[f"{name}.total"] = moment.total
        if table.weighted:
            columns[f"{name}.weighted"] = moment.weighted
        columns[f"{name}.squared"] = moment.squared
    if table.scores is not None:
        columns["scores_squared"] = table.scores.squared
    frame = pd.DataFrame(columns)
    frame.attrs[SCHEMA] = write_header(table)
    return frame


def _categories(codes: NDArray[Any], names: Sequence[str]) -> pd.Categorical[str]:
    """Return names by code; -1 is missing."""
    return pd.Categorical.from_codes(codes.astype(np.int64), pd.Index(list(names), dtype=object))


def column_of(name: str) -> str:
    """Return the column of an attribute in a frame of cells."""
    return f"{PREFIX}{name}" if name in RESERVED or name.startswith(PREFIX) else name


def read_mass(frame: pd.DataFrame) -> Mass:
    """Return the rows of each cell, and their weights where the frame has any."""
    counts = as_counts(read_column(frame["count"], "count"), "count")
    given = [name for name in ("weight", "weight_squared") if name in frame.columns]
    if not given:
        return plain_mass(counts)
    if len(given) < 2:
        other = {"weight": "weight_squared", "weight_squared": "weight"}[given[0]]
        raise ColumnNotFoundError(
            f"there is {given[0]!r} but no {other!r} in the frame of cells",
            got="intervals of weighted rows need both sums",
            hint="SUM(w) AS weight, SUM(w * w) AS weight_squared",
        )
    weights, squared = (as_floats(read_column(frame[name], name), name) for name in given)
    check_signs(weights, "weight")
    check_signs(squared, "weight_squared")
    kept = (counts > 0) & (weights > 0)
    check_mass(Mass(counts[kept], weights[kept], squared[kept]))
    return settled(Mass(counts, weights, squared))


def read_moments(frame: pd.DataFrame, name: str, mass: Mass) -> Moments:
    """Return the sums of one quantity."""
    parts = ("total", "squared") if mass.plain else ("total", "weighted", "squared")
    absent = [f"{name}.{part}" for part in parts if f"{name}.{part}" not in frame.columns]
    if absent:
        raise ColumnNotFoundError(
            f"there is no column {absent[0]!r} in the frame of cells",
            got=f"it has {listed([str(column) for column in frame.columns], 12)}",
            hint="every sum of a regression, or distinct y_true and y_pred with their count",
        )
    total, *weighted, squared = (
        as_floats(read_column(frame[f"{name}.{part}"], f"{name}.{part}"), f"{name}.{part}")
        for part in parts
    )
    return Moments(total, weighted[0] if weighted else total, squared)


def restore(frame: pd.DataFrame, header: Header) -> tuple[Header, Any, Sums]:
    """Read the cells of a table back, as far as they are still in the frame."""
    mass = read_mass(frame)
    codes = [
        _codes(frame, column_of(attribute.name), attribute.groups)
        for attribute in header.attributes
    ]
    none = np.full(len(frame), -1)
    has_classes = bool(header.classes)
    predicted = has_classes and "y_pred" in frame.columns
    outcome = _codes(frame, "y_true", header.classes) if has_classes else np.zeros_like(none)
    prediction = _codes(frame, "y_pred", header.classes) if predicted else none
    bins = none if header.grid is None else _whole_column(frame, "score_bin")
    names = moment_names(
        header, "prediction.total" in frame.columns, "log_loss.total" in frame.columns
    )
    moments = {name: read_moments(frame, name, mass) for name in names}
    scores = None if header.grid is None else _read_scores(frame)
    sizes = [len(attribute.groups) for attribute in header.attributes]
    n_classes = max(len(header.classes), 1)
    n_bins = 0 if header.grid is None else len(header.grid.edges) + 1
    if len(bins) and bins.max() >= max(n_bins, 1):
        raise ArgumentError("score_bin holds unknown bins", got=f"{bins.max():,} of {n_bins:,}")
    kept = mass.counts > 0
    if not kept.all():
        raise ArgumentError("count must be at least 1 in each cell of a table", got="0")
    cell, keys = locate(
        [*codes, outcome, prediction, bins], [*sizes, n_classes, n_classes, n_bins]
    )
    sums = add_up(cell, len(keys), mass, moments.items(), scores)
    check_cells(header, keys, sums)
    return header, keys, sums


def _codes(frame: pd.DataFrame, column: str, groups: tuple[str, ...]) -> Any:
    if column not in frame.columns:
        raise ColumnNotFoundError(
            f"there is no column {column!r} in the frame of cells",
            got=f"it has {listed([str(name) for name in frame.columns], 12)}",
        )
    position = {group: i for i, group in enumerate(groups)}
    last = position.get(MISSING, -1)
    codes = [
        last if is_missing(value) else position.get(str(value), -1)
        for value in frame[column].tolist()
    ]
    if -1 in codes:
        value = frame[column].tolist()[codes.index(-1)]
        raise ArgumentError(
            f"{column!r} holds a name that the table does not have",
            got=f"{value!r}; it has {listed(groups)}",
            hint="frame.attrs.clear() to read the frame anew",
        )
    return np.array(codes)


def _whole_column(frame: pd.DataFrame, name: str) -> Any:
    if name not in frame.columns:
        raise ColumnNotFoundError(f"there is no column {name!r} in the frame of cells")
    values = as_floats(read_column(frame[name], name), name)
    if np.any((values < 0) | (values != np.floor(values)) | (values > 2**31)):
        raise ArgumentError(f"{name} must hold whole numbers")
    return values.astype(np.int64)


def _read_scores(frame: pd.DataFrame) -> ScoreSums:
    absent = [name for name in SCORE_COLUMNS if name not in frame.columns]
    if absent:
        raise ColumnNotFoundError(f"there is no column {absent[0]!r} in the frame of cells")
    low, high, squared = (
        as_floats(read_column(frame[name], name), name)
        for name in ("score_low", "score_high", "scores_squared")
    )
    return ScoreSums(squared, low, high)
