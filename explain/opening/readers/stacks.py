"""Stacks: a final estimator on the members' predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from explain.opening.readers.linear import read_linear
from explain.opening.structures import Reading, node_on
from explain.protocol import Linear, Node, Parts, Scale, Weighted

METHODS: dict[str, Scale] = {
    "predict_proba": "probability",
    "decision_function": "margin",
    "predict": "response",
}


def read_stack(reading: Reading) -> Parts | None:
    """Read a stack whose final estimator is linear, for two classes or values."""
    model = reading.model
    if type(model).__name__ not in ("StackingClassifier", "StackingRegressor"):
        return None
    if reading.task == "multiclass" or model.passthrough:
        return None
    final = _final(model, reading)
    if final is None or final.coef.shape[0] != len(model.estimators_):
        return None
    nodes = tuple(_member(reading, model, place) for place in range(len(model.estimators_)))
    weights = tuple(final.coef[place : place + 1] for place in range(len(nodes)))
    scale: Scale = "response" if reading.task == "regression" else "margin"
    return Parts(Weighted(nodes, weights, final.intercept), scale)


def _final(model: Any, reading: Reading) -> Linear | None:
    """Return the final estimator's coefficients."""
    parts = read_linear(
        Reading(
            model.final_estimator_,
            reading.task,
            reading.n_outputs,
            reading.encoding,
            reading.frame,
            model.transform(reading.matrix),
        )
    )
    if parts is None or not isinstance(parts.node, Linear):
        return None
    return parts.node if np.ndim(parts.node.coef) == 2 else None


def _member(reading: Reading, model: Any, place: int) -> Node:
    inside = reading.inside(model.estimators_[place])
    method = model.stack_method_[place]
    if method == "predict" and inside.task != "regression":
        raise ValueError("a member hands its labels on")
    return node_on(inside, METHODS[method])
