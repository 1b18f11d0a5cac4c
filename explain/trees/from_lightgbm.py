"""LightGBM's boosters, read from their text form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.errors import UnreadableModelError
from explain.trees.forest import Forest, Kind, Scale, Tree, join, plain_tree

IDENTITY = frozenset(
    {
        "regression", "regression_l1", "huber", "fair", "quantile", "mape",
        "lambdarank", "rank_xendcg",
    }
)  # fmt: skip
"""Objectives whose raw score is the prediction itself."""


def read(model: Any) -> Forest:
    """Read a `Booster`, or the booster of an `LGBMModel`."""
    header, *blocks = booster_of(model).model_to_string().split("\nTree=")
    facts = _facts(header)
    n_outputs = int(facts["num_tree_per_iteration"])
    share = 1 / n_averaged(booster_of(model))
    trees = [
        _tree(_facts(block.split("\nend of trees")[0]), number % n_outputs, n_outputs, share)
        for number, block in enumerate(blocks)
    ]
    n_features = int(facts["max_feature_idx"]) + 1
    return join(trees, np.zeros(n_outputs), n_features=n_features, scale=_scale(facts))


def booster_of(model: Any) -> Any:
    """Take the booster out of a scikit-learn wrapper."""
    return getattr(model, "booster_", model)


def raw_prediction(model: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Let LightGBM predict the raw score, shape (n, n_outputs); a random forest's averaged."""
    booster = booster_of(model)
    raw = np.asarray(booster.predict(X, raw_score=True), dtype=np.float64)
    return raw.reshape(len(X), -1) / n_averaged(booster)


def n_averaged(booster: Any) -> int:
    """Count the iterations of a random forest, whose raw scores LightGBM adds up; else 1."""
    text = booster.model_to_string()
    if "average_output" not in text.split("\nTree=")[0].splitlines():
        return 1
    n_iterations: int = text.count("\nTree=") // int(booster.num_model_per_iteration())
    return max(n_iterations, 1)


def _facts(block: str) -> dict[str, str]:
    """Read lines of the form name=value."""
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _scale(facts: dict[str, str]) -> Scale:
    """Tell whether the raw score is the prediction itself."""
    objective, *options = facts.get("objective", "custom").split()
    return "response" if objective in IDENTITY and "sqrt" not in options else "margin"


def _numbers(facts: dict[str, str], name: str, dtype: type) -> NDArray[Any]:
    """Read a line of numbers; an absent line is empty."""
    return np.array(facts.get(name, "").split(), dtype=dtype)


def _tree(facts: dict[str, str], output: int, n_outputs: int, share: float) -> Tree:
    """Read one tree: inner nodes come first, then the leaves."""
    if facts.get("is_linear", "0") == "1":
        raise UnreadableModelError(
            "LightGBM's leaves hold linear models",
            got="linear_tree=True",
            hint="a model with constant leaves, or a route by sampling",
        )
    leaf_value = _numbers(facts, "leaf_value", float)
    n_inner = int(facts["num_leaves"]) - 1
    decision = _numbers(facts, "decision_type", int)[:n_inner]
    threshold = _numbers(facts, "threshold", float)[:n_inner]
    value = np.zeros((n_inner + len(leaf_value), n_outputs))
    value[n_inner:, output] = leaf_value * share
    parts = plain_tree(
        _children(_numbers(facts, "left_child", int)[:n_inner], len(leaf_value)),
        _children(_numbers(facts, "right_child", int)[:n_inner], len(leaf_value)),
        _padded(_numbers(facts, "split_feature", int)[:n_inner], len(leaf_value)),
        _padded(threshold, len(leaf_value)),
        value,
    )
    categorical, missing = (decision & 1) > 0, (decision >> 2) & 3
    parts["kind"][:n_inner][missing == 1] = Kind.ZERO_MISSING
    parts["kind"][:n_inner][categorical] = Kind.TRUNCATED
    # Where NaN is not expected, LightGBM takes it as zero; among categories it goes right.
    default_left = np.where(missing == 0, threshold >= 0, (decision & 2) > 0)
    parts["missing_left"][:n_inner] = default_left & ~categorical
    parts["listed"] = _categories(facts, np.flatnonzero(categorical), threshold)
    return Tree(**parts)


def _children(inner: NDArray[np.intp], n_leaves: int) -> NDArray[np.intp]:
    """Give leaves, written as ~leaf, numbers after the inner nodes; a leaf has no child."""
    return _padded(np.where(inner >= 0, inner, len(inner) + ~inner), n_leaves, -1)


def _padded(inner: NDArray[Any], n_leaves: int, filler: float = 0) -> NDArray[Any]:
    """Append the leaves' entries."""
    return np.concatenate([inner, np.full(n_leaves, filler, dtype=inner.dtype)])


def _categories(
    facts: dict[str, str], nodes: NDArray[np.intp], threshold: NDArray[np.float64]
) -> dict[int, tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    """Read the bit sets: their members go left."""
    bounds = _numbers(facts, "cat_boundaries", int)
    words = _numbers(facts, "cat_threshold", np.uint32)
    listed = {}
    for node in nodes:
        which = int(threshold[node])
        members = set_bits(words[bounds[which] : bounds[which + 1]])
        listed[int(node)] = members, np.ones(len(members), dtype=bool)
    return listed


def set_bits(words: NDArray[np.uint32]) -> NDArray[np.float64]:
    """List the positions of the bits that are set in words of 32 bits."""
    bits = (words[:, None] >> np.arange(32, dtype=np.uint32)) & np.uint32(1)
    return np.flatnonzero(bits.ravel()).astype(np.float64)
