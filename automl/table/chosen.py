"""Roles that the caller chose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from automl.errors import ArgumentError, ArgumentTypeError, DataError
from automl.table.cells import Cells, examine
from automl.table.column import CHOOSABLE_ROLES, Column, Role
from automl.table.convert import label
from automl.table.dates import infer_integer_dates
from automl.table.names import near_miss
from automl.table.roles import as_identifier
from automl.table.string_roles import TOLERATED, as_category, as_dates, as_numbers
from automl.table.words import truth
from candor.frames import RawColumn, as_values


def check_role(name: str, role: object) -> Role:
    """Return a role as the schema spells it, or raise if there is no such role."""
    if not isinstance(role, str):
        raise ArgumentTypeError(
            f'the role of column "{name}" has to be a string', got=f"got {role!r}"
        )
    spelled = role.strip().lower().replace("-", "_")
    for known in CHOOSABLE_ROLES:
        if spelled == known:
            return known
    near = near_miss(spelled, CHOOSABLE_ROLES)
    raise ArgumentError(
        f'there is no role "{role}" (for column "{name}")',
        got=f"known roles: {', '.join(CHOOSABLE_ROLES)}",
        hint=f'roles={{"{name}": "{near}"}}' if near else None,
    )


def choose_role(inferred: Column, raw: RawColumn, role: Role) -> Column:
    """Give a column the role that the caller chose.

    Raises
    ------
    DataError
        If its values cannot be read that way; names the first such value.
    """
    if inferred.role == "constant":
        return inferred
    if role == "identifier":
        return as_identifier(inferred, "chosen")
    column = _APPLY[role](inferred, raw)
    kept = tuple(r for r in column.repairs if r.code != "identifier")
    reason = f"chosen: {column.reason}" if column.reason else "chosen"
    return replace(column, role=role, reason=reason, repairs=kept)


def _numeric(inferred: Column, raw: RawColumn) -> Column:
    if raw.kind in ("number", "boolean", "duration"):
        return replace(inferred, role="numeric", reason="numbers", levels=())
    column = None
    if raw.kind == "values":
        cells = examine(raw)
        column = as_numbers(_bare(inferred, cells), raw, cells, TOLERATED)
    if column is None:
        raise _impossible(inferred, raw, "numeric")
    return replace(column, reason=f"numbers such as {column.examples[0]}", levels=())


def _boolean(inferred: Column, raw: RawColumn) -> Column:
    cells = examine(as_values(raw))
    if raw.kind in ("time", "duration") or any(truth(text) is None for text in cells.texts):
        raise _impossible(inferred, raw, "boolean")
    spelling = replace(inferred.spelling, truths=True)
    return replace(_bare(inferred, cells), reason="true or false", spelling=spelling)


def _categorical(inferred: Column, raw: RawColumn) -> Column:
    cells = examine(as_values(raw))
    return as_category(_bare(inferred, cells), cells)


def _datetime(inferred: Column, raw: RawColumn) -> Column:
    if raw.kind == "time":
        return inferred
    cells = examine(as_values(raw))
    base = _bare(inferred, cells)
    whole = [int(text) for text in cells.texts if text.isascii() and text.isdigit()]
    integers = infer_integer_dates(whole) if len(whole) == len(cells.texts) else None
    if integers is not None:
        spelling = replace(base.spelling, dates=integers)
        return replace(base, reason=f"dates such as {base.examples[0]}", spelling=spelling)
    column = as_dates(base, cells, TOLERATED) if raw.kind == "values" else None
    if column is None:
        raise _impossible(inferred, raw, "datetime")
    return column


def _text(inferred: Column, raw: RawColumn) -> Column:
    if raw.kind in ("time", "duration"):
        raise _impossible(inferred, raw, "text")
    return replace(_bare(inferred, examine(as_values(raw))), reason="strings")


_APPLY: dict[Role, Callable[[Column, RawColumn], Column]] = {
    "numeric": _numeric,
    "boolean": _boolean,
    "categorical": _categorical,
    "high_cardinality": _categorical,
    "datetime": _datetime,
    "text": _text,
}


def _bare(inferred: Column, cells: Cells) -> Column:
    """Take off what belongs to the inferred role."""
    kept = ("missing-marks", "infinities", "extreme-values", "time-zone")
    repairs = tuple(repair for repair in inferred.repairs if repair.code in kept)
    missing = cells.n_missing / cells.n_rows
    return replace(inferred, levels=(), repairs=repairs, missing=missing, n_unique=cells.n_unique)


def _impossible(inferred: Column, raw: RawColumn, role: Role) -> DataError:
    values = as_values(raw)
    codes = values.codes[values.codes >= 0]
    shown = label(values.distinct[int(codes[0])]) if len(codes) else ""
    for code in np.unique(codes).tolist():
        text = label(values.distinct[code])
        if not text.replace(".", "").isdigit():
            shown = text
            break
    return DataError(
        f'column "{inferred.name}" cannot be read as {role}',
        got=f'it holds values such as "{shown[:60]}" ({inferred.role}: {inferred.reason})',
        hint=f'leave "{inferred.name}" out of roles, or turn its values into {role} first',
    )
