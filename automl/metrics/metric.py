"""The contract of a metric."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Response = Literal["probability", "label", "value"]
Task = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True)
class Metric(ABC):
    """A score of predictions, in its own units.

    Metrics hold no data and may be used from several threads. The same arguments give the same
    score. Predictions are P(class 1) of shape (n_rows,) for binary, probabilities of shape
    (n_rows, n_classes) for multiclass and values of shape (n_rows,) for regression, also where the
    metric needs labels: those are derived with `threshold`, or are the most likely class.

    Parameters
    ----------
    name : str
        The name under which the metric was asked for.
    greater_is_better : bool
        Whether a larger score is a better one.
    response : {"probability", "label", "value"}
        What the metric needs of a prediction.
    tasks : tuple of {"binary", "multiclass", "regression"}
        Tasks that the metric scores.
    """

    name: str
    greater_is_better: bool
    response: Response
    tasks: tuple[Task, ...]

    @property
    def order_only(self) -> bool:
        """Whether only the order of the predictions matters, so that margins do as well."""
        return False

    @property
    def slow(self) -> bool:
        """Whether a call may take long, so that searches over it should make few."""
        return False

    @abstractmethod
    def score(
        self,
        y: NDArray[Any],
        prediction: Floats,
        weight: Floats | None = None,
        *,
        threshold: float = 0.5,
        frame: Any = None,
    ) -> float:
        """Score predictions.

        Parameters
        ----------
        y : ndarray, shape (n_rows,)
            Class numbers (from 0) or values.
        prediction : ndarray of float64, shape (n_rows,) or (n_rows, n_classes)
            Predictions in the form above.
        weight : ndarray of float64, shape (n_rows,), optional
            Row weights: a row of weight 2 counts as two rows. Default: all equal.
        threshold : float, default 0.5
            Probability from which on a binary prediction becomes class 1.
        frame : DataFrame, optional
            The raw rows, in the order of `y`; only callables read them.

        Returns
        -------
        float
            The score; NaN where it is not defined (one class only for ROC AUC, no row, a
            prediction that is not finite).

        Raises
        ------
        ArgumentError
            If a foreign scorer or callable fails; its own error is the cause.
        """

    @abstractmethod
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
        """Return a confidence interval of the score for new rows like these.

        Parameters
        ----------
        y, prediction, weight, threshold, frame
            As in `score`; weights are read as sampling weights.
        groups : ndarray, shape (n_rows,), optional
            Group of each row; rows of one group may depend on each other. Default: none do.
        confidence : float, default 0.95
            Coverage that is aimed at.

        Returns
        -------
        tuple of float
            Low and high end; NaN where the score or its error is not defined.
        """

    def gain(self, score: float) -> float:
        """Return the score turned so that higher is better."""
        return score if self.greater_is_better else -score


def labels(prediction: Floats, threshold: float = 0.5) -> NDArray[np.int64]:
    """Turn probabilities into class numbers.

    Parameters
    ----------
    prediction : ndarray of float64, shape (n_rows,) or (n_rows, n_classes)
        P(class 1), or probabilities of all classes.
    threshold : float, default 0.5
        A binary prediction is class 1 from this probability on.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
        Class numbers; of equally likely classes the first.
    """
    if prediction.ndim == 2:
        likeliest: NDArray[np.int64] = np.argmax(prediction, axis=1)
        return likeliest
    return (prediction >= threshold).astype(np.int64)
