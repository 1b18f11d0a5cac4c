"""Columns that ask for another use: as time, group or weight, or that are nearly empty."""

from __future__ import annotations

import numpy as np

from automl.table.checks import Check
from automl.table.column import Column
from automl.table.columns import Columns
from automl.table.schema import Schema
from automl.table.words import names_identifier, tokens

_SORTED_SHARE = 0.999
_MANY_TIMES = 10
_GROUP_WORDS = frozenset(
    {"customer", "patient", "user", "subject", "client", "session", "household", "person"}
    | {"student", "participant", "device", "account", "member"}
)
_PEOPLE = frozenset({"age", "count", "size", "number", "num", "n", "type", "rating", "score"})
_WEIGHT_WORDS = frozenset({"fnlwgt", "wgt", "pweight", "perwt", "hhwt", "finalwt", "sampweight"})
_WEIGHT_KINDS = frozenset(
    {"sample", "sampling", "survey", "design", "case", "final", "person", "inverse", "expansion"}
    | {"exposure", "row", "observation", "instance", "population"}
)
_HEAVY = 0.5


def time_suspects(schema: Schema, columns: Columns) -> tuple[Check, ...]:
    """Find a date by which the rows are sorted."""
    for i, name in enumerate(columns.layout.times):
        times = columns.times[:, i]
        times = times[~np.isnan(times)]
        if len(times) < _MANY_TIMES or len(times) < 0.9 * columns.n_rows:
            continue
        steps = np.diff(times)
        if (steps >= 0).mean() >= _SORTED_SHARE and len(np.unique(times)) >= _MANY_TIMES:
            return (
                Check(
                    "time-column-suspect",
                    "warning",
                    (name,),
                    f"the rows are sorted by {name}: if later rows are to be predicted from"
                    " earlier ones, shuffled folds are too optimistic",
                    f'time="{name}" splits forward in time',
                ),
            )
    return ()


def group_suspects(schema: Schema, columns: Columns) -> tuple[Check, ...]:
    """Find an identifier that repeats: its rows belong together."""
    for column in schema.columns:
        words = tokens(column.name)
        named = names_identifier(column.name) or (words & _GROUP_WORDS and not words & _PEOPLE)
        if not column.is_feature or not named or column.role in ("text", "boolean", "datetime"):
            continue
        n_present = round(columns.n_rows * (1 - column.missing))
        if 20 <= column.n_unique <= 0.95 * n_present and _is_coded(column):
            return (
                Check(
                    "group-column-suspect",
                    "warning",
                    (column.name,),
                    f"{column.name} repeats: {column.n_unique:,} values in {n_present:,} rows;"
                    " rows of one value may tell about each other",
                    f'group="{column.name}" keeps them on one side of every split',
                ),
            )
    return ()


def weight_suspects(schema: Schema, columns: Columns) -> tuple[Check, ...]:
    """Find a number that looks like a sampling weight."""
    for i, name in enumerate(columns.layout.numeric):
        words = tokens(name) | {name.lower()}
        bare = bool(words & {"weight", "weights"})
        kind = bool(words & _WEIGHT_WORDS) or (bare and bool(words & _WEIGHT_KINDS))
        if not kind and not bare:
            continue
        values = columns.numeric[:, i]
        if np.isnan(values).any() or (values < 0).any() or len(np.unique(values[:1000])) < 3:
            continue
        if kind or 0.9 <= values.mean() <= 1.1:
            return (
                Check(
                    "sampling-weight-suspect",
                    "warning",
                    (name,),
                    f"{name} looks like a sampling weight",
                    f'weight="{name}" would use it as one',
                ),
            )
    return ()


def missingness(schema: Schema) -> tuple[Check, ...]:
    """Find columns that are mostly missing."""
    heavy = [c for c in schema.columns if c.is_feature and c.missing > _HEAVY]
    if not heavy:
        return ()
    heavy.sort(key=lambda column: -column.missing)
    some = ", ".join(f"{column.name} {_percent(column.missing)}" for column in heavy[:5])
    more = f" and {len(heavy) - 5} more" if len(heavy) > 5 else ""
    s = "s are" if len(heavy) > 1 else " is"
    message = f"{len(heavy)} column{s} mostly missing: {some}{more}"
    return (Check("missingness", "info", tuple(column.name for column in heavy), message),)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share < 0.995 else f"{100 * share:.1f} %"


def _is_coded(column: Column) -> bool:
    """Say whether the values are names or whole numbers, not measurements."""
    return column.is_category or column.reason.startswith("integers")
