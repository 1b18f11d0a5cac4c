"""Each row's own loss, for the parts of the rows where it is high."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl.reporting.facts import Predictions

SMALLEST = 1e-6
"""Least probability: a single row that is surely wrong does not outweigh all others."""

NAMES = {
    "binary": "log loss",
    "multiclass": "log loss",
    "regression": "absolute error",
}
"""What a row's loss is called, by task."""


def row_losses(given: Predictions) -> NDArray[np.float64]:
    """Return the log loss of classes, or the absolute error of values."""
    if given.task == "regression":
        return np.abs(np.asarray(given.y, dtype=np.float64) - given.predicted)
    y = np.asarray(given.y, dtype=np.int64)
    if given.task == "binary":
        told = np.where(y == 1, given.predicted, 1 - given.predicted)
    else:
        told = given.predicted[np.arange(len(y)), y]
    losses: NDArray[np.float64] = -np.log(np.clip(told, SMALLEST, 1.0))
    return losses
