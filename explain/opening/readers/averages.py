"""Averages of estimators: voting and bagging."""

from __future__ import annotations

from typing import Any

import numpy as np

from explain.opening.structures import Reading, node_on
from explain.protocol import Encoding, Parts, Scale, Weighted


def read_average(reading: Reading) -> Parts | None:
    """Read a soft vote, an average of regressors, or a bag of any estimators."""
    name = type(reading.model).__name__
    if name in ("VotingClassifier", "VotingRegressor"):
        return _vote(reading)
    if name in ("BaggingClassifier", "BaggingRegressor"):
        return _bag(reading)
    return None


def _vote(reading: Reading) -> Parts | None:
    model = reading.model
    if getattr(model, "voting", "soft") == "hard":
        return None
    weights = model.weights
    if weights is None:
        weights = [1.0] * len(model.estimators_)
    else:
        said = [one for name, one in model.estimators]
        weights = [w for w, one in zip(weights, said, strict=True) if not isinstance(one, str)]
    return _mean(reading, [(one, reading.encoding) for one in model.estimators_], weights)


def _bag(reading: Reading) -> Parts:
    model = reading.model
    members = [
        (one, some_features(reading.encoding, np.asarray(places)))
        for one, places in zip(model.estimators_, model.estimators_features_, strict=True)
    ]
    return _mean(reading, members, [1.0] * len(members))


def _mean(reading: Reading, members: list[tuple[Any, Encoding]], weights: list[float]) -> Parts:
    """Average members on the scale on which the estimator averages them."""
    scale: Scale = "response" if reading.task == "regression" else "probability"
    total = float(sum(weights))
    inside = [
        reading.inside(one, None if own is reading.encoding else own) for one, own in members
    ]
    if any(one.n_outputs != reading.n_outputs for one in inside):
        raise ValueError("a member does not know all classes")
    nodes = tuple(node_on(one, scale) for one in inside)
    eye = np.eye(reading.n_outputs)
    shares = tuple(eye * (weight / total) for weight in weights)
    return Parts(Weighted(nodes, shares, np.zeros(reading.n_outputs)), scale)


def some_features(encoding: Encoding, places: Any) -> Encoding:
    """Return the encoding with some of its features."""

    def transform(frame: Any) -> Any:
        found = encoding.transform(frame)
        found = found.to_numpy() if hasattr(found, "iloc") else found
        return found[:, places]

    return Encoding(transform, tuple(encoding.sources[int(place)] for place in places))
