"""Metrics from outside: scikit-learn's scorers and the caller's own functions."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArgumentError
from automl.metrics.metric import Floats, Metric, Response, Task
from automl.metrics.rows import take_rows
from candor.statistics import jackknife_error, scaled_interval

UNWEIGHTED = frozenset(
    {"neg_max_error", "neg_negative_likelihood_ratio", "positive_likelihood_ratio"}
)
"""Scorers of scikit-learn that take no row weights."""

Scorer = Callable[..., Any]


@dataclass(frozen=True)
class NamedScorer:
    """A scorer of scikit-learn by its name, whose warnings are not the caller's business.

    Parameters
    ----------
    name : str
        One of ``sklearn.metrics.get_scorer_names()``.
    """

    name: str

    def __call__(self, estimator: Any, X: Any, y: NDArray[Any], **extra: Any) -> Any:
        """Score an estimator."""
        from sklearn.metrics import get_scorer

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return get_scorer(self.name)(estimator, X, y, **extra)


@dataclass(frozen=True)
class ForeignMetric(Metric):
    """A metric that is called as ``scorer(estimator, X, y)`` and is higher when better.

    The estimator is a stand-in that returns the given predictions. Intervals come from a
    delete-a-group jackknife: 20 calls, none of them with repeated rows, on at most 10,000 rows.

    Parameters
    ----------
    name, greater_is_better, response, tasks
        As in `Metric`.
    scorer : callable
        (estimator, X, y) -> float; with `sample_weight` where `weighted`.
    task : {"binary", "multiclass", "regression"}
        The task at hand.
    classes : tuple
        Labels that predictions of the stand-in bear, in the order of the class numbers.
    weighted : bool
        Whether the scorer takes `sample_weight`. If not, weights have no influence on the score.
    """

    scorer: Scorer
    task: Task
    classes: tuple[Any, ...]
    weighted: bool

    @property
    def slow(self) -> bool:
        """Whether a call may take long: nothing is known of somebody else's function."""
        return True

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
        if len(y) == 0 or not np.isfinite(prediction).all():
            return math.nan
        from automl.metrics.stand_in import make_stand_in, renumber_rows

        rows = renumber_rows(frame, len(y))
        estimator = make_stand_in(self.task, self.classes, prediction, threshold)
        extra = {} if weight is None or not self.weighted else {"sample_weight": weight}
        return self._call(estimator, rows, self._original(y), extra)

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
        """Return an interval from a delete-a-group jackknife; see `Metric.interval`."""

        def on(rows: NDArray[np.int64]) -> float:
            return self.score(
                y[rows],
                prediction[rows],
                None if weight is None else weight[rows],
                threshold=threshold,
                frame=None if frame is None else take_rows(frame, rows),
            )

        value = on(np.arange(len(y)))
        if not math.isfinite(value):
            return math.nan, math.nan
        return scaled_interval(value, jackknife_error(on, len(y), groups), confidence)

    def _original(self, y: NDArray[Any]) -> NDArray[Any]:
        if self.task == "regression":
            return y
        labels: NDArray[Any] = np.asarray(self.classes)[y]
        return labels

    def _call(self, estimator: Any, rows: Any, y: NDArray[Any], extra: dict[str, Any]) -> float:
        # Whatever a function from outside raises, the caller is to see it as an error of `metric`.
        try:
            value = self.scorer(estimator, rows, y, **extra)
        except Exception as error:
            raise ArgumentError(
                f"the metric {self.name} failed on {len(y):,} rows",
                got=f"{type(error).__name__}: {error}",
                hint="a callable metric gets (estimator, X, y) and returns one number",
            ) from error
        return _as_number(value, self.name)


def _as_number(value: Any, name: str) -> float:
    if isinstance(value, str) or np.ndim(value) != 0:
        raise ArgumentError(
            f"the metric {name} must return one number",
            got=f"it returned {type(value).__name__}",
        )
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"the metric {name} must return one number",
            got=f"it returned {type(value).__name__}",
        ) from error


def callable_metric(function: Scorer, task: Task, classes: tuple[Any, ...]) -> ForeignMetric:
    """Wrap a caller's ``(estimator, X, y) -> float``, higher is better.

    `X` is the raw frame with its rows numbered from 0, so that the estimator still knows them when
    the function passes it a part of them; `y` holds the original labels. Row weights are passed as
    `sample_weight` where the function has an argument of that name.
    """
    name = getattr(function, "__name__", type(function).__name__)
    # The function may ask for labels, and only the threshold of these can be tuned.
    response: Response = "value" if task == "regression" else "label"
    return ForeignMetric(
        name, True, response, (task,), function, task, classes, _takes_weights(function)
    )


def _takes_weights(function: Scorer) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(parameter.name == "sample_weight" for parameter in parameters)


def scorer_metric(name: str, task: Task, n_classes: int) -> ForeignMetric:
    """Wrap a scorer of scikit-learn; it sees class numbers, so that class 1 is the positive one.

    Raises
    ------
    ArgumentError
        If the scorer does not fit the task.
    """
    classes = tuple(range(n_classes)) if task != "regression" else ()
    response = _probe(name, task, classes)
    return ForeignMetric(
        name, True, response, (task,), NamedScorer(name), task, classes, name not in UNWEIGHTED
    )


def _probe(name: str, task: Task, classes: tuple[int, ...]) -> Response:
    """Try a scorer on a few rows: whether it fits the task, and what it asks for."""
    from automl.metrics.stand_in import make_stand_in, renumber_rows

    y: NDArray[Any]
    prediction: Floats
    if task == "regression":
        y = np.array([1.0, 2.0, 3.0, 4.0])
        prediction = np.array([1.5, 2.0, 2.5, 4.5])
    else:
        y = np.repeat(np.arange(len(classes)), 2)
        prediction = np.linspace(0.1, 0.9, len(y))
        if task == "multiclass":
            prediction = np.eye(len(classes))[y] * 0.5 + 0.5 / len(classes)
    stand_in = make_stand_in(task, classes, prediction, 0.5)
    try:
        value = NamedScorer(name)(stand_in, renumber_rows(None, len(y)), y)
    except (ValueError, TypeError) as error:
        raise ArgumentError(
            f'the metric "{name}" does not fit a {task} target',
            got=f"scikit-learn says: {str(error).splitlines()[0]}",
            hint='metric="auto"',
        ) from error
    _as_number(value, name)
    if task == "regression":
        return "value"
    return "probability" if stand_in.asked_for_probabilities_ else "label"
