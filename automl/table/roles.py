"""Columns of each role, in words: what every inference rule ends with."""

from __future__ import annotations

from dataclasses import replace

from automl.errors import DataError
from automl.table.column import MANY_LEVELS, Column, Repair, Role
from candor.frames import RawColumn


def unsupported(name: str, raw: RawColumn, *, learning: bool = True) -> DataError:
    """Say that a column holds no plain values; while learning it may still be ignored."""
    return DataError(
        f'column "{name}" cannot be used: {raw.note}',
        got="a cell has to be a number, a string, a boolean, a date or empty",
        hint=f'ignore=["{name}"], or turn it into plain columns first'
        if learning
        else "give plain values, as when the schema was learned",
    )


def empty_column(name: str, n_rows: int) -> Column:
    """Describe a column without any value."""
    repair = Repair("all-missing", f"{n_rows:,} rows")
    return Column(name, "constant", "every value is missing: dropped", 1.0, repairs=(repair,))


def constant_column(name: str, value: str, repairs: tuple[Repair, ...] = ()) -> Column:
    """Describe a column with one value in all rows."""
    return Column(
        name,
        "constant",
        f"always {value}: dropped",
        n_unique=1,
        examples=(value,),
        repairs=(*repairs, Repair("constant", f"always {value}")),
    )


def category_role(n_levels: int) -> tuple[Role, str]:
    """Return the role of a category with so many levels, and the reason in words."""
    if n_levels > MANY_LEVELS:
        return "high_cardinality", f"{n_levels:,} levels: more than {MANY_LEVELS}"
    return "categorical", f"{n_levels} level" + ("s" if n_levels != 1 else "")


def sorted_levels(texts: set[str]) -> tuple[str, ...]:
    """Order level names: whole numbers by size, everything else by the alphabet."""
    if all(text.isascii() and text.lstrip("-").isdigit() for text in texts):
        return tuple(sorted(texts, key=lambda text: (int(text), text)))
    return tuple(sorted(texts))


def as_identifier(column: Column, why: str) -> Column:
    """Turn a column into an identifier, which is left out."""
    repair = Repair("identifier", why)
    return replace(
        column, role="identifier", reason=f"{why}: dropped", levels=(),
        repairs=(*column.repairs, repair),
    )  # fmt: skip
