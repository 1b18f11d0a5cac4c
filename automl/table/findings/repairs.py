"""What was read differently from how it stands in the table, one check a kind of repair."""

from __future__ import annotations

from dataclasses import dataclass

from automl.table.checks import Check, Severity
from automl.table.column import Column, Repair
from automl.table.schema import Schema


@dataclass(frozen=True)
class _Kind:
    severity: Severity
    sentence: str
    hint: str = ""


_KINDS = {
    "infinities": _Kind("warning", "infinite numbers are read as missing in {columns}"),
    "extreme-values": _Kind(
        "warning",
        "numbers near the limit of floats are cut in {columns}",
        "check whether they mean missing",
    ),
    "mixed-types": _Kind("warning", "values of several types stand in {columns}"),
    "all-missing": _Kind("warning", "no value at all in {columns}: dropped"),
    "constant": _Kind("info", "the same value in every row of {columns}: dropped"),
    "identifier": _Kind("info", "{columns} only name{s} the rows: dropped"),
    "numbers-in-strings": _Kind("info", "numbers in strings are read as numbers in {columns}"),
    "missing-marks": _Kind("info", "{marks} read as missing in {columns}"),
    "unused-levels": _Kind("info", "declared levels without rows are left out of {columns}"),
    "time-zone": _Kind("info", "times with a time zone are turned to UTC in {columns}"),
    "timedelta": _Kind("info", "spans of time are read as seconds in {columns}"),
}

_HINTED = ("identifier",)
_SHOWN = 5


def repairs(schema: Schema) -> tuple[Check, ...]:
    """State every repair: one check for each kind, over all columns that needed it."""
    found: dict[str, list[tuple[Column, Repair]]] = {}
    for column in schema.columns:
        for repair in column.repairs:
            found.setdefault(repair.code, []).append((column, repair))
    return tuple(_check(code, found[code]) for code in _KINDS if code in found)


def _check(code: str, cases: list[tuple[Column, Repair]]) -> Check:
    kind = _KINDS[code]
    names = tuple(column.name for column, _ in cases)
    message = kind.sentence.format(
        columns=_columns(code, cases), marks=_marks(cases), s="s" if len(cases) == 1 else ""
    )
    hint = kind.hint
    if code in _HINTED:
        role = "numeric" if "counts" in cases[0][1].detail else "categorical"
        hint = f'roles={{"{names[0]}": "{role}"}} would keep it as a feature'
    return Check(code, kind.severity, names, message, hint)


def _columns(code: str, cases: list[tuple[Column, Repair]]) -> str:
    """Name the columns, with what was done where it is short."""
    if code in ("all-missing", "timedelta", "identifier"):
        shown = [column.name for column, _ in cases[:_SHOWN]]
    elif code == "missing-marks":
        return f"{len(cases):,} column" + ("s" if len(cases) > 1 else "")
    else:
        shown = [f"{column.name} ({repair.detail})" for column, repair in cases[:_SHOWN]]
    more = f" and {len(cases) - _SHOWN:,} more" if len(cases) > _SHOWN else ""
    return ", ".join(shown) + more


def _marks(cases: list[tuple[Column, Repair]]) -> str:
    marks = dict.fromkeys(
        part.split('" ')[0].strip() + '"'
        for _, repair in cases
        for part in repair.detail.split(", ")
        if part.startswith('"')
    )
    return ", ".join(marks)
