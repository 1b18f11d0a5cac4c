"""From judged candidates to the result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from explain.errors import ArgumentError
from explain.protocol import Floats, Scale
from explain.recourse.asking import Question
from explain.recourse.batch import Batch
from explain.recourse.binding import Binding
from explain.recourse.cost import costs_of
from explain.recourse.judging import Goal, Judge
from explain.recourse.result import Counterfactuals, Miss
from explain.recourse.search import Search
from explain.recourse.space import Space
from explain.recourse.tables import as_given

SAMPLE = 1_000
"""Rows of the data that tell what score is needed."""


def tell(
    question: Question,
    space: Space,
    options: Batch,
    found: Search,
    judge: Judge,
    bound: Binding | None = None,
    miss: Batch | None = None,
) -> Counterfactuals:
    """Make the result of options, or of their absence."""
    goal, bound = question.goal, bound or Binding()
    rows = space.frame(options.codes)
    scale = _scale(goal)
    return Counterfactuals(
        rows=as_given(rows, question.row),
        row=question.row,
        changes=_changes(space, options, 1),
        costs=options.cost,
        predictions=_scores(goal, scale, rows),
        prediction=float(_scores(goal, scale, space.row)[0]),
        said=question.said,
        wanted=goal.wanted,
        scale=scale,
        binding=bound.limits,
        together=bound.together,
        unlifted=bound.unlifted,
        nearest=None
        if miss is None or len(options)
        else _miss(question, space, scale, bound, miss),
        fixed=space.fixed,
        free=len(space.free),
        left_out=found.left_out,
        every=found.every,
        tried=judge.rows,
        model=goal.opened.name,
    )


def _scale(goal: Goal) -> Scale:
    if goal.is_value:
        return "response"
    return "probability" if "probability" in goal.opened.deployed else "margin"


def _scores(goal: Goal, scale: Scale, frame: pd.DataFrame) -> Floats:
    """Return scores of the wanted class, or values; NaN where there are labels only."""
    if goal.labels_only or not len(frame):
        return np.full(len(frame), np.nan)
    if goal.is_value:
        return goal.opened.predict(frame, "response")[:, 0]
    scores = goal.opened.predict(frame, scale)
    if scores.shape[1] > 1:
        return scores[:, goal.place]
    second = scores[:, 0]
    if goal.place == 1:
        return second
    return 1 - second if scale == "probability" else -second


TYPES = {
    "option": np.int64, "column": object, "from": object, "to": object, "cost": np.float64,
    "from_share": np.float64, "to_share": np.float64,
}  # fmt: skip
"""Columns of changes."""


def _changes(space: Space, batch: Batch, first: int) -> pd.DataFrame:
    """Return one row a change, the dearest of an option first."""
    costs = costs_of(space, batch.codes)
    rows = space.frame(batch.codes)
    found: list[tuple[Any, ...]] = []
    for option in range(len(batch)):
        places = np.flatnonzero(batch.changed[option])
        for place in places[np.argsort(-costs[option, places], kind="stable")].tolist():
            name = space.columns[place].name
            values = (_plain(space.row[name].iloc[0]), _plain(rows[name].iloc[option]))
            shares = _shares(space, place, float(batch.codes[option, place]))
            found.append((option + first, name, *values, float(costs[option, place]), *shares))
    by_name = zip(TYPES, zip(*found, strict=True) if found else [()] * len(TYPES), strict=True)
    return pd.DataFrame({name: pd.Series(list(one), dtype=TYPES[name]) for name, one in by_name})


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _shares(space: Space, place: int, code: float) -> tuple[float, float]:
    column = space.columns[place]
    if not column.is_metric:
        return np.nan, np.nan
    before = column.place(np.array([column.origin, code]))
    return (np.nan if np.isnan(column.origin) else float(before[0])), float(before[1])


def _miss(
    question: Question, space: Space, scale: Scale, bound: Binding, miss: Batch
) -> Miss | None:
    """Tell how near the search came, and how near it would have had to come."""
    goal = question.goal
    sample = question.table.iloc[1 : SAMPLE + 1]
    of_data = goal.gaps(sample)
    own = goal.gaps(space.row)
    if not bound.limits and np.ptp(np.concatenate([of_data, own])) == 0:
        raise ArgumentError(
            f"{goal.opened.name} says the same of every row, so no change makes a difference",
            got=f"one prediction for {len(sample):,} rows of data",
            hint="a model whose predictions depend on its columns",
        )
    if not len(miss):
        return None
    frame = space.frame(miss.codes)
    score = float(_scores(goal, scale, frame)[0])
    return Miss(_changes(space, miss, 0), score, _needed(goal, scale, sample, frame))


def _needed(goal: Goal, scale: Scale, sample: pd.DataFrame, nearest: pd.DataFrame) -> float:
    """Return the nearest end of an interval, or about the score with which a label is given."""
    if goal.labels_only:
        return np.nan
    if goal.is_value:
        low, high = goal.wanted
        return float(low if goal.opened.predict(nearest, "response")[0, 0] < low else high)
    if goal.opened.task == "multiclass":
        scores = goal.opened.predict(nearest, scale)[0]
        return float(np.delete(scores, goal.place).max())
    met = goal.met(sample)
    return float(_scores(goal, scale, sample)[met].min()) if met.any() else np.nan
