"""The decision threshold of binary label metrics, where tuning it measurably helps."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.ensemble.blend import Floats, Task
from automl.ensemble.parts import others_and_own, part_numbers
from automl.ensemble.sample import sample_rows
from automl.metrics.metric import Metric, labels
from automl.metrics.native import NativeMetric
from automl.metrics.rows import take_rows
from candor.statistics import jackknife_error

MIN_ROWS = 50
"""Below this number of rows the threshold stays at 0.5."""

MAX_ROWS = 100_000
"""Rows that the threshold is tuned on."""

SLOW_ROWS, SLOW_CUTS = 5_000, 19
"""Rows, and thresholds tried, for metrics of which a call may take long."""

DEGENERATE = frozenset({"precision", "recall", "precision_macro", "precision_weighted"})
"""Metrics that are best where everything, or next to nothing, is said to be class 1."""


@dataclass(frozen=True)
class Threshold:
    """From which probability on a row is said to be class 1.

    Parameters
    ----------
    value : float, default 0.5
        The threshold.
    score_at_half, score : float, optional
        Cross-fitted score at 0.5 and at tuned thresholds, in the metric's own units; None where
        nothing was tuned.
    """

    value: float = 0.5
    score_at_half: float | None = None
    score: float | None = None

    def to_dict(self) -> dict[str, float | None]:
        """Return the threshold as plain values for JSON."""
        return {"value": self.value, "score_at_half": self.score_at_half, "score": self.score}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Threshold:
        """Read what `to_dict` returned."""
        return cls(float(state["value"]), state["score_at_half"], state["score"])


def tune_threshold(
    prediction: Floats,
    y: NDArray[Any],
    fold_of_rows: NDArray[Any],
    metric: Metric,
    *,
    task: Task,
    weight: Floats | None = None,
    groups: NDArray[Any] | None = None,
    deadline: float = math.inf,
    frame: Any = None,
    seed: int = 0,
) -> Threshold:
    """Choose the threshold on out-of-fold probabilities, and keep it if it helps.

    Parameters
    ----------
    prediction : ndarray of float64, shape (n_rows,)
        Out-of-fold P(class 1), best those of `honest_predictions`, calibrated.
    y : ndarray of int64, shape (n_rows,)
        Class numbers.
    fold_of_rows : ndarray, shape (n_rows,)
        The fold that held each row out.
    metric : Metric
        What is optimised; one that scores no labels, or is best with a degenerate threshold
        (precision, recall), leaves the threshold at 0.5.
    task : {"binary", "multiclass", "regression"}
        What is predicted; only binary predictions have a threshold.
    weight : ndarray of float64, shape (n_rows,), optional
        Row weights. Default: all equal.
    groups : ndarray, shape (n_rows,), optional
        Group of each row, for the noise of the comparison.
    deadline : float, default infinite
        `time.monotonic()` after which no other call of a slow metric begins.
    frame : DataFrame, optional
        The raw rows, for callable metrics.
    seed : int, default 0
        Seed of the row sample on large tables.

    Returns
    -------
    Threshold
        0.5, unless there are 50 rows and the score with thresholds cross-fitted over the folds is
        better than at 0.5 by more than one standard error of the difference.
    """
    limit = SLOW_ROWS if metric.slow else MAX_ROWS
    if not _tunable(metric, task) or len(y) < MIN_ROWS or not np.isfinite(prediction).all():
        return Threshold()
    sample = sample_rows(y, weight, limit, stratified=True, seed=seed)
    rows = _Rows(
        prediction[sample.rows],
        y[sample.rows],
        sample.weight,
        None if frame is None else take_rows(frame, sample.rows),
        metric,
        deadline,
    )
    parts = part_numbers(fold_of_rows[sample.rows], seed)
    tuned = rows.replace(_cross_fitted_labels(rows, parts % 2 if metric.slow else parts))
    clusters = None if groups is None else groups[sample.rows]
    if not _helps(tuned, rows, clusters, seed):
        return Threshold()
    return Threshold(rows.best_threshold(), rows.score(), tuned.score())


def _tunable(metric: Metric, task: Task) -> bool:
    return task == "binary" and metric.response == "label" and metric.name not in DEGENERATE


@dataclass(frozen=True)
class _Rows:
    """Scored rows with the metric that scores them."""

    prediction: Floats
    y: NDArray[Any]
    weight: Floats | None
    frame: Any
    metric: Metric
    deadline: float

    def take(self, rows: NDArray[np.int64]) -> _Rows:
        return _Rows(
            self.prediction[rows],
            self.y[rows],
            None if self.weight is None else self.weight[rows],
            None if self.frame is None else take_rows(self.frame, rows),
            self.metric,
            self.deadline,
        )

    def replace(self, prediction: Floats) -> _Rows:
        return _Rows(prediction, self.y, self.weight, self.frame, self.metric, self.deadline)

    def score(self, threshold: float = 0.5) -> float:
        return self.metric.score(
            self.y, self.prediction, self.weight, threshold=threshold, frame=self.frame
        )

    def best_threshold(self) -> float:
        """Return the threshold with the best score; of equally good ones the nearest to 0.5."""
        if isinstance(self.metric, NativeMetric) and self.metric.statistic.of_labels:
            cuts, matrices = _sweep(self.prediction, self.y, self.weight)
            gains = self.metric.statistic.of_labels.score(matrices)
        else:
            cuts, gains = self._try_cuts()
        best = np.flatnonzero(gains >= gains.max() - 1e-12)
        return float(cuts[best[np.argmin(np.abs(cuts[best] - 0.5))]])

    def _try_cuts(self) -> tuple[Floats, Floats]:
        share = np.linspace(0, 1, SLOW_CUTS + 2)[1:-1]
        cuts = np.unique(np.append(np.quantile(self.prediction, share), 0.5))
        cuts = cuts[np.argsort(np.abs(cuts - 0.5))]
        gains = np.full(len(cuts), -math.inf)
        for k, cut in enumerate(cuts):
            if k and time.monotonic() > self.deadline:
                break
            score = self.score(float(cut))
            gains[k] = -math.inf if math.isnan(score) else self.metric.gain(score)
        return cuts, gains


def _cross_fitted_labels(rows: _Rows, parts: NDArray[np.int64]) -> Floats:
    """Return labels (0.0 or 1.0) by thresholds that were tuned on the other parts."""
    said = np.empty(len(rows.y))
    for others, own in others_and_own(parts):
        said[own] = labels(rows.prediction[own], rows.take(others).best_threshold())
    return said


def _helps(tuned: _Rows, rows: _Rows, groups: NDArray[Any] | None, seed: int) -> bool:
    """Say whether tuned labels score better than those at 0.5 by more than a standard error."""
    gain = rows.metric.gain

    def difference(some: NDArray[np.int64]) -> float:
        return gain(tuned.take(some).score()) - gain(rows.take(some).score())

    gained = difference(np.arange(len(rows.y)))
    if not gained > 0 or time.monotonic() > rows.deadline:
        return False
    return gained > jackknife_error(difference, len(rows.y), groups, seed=seed).value


def _sweep(prediction: Floats, y: NDArray[Any], weight: Floats | None) -> tuple[Floats, Floats]:
    """Return every threshold that makes a difference and its confusion matrix.

    Thresholds lie half-way between neighbouring probabilities, where new rows are told apart best;
    the first says class 1 to all rows, and the last to none unless one of them is certain.
    """
    order = np.argsort(prediction)
    ordered = prediction[order]
    mass = np.ones(len(y)) if weight is None else weight[order]
    positive = mass * (y[order] == 1)
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    # Everything before a cut is said to be class 0.
    missed = np.append(np.append(0.0, np.cumsum(positive))[first], positive.sum())
    below = np.append(np.append(0.0, np.cumsum(mass))[first], mass.sum())
    total, n_positive = mass.sum(), positive.sum()
    cells = np.empty((len(missed), 2, 2))
    cells[:, 0, 0] = below - missed
    cells[:, 0, 1] = (total - n_positive) - (below - missed)
    cells[:, 1, 0] = missed
    cells[:, 1, 1] = n_positive - missed
    values = ordered[first]
    middle = (values[1:] + values[:-1]) / 2
    # Half-way between two neighbouring floats may round to the lower one.
    middle = np.where(middle > values[:-1], middle, values[1:])
    cuts = np.concatenate([[values[0] / 2], middle, [(1 + values[-1]) / 2]])
    usable = slice(None) if values[-1] < cuts[-1] else slice(-1)
    return cuts[usable], np.maximum(cells, 0.0)[usable] / total
