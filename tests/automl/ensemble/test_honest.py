"""Predictions of the ensemble on rows that its weights have not seen."""

from __future__ import annotations

import numpy as np
import pytest
from planted import candidates

from automl.ensemble import honest_predictions, select
from automl.ensemble.parts import others_and_own, part_numbers
from automl.metrics import get_metric

TASKS = ("binary", "multiclass", "regression")


@pytest.mark.parametrize("task", TASKS)
def test_each_fold_is_predicted_by_weights_of_the_others(task: str) -> None:
    predictions, y = candidates(task, 300)
    folds = np.arange(300) % 3 + 5
    metric = get_metric("auto", task)
    honest = honest_predictions(predictions, y, folds, metric, task=task, steps=8)
    assert honest.shape == predictions[0].shape
    for fold in (5, 6, 7):
        own = folds == fold
        chosen = select([p[~own] for p in predictions], y[~own], metric, task=task, steps=8)
        np.testing.assert_allclose(honest[own], chosen.apply([p[own] for p in predictions], task))


@pytest.mark.parametrize("task", TASKS)
def test_a_rows_own_target_has_no_influence_on_its_prediction(task: str) -> None:
    predictions, y = candidates(task, 200)
    folds = np.arange(200) % 4
    metric = get_metric("auto", task)
    before = honest_predictions(predictions, y, folds, metric, task=task)
    rng = np.random.default_rng(0)
    changed = y.copy()
    changed[folds == 2] = rng.permutation(y[folds == 2])
    after = honest_predictions(predictions, changed, folds, metric, task=task)
    np.testing.assert_array_equal(before[folds == 2], after[folds == 2])
    assert not np.array_equal(before, after)


def test_the_honest_score_does_not_reward_noise() -> None:
    """Weights chosen among candidates without skill seem skilled; honestly they are not."""
    rng = np.random.default_rng(0)
    seeming, honest = [], []
    metric = get_metric("roc_auc", "binary")
    for _ in range(12):
        y = rng.integers(0, 2, 200)
        predictions = [rng.random(200) for _ in range(15)]
        folds = np.arange(200) % 5
        seeming.append(select(predictions, y, metric, task="binary").score)
        scored = honest_predictions(predictions, y, folds, metric, task="binary")
        honest.append(metric.score(y, scored))
    assert np.mean(seeming) > 0.58
    assert np.mean(honest) < 0.53


def test_all_arguments_reach_the_selection() -> None:
    predictions, y = candidates("regression", 300, (1.0,) * 4)
    folds = np.arange(300) % 3
    metric = get_metric("rmse", "regression")
    one = honest_predictions(predictions, y, folds, metric, task="regression", max_members=1)
    assert all(any(row == p[i] for p in predictions) for i, row in enumerate(one))
    dear = honest_predictions(
        predictions, y, folds, metric, task="regression", costs=[9, 1, 9, 9], max_cost=1.0
    )
    np.testing.assert_array_equal(dear, predictions[1])
    weight = np.where(np.arange(300) < 150, 1.0, 1e-9)
    weighted = honest_predictions(predictions, y, folds, metric, task="regression", weight=weight)
    plain = honest_predictions(predictions, y, folds, metric, task="regression")
    assert not np.array_equal(weighted, plain)


def test_a_single_fold_is_dealt_into_parts() -> None:
    parts = part_numbers(np.zeros(103), seed=1)
    assert sorted(np.bincount(parts)) == [20, 20, 21, 21, 21]
    np.testing.assert_array_equal(parts, part_numbers(np.zeros(103), seed=1))
    assert not np.array_equal(parts, part_numbers(np.zeros(103), seed=2))
    assert part_numbers(np.array([7, 3, 7]), seed=0).tolist() == [1, 0, 1]


def test_parts_cover_every_row_once() -> None:
    pairs = others_and_own(np.array([0, 1, 2, 1, 0]))
    assert sorted(np.concatenate([own for _, own in pairs])) == [0, 1, 2, 3, 4]
    assert all(sorted([*others, *own]) == [0, 1, 2, 3, 4] for others, own in pairs)


def test_folds_whose_other_rows_have_one_class_are_predicted_too() -> None:
    y = np.array([0] * 20 + [1] * 5)
    folds = np.array([0] * 20 + [1] * 5)
    good, poor = np.where(y == 1, 0.8, 0.1), np.full(25, 0.4)
    metric = get_metric("roc_auc", "binary")
    honest = honest_predictions([poor, good], y, folds, metric, task="binary")
    np.testing.assert_allclose(honest, good)
