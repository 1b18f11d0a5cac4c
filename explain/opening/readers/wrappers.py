"""Estimators that hand everything to another: searches and thresholds."""

from __future__ import annotations

from explain.opening.structures import Reading, structure_of
from explain.protocol import Parts

WRAPPED = {
    "GridSearchCV": "best_estimator_",
    "RandomizedSearchCV": "best_estimator_",
    "HalvingGridSearchCV": "best_estimator_",
    "HalvingRandomSearchCV": "best_estimator_",
    "TunedThresholdClassifierCV": "estimator_",
    "FixedThresholdClassifier": "estimator_",
}
"""Where each keeps the estimator that predicts."""


def read_wrapper(reading: Reading) -> Parts | None:
    """Read the estimator inside."""
    place = WRAPPED.get(type(reading.model).__name__)
    if place is None:
        return None
    inside = structure_of(reading.inside(getattr(reading.model, place)))
    scale = next(iter(inside.nodes))
    return Parts(inside.nodes[scale], scale)
