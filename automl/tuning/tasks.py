"""What a worker is asked to fit, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

REFIT = -1
"""Fold number that stands for a refit on all rows."""


@dataclass(frozen=True)
class FitTask:
    """One fit of one candidate.

    Parameters
    ----------
    candidate : int
        Number of the candidate.
    family : str
        Name of its family.
    params : dict
        Its parameters.
    fold : int
        Number of the fold, or `REFIT`.
    seconds : float
        Seconds that the fit may take from when the worker starts it; infinite without a limit.
    fit_seconds : float
        Seconds that the plan foresees for it; what the family paces itself by.
    round_seconds : float or None
        Measured seconds of one boosting round on as many rows.
    max_rows : int or None
        Train on at most so many rows, drawn with the seed.
    rounds : int or None
        Fixed number of rounds for a refit.
    n_threads : int
        Threads for the fit.
    seed : int
        Seed of the fit.
    folder : str
        Where the fitted model goes.
    """

    candidate: int
    family: str
    params: dict[str, Any]
    fold: int
    seconds: float
    fit_seconds: float
    round_seconds: float | None
    max_rows: int | None
    rounds: int | None
    n_threads: int
    seed: int
    folder: str


@dataclass(frozen=True)
class Fitted:
    """A fit that went well.

    Parameters
    ----------
    prediction : ndarray or None
        Predictions of the fold's held-out rows; None for a refit.
    encoder : str
        Digest of the encoder, its name in the run folder.
    rounds, rounds_run : int or None
        Rounds that the model keeps, and that the fit ran.
    changed : dict
        Parameters that the fit set otherwise than given.
    n_rows : int
        Rows that it was fitted on.
    encode_seconds, fit_seconds : float
        Seconds spent.
    predict_seconds : float
        Seconds per predicted row, encoding included.
    size : int
        Bytes on disk.
    note : str
        What the family says about the fit.
    """

    prediction: NDArray[np.float64] | None
    encoder: str
    rounds: int | None
    rounds_run: int | None
    changed: dict[str, Any]
    n_rows: int
    encode_seconds: float
    fit_seconds: float
    predict_seconds: float
    size: int
    note: str


@dataclass(frozen=True)
class Failed:
    """A fit that raised, crashed, hung or ran out of memory.

    Parameters
    ----------
    reason : str
        One line, such as "MemoryError" or "worker ended by signal 9".
    traceback : str
        The worker's traceback, empty if it could not send one.
    """

    reason: str
    traceback: str = ""


Answer = Fitted | Failed
