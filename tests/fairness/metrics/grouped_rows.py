"""Counts of groups from rows, built apart from the product's own table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairness.table.values import GroupCounts, Histogram, Moments


def cells(
    true: np.ndarray, said: np.ndarray | None, group: np.ndarray, w: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n_groups, p = int(group.max()) + 1, 1 if said is None else k
    position = (group * k + true) * p + (0 if said is None else said)
    sums = [
        np.bincount(position, weights=x, minlength=n_groups * k * p).reshape(n_groups, k, p)
        for x in (np.ones_like(w), w, w**2)
    ]
    return sums[0].astype(np.int64), sums[1], sums[2]


def moments(x: np.ndarray, group: np.ndarray, w: np.ndarray) -> Moments:
    return Moments(*(np.bincount(group, weights=v) for v in (w * x, w**2 * x, w**2 * x**2)))


def histogram(
    y: np.ndarray, score: np.ndarray, group: np.ndarray, w: np.ndarray, edges: np.ndarray | None
) -> Histogram:
    """Bin scores: each distinct score a bin, or bins between edges."""
    where = np.unique(score) if edges is None else edges
    code = np.searchsorted(where, score, side="right")
    kept, code = np.unique(code, return_inverse=True)
    shape = (int(group.max()) + 1, 2, len(kept))
    position = (group * 2 + y) * len(kept) + code
    size = int(np.prod(shape))
    sums = [
        np.bincount(position, weights=x, minlength=size).reshape(shape)
        for x in (np.ones_like(w), w, w**2, w * score, w * score**2)
    ]
    ends = pd.Series(score).groupby(code).agg(["min", "max"]).to_numpy().T
    return Histogram(sums[0].astype(np.int64), *sums[1:], low=ends[0], high=ends[1])


def labels(
    y: Any,
    said: Any = None,
    group: Any = None,
    *,
    score: Any = None,
    probability: bool = True,
    weight: Any = None,
    edges: np.ndarray | None = None,
    classes: Sequence[str] = ("0", "1"),
) -> GroupCounts:
    """Return counts of a binary or multiclass outcome; `y` and `said` are class numbers."""
    y = np.asarray(y)
    names, code = np.unique(np.asarray(group), return_inverse=True)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=float)
    counts = cells(y, None if said is None else np.asarray(said), code, w, len(classes))
    sums, binned = {}, None
    if score is not None:
        score = np.asarray(score, dtype=float)
        sums, binned = scored(y, score, code, w, probability, edges, len(classes))
    return GroupCounts(
        task="binary" if len(classes) == 2 else "multiclass",
        attribute="group",
        groups=tuple(str(name) for name in names),
        classes=tuple(classes),
        counts=counts[0],
        weights=counts[1],
        weights_squared=counts[2],
        moments=sums,
        histogram=binned,
        probability=score is not None and probability,
        weighted=weight is not None,
    )


def scored(
    y: np.ndarray,
    score: np.ndarray,
    group: np.ndarray,
    w: np.ndarray,
    probability: bool,
    edges: np.ndarray | None,
    n_classes: int,
) -> tuple[dict[str, Moments], Histogram | None]:
    if n_classes > 2:
        chance = score[np.arange(len(y)), y]
        squares = ((score - np.eye(n_classes)[y]) ** 2).sum(axis=1)
        return {
            "log_loss": moments(-np.log(chance), group, w),
            "squared_error": moments(squares, group, w),
        }, None
    sums = {"score": moments(score, group, w)}
    if probability:
        chance = np.clip(np.where(y == 1, score, 1 - score), np.finfo(float).eps, None)
        sums["log_loss"] = moments(-np.log(chance), group, w)
        sums["squared_error"] = moments((score - y) ** 2, group, w)
    return sums, histogram(y, score, group, w, edges)


def numbers(
    y: Any, said: Any, group: Any, *, weight: Any = None, threshold: float | None = None
) -> GroupCounts:
    """Return counts of a regression."""
    y = np.asarray(y, dtype=float)
    names, code = np.unique(np.asarray(group), return_inverse=True)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=float)
    quantities = {"outcome": y, "outcome_squared": y**2}
    if said is not None:
        said = np.asarray(said, dtype=float)
        error = said - y
        quantities |= {"prediction": said, "error": error, "absolute_error": abs(error)}
        quantities |= {"squared_error": error**2}
    if threshold is None:
        counts = cells(np.zeros(len(y), int), None, code, w, 1)
    else:
        above = None if said is None else (said >= threshold).astype(int)
        counts = cells((y >= threshold).astype(int), above, code, w, 2)
    return GroupCounts(
        task="regression",
        attribute="group",
        groups=tuple(str(name) for name in names),
        classes=() if threshold is None else ("below", "above"),
        counts=counts[0],
        weights=counts[1],
        weights_squared=counts[2],
        moments={name: moments(x, code, w) for name, x in quantities.items()},
        weighted=weight is not None,
    )
