"""What is kept of a finished run, and what is said about it."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray

from automl.metrics import Metric
from automl.table import Table
from automl.table.checks import Check
from automl.tuning.events import Event, Finished, Planned, TableRead
from automl.tuning.finish import Finish
from automl.tuning.loop import SearchLoop
from automl.tuning.portfolio import Portfolio
from automl.tuning.record import Recipe, RunRecord
from automl.tuning.run_folder import RunFolder
from automl.tuning.scratch import SearchData
from automl.tuning.settings import Settings

_LIBRARIES = ("candor-automl", "numpy", "scikit-learn", "lightgbm", "xgboost", "optuna", "skops")


_LATE = ("metric-undefined", "refit-failed", "disk-full", "no-model")
"""Codes of checks that the run itself adds; they are said at its end."""


def make_record(
    table: Table,
    metric: Metric,
    loop: SearchLoop,
    finish: Finish,
    sealed: NDArray[np.int64],
    data: SearchData,
    portfolio: Portfolio,
    folder: RunFolder,
    settings: Settings,
    seconds_per_row: float,
    timing: dict[str, float],
) -> RunRecord:
    """Put a finished run into plain values."""
    assert loop.judge is not None
    recipe = finish.recipe
    return RunRecord(
        name=table.name,
        metric=metric.name if isinstance(settings.metric, str) else f"{metric.name}()",
        greater_is_better=metric.greater_is_better,
        recipe=recipe,
        score=finish.score,
        low=finish.low,
        high=finish.high,
        score_seconds=seconds_per_row,
        size=_size(recipe, folder),
        n_rows=data.n_rows,
        n_sealed=len(sealed),
        sealed=tuple(int(row) for row in table.row_numbers[sealed]),
        scheme=loop.plan.scheme,
        scored_on=_scored_on(loop, recipe, data.n_rows),
        stopped=loop.state.stopped,
        timing=tuple(timing.items()),
        checks=(*table.checks, *_run_checks(loop, finish, portfolio)),
        versions=versions(),
        seed=data.seed,
    )


def _scored_on(loop: SearchLoop, recipe: Recipe, n_rows: int) -> str:
    assert loop.judge is not None
    kind = "held-out" if loop.plan.n_folds == 1 else "out-of-fold"
    members = [member for member in recipe.members if member.family != "baseline"]
    n_refitted = sum(member.refitted for member in members)
    then = ""
    if n_refitted:
        which = (
            "members" if n_refitted == len(members) else f"{n_refitted} of {len(members)} members"
        )
        then = f"; {which} then refitted on {_refit_rows(loop, recipe, n_rows)}"
    return f"{kind} on {len(loop.judge.rows):,} rows{then}"


def _refit_rows(loop: SearchLoop, recipe: Recipe, n_rows: int) -> str:
    """Say how many rows refits had: large tables are sampled for families that need it."""
    names = {member.name for member in recipe.members if member.refitted}
    drawn = [one.max_rows for one in loop.state.closed if one.name in names and one.max_rows]
    fewest = min(drawn, default=n_rows)
    return f"all {n_rows:,}" if fewest >= n_rows else f"{fewest:,} to {n_rows:,} rows"


def _size(recipe: Recipe, folder: RunFolder) -> int:
    """Return the bytes of the winner on disk."""
    return sum(
        file.stat().st_size
        for place in recipe.places()
        for file in (folder.path / place).rglob("*")
        if file.is_file()
    )


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that make the models."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _run_checks(loop: SearchLoop, finish: Finish, portfolio: Portfolio) -> Iterator[Check]:
    """Yield what the run itself has to say."""
    for reason in portfolio.absent:
        yield Check("family-absent", "info", (), f"{reason}: it sits out")
    for note in finish.refit_notes:
        yield Check("refit-failed", "warning", (), note)
    failed = [one for one in loop.state.closed if one.status == "failed"]
    if failed:
        names = ", ".join(one.name for one in failed[:5])
        yield Check(
            "failed-trials",
            "warning",
            (),
            f"{len(failed)} candidates failed: {names}; the first: {failed[0].note}",
        )
    if loop.state.stopped == "disk full":
        yield Check("disk-full", "warning", (), "the disk is full: the search stopped early")
    if not math.isfinite(finish.score):
        yield Check(
            "metric-undefined",
            "warning",
            (),
            "the metric has no value on the scored rows, so candidates were chosen by log loss "
            "or RMSE",
            "more rows of each class, or another metric",
        )
    if all(member.family == "baseline" for member in finish.recipe.members):
        yield Check(
            "no-model",
            "warning",
            (),
            "no model beat the constant prediction; the winner is the baseline",
            "result.trials for what was tried, or a larger time_budget",
        )


def with_sealed(event: Event, n_sealed: int) -> Event:
    """Tell the plan how many rows are sealed: the loop does not know."""
    return replace(event, n_sealed=n_sealed) if isinstance(event, Planned) else event


def finished_event(record: RunRecord, folder: RunFolder, seconds: float) -> Finished:
    """Say that the result is usable."""
    return Finished(
        tuple((member.name, member.weight) for member in record.recipe.members),
        record.metric,
        record.score,
        record.low,
        record.high,
        record.scored_on,
        str(folder.path),
        record.size,
        seconds,
        record.stopped,
        tuple(check.message for check in record.checks if check.code in _LATE),
    )


def table_event(table: Table, metric: Metric, settings: Settings, elapsed: float) -> TableRead:
    """Say what was read."""
    target = table.schema.target
    roles: dict[str, int] = {}
    for column in table.schema.columns:
        roles[column.role] = roles.get(column.role, 0) + 1
    return TableRead(
        name=table.name,
        n_rows=len(table.y),
        n_columns=table.columns.layout.n_columns,
        target=target.name,
        task=target.task,
        metric=metric.name,
        target_note=target.note,
        roles=roles,
        checks=table.checks,
        n_jobs=settings.n_jobs,
        seed=settings.seed,
        elapsed=elapsed,
    )
