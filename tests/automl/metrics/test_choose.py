"""From what the caller said to a metric, or to an error that helps."""

from __future__ import annotations

import pytest

from automl.errors import ArgumentError, ArgumentTypeError
from automl.metrics import get_metric
from automl.metrics.choose import SYNONYMS
from automl.metrics.native import NATIVE


@pytest.mark.parametrize(
    ("task", "name"), [("binary", "roc_auc"), ("multiclass", "log_loss"), ("regression", "rmse")]
)
def test_auto_follows_the_task(task: str, name: str) -> None:
    assert get_metric("auto", task).name == name


@pytest.mark.parametrize("name", NATIVE)
def test_native_names_keep_their_names(name: str) -> None:
    metric = get_metric(name, NATIVE[name].tasks[0])
    assert metric.name == name
    assert get_metric(metric, metric.tasks[0]) is metric


@pytest.mark.parametrize(
    ("said", "task", "meant"),
    [
        ("rocauc", "binary", "roc_auc"),
        ("auc", "binary", "roc_auc"),
        ("F1", "binary", "f1"),
        ("logloss", "multiclass", "log_loss"),
        ("rsme", "regression", "rmse"),
        ("neg_rmse", "regression", "rmse"),
        ("adjusted_rand_score", "binary", "d2_brier_score"),
        ("zzzzzz", "regression", "rmse"),
    ],
)
def test_unknown_names_get_a_near_miss(said: str, task: str, meant: str) -> None:
    with pytest.raises(ArgumentError, match=f'there is no metric "{said}"') as caught:
        get_metric(said, task)
    assert f"for {task} there are" in str(caught.value)
    assert caught.value.hint == f'metric="{meant}"'


@pytest.mark.parametrize(
    ("name", "task", "instead"),
    [
        ("rmse", "binary", "roc_auc"),
        ("roc_auc", "multiclass", "roc_auc_ovr"),
        ("f1", "multiclass", "f1_macro"),
        ("roc_auc", "regression", "rmse"),
        ("neg_max_error", "binary", "roc_auc"),
        ("jaccard", "regression", "rmse"),
    ],
)
def test_metrics_of_other_tasks_are_errors(name: str, task: str, instead: str) -> None:
    with pytest.raises(ArgumentError, match=f'"{name}" does not fit a {task} target') as caught:
        get_metric(name, task, ["a", "b", "c"])
    assert caught.value.hint == f'metric="{instead}"'


def test_scikit_learn_says_why_a_scorer_does_not_fit() -> None:
    with pytest.raises(ArgumentError, match="scikit-learn says: Target is multiclass"):
        get_metric("jaccard", "multiclass", ["a", "b", "c"])


def test_anything_else_is_a_wrong_type() -> None:
    with pytest.raises(ArgumentTypeError, match=r"a name or a callable .*\n  got int"):
        get_metric(3, "binary")  # type: ignore[arg-type]


def test_synonyms_lead_to_names() -> None:
    assert set(SYNONYMS.values()) <= set(NATIVE)
    assert not set(SYNONYMS) & set(NATIVE)
