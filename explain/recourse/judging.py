"""What the model says of candidates: whether it is what is wanted, and how far it is from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from explain.errors import PredictionError
from explain.opening import OpenModel
from explain.protocol import Floats
from explain.recourse.space import Bools

ROWS_AT_ONCE = 4_000
"""Rows of one call of the model."""


@dataclass(frozen=True, eq=False)
class Goal:
    """What is wanted of which model.

    Parameters
    ----------
    opened : OpenModel
    wanted : object
        A label, or (low, high) for values.
    place : int
        Of the label among the classes; 0 for values.
    labels_only : bool
        Whether the model has no scores.
    """

    opened: OpenModel
    wanted: Any
    place: int
    labels_only: bool

    @property
    def is_value(self) -> bool:
        """Whether an interval of values is wanted."""
        return self.opened.task == "regression"

    @property
    def has_two_ends(self) -> bool:
        """Whether an interval of values is wanted that ends on both sides."""
        return self.is_value and bool(np.isfinite(self.wanted).all())

    def one_sided(self, said: float) -> Goal:
        """Return the goal to reach the interval, and perhaps go beyond it."""
        low, high = self.wanted
        return replace(self, wanted=(low, np.inf) if said < low else (-np.inf, high))

    def met(self, frame: pd.DataFrame) -> Bools:
        """Return for which rows the model's own ``predict`` says what is wanted."""
        said = self.opened.predict_labels(frame)
        if np.size(said) != len(frame):
            raise PredictionError(
                f"{self.opened.name} gives no label or value for each row",
                got=f"{np.size(said):,} for {len(frame):,} rows",
            )
        if not self.is_value:
            return np.asarray(said == self.wanted, dtype=bool).reshape(len(frame))
        return self._gap_of_values(np.asarray(said, dtype=np.float64).reshape(-1)) <= 0

    def gaps(self, frame: pd.DataFrame) -> Floats:
        """Return how far rows are from what is wanted: lower is nearer."""
        if self.is_value:
            return self._gap_of_values(self.opened.predict(frame, "response")[:, 0])
        scores = self.opened.predict(frame, "margin")
        if scores.shape[1] == 1:
            return np.asarray(-scores[:, 0] if self.place == 1 else scores[:, 0])
        others = np.delete(scores, self.place, axis=1).max(axis=1)
        return np.asarray(others - scores[:, self.place])

    def _gap_of_values(self, values: Floats) -> Floats:
        low, high = self.wanted
        return np.asarray(np.maximum(low - values, values - high))


class Judge:
    """Asks for scores, and for labels only where scores leave them open.

    Where every label that was asked for follows from a threshold on the score, rows beyond it on
    either side need not be asked again. The threshold is the model's own, whatever it is. A label
    that contradicts it ends this: from then on every label is asked for.

    Parameters
    ----------
    goal : Goal
    trusting : bool
        Whether labels are taken to follow from scores until one does not.
    rows : int
        Rows that were shown to the model before.
    """

    def __init__(self, goal: Goal, trusting: bool = True, rows: int = 0):
        self.goal = goal
        self.trusting = trusting and not goal.is_value
        self.met_at = -np.inf
        self.missed_at = np.inf
        self.rows = rows

    @property
    def target(self) -> float:
        """Return the gap that is about enough."""
        if self.goal.is_value:
            return 0.0
        if np.isfinite(self.met_at) and np.isfinite(self.missed_at):
            return (self.met_at + self.missed_at) / 2
        return min(0.0, self.missed_at)

    def __call__(self, frame: pd.DataFrame) -> tuple[Bools, Floats]:
        """Return which rows are as wanted, and each row's gap."""
        starts = range(0, len(frame), ROWS_AT_ONCE)
        parts = [self._judged(frame.iloc[start : start + ROWS_AT_ONCE]) for start in starts]
        if not parts:
            return np.empty(0, dtype=bool), np.empty(0)
        return np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts])

    def _judged(self, frame: pd.DataFrame) -> tuple[Bools, Floats]:
        self.rows += len(frame)
        gaps = self.goal.gaps(frame)
        if self.goal.is_value:
            return gaps <= 0, gaps
        if not self.trusting:
            return self.goal.met(frame), gaps
        open_ = (gaps > self.met_at) & (gaps < self.missed_at)
        if open_.any():
            said = self.goal.met(frame[open_])
            met, missed = gaps[open_][said], gaps[open_][~said]
            self.met_at = max(self.met_at, float(met.max(initial=-np.inf)))
            self.missed_at = min(self.missed_at, float(missed.min(initial=np.inf)))
        if self.met_at >= self.missed_at:
            self.trusting = False
            return self.goal.met(frame), gaps
        return gaps <= self.met_at, gaps
