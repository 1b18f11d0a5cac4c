"""Read a table: file or frame in, typed and checked rows out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArgumentError, ArgumentTypeError, DataError
from automl.table.checks import Check
from automl.table.chosen import check_role, choose_role
from automl.table.column import Column, Role
from automl.table.findings import find_all
from automl.table.inference import infer_column
from automl.table.load import load
from automl.table.names import find_column, find_columns, with_text_names
from automl.table.roles import unsupported
from automl.table.rowvalues import check_weights, group_codes, row_times
from automl.table.schema import Schema
from automl.table.table import Table, fingerprint
from automl.table.target import Target
from automl.table.tasks import MIN_ROWS, check_task, infer_target
from candor.frames import RawColumn, raw_column

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Plan:
    """Which column serves as what."""

    target: str
    sensitive: tuple[str, ...]
    ignore: tuple[str, ...]
    roles: dict[str, Role]
    weight: str | None
    group: str | None
    time: str | None

    def place(self, name: str) -> Role | None:
        """Return the role of a column that is no feature by the call; None otherwise."""
        if name == self.weight:
            return "weight"
        if name == self.group:
            return "group"
        return "ignored" if name in self.ignore else None


def read_table(
    data: Any,
    *,
    target: str,
    task: str = "auto",
    sensitive: str | Iterable[str] = (),
    ignore: str | Iterable[str] = (),
    roles: Mapping[str, str] | None = None,
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    positive: object = None,
) -> Table:
    """Read a table, give every column a role, and check the data.

    Parameters
    ----------
    data : frame, str or Path
        A pandas, polars or Arrow frame, or a file.
    target : str
        Column to predict.
    task : {"auto", "binary", "multiclass", "regression"}, default "auto"
        auto: two values are binary; strings, booleans and few repeated whole numbers are
        multiclass; other numbers are a regression.
    sensitive : str or iterable of str, default ()
        Columns to audit by; they stay features unless they are in `ignore`.
    ignore : str or iterable of str, default ()
        Columns that are no features.
    roles : mapping of str to str, optional
        Roles that replace inferred ones, such as ``{"zip": "categorical"}``.
    weight, group, time : str, optional
        Columns with row weights, groups that stay together, and the time of each row. Weight and
        group are no features; time stays one.
    positive : optional
        Label of class 1 of a binary target; default: the last in sorted order.

    Returns
    -------
    Table
        The rows that have a target.

    Raises
    ------
    AutoMLError
        If the table or an argument cannot be used; says what is wrong and what to do.
    """
    check_task(task)
    loaded = load(data)
    frame, name_checks = with_text_names(loaded.frame, loaded.name)
    _refuse_empty(frame, loaded.name)
    plan = _plan(frame, loaded.name, target, sensitive, ignore, roles, weight, group, time)
    raw_target = raw_column(frame[plan.target])
    described = infer_target(plan.target, raw_target, task, positive)
    y, rows, checks = _usable_rows(described, raw_target)
    rowwise, row_checks = _row_values(frame, plan, rows)
    columns, raws = _describe(frame, plan, rows)
    schema = Schema(columns, described)
    _refuse_nothing_left(schema, loaded.name)
    features = schema.read_raw({c.name: raws[c.name] for c in columns if c.is_feature})
    kept = _kept(frame, plan, rows)
    found = find_all(
        schema,
        features,
        y,
        has_time=plan.time is not None,
        has_group=plan.group is not None,
        has_weight=plan.weight is not None,
    )
    all_checks = (*loaded.checks, *name_checks, *checks, *row_checks, *found)
    _log(all_checks)
    return Table(
        name=loaded.name,
        schema=schema,
        columns=features,
        y=y,
        weight=rowwise.weight,
        group=rowwise.group,
        time=rowwise.time,
        sensitive=kept[list(plan.sensitive)].copy() if plan.sensitive else None,
        frame=kept,
        row_numbers=rows,
        checks=tuple(sorted(all_checks, key=lambda check: _GRAVITY[check.severity])),
        fingerprint=fingerprint(
            schema,
            features,
            {"y": y, "weight": rowwise.weight, "group": rowwise.group, "time": rowwise.time},
        ),
    )


_GRAVITY = {"error": 0, "warning": 1, "info": 2}


def _refuse_empty(frame: pd.DataFrame, where: str) -> None:
    n_rows, n_columns = frame.shape
    if not n_rows or not n_columns:
        raise DataError(f"{where} is empty", got=f"{n_rows:,} rows and {n_columns:,} columns")
    if n_columns < 2:
        raise DataError(
            f"{where} has one column only: {frame.columns[0]}",
            got="a target and at least one feature are needed",
        )
    if n_rows < MIN_ROWS:
        raise DataError(
            f"{where} has too few rows: {n_rows}",
            got=f"at least {MIN_ROWS} are needed, and more than 100 for a model worth having",
        )


def _plan(
    frame: pd.DataFrame,
    where: str,
    target: object,
    sensitive: object,
    ignore: object,
    roles: object,
    weight: object,
    group: object,
    time: object,
) -> _Plan:
    names = frame.columns.tolist()
    found = find_column(target, names, where, "target")
    single = {
        argument: find_column(value, names, where, argument)
        for argument, value in (("weight", weight), ("group", group), ("time", time))
        if value is not None
    }
    plan = _Plan(
        found,
        find_columns(sensitive, names, where, "sensitive"),
        find_columns(ignore, names, where, "ignore"),
        _roles(roles, names, where),
        single.get("weight"),
        single.get("group"),
        single.get("time"),
    )
    _refuse_target_elsewhere(plan)
    return plan


def _roles(roles: object, names: list[str], where: str) -> dict[str, Role]:
    if roles is None:
        return {}
    if not isinstance(roles, Mapping):
        raise ArgumentTypeError(
            "roles has to map columns to roles",
            got=f"got {type(roles).__name__}",
            hint='roles={"zip": "categorical"}',
        )
    return {
        find_column(name, names, where, "roles"): check_role(str(name), role)
        for name, role in roles.items()
    }


def _refuse_target_elsewhere(plan: _Plan) -> None:
    """Refuse a call in which one column would serve as two things."""
    uses = {"weight": plan.weight, "group": plan.group, "time": plan.time}
    for argument, name in uses.items():
        if name == plan.target:
            raise ArgumentError(f'"{name}" is the target: it cannot be {argument} as well')
    several = {"ignore": plan.ignore, "roles": plan.roles, "sensitive": plan.sensitive}
    for argument, names in several.items():
        if plan.target in names:
            raise ArgumentError(
                f'"{plan.target}" is the target: it cannot be in {argument} as well',
                hint="task= decides how the target is read" if argument == "roles" else None,
            )
    if plan.weight is not None and plan.weight in (plan.group, plan.time):
        raise ArgumentError(f'"{plan.weight}" is the weight: it cannot be group or time as well')
    for name in plan.roles:
        place = plan.place(name)
        if place is not None:
            raise ArgumentError(f'"{name}" is {place}: a role makes no sense for it')


def _usable_rows(
    target: Target, raw: RawColumn
) -> tuple[NDArray[Any], NDArray[np.int64], tuple[Check, ...]]:
    """Leave out the rows without a target."""
    encoded = target.encode(_without_infinities(raw))
    present = ~np.isnan(encoded) if target.task == "regression" else encoded >= 0
    rows = np.flatnonzero(present).astype(np.int64)
    n_missing = len(encoded) - len(rows)
    if not n_missing:
        return encoded, rows, ()
    what = "missing or not finite" if target.task == "regression" else "missing"
    message = (
        f'target "{target.name}" is {what} in {n_missing:,} of {len(encoded):,} rows:'
        " these rows are left out"
    )
    return encoded[rows], rows, (Check("missing-target", "warning", (target.name,), message),)


def _without_infinities(raw: RawColumn) -> RawColumn:
    """Turn infinite targets into missing ones."""
    if raw.kind == "number" and raw.values.dtype.kind == "f" and np.isinf(raw.values).any():
        return replace(raw, values=np.where(np.isinf(raw.values), np.nan, raw.values))
    return raw


@dataclass(frozen=True)
class _RowValues:
    weight: NDArray[np.float64] | None
    group: NDArray[np.int64] | None
    time: NDArray[np.float64] | None


def _row_values(
    frame: pd.DataFrame, plan: _Plan, rows: NDArray[np.int64]
) -> tuple[_RowValues, tuple[Check, ...]]:
    weight = group = time = None
    checks: tuple[Check, ...] = ()
    if plan.weight is not None:
        weight = check_weights(plan.weight, raw_column(frame[plan.weight]))[rows]
        if not weight.any():
            raise DataError(f'weight column "{plan.weight}" is zero in every row with a target')
    if plan.group is not None:
        group, n_none = group_codes(plan.group, raw_column(frame[plan.group]).take(rows))
        if n_none:
            message = f'{n_none:,} rows name no "{plan.group}": they form one group of their own'
            checks = (Check("missing-group", "warning", (plan.group,), message),)
    if plan.time is not None:
        time = row_times(plan.time, raw_column(frame[plan.time]).take(rows))
    return _RowValues(weight, group, time), checks


def _describe(
    frame: pd.DataFrame, plan: _Plan, rows: NDArray[np.int64]
) -> tuple[tuple[Column, ...], dict[str, RawColumn]]:
    """Give every column its role."""
    all_rows = len(rows) == len(frame)
    raws: dict[str, RawColumn] = {}
    columns: list[Column] = []
    for name in frame.columns:
        if name == plan.target:
            continue
        place = plan.place(name)
        if place is not None:
            columns.append(Column(name, place, _PLACES[place]))
            continue
        raw = raw_column(frame[name])
        if raw.kind == "unsupported":
            raise unsupported(name, raw)
        raws[name] = raw if all_rows else raw.take(rows)
        column = infer_column(name, raws[name])
        if name in plan.roles:
            column = choose_role(column, raws[name], plan.roles[name])
        columns.append(column)
    if not any(column.is_feature for column in columns):
        columns = [_spared(column, raws) for column in columns]
    return tuple(columns), raws


_PLACES = {"weight": "row weights", "group": "groups that stay together", "ignored": "as asked"}


def _spared(column: Column, raws: dict[str, RawColumn]) -> Column:
    """Keep a column that counts the rows where nothing else is left to learn from."""
    if column.role != "identifier" or raws[column.name].kind != "number":
        return column
    return infer_column(column.name, raws[column.name], spare_counters=True)


def _refuse_nothing_left(schema: Schema, where: str) -> None:
    if any(column.is_feature for column in schema.columns):
        return
    why = "; ".join(f"{column.name}: {column.reason}" for column in schema.columns[:5])
    named = next((c.name for c in schema.columns if c.role == "identifier"), None)
    raise DataError(
        f"no column of {where} is left to learn from",
        got=why,
        hint=f'roles={{"{named}": "categorical"}} would keep that one' if named else None,
    )


def _kept(frame: pd.DataFrame, plan: _Plan, rows: NDArray[np.int64]) -> pd.DataFrame:
    """Return the raw values of features and sensitive columns, usable rows only."""
    names = [
        name
        for name in frame.columns
        if name in plan.sensitive or (name != plan.target and plan.place(name) is None)
    ]
    kept = frame[names]
    if len(rows) != len(frame):
        kept = kept.iloc[rows]
    return kept.reset_index(drop=True)


def _log(checks: Iterable[Check]) -> None:
    for check in checks:
        level = logging.WARNING if check.severity == "warning" else logging.INFO
        log.log(level, "%s%s", check.message, f" ({check.hint})" if check.hint else "")
