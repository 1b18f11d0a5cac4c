"""Random forests and extra trees: grown in chunks under a deadline, kept as plain arrays."""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.features.base import Encoded, Encoding
from automl.models.base import Facts, Family, FitLimits, FittedModel, Params, Rows
from automl.models.files import read_arrays, read_notes, restore, write_arrays, write_notes
from automl.models.limits import needs_time, seconds_left
from automl.models.targets import Target
from automl.models.trees import Forest

if TYPE_CHECKING:
    from explain import protocol

MOST_LEAVES = 8_000
"""Leaves of one tree: keeps a saved forest within some ten megabytes."""

_MOST_VALUES = 25_000_000
"""Leaves x trees x classes of a forest."""

_SAMPLED_ROWS = 100_000
"""Rows that one tree sees at most."""

_SAFE_SHARE = 0.8
"""Share of the remaining time that trees may be planned for."""


class ForestModel(FittedModel):
    """Trees whose leaves are averaged.

    Class shares are smoothed by one more tree that predicts the shares of the training rows, so
    that trees with pure leaves do not claim certainty.

    Parameters
    ----------
    forest : Forest
        The trees.
    target : Target
        What is predicted.
    shares : ndarray of float64, shape (n_outputs,)
        Weighted share of each class in the training rows; unused for regression.
    """

    def __init__(self, forest: Forest, target: Target, shares: NDArray[np.float64]):
        self.forest = forest
        self.target = target
        self.shares = shares
        self.rounds = forest.n_trees

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict the mean over the trees."""
        raw = self.forest.predict(X.values, n_threads)
        if not self.target.classifies:
            return self.target.decode(raw[:, 0])
        n_trees = self.forest.n_trees
        return self.target.decode((n_trees * raw + self.shares) / (n_trees + 1))

    def opened(self, encoding: protocol.Encoding) -> protocol.Parts:
        """Return the trees, with the shares of the training rows as one more of them."""
        from explain.protocol import Parts, Trees, Weighted

        n_trees = self.forest.n_trees
        node = Trees(self.forest.opened(), encoding, self.forest.predict)
        if not self.target.classifies:
            return Parts(node, "response")
        weight = np.eye(self.target.n_outputs) * (n_trees / (n_trees + 1))
        return Parts(Weighted((node,), (weight,), self.shares / (n_trees + 1)), "probability")

    def save(self, folder: Path) -> None:
        """Write the trees as plain arrays."""
        write_arrays(folder, self.forest.to_arrays())
        write_notes(folder, self, self.target, shares=self.shares.tolist())

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> ForestModel:
        """Read what `save` wrote, checking every index."""
        target, notes = read_notes(folder)
        forest = Forest.from_arrays(read_arrays(folder), target.n_outputs)
        shares = np.array(notes["shares"], dtype=np.float64)
        if shares.shape != (target.n_outputs,) or not np.isfinite(shares).all():
            raise ValueError("a saved forest has impossible class shares")
        return restore(cls(forest, target, shares), notes)


class ForestFamily(Family):
    """What random forests and extra trees share."""

    model_class = ForestModel

    @abstractmethod
    def estimator(self, params: Params, target: Target, settings: Params) -> Any:
        """Make the unfitted scikit-learn forest with warm start."""

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for ordered codes; missing values stay missing."""
        return Encoding(kind="ordinal")

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate encoded rows, their single-precision copy, and the nodes."""
        features = max(1, n_features)
        outputs = facts.n_classes if facts.task == "multiclass" else 1
        seen = min(facts.n_rows, _SAMPLED_ROWS)
        leaves = min(most_leaves(params, outputs), max(2, seen // least_leaf(params, seen)))
        nodes = 2 * leaves * int(params["n_trees"]) * (64 + 8 * outputs)
        return facts.n_rows * (features * (8 + 4) + 8 * outputs + 64) + 2 * nodes

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> ForestModel:
        """Time a few trees, then grow as many as fit."""
        needs_time(limits, self.name)
        target = Target.of(train, facts)
        target.needs_two_classes()
        n_rows = len(train.y)
        wanted = limits.rounds or int(params["n_trees"])
        settings: Params = {
            "min_samples_leaf": least_leaf(params, n_rows),
            "max_leaf_nodes": most_leaves(params, target.n_outputs),
            "max_features": params["max_features"],
            "n_jobs": limits.n_threads,
            "random_state": limits.seed % (2**31),
            "warm_start": True,
        }
        if n_rows > _SAMPLED_ROWS:
            settings |= {"bootstrap": True, "max_samples": _SAMPLED_ROWS}
        estimator = self.estimator(params, target, settings)
        grown = _grow(estimator, train, target, wanted, limits)
        forest = Forest.of(estimator, target.n_outputs)
        model = ForestModel(forest, target, target.shares(train))
        model.rounds_run = grown
        if grown < wanted:
            model.note = f"stopped by the deadline after {grown} of {wanted} trees"
        return model


def least_leaf(params: Params, n_rows: int) -> int:
    """Return the fewest rows of a leaf: more on many rows, for size and speed."""
    least = 1 if n_rows <= 20_000 else 2 if n_rows <= 50_000 else 5
    return max(int(params["min_samples_leaf"]), least)


def most_leaves(params: Params, n_outputs: int) -> int:
    """Return the most leaves of a tree: fewer with many classes."""
    return max(64, min(MOST_LEAVES, _MOST_VALUES // (int(params["n_trees"]) * n_outputs)))


def _grow(estimator: Any, train: Rows, target: Target, wanted: int, limits: FitLimits) -> int:
    """Grow trees in chunks; return how many there are."""
    X = np.asarray(train.X.values, dtype=np.float32)
    y = target.encode(train.y)
    grown, chunk = 0, min(wanted, max(4, limits.n_threads))
    while True:
        began = time.monotonic()
        estimator.set_params(n_estimators=grown + chunk)
        estimator.fit(X, y, sample_weight=train.weight)
        grown += chunk
        left = _SAFE_SHARE * seconds_left(limits)
        per_tree = (time.monotonic() - began) / chunk
        affordable = wanted if math.isinf(left) else int(left / max(per_tree, 1e-6))
        chunk = min(wanted - grown, affordable, max(16, grown))
        if chunk < 1:
            return grown
