"""scikit-learn's histogram gradient boosting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.trees.forest import Forest, Kind, Scale, Tree, join, plain_tree
from explain.trees.from_lightgbm import set_bits

Categories = dict[int, NDArray[np.float64]]


def read(model: Any) -> Forest:
    """Read a fitted `HistGradientBoostingClassifier` or `HistGradientBoostingRegressor`.

    Categories that are text stand in the matrix as their places in the model's own order.
    """
    base = np.asarray(model._baseline_prediction, dtype=np.float64).ravel()
    order, categories = _columns(model)
    trees = [
        _tree(predictor, output, len(base), order, categories)
        for iteration in model._predictors
        for output, predictor in enumerate(iteration)
    ]
    linked = type(model._loss.link).__name__ == "IdentityLink"
    regression = not hasattr(model, "classes_")
    scale: Scale = "response" if regression and linked else "margin"
    return join(trees, base, n_features=int(model.n_features_in_), scale=scale)


def raw_prediction(model: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let scikit-learn predict the margin, shape (n, n_outputs)."""
    return np.asarray(model._raw_predict(_as_fitted(model, X)), dtype=np.float64)


def known_categories(model: Any) -> dict[int, NDArray[Any]]:
    """Give each categorical column's known categories, without the missing one."""
    if model.is_categorical_ is None:
        return {}
    encoder = model._preprocessor.named_transformers_["encoder"]
    columns = np.flatnonzero(model.is_categorical_)
    return {
        int(column): np.array([value for value in known if value == value and value is not None])
        for column, known in zip(columns, encoder.categories_, strict=True)
    }


def _columns(model: Any) -> tuple[NDArray[np.intp], Categories]:
    """Map the trees' columns, categorical ones first, to those of the matrix."""
    if model.is_categorical_ is None:
        return np.arange(model.n_features_in_), {}
    order = np.concatenate(
        [np.flatnonzero(model.is_categorical_), np.flatnonzero(~model.is_categorical_)]
    )
    known = {
        column: values.astype(np.float64)
        if values.dtype.kind in "biuf"
        else np.arange(len(values), dtype=np.float64)
        for column, values in known_categories(model).items()
    }
    return order, known


def _as_fitted(model: Any, X: NDArray[np.float64]) -> Any:
    """Put text categories back where their places stand, in a frame with the fitted names."""
    known = known_categories(model)
    texts = {place: one for place, one in known.items() if one.dtype.kind not in "biuf"}
    if not texts and not hasattr(model, "feature_names_in_"):
        return X
    import pandas as pd

    frame = pd.DataFrame(X, columns=getattr(model, "feature_names_in_", None))
    for column, levels in texts.items():
        places = X[:, column]
        valid = np.isin(places, np.arange(len(levels)))
        text = np.full(len(X), None, dtype=object)
        text[valid] = levels[places[valid].astype(np.intp)]
        text[~valid & ~np.isnan(places)] = "\0unknown"
        frame[frame.columns[column]] = pd.Categorical(text)
    return frame


def _tree(
    predictor: Any,
    output: int,
    n_outputs: int,
    order: NDArray[np.intp],
    categories: Categories,
) -> Tree:
    """Read one tree."""
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(bool)
    value = np.zeros((len(nodes), n_outputs))
    value[:, output] = nodes["value"]
    parts = plain_tree(
        np.where(leaf, -1, nodes["left"].astype(np.intp)),
        np.where(leaf, -1, nodes["right"].astype(np.intp)),
        order[np.where(leaf, 0, nodes["feature_idx"])],
        nodes["num_threshold"],
        value,
    )
    parts["missing_left"] = nodes["missing_go_to_left"].astype(bool)
    # An unknown category takes the way of a missing one.
    parts["other_left"] = parts["missing_left"]
    categorical = nodes["is_categorical"].astype(bool) & ~leaf
    parts["kind"][categorical] = Kind.CATEGORY
    for node in np.flatnonzero(categorical):
        known = categories[int(parts["feature"][node])]
        bits = set_bits(np.asarray(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]]))
        parts["listed"][int(node)] = known, np.isin(np.arange(len(known)), bits)
    return Tree(**parts)
