"""XGBoost with histograms and native categories, grown round by round under a deadline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xgboost
from numpy.typing import NDArray
from scipy.special import expit, softmax

from automl.features.base import Encoded, Encoding
from automl.models.base import Facts, Family, FitLimits, FittedModel, Params, Preset, Rows
from automl.models.boosting import (
    Patience,
    appetite,
    boost,
    least_patience,
    look_every,
    most_rounds,
    paced_rate,
    round_cost,
    useful_threads,
)
from automl.models.codes import within_levels
from automl.models.files import read_notes, restore, write_notes
from automl.models.limits import needs_time
from automl.models.portfolio import Entry, select
from automl.models.targets import Target

if TYPE_CHECKING:
    import optuna

    from explain import protocol

_MODEL = "model.ubj"
_MAX_BIN = 256
_SLOWER = 1.5
"""Cost of a round in rounds of LightGBM."""


class XGBoostModel(FittedModel):
    """A booster cut at its best round.

    Parameters
    ----------
    booster : xgboost.Booster
        The trees.
    target : Target
        What is predicted.
    levels : tuple of (int, int)
        Position and number of levels of each categorical feature; other codes are missing.
    rounds : int
        Rounds in the booster.
    """

    def __init__(
        self,
        booster: xgboost.Booster,
        target: Target,
        levels: tuple[tuple[int, int], ...],
        rounds: int,
    ):
        self.booster = booster
        self.target = target
        self.levels = levels
        self.rounds = rounds
        self._n_threads = 0

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict with all rounds of the booster."""
        if n_threads != self._n_threads:
            self.booster.set_param({"nthread": n_threads})
            self._n_threads = n_threads
        margin = self._margin(X.values)
        if not self.target.classifies:
            return self.target.decode(margin[:, 0])
        # XGBoost's own link works in single precision, which loses margins beyond 10.
        if margin.shape[1] == 1:
            return self.target.decode(expit(margin[:, 0]))
        return self.target.decode(softmax(margin, axis=1))

    def _margin(self, values: Any) -> NDArray[np.float64]:
        """Return the sum over the trees, shape (n_rows, 1) or (n_rows, n_outputs)."""
        known = within_levels(values, self.levels)
        found = self.booster.inplace_predict(known, predict_type="margin", validate_features=False)
        return np.asarray(found, dtype=np.float64).reshape(len(values), -1)

    def opened(self, encoding: protocol.Encoding) -> protocol.Parts:
        """Return the trees; their sum is what is decoded, or its margin."""
        from explain.protocol import Encoding, Parts, Trees
        from explain.trees import read_forest

        within = Encoding(
            lambda rows: within_levels(encoding.transform(rows), self.levels), encoding.sources
        )
        trees = Trees(read_forest(self.booster), within, self._margin)
        return Parts(trees, "margin" if self.target.classifies else "response")

    def save(self, folder: Path) -> None:
        """Write XGBoost's own binary JSON and a JSON file."""
        self.booster.save_model(folder / _MODEL)
        write_notes(folder, self, self.target, levels=[list(pair) for pair in self.levels])

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> XGBoostModel:
        """Read what `save` wrote."""
        target, notes = read_notes(folder)
        booster = xgboost.Booster(model_file=folder / _MODEL)
        levels = tuple((int(position), int(count)) for position, count in notes["levels"])
        return restore(cls(booster, target, levels, int(notes["rounds"])), notes)


class XGBoost(Family):
    """Gradient boosted trees with second-order splits, by level or by loss."""

    name = "xgboost"
    model_class = XGBoostModel

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for integer codes."""
        return Encoding(kind="native")

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest from TabArena's ranges, narrowed to what short fits can use."""
        name = "xgboost."
        policies = ["depthwise", "lossguide"]
        return {
            "learning_rate": trial.suggest_float(name + "learning_rate", 0.01, 0.2, log=True),
            "max_depth": trial.suggest_int(name + "max_depth", 3, 10, log=True),
            "max_leaves": trial.suggest_int(name + "max_leaves", 8, 1024, log=True),
            "grow_policy": trial.suggest_categorical(name + "grow_policy", policies),
            "min_child_weight": trial.suggest_float(
                name + "min_child_weight", 1e-6, 5.0, log=True
            ),
            "subsample": trial.suggest_float(name + "subsample", 0.6, 1.0),
            "colsample_bylevel": trial.suggest_float(name + "colsample_bylevel", 0.5, 1.0),
            "reg_alpha": trial.suggest_float(name + "reg_alpha", 0.0, 5.0),
            "reg_lambda": trial.suggest_float(name + "reg_lambda", 0.0, 5.0),
            "max_cat_to_onehot": trial.suggest_int(name + "max_cat_to_onehot", 4, 100, log=True),
        }

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return tuned defaults and shapes from learned portfolios."""
        tuned = _TUNED_REGRESSION if facts.task == "regression" else _TUNED_CLASSES
        return select((tuned, *_ENTRIES), facts)

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate encoded rows, bins, gradients, histograms and trees."""
        features = max(1, n_features)
        outputs = facts.n_classes if facts.task == "multiclass" else 1
        leaves = min(_leaves(params), facts.n_rows)
        rows = int(facts.n_rows) * (features * (8 + 4 + 2) + outputs * 32)
        histograms = 2 * leaves * features * _MAX_BIN * 16
        return rows + histograms + 400 * outputs * leaves * 120

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> XGBoostModel:
        """Grow rounds until patience or time runs out, and keep the best."""
        needs_time(limits, self.name)
        target = Target.of(train, facts)
        target.needs_two_classes()
        leaves = _leaves(params)
        cost = _SLOWER * appetite(leaves) * round_cost(leaves, float(params["colsample_bylevel"]))
        rate = paced_rate(float(params["learning_rate"]), facts, cost)
        watched = None if limits.rounds is not None else target.known(valid)
        levels = tuple(zip(train.X.categorical, train.X.n_levels, strict=True))
        data = _matrix(train, target, levels, limits)
        held = None if watched is None else _matrix(watched, target, levels, limits, data)
        settings = _settings(params, rate, target, train, limits)
        booster = xgboost.Booster(settings, [data] if held is None else [data, held])

        def step(done: int) -> bool:
            booster.update(data, done)
            return False

        outcome = boost(
            step=step,
            loss=None if held is None else lambda: float(booster.eval(held).rsplit(":", 1)[1]),
            limits=limits,
            patience=Patience(least_patience(len(train.y), rate)),
            max_rounds=most_rounds(limits, held is not None, rate),
            every=look_every(target.n_outputs, 0 if watched is None else len(watched.y)),
        )
        model = XGBoostModel(booster[: outcome.rounds], target, levels, outcome.rounds)
        model.note, model.changed = outcome.note, {"learning_rate": rate}
        model.rounds_run = outcome.run
        return model


def _leaves(params: Params) -> int:
    return min(int(params["max_leaves"]), 1 << int(params["max_depth"]))


def _matrix(
    rows: Rows,
    target: Target,
    levels: tuple[tuple[int, int], ...],
    limits: FitLimits,
    reference: xgboost.DMatrix | None = None,
) -> xgboost.QuantileDMatrix:
    kinds = ["q"] * rows.X.values.shape[1]
    for position, _ in levels:
        kinds[position] = "c"
    return xgboost.QuantileDMatrix(
        within_levels(rows.X.values, levels),
        label=target.encode(rows.y),
        weight=rows.weight,
        feature_types=kinds,
        enable_categorical=True,
        max_bin=_MAX_BIN,
        nthread=limits.n_threads,
        ref=reference,
    )


def _settings(
    params: Params, rate: float, target: Target, train: Rows, limits: FitLimits
) -> dict[str, Any]:
    """Translate parameters into XGBoost's."""
    n_rows, n_features = train.X.values.shape
    return (
        dict(params)
        | _objective(target)
        | {
            "learning_rate": rate,
            "tree_method": "hist",
            "max_bin": _MAX_BIN,
            "nthread": useful_threads(limits, n_rows, n_features),
            "seed": limits.seed % (2**31),
            "verbosity": 0,
        }
    )


def _objective(target: Target) -> dict[str, Any]:
    if target.task == "regression":
        return {"objective": "reg:squarederror", "eval_metric": "rmse"}
    if target.task == "binary":
        return {"objective": "binary:logistic", "eval_metric": "logloss"}
    return {
        "objective": "multi:softprob",
        "eval_metric": "mlogloss",
        "num_class": target.n_outputs,
    }


def _tree(rate: float, depth: int, weight: float, rows: float, columns: float) -> Params:
    """Spell out a configuration grown by level; the rest are the portfolios' common values."""
    return {
        "learning_rate": rate,
        "max_depth": depth,
        "max_leaves": 2**depth,
        "grow_policy": "depthwise",
        "min_child_weight": weight,
        "subsample": rows,
        "colsample_bylevel": columns,
        "reg_alpha": 0.0,
        "reg_lambda": 1.0,
        "max_cat_to_onehot": 4,
    }


_TUNED_CLASSES = Entry(
    5,
    # pytabkit takes no L2 penalty; without one, rare classes diverge.
    _tree(0.08, 6, 5e-6, 0.65, 0.9),
    "pytabkit's tuned default for classes, with an L2 penalty of 1",
    tiny=8,
)
_TUNED_REGRESSION = Entry(
    5,
    _tree(0.05, 9, 2.0, 0.7, 1.0) | {"reg_lambda": 0.0},
    "pytabkit's tuned default for values",
    tiny=8,
)
_ENTRIES = (
    Entry(
        9,
        _tree(0.018, 10, 0.6, 1.0, 0.69),
        "AutoGluon 2023 r33: deep trees",
        tiny=None,
        large=None,
        text=None,
    ),
    Entry(
        14,
        _tree(0.01, 6, 0.05, 0.97, 0.92)
        | {
            "max_leaves": 10,
            "grow_policy": "lossguide",
            "reg_alpha": 4.2,
            "reg_lambda": 1.5,
            "max_cat_to_onehot": 8,
        },
        "AutoGluon 2025 r171: ten leaves, strong L1",
        tiny=None,
        text=None,
    ),
    Entry(
        22,
        _tree(0.088, 5, 0.63, 1.0, 0.66),
        "AutoGluon 2023 r89",
        tiny=None,
        text=None,
    ),
)
