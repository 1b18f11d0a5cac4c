"""Explainable boosting machine: a sum of curves; needs the extra `ebm`."""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.features.base import Encoded, Encoding
from automl.models.base import Facts, Family, FitLimits, FittedModel, Params, Preset, Rows
from automl.models.estimators import read_estimator, write_estimator
from automl.models.files import read_notes, restore, write_notes
from automl.models.limits import needs_time
from automl.models.portfolio import Entry, select
from automl.models.targets import Target

if TYPE_CHECKING:
    import optuna

_TYPES = (
    "interpret.glassbox._ebm._ebm.ExplainableBoostingClassifier",
    "interpret.glassbox._ebm._ebm.ExplainableBoostingRegressor",
)
_MOST_ROUNDS = 5_000


class EBMModel(FittedModel):
    """A fitted machine.

    Parameters
    ----------
    estimator : ExplainableBoostingClassifier or ExplainableBoostingRegressor
        The curves.
    target : Target
        What is predicted.
    """

    def __init__(self, estimator: Any, target: Target):
        self.estimator = estimator
        self.target = target

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict from the sum of the curves."""
        if self.target.classifies:
            return self.target.decode(self.estimator.predict_proba(X.values))
        return self.target.decode(self.estimator.predict(X.values))

    def save(self, folder: Path) -> None:
        """Write the machine in the skops format."""
        write_estimator(folder, self.estimator)
        write_notes(folder, self, self.target)

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> EBMModel:
        """Read what `save` wrote."""
        target, notes = read_notes(folder)
        return restore(cls(read_estimator(folder, _TYPES), target), notes)


class EBM(Family):
    """Boosted curves of one column or a pair, added up."""

    name = "ebm"
    model_class = EBMModel

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for integer codes."""
        return Encoding(kind="native")

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest from TabArena's ranges, narrowed to what short fits can use."""
        name = "ebm."
        return {
            "learning_rate": trial.suggest_float(name + "learning_rate", 0.01, 0.2, log=True),
            "max_leaves": trial.suggest_int(name + "max_leaves", 2, 3),
            "interactions": trial.suggest_int(name + "interactions", 0, 30),
            "min_samples_leaf": trial.suggest_int(name + "min_samples_leaf", 2, 20, log=True),
        }

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return one ordinary machine."""
        return select(_ENTRIES, facts)

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate rows, their bins, and the curves and surfaces of each bag."""
        features = max(1, n_features)
        outputs = facts.n_classes if facts.task == "multiclass" else 1
        rows = facts.n_rows * (features * (8 + 8 + 2) + outputs * 40)
        return rows + 20 * outputs * 8 * (1024 * features + 64 * 64 * 30)

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> EBMModel:
        """Boost until its own held-out rows say stop, or time runs out.

        The rows in `valid` are not used: the machine would learn its bins from them, too.
        """
        needs_time(limits, self.name)
        target = Target.of(train, facts)
        target.needs_two_classes()
        watch = _Watch(limits)
        estimator = _estimator(params, train, target, limits, watch)
        with warnings.catch_warnings():
            # It says that its own plots do not show missing values; nothing here plots them.
            warnings.filterwarnings("ignore", "Missing values detected", UserWarning)
            estimator.fit(train.X.values, target.encode(train.y), sample_weight=train.weight)
        estimator.callback = None
        model = EBMModel(estimator, target)
        model.note = watch.note
        return model


class _Watch:
    """What the machine calls after each step."""

    def __init__(self, limits: FitLimits):
        self.limits = limits
        self.note = ""

    def __call__(self, bag: int, step: int, made: bool, metric: float) -> bool:
        """Return whether to stop."""
        if time.monotonic() < self.limits.deadline:
            return False
        self.note = f"stopped by the deadline after {step} steps"
        return True


def _estimator(
    params: Params, train: Rows, target: Target, limits: FitLimits, watch: _Watch
) -> Any:
    from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor

    kind = ExplainableBoostingClassifier if target.classifies else ExplainableBoostingRegressor
    categorical = set(train.X.categorical)
    n_features = train.X.values.shape[1]
    # Interactions of more than two classes can be fitted, but not predicted as a sum of curves.
    pairs = 0 if target.n_outputs > 2 else int(params["interactions"])
    return kind(
        feature_types=["nominal" if i in categorical else "continuous" for i in range(n_features)],
        learning_rate=float(params["learning_rate"]),
        max_leaves=int(params["max_leaves"]),
        interactions=min(pairs, n_features * (n_features - 1) // 2),
        min_samples_leaf=int(params["min_samples_leaf"]),
        max_bins=256,
        outer_bags=2,
        max_rounds=_MOST_ROUNDS,
        callback=watch,
        n_jobs=1,
        random_state=limits.seed % (2**31),
    )


_ENTRIES = (
    Entry(
        11.5,
        {"learning_rate": 0.04, "max_leaves": 3, "interactions": 10, "min_samples_leaf": 4},
        "explainable boosting with ten interactions",
        tiny=5.5,
        large=None,
        text=None,
    ),
)
