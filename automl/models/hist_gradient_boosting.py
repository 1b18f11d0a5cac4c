"""scikit-learn's histogram gradient boosting, grown in chunks under a deadline."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.features.base import Encoded, Encoding
from automl.models.base import Facts, Family, FitLimits, FittedModel, Params, Preset, Rows
from automl.models.boosting import (
    Patience,
    appetite,
    least_patience,
    most_rounds,
    paced_rate,
    round_cost,
    useful_threads,
)
from automl.models.codes import Recoding
from automl.models.files import read_arrays, read_notes, restore, write_arrays, write_notes
from automl.models.hist_trees import HistTrees
from automl.models.limits import needs_time, seconds_left, threads
from automl.models.portfolio import Entry, select
from automl.models.targets import Target, loss

if TYPE_CHECKING:
    import optuna

    from explain import protocol

_MOST_ROUNDS = 2_000
_FIRST_CHUNK = 10
_MANY_CELLS = 20_000_000
"""Rows x features x classes above which the first rounds are timed two by two."""

_MOST_LEVELS = 255
_SLOWER = 2.5
"""Cost of a round in rounds of LightGBM, with the binning that each chunk repeats."""


class HistModel(FittedModel):
    """Trees cut at the best chunk.

    Parameters
    ----------
    trees : HistTrees
        The trees and where their sum begins.
    recoding : Recoding
        How features are laid out for the trees.
    target : Target
        What is predicted.
    """

    def __init__(self, trees: HistTrees, recoding: Recoding, target: Target):
        self.trees = trees
        self.recoding = recoding
        self.target = target
        self.rounds = trees.n_rounds

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict from the sum over the trees."""
        values = self.recoding.transform(X.values)
        return self.target.decode(self.trees.predict(values, self.target.classifies, n_threads))

    def opened(self, encoding: protocol.Encoding) -> protocol.Parts:
        """Return the trees on the recoded features."""
        from explain.protocol import Encoding, Parts, Trees

        front = [position for position, _ in self.recoding.levels]
        rest = sorted(set(range(self.recoding.n_features)) - set(front))
        recoded = Encoding(
            lambda rows: self.recoding.transform(encoding.transform(rows)),
            tuple(encoding.sources[position] for position in (*front, *rest)),
        )
        n_codes = tuple(len(codes) for _, codes in self.recoding.levels)
        forest = self.trees.opened(n_codes, self.target.classifies)
        scale: Any = "margin" if self.target.classifies else "response"
        return Parts(Trees(forest, recoded, self.trees.sums), scale)

    def save(self, folder: Path) -> None:
        """Write the trees as plain arrays."""
        write_arrays(folder, self.trees.to_arrays())
        write_notes(folder, self, self.target, recoding=self.recoding.to_json())

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> HistModel:
        """Read what `save` wrote, checking every index."""
        target, notes = read_notes(folder)
        recoding = Recoding.from_json(notes["recoding"])
        n_sums = 1 if target.n_outputs <= 2 else target.n_outputs
        trees = HistTrees.from_arrays(read_arrays(folder), recoding.n_features, n_sums)
        return restore(cls(trees, recoding, target), notes)


class HistGradientBoosting(Family):
    """Gradient boosted trees of scikit-learn."""

    name = "hist_gradient_boosting"
    model_class = HistModel

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for integer codes."""
        return Encoding(kind="native")

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest shapes in the range of the other boosters."""
        name = "hist_gradient_boosting."
        return {
            "learning_rate": trial.suggest_float(name + "learning_rate", 0.01, 0.2, log=True),
            "max_leaf_nodes": trial.suggest_int(name + "max_leaf_nodes", 4, 200, log=True),
            "min_samples_leaf": trial.suggest_int(name + "min_samples_leaf", 1, 64, log=True),
            "max_features": trial.suggest_float(name + "max_features", 0.4, 1.0),
            "l2_regularization": trial.suggest_float(
                name + "l2_regularization", 1e-4, 10.0, log=True
            ),
        }

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return one ordinary shape."""
        return select(_ENTRIES, facts)

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate rows in two layouts, bins, gradients, histograms and trees."""
        features = max(1, n_features)
        outputs = facts.n_classes if facts.task == "multiclass" else 1
        leaves = int(params["max_leaf_nodes"])
        rows = facts.n_rows * (features * (8 + 8 + 1) + outputs * 40)
        return rows + leaves * features * 256 * 24 + 400 * outputs * leaves * 120

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> HistModel:
        """Grow chunks of rounds until patience or time runs out, and keep the best."""
        needs_time(limits, self.name)
        target = Target.of(train, facts)
        target.needs_two_classes()
        leaves = float(params["max_leaf_nodes"])
        cost = _SLOWER * appetite(leaves) * round_cost(leaves, float(params["max_features"]))
        rate = paced_rate(float(params["learning_rate"]), facts, cost)
        watched = None if limits.rounds is not None else target.known(valid)
        recoding = Recoding.of(train.X, _MOST_LEVELS)
        estimator = _estimator(params | {"learning_rate": rate}, recoding, target, limits)
        last = most_rounds(limits, watched is not None, rate, _MOST_ROUNDS)
        with threads(useful_threads(limits, *train.X.values.shape)):
            growth = _Growth(estimator, recoding, target, train, watched, limits)
            rounds, note = growth.run(last, Patience(least_patience(len(train.y), rate)))
        model = HistModel(HistTrees.of(estimator, rounds), recoding, target)
        model.rounds_run = len(estimator._predictors)
        model.note, model.changed = note, {"learning_rate": rate}
        return model


def _estimator(params: Params, recoding: Recoding, target: Target, limits: FitLimits) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if target.classifies else HistGradientBoostingRegressor
    return kind(
        learning_rate=params["learning_rate"],
        max_leaf_nodes=params["max_leaf_nodes"],
        min_samples_leaf=params["min_samples_leaf"],
        max_features=params["max_features"],
        l2_regularization=params["l2_regularization"],
        categorical_features=list(range(recoding.n_categorical)) or None,
        early_stopping=False,
        warm_start=True,
        random_state=limits.seed % (2**31),
    )


class _Growth:
    """Chunks of rounds by warm start: scikit-learn calls nobody between two rounds."""

    def __init__(
        self,
        estimator: Any,
        recoding: Recoding,
        target: Target,
        train: Rows,
        watched: Rows | None,
        limits: FitLimits,
    ):
        self.estimator = estimator
        self.target = target
        self.X = recoding.transform(train.X.values)
        self.y = target.encode(train.y)
        self.weight = train.weight
        self.limits = limits
        self.watched = watched
        if watched is not None:
            self.held_X = recoding.transform(watched.X.values)
            self.held_y = target.encode(watched.y)

    def run(self, last: int, patience: Patience) -> tuple[int, str]:
        """Return the rounds to keep, and what to know."""
        many = self.X.size * self.target.n_outputs > _MANY_CELLS
        done, chunk = 0, min(2 if many else _FIRST_CHUNK, last)
        while True:
            began = time.monotonic()
            self.estimator.set_params(max_iter=done + chunk)
            self.estimator.fit(self.X, self.y, sample_weight=self.weight)
            done += chunk
            per_round = (time.monotonic() - began) / chunk
            if self.watched is not None and patience.stops(done, self._loss(self.watched)):
                return patience.best_round, ""
            if done >= last:
                return patience.best_round or done, ""
            chunk = self._next(done, last, per_round)
            if chunk < 1:
                note = f"stopped by the deadline after {done} rounds"
                return patience.best_round or done, note

    def _next(self, done: int, last: int, per_round: float) -> int:
        """Return the next chunk: each costs a new binning, so chunks grow with the rounds."""
        left = 0.8 * seconds_left(self.limits)
        affordable = last if math.isinf(left) else int(left / max(per_round, 1e-6))
        return min(last - done, affordable, max(_FIRST_CHUNK, done // 5))

    def _loss(self, watched: Rows) -> float:
        if self.target.classifies:
            raw = self.estimator.predict_proba(self.held_X)
        else:
            raw = self.estimator.predict(self.held_X)
        return loss(self.target, raw, self.held_y, watched.weight)


_ENTRIES = (
    Entry(
        12,
        {
            "learning_rate": 0.06,
            "max_leaf_nodes": 31,
            "min_samples_leaf": 20,
            "max_features": 0.7,
            "l2_regularization": 0.1,
        },
        "scikit-learn's default, with fewer features at a split",
        text=None,
    ),
)
