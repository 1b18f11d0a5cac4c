"""Candor's own metrics against scikit-learn, and their intervals against the bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as theirs

from automl.errors import ArgumentError
from automl.metrics import get_metric
from automl.metrics.metric import labels
from automl.metrics.native import NATIVE

CASES = [(name, task) for name, metric in NATIVE.items() for task in metric.tasks]


def rows_of(task: str, n: int = 300, seed: int = 0) -> tuple[NDArray, NDArray]:
    """Return targets and predictions; probabilities are rounded so that some tie."""
    rng = np.random.default_rng(seed)
    if task == "regression":
        y = rng.gamma(3, 1, n)
        return y, np.maximum(y + rng.normal(size=n), 0.01)
    if task == "binary":
        y = (rng.random(n) < 0.35).astype(np.int64)
        return y, np.round(1 / (1 + np.exp(-(1.5 * y - 0.8 + rng.normal(size=n)))), 2)
    y = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    raw = np.exp(rng.normal(size=(n, 4)) + 1.5 * np.eye(4)[y])
    return y, raw / raw.sum(axis=1, keepdims=True)


def scikit_learn(name: str, y: NDArray, p: NDArray, weight: NDArray | None) -> float:
    """Return the score that scikit-learn gives; an independent spelling of each name."""
    w = {"sample_weight": weight}
    wide = p if p.ndim == 2 else np.column_stack([1 - p, p])
    if name in {"rmse", "neg_root_mean_squared_error"}:
        value = theirs.root_mean_squared_error(y, p, **w)
    elif name in {"mse", "neg_mean_squared_error"}:
        value = theirs.mean_squared_error(y, p, **w)
    elif name in {"mae", "neg_mean_absolute_error"}:
        value = theirs.mean_absolute_error(y, p, **w)
    elif name in {"mape", "neg_mean_absolute_percentage_error"}:
        value = theirs.mean_absolute_percentage_error(y, p, **w)
    elif name in {"rmsle", "neg_root_mean_squared_log_error"}:
        value = theirs.root_mean_squared_log_error(y, p, **w)
    elif name == "neg_mean_squared_log_error":
        value = theirs.mean_squared_log_error(y, p, **w)
    elif name == "r2":
        value = theirs.r2_score(y, p, **w)
    elif name in {"log_loss", "neg_log_loss"}:
        value = theirs.log_loss(y, wide, **w)
    elif name in {"brier", "neg_brier_score"}:
        value = theirs.brier_score_loss(y, p, **w)
    elif name == "roc_auc_ovr":
        # scikit-learn takes no weights here: one class against the rest, one after the other.
        value = np.mean([theirs.roc_auc_score(y == k, p[:, k], **w) for k in range(p.shape[1])])
    elif name in {"roc_auc", "average_precision"}:
        value = getattr(theirs, f"{name}_score")(y, p, **w)
    else:
        label = np.argmax(wide[:, ::-1], axis=1) if p.ndim == 1 else np.argmax(wide, axis=1)
        label = 1 - label if p.ndim == 1 else label  # 0.5 is class 1
        base, _, average = name.partition("_")
        if name in {"balanced_accuracy", "accuracy"}:
            value = getattr(theirs, f"{name}_score")(y, label, **w)
        elif name == "matthews_corrcoef":
            value = theirs.matthews_corrcoef(y, label, **w)
        else:
            value = getattr(theirs, f"{base}_score")(y, label, average=average or "binary", **w)
    return -value if name.startswith("neg_") else value


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "task"), CASES)
def test_scores_equal_scikit_learn(name: str, task: str, weighted: bool) -> None:
    y, p = rows_of(task)
    weight = np.random.default_rng(1).uniform(0.2, 3, len(y)) if weighted else None
    metric = get_metric(name, task)
    assert metric.score(y, p, weight) == pytest.approx(scikit_learn(name, y, p, weight))


@pytest.mark.parametrize(("name", "task"), CASES)
def test_weights_are_repetitions(name: str, task: str) -> None:
    y, p = rows_of(task)
    times = np.arange(len(y)) % 3
    rows = np.repeat(np.arange(len(y)), times)
    metric = get_metric(name, task)
    assert metric.score(y, p, times.astype(float)) == pytest.approx(metric.score(y[rows], p[rows]))
    weighted = metric.interval(y, p, times.astype(float))
    repeated = metric.interval(y[rows], p[rows], groups=rows)
    assert weighted == pytest.approx(repeated, rel=1e-6)


@pytest.mark.parametrize(("name", "task"), CASES)
def test_influence_is_the_derivative(name: str, task: str) -> None:
    y, p = rows_of(task, 60)
    statistic = NATIVE[name].statistic
    influence = statistic.influence(y, p, None, 0.5)
    assert influence.mean() == pytest.approx(0, abs=1e-12)
    step = 1e-6
    for row in range(0, 60, 11):
        more = np.ones(60)
        more[row] += step
        change = statistic.score(y, p, more, 0.5) - statistic.score(y, p, np.ones(60), 0.5)
        assert influence[row] == pytest.approx(change / step * 60, abs=2e-3, rel=1e-3)


@pytest.mark.parametrize(("name", "task"), CASES)
def test_intervals_are_as_wide_as_the_bootstraps(name: str, task: str) -> None:
    y, p = rows_of(task, 800)
    metric = get_metric(name, task)
    low, high = metric.interval(y, p)
    draws = np.random.default_rng(0).integers(0, 800, (250, 800))
    ends = np.quantile([metric.score(y[rows], p[rows]) for rows in draws], [0.025, 0.975])
    assert low < metric.score(y, p) < high
    assert high - low == pytest.approx(ends[1] - ends[0], rel=0.3)


@pytest.mark.parametrize(("name", "task"), CASES)
def test_better_predictions_have_more_gain(name: str, task: str) -> None:
    y, p = rows_of(task)
    better = (p + 2 * y) / 3 if task != "multiclass" else (p + 2 * np.eye(4)[y]) / 3
    metric = get_metric(name, task)
    assert metric.gain(metric.score(y, better)) > metric.gain(metric.score(y, p))


@pytest.mark.parametrize(("name", "task"), CASES)
def test_what_cannot_be_scored_is_nan(name: str, task: str) -> None:
    y, p = rows_of(task)
    metric = get_metric(name, task)
    broken = p.copy()
    broken[0] = np.nan
    assert math.isnan(metric.score(y, broken))
    assert math.isnan(metric.score(y[:0], p[:0]))
    assert math.isnan(metric.score(y, p, np.zeros(len(y))))
    assert all(map(math.isnan, metric.interval(y, broken)))
    assert all(map(math.isnan, metric.interval(y[:1], p[:1])))


@pytest.mark.parametrize(("name", "task"), CASES)
def test_one_class_is_no_exception(name: str, task: str) -> None:
    y, p = rows_of(task)
    one = np.ones_like(y)
    metric = get_metric(name, task)
    score = metric.score(one, p)
    assert math.isnan(score) == (name in {"roc_auc", "roc_auc_ovr", "r2"})
    assert len(metric.interval(one, p)) == 2


def test_log_loss_of_certain_errors_is_finite() -> None:
    metric = get_metric("log_loss", "binary")
    assert metric.score(np.array([1]), np.array([0.0])) == pytest.approx(-math.log(1e-15))
    metric = get_metric("log_loss", "multiclass")
    assert metric.score(np.array([1]), np.array([[1.0, 0.0]])) == pytest.approx(-math.log(1e-15))


def test_absent_classes_are_left_out() -> None:
    y, p = rows_of("multiclass")
    kept = y != 3
    score = get_metric("roc_auc_ovr", "multiclass").score(y[kept], p[kept])
    areas = [theirs.roc_auc_score(y[kept] == k, p[kept, k]) for k in range(3)]
    assert score == pytest.approx(np.mean(areas))


def test_threshold_decides_binary_labels() -> None:
    p = np.array([0.2, 0.5, 0.8])
    assert labels(p).tolist() == [0, 1, 1]
    assert labels(p, 0.6).tolist() == [0, 0, 1]
    metric = get_metric("accuracy", "binary")
    y = np.array([1, 1, 1])
    assert metric.score(y, p, threshold=0.1) == 1
    assert metric.score(y, p, threshold=0.6) == pytest.approx(1 / 3)
    assert metric.interval(y, p, threshold=0.1)[1] == 1


def test_logarithms_need_targets_above_zero() -> None:
    metric = get_metric("rmsle", "regression")
    assert math.isfinite(metric.score(np.array([0.0, 1.0]), np.array([-1.0, 1.0])))
    with pytest.raises(ArgumentError, match="without negative values\n  the smallest is -1"):
        metric.score(np.array([-1.0, 1.0]), np.array([0.0, 1.0]))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), CASES)
def test_intervals_cover(name: str, task: str) -> None:
    """On fresh samples the 95 % interval holds the score of the population about as often."""
    metric = get_metric(name, task)
    truth = metric.score(*rows_of(task, 200_000, seed=99))
    hits = 0
    for seed in range(400):
        low, high = metric.interval(*rows_of(task, 400, seed=seed))
        hits += low <= truth <= high
    assert 0.915 < hits / 400 < 0.985


def test_matthews_of_one_class_is_zero_whatever_the_rounding() -> None:
    metric = get_metric("matthews_corrcoef", "binary")
    weight = np.array([0.1, 0.1, 1.0, 2.582426007028895, 5.0])
    p = np.array([0.0, 0.0, 0.0, 0.5, 1.0])
    for y in (np.zeros(5, dtype=np.int64), np.ones(5, dtype=np.int64)):
        assert metric.score(y, p, weight) == 0.0
        assert metric.interval(y, p, weight) == (0.0, 0.0)
