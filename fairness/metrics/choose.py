"""Which metrics and notions apply: by name and task, and to given counts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from fairness.errors import ArgumentError, ArgumentTypeError
from fairness.metrics.registry import (
    DECISIONS,
    METRICS,
    NEEDS_THRESHOLD,
    NOTIONS,
    PER_CLASS,
    PER_CLASS_FORMULAS,
)
from fairness.metrics.values import Metric, Notion
from fairness.table.values import GroupCounts, Task

_INSTEAD = {"binary": "accuracy", "multiclass": "accuracy", "regression": "mae"}

MOMENT_OF = {
    "mean_score": "score",
    "log_loss": "log_loss",
    "brier": "squared_error",
    "mean_prediction": "prediction",
    "mean_outcome": "outcome",
    "mae": "absolute_error",
    "rmse": "squared_error",
    "bias": "error",
}
"""Quantity whose mean each metric is (for rmse the root of it)."""


def get_metric(name: str, task: Task, *, threshold: bool = False) -> Metric:
    """Return a metric by its name, fitted to a task.

    Parameters
    ----------
    name : str
        Such as "fpr"; for a multiclass outcome also a rate of one class, such as "tpr[setosa]".
    task : {"binary", "multiclass", "regression"}
        What is predicted.
    threshold : bool, default False
        Whether the regression has a threshold, so that it has a selection rate and a base rate.

    Returns
    -------
    Metric
        The metric, with the range and formula that it has for the task.

    Raises
    ------
    ArgumentError
        If there is no such metric, or it is not defined for the task.
    ArgumentTypeError
        If the name is not a string.

    Examples
    --------
    >>> get_metric("fpr", "binary").formula
    'FP / (FP + TN)'
    >>> get_metric("selection_rate", "regression")
    Traceback (most recent call last):
        ...
    fairness.errors.ArgumentError: selection_rate is for classification; the task is regression
      without a threshold a regression selects nobody
      try  "mae", or a threshold
    """
    if not isinstance(name, str):
        raise ArgumentTypeError(
            "a metric is asked for by its name", got=f"got {type(name).__name__}", hint='"fpr"'
        )
    if task == "multiclass" and name.endswith("]"):
        base, _, label = name.removesuffix("]").partition("[")
        if base in PER_CLASS:
            return _of_class(base, label)
    metric = METRICS.get(name)
    if metric is None:
        raise _unknown(name, task, threshold)
    if task == "regression" and name in NEEDS_THRESHOLD and not threshold:
        raise ArgumentError(
            f"{name} is for classification; the task is regression",
            got="without a threshold a regression selects nobody",
            hint='"mae", or a threshold',
        )
    if task not in metric.tasks:
        raise _wrong_task(metric, task)
    return _fitted(metric, task)


def metrics_of(counts: GroupCounts) -> tuple[Metric, ...]:
    """Return every metric that applies to the counts.

    Parameters
    ----------
    counts : GroupCounts
        Counts of the groups of one attribute.

    Returns
    -------
    tuple of Metric
        In the registry's order, for a multiclass outcome followed by the rates of each class.
        What cannot be told from the counts is left out: without predictions their rates, for
        scores that are no probabilities log loss and Brier score.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.array([[[3, 1], [2, 4]]])
    >>> w = cells.astype(float)
    >>> counts = GroupCounts("binary", "sex", ("f",), ("0", "1"), cells, w, w)
    >>> [metric.name for metric in metrics_of(counts)][:4]
    ['selection_rate', 'base_rate', 'tpr', 'fpr']
    """
    return tuple(metric for metric in _candidates(counts) if lack(metric, counts) is None)


def notions_of(counts: GroupCounts) -> tuple[Notion, ...]:
    """Return every notion of parity that applies to the counts.

    A multiclass outcome has demographic parity and equalized odds over the rates of all classes,
    and overall accuracy equality. A regression has parity of mean predictions, of mean absolute
    errors and of mean errors; with a threshold also demographic parity of the rows above it.

    Parameters
    ----------
    counts : GroupCounts
        Counts of the groups of one attribute.

    Returns
    -------
    tuple of Notion
        The notions all of whose metrics apply.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.array([[[3, 1], [2, 4]]])
    >>> w = cells.astype(float)
    >>> counts = GroupCounts("binary", "sex", ("f",), ("0", "1"), cells, w, w)
    >>> [notion.name for notion in notions_of(counts)][:2]
    ['demographic_parity', 'equalized_odds']
    """
    known = {metric.name for metric in metrics_of(counts)}
    notions = (_over_classes(notion, counts) for notion in NOTIONS.values())
    return tuple(notion for notion in notions if known.issuperset(notion.metrics))


def resolve(metric: Metric | str, counts: GroupCounts) -> Metric:
    """Return a metric fitted to the counts, or say why they do not tell it."""
    name = metric.name if isinstance(metric, Metric) else metric
    found = _scaled(get_metric(name, counts.task, threshold=len(counts.classes) == 2), counts)
    wanted = lack(found, counts)
    if wanted is not None:
        raise ArgumentError(f"{found.name} cannot be told from these counts", got=wanted)
    return found


def lack(metric: Metric, counts: GroupCounts) -> str | None:
    """Say what the counts lack for a metric; None where they lack nothing."""
    if metric.name.endswith("]"):
        label = class_of(metric.name)
        if label not in counts.classes:
            return f"there is no class {label!r}; there are {', '.join(counts.classes)}"
    if metric.needs == "predictions" and not _predicted(counts):
        return "they hold no predictions"
    if metric.needs == "scores" and counts.histogram is None:
        return "they hold no scores"
    moment = MOMENT_OF.get(metric.name)
    if moment is not None and moment not in counts.moments:
        return f"they hold no {metric.needs}"
    return None


def class_of(name: str) -> str:
    """Return the class of a name such as "tpr[setosa]"."""
    return name.removesuffix("]").partition("[")[2]


def _predicted(counts: GroupCounts) -> bool:
    return counts.has_predictions or "prediction" in counts.moments


def _candidates(counts: GroupCounts) -> Iterator[Metric]:
    """Yield the metrics of the task, those of each class last."""
    threshold = len(counts.classes) == 2
    for name, metric in METRICS.items():
        without = counts.task == "regression" and name in NEEDS_THRESHOLD and not threshold
        if counts.task in metric.tasks and not without:
            yield _scaled(_fitted(metric, counts.task), counts)
    if counts.task == "multiclass":
        for base in PER_CLASS:
            for label in counts.classes:
                yield _of_class(base, label)


def _of_class(base: str, label: str) -> Metric:
    metric = METRICS[base]
    return replace(
        metric,
        name=f"{base}[{label}]",
        label=f"{metric.label} of {label}",
        formula=PER_CLASS_FORMULAS[base].format(c=label),
        tasks=("multiclass",),
    )


def _fitted(metric: Metric, task: Task) -> Metric:
    """Return the metric with the formula and range that it has for the task."""
    if task == "multiclass" and metric.name == "brier":
        formula = "mean over rows of the sum over classes of (probability - outcome)²"
        return replace(metric, formula=formula, range=(0.0, 2.0))
    if task == "regression" and metric.tasks == DECISIONS:
        what = "predictions" if metric.name == "selection_rate" else "outcomes"
        return replace(metric, formula=f"{what} at or above the threshold / n")
    return metric


def _scaled(metric: Metric, counts: GroupCounts) -> Metric:
    """Return the metric with the range of a score that is no probability."""
    if metric.name == "mean_score" and not counts.probability:
        return replace(metric, range=(-math.inf, math.inf), ratio=False)
    return metric


def _over_classes(notion: Notion, counts: GroupCounts) -> Notion:
    """Return the notion over the rates of all classes where the outcome has several."""
    if counts.task != "multiclass" or not set(notion.metrics).issubset(PER_CLASS):
        return notion
    names = tuple(f"{name}[{label}]" for name in notion.metrics for label in counts.classes)
    return replace(notion, metrics=names)


def _unknown(name: str, task: Task, threshold: bool) -> ArgumentError:
    names = [
        metric.name
        for metric in METRICS.values()
        if task in metric.tasks
        and not (task == "regression" and metric.name in NEEDS_THRESHOLD and not threshold)
    ]
    nearest = get_close_matches(name, names, n=1, cutoff=0.4) or [_INSTEAD[task]]
    return ArgumentError(
        f'there is no metric "{name}"',
        got=f"for {task} there are {', '.join(names)}",
        hint=f'"{nearest[0]}"',
    )


def _wrong_task(metric: Metric, task: Task) -> ArgumentError:
    kind = metric.tasks[0]
    places = kind if kind == "regression" else f"{kind} outcomes"
    if task == "regression":
        places = "classification"
    hint = f'"{_INSTEAD[task]}"'
    if task == "multiclass" and metric.name in PER_CLASS:
        hint = f'"{metric.name}[<class>]"'
    if task == "binary" and metric.name.startswith("macro_"):
        hint = f'"{metric.name.removeprefix("macro_")}"'
    return ArgumentError(f"{metric.name} is for {places}; the task is {task}", hint=hint)
