"""CatBoost's trees on numbers, read from its JSON form.

Splits on categories go by statistics of the training rows, one or several columns at a time: such
models are no trees on columns and are not read.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.errors import UnreadableModelError
from explain.trees.forest import Forest, Scale, Tree, join, plain_tree
from explain.trees.thresholds import at_most

IDENTITY = frozenset(
    {
        "Expectile",
        "Huber",
        "LogCosh",
        "Lq",
        "MAE",
        "MAPE",
        "MultiRMSE",
        "Quantile",
        "RMSE",
        "RMSEWithUncertainty",
    }
)
"""Losses whose raw score is the prediction itself."""


def read(model: Any) -> Forest:
    """Read a fitted `CatBoost` model without categories."""
    if not model.is_fitted():
        raise UnreadableModelError("CatBoost is not fitted", hint="fit the model first")
    plain = _json(model)
    features = plain["features_info"]
    for kind in ("categorical_features", "text_features", "embedding_features"):
        if features.get(kind):
            raise UnreadableModelError(
                "CatBoost's splits on categories and text are no trees on columns",
                got=f"{len(features[kind])} {kind.replace('_', ' ')}",
            )
    floats = {int(one["feature_index"]): one for one in features["float_features"]}
    scale, bias = plain["scale_and_bias"]
    base = np.atleast_1d(np.asarray(bias, dtype=np.float64))
    factor = float(scale)
    if "oblivious_trees" in plain:
        trees = [_symmetric(tree, floats, len(base), factor) for tree in plain["oblivious_trees"]]
    else:
        trees = [_grown(tree, floats, len(base), factor) for tree in plain.get("trees", [])]
    return join(trees, base, n_features=len(model.feature_names_), scale=_scale(model))


def raw_prediction(model: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let CatBoost predict the raw score, shape (n, n_outputs)."""
    raw = model.predict(X, prediction_type="RawFormulaVal")
    return np.asarray(raw, dtype=np.float64).reshape(len(X), -1)


def _json(model: Any) -> Mapping[str, Any]:
    """Return the model as CatBoost writes it; it writes to files only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        model.save_model(str(path), format="json")
        plain: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return plain


def _scale(model: Any) -> Scale:
    """Tell whether the raw score is the prediction itself."""
    loss = str(model.get_all_params().get("loss_function", "")).split(":")[0]
    return "response" if loss in IDENTITY else "margin"


def _symmetric(
    tree: Mapping[str, Any], floats: Mapping[int, Any], n_outputs: int, factor: float
) -> Tree:
    """Spell out a tree in which all nodes of a level ask the same."""
    splits: Sequence[Mapping[str, Any]] = tree.get("splits") or ()
    depth = len(splits)
    values = np.asarray(tree["leaf_values"], dtype=np.float64).reshape(2**depth, n_outputs)
    n_inner = 2**depth - 1
    left = np.full(2 * n_inner + 1, -1, dtype=np.intp)
    left[:n_inner] = 2 * np.arange(n_inner) + 1
    # The root asks the last split: the first one is the lowest bit of the leaf's number.
    asked = [splits[depth - 1 - level] for level in range(depth) for _ in range(2**level)]
    leaves = np.zeros((len(left), n_outputs))
    leaves[n_inner:] = values * factor
    return _tree(left, left + 1, asked, leaves, floats)


def _grown(
    tree: Mapping[str, Any], floats: Mapping[int, Any], n_outputs: int, factor: float
) -> Tree:
    """Give numbers to the nodes of a tree that was grown leaf by leaf."""
    nodes = list(_preorder(tree))
    place = {id(node): number for number, node in enumerate(nodes)}
    left = np.full(len(nodes), -1, dtype=np.intp)
    right = np.full(len(nodes), -1, dtype=np.intp)
    leaves = np.zeros((len(nodes), n_outputs))
    asked: list[Mapping[str, Any] | None] = []
    for number, node in enumerate(nodes):
        asked.append(node.get("split"))
        if "split" in node:
            left[number], right[number] = place[id(node["left"])], place[id(node["right"])]
        else:
            leaves[number] = np.asarray(node["value"], dtype=np.float64) * factor
    return _tree(left, right, asked, leaves, floats)


def _preorder(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if "split" in node:
            waiting += [node["right"], node["left"]]


def _tree(
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    asked: Sequence[Mapping[str, Any] | None],
    leaves: NDArray[np.float64],
    floats: Mapping[int, Any],
) -> Tree:
    """Put a tree together: a row goes right when its value is above the border."""
    n_nodes = len(left)
    feature = np.zeros(n_nodes, dtype=np.intp)
    border = np.zeros(n_nodes)
    missing_left = np.zeros(n_nodes, dtype=bool)
    for number, split in enumerate(asked):
        if split is None:
            continue
        if split["split_type"] != "FloatFeature":
            raise UnreadableModelError(
                "a split of CatBoost is not on a number", got=str(split["split_type"])
            )
        about = floats[int(split["float_feature_index"])]
        feature[number] = int(about["flat_feature_index"])
        border[number] = float(split["border"])
        missing_left[number] = about["nan_value_treatment"] != "AsTrue"
    parts = plain_tree(left, right, feature, at_most(border), leaves)
    return Tree(**{**parts, "missing_left": missing_left})
