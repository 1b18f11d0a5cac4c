"""The role of a column, from its values and its name."""

from __future__ import annotations

import numpy as np

from automl.table.cells import examine
from automl.table.column import Column, Repair, Spelling
from automl.table.numeric_roles import distinct_values, infer_numbers
from automl.table.roles import constant_column, empty_column, unsupported
from automl.table.string_roles import infer_cells
from candor.frames import RawColumn


def infer_column(name: str, raw: RawColumn, *, spare_counters: bool = False) -> Column:
    """Infer role and spelling of one column from all its rows.

    Parameters
    ----------
    name : str
        Name of the column; names such as "id", "zip" or "date" decide where values alone cannot.
    raw : RawColumn
        The values.
    spare_counters : bool, default False
        Whether a column that merely counts the rows may stay a number.

    Returns
    -------
    Column
        With role, reason, spelling and repairs.

    Raises
    ------
    DataError
        If the column holds values that are no cells of a table, such as lists.
    """
    if raw.kind == "unsupported":
        raise unsupported(name, raw)
    if raw.kind == "number":
        return infer_numbers(name, raw, spare_counters)
    if raw.kind == "boolean":
        return _infer_booleans(name, raw)
    if raw.kind in ("time", "duration"):
        return _infer_instants(name, raw)
    return infer_cells(name, raw, examine(raw))


def _infer_booleans(name: str, raw: RawColumn) -> Column:
    values = raw.values.astype(np.float64, copy=False)
    present = values[~np.isnan(values)]
    if not len(present):
        return empty_column(name, len(values))
    missing = 1.0 - len(present) / len(values)
    distinct = [bool(value) for value in np.unique(present)]
    if len(distinct) == 1 and not missing:
        return constant_column(name, str(distinct[0]))
    examples = tuple(map(str, distinct))
    spelling = Spelling(truths=True)
    return Column(name, "boolean", "true or false", missing, len(distinct), examples, (), spelling)


def _infer_instants(name: str, raw: RawColumn) -> Column:
    """Describe a column that the frame stores as times or as time deltas."""
    present = raw.values[~np.isnan(raw.values)]
    n_rows = len(raw.values)
    if not len(present):
        return empty_column(name, n_rows)
    distinct = distinct_values(present)
    missing = 1.0 - len(present) / n_rows
    span = raw.kind == "duration"
    stored = "timedelta64[us]" if span else "datetime64[us]"
    examples = tuple(map(str, (distinct[:3] * 1e6).astype(np.int64).astype(stored)))
    if len(distinct) == 1 and len(present) == n_rows:
        return constant_column(name, examples[0])
    if span:
        repairs = (Repair("timedelta", "read as seconds"),)
        spelling = Spelling(durations=True)
        reason = "time deltas, in seconds"
        return Column(
            name, "numeric", reason, missing, len(distinct), examples, (), spelling, repairs
        )
    zoned = (Repair("time-zone", f"{raw.note} turned to UTC"),) if raw.note else ()
    reason = "dates and times" + (", turned to UTC" if raw.note else "")
    return Column(
        name, "datetime", reason, missing, len(distinct), examples, (), Spelling(), zoned
    )
