"""Bare boosters of LightGBM and XGBoost, as estimators."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from scipy.special import softmax

from explain.protocol import Floats


def as_estimator(model: Any) -> Any:
    """Wrap a bare booster as an estimator; return everything else as it is."""
    if type(model).__name__ != "Booster":
        return model
    library = type(model).__module__.split(".")[0]
    if library == "lightgbm":
        return _LightGBM(model)
    return _XGBoost(model) if library == "xgboost" else model


class _Booster:
    """What both kinds share. `bare_booster` is read by the reader of trees.

    A booster knows classes by number only.
    """

    explained_name = "Booster"
    n_classes: int

    def __init__(self, booster: Any):
        self.bare_booster = booster

    def __getattr__(self, name: str) -> Any:
        # Values and probabilities are asked for by different names; only one of them is there.
        if name in ("classes_", "predict_proba") and self.__dict__.get("n_classes", 0) > 1:
            return np.arange(self.n_classes) if name == "classes_" else self._probability
        raise AttributeError(name)

    def predict(self, rows: Any) -> Any:
        """Return values, or the likelier class."""
        found = np.asarray(self._response(rows), dtype=np.float64)
        if self.n_classes == 0:
            return found
        return (found >= 0.5).astype(int) if found.ndim == 1 else found.argmax(axis=1)

    def margin(self, rows: Any) -> Floats:
        """Return the raw score."""
        return np.asarray(self._raw(rows), dtype=np.float64)

    def _probability(self, rows: Any) -> Floats:
        found = np.asarray(self._response(rows), dtype=np.float64)
        return np.column_stack([1 - found, found]) if found.ndim == 1 else found

    def _response(self, rows: Any) -> Any:
        raise NotImplementedError

    def _raw(self, rows: Any) -> Any:
        raise NotImplementedError


class _LightGBM(_Booster):
    def __init__(self, booster: Any):
        super().__init__(booster)
        names = booster.feature_name()
        made_up = [f"Column_{place}" for place in range(len(names))]
        self.feature_names_in_ = None if names == made_up else names
        self.n_features_in_ = len(names)
        objective = booster.dump_model(num_iteration=1)["objective"].split()
        kinds = {"binary": 2, "cross_entropy": 2}
        self.n_classes = kinds.get(objective[0], 0)
        if objective[0] in ("multiclass", "multiclassova"):
            self.n_classes = int(booster.num_model_per_iteration())

    def _response(self, rows: Any) -> Any:
        return self.bare_booster.predict(rows)

    def _raw(self, rows: Any) -> Any:
        return self.bare_booster.predict(rows, raw_score=True)


class _XGBoost(_Booster):
    def __init__(self, booster: Any):
        super().__init__(booster)
        self.feature_names_in_ = booster.feature_names
        self.n_features_in_ = int(booster.num_features())
        learner = json.loads(booster.save_config())["learner"]
        objective = learner["objective"]["name"]
        self.n_classes = 2 if objective.startswith(("binary:", "reg:logistic")) else 0
        # One gives probabilities and the other labels, of which the raw scores are the same.
        self.gives_labels = objective == "multi:softmax"
        if objective in ("multi:softprob", "multi:softmax"):
            self.n_classes = int(learner["learner_model_param"]["num_class"])

    def _response(self, rows: Any) -> Any:
        if self.gives_labels:
            return softmax(self._raw(rows), axis=1)
        return self.bare_booster.predict(self._matrix(rows))

    def _raw(self, rows: Any) -> Any:
        return self.bare_booster.predict(self._matrix(rows), output_margin=True)

    def _matrix(self, rows: Any) -> Any:
        import xgboost

        names = self.bare_booster.feature_names
        return xgboost.DMatrix(rows, feature_names=names, enable_categorical=True)
