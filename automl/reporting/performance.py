"""How good predictions are: scores, curves, classes, thresholds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from automl.errors import ArgumentError
from automl.reporting import classes, curves, residuals
from automl.reporting.calibration import calibration_curve
from automl.reporting.facts import Performance, Predictions
from automl.reporting.scores import scores
from automl.reporting.tally import Floats, Tally, unit_weights


def judge(predictions: Predictions, confidence: float = 0.95) -> Performance:
    """Judge predictions of rows that the models behind them were not fitted on.

    Parameters
    ----------
    predictions : Predictions
        What was predicted, and what was true.
    confidence : float, default 0.95
        Coverage of every interval by itself.

    Returns
    -------
    Performance
        Curves by name. Two classes: roc (fpr, tpr, low, high, threshold, n), precision_recall
        (recall, precision, low, high, threshold, n), lift (share, gain, lift, n and intervals),
        calibration (predicted, observed, low, high, n). More classes: calibration, of the
        likeliest class. Regression: predicted_actual and residuals (predicted, actual, residual,
        thinned), residual_quantiles (by tenth of the predictions). Weights are scaled to add up
        to the rows.

    Raises
    ------
    ArgumentError
        There is no row, or `confidence` is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ArgumentError(
            "confidence must lie between 0 and 1", got=f"got {confidence}", hint="0.95"
        )
    if len(predictions.y) == 0:
        raise ArgumentError("there are no predictions to judge", got="0 rows")
    weight = unit_weights(predictions.weight, len(predictions.y))
    scored = scores(predictions, weight, confidence)
    if predictions.task == "regression":
        drawn = _of_values(predictions, weight, confidence)
        nothing = pd.DataFrame()
        return Performance(predictions, scored, drawn, nothing, nothing, nothing)
    label = _labels(predictions)
    common = (predictions.y, label, weight, predictions.classes)
    by_class = classes.by_class(*common, confidence)
    matrix = classes.confusion(*common)
    if predictions.task == "multiclass":
        right = (label == predictions.y).astype(np.float64)
        likeliest = predictions.predicted.max(axis=1)
        drawn = {"calibration": calibration_curve(right, likeliest, weight, confidence)}
        return Performance(predictions, scored, drawn, pd.DataFrame(), by_class, matrix)
    tally = Tally.of(predictions.y, predictions.predicted, weight)
    drawn = _of_two_classes(predictions, tally, weight, confidence)
    sweep = curves.thresholds(tally, predictions.predicted, predictions.threshold, confidence)
    return Performance(predictions, scored, drawn, sweep, by_class, matrix)


def _labels(predictions: Predictions) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    from automl.metrics.metric import labels

    return labels(predictions.predicted, predictions.threshold)


def _of_two_classes(
    given: Predictions, tally: Tally, weight: Floats, confidence: float
) -> Mapping[str, pd.DataFrame]:
    bins = calibration_curve(given.y, given.predicted, weight, confidence)
    if not (tally.hits[-1] > 0 and tally.false[-1] > 0):  # one class: there is nothing to rank
        nothing = pd.DataFrame()
        return {"roc": nothing, "precision_recall": nothing, "calibration": bins, "lift": nothing}
    return {
        "roc": curves.roc(tally, confidence),
        "precision_recall": curves.precision_recall(tally, confidence),
        "calibration": bins,
        "lift": curves.lift(tally, confidence),
    }


def _of_values(
    given: Predictions, weight: Floats, confidence: float
) -> Mapping[str, pd.DataFrame]:
    cloud = residuals.points(given.y, given.predicted)
    return {
        "predicted_actual": cloud,
        "residuals": cloud,
        "residual_quantiles": residuals.by_tenths(given.y, given.predicted, weight, confidence),
    }
