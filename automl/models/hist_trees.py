"""The trees of scikit-learn's histogram gradient boosting as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

from automl.models.trees import check_nodes

if TYPE_CHECKING:
    from explain.trees import forest as explain_trees

_FIELDS = {
    "value": np.float64,
    "feature_idx": np.int32,
    "num_threshold": np.float64,
    "missing_go_to_left": np.uint8,
    "left": np.int32,
    "right": np.int32,
    "is_leaf": np.uint8,
    "is_categorical": np.uint8,
    "bitset_idx": np.int32,
}
_WORDS = 8
_ROWS_PER_THREAD = 1_000


@dataclass(frozen=True)
class HistTrees:
    """Rounds of trees, and where their sum begins.

    Parameters
    ----------
    rounds : tuple of tuple of TreePredictor
        For each round, one tree for each sum.
    start : ndarray of float64, shape (n_sums,)
        Where the sums begin: one for values and two classes, else one a class.
    known : ndarray of uint32, shape (n_categorical, 8)
        Bits of the known codes of each categorical feature.
    places : ndarray of uint32, shape (n_features,)
        Row in `known` of each feature.
    """

    rounds: tuple[tuple[TreePredictor, ...], ...]
    start: NDArray[np.float64]
    known: NDArray[np.uint32]
    places: NDArray[np.uint32]

    @classmethod
    def of(cls, estimator: Any, n_rounds: int) -> HistTrees:
        """Take the first rounds out of a fitted estimator."""
        rounds = tuple(tuple(trees) for trees in estimator._predictors[:n_rounds])
        known, places = estimator._bin_mapper.make_known_categories_bitsets()
        start = np.ravel(np.asarray(estimator._baseline_prediction, dtype=np.float64))
        return cls(rounds, start, known, places)

    @property
    def n_rounds(self) -> int:
        """Number of rounds."""
        return len(self.rounds)

    def predict(
        self, X: NDArray[np.float64], classifies: bool, n_threads: int = 1
    ) -> NDArray[np.float64]:
        """Return probabilities, shape (n_rows, n_outputs), or values, shape (n_rows,).

        Of two classes only the probability of the second is given, shape (n_rows,).
        """
        sums = self.sums(X, n_threads)
        if not classifies:
            return sums[:, 0]
        if sums.shape[1] == 1:
            return np.asarray(expit(sums[:, 0]), dtype=np.float64)
        return np.asarray(softmax(sums, axis=1), dtype=np.float64)

    def sums(self, X: NDArray[np.float64], n_threads: int = 1) -> NDArray[np.float64]:
        """Return the margins or values, shape (n_rows, n_sums)."""
        n_threads = max(1, min(n_threads, len(X) // _ROWS_PER_THREAD))
        found = np.tile(self.start, (len(X), 1))
        for trees in self.rounds:
            for place, tree in enumerate(trees):
                found[:, place] += tree.predict(X, self.known, self.places, n_threads)
        return found

    def opened(self, n_codes: tuple[int, ...], classifies: bool) -> explain_trees.Forest:
        """Return the trees in the one form that values are computed on.

        `n_codes` says for each categorical feature, which come first, how many codes it has.
        """
        from explain.trees.forest import join

        trees = [
            _opened(tree, place, len(self.start), n_codes)
            for group in self.rounds
            for place, tree in enumerate(group)
        ]
        scale: Any = "margin" if classifies else "response"
        return join(trees, self.start, n_features=len(self.places), scale=scale)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return all trees end to end, and where each begins."""
        trees = [tree for group in self.rounds for tree in group]
        arrays: dict[str, NDArray[Any]] = {
            field: np.concatenate([tree.nodes[field] for tree in trees]).astype(kind)
            for field, kind in _FIELDS.items()
        }
        arrays["n_nodes"] = np.array([len(tree.nodes) for tree in trees], dtype=np.int64)
        arrays["n_bitsets"] = np.array(
            [len(tree.raw_left_cat_bitsets) for tree in trees], dtype=np.int64
        )
        bitsets = [tree.raw_left_cat_bitsets.reshape(-1, _WORDS) for tree in trees]
        arrays["bitsets"] = np.concatenate(bitsets)
        return arrays | {"start": self.start, "known": self.known, "places": self.places}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], n_features: int, n_sums: int
    ) -> HistTrees:
        """Rebuild what `to_arrays` gave; every index is checked before it is used."""
        fields = {name: arrays[name].astype(kind) for name, kind in _FIELDS.items()}
        sizes, counts = arrays["n_nodes"].astype(np.int64), arrays["n_bitsets"].astype(np.int64)
        bitsets = arrays["bitsets"].astype(np.uint32)
        known, places = arrays["known"].astype(np.uint32), arrays["places"].astype(np.uint32)
        start = arrays["start"].astype(np.float64)
        sound = (
            len(sizes) == len(counts)
            and len(sizes) % n_sums == 0
            and (sizes > 0).all()
            and (counts >= 0).all()
            and all(field.shape == (sizes.sum(),) for field in fields.values())
            and bitsets.shape == (counts.sum(), _WORDS)
            and known.ndim == 2
            and known.shape[1] == _WORDS
            and places.shape == (n_features,)
            and start.shape == (n_sums,)
        )
        if not sound:
            raise ValueError("saved trees are damaged: their arrays do not fit together")
        ends, cuts = np.cumsum(sizes), np.cumsum(counts)
        trees = []
        for end, size, cut, count in zip(ends, sizes, cuts, counts, strict=True):
            part = {name: field[end - size : end] for name, field in fields.items()}
            trees.append(_tree(part, bitsets[cut - count : cut], places, len(known)))
        rounds = [tuple(trees[first : first + n_sums]) for first in range(0, len(trees), n_sums)]
        return cls(tuple(rounds), start, known, places)


def _opened(
    tree: TreePredictor, output: int, n_outputs: int, n_codes: tuple[int, ...]
) -> explain_trees.Tree:
    """Return one tree: listed categories go left, unknown ones where missing values go."""
    from explain.trees.forest import Kind, Tree, plain_tree

    nodes, bitsets = tree.nodes, tree.raw_left_cat_bitsets.reshape(-1, _WORDS)
    leaf = nodes["is_leaf"].astype(bool)
    value = np.zeros((len(nodes), n_outputs))
    value[:, output] = nodes["value"]
    parts = plain_tree(
        np.where(leaf, -1, nodes["left"].astype(np.intp)),
        np.where(leaf, -1, nodes["right"].astype(np.intp)),
        np.where(leaf, 0, nodes["feature_idx"]),
        np.where(leaf, 0.0, nodes["num_threshold"]),
        value,
    )
    parts["missing_left"] = nodes["missing_go_to_left"].astype(bool)
    parts["other_left"] = parts["missing_left"]
    by_set = nodes["is_categorical"].astype(bool) & ~leaf
    parts["kind"][by_set] = Kind.CATEGORY
    for node in np.flatnonzero(by_set):
        codes = np.arange(n_codes[int(nodes["feature_idx"][node])])
        words = bitsets[nodes["bitset_idx"][node]]
        left = (words[codes // 32] >> (codes % 32).astype(np.uint32)) & np.uint32(1)
        parts["listed"][int(node)] = codes.astype(np.float64), left.astype(bool)
    return Tree(**parts)


def _tree(
    part: dict[str, NDArray[Any]],
    bitsets: NDArray[np.uint32],
    places: NDArray[np.uint32],
    n_known: int,
) -> TreePredictor:
    leaf = part["is_leaf"].astype(bool)
    left = np.where(leaf, -1, part["left"])
    right = np.where(leaf, -1, part["right"])
    check_nodes(left, right, part["feature_idx"], len(places))
    by_set = ~leaf & part["is_categorical"].astype(bool)
    rows = part["bitset_idx"][by_set]
    known_rows = places[part["feature_idx"][by_set]]
    if ((rows < 0) | (rows >= len(bitsets)) | (known_rows >= n_known)).any():
        raise ValueError("a saved tree is damaged: it asks for categories that are not there")
    nodes = np.zeros(len(leaf), dtype=PREDICTOR_RECORD_DTYPE)
    for name, field in part.items():
        nodes[name] = field
    return TreePredictor(nodes, bitsets, bitsets)
