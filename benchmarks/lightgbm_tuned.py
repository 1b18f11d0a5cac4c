"""LightGBM tuned by Optuna within the budget: the rival that a careful user would build.

TPE over the ranges that TabArena uses, the library's defaults tried first, early stopping on 20 %
of the training rows (split as the protocol splits), then a refit of the best on all of them. Every
boosting round watches the clock, so that search and refit together keep the budget.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.lightgbm_default import PlainEncoder
from benchmarks.systems import Predictor, Spec

HOLDOUT = 0.2
PATIENCE = 50
MAX_ROUNDS = 10_000
# A refit sees 1 / 0.8 of the rows; the rest is for reading them anew.
REFIT_FACTOR = 1.4
RESERVE_SECONDS = 0.3

METRIC = {"binary": "auc", "multiclass": "multi_logloss", "regression": "rmse"}
OBJECTIVE = {"binary": "binary", "multiclass": "multiclass", "regression": "regression"}

DEFAULTS = {
    "learning_rate": 0.1,
    "feature_fraction": 1.0,
    "bagging_fraction": 1.0,
    "num_leaves": 31,
    "min_data_in_leaf": 20,
    "extra_trees": False,
    "min_data_per_group": 100,
    "cat_l2": 2.0,
    "cat_smooth": 10.0,
    "max_cat_to_onehot": 8,
    "lambda_l1": 1e-4,
    "lambda_l2": 1e-4,
}
"""The library's defaults, as near as the ranges come to them."""


@dataclass(frozen=True)
class TunedPredictor:
    """A fitted booster."""

    encoder: PlainEncoder
    booster: Any
    classes: Sequence[Any]
    note: str

    def predict(self, rows: pd.DataFrame) -> NDArray[Any]:
        """Return probabilities in the order of `classes`, or values."""
        values = np.asarray(self.booster.predict(self.encoder.encode(rows)))
        if len(self.classes) == 2:
            return np.column_stack([1 - values, values])
        return values


@dataclass(frozen=True)
class _Best:
    """The best trial so far."""

    params: dict[str, Any]
    rounds: int
    seconds: float
    gain: float


def fit_tuned(train: pd.DataFrame, spec: Spec) -> Predictor:
    """Search until the refit of the best has to begin, then refit."""
    import lightgbm as lgb
    import optuna

    end = time.monotonic() + spec.budget
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    encoder = PlainEncoder.learn(train, spec)
    X = encoder.encode(train)
    y, classes = _targets(train, spec)
    fixed = {
        "objective": OBJECTIVE[spec.task],
        "metric": METRIC[spec.task],
        "seed": spec.seed,
        "verbose": -1,
        "bagging_freq": 1,
        # Without this the binned rows could not be shared by trials.
        "feature_pre_filter": False,
    }
    if spec.task == "multiclass":
        fixed["num_class"] = len(classes)
    inner, held = _holdout(train, y, spec)
    data = lgb.Dataset(X.iloc[inner], y[inner], params=fixed, free_raw_data=False)
    valid = lgb.Dataset(X.iloc[held], y[held], reference=data, params=fixed, free_raw_data=False)
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=spec.seed)
    )
    study.enqueue_trial(DEFAULTS)
    best: _Best | None = None
    n_trials = 0
    while best is None or time.monotonic() < end - _reserve(best.seconds):
        trial = study.ask()
        params = fixed | _suggest(trial)
        found = _try(params, data, valid, end, 0.0 if best is None else best.seconds)
        study.tell(trial, found.gain)
        n_trials += 1
        if best is None or found.gain > best.gain:
            best = found
    everything = lgb.Dataset(X, y, params=fixed)
    booster = lgb.train(best.params, everything, best.rounds, callbacks=[_Clock(end, 0.0)])
    note = f"{n_trials} trials, {booster.current_iteration()} of {best.rounds} rounds"
    return TunedPredictor(encoder, booster, classes, note)


def _targets(train: pd.DataFrame, spec: Spec) -> tuple[NDArray[Any], list[Any]]:
    if spec.task == "regression":
        return train[spec.target].to_numpy(dtype=np.float64), []
    numbers, classes = pd.factorize(train[spec.target], sort=True)
    return numbers, list(classes)


def _holdout(
    train: pd.DataFrame, y: NDArray[Any], spec: Spec
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hold rows out for early stopping in the way in which the test rows were taken."""
    from sklearn.model_selection import GroupShuffleSplit, train_test_split

    rows = np.arange(len(train))
    if spec.time:
        order = np.argsort(train[spec.time].to_numpy(), kind="stable")
        cut = len(order) - int(HOLDOUT * len(order))
        return np.sort(order[:cut]), np.sort(order[cut:])
    if spec.group:
        splitter = GroupShuffleSplit(1, test_size=HOLDOUT, random_state=spec.seed)
        inner, held = next(splitter.split(rows, groups=train[spec.group]))
        return inner, held
    # Classes of one row cannot be on both sides.
    stratify = y if spec.task != "regression" and np.bincount(y).min() > 1 else None
    inner, held = train_test_split(
        rows, test_size=HOLDOUT, random_state=spec.seed, stratify=stratify
    )
    return inner, held


def _suggest(trial: Any) -> dict[str, Any]:
    """Suggest parameters from TabArena's ranges."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 5e-3, 0.1, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.4, 1.0),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.7, 1.0),
        "num_leaves": trial.suggest_int("num_leaves", 2, 200, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 1, 64, log=True),
        "extra_trees": trial.suggest_categorical("extra_trees", [False, True]),
        "min_data_per_group": trial.suggest_int("min_data_per_group", 2, 100, log=True),
        "cat_l2": trial.suggest_float("cat_l2", 5e-3, 2.0, log=True),
        "cat_smooth": trial.suggest_float("cat_smooth", 1e-3, 100.0, log=True),
        "max_cat_to_onehot": trial.suggest_int("max_cat_to_onehot", 8, 100, log=True),
        "lambda_l1": trial.suggest_float("lambda_l1", 1e-4, 1.0, log=True),
        "lambda_l2": trial.suggest_float("lambda_l2", 1e-4, 2.0, log=True),
    }


def _try(params: dict[str, Any], data: Any, valid: Any, end: float, reserved: float) -> _Best:
    """Fit one trial; what it scores, and what a refit of it would take."""
    import lightgbm as lgb

    start = time.monotonic()
    clock = _Clock(end, reserved)
    booster = lgb.train(
        params,
        data,
        MAX_ROUNDS,
        valid_sets=[valid],
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False), clock],
    )
    value = booster.best_score["valid_0"][params["metric"]]
    rounds = booster.best_iteration or booster.current_iteration()
    share = rounds / max(1, booster.current_iteration())
    seconds = (time.monotonic() - start) * share
    return _Best(params, rounds, seconds, value if params["metric"] == "auc" else -value)


def _reserve(seconds: float) -> float:
    """Return the seconds to keep for the refit of a trial that took so many."""
    return REFIT_FACTOR * seconds + RESERVE_SECONDS


@dataclass(eq=False)  # LightGBM keeps callbacks in a set
class _Clock:
    """Ends a fit when its own refit, or that of the best so far, has to begin.

    Without validation rows it is the refit itself that ends, at the budget's end.
    """

    end: float
    reserved: float
    start: float | None = None
    best: tuple[int, list[Any]] | None = None
    # LightGBM orders callbacks by this, and asks for the other one.
    order: int = 40
    before_iteration: bool = False

    def __call__(self, env: Any) -> None:
        """Look at the clock after a boosting round; called by LightGBM."""
        import lightgbm as lgb

        now = time.monotonic()
        if self.start is None:
            self.start = now
        results = env.evaluation_result_list
        if self.best is None or _leads(results, self.best[1]):
            self.best = env.iteration, results
        kept = _reserve(max(self.reserved, now - self.start)) if results else 0.0
        if now > self.end - kept:
            raise lgb.callback.EarlyStopException(*self.best)


def _leads(results: list[Any], best: list[Any]) -> bool:
    """Say whether a round's result is better; a refit has none, and its last round counts."""
    if not results:
        return True
    value, other, higher_is_better = results[0][2], best[0][2], results[0][3]
    return bool(value > other if higher_is_better else value < other)
