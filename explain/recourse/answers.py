"""A model's answers alone: its labels and scores, without reading what it is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from explain.errors import ArgumentError, ArgumentTypeError
from explain.opening import OpenModel, open_model
from explain.opening.boosters import as_estimator
from explain.protocol import Floats
from explain.rows import read_rows

KEPT = ("predict", "predict_proba", "decision_function", "margin", "classes_", "n_features_in_")
"""What is asked of a model."""


class Answers:
    """A model with nothing but its answers, so that opening it reads no structure.

    A classifier that gives labels only gets probabilities of 0 and 1.
    """

    def __init__(self, model: Any):
        self.explained_name = getattr(model, "explained_name", type(model).__name__)
        for name in KEPT:
            value = getattr(model, name, None)
            if value is not None:
                setattr(self, name, value)
        names = getattr(model, "feature_names_in_", None)
        if names is not None and not _are_made_up(names):
            self.feature_names_in_ = names
        self.labels_only = _gives_labels_only(model)
        if self.labels_only:
            self.predict_proba = _certainties(model)


def opened(model: Any, data: Any) -> tuple[OpenModel, bool]:
    """Open a model for its answers; say whether it gives labels only."""
    if isinstance(model, type) or not (callable(model) or hasattr(model, "predict")):
        return open_model(model, data), False  # which says what is wrong
    known = as_estimator(model)
    if not callable(getattr(known, "predict", None)):
        if callable(known):
            return open_model(known, data), False
        raise ArgumentTypeError(
            "the model cannot predict labels",
            got=f"{type(known).__name__}, which has no predict",
            hint="a fitted estimator, or a function of rows",
        )
    _check_fitted(known)
    answers = Answers(known)
    names = getattr(answers, "feature_names_in_", None)
    read_rows(data, None if names is None else [str(one) for one in names], "data")
    return open_model(answers, data), answers.labels_only


def _check_fitted(model: Any) -> None:
    """Refuse an estimator that is not fitted, which its answers alone do not tell."""
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    if not hasattr(model, "fit"):
        return
    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise ArgumentError(
            f"{type(model).__name__} is not fitted",
            got="an estimator without what fit learns",
            hint="model.fit(X, y)",
        ) from error
    except TypeError:
        return  # no estimator of scikit-learn's kind: it will say itself


def _certainties(model: Any) -> Callable[[Any], Floats]:
    """Return labels as probabilities of 0 and 1."""

    def probabilities(rows: Any) -> Floats:
        labels = np.asarray(model.predict(rows))
        return np.asarray(labels[:, None] == np.asarray(model.classes_)[None, :], dtype=float)

    return probabilities


def _are_made_up(names: Any) -> bool:
    """Tell the names that LightGBM gives to the columns of an array."""
    return [str(name) for name in names] == [f"Column_{place}" for place in range(len(names))]


def _gives_labels_only(model: Any) -> bool:
    classes = getattr(model, "classes_", None)
    scores = hasattr(model, "predict_proba") or hasattr(model, "decision_function")
    return classes is not None and np.ndim(classes) == 1 and not scores
