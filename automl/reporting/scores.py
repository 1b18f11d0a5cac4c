"""Scores of predictions, each with an interval and what it means."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from automl.metrics import get_metric
from automl.reporting.calibration import calibration_error
from automl.reporting.facts import Predictions
from automl.reporting.residuals import median_error
from automl.reporting.tally import Floats

CALIBRATION, MEDIAN_ERROR = "calibration_error", "median_absolute_error"

MEANINGS: Mapping[str, str] = {
    "roc_auc": "how often a positive row scores above a negative one; 0.5 is chance",
    "average_precision": "precision averaged over the positive rows; the positive share is chance",
    "roc_auc_ovr": "ROC AUC of each class against all others, averaged; 0.5 is chance",
    "log_loss": "mean negative logarithm of the probability given to what happened; 0 is best",
    "brier": "mean squared gap between probability and outcome; 0 is best",
    CALIBRATION: "typical gap between probability and outcome beyond chance; 0 is best",
    "accuracy": "share of correct labels",
    "balanced_accuracy": "share of correct labels, averaged over the classes",
    "f1": "harmonic mean of precision and recall of the positive class",
    "precision": "share of the rows called positive that are",
    "recall": "share of the positive rows that are found",
    "rmse": "root of the mean squared error, in units of the target",
    "mae": "mean absolute error, in units of the target",
    MEDIAN_ERROR: "half of the rows are predicted at least this closely",
    "r2": "share of the target's variance that is explained; 0 is what the mean predicts",
}

_NAMES = {
    "binary": (
        "roc_auc",
        "average_precision",
        "log_loss",
        "brier",
        CALIBRATION,
        "accuracy",
        "balanced_accuracy",
        "f1",
        "precision",
        "recall",
    ),
    "multiclass": ("log_loss", "accuracy", "balanced_accuracy", "roc_auc_ovr", CALIBRATION),
    "regression": ("rmse", "mae", MEDIAN_ERROR, "r2"),
}


def scores(predictions: Predictions, weight: Floats, confidence: float) -> pd.DataFrame:
    """Return the scores: columns metric, value, low, high, meaning."""
    rows = [
        (name, *_scored(name, predictions, weight, confidence), _meaning(name, predictions))
        for name in _NAMES[predictions.task]
    ]
    return pd.DataFrame(rows, columns=["metric", "value", "low", "high", "meaning"])


def score_of(frame: pd.DataFrame, metric: str) -> tuple[float, float, float]:
    """Return value, low and high of one of the scores.

    Raises
    ------
    KeyError
        It is not among them.
    """
    place = frame["metric"].tolist().index(metric) if metric in set(frame["metric"]) else -1
    if place < 0:
        raise KeyError(metric)
    value, low, high = (float(frame[name].iloc[place]) for name in ("value", "low", "high"))
    return value, low, high


def _scored(
    name: str, given: Predictions, weight: Floats, confidence: float
) -> tuple[float, float, float]:
    """Return a score with its interval."""
    if name == MEDIAN_ERROR:
        return median_error(given.y, given.predicted, weight, confidence)
    if name == CALIBRATION:
        if given.predicted.ndim == 1:
            return calibration_error(given.y, given.predicted, weight, confidence)
        likeliest = given.predicted.argmax(axis=1)
        right = (likeliest == given.y).astype(float)
        return calibration_error(right, given.predicted.max(axis=1), weight, confidence)
    metric = get_metric(name, given.task, given.classes)
    arguments = (given.y, given.predicted, given.weight)
    value = metric.score(*arguments, threshold=given.threshold)
    low, high = metric.interval(*arguments, confidence=confidence, threshold=given.threshold)
    return value, low, high


def _meaning(name: str, given: Predictions) -> str:
    """Say what a score means, and at which threshold where it has one."""
    text = MEANINGS[name]
    if name == CALIBRATION and given.task == "multiclass":
        return f"{text} (of the likeliest class)"
    if given.task == "binary" and name in (
        "accuracy",
        "balanced_accuracy",
        "f1",
        "precision",
        "recall",
    ):
        return f"{text}, at the threshold {given.threshold:.3g}"
    return text
