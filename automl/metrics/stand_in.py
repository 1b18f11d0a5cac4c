"""A stand-in estimator: it returns given predictions, so that a scorer can be asked about them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from automl.errors import ArgumentError
from automl.metrics.metric import Floats, Task, labels


class _StandIn(BaseEstimator):  # type: ignore[misc]
    """Returns predictions made before; knows rows by their number in the frame's index."""

    asked_for_probabilities_ = False

    def __init__(self, prediction: Floats):
        self.prediction = prediction

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def _rows_of(self, X: Any) -> NDArray[np.int64]:
        known = len(self.prediction)
        index = getattr(X, "index", None)
        if isinstance(index, pd.Index):
            rows = index.to_numpy()
            if rows.dtype.kind in "iu" and (
                len(rows) == 0 or 0 <= rows.min() <= rows.max() < known
            ):
                return rows.astype(np.int64)
        elif len(X) == known:
            return np.arange(known)
        raise ArgumentError(
            "the estimator of a callable metric knows only the rows that it came with",
            got=f"it was asked about {len(X):,} other rows",
            hint="predict on X or on rows selected from X",
        )


class StandInClassifier(ClassifierMixin, _StandIn):  # type: ignore[misc]
    """A classifier with given probabilities."""

    def __init__(self, prediction: Floats, classes: NDArray[Any], threshold: float):
        super().__init__(prediction)
        self.classes = classes
        self.threshold = threshold
        self.classes_ = classes

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the label of each row."""
        numbers = labels(self.prediction[self._rows_of(X)], self.threshold)
        found: NDArray[Any] = self.classes_[numbers]
        return found

    def predict_proba(self, X: Any) -> Floats:
        """Return the probabilities of each row, shape (n_rows, n_classes)."""
        self.asked_for_probabilities_ = True
        p = self.prediction[self._rows_of(X)]
        return p if p.ndim == 2 else np.column_stack([1.0 - p, p])


class StandInRegressor(RegressorMixin, _StandIn):  # type: ignore[misc]
    """A regressor with given values."""

    def predict(self, X: Any) -> Floats:
        """Return the value of each row."""
        return self.prediction[self._rows_of(X)]


def make_stand_in(
    task: Task, classes: tuple[Any, ...], prediction: Floats, threshold: float
) -> Any:
    """Return an estimator that predicts what is given."""
    if task == "regression":
        return StandInRegressor(prediction)
    return StandInClassifier(prediction, np.asarray(classes), threshold)


def renumber_rows(frame: Any, n_rows: int) -> Any:
    """Return the frame with rows numbered from 0; a frame without columns where there is none."""
    if frame is None:
        return pd.DataFrame(index=pd.RangeIndex(n_rows))
    return frame.reset_index(drop=True) if isinstance(frame, pd.DataFrame) else frame
