"""From what the caller said to a metric."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any

from automl.errors import ArgumentError, ArgumentTypeError
from automl.metrics.metric import Metric, Task
from automl.metrics.native import NATIVE

DEFAULT: dict[Task, str] = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
"""The metric of each task where the caller names none."""

SYNONYMS = {
    "auc": "roc_auc",
    "ap": "average_precision",
    "pr_auc": "average_precision",
    "logloss": "log_loss",
    "cross_entropy": "log_loss",
    "brier_score": "brier",
    "acc": "accuracy",
    "f1_binary": "f1",
    "mcc": "matthews_corrcoef",
    "l2": "rmse",
    "l1": "mae",
    "root_mean_squared_error": "rmse",
    "mean_squared_error": "mse",
    "mean_absolute_error": "mae",
}
"""Names in use elsewhere; never accepted, but named in the error."""

CLUSTERING = frozenset(
    {
        "adjusted_mutual_info_score",
        "adjusted_rand_score",
        "completeness_score",
        "fowlkes_mallows_score",
        "homogeneity_score",
        "mutual_info_score",
        "normalized_mutual_info_score",
        "rand_score",
        "v_measure_score",
    }
)
"""Scorers of scikit-learn that compare clusterings."""

REGRESSION = frozenset(
    {
        "d2_absolute_error_score",
        "explained_variance",
        "neg_max_error",
        "neg_mean_absolute_error",
        "neg_mean_absolute_percentage_error",
        "neg_mean_gamma_deviance",
        "neg_mean_poisson_deviance",
        "neg_mean_squared_error",
        "neg_mean_squared_log_error",
        "neg_median_absolute_error",
        "neg_root_mean_squared_error",
        "neg_root_mean_squared_log_error",
        "r2",
    }
)
"""Scorers of scikit-learn that score values."""

OTHER_TASK = {
    ("roc_auc", "multiclass"): "roc_auc_ovr",
    ("roc_auc_ovr", "binary"): "roc_auc",
    ("average_precision", "multiclass"): "roc_auc_ovr",
    ("f1", "multiclass"): "f1_macro",
    ("precision", "multiclass"): "precision_macro",
    ("recall", "multiclass"): "recall_macro",
}
"""The nearest metric where one is asked for that does not fit the task."""


def get_metric(
    metric: str | Callable[..., Any] | Metric, task: Task, classes: Sequence[Any] = ()
) -> Metric:
    """Return the metric that the caller means.

    Parameters
    ----------
    metric : str, callable or Metric
        "auto" (roc_auc for binary, log_loss for multiclass, rmse for regression), one of
        Candor's names, the name of a scikit-learn scorer, or a callable (estimator, X, y) -> float
        that is higher when better.
    task : {"binary", "multiclass", "regression"}
        The task at hand.
    classes : sequence, default ()
        The original labels in the order of the class numbers; needed for classification by
        callables and by scorers of scikit-learn.

    Returns
    -------
    Metric
        The metric, fit for the task.

    Raises
    ------
    ArgumentError
        If the metric is unknown or does not fit the task.
    ArgumentTypeError
        If it is neither a name nor a callable.

    Examples
    --------
    >>> get_metric("auto", "regression").name
    'rmse'
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, str):
        return _by_name(DEFAULT[task] if metric == "auto" else metric, task, len(classes))
    if callable(metric):
        from automl.metrics.foreign import callable_metric

        return callable_metric(metric, task, tuple(classes))
    raise ArgumentTypeError(
        "metric must be a name or a callable (estimator, X, y) -> float",
        got=f"got {type(metric).__name__}",
        hint=f'metric="{DEFAULT[task]}"',
    )


def known_names(task: Task) -> tuple[str, ...]:
    """Return the names of Candor's own metrics for a task; scikit-learn's scorers come on top."""
    return tuple(name for name, metric in NATIVE.items() if task in metric.tasks)


def _by_name(name: str, task: Task, n_classes: int) -> Metric:
    native = NATIVE.get(name)
    if native is not None:
        if task not in native.tasks:
            raise _misfit(name, task, native.tasks)
        return native
    from sklearn.metrics import get_scorer_names

    if name in CLUSTERING or name not in get_scorer_names():
        raise _unknown(name, task, get_scorer_names())
    if (name in REGRESSION) != (task == "regression"):
        raise _misfit(name, task, ("regression",) if name in REGRESSION else ("classification",))
    from automl.metrics.foreign import scorer_metric

    return scorer_metric(name, task, max(2, n_classes))


def _misfit(name: str, task: Task, fits: Sequence[str]) -> ArgumentError:
    instead = OTHER_TASK.get((name, task), DEFAULT[task])
    return ArgumentError(
        f'the metric "{name}" does not fit a {task} target',
        got=f"it scores {' and '.join(fits)}; for {task} there are {', '.join(known_names(task))}",
        hint=f'metric="{instead}"',
    )


def _unknown(name: str, task: Task, scorers: Sequence[str]) -> ArgumentError:
    known = known_names(task)
    near = SYNONYMS.get(name.lower())
    if near is None or near not in known:
        fitting = [
            scorer
            for scorer in scorers
            if scorer not in CLUSTERING and (scorer in REGRESSION) == (task == "regression")
        ]
        candidates = (*known, *fitting)
        matches = difflib.get_close_matches(name.lower(), candidates, n=1, cutoff=0.5)
        near = matches[0] if matches else DEFAULT[task]
    return ArgumentError(
        f'there is no metric "{name}"',
        got=f"for {task} there are {', '.join(known)}, every scorer of scikit-learn, "
        "and callables (estimator, X, y) -> float",
        hint=f'metric="{near}"',
    )
