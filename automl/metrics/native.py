"""Fast metrics of our own, each with its influence function."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArgumentError
from automl.metrics import confusion
from automl.metrics.metric import Floats, Metric, Response, Task, labels
from candor.statistics import (
    average_precision,
    average_precision_influence,
    roc_auc,
    roc_auc_influence,
    scaled_interval,
    standard_error,
)
from candor.statistics.intervals import Scale

SMALLEST = 1e-15
"""Probabilities are clipped here before their logarithm is taken."""


@dataclass(frozen=True)
class Statistic:
    """A score of predictions with its influence function.

    Parameters
    ----------
    score : callable
        (y, prediction, weight, threshold) -> float.
    influence : callable
        The same arguments -> influence of each row, shape (n_rows,).
    scale : str
        Scale on which intervals are symmetric.
    of_labels : LabelScore, optional
        Where the score is a function of the confusion matrix: that function.
    """

    score: Callable[[NDArray[Any], Floats, Floats | None, float], float]
    influence: Callable[[NDArray[Any], Floats, Floats | None, float], Floats]
    scale: Scale
    of_labels: confusion.LabelScore | None = None


@dataclass(frozen=True)
class NativeMetric(Metric):
    """A metric computed by Candor itself.

    Parameters
    ----------
    name, greater_is_better, response, tasks
        As in `Metric`.
    statistic : Statistic
        The score and its influence function.
    sign : float
        -1 for the `neg_` form of a loss.
    """

    statistic: Statistic
    sign: float = 1.0

    @property
    def order_only(self) -> bool:
        """Whether only the order of the predictions matters, so that margins do as well."""
        return self.name in {"roc_auc", "average_precision"}

    def score(
        self,
        y: NDArray[Any],
        prediction: Floats,
        weight: Floats | None = None,
        *,
        threshold: float = 0.5,
        frame: Any = None,
    ) -> float:
        """Score predictions; see `Metric.score`."""
        if not _scorable(y, prediction, weight):
            return math.nan
        return self.sign * self.statistic.score(y, prediction, weight, threshold)

    def interval(
        self,
        y: NDArray[Any],
        prediction: Floats,
        weight: Floats | None = None,
        groups: NDArray[Any] | None = None,
        confidence: float = 0.95,
        *,
        threshold: float = 0.5,
        frame: Any = None,
    ) -> tuple[float, float]:
        """Return an interval from the influence function; see `Metric.interval`."""
        if not _scorable(y, prediction, weight):
            return math.nan, math.nan
        value = self.statistic.score(y, prediction, weight, threshold)
        if not math.isfinite(value):
            return math.nan, math.nan
        influence = self.statistic.influence(y, prediction, weight, threshold)
        error = standard_error(influence, weight, groups)
        ends = scaled_interval(value, error, confidence, self.statistic.scale)
        low, high = sorted(self.sign * end for end in ends)
        return low, high


def _scorable(y: NDArray[Any], prediction: Floats, weight: Floats | None) -> bool:
    if len(y) == 0 or not np.isfinite(prediction).all():
        return False
    return weight is None or float(weight.sum()) > 0


# Ranking


def _auc_score(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> float:
    return roc_auc(y, p, w)


def _auc_influence(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> Floats:
    return roc_auc_influence(y, p, w)


def _ap_score(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> float:
    return average_precision(y, p, w)


def _ap_influence(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> Floats:
    return average_precision_influence(y, p, w)


def _present(y: NDArray[Any], p: Floats, w: Floats | None) -> NDArray[np.int64]:
    """Return the classes that have weight; none where there is only one."""
    found = np.flatnonzero(np.bincount(y, weights=w, minlength=p.shape[1]) > 0)
    return found if len(found) > 1 else found[:0]


def _ovr_score(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> float:
    """Mean over the classes that occur; NaN where only one does."""
    areas = [roc_auc((y == k).astype(np.int64), p[:, k], w) for k in _present(y, p, w)]
    return float(np.mean(areas)) if areas else math.nan


def _ovr_influence(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> Floats:
    classes = _present(y, p, w)
    parts = [roc_auc_influence((y == k).astype(np.int64), p[:, k], w) for k in classes]
    influence: Floats = np.mean(parts, axis=0)
    return influence


# Means over rows


def _log_losses(y: NDArray[Any], p: Floats) -> Floats:
    own = np.where(y == 1, p, 1.0 - p) if p.ndim == 1 else p[np.arange(len(y)), y]
    losses: Floats = -np.log(np.clip(own, SMALLEST, 1.0))
    return losses


def _brier_losses(y: NDArray[Any], p: Floats) -> Floats:
    if p.ndim == 1:
        losses: Floats = np.square(p - y)
        return losses
    own = p[np.arange(len(y)), y]
    total: Floats = np.einsum("ij,ij->i", p, p) - 2 * own + 1
    return total


def _absolute(y: NDArray[Any], p: Floats) -> Floats:
    errors: Floats = np.abs(p - y)
    return errors


def _squared(y: NDArray[Any], p: Floats) -> Floats:
    errors: Floats = np.square(p - y)
    return errors


def _relative(y: NDArray[Any], p: Floats) -> Floats:
    errors: Floats = np.abs(p - y) / np.maximum(np.abs(y), np.finfo(np.float64).eps)
    return errors


def _squared_logs(y: NDArray[Any], p: Floats) -> Floats:
    if (y < 0).any():
        raise ArgumentError(
            "a metric of logarithms needs a target without negative values",
            got=f"the smallest is {float(y.min()):g}",
            hint='metric="rmse"',
        )
    # A prediction below 0 counts as 0: the logarithm has no other use for it.
    errors: Floats = np.square(np.log1p(np.maximum(p, 0.0)) - np.log1p(y))
    return errors


def _mean_of(losses: Callable[[NDArray[Any], Floats], Floats]) -> Statistic:
    def score(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> float:
        return float(np.average(losses(y, p), weights=w))

    def influence(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> Floats:
        values = losses(y, p)
        centred: Floats = values - np.average(values, weights=w)
        return centred

    return Statistic(score, influence, "log")


def _root_mean_of(losses: Callable[[NDArray[Any], Floats], Floats]) -> Statistic:
    def score(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> float:
        return math.sqrt(float(np.average(losses(y, p), weights=w)))

    def influence(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> Floats:
        values = losses(y, p)
        mean = float(np.average(values, weights=w))
        centred: Floats = (values - mean) / (2 * math.sqrt(mean) if mean > 0 else 1.0)
        return centred

    return Statistic(score, influence, "log")


def _r2_parts(y: NDArray[Any], p: Floats, w: Floats | None) -> tuple[Floats, Floats, float, float]:
    errors = np.square(p - y)
    spread = np.square(y - np.average(y, weights=w))
    return (
        errors,
        spread,
        float(np.average(errors, weights=w)),
        float(np.average(spread, weights=w)),
    )


def _r2_score(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> float:
    _, _, error, spread = _r2_parts(y, p, w)
    return 1 - error / spread if spread > 0 else math.nan


def _r2_influence(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> Floats:
    errors, spreads, error, spread = _r2_parts(y, p, w)
    influence: Floats = -(errors - error / spread * spreads) / spread
    return influence


# Labels


def _of_confusion(of: confusion.LabelScore, scale: Scale) -> Statistic:
    def matrix(
        y: NDArray[Any], p: Floats, w: Floats | None, threshold: float
    ) -> tuple[Floats, NDArray[np.int64]]:
        label = labels(p, threshold)
        return confusion.shares(y, label, 2 if p.ndim == 1 else p.shape[1], w), label

    def score(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> float:
        return float(of.score(matrix(y, p, w, threshold)[0]))

    def influence(y: NDArray[Any], p: Floats, w: Floats | None, threshold: float) -> Floats:
        cells, label = matrix(y, p, w, threshold)
        gradient = of.gradient(cells)
        values: Floats = gradient[y, label] - float((gradient * cells).sum())
        return values

    return Statistic(score, influence, scale, of)


BINARY: tuple[Task, ...] = ("binary",)
MULTICLASS: tuple[Task, ...] = ("multiclass",)
CLASSES: tuple[Task, ...] = ("binary", "multiclass")
VALUES: tuple[Task, ...] = ("regression",)


_LOG_LOSS = _mean_of(_log_losses)
_BRIER = _mean_of(_brier_losses)
_RMSE = _root_mean_of(_squared)
_MSE = _mean_of(_squared)
_MAE = _mean_of(_absolute)
_MAPE = _mean_of(_relative)
_RMSLE = _root_mean_of(_squared_logs)
_MSLE = _mean_of(_squared_logs)


def _label(
    name: str, tasks: tuple[Task, ...], of: confusion.LabelScore, scale: Scale = "logit"
) -> NativeMetric:
    return NativeMetric(name, True, "label", tasks, _of_confusion(of, scale))


def _probability(
    name: str, greater: bool, tasks: tuple[Task, ...], statistic: Statistic
) -> NativeMetric:
    return NativeMetric(name, greater, "probability", tasks, statistic)


def _value(name: str, greater: bool, statistic: Statistic) -> NativeMetric:
    return NativeMetric(name, greater, "value", VALUES, statistic)


_PLAIN = (
    _probability("roc_auc", True, BINARY, Statistic(_auc_score, _auc_influence, "logit")),
    _probability("average_precision", True, BINARY, Statistic(_ap_score, _ap_influence, "logit")),
    _probability("roc_auc_ovr", True, MULTICLASS, Statistic(_ovr_score, _ovr_influence, "logit")),
    _probability("log_loss", False, CLASSES, _LOG_LOSS),
    _probability("brier", False, CLASSES, _BRIER),
    _label("accuracy", CLASSES, confusion.ACCURACY),
    _label("balanced_accuracy", CLASSES, confusion.BALANCED_ACCURACY),
    _label("f1", BINARY, confusion.F1),
    _label("precision", BINARY, confusion.PRECISION),
    _label("recall", BINARY, confusion.RECALL),
    _label("f1_macro", CLASSES, confusion.F1_MACRO),
    _label("f1_micro", CLASSES, confusion.ACCURACY),
    _label("f1_weighted", CLASSES, confusion.F1_WEIGHTED),
    _label("precision_macro", CLASSES, confusion.PRECISION_MACRO),
    _label("recall_macro", CLASSES, confusion.RECALL_MACRO),
    _label("matthews_corrcoef", CLASSES, confusion.MATTHEWS, "fisher"),
    _value("rmse", False, _RMSE),
    _value("mse", False, _MSE),
    _value("mae", False, _MAE),
    _value("mape", False, _MAPE),
    _value("rmsle", False, _RMSLE),
    _value("r2", True, Statistic(_r2_score, _r2_influence, "log_complement")),
)

_NEGATED: tuple[tuple[str, Response, tuple[Task, ...], Statistic], ...] = (
    ("neg_log_loss", "probability", CLASSES, _LOG_LOSS),
    ("neg_brier_score", "probability", CLASSES, _BRIER),
    ("neg_root_mean_squared_error", "value", VALUES, _RMSE),
    ("neg_mean_squared_error", "value", VALUES, _MSE),
    ("neg_mean_absolute_error", "value", VALUES, _MAE),
    ("neg_mean_absolute_percentage_error", "value", VALUES, _MAPE),
    ("neg_root_mean_squared_log_error", "value", VALUES, _RMSLE),
    ("neg_mean_squared_log_error", "value", VALUES, _MSLE),
)

NATIVE: dict[str, NativeMetric] = {metric.name: metric for metric in _PLAIN} | {
    name: NativeMetric(name, True, response, tasks, statistic, -1.0)
    for name, response, tasks, statistic in _NEGATED
}
"""Every metric that is computed by Candor itself, by name."""
