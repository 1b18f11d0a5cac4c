"""A multilayer perceptron, trained epoch by epoch under a deadline."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.features.base import Encoded, Encoding
from automl.models.base import Facts, Family, FitLimits, FittedModel, Params, Preset, Rows
from automl.models.boosting import Patience
from automl.models.estimators import read_estimator, write_estimator
from automl.models.files import read_notes, restore, write_notes
from automl.models.limits import needs_time, seconds_left, threads
from automl.models.portfolio import Entry, select
from automl.models.targets import Target, loss

if TYPE_CHECKING:
    import optuna

_FULL_EPOCHS_ROWS = 10_000
"""Rows up to which all epochs are run; on more rows each epoch teaches more."""

_LEAST_EPOCHS = 10
_PATIENT_EPOCHS = 8
"""Epochs to wait for a better one, on top of three tenths of the best."""

_PRODUCTS_PER_THREAD = 10_000_000
"""Products in one step from which more threads pay."""

_SLICE = 16_384
"""Rows from one look at the clock to the next."""

_MANY_ROWS = 1_000
"""Rows from which threads matter in predicting."""

_REACH = 0.5
"""How far predicted values may lie beyond the training range, as a share of it."""


class MLPModel(FittedModel):
    """A fitted network.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
        The network.
    target : Target
        What is predicted.
    bounds : tuple of float
        Lowest and highest standardised value that is predicted.
    """

    def __init__(self, estimator: Any, target: Target, bounds: tuple[float, float]):
        self.estimator = estimator
        self.target = target
        self.bounds = bounds

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict by a forward pass."""
        with threads(n_threads if X.values.shape[0] > _MANY_ROWS else None):
            return self.target.decode(self.raw(X.values))

    def raw(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return probabilities of the classes present, or standardised values."""
        X = np.asarray(values, dtype=np.float32)
        if self.target.classifies:
            return np.asarray(self.estimator.predict_proba(X))
        values = np.asarray(self.estimator.predict(X))
        return np.asarray(np.clip(values, *self.bounds))

    def save(self, folder: Path) -> None:
        """Write the network in the skops format."""
        write_estimator(folder, self.estimator)
        write_notes(folder, self, self.target, bounds=list(self.bounds))

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> MLPModel:
        """Read what `save` wrote."""
        target, notes = read_notes(folder)
        low, high = (float(bound) for bound in notes["bounds"])
        return restore(cls(read_estimator(folder), target, (low, high)), notes)


class MLP(Family):
    """A small fully connected network on quantile-normal numbers and one-hot columns."""

    name = "mlp"
    model_class = MLPModel

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for one-hot columns and numbers mapped to a normal distribution."""
        return Encoding(kind="onehot", numbers="quantile")

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest from TabArena's ranges, as far as scikit-learn's network has them."""
        name = "mlp."
        return {
            "layers": trial.suggest_int(name + "layers", 1, 3),
            "width": trial.suggest_int(name + "width", 32, 256, log=True),
            "activation": trial.suggest_categorical(name + "activation", ["relu", "tanh"]),
            "learning_rate": trial.suggest_float(name + "learning_rate", 5e-4, 2e-2, log=True),
            "alpha": trial.suggest_float(name + "alpha", 1e-6, 1e-1, log=True),
            "epochs": trial.suggest_int(name + "epochs", 20, 100, log=True),
        }

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return three networks."""
        return select(_ENTRIES, facts)

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate rows in two precisions, and weights with their optimiser's moments."""
        features = max(1, n_features)
        width, layers = int(params["width"]), int(params["layers"])
        weights = features * width + (layers - 1) * width**2 + width * facts.n_classes
        batches = 2 * _SLICE * (features + layers * width + facts.n_classes) * 4
        rows = facts.n_rows * (features * (8 + 4) + facts.n_classes * 16)
        return rows + 6 * 4 * weights + batches

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> MLPModel:
        """Train epoch by epoch and keep the weights of the best."""
        needs_time(limits, self.name)
        target = Target.of(train, facts)
        target.needs_two_classes()
        watched = None if limits.rounds is not None else target.known(valid)
        # scikit-learn averages the loss of each batch by weight, and one may hold zeros alone.
        train = target.known(train) or train
        y = target.encode(train.y)
        model = MLPModel(_network(params, target, len(y), limits), target, _bounds(target, y))
        step = batch_size(len(y)) * int(params["width"]) * train.X.values.shape[1]
        with threads(limits.n_threads if step > _PRODUCTS_PER_THREAD else 1):
            _train(model, params, train, y, _Watch(model, watched), limits)
        return model


def planned_epochs(epochs: int, n_rows: int) -> int:
    """Return the epochs to plan for: fewer on many rows."""
    share = min(1.0, math.sqrt(_FULL_EPOCHS_ROWS / max(1, n_rows)))
    return max(_LEAST_EPOCHS, round(epochs * share))


def batch_size(n_rows: int) -> int:
    """Return the rows of one step: a power of two near a hundredth of the rows, 32 to 512."""
    return int(min(512, n_rows, max(32, 2 ** round(math.log2(max(1, n_rows) / 100)))))


def _network(params: Params, target: Target, n_rows: int, limits: FitLimits) -> Any:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if target.classifies else MLPRegressor
    return kind(
        hidden_layer_sizes=(int(params["width"]),) * int(params["layers"]),
        activation=params["activation"],
        alpha=float(params["alpha"]),
        batch_size=batch_size(n_rows),
        learning_rate_init=float(params["learning_rate"]),
        shuffle=False,
        random_state=limits.seed % (2**31),
    )


def _bounds(target: Target, y: NDArray[Any]) -> tuple[float, float]:
    if target.classifies:
        return 0.0, 1.0
    low, high = float(y.min()), float(y.max())
    return low - _REACH * (high - low), high + _REACH * (high - low)


class _Watch:
    """The best weights so far by validation loss."""

    def __init__(self, model: MLPModel, rows: Rows | None):
        self.model = model
        self.rows = rows
        self.y = None if rows is None else model.target.encode(rows.y)
        self.patience = Patience(_PATIENT_EPOCHS, _PATIENT_EPOCHS)
        self.best: tuple[list[Any], list[Any]] | None = None

    def stops(self, done: int) -> bool:
        """Look at the loss after an epoch; return whether to stop."""
        if self.rows is None or self.y is None:
            return False
        raw = self.model.raw(self.rows.X.values)
        stop = self.patience.stops(done, loss(self.model.target, raw, self.y, self.rows.weight))
        if self.patience.best_round == done:
            network = self.model.estimator
            self.best = [w.copy() for w in network.coefs_], [b.copy() for b in network.intercepts_]
        return stop

    def finish(self, done: int) -> int:
        """Put the best weights back; return the epochs that led to them."""
        if self.best is None:
            return done
        self.model.estimator.coefs_, self.model.estimator.intercepts_ = self.best
        return self.patience.best_round


def _train(
    model: MLPModel,
    params: Params,
    train: Rows,
    y: NDArray[Any],
    watch: _Watch,
    limits: FitLimits,
) -> None:
    """Run epochs with a falling learning rate until patience, the plan or time runs out."""
    X = np.asarray(train.X.values, dtype=np.float32)
    rng = np.random.default_rng(limits.seed)
    wanted = planned = planned_epochs(int(params["epochs"]), len(y))
    done, whole, began = 0, True, time.monotonic()
    while whole and done < min(planned, limits.rounds or planned):
        falling = max(0.01, 0.5 * (1.0 + math.cos(math.pi * done / planned)))
        rate = float(params["learning_rate"]) * falling
        whole = _epoch(model, X, y, train.weight, rate, rng, limits)
        done += 1
        if watch.stops(done):
            break
        planned = _affordable(planned, done, time.monotonic() - began, limits)
    model.rounds, model.rounds_run = watch.finish(done), done
    if planned < wanted:
        model.changed = {"epochs": round(int(params["epochs"]) * planned / wanted)}
    if not whole:
        model.note = f"stopped by the deadline in epoch {done}"


def _epoch(
    model: MLPModel,
    X: NDArray[np.float32],
    y: NDArray[Any],
    weight: NDArray[np.float64] | None,
    rate: float,
    rng: np.random.Generator,
    limits: FitLimits,
) -> bool:
    """Show every row once, in random order; return False where the deadline cut it short."""
    network, order = model.estimator, rng.permutation(len(y))
    first = {"classes": np.arange(model.target.n_outputs)} if model.target.classifies else {}
    slices = np.array_split(order, math.ceil(len(y) / _SLICE))
    for number, rows in enumerate(slices, start=1):
        if hasattr(network, "_optimizer"):
            network._optimizer.learning_rate_init = rate
        shares = None if weight is None else weight[rows]
        network.partial_fit(X[rows], y[rows], sample_weight=shares, **first)
        if seconds_left(limits) <= 0:
            return number == len(slices)
    return True


def _affordable(planned: int, done: int, seconds: float, limits: FitLimits) -> int:
    """Return the epochs that the time allows, so that the learning rate falls in time."""
    left = seconds_left(limits)
    if math.isinf(left):
        return planned
    return max(done, min(planned, done + int(0.9 * left / max(1e-6, seconds / done))))


def _small(layers: int, width: int, activation: str, rate: float, alpha: float) -> Params:
    return {
        "layers": layers,
        "width": width,
        "activation": activation,
        "learning_rate": rate,
        "alpha": alpha,
        "epochs": 60,
    }


_ENTRIES = (
    Entry(
        7, _small(2, 128, "relu", 3e-3, 1e-4), "two layers of 128", tiny=12, large=None, text=None
    ),
    Entry(
        14.5,
        _small(3, 108, "tanh", 2e-3, 1e-3),
        "AutoGluon 2025 r37 in shape: three layers, smooth units",
        tiny=None,
        large=None,
        text=None,
    ),
    Entry(
        20,
        _small(1, 256, "relu", 6e-3, 1e-2),
        "AutoGluon 2023 r197 in shape: one wide layer, strong decay",
        tiny=4.5,
        large=None,
        text=None,
    ),
)
