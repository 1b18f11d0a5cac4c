"""The systems that are compared: each is one function that fits, and returns a predictor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.protocol import Task


@dataclass(frozen=True)
class Spec:
    """What a system is told.

    Parameters
    ----------
    target : str
        Target column.
    task : {"binary", "multiclass", "regression"}
        What is predicted.
    budget : float
        Seconds that fitting may take.
    seed : int
        Seed of everything random.
    group, time : str
        Columns by which rows have to be split; empty where there is none.
    """

    target: str
    task: Task
    budget: float
    seed: int
    group: str = ""
    time: str = ""


class Predictor(Protocol):
    """What a system returns."""

    @property
    def classes(self) -> Sequence[Any]:
        """Labels in the order of the probabilities; empty for regression."""

    @property
    def note(self) -> str:
        """What the system says of itself."""

    def predict(self, rows: pd.DataFrame) -> NDArray[Any]:
        """Return probabilities in the order of `classes`, or values."""


Fit = Callable[[pd.DataFrame, Spec], Predictor]


@dataclass(frozen=True)
class CandorPredictor:
    """A result of `automl.search`."""

    result: Any
    task: str
    classes: Sequence[Any]
    note: str

    def predict(self, rows: pd.DataFrame) -> NDArray[Any]:
        """Return probabilities in the order of `classes`, or values."""
        if self.task == "regression":
            return np.asarray(self.result.predict(rows))
        return np.asarray(self.result.predict_proba(rows))


def fit_candor(train: pd.DataFrame, spec: Spec) -> Predictor:
    """Search with Candor, everything at its default."""
    import automl

    result = automl.search(
        train,
        target=spec.target,
        task=spec.task,
        time_budget=spec.budget,
        group=spec.group or None,
        time=spec.time or None,
        seed=spec.seed,
        progress=False,
    )
    board = result.leaderboard
    note = f"{len(board)} candidates, best {board.iloc[0]['name']}"
    classes = [] if spec.task == "regression" else list(result.model.classes_)
    return CandorPredictor(result, spec.task, classes, note)


def fit_lightgbm(train: pd.DataFrame, spec: Spec) -> Predictor:
    """Fit LightGBM as it comes, on the rows as they come."""
    from benchmarks.lightgbm_default import fit_default

    return fit_default(train, spec)


def fit_lightgbm_tuned(train: pd.DataFrame, spec: Spec) -> Predictor:
    """Tune LightGBM with Optuna for the time budget."""
    from benchmarks.lightgbm_tuned import fit_tuned

    return fit_tuned(train, spec)


SYSTEMS: dict[str, Fit] = {
    "candor": fit_candor,
    "lightgbm": fit_lightgbm,
    "lightgbm-tuned": fit_lightgbm_tuned,
}
