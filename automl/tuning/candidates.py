"""A candidate: a configured family and what is known of it so far."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from automl.tuning.tasks import Fitted

Status = Literal["running", "complete", "pruned", "failed", "skipped"]


@dataclass(frozen=True)
class FoldRecord:
    """What one fold's fit cost and left behind.

    Parameters
    ----------
    encoder : str
        Digest of the fold's encoder.
    rounds, rounds_run : int or None
        Rounds that the model keeps, and that the fit ran.
    changed : dict
        Parameters that the fit set otherwise than given.
    n_rows : int
        Rows that it was fitted on.
    seconds : float
        Seconds of encoding and fitting.
    predict_seconds : float
        Seconds per predicted row.
    size : int
        Bytes on disk.
    note : str
        What the family said.
    """

    encoder: str
    rounds: int | None
    rounds_run: int | None
    changed: dict[str, Any]
    n_rows: int
    seconds: float
    predict_seconds: float
    size: int
    note: str

    @classmethod
    def of(cls, fitted: Fitted) -> FoldRecord:
        """Keep all of a fit but its predictions."""
        return cls(
            fitted.encoder,
            fitted.rounds,
            fitted.rounds_run,
            fitted.changed,
            fitted.n_rows,
            fitted.encode_seconds + fitted.fit_seconds,
            fitted.predict_seconds,
            fitted.size,
            fitted.note,
        )


@dataclass
class Candidate:
    """A configured family on its way through the folds.

    Parameters
    ----------
    number : int
        Number of its trial in the study.
    name : str
        Its name on the leaderboard, such as "lightgbm-3".
    family : str
        Its family.
    params : dict
        Its parameters.
    origin : str
        "portfolio" or "search".
    max_rows : int or None
        Its fits draw at most so many rows.
    """

    number: int
    name: str
    family: str
    params: dict[str, Any]
    origin: str
    max_rows: int | None = None
    status: Status = "running"
    note: str = ""
    traceback: str = ""
    score: float = math.nan
    low: float = math.nan
    high: float = math.nan
    folds: dict[int, FoldRecord] = field(default_factory=dict)
    predictions: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)

    @property
    def seconds(self) -> float:
        """Seconds of fitting, over all folds."""
        return sum(record.seconds for record in self.folds.values())

    @property
    def fold_seconds(self) -> float:
        """Mean seconds of one fold."""
        return self.seconds / len(self.folds) if self.folds else math.nan

    @property
    def predict_seconds(self) -> float:
        """Seconds per predicted row of one fold's model."""
        if not self.folds:
            return math.nan
        return float(np.median([record.predict_seconds for record in self.folds.values()]))

    @property
    def size(self) -> int:
        """Bytes on disk of one fold's model, on average."""
        sizes = [record.size for record in self.folds.values()]
        return round(sum(sizes) / len(sizes)) if sizes else 0

    @property
    def rounds(self) -> int | None:
        """Rounds for a refit: the mean over the folds."""
        found = [record.rounds for record in self.folds.values() if record.rounds]
        return max(1, round(float(np.mean(found)))) if found else None

    def on_folds(self, n_folds: int) -> Candidate:
        """Return a complete copy that has gone through the first folds alone."""
        return replace(
            self,
            status="complete",
            folds={fold: self.folds[fold] for fold in range(n_folds)},
            predictions={fold: self.predictions[fold] for fold in range(n_folds)},
        )

    def params_of_refit(self) -> dict[str, Any]:
        """Return the parameters with what the folds' fits changed: numbers by their mean."""
        changed: dict[str, Any] = {}
        for name in {name for record in self.folds.values() for name in record.changed}:
            values = [one.changed[name] for one in self.folds.values() if name in one.changed]
            numbers = all(isinstance(value, float) for value in values)
            changed[name] = float(np.mean(values)) if numbers else values[0]
        return self.params | changed

    def describe(self) -> str:
        """Say what is worth knowing: its own note, or the first of its folds' notes."""
        notes = [record.note for record in self.folds.values() if record.note]
        return self.note or (notes[0] if notes else "")
