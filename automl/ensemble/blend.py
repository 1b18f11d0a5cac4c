"""Averages of predictions, in margin space or of probabilities.

The margin is log-odds for binary, centred log-probabilities for multiclass, and the value itself
for regression. An average of margins keeps an ensemble of additive members additive, so its exact
attributions are the weighted sum of its members'.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Link = Literal["margin", "probability"]
Task = Literal["binary", "multiclass", "regression"]

CLIP = 1e-7
"""Probabilities are clipped here before they become margins.

A library that computes in single precision cannot say how near 1 a probability is beyond 6e-8, and
a forest or kNN that says 0 or 1 outright must not overrule every other member.
"""


def to_margin(prediction: Floats, task: Task) -> Floats:
    """Turn predictions into margins.

    Parameters
    ----------
    prediction : ndarray of float64, shape (n_rows,) or (n_rows, n_classes)
        P(class 1), probabilities of all classes, or values.
    task : {"binary", "multiclass", "regression"}
        What is predicted.

    Returns
    -------
    ndarray of float64
        Same shape: ``log(p / (1 - p))``; ``log p`` minus its mean over the classes; or the values.
    """
    if task == "regression":
        return prediction
    clipped = np.clip(prediction, CLIP, 1.0 - CLIP)
    if task == "binary":
        margin: Floats = np.log(clipped / (1.0 - clipped))
        return margin
    logs: Floats = np.log(clipped)
    centred: Floats = logs - logs.mean(axis=1, keepdims=True)
    return centred


def from_margin(margin: Floats, task: Task) -> Floats:
    """Turn margins into predictions: the inverse of `to_margin`.

    Parameters
    ----------
    margin : ndarray of float64, shape (n_rows,) or (n_rows, n_classes)
        Margins of any finite size.
    task : {"binary", "multiclass", "regression"}
        What is predicted.

    Returns
    -------
    ndarray of float64
        Same shape: the logistic function, the softmax over classes, or the values.
    """
    if task == "regression":
        return margin
    if task == "binary":
        small = np.exp(-np.abs(margin))
        prediction: Floats = np.where(margin >= 0, 1.0, small) / (1.0 + small)
        return prediction
    powers: Floats = np.exp(margin - margin.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def blend(
    predictions: Sequence[Floats], weights: Sequence[float], link: Link, task: Task
) -> Floats:
    """Average predictions.

    Parameters
    ----------
    predictions : sequence of ndarray of float64
        Predictions of the members on the same rows.
    weights : sequence of float
        One weight a member, not negative; they are divided by their sum.
    link : {"margin", "probability"}
        What is averaged; for regression both mean the values.
    task : {"binary", "multiclass", "regression"}
        What is predicted.

    Returns
    -------
    ndarray of float64
        The ensemble's prediction. A single member's prediction is returned as it is.

    Raises
    ------
    ValueError
        If there is no member, or the weights do not match or are not usable.
    """
    shares = np.asarray(weights, dtype=np.float64)
    if len(predictions) == 0 or len(shares) != len(predictions):
        raise ValueError(f"{len(predictions)} predictions need as many weights, got {len(shares)}")
    if not (shares >= 0).all() or not 0 < shares.sum() < np.inf:
        raise ValueError(f"weights must not be negative and need a sum above 0, got {weights}")
    shares = shares / shares.sum()
    used = [int(i) for i in np.flatnonzero(shares)]
    if len(used) == 1:
        only: Floats = predictions[used[0]]
        return only
    in_margins = link == "margin" and task != "regression"
    total = np.zeros(predictions[used[0]].shape)
    for i in used:
        member = to_margin(predictions[i], task) if in_margins else predictions[i]
        total += shares[i] * member
    return from_margin(total, task) if in_margins else total
