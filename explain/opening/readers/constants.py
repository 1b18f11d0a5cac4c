"""Dummies: models that predict the same for every row."""

from __future__ import annotations

import numpy as np

from explain.opening.outputs import outputs_of
from explain.opening.structures import Reading, Structure
from explain.protocol import Node, Scale, Weighted

STRATEGIES = {
    "DummyClassifier": ("constant", "most_frequent", "prior", "uniform"),
    "DummyRegressor": ("constant", "mean", "median", "quantile"),
}
"""Those that do not draw predictions at random."""


def read_constant(reading: Reading) -> Structure | None:
    """Read a dummy of scikit-learn as the constant that it is, on every scale."""
    model = reading.model
    known = STRATEGIES.get(type(model).__name__, ())
    if type(model).__module__ != "sklearn.dummy" or model.strategy not in known:
        return None
    outputs = outputs_of(model, reading.task, reading.matrix)
    nodes: dict[Scale, Node] = {
        scale: Weighted((), (), np.asarray(predict(reading.matrix)[0], dtype=np.float64))
        for scale, predict in outputs.items()
    }
    return Structure(nodes, outputs, {})
