"""One frozen form for every tree model that can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explain.errors import ArgumentError

Scale = Literal["margin", "probability", "response"]

ZERO = 1e-35
"""LightGBM takes smaller absolute values as zero."""


class Kind(IntEnum):
    """How an inner node decides."""

    THRESHOLD = 0
    """Left when ``x <= threshold``, in float64."""
    ZERO_MISSING = 1
    """A threshold, with zero taken as missing."""
    TRUNCATED = 2
    """Category codes, of which the fraction is cut off (LightGBM)."""
    FLOORED = 3
    """Category codes, rounded down (XGBoost)."""
    CATEGORY = 4
    """Categories by their exact value (scikit-learn)."""


# Plain numbers, since every node of every tree is compared with them.
ZERO_IS_MISSING, TRUNCATED, FLOORED = (
    int(kind) for kind in (Kind.ZERO_MISSING, Kind.TRUNCATED, Kind.FLOORED)
)


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree with node 0 as its root; what a reader fills in."""

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    feature: NDArray[np.intp]
    threshold: NDArray[np.float64]
    kind: NDArray[np.int8]
    missing_left: NDArray[np.bool_]
    other_left: NDArray[np.bool_]
    listed: Mapping[int, tuple[NDArray[np.float64], NDArray[np.bool_]]]
    value: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Forest:
    """All trees of one model: a row's output is ``base`` plus the values of its leaves.

    Parameters
    ----------
    root : ndarray of shape (n_trees,)
        The node at which each tree begins.
    left, right : ndarray of shape (n_nodes,)
        Children of each node, -1 at a leaf.
    feature : ndarray of shape (n_nodes,)
        Column on which a node decides.
    threshold : ndarray of shape (n_nodes,)
        A row goes left when its value, in float64, is ``<= threshold``. Models that compare in
        float32 are rewritten to the float64 threshold that decides alike for every number.
    kind : ndarray of shape (n_nodes,)
        The node's `Kind`.
    missing_left : ndarray of bool of shape (n_nodes,)
        Whether a missing value (NaN) goes left.
    other_left : ndarray of bool of shape (n_nodes,)
        Whether a category that the node does not list goes left.
    listed_start : ndarray of shape (n_nodes + 1,)
        Where each node's categories begin in `listed_value`.
    listed_value : ndarray of shape (n_listed,)
        Categories, rising within a node.
    listed_left : ndarray of bool of shape (n_listed,)
        Whether each listed category goes left.
    value : ndarray of shape (n_nodes, n_outputs)
        What a leaf adds to the output; averages are already divided by the number of trees.
    base : ndarray of shape (n_outputs,)
        The constant to which the leaves are added.
    n_features : int
        Columns of the matrix that the model reads.
    scale : {"margin", "probability", "response"}
        What the output is: a score before the model's link, class probabilities, or the
        predicted value itself.
    """

    root: NDArray[np.intp]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    feature: NDArray[np.intp]
    threshold: NDArray[np.float64]
    kind: NDArray[np.int8]
    missing_left: NDArray[np.bool_]
    other_left: NDArray[np.bool_]
    listed_start: NDArray[np.intp]
    listed_value: NDArray[np.float64]
    listed_left: NDArray[np.bool_]
    value: NDArray[np.float64]
    base: NDArray[np.float64]
    n_features: int
    scale: Scale

    @property
    def n_outputs(self) -> int:
        """Number of outputs of a row."""
        return len(self.base)

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.root)

    @property
    def used(self) -> NDArray[np.intp]:
        """Columns on which some node decides, rising."""
        return np.unique(self.feature[self.left >= 0])

    def goes_left(self, node: int, column: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell for each value of the node's column whether it goes left."""
        kind = self.kind[node]
        if kind >= TRUNCATED:
            return self._category_goes_left(node, column)
        threshold = self.threshold[node]
        # A comparison with NaN is false, so the negated one sends missing values left.
        left: NDArray[np.bool_] = (
            ~(column > threshold) if self.missing_left[node] else column <= threshold
        )
        if kind == ZERO_IS_MISSING:
            left[np.abs(column) <= ZERO] = self.missing_left[node]
        return left

    def _category_goes_left(self, node: int, column: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Look each value up among the node's categories."""
        codes = column
        if self.kind[node] == TRUNCATED:
            codes = np.trunc(column)
        elif self.kind[node] == FLOORED:
            codes = np.floor(column)
        span = slice(self.listed_start[node], self.listed_start[node + 1])
        listed, listed_left = self.listed_value[span], self.listed_left[span]
        left = np.full(len(codes), self.other_left[node])
        if len(listed):
            place = np.minimum(np.searchsorted(listed, codes), len(listed) - 1)
            left = np.where(listed[place] == codes, listed_left[place], left)
        left[np.isnan(codes)] = self.missing_left[node]
        return left

    def leaves(self, X: ArrayLike) -> NDArray[np.intp]:
        """Find the leaf of every row in every tree.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Rows as the model reads them.

        Returns
        -------
        ndarray of shape (n, n_trees)
            Node ids of this forest.
        """
        rows = as_matrix(X, self.n_features, "rows")
        reached = np.empty((len(rows), self.n_trees), dtype=np.intp)
        for tree, leaves in enumerate(self._reached(rows)):
            reached[:, tree] = leaves
        return reached

    def _reached(self, rows: NDArray[np.float64]) -> Iterator[NDArray[np.intp]]:
        """Give the leaves that the rows reach, tree by tree."""
        columns = np.asfortranarray(rows)
        for root in self.root:
            reached = np.empty(len(rows), dtype=np.intp)
            waiting = [(int(root), np.arange(len(rows)))]
            while waiting:
                node, here = waiting.pop()
                if self.left[node] < 0:
                    reached[here] = node
                elif len(here):
                    left = self.goes_left(node, columns[here, self.feature[node]])
                    waiting.append((int(self.left[node]), here[left]))
                    waiting.append((int(self.right[node]), here[~left]))
            yield reached

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the model's raw output.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Rows as the model reads them: categories as numbers, NaN for missing.

        Returns
        -------
        ndarray of shape (n, n_outputs)
            On the scale that `scale` names, in float64.

        Raises
        ------
        explain.errors.ArgumentError
            X is no matrix of numbers with `n_features` columns.

        Examples
        --------
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> from explain.trees import read_forest
        >>> model = DecisionTreeRegressor().fit([[0.0], [1.0]], [5.0, 7.0])
        >>> read_forest(model).predict([[0.2], [0.9]]).tolist()
        [[5.0], [7.0]]
        """
        rows = as_matrix(X, self.n_features, "rows")
        total = np.repeat(self.base[None, :], len(rows), axis=0)
        for reached in self._reached(rows):
            total += self.value[reached]
        return total


def as_matrix(X: ArrayLike, n_features: int, what: str) -> NDArray[np.float64]:
    """Check that X is a numeric matrix with the model's number of columns."""
    try:
        matrix = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"the {what} are not numbers",
            got=str(error),
            hint="the matrix as the model reads it: categories as codes, NaN for missing",
        ) from error
    if matrix.ndim != 2 or matrix.shape[1] != n_features:
        raise ArgumentError(
            f"the {what} do not have the model's {n_features} columns",
            got=f"shape {matrix.shape}",
            hint=f"a matrix of shape (n, {n_features})",
        )
    return matrix


def plain_tree(
    left: ArrayLike, right: ArrayLike, feature: ArrayLike, threshold: ArrayLike, value: ArrayLike
) -> dict[str, Any]:
    """Give a `Tree`'s parts for a tree of plain thresholds, to be refined by the reader."""
    left = np.asarray(left, dtype=np.intp)
    n_nodes = len(left)
    inner = left >= 0
    return {
        "left": left,
        "right": np.where(inner, np.asarray(right, dtype=np.intp), -1),
        "feature": np.where(inner, np.asarray(feature, dtype=np.intp), 0),
        "threshold": np.where(inner, np.asarray(threshold, dtype=np.float64), 0.0),
        "kind": np.full(n_nodes, Kind.THRESHOLD, dtype=np.int8),
        "missing_left": np.zeros(n_nodes, dtype=bool),
        "other_left": np.zeros(n_nodes, dtype=bool),
        "listed": {},
        "value": np.where(inner[:, None], 0.0, np.asarray(value, dtype=np.float64)),
    }


def join(
    trees: Sequence[Tree], base: NDArray[np.float64], *, n_features: int, scale: Scale
) -> Forest:
    """Lay trees one after the other into one forest."""
    sizes = np.array([len(tree.left) for tree in trees], dtype=np.intp)
    root = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
    n_listed = np.zeros(int(root[-1]), dtype=np.intp)
    values: list[NDArray[np.float64]] = []
    lefts: list[NDArray[np.bool_]] = []
    for start, tree in zip(root, trees, strict=False):
        for node in sorted(tree.listed):
            listed, goes_left = tree.listed[node]
            order = np.argsort(listed)
            n_listed[start + node] = len(listed)
            values.append(np.asarray(listed, dtype=np.float64)[order])
            lefts.append(np.asarray(goes_left, dtype=bool)[order])

    def stack(name: str, dtype: Any) -> NDArray[Any]:
        parts = [np.asarray(getattr(tree, name), dtype=dtype) for tree in trees]
        return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)

    offset = np.repeat(root[:-1], sizes)
    left, right = stack("left", np.intp), stack("right", np.intp)
    value = stack("value", np.float64).reshape(-1, len(base))
    return Forest(
        root=root[:-1],
        left=np.where(left >= 0, left + offset, -1),
        right=np.where(left >= 0, right + offset, -1),
        feature=stack("feature", np.intp),
        threshold=stack("threshold", np.float64),
        kind=stack("kind", np.int8),
        missing_left=stack("missing_left", np.bool_),
        other_left=stack("other_left", np.bool_),
        listed_start=np.concatenate([[0], np.cumsum(n_listed)]).astype(np.intp),
        listed_value=np.concatenate(values) if values else np.empty(0),
        listed_left=np.concatenate(lefts) if lefts else np.empty(0, dtype=bool),
        value=value,
        base=np.asarray(base, dtype=np.float64),
        n_features=n_features,
        scale=scale,
    )
