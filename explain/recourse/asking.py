"""The question at the border: a model, one row, the data, what is wanted; all checked."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from explain.errors import ArgumentError, ArgumentTypeError, PredictionError
from explain.opening import OpenModel
from explain.recourse.answers import opened
from explain.recourse.judging import Goal
from explain.recourse.tables import aligned
from explain.recourse.told import interval_text
from explain.settings import check_seed
from explain.showing.words import listed, number, short

MOST_ROWS, MOST_CELLS = 10_000, 4_000_000
"""Rows and cells of the data that are used; of more, a sample of rows."""


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked, once it is known to make sense.

    Parameters
    ----------
    goal : Goal
    row : DataFrame of one row
        As given.
    table : DataFrame
        The row first, then the data, in types that both share.
    said : object
        The model's label or value of the row.
    """

    goal: Goal
    row: pd.DataFrame
    table: pd.DataFrame
    said: Any


def ask(model: Any, row: Any, data: Any, wanted: Any, seed: int) -> Question:
    """Open the model, and read the row, the data and what is wanted."""
    check_seed(seed)
    known, labels_only = opened(model, data)
    frame = known.read(data, "data")
    most = min(MOST_ROWS, max(200, MOST_CELLS // frame.shape[1]))
    if len(frame) > most:
        chosen = np.random.default_rng([seed, 0xC0]).choice(len(frame), most, replace=False)
        frame = frame.iloc[np.sort(chosen)].reset_index(drop=True)
    one = _one_row(known, row)
    table = aligned(one, frame)
    first = table.iloc[[0]]
    # A mapping or Series says little about types: the data know them better.
    one = first if isinstance(row, pd.Series | Mapping) else one
    said = np.asarray(known.predict_labels(first)).reshape(-1)[0]
    goal = _goal(known, labels_only, wanted, said, first)
    return Question(goal, one, table, said.item() if isinstance(said, np.generic) else said)


def _one_row(known: OpenModel, row: Any) -> pd.DataFrame:
    """Read a row that may be a table, a Series, a mapping or an array."""
    if isinstance(row, pd.Series):
        row = row.to_frame().T.infer_objects()
    elif isinstance(row, Mapping):
        row = pd.DataFrame([dict(row)])
    elif isinstance(row, np.ndarray) and row.ndim == 1:
        row = row.reshape(1, -1)
    frame = known.read(row, "row")
    if len(frame) != 1:
        raise ArgumentError("row must be one row", got=f"{len(frame):,} rows", hint="X.iloc[[17]]")
    return frame


def _goal(
    known: OpenModel, labels_only: bool, wanted: Any, said: Any, first: pd.DataFrame
) -> Goal:
    if known.task == "regression":
        return Goal(known, _interval(wanted, float(said)), 0, labels_only)
    if said not in known.classes:
        raise PredictionError(
            f"the model says {short(said)}, which is none of its classes",
            got=f"classes {listed([str(one) for one in known.classes])}",
        )
    label = _likeliest_other(known, said, first) if wanted is None else _label(known, wanted)
    if label == said:
        others = [str(one) for one in known.classes if one != said]
        raise ArgumentError(
            f"the model already says {short(said)} of this row",
            got=f"wanted={wanted!r}",
            hint=f"wanted one of: {listed(others)}",
        )
    return Goal(known, label, known.classes.index(label), labels_only)


def _likeliest_other(known: OpenModel, said: Any, first: pd.DataFrame) -> Any:
    others = [place for place, label in enumerate(known.classes) if label != said]
    if len(others) == 1:
        return known.classes[others[0]]
    scores = known.predict(first, "margin")[0]
    return known.classes[max(others, key=lambda place: scores[place])]


def _label(known: OpenModel, wanted: Any) -> Any:
    """Return the class that is meant."""
    if np.ndim(wanted) == 0 and not pd.isna(wanted):
        for one in known.classes:
            if one == wanted and isinstance(one, str) == isinstance(wanted, str):
                return one
    names = [str(one) for one in known.classes]
    near = get_close_matches(str(wanted), names, n=1)
    raise ArgumentError(
        f"the model knows no class {short(repr(wanted))}",
        got=f"classes {listed(names)}",
        hint=f"wanted={known.classes[names.index(near[0])]!r}" if near else None,
    )


def _interval(wanted: Any, said: float) -> tuple[float, float]:
    hint = "wanted=(200_000, None) for 200,000 and more"
    if wanted is None:
        raise ArgumentError(
            "the model predicts values, so wanted must say which", got="wanted=None", hint=hint
        )
    ends = interval_of(wanted, "wanted", hint)
    low, high = ends
    if low == -np.inf and high == np.inf:
        raise ArgumentError("the interval wanted has no end", got=f"wanted={wanted!r}", hint=hint)
    if low <= said <= high:
        raise ArgumentError(
            "the model's prediction already lies in the interval wanted",
            got=f"{number(said)}, wanted {interval_text(low, high)}",
            hint="an interval that it does not lie in",
        )
    return ends


def interval_of(given: Any, what: str, hint: str, is_time: bool = False) -> tuple[float, float]:
    """Read (low, high), None being an open end; times become seconds since 1970.

    Raises
    ------
    ArgumentTypeError
        It is no pair of numbers.
    ArgumentError
        It is empty.
    """
    no_pair = ArgumentTypeError(
        f"{what} must be a pair (low, high)", got=short(repr(given)), hint=hint
    )
    if isinstance(given, str | bytes | Set | Mapping):
        raise no_pair
    as_number = _seconds if is_time else float
    try:
        low, high = given
        low = -np.inf if low is None else as_number(low)
        high = np.inf if high is None else as_number(high)
    except (TypeError, ValueError, OverflowError) as error:
        raise no_pair from error
    if np.isnan(low) or np.isnan(high):
        raise no_pair
    if not low <= high:
        raise ArgumentError(
            f"{what} is empty: its low end is above its high end",
            got=short(repr(given)),
            hint=short(repr(tuple(given)[::-1])),
        )
    return low, high


def _seconds(value: Any) -> float:
    time = pd.Timestamp(value)
    time = time.tz_convert(None) if time.tz is not None else time
    return float((time - pd.Timestamp(0)) / pd.Timedelta(seconds=1))
