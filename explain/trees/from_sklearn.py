"""scikit-learn's trees, forests, bagged trees and gradient boosting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.errors import UnreadableModelError
from explain.trees.forest import Forest, Scale, Tree, join, plain_tree
from explain.trees.thresholds import at_most


def read_tree(model: Any) -> Forest:
    """Read a decision tree."""
    return _average(model, [model], None)


def read_average(model: Any) -> Forest:
    """Read a random forest, extra trees, or a bagging of trees."""
    return _average(model, list(model.estimators_), getattr(model, "estimators_features_", None))


def read_boosting(model: Any) -> Forest:
    """Read gradient boosting, with its constant start."""
    base = _start(model)
    trees = [
        _tree(tree, np.array([output]), len(base), float(model.learning_rate), None)
        for iteration in model.estimators_
        for output, tree in enumerate(iteration)
    ]
    scale: Scale = "margin" if hasattr(model, "classes_") else "response"
    return join(trees, base, n_features=int(model.n_features_in_), scale=scale)


def raw_average(model: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let scikit-learn predict probabilities, or values where there are no classes."""
    predict = model.predict_proba if hasattr(model, "classes_") else model.predict
    return np.asarray(predict(_named(model, X)), dtype=np.float64).reshape(len(X), -1)


def raw_boosting(model: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let scikit-learn predict the margin, or values where there are no classes."""
    predict = model.decision_function if hasattr(model, "classes_") else model.predict
    return np.asarray(predict(_named(model, X)), dtype=np.float64).reshape(len(X), -1)


def _named(model: Any, X: NDArray[np.float64]) -> Any:
    """Give the matrix the column names that the model was fitted with."""
    if not hasattr(model, "feature_names_in_"):
        return X
    import pandas as pd

    return pd.DataFrame(X, columns=model.feature_names_in_)


def _average(model: Any, members: list[Any], columns: list[NDArray[np.intp]] | None) -> Forest:
    """Join members that count alike."""
    classes = getattr(model, "classes_", None)
    if getattr(model, "n_outputs_", 1) != 1:
        raise UnreadableModelError(
            "the model predicts several targets", got=f"n_outputs_={model.n_outputs_}"
        )
    n_outputs = 1 if classes is None else len(classes)
    trees = []
    for number, member in enumerate(members):
        if not hasattr(member, "tree_"):
            raise UnreadableModelError(
                f"the members of {type(model).__name__} are not single trees",
                got=type(member).__name__,
            )
        outputs = np.arange(n_outputs)
        if classes is not None and len(member.classes_) != n_outputs:
            outputs = np.asarray(member.classes_, dtype=np.intp)  # a bag that lacks a class
        chosen = None if columns is None else np.asarray(columns[number])
        trees.append(_tree(member, outputs, n_outputs, 1 / len(members), chosen))
    scale: Scale = "response" if classes is None else "probability"
    return join(trees, np.zeros(n_outputs), n_features=int(model.n_features_in_), scale=scale)


def _tree(
    model: Any,
    outputs: NDArray[np.intp],
    n_outputs: int,
    share: float,
    columns: NDArray[np.intp] | None,
) -> Tree:
    """Read one tree; it compares in float32."""
    tree = model.tree_
    value = np.zeros((tree.node_count, n_outputs))
    value[:, outputs] = tree.value[:, 0, :] * share
    leaf = tree.children_left < 0
    feature = np.where(leaf, 0, tree.feature)
    parts = plain_tree(
        tree.children_left,
        tree.children_right,
        feature if columns is None else columns[feature],
        at_most(np.where(leaf, 0.0, tree.threshold)),
        value,
    )
    parts["missing_left"] = np.asarray(tree.missing_go_to_left).astype(bool)
    return Tree(**parts)


def _start(model: Any) -> NDArray[np.float64]:
    """Give the margin from which boosting starts; only a constant one can be read."""
    n_outputs = int(model.estimators_.shape[1])
    if model.init_ == "zero":
        return np.zeros(n_outputs)
    if not type(model.init_).__name__.startswith("Dummy"):
        raise UnreadableModelError(
            "gradient boosting starts from another model",
            got=f"init={type(model.init_).__name__}",
            hint='init=None or init="zero"',
        )
    row = np.zeros((1, int(model.n_features_in_)), dtype=np.float32)
    return np.asarray(model._raw_predict_init(row), dtype=np.float64).reshape(n_outputs)
