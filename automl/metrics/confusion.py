"""Scores of labels as functions of the confusion matrix, with their gradients.

Matrices hold shares (rows: true class, columns: predicted class, sum 1). Scores take any number of
matrices at once, shape (..., n_classes, n_classes), so that a sweep over thresholds is one call. A
gradient is taken at one matrix; the influence of a row on the score is the gradient at the row's
cell minus the mean of the gradient under the matrix (delta method).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LabelScore:
    """A score of labels.

    Parameters
    ----------
    score : callable
        Matrices, shape (..., n_classes, n_classes) -> scores, shape (...).
    gradient : callable
        One matrix -> derivative of the score with respect to its cells, same shape.
    """

    score: Callable[[Floats], Floats]
    gradient: Callable[[Floats], Floats]


def shares(
    y: NDArray[np.int64], label: NDArray[np.int64], n_classes: int, weight: Floats | None
) -> Floats:
    """Return the confusion matrix as shares of the total weight."""
    cells = np.bincount(y * n_classes + label, weights=weight, minlength=n_classes**2)
    matrix: Floats = cells.reshape(n_classes, n_classes) / cells.sum()
    return matrix


def _divide(above: Floats, below: Floats) -> Floats:
    """Divide, with 0 where there is nothing to divide by."""
    out = np.zeros(np.broadcast_shapes(above.shape, below.shape))
    return np.divide(above, below, out=out, where=below > 0)


def _hits(matrix: Floats) -> Floats:
    return np.diagonal(matrix, axis1=-2, axis2=-1)


def _true(matrix: Floats) -> Floats:
    shares: Floats = matrix.sum(axis=-1)
    return shares


def _said(matrix: Floats) -> Floats:
    shares: Floats = matrix.sum(axis=-2)
    return shares


# The score of every class, shape (..., n_classes), and its gradient, shape (n_classes,) * 3.


def _recalls(matrix: Floats) -> Floats:
    return _divide(_hits(matrix), _true(matrix))


def _recall_gradients(matrix: Floats) -> Floats:
    inverse = _divide(np.ones(len(matrix)), _true(matrix))
    gradients = np.zeros((len(matrix),) * 3)
    for k, score in enumerate(_recalls(matrix)):
        gradients[k, k, :] -= score * inverse[k]
        gradients[k, k, k] += inverse[k]
    return gradients


def _precisions(matrix: Floats) -> Floats:
    return _divide(_hits(matrix), _said(matrix))


def _precision_gradients(matrix: Floats) -> Floats:
    return _recall_gradients(matrix.T).transpose(0, 2, 1)


def _f1s(matrix: Floats) -> Floats:
    return _divide(2 * _hits(matrix), _true(matrix) + _said(matrix))


def _f1_gradients(matrix: Floats) -> Floats:
    inverse = _divide(np.ones(len(matrix)), _true(matrix) + _said(matrix))
    gradients = np.zeros((len(matrix),) * 3)
    for k, score in enumerate(_f1s(matrix)):
        gradients[k, k, :] -= score * inverse[k]
        gradients[k, :, k] -= score * inverse[k]
        gradients[k, k, k] += 2 * inverse[k]
    return gradients


# One number of the classes' scores


def _of_positive(
    scores: Callable[[Floats], Floats], gradients: Callable[[Floats], Floats]
) -> LabelScore:
    return LabelScore(lambda m: scores(m)[..., 1], lambda m: gradients(m)[1])


def _mean_of(
    scores: Callable[[Floats], Floats],
    gradients: Callable[[Floats], Floats],
    counts: Callable[[Floats], Floats],
) -> LabelScore:
    """Average over the classes with a count above 0."""

    def mean(matrix: Floats) -> Floats:
        present = counts(matrix) > 0
        return _divide((scores(matrix) * present).sum(axis=-1), present.sum(axis=-1))

    def gradient(matrix: Floats) -> Floats:
        averaged: Floats = gradients(matrix)[counts(matrix) > 0].mean(axis=0)
        return averaged

    return LabelScore(mean, gradient)


def _f1_weighted(matrix: Floats) -> Floats:
    mean: Floats = (_true(matrix) * _f1s(matrix)).sum(axis=-1)
    return mean


def _f1_weighted_gradient(matrix: Floats) -> Floats:
    gradient: Floats = np.tensordot(_true(matrix), _f1_gradients(matrix), axes=1)
    return gradient + _f1s(matrix)[:, None]


def _accuracy(matrix: Floats) -> Floats:
    share: Floats = _hits(matrix).sum(axis=-1)
    return share


_NO_SPREAD = 1e-14


def _matthews_parts(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    true, said = _true(matrix), _said(matrix)
    above = _accuracy(matrix) - (true * said).sum(axis=-1)
    return above, 1 - np.square(true).sum(axis=-1), 1 - np.square(said).sum(axis=-1)


def _matthews(matrix: Floats) -> Floats:
    above, spread_true, spread_said = _matthews_parts(matrix)
    # One class only: its spread is zero up to rounding, and the correlation counts as 0.
    spread = np.minimum(spread_true, spread_said) > _NO_SPREAD
    below = np.sqrt(np.where(spread, spread_true * spread_said, 0.0))
    return _divide(above, below)


def _matthews_gradient(matrix: Floats) -> Floats:
    above, spread_true, spread_said = _matthews_parts(matrix)
    if min(float(spread_true), float(spread_said)) <= _NO_SPREAD:
        return np.zeros_like(matrix)
    root = np.sqrt(spread_true * spread_said)
    true, said = _true(matrix), _said(matrix)
    of_above = np.eye(len(matrix)) - (said[:, None] + true[None, :])
    of_log_root = -(true[:, None] / spread_true + said[None, :] / spread_said)
    gradient: Floats = of_above / root - above / root * of_log_root
    return gradient


def _either(matrix: Floats) -> Floats:
    return _true(matrix) + _said(matrix)


ACCURACY = LabelScore(_accuracy, lambda m: np.eye(len(m)))
"""Share of correct labels."""

BALANCED_ACCURACY = _mean_of(_recalls, _recall_gradients, _true)
"""Mean recall of the classes that occur."""

RECALL = _of_positive(_recalls, _recall_gradients)
"""Share of class 1 that is found."""

PRECISION = _of_positive(_precisions, _precision_gradients)
"""Share of the rows said to be class 1 that are."""

F1 = _of_positive(_f1s, _f1_gradients)
"""Harmonic mean of precision and recall of class 1."""

RECALL_MACRO = _mean_of(_recalls, _recall_gradients, _either)
"""Mean recall of the classes that occur or are predicted."""

PRECISION_MACRO = _mean_of(_precisions, _precision_gradients, _either)
"""Mean precision of the classes that occur or are predicted."""

F1_MACRO = _mean_of(_f1s, _f1_gradients, _either)
"""Mean F1 score of the classes that occur or are predicted."""

F1_WEIGHTED = LabelScore(_f1_weighted, _f1_weighted_gradient)
"""Mean F1 score, each class weighted by its share of the rows."""

MATTHEWS = LabelScore(_matthews, _matthews_gradient)
"""Matthews' correlation of true and predicted classes (Gorodkin 2004)."""
