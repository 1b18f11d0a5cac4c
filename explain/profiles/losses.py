"""Losses of single rows, and scores that a caller brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.errors import ArgumentError, ExplainError, PredictionError
from explain.profiles.columns import Floats, Ints

Score = Callable[[NDArray[Any], Floats], float]
LossName = Literal["log_loss", "squared_error"]


def checked_target(y: object, n_rows: int) -> NDArray[Any]:
    """Return the target as an array, one entry per row and none missing."""
    target = np.asarray(y)
    if target.ndim != 1 or len(target) != n_rows:
        shape = f"shape {target.shape}" if target.ndim else type(y).__name__
        raise ArgumentError("y must have one entry per row of X", got=f"{shape}, {n_rows:,} rows")
    if target.dtype == object:  # so come nullable integers and booleans out of pandas
        target = pd.Series(target, dtype=object).infer_objects().to_numpy()
    missing = int(pd.isna(target).sum())
    if missing:
        raise ArgumentError(
            "y has missing values", got=f"{missing} of {n_rows}", hint="leave those rows out"
        )
    if target.dtype.kind == "f" and not np.isfinite(target).all():
        raise ArgumentError(
            "y has infinite values",
            got=f"{int(np.isinf(target).sum())} of {n_rows}",
            hint="leave those rows out",
        )
    return target


def class_codes(target: NDArray[Any], classes: Sequence[Any] | None) -> Ints:
    """Return positions of the target in `classes`; without them it holds positions itself."""
    if len(pd.unique(target)) < 2:
        raise ArgumentError(
            "y holds one class only",
            got=repr(target[:1].tolist()[0]),
            hint="rows of at least two classes",
        )
    if classes is not None:
        codes: Ints = pd.Index(list(classes)).get_indexer(target).astype(np.int64)
        if (codes < 0).any():
            raise ArgumentError(
                "y holds a class that the model does not know",
                got=f"{target[codes < 0].tolist()[0]!r}; it knows "
                f"{', '.join(repr(one) for one in list(classes)[:10])}",
            )
        return codes
    if target.dtype.kind not in "biuf" or (target != np.floor(target)).any() or target.min() < 0:
        raise ArgumentError(
            "log loss needs classes as 0, 1, … or their list",
            got=f"y of {target.dtype}",
            hint="classes=model.classes_",
        )
    return target.astype(np.int64)


def log_losses(codes: Ints, prediction: Floats) -> Floats:
    """Return ``-log p`` of the true class of each row."""
    if prediction.min() < 0 or prediction.max() > 1:
        raise PredictionError(
            "log loss needs probabilities",
            got=f"predictions from {prediction.min():.6g} to {prediction.max():.6g}",
            hint='predict_proba, or score="squared_error"',
        )
    if prediction.shape[1] == 1:
        prediction = np.column_stack([1 - prediction[:, 0], prediction[:, 0]])
    if codes.max() >= prediction.shape[1]:
        raise PredictionError(
            "predict returned fewer columns than there are classes",
            got=f"{prediction.shape[1]} columns, class {codes.max()}",
        )
    chosen = prediction[np.arange(len(codes)), codes]
    losses: Floats = -np.log(np.maximum(chosen, np.finfo(np.float64).eps))
    return losses


def squared_errors(target: Floats, prediction: Floats) -> Floats:
    """Return the squared error of each row."""
    if prediction.shape[1] != 1:
        raise PredictionError(
            "squared error needs one prediction per row",
            got=f"{prediction.shape[1]} columns",
            hint='score="log_loss"',
        )
    errors: Floats = (target - prediction[:, 0]) ** 2
    return errors


def scored(score: Score, target: NDArray[Any], prediction: Floats) -> float:
    """Return a caller's score.

    Raises
    ------
    ArgumentError
        It fails, or is no number.
    """
    flat = prediction[:, 0] if prediction.shape[1] == 1 else prediction
    try:
        found = score(target, flat)
    except (ExplainError, MemoryError):
        raise
    except Exception as error:  # whatever a score of the caller's own raises
        raise ArgumentError(
            f"the score {score_name(score)!r} failed",
            got=" ".join(f"{type(error).__name__}: {error}".split())[:300],
            hint="a callable (y, prediction) -> float, higher is better",
        ) from error
    try:
        return float(found)
    except (TypeError, ValueError) as error:
        raise ArgumentError("the score is no number", got=repr(found)) from error


def score_name(score: Score) -> str:
    """Return what to call a caller's score."""
    return str(getattr(score, "__name__", type(score).__name__))
