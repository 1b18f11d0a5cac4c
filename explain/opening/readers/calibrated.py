"""Calibrated classifiers: a curve on each member's score, then their mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from explain.opening.structures import Reading, node_on, structure_of
from explain.protocol import Linked, Node, Parts, Weighted


def read_calibrated(reading: Reading) -> Parts | None:
    """Read sigmoid calibration of two classes; other kinds stay a black box."""
    model = reading.model
    if type(model).__name__ != "CalibratedClassifierCV" or reading.task != "binary":
        return None
    nodes: list[Node] = []
    for member in model.calibrated_classifiers_:
        if member.method != "sigmoid" or len(member.calibrators) != 1:
            return None
        nodes.append(_sigmoid(reading, member))
    if len(nodes) == 1:
        return Parts(nodes[0], "margin")
    share = np.array([[1 / len(nodes)]])
    chances = tuple(Linked(one, "logistic") for one in nodes)
    return Parts(Weighted(chances, (share,) * len(nodes), np.zeros(1)), "probability")


def _sigmoid(reading: Reading, member: Any) -> Node:
    """Return the margin -(a f + b) of one calibrated member, f being its score.

    scikit-learn calibrates ``decision_function`` where there is one, else the probability.
    """
    inner = member.estimator
    has_score = hasattr(inner, "decision_function")
    inside = reading.inside(inner)
    node = node_on(inside, "margin" if has_score else "probability")
    if has_score:
        score = np.asarray(inner.decision_function(inside.matrix), dtype=np.float64)
        given = structure_of(inside).outputs["margin"](inside.matrix)[:, 0]
        if not np.allclose(score, given):
            raise ValueError("the score that was calibrated is not the margin")
    line = member.calibrators[0]
    return Weighted((node,), (np.array([[-float(line.a_)]]),), np.array([-float(line.b_)]))
