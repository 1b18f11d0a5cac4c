"""Frames of cells that DuckDB, Spark, Dask or any other engine counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from candor.frames import RawColumn, frame_kind
from fairness.errors import ArgumentError, ArgumentTypeError, ColumnNotFoundError
from fairness.table.attributes import check_edges, encode
from fairness.table.cells import Sums, add_up, locate
from fairness.table.checking import check_cells
from fairness.table.counting import Counted, count
from fairness.table.design import Design, Options, find_facts, settle
from fairness.table.frames import PREFIX, RESERVED, read_mass, read_moments, restore
from fairness.table.header import SCHEMA, Header, moment_names, read_header
from fairness.table.inputs import as_names, check_names, column_names, nearest, read_column, select
from fairness.table.names import listed
from fairness.table.numbers import as_floats, check_some_weight
from fairness.table.outcomes import Outcome
from fairness.table.rows import Grouping, Rows, heavy_rows

_VALUES = ("y_true", "y_pred", "score", "count", "weight", "weight_squared")
"""Reserved columns that a frame of distinct values may have."""


def read(
    data: Any, control: Sequence[str], options: Options
) -> tuple[Header, Any, Sums] | Counted:
    """Read a frame of cells: the cells of a table, or counts of another engine."""
    if not frame_kind(data):
        raise ArgumentTypeError(
            "cells are read from a frame",
            got=type(data).__name__,
            hint="a pandas, polars or Arrow frame with a column named count",
        )
    frame = select(data, column_names(data))
    _check_columns(frame)
    header = frame.attrs.get(SCHEMA)
    if header is not None:
        _refuse_arguments(control, options)
        return restore(frame, read_header(header))
    within = _controls(frame, control)
    if "outcome.total" in frame.columns:
        return _from_sums(frame, within, options)
    lost = [str(name) for name in frame.columns if name in RESERVED and name not in _VALUES]
    if lost:
        raise ArgumentError(
            f"the frame has sums ({lost[0]!r}) but lost what its table says of them",
            got=f"no attrs[{SCHEMA!r}], which saving a frame often drops",
            hint="table.to_json(), which keeps everything",
        )
    return _from_values(frame, within, options)


def _check_columns(frame: pd.DataFrame) -> None:
    names = [str(name) for name in frame.columns]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ArgumentError(
            f"two columns are named {twice[0]!r}", hint="a different name for each"
        )
    if "count" not in names:
        near = nearest("count", names)
        raise ColumnNotFoundError(
            "there is no column 'count' in the frame of cells",
            got=f"it has {listed(names, 12)}",
            hint=f"rename {near!r} to 'count'" if near else "COUNT(*) AS count",
        )
    if len(frame) == 0:
        raise ArgumentError("there are no rows", got="the frame of cells is empty")


def _refuse_arguments(control: Sequence[str], options: Options) -> None:
    if control or options != Options():
        raise ArgumentError(
            "the frame already says what its cells mean",
            got="it comes from to_frame(), and arguments would contradict it",
            hint="CountTable.from_cells(frame), or frame.attrs.clear() to read it anew",
        )


def _controls(frame: pd.DataFrame, control: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of control features."""
    attributes = _attribute_columns(frame)
    names = as_names(control, "control")
    for name in names:
        if name in RESERVED:
            raise ArgumentError(
                f"{name!r} is a reserved column, it cannot be an attribute",
                got="the frame of cells uses it for itself",
                hint=f"name the attribute's column {PREFIX + name!r}",
            )
        if name not in attributes:
            raise ColumnNotFoundError(
                f"there is no attribute {name!r} in the frame of cells",
                got=f"it has {listed(list(attributes), 12)}",
            )
    if set(attributes) == set(names):
        reserved = [str(name) for name in frame.columns if str(name) in RESERVED]
        raise ArgumentError(
            "the frame of cells has no sensitive attribute",
            got=f"reserved columns {listed(reserved, 12)}; control {listed(names)}",
            hint=f"a column for each attribute; one whose name is reserved as {PREFIX}NAME",
        )
    return names


def _attribute_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the frame's column of each attribute."""
    columns = [column for column in frame.columns if str(column) not in RESERVED]
    found = {str(column).removeprefix(PREFIX): column for column in columns}
    if len(found) < len(columns):
        twice = next(name for name in found if name in columns and f"{PREFIX}{name}" in columns)
        raise ArgumentError(
            f"two columns are named {twice!r}",
            got=f"{twice!r} and {PREFIX + twice!r} mean the same attribute",
            hint="a different name for each",
        )
    return found


def _groupings(frame: pd.DataFrame, control: Sequence[str]) -> tuple[Grouping, ...]:
    """Return the attributes, sensitive ones first."""
    columns = _attribute_columns(frame)
    ordered = [*(name for name in columns if name not in control), *control]
    check_names(ordered)
    return tuple(
        Grouping(
            name,
            read_column(frame[columns[name]], f"attribute {name!r}"),
            name in control,
            True,
        )
        for name in ordered
    )


def _column(frame: pd.DataFrame, name: str) -> RawColumn | None:
    return read_column(frame[name], name) if name in frame.columns else None


def _from_values(frame: pd.DataFrame, control: Sequence[str], options: Options) -> Counted:
    """Count a frame of distinct values with the number of rows that have them."""
    if "y_true" not in frame.columns:
        raise ColumnNotFoundError(
            "there is no column 'y_true' in the frame of cells",
            got=f"it has {listed([str(name) for name in frame.columns], 12)}",
            hint="SELECT …, y_true, y_pred, COUNT(*) AS count … GROUP BY ALL",
        )
    score = _column(frame, "score")
    rows = heavy_rows(
        Rows(
            read_column(frame["y_true"], "y_true"),
            _column(frame, "y_pred"),
            None if score is None else as_floats(score, "score"),
            _groupings(frame, control),
            read_mass(frame),
        )
    )
    check_some_weight(rows.mass)
    return count(rows, settle(rows, find_facts(rows), options))


def _from_sums(frame: pd.DataFrame, control: Sequence[str], options: Options) -> Counted:
    """Add up the sums of a regression that another engine computed."""
    if options.task not in ("auto", "regression") or options.threshold is not None:
        raise ArgumentError(
            "sums of outcomes make a regression without a threshold",
            got=f"task={options.task!r}, threshold={options.threshold}",
            hint="y_true, y_pred and count of distinct values",
        )
    mass = read_mass(frame)
    check_some_weight(mass)
    predicted = "prediction.total" in frame.columns
    header = Header("regression", (), (), None, None)
    names = moment_names(header, predicted, True)
    sums = Sums(mass, {name: read_moments(frame, name, mass) for name in names}, None)
    groupings = _groupings(frame, control)
    edges = check_edges(options.edges, [part.name for part in groupings])
    encoded = [
        encode(
            part.name,
            part.raw,
            mass.counts,
            control=part.control,
            edges=edges.get(part.name),
            keep_order=part.keep_order,
        )
        for part in groupings
    ]
    attributes = tuple(attribute for attribute, _ in encoded)
    constant = [np.zeros(len(frame), int), np.full(len(frame), -1), np.full(len(frame), -1)]
    cell, keys = locate(
        [*(codes for _, codes in encoded), *constant],
        [*(len(attribute.groups) for attribute in attributes), 1, 1, 0],
    )
    added = add_up(cell, len(keys), mass, sums.moments.items())
    check_cells(Header("regression", attributes, (), None, None), keys, added)
    outcome = Outcome("regression", (), {})
    return Counted(Design(outcome, None, None, edges), attributes, keys, added)
