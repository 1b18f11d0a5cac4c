"""A forest as plain arrays: small, quick to load, and safe to load from a stranger."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.tree._tree import NODE_DTYPE, Tree

if TYPE_CHECKING:
    from explain import trees as explain_trees

_BLOCK = 4_096
"""Rows that one thread predicts at a time."""

_LEAF = -1
_NODE_FIELDS = {
    "left_child": np.int32,
    "right_child": np.int32,
    "feature": np.int32,
    "threshold": np.float64,
    "missing_go_to_left": np.uint8,
}


@dataclass(frozen=True)
class Forest:
    """Trees that route rows to leaves, and the value of each leaf.

    scikit-learn's own tree structure does the routing; the values stand apart, in single
    precision and for leaves alone, for they are the bulk of a forest with many classes.

    Parameters
    ----------
    trees : tuple of sklearn.tree._tree.Tree
        Structure of each tree.
    places : tuple of ndarray of int32
        For each tree, the row in its values for each node; -1 for inner nodes.
    values : tuple of ndarray of float32, each of shape (n_leaves, n_outputs)
        For each tree, class shares or values of its leaves.
    """

    trees: tuple[Tree, ...]
    places: tuple[NDArray[np.int32], ...]
    values: tuple[NDArray[np.float32], ...]

    @classmethod
    def of(cls, estimator: Any, n_outputs: int) -> Forest:
        """Take the trees out of a fitted scikit-learn forest."""
        parts = []
        for member in estimator.estimators_:
            tree = member.tree_
            leaf = tree.children_left == _LEAF
            values = tree.value[leaf, 0, :n_outputs].astype(np.float32)
            nodes = tree.__getstate__()["nodes"]
            parts.append((_routing(nodes, tree.n_features, tree.max_depth), leaf, values))
        trees, leaves, values_of = zip(*parts, strict=True)
        return cls(trees, tuple(_places(leaf) for leaf in leaves), values_of)

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.trees)

    @property
    def n_features(self) -> int:
        """Number of features."""
        return int(self.trees[0].n_features)

    def predict(self, values: NDArray[Any], n_threads: int = 1) -> NDArray[np.float64]:
        """Return the mean leaf value over the trees, shape (n_rows, n_outputs)."""
        X = np.ascontiguousarray(values, dtype=np.float32)
        if X.shape[1] != self.n_features:
            raise ValueError(f"{self.n_features} features were fitted, not {X.shape[1]}")
        blocks = [X[start : start + _BLOCK] for start in range(0, len(X), _BLOCK)]
        if n_threads > 1 and len(blocks) > 1:
            with ThreadPoolExecutor(n_threads) as pool:
                return np.concatenate(list(pool.map(self._mean, blocks)))
        means = [self._mean(block) for block in blocks]
        return np.concatenate(means) if means else np.zeros((0, self.values[0].shape[1]))

    def _mean(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        total = np.zeros((len(X), self.values[0].shape[1]))
        for tree, place, value in zip(self.trees, self.places, self.values, strict=True):
            total += value[place[tree.apply(X)]]
        return total / self.n_trees

    def opened(self) -> explain_trees.Forest:
        """Return the trees in the one form that values are computed on."""
        from explain.trees.forest import Tree as OneTree
        from explain.trees.forest import join, plain_tree
        from explain.trees.thresholds import at_most

        n_outputs = self.values[0].shape[1]
        trees = []
        for tree, place, value in zip(self.trees, self.places, self.values, strict=True):
            nodes = tree.__getstate__()["nodes"]
            leaf = place >= 0
            means = np.zeros((len(nodes), n_outputs))
            means[leaf] = value[place[leaf]].astype(np.float64) / self.n_trees
            parts = plain_tree(
                nodes["left_child"],
                nodes["right_child"],
                np.where(leaf, 0, nodes["feature"]),
                at_most(np.where(leaf, 0.0, nodes["threshold"])),
                means,
            )
            parts["missing_left"] = nodes["missing_go_to_left"].astype(bool)
            trees.append(OneTree(**parts))
        scale: Any = "response" if n_outputs == 1 else "probability"
        return join(trees, np.zeros(n_outputs), n_features=self.n_features, scale=scale)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return all trees end to end, and where each begins."""
        nodes = [tree.__getstate__()["nodes"] for tree in self.trees]
        arrays: dict[str, NDArray[Any]] = {
            field: np.concatenate([part[field] for part in nodes]).astype(kind)
            for field, kind in _NODE_FIELDS.items()
        }
        values = np.concatenate(self.values)
        rows, columns = np.nonzero(values)
        arrays["n_nodes"] = np.array([len(part) for part in nodes], dtype=np.int64)
        arrays["depths"] = np.array([tree.max_depth for tree in self.trees], dtype=np.int64)
        arrays["n_features"] = np.array([self.n_features], dtype=np.int64)
        arrays["filled"] = np.bincount(rows, minlength=len(values)).astype(np.int32)
        arrays["columns"] = columns.astype(np.int32)
        arrays["values"] = values[rows, columns]
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], n_outputs: int) -> Forest:
        """Rebuild what `to_arrays` gave; every index is checked before it is used."""
        sizes = arrays["n_nodes"].astype(np.int64)
        n_features = int(arrays["n_features"][0])
        fields = {name: arrays[name].astype(kind) for name, kind in _NODE_FIELDS.items()}
        if len(sizes) == 0 or (sizes < 1).any() or len(arrays["depths"]) != len(sizes):
            raise ValueError("a saved forest has no trees, or empty ones")
        if any(len(field) != sizes.sum() for field in fields.values()):
            raise ValueError("a saved forest has node arrays of different lengths")
        ends = np.cumsum(sizes)
        trees, leaves = [], []
        for end, size, depth in zip(ends, sizes, arrays["depths"], strict=True):
            part = {name: field[end - size : end] for name, field in fields.items()}
            check_nodes(part["left_child"], part["right_child"], part["feature"], n_features)
            nodes = np.zeros(size, dtype=NODE_DTYPE)
            for name, field in part.items():
                nodes[name] = field
            trees.append(_routing(nodes, n_features, int(depth)))
            leaves.append(part["left_child"] == _LEAF)
        values = _dense(arrays, int(sum(leaf.sum() for leaf in leaves)), n_outputs)
        cuts = np.cumsum([leaf.sum() for leaf in leaves])[:-1]
        places = tuple(_places(leaf) for leaf in leaves)
        return cls(tuple(trees), places, tuple(np.split(values, cuts)))


def check_nodes(
    left: NDArray[Any], right: NDArray[Any], feature: NDArray[Any], n_features: int
) -> None:
    """Raise where nodes of one tree point outside it, backwards, or at an unknown feature.

    A child always stands behind its parent, so a walk ends.
    """
    number = np.arange(len(left))
    leaf = left == _LEAF
    inner = ~leaf
    forward = (left > number) & (right > number) & (left < len(left)) & (right < len(left))
    known = (feature >= 0) & (feature < n_features)
    if not (forward & known)[inner].all() or (right[leaf] != _LEAF).any():
        raise ValueError("a saved tree is damaged: a node points where no node can be")


def _routing(nodes: NDArray[Any], n_features: int, depth: int) -> Tree:
    """Make a tree that only routes rows: its own values are empty."""
    tree = Tree(n_features, np.array([1], dtype=np.intp), 1)
    state = {
        "max_depth": depth,
        "node_count": len(nodes),
        "nodes": np.ascontiguousarray(nodes),
        "values": np.zeros((len(nodes), 1, 1)),
    }
    tree.__setstate__(state)
    return tree


def _places(leaf: NDArray[np.bool_]) -> NDArray[np.int32]:
    places = np.cumsum(leaf, dtype=np.int32) - 1
    places[~leaf] = -1
    return np.asarray(places, dtype=np.int32)


def _dense(
    arrays: Mapping[str, NDArray[Any]], n_leaves: int, n_outputs: int
) -> NDArray[np.float32]:
    filled, columns = arrays["filled"].astype(np.int64), arrays["columns"].astype(np.int64)
    entries = arrays["values"].astype(np.float32)
    sound = (
        len(filled) == n_leaves
        and (filled >= 0).all()
        and filled.sum() == len(columns) == len(entries)
        and ((columns >= 0) & (columns < n_outputs)).all()
        and np.isfinite(entries).all()
    )
    if not sound:
        raise ValueError("a saved forest is damaged: its leaf values do not fit its leaves")
    values = np.zeros((n_leaves, n_outputs), dtype=np.float32)
    values[np.repeat(np.arange(n_leaves), filled), columns] = entries
    return values
