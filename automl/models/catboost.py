"""CatBoost, with its own statistics of categories; needs the extra `catboost`."""

from __future__ import annotations

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
from automl.models.files import read_notes, restore, write_notes
from automl.models.limits import needs_time
from automl.models.portfolio import Entry, select
from automl.models.targets import Target

if TYPE_CHECKING:
    import catboost
    import optuna
    import pandas as pd

    from explain import protocol

_MODEL = "model.cbm"
_MOST_ROUNDS = 2_000
_MISSING = -1
_SAMPLED_ROWS = 50
"""Rows from which CatBoost can sample them."""
_SLOWER = 3.0
"""Cost of a round in rounds of LightGBM."""


class CatBoostModel(FittedModel):
    """A booster cut at its best round.

    Parameters
    ----------
    booster : catboost.CatBoost
        The trees.
    target : Target
        What is predicted.
    categorical : tuple of int
        Positions of features that hold codes.
    """

    def __init__(self, booster: catboost.CatBoost, target: Target, categorical: tuple[int, ...]):
        self.booster = booster
        self.target = target
        self.categorical = categorical
        self.rounds = int(booster.tree_count_)

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict with all rounds of the booster."""
        import catboost

        frame = _frame(X.values, self.categorical)
        pool = catboost.Pool(frame, cat_features=list(self.categorical))
        kind = "Probability" if self.target.classifies else "RawFormulaVal"
        raw = self.booster.predict(pool, prediction_type=kind, thread_count=n_threads)
        return self.target.decode(np.asarray(raw))

    def opened(self, encoding: protocol.Encoding) -> protocol.Parts | None:
        """Return the trees where none splits on statistics of categories."""
        from explain.protocol import Parts, Trees
        from explain.trees import raw_output, read_forest

        if self.categorical:
            return None
        node = Trees(read_forest(self.booster), encoding, raw_output(self.booster))
        return Parts(node, "margin" if self.target.classifies else "response")

    def save(self, folder: Path) -> None:
        """Write CatBoost's own binary format and a JSON file."""
        self.booster.save_model(str(folder / _MODEL))
        write_notes(folder, self, self.target, categorical=list(self.categorical))

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> CatBoostModel:
        """Read what `save` wrote."""
        import catboost

        target, notes = read_notes(folder)
        booster = catboost.CatBoost().load_model(str(folder / _MODEL))
        categorical = tuple(int(position) for position in notes["categorical"])
        return restore(cls(booster, target, categorical), notes)


class CatBoost(Family):
    """Gradient boosted symmetric trees with ordered statistics of categories."""

    name = "catboost"
    model_class = CatBoostModel

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for integer codes."""
        return Encoding(kind="native")

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest from TabArena's ranges, narrowed to what short fits can use."""
        name = "catboost."
        return {
            "learning_rate": trial.suggest_float(name + "learning_rate", 0.01, 0.2, log=True),
            "depth": trial.suggest_int(name + "depth", 3, 9),
            "l2_leaf_reg": trial.suggest_float(name + "l2_leaf_reg", 1e-5, 10.0, log=True),
            "subsample": trial.suggest_float(name + "subsample", 0.7, 1.0),
            "random_strength": trial.suggest_float(name + "random_strength", 0.0, 2.0),
            "max_ctr_complexity": trial.suggest_int(name + "max_ctr_complexity", 1, 4),
            "one_hot_max_size": trial.suggest_int(name + "one_hot_max_size", 2, 100, log=True),
        }

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return the default early, and tuned shapes."""
        tuned = _TUNED_REGRESSION if facts.task == "regression" else _TUNED_CLASSES
        return select((*_ENTRIES, tuned), facts)

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate rows as arrays and a frame, bins, approximations and trees."""
        features = max(1, n_features)
        outputs = facts.n_classes if facts.task == "multiclass" else 1
        leaves = 1 << int(params["depth"])
        rows = facts.n_rows * (features * (8 + 8 + 4 + 1) + outputs * 80)
        return int(rows + leaves * features * 256 * 16 * outputs + 800 * leaves * outputs * 16)

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> CatBoostModel:
        """Grow rounds until patience or time runs out, and keep the best."""
        import catboost

        needs_time(limits, self.name)
        target = Target.of(train, facts)
        target.needs_two_classes()
        _needs_variation(train.X.values)
        leaves = 1 << int(params["depth"])
        cost = _SLOWER * appetite(leaves) * round_cost(leaves)
        rate = paced_rate(float(params["learning_rate"]), facts, cost)
        watched = None if limits.rounds is not None else target.known(valid)
        last = most_rounds(limits, watched is not None, rate, _MOST_ROUNDS)
        booster = catboost.CatBoost(_settings(params, rate, target, train, limits, last))
        held = None if watched is None else _pool(watched, target)
        watch = _Watch(Patience(least_patience(len(train.y), rate)), limits)
        booster.fit(_pool(train, target), eval_set=held, callbacks=[watch])
        run = int(booster.tree_count_)
        if watched is not None and 0 < watch.patience.best_round < run:
            booster.shrink(ntree_end=watch.patience.best_round)
        model = CatBoostModel(booster, target, train.X.categorical)
        model.rounds_run = run
        model.note, model.changed = watch.note, {"learning_rate": rate}
        return model


class _Watch:
    """What CatBoost calls after each round."""

    def __init__(self, patience: Patience, limits: FitLimits):
        self.patience = patience
        self.limits = limits
        self.note = ""

    def after_iteration(self, info: Any) -> bool:
        """Return whether to go on."""
        done = int(info.iteration)
        losses = info.metrics.get("validation")
        if losses and self.patience.stops(done, float(next(iter(losses.values()))[-1])):
            return False
        if time.monotonic() >= self.limits.deadline:
            self.note = f"stopped by the deadline after {done} rounds"
            return False
        return True


def _needs_variation(values: NDArray[Any]) -> None:
    """Raise where no feature varies: CatBoost would say so in terms of its own settings."""
    if len(values) == 0 or not (np.nan_to_num(values) != np.nan_to_num(values[0])).any():
        raise ValueError("catboost needs a feature that is not constant")


def _frame(values: NDArray[Any], categorical: tuple[int, ...]) -> pd.DataFrame:
    """Return the features with codes as whole numbers, which CatBoost asks for."""
    import pandas as pd

    columns: dict[int, NDArray[Any]] = {}
    for position in range(values.shape[1]):
        column = values[:, position]
        if position in categorical:
            column = np.where(np.isfinite(column), column, _MISSING).astype(np.int64)
        columns[position] = column
    return pd.DataFrame(columns)


def _pool(rows: Rows, target: Target) -> catboost.Pool:
    import catboost

    frame = _frame(rows.X.values, rows.X.categorical)
    y = target.encode(rows.y)
    return catboost.Pool(frame, y, cat_features=list(rows.X.categorical), weight=rows.weight)


def _settings(
    params: Params, rate: float, target: Target, train: Rows, limits: FitLimits, rounds: int
) -> dict[str, Any]:
    """Translate parameters into CatBoost's, deterministic and silent."""
    few = len(train.y) < _SAMPLED_ROWS
    sampling = {"bootstrap_type": "No"} if few else {"bootstrap_type": "Bernoulli"}
    own = {key: value for key, value in params.items() if key != "subsample" or not few}
    loss = {"regression": "RMSE", "binary": "Logloss", "multiclass": "MultiClass"}[target.task]
    return (
        own
        | sampling
        | {
            "learning_rate": rate,
            "loss_function": loss,
            "iterations": rounds,
            "boosting_type": "Plain",
            "use_best_model": False,
            "thread_count": useful_threads(limits, *train.X.values.shape),
            "random_seed": limits.seed % (2**31),
            "allow_writing_files": False,
            "logging_level": "Silent",
        }
    )


def _tree(rate: float, depth: int, l2: float, rows: float, strength: float) -> Params:
    return {
        "learning_rate": rate,
        "depth": depth,
        "l2_leaf_reg": l2,
        "subsample": rows,
        "random_strength": strength,
        "max_ctr_complexity": 2,
        "one_hot_max_size": 15,
    }


_TUNED_CLASSES = Entry(
    15.5,
    _tree(0.08, 7, 1e-5, 0.9, 0.8),
    "pytabkit's tuned default for classes",
    tiny=None,
    large=None,
    text=None,
)
_TUNED_REGRESSION = Entry(
    15.5,
    _tree(0.09, 9, 1e-5, 0.9, 0.0),
    "pytabkit's tuned default for values",
    tiny=None,
    large=None,
    text=None,
)
_ENTRIES = (
    Entry(1.5, _tree(0.05, 6, 3.0, 0.8, 1.0), "CatBoost's default", tiny=1.5, large=13),
    Entry(
        20.5,
        _tree(0.047, 4, 0.0027, 0.8, 1.0) | {"max_ctr_complexity": 4},
        "AutoGluon 2025 r91: shallow",
        large=None,
        text=None,
    ),
)
