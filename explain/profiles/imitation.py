"""A small tree that imitates a model, said in raw columns, and how well it does."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candor.statistics import StandardError, scaled_interval, standard_error, wilson
from explain.errors import ArgumentError
from explain.profiles.columns import (
    Floats,
    RawColumn,
    check_settings,
    checked_frame,
    read_column,
    sample_rows,
    stream,
)
from explain.profiles.conditions import Condition, cut_points
from explain.profiles.effect import t_quantile
from explain.profiles.rules import Node, SurrogateTree, rules_of, walk
from explain.profiles.swaps import Predict, Swap, swapped

CUTS = 100
"""Thresholds per number that the tree may use."""

LEVELS = 20
"""Most frequent levels per category that the tree may use."""

HELD_OUT = 0.3
"""Share of the rows on which fidelity is measured."""


def surrogate_tree(
    predict: Predict,
    X: pd.DataFrame,
    *,
    max_leaves: int = 8,
    max_rows: int = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> SurrogateTree:
    """Return a small tree that imitates the model, with its fidelity on held-out rows.

    Parameters
    ----------
    predict : callable
        Frame of raw columns -> predictions, shape (n_rows,) or (n_rows, n_outputs).
    X : DataFrame
        Raw rows; they need no target.
    max_leaves : int, default 8
        Largest number of leaves.
    max_rows : int, default 5000
        With more rows, a random sample of so many is used.
    confidence : float, default 0.95
        Confidence of the intervals.
    seed : int, default 0
        Seed of the sample and of the split into fitting and held-out rows.

    Returns
    -------
    SurrogateTree
        Fitted on 70 % of the rows by least squares on all outputs (CART; Craven and Shavlik 1996
        for the use), measured on the others.

    Raises
    ------
    explain.errors.ArgumentError
        If X has fewer than 10 rows, or a setting is out of range.
    explain.errors.PredictionError
        If predict raises, or returns another shape or values that are not finite.

    Notes
    -----
    Thresholds are the shortest numbers that lie between two values that occur. What is measured is
    the printed tree, applied to raw rows. Fidelity says how far the tree tells what the model
    does, not how good either is: ``R² = 1 - Σ (model - tree)² / Σ (model - mean)²``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.integers(18, 80, 400), "sex": rng.choice(["f", "m"], 400)})
    >>> tree = surrogate_tree(lambda rows: (rows["age"] < 30) * 1.0, X, max_leaves=2)
    >>> print(tree)
    age < 30: 1 (52 rows)
    age ≥ 30: 0 (228 rows)
    >>> tree.fidelity
    1.0
    """
    check_settings(confidence=confidence, max_rows=max_rows)
    if max_leaves < 2:
        raise ArgumentError("max_leaves must be at least 2", got=f"max_leaves={max_leaves}")
    whole = checked_frame(X)
    rows = sample_rows(len(whole), max_rows, seed)
    if len(rows) < 10:
        raise ArgumentError(
            "a surrogate needs at least 10 rows to fit and to be measured", got=f"{len(rows)} rows"
        )
    frame = whole.take(rows).reset_index(drop=True)
    every = np.arange(len(frame))
    (told,) = swapped(predict, frame, [Swap((), every, every)])
    order = stream(seed, 7).permutation(len(frame))
    cut = round(len(frame) * HELD_OUT)
    held, fitting = np.sort(order[:cut]), np.sort(order[cut:])
    nodes = _fitted(frame.take(fitting).reset_index(drop=True), told[fitting], max_leaves, seed)
    answers = walk(nodes, frame.take(held).reset_index(drop=True))
    return _measured(nodes, answers, told[held], len(fitting), confidence)


@dataclass(frozen=True, eq=False)
class _Feature:
    """A column of the encoding: a number's place among thresholds, or one level against all."""

    raw: RawColumn
    cuts: Floats
    level: Any = None

    def condition(self, threshold: float, missing_left: bool) -> Condition:
        """Return the condition that rows at or below a threshold of the encoding pass."""
        says = bool(self.raw.missing.any())
        name, axis = self.raw.name, self.raw.axis
        if axis == "category":
            levels = () if self.level is None else (self.level,)
            absent = self.level is not None
            return Condition(name, "is not", axis, levels=levels, missing=absent)
        cut = math.inf if math.isinf(threshold) else float(self.cuts[math.floor(threshold)])
        return Condition(name, "below", axis, cut, missing=missing_left, says_missing=says)


def _encoded(frame: pd.DataFrame) -> Iterator[tuple[_Feature, Floats]]:
    """Yield the columns of the encoding with their values; missing numbers stay NaN."""
    for name in frame.columns:
        raw = read_column(frame, name)
        if raw.axis != "category":
            cuts = cut_points(raw.values[np.isfinite(raw.values)], CUTS, raw.axis)
            places: Floats = np.searchsorted(cuts, raw.values, side="right").astype(np.float64)
            if len(cuts) or raw.missing.any():
                places[raw.missing] = np.nan
                yield _Feature(raw, cuts), places
            continue
        counts = np.bincount(raw.values[~raw.missing].astype(np.int64), minlength=0)
        for code in np.argsort(-counts, kind="stable")[:LEVELS]:
            yield _Feature(raw, np.empty(0), raw.levels[code]), _indicator(raw.values == code)
        if raw.missing.any():
            yield _Feature(raw, np.empty(0)), _indicator(raw.missing)


def _indicator(passed: NDArray[np.bool_]) -> Floats:
    return passed.astype(np.float64)


def _fitted(frame: pd.DataFrame, told: Floats, max_leaves: int, seed: int) -> tuple[Node, ...]:
    from sklearn.tree import DecisionTreeRegressor

    encoded = list(_encoded(frame))
    if not encoded or (told == told[0]).all():
        return (Node(None, -1, -1, told.mean(axis=0), len(told)),)
    tree = DecisionTreeRegressor(
        max_leaf_nodes=max_leaves, min_samples_leaf=max(1, len(told) // 100), random_state=seed
    )
    table = np.column_stack([values for _, values in encoded]).astype(np.float32)
    inner = tree.fit(table, told).tree_
    features = [feature for feature, _ in encoded]
    to_yes = inner.missing_go_to_left.astype(bool)
    conditions = [
        features[inner.feature[k]].condition(float(inner.threshold[k]), bool(to_yes[k]))
        if inner.children_left[k] >= 0
        else None
        for k in range(inner.node_count)
    ]
    means = inner.value.reshape(inner.node_count, -1)
    return tuple(
        Node(
            conditions[k],
            int(inner.children_left[k]),
            int(inner.children_right[k]),
            np.asarray(means[k], dtype=np.float64),
            int(inner.n_node_samples[k]),
        )
        for k in range(inner.node_count)
    )


def _measured(
    nodes: tuple[Node, ...], answers: Floats, told: Floats, fitted_on: int, confidence: float
) -> SurrogateTree:
    fidelity, error = _r_squared(told, answers)
    low, high = scaled_interval(fidelity, error, confidence, "log_complement")
    agreement = agreement_low = agreement_high = math.nan
    if told.shape[1] > 1:
        same = told.argmax(axis=1) == answers.argmax(axis=1)
        agreement = float(same.mean())
        low_end, high_end = wilson(agreement, len(same), t_quantile(confidence, math.inf))
        agreement_low, agreement_high = float(low_end), float(high_end)
    return SurrogateTree(
        nodes=nodes,
        rules=tuple(sorted(rules_of(nodes, 0, ()), key=lambda rule: -rule.n_rows)),
        fidelity=fidelity,
        low=low,
        high=high,
        agreement=agreement,
        agreement_low=agreement_low,
        agreement_high=agreement_high,
        fitted_on=fitted_on,
        held_out=len(told),
        confidence=confidence,
    )


def _r_squared(told: Floats, answers: Floats) -> tuple[float, StandardError]:
    """Return R² over all outputs and its standard error from the rows' influences."""
    missed = ((told - answers) ** 2).sum(axis=1)
    whole = ((told - told.mean(axis=0)) ** 2).sum(axis=1)
    if whole.mean() <= (1e-13 * np.abs(told).max()) ** 2:
        return math.nan, standard_error([])
    left = missed.mean() / whole.mean()
    return float(1 - left), standard_error(-(missed - left * whole) / whole.mean())
