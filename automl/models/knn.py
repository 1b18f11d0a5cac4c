"""Nearest neighbours, by brute force on small tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.features.base import Encoded, Encoding
from automl.models.base import Facts, Family, FitLimits, FittedModel, Params, Preset, Rows
from automl.models.files import read_arrays, read_notes, restore, write_arrays, write_notes
from automl.models.limits import needs_time, threads
from automl.models.portfolio import Entry, select
from automl.models.targets import Target

if TYPE_CHECKING:
    import optuna

MOST_ROWS = 20_000
"""Rows above which predicting would take too long."""

_CELLS_PER_THREAD = 1_000_000
"""Distances from which more threads pay."""

_BLOCK = 8_192
"""Rows whose distances are held at a time."""


class NeighboursModel(FittedModel):
    """The training rows, and how many of them vote.

    Class shares are smoothed by one more vote, the shares of the training rows, so that few
    neighbours do not claim certainty.

    Parameters
    ----------
    X : ndarray of float32, shape (n_rows, n_features)
        Training rows.
    y : ndarray, shape (n_rows,)
        Their encoded targets.
    n_neighbors : int
        Number of neighbours.
    weights : {"uniform", "distance"}
        How neighbours vote.
    target : Target
        What is predicted.
    """

    def __init__(
        self,
        X: NDArray[np.float32],
        y: NDArray[Any],
        n_neighbors: int,
        weights: str,
        target: Target,
    ):
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

        kind = KNeighborsClassifier if target.classifies else KNeighborsRegressor
        self.estimator = kind(n_neighbors=n_neighbors, weights=weights, algorithm="brute")
        self.estimator.fit(X, y)
        self.X = X
        self.y = y
        self.target = target
        self.shares = np.bincount(y) / len(y) if target.classifies else None

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict block by block."""
        values = np.ascontiguousarray(X.values, dtype=np.float32)
        blocks = [values[start : start + _BLOCK] for start in range(0, len(values), _BLOCK)]
        # A few distances are found sooner than other threads are woken.
        few = len(values) * len(self.X) < _CELLS_PER_THREAD
        with threads(1 if few else n_threads):
            parts = [self._raw(block) for block in blocks]
        return self.target.decode(np.concatenate(parts))

    def _raw(self, block: NDArray[np.float32]) -> NDArray[np.float64]:
        if self.shares is None:
            return np.asarray(self.estimator.predict(block), dtype=np.float64)
        votes = self.estimator.n_neighbors
        near = np.asarray(self.estimator.predict_proba(block), dtype=np.float64)
        return np.asarray((votes * near + self.shares) / (votes + 1))

    def save(self, folder: Path) -> None:
        """Write the training rows as plain arrays."""
        write_arrays(folder, {"X": self.X, "y": self.y})
        settings = {
            "n_neighbors": self.estimator.n_neighbors,
            "weights": self.estimator.weights,
        }
        write_notes(folder, self, self.target, **settings)

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> NeighboursModel:
        """Read what `save` wrote."""
        target, notes = read_notes(folder)
        arrays = read_arrays(folder)
        X, y = arrays["X"].astype(np.float32), arrays["y"]
        n_neighbors, weights = int(notes["n_neighbors"]), str(notes["weights"])
        sound = X.ndim == 2 and y.shape == (len(X),) and 1 <= n_neighbors <= len(X)
        if target.classifies:
            sound = sound and set(np.unique(y)) == set(range(target.n_outputs))
        if not sound or weights not in ("uniform", "distance"):
            raise ValueError("a saved kNN model has rows and targets that do not match")
        return restore(cls(X, y, n_neighbors, weights, target), notes)


class NearestNeighbours(Family):
    """The mean of the nearest training rows."""

    name = "knn"
    takes_weights = False
    model_class = NeighboursModel

    def check(self, facts: Facts) -> str | None:
        """Sit out on many rows, too."""
        if facts.n_rows > MOST_ROWS:
            return f"knn is slow on more than {MOST_ROWS:,} rows"
        return super().check(facts)

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for one-hot columns and scaled numbers."""
        return Encoding(kind="onehot", numbers=params["numbers"])

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest from TabArena's ranges."""
        most = max(2, min(300, facts.n_rows // 2))
        weights = ["uniform", "distance"]
        numbers = ["quantile", "standard"]
        return {
            "n_neighbors": trial.suggest_int("knn.n_neighbors", 1, most, log=True),
            "weights": trial.suggest_categorical("knn.weights", weights),
            "numbers": trial.suggest_categorical("knn.numbers", numbers),
        }

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return few and many neighbours, late."""
        if self.check(facts) is not None:
            return ()
        most = max(2, min(300, facts.n_rows // 2))
        near = {"n_neighbors": min(10, most), "weights": "distance", "numbers": "quantile"}
        far = {"n_neighbors": min(50, most), "weights": "distance", "numbers": "standard"}
        entries = (
            Entry(17.5, near, "ten neighbours by distance", tiny=11, text=None),
            Entry(26, far, "fifty neighbours by distance", text=None),
        )
        return select(entries, facts)

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate the rows, a copy, and one block of distances."""
        rows = facts.n_rows * max(1, n_features) * (8 + 4 + 4)
        return rows + 8 * _BLOCK * (min(256, facts.n_rows) + 4 * facts.n_classes)

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> NeighboursModel:
        """Keep the rows."""
        needs_time(limits, self.name)
        target = Target.of(train, facts)
        target.needs_two_classes()
        X = np.ascontiguousarray(train.X.values, dtype=np.float32)
        neighbours = min(int(params["n_neighbors"]), len(X))
        y = target.encode(train.y)
        return NeighboursModel(X, y, neighbours, str(params["weights"]), target)
