"""The tuned threshold against brute force, and when it is left at 0.5."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import sigmoid

from automl.ensemble import Threshold, tune_threshold
from automl.ensemble.threshold import _Rows, _sweep
from automl.metrics import get_metric
from automl.metrics.native import NATIVE

LABEL = [name for name, m in NATIVE.items() if m.response == "label" and "binary" in m.tasks]


def rare(n_rows: int = 3_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return calibrated probabilities of a rare class, targets and folds."""
    rng = np.random.default_rng(seed)
    margin = 1.5 * rng.normal(size=n_rows) - 3
    y = (rng.random(n_rows) < sigmoid(margin)).astype(np.int64)
    return sigmoid(margin), y, np.arange(n_rows) % 5


@pytest.mark.parametrize("name", LABEL)
@given(st.data())
def test_sweep_equals_brute_force(name: str, data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 25))
    y = np.array(data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    p = np.array(data.draw(st.lists(st.floats(0, 1), min_size=n, max_size=n)))
    weight = np.array(data.draw(st.lists(st.floats(0.1, 5), min_size=n, max_size=n)))
    metric = get_metric(name, "binary")
    value = _Rows(p, y, weight, None, metric, np.inf).best_threshold()
    tries = [*np.unique(p), *([1.0] if p.max() < 1 else [])]
    best = max(metric.score(y, p, weight, threshold=cut) for cut in tries)
    assert 0 <= value <= 1
    assert metric.score(y, p, weight, threshold=value) == pytest.approx(best)


def test_sweep_counts_are_those_of_the_labels() -> None:
    p, y, _ = rare(200)
    p = np.round(p, 2)
    cuts, matrices = _sweep(p, y, None)
    assert len(cuts) == len(np.unique(p)) + 1
    for cut, matrix in zip(cuts, matrices, strict=True):
        said = p >= cut
        for true in (0, 1):
            for label in (0, 1):
                share = np.mean((y == true) & (said == label))
                assert matrix[true, label] == pytest.approx(share)


@pytest.mark.parametrize("name", ["f1", "balanced_accuracy", "matthews_corrcoef", "f1_macro"])
def test_tuning_helps_a_rare_class_on_new_rows(name: str) -> None:
    metric = get_metric(name, "binary")
    p, y, folds = rare()
    found = tune_threshold(p, y, folds, metric, task="binary")
    assert found.value < 0.45
    assert found.score is not None
    assert found.score_at_half == pytest.approx(metric.score(y, p))
    p_new, y_new, _ = rare(seed=1)
    tuned = metric.score(y_new, p_new, threshold=found.value)
    assert tuned > metric.score(y_new, p_new)
    assert found.score == pytest.approx(tuned, abs=0.06)


def test_accuracy_of_calibrated_probabilities_keeps_a_half() -> None:
    kept = sum(
        tune_threshold(*rare(seed=seed), get_metric("accuracy", "binary"), task="binary").value
        == 0.5
        for seed in range(10)
    )
    assert kept >= 8


@pytest.mark.parametrize("name", ["roc_auc", "log_loss", "precision", "recall", "precision_macro"])
def test_metrics_without_a_sensible_threshold_keep_a_half(name: str) -> None:
    assert tune_threshold(*rare(), get_metric(name, "binary"), task="binary") == Threshold()


def test_few_rows_other_tasks_and_broken_predictions_keep_a_half() -> None:
    f1 = get_metric("f1", "binary")
    p, y, folds = rare()
    few = np.flatnonzero(y)[:20].tolist() + np.flatnonzero(y == 0)[:29].tolist()
    assert tune_threshold(p[few], y[few], folds[few], f1, task="binary") == Threshold()
    accuracy = get_metric("accuracy", "multiclass")
    wide = np.column_stack([1 - p, p])
    assert tune_threshold(wide, y, folds, accuracy, task="multiclass") == Threshold()
    p[0] = np.nan
    assert tune_threshold(p, y, folds, f1, task="binary") == Threshold()


def test_noise_is_not_tuned() -> None:
    """Where no threshold is better than another, most often none is chosen."""
    rng = np.random.default_rng(0)
    metric = get_metric("balanced_accuracy", "binary")
    kept = 0
    for _ in range(20):
        y = rng.integers(0, 2, 200)
        p = rng.random(200)
        found = tune_threshold(p, y, np.arange(200) % 5, metric, task="binary")
        kept += found.value == 0.5
    assert kept >= 15


def test_weights_are_repetitions() -> None:
    p, y, folds = rare()
    times = np.arange(len(y)) % 2 + 1
    rows = np.repeat(np.arange(len(y)), times)
    f1 = get_metric("f1", "binary")
    weighted = tune_threshold(p, y, folds, f1, task="binary", weight=times.astype(float))
    repeated = tune_threshold(p[rows], y[rows], folds[rows], f1, task="binary", groups=rows)
    assert weighted.value == pytest.approx(repeated.value)
    assert weighted.score == pytest.approx(repeated.score)


@pytest.mark.parametrize("name", ["jaccard", "callable"])
def test_foreign_metrics_try_some_thresholds(name: str) -> None:
    calls = []

    def f1_of(estimator: object, X: object, y: np.ndarray) -> float:
        calls.append(len(y))
        said = estimator.predict(X)  # type: ignore[attr-defined]
        return 2 * np.mean((said == "b") & (y == "b")) / (np.mean(said == "b") + np.mean(y == "b"))

    metric = get_metric(f1_of if name == "callable" else name, "binary", ["a", "b"])
    p, y, folds = rare()
    found = tune_threshold(p, y, folds, metric, task="binary")
    assert found.value < 0.45
    assert found.score is not None
    assert found.score_at_half is not None
    assert found.score > found.score_at_half
    assert len(calls) < 120
    assert (
        tune_threshold(p, y, folds, metric, task="binary", deadline=time.monotonic() - 1)
        == Threshold()
    )


def test_thresholds_survive_json() -> None:
    for found in (Threshold(), Threshold(0.3, 0.5, 0.6)):
        assert Threshold.from_dict(json.loads(json.dumps(found.to_dict()))) == found
