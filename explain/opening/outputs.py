"""What an estimator predicts, on each scale that it has, of rows as it takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import expit, softmax

from explain.errors import ArgumentError, PredictionError
from explain.protocol import Floats, Scale, Task

CLIP = 1e-7
"""Probabilities are clipped here before they become log-odds."""

OUTSIDE = 1e-6
"""How far a probability may lie outside 0 and 1: rounding."""

Predict = Callable[[Any], Floats]


def task_of(model: Any) -> tuple[Task, tuple[Any, ...]]:
    """Return what an estimator predicts, and its labels.

    Raises
    ------
    ArgumentError
        It knows one class only, or predicts several targets.
    """
    classes = getattr(model, "classes_", None)
    if classes is None or not (
        hasattr(model, "predict_proba") or hasattr(model, "decision_function")
        or getattr(model, "_estimator_type", None) == "classifier" or _is_classifier(model)
    ):  # fmt: skip
        return "regression", ()
    if isinstance(classes, list) and classes and np.ndim(classes[0]):
        raise ArgumentError(
            "the model predicts several targets at once",
            got=f"{len(classes)} targets",
            hint="a model of one target, such as one of model.estimators_",
        )
    labels = tuple(np.asarray(classes).tolist())
    if len(labels) < 2:
        raise ArgumentError(
            "the model knows one class only, so there is nothing to explain",
            got=f"classes {list(labels)}",
            hint="a model fitted on rows of two classes at least",
        )
    return ("binary" if len(labels) == 2 else "multiclass"), labels


def _is_classifier(model: Any) -> bool:
    from sklearn.base import is_classifier

    return bool(hasattr(model, "__sklearn_tags__") and is_classifier(model))


def outputs_of(model: Any, task: Task, sample: Any) -> Mapping[Scale, Predict]:
    """Return an estimator's predictions by scale, the natural scale first.

    `sample` is a few rows as the estimator takes them: what ``decision_function`` is can only be
    told from its values.
    """
    if task == "regression":
        return {"response": lambda rows: _column(model, model.predict(rows), rows)}
    margin = _own_margin(model)
    if not hasattr(model, "predict_proba"):
        if margin is None or (task == "multiclass" and not _rank(model, margin(sample), sample)):
            raise ArgumentError(
                f"{type(model).__name__} gives neither probabilities nor scores of its classes",
                got="no predict_proba, and no decision_function with a score for each class",
                hint="a model with predict_proba",
            )
        return {"margin": margin}

    def probability(rows: Any) -> Floats:
        found = _chances(model, model.predict_proba(rows), rows)
        return found[:, 1:] if task == "binary" else found

    if margin is None or not _are_log_odds(margin(sample), probability(sample)):
        margin = log_odds_of(probability)
    return {"margin": margin, "probability": probability}


def log_odds_of(probability: Predict) -> Predict:
    """Return log-odds, or centred log-probabilities, of clipped probabilities."""

    def margin(rows: Any) -> Floats:
        p = np.clip(probability(rows), CLIP, 1 - CLIP)
        if p.shape[1] == 1:
            return np.asarray(np.log(p) - np.log1p(-p))
        logs = np.log(p)
        return np.asarray(logs - logs.mean(axis=1, keepdims=True))

    return margin


def n_clipped(margin: Floats) -> int:
    """Count rows whose margin is that of a probability clipped by `log_odds_of`."""
    two = margin.shape[1] == 1
    chances = expit(np.hstack([margin, -margin])) if two else softmax(margin, axis=1)
    return int((np.abs(chances / CLIP - 1) < 1e-4).any(axis=1).sum())


def _own_margin(model: Any) -> Predict | None:
    """Return the score that a model has by itself, as a column where there are two classes."""
    if callable(getattr(model, "margin", None)):
        return lambda rows: _columns(model.margin(rows))
    library = type(model).__module__.split(".")[0]
    if library == "lightgbm":
        return lambda rows: _columns(model.predict(rows, raw_score=True))
    if library == "xgboost":
        return lambda rows: _columns(model.predict(rows, output_margin=True))
    if hasattr(model, "decision_function"):
        return lambda rows: _columns(model.decision_function(rows))
    return None


def _rank(model: Any, scores: Floats, sample: Any) -> bool:
    """Tell whether the largest score is mostly that of the predicted class.

    It is not where they are scores of pairs of classes, of which three classes have three.
    """
    if scores.shape[1] != len(model.classes_):
        return False
    if not callable(getattr(model, "predict", None)):
        return True
    largest = np.asarray(model.classes_)[scores.argmax(axis=1)]
    return bool(np.mean(largest == np.asarray(model.predict(sample))) > 0.5)


def _are_log_odds(margin: Floats, probability: Floats) -> bool:
    """Tell whether a link turns the margins into the probabilities."""
    if margin.shape != probability.shape:
        return False
    if margin.shape[1] == 1:
        linked = 1 / (1 + np.exp(-np.clip(margin, -500, 500)))
    else:
        powers = np.exp(margin - margin.max(axis=1, keepdims=True))
        linked = powers / powers.sum(axis=1, keepdims=True)
    return bool(np.allclose(linked, probability, rtol=1e-4, atol=1e-6))


def _column(model: Any, found: Any, rows: Any) -> Floats:
    """Return one number for each row as a column."""
    values, n_rows = _numbers(model, found, "predictions"), rows.shape[0]
    if values.ndim == 2 and values.shape[1] > 1 and len(values) == n_rows:
        raise ArgumentError(
            "the model predicts several targets at once",
            got=f"predictions of shape {values.shape}",
            hint=getattr(model, "one_output", "a model of one target, as in model.estimators_"),
        )
    if values.size != n_rows or values.ndim == 0:
        raise _wrong_shape(model, "predictions", found, values, rows, f"({n_rows},)")
    return values.reshape(-1, 1)


def _chances(model: Any, found: Any, rows: Any) -> Floats:
    """Return a probability for each row and class."""
    values, wanted = _numbers(model, found, "probabilities"), (rows.shape[0], len(model.classes_))
    if values.shape != wanted:
        raise _wrong_shape(model, "probabilities", found, values, rows, str(wanted))
    if values.size and (values.min() < -OUTSIDE or values.max() > 1 + OUTSIDE):
        raise PredictionError(
            f"{name_of(model)} gives probabilities outside 0 and 1",
            got=f"from {values.min():.4g} to {values.max():.4g}",
            hint="a function of rows that gives its score, in place of the model",
        )
    return values


def _numbers(model: Any, found: Any, what: str) -> Floats:
    try:
        return np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PredictionError(
            f"{name_of(model)} gives {what} that are no numbers",
            got=_told(found),
            hint="values, margins or probabilities, not labels",
        ) from error


def _told(found: Any) -> str:
    """Show what a model gave, of arrays the first entries."""
    if isinstance(found, np.ndarray) and found.size > 3:
        return f"{', '.join(repr(one) for one in found.ravel()[:3].tolist())}, …"
    return " ".join(repr(found).split())[:100]


def _wrong_shape(
    model: Any, what: str, found: Any, values: Floats, rows: Any, wanted: str
) -> PredictionError:
    got = f"shape {values.shape}" if values.ndim else _told(found)
    return PredictionError(
        f"{name_of(model)} gives {what} of the wrong shape",
        got=f"{got} for {rows.shape[0]:,} rows",
        hint=f"shape {wanted}",
    )


def name_of(model: Any) -> str:
    """Return what to call a model."""
    return str(getattr(model, "explained_name", type(model).__name__))


def _columns(found: Any) -> Floats:
    values = np.asarray(found, dtype=np.float64)
    return values.reshape(-1, 1) if values.ndim == 1 else values
