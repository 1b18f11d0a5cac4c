"""XGBoost's boosters, read from their JSON form."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.errors import UnreadableModelError
from explain.trees.forest import Forest, Kind, Scale, Tree, join, plain_tree
from explain.trees.thresholds import less_than

LOGIT = frozenset({"binary:logistic", "reg:logistic"})
LOG = frozenset({"count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft"})
IDENTITY = frozenset(
    {
        "reg:absoluteerror",
        "reg:pseudohubererror",
        "reg:quantileerror",
        "reg:squarederror",
        "reg:squaredlogerror",
    }
)
"""Objectives whose margin is the prediction itself."""


def read(model: Any) -> Forest:
    """Read a `Booster`, or the booster of an `XGBModel` up to its best iteration."""
    _refuse_other_missing(model)
    learner = json.loads(booster_of(model).save_raw("json"))["learner"]
    booster = learner["gradient_booster"]
    written = booster.get("gbtree", booster)  # up to XGBoost 3.2, dart holds its trees in a gbtree
    if written["name"] != "gbtree":
        raise UnreadableModelError(
            "this XGBoost model has no trees", got=f"booster {written['name']!r}"
        )
    parts = written["model"]
    weights = parts.get("weight_drop") or booster.get("weight_drop")
    facts = learner["learner_model_param"]
    base = _base(facts, learner["objective"]["name"])
    end = n_iterations(model)
    n_trees = parts["iteration_indptr"][end] if end else len(parts["trees"])
    trees = [
        _tree(parts["trees"][i], parts["tree_info"][i], len(base), weights[i] if weights else 1.0)
        for i in range(n_trees)
    ]
    scale: Scale = "response" if learner["objective"]["name"] in IDENTITY else "margin"
    return join(trees, base, n_features=int(facts["num_feature"]), scale=scale)


def booster_of(model: Any) -> Any:
    """Take the booster out of a scikit-learn wrapper."""
    return model.get_booster() if hasattr(model, "get_booster") else model


def n_iterations(model: Any) -> int:
    """Count the iterations that predict; 0 stands for all, as in XGBoost."""
    if not hasattr(model, "get_booster"):
        return 0  # a bare booster predicts with all of its trees
    best = booster_of(model).attr("best_iteration")
    return 0 if best is None else int(best) + 1


def raw_prediction(model: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let XGBoost predict the margin, shape (n, n_outputs)."""
    raw = booster_of(model).predict(
        matrix_for(model, X),
        output_margin=True,
        iteration_range=(0, n_iterations(model)),
        strict_shape=True,
    )
    return np.asarray(raw, dtype=np.float64).reshape(len(X), -1)


def matrix_for(model: Any, X: NDArray[np.float64]) -> Any:
    """Wrap rows as XGBoost's own matrix, with the booster's columns."""
    import xgboost

    booster = booster_of(model)
    return xgboost.DMatrix(
        X,
        feature_names=booster.feature_names,
        feature_types=booster.feature_types,
        enable_categorical=True,
    )


def _refuse_other_missing(model: Any) -> None:
    """Refuse a wrapper that takes some number as missing."""
    missing = getattr(model, "missing", None)
    if missing is not None and not math.isnan(missing):
        raise UnreadableModelError(
            "the XGBoost model takes a number as missing",
            got=f"missing={missing!r}",
            hint="a model with missing=nan",
        )


def _base(facts: dict[str, str], objective: str) -> NDArray[np.float64]:
    """Read the intercepts and bring them to the margin, in float32 as XGBoost does."""
    n_outputs = max(int(facts["num_class"]), int(facts.get("num_target", "1")), 1)
    written = facts["base_score"].strip("[]").split(",")
    score = np.array(written, dtype=np.float64).astype(np.float32)
    if objective in LOGIT:
        score = -np.log(np.float32(1) / score - np.float32(1))
    elif objective in LOG:
        score = np.log(score)
    return np.broadcast_to(score.astype(np.float64), (n_outputs,)).copy()


def _tree(written: dict[str, Any], output: int, n_outputs: int, weight: float) -> Tree:
    """Read one tree."""
    if int(written["tree_param"]["size_leaf_vector"]) > 1:
        raise UnreadableModelError(
            "XGBoost's leaves hold several outputs",
            got='multi_strategy="multi_output_tree"',
            hint='a model with multi_strategy="one_output_per_tree"',
        )
    condition = np.array(written["split_conditions"], dtype=np.float64).astype(np.float32)
    value = np.zeros((len(condition), n_outputs))
    value[:, output] = condition * np.float32(weight)
    parts = plain_tree(
        written["left_children"],
        written["right_children"],
        written["split_indices"],
        less_than(condition),
        value,
    )
    parts["missing_left"] = np.array(written["default_left"], dtype=bool)
    categorical = (np.array(written["split_type"]) == 1) & (parts["left"] >= 0)
    parts["kind"][categorical] = Kind.FLOORED
    # Listed categories go right; unknown ones left.
    parts["other_left"] = categorical
    categories = np.array(written["categories"], dtype=np.float64)
    parts["listed"] = {
        node: (categories[start : start + size], np.zeros(size, dtype=bool))
        for node, start, size in zip(
            written["categories_nodes"],
            written["categories_segments"],
            written["categories_sizes"],
            strict=True,
        )
    }
    return Tree(**parts)
