"""Estimators that hand everything to another: searches, thresholds, frozen ones."""

from __future__ import annotations

from explain.opening.structures import Reading, Structure, structure_of

WRAPPED = {
    "FrozenEstimator": "estimator",
    "GridSearchCV": "best_estimator_",
    "RandomizedSearchCV": "best_estimator_",
    "HalvingGridSearchCV": "best_estimator_",
    "HalvingRandomSearchCV": "best_estimator_",
    "TunedThresholdClassifierCV": "estimator_",
    "FixedThresholdClassifier": "estimator_",
}
"""Where each keeps the estimator that predicts."""


def read_wrapper(reading: Reading) -> Structure | None:
    """Read the estimator inside."""
    place = WRAPPED.get(type(reading.model).__name__)
    if place is None:
        return None
    return structure_of(reading.inside(getattr(reading.model, place)))
