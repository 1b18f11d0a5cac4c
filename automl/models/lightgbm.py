"""LightGBM, grown round by round under a deadline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from automl.features.base import Encoded, Encoding
from automl.models.base import Facts, Family, FitLimits, FittedModel, Params, Preset, Rows
from automl.models.boosting import (
    MAX_ROUNDS,
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
from automl.models.files import read_notes, restore, write_notes
from automl.models.limits import needs_time
from automl.models.portfolio import Entry, select
from automl.models.targets import Target

if TYPE_CHECKING:
    import optuna

    from explain import protocol

_MODEL = "model.txt"
_MAX_BIN = 255


class LightGBMModel(FittedModel):
    """A booster cut at its best round.

    Parameters
    ----------
    booster : lightgbm.Booster
        The trees.
    target : Target
        What is predicted.
    rounds : int
        Rounds that predictions use.
    """

    def __init__(self, booster: lightgbm.Booster, target: Target, rounds: int):
        self.booster = booster
        self.target = target
        self.rounds = rounds

    def predict(self, X: Encoded, n_threads: int = 1) -> NDArray[np.float64]:
        """Predict with the kept rounds."""
        raw = self.booster.predict(X.values, num_iteration=self.rounds, num_threads=n_threads)
        return self.target.decode(np.asarray(raw))

    def opened(self, encoding: protocol.Encoding) -> protocol.Parts:
        """Return the trees; their sum is what is decoded, or its margin."""
        from explain.protocol import Parts, Trees
        from explain.trees import read_forest

        def raw(values: Any) -> NDArray[np.float64]:
            found = self.booster.predict(values, raw_score=True, num_iteration=self.rounds)
            return np.asarray(found, dtype=np.float64).reshape(len(values), -1)

        forest = read_forest(self.booster)
        return Parts(
            Trees(forest, encoding, raw), "margin" if self.target.classifies else "response"
        )

    def save(self, folder: Path) -> None:
        """Write LightGBM's own text format and a JSON file."""
        self.booster.save_model(folder / _MODEL, num_iteration=self.rounds)
        write_notes(folder, self, self.target)

    @classmethod
    def load(cls, folder: Path, trusted: tuple[str, ...] = ()) -> LightGBMModel:
        """Read what `save` wrote."""
        target, notes = read_notes(folder)
        booster = lightgbm.Booster(model_file=folder / _MODEL)
        return restore(cls(booster, target, int(notes["rounds"])), notes)


class LightGBM(Family):
    """Gradient boosted trees grown leaf by leaf, with native categories."""

    name = "lightgbm"
    model_class = LightGBMModel

    def encoding(self, params: Params, facts: Facts) -> Encoding:
        """Ask for integer codes, with generated features where the parameters say so."""
        return Encoding(kind="native", crosses=bool(params["crosses"]))

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest from TabArena's ranges, narrowed to what short fits can use."""
        name = "lightgbm."
        return {
            "learning_rate": trial.suggest_float(name + "learning_rate", 0.01, 0.2, log=True),
            "num_leaves": trial.suggest_int(name + "num_leaves", 2, 200, log=True),
            "feature_fraction": trial.suggest_float(name + "feature_fraction", 0.4, 1.0),
            "bagging_fraction": trial.suggest_float(name + "bagging_fraction", 0.7, 1.0),
            "min_data_in_leaf": trial.suggest_int(name + "min_data_in_leaf", 1, 64, log=True),
            "extra_trees": trial.suggest_categorical(name + "extra_trees", [False, True]),
            "lambda_l1": trial.suggest_float(name + "lambda_l1", 0.0, 1.0),
            "lambda_l2": trial.suggest_float(name + "lambda_l2", 0.0, 2.0),
            "min_data_per_group": trial.suggest_int(name + "min_data_per_group", 2, 100, log=True),
            "cat_l2": trial.suggest_float(name + "cat_l2", 5e-3, 10.0, log=True),
            "cat_smooth": trial.suggest_float(name + "cat_smooth", 1e-3, 100.0, log=True),
            "max_cat_to_onehot": trial.suggest_int(name + "max_cat_to_onehot", 4, 100, log=True),
            "max_rounds": trial.suggest_int(name + "max_rounds", 150, MAX_ROUNDS, log=True),
            "crosses": trial.suggest_categorical(name + "crosses", [False, True]),
        }

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return a quick first model, tuned defaults, and shapes from learned portfolios."""
        tuned = _TUNED_REGRESSION if facts.task == "regression" else _TUNED_CLASSES
        return select((*_ENTRIES, tuned), facts)

    def memory(self, params: Params, facts: Facts, n_features: int) -> int:
        """Estimate encoded rows, bins, scores, histograms and trees."""
        features = max(1, n_features)
        outputs = facts.n_classes if facts.task == "multiclass" else 1
        rows = facts.n_rows * (features * (8 + 8 + 2) + outputs * 32)
        histograms = int(params["num_leaves"]) * features * (_MAX_BIN + 1) * 16
        trees = 400 * outputs * int(params["num_leaves"]) * 100
        return rows + histograms + trees

    def fit(
        self, params: Params, train: Rows, valid: Rows | None, facts: Facts, limits: FitLimits
    ) -> LightGBMModel:
        """Grow rounds until patience or time runs out, and keep the best."""
        needs_time(limits, self.name)
        target = Target.of(train, facts)
        target.needs_two_classes()
        leaves = float(params["num_leaves"])
        cost = round_cost(leaves, float(params["feature_fraction"]))
        cost *= appetite(leaves, bool(params["extra_trees"]))
        rate = paced_rate(float(params["learning_rate"]), facts, cost)
        settings = _settings(params, rate, target, train, limits)
        watched = None if limits.rounds is not None else target.known(valid)
        data = _dataset(train, target, settings)
        booster = lightgbm.Booster(settings, data)
        if watched is not None:
            booster.add_valid(_dataset(watched, target, settings, data), "valid")
        cap = int(params["max_rounds"])
        outcome = boost(
            step=lambda _: bool(booster.update()),
            loss=None if watched is None else lambda: float(booster.eval_valid()[0][2]),
            limits=limits,
            patience=Patience(least_patience(len(train.y), rate)),
            max_rounds=most_rounds(limits, watched is not None, rate, cap),
            every=look_every(target.n_outputs, 0 if watched is None else len(watched.y)),
        )
        model = LightGBMModel(booster.free_dataset(), target, outcome.rounds)
        model.note, model.changed = outcome.note, {"learning_rate": rate}
        model.rounds_run = outcome.run
        return model


def _dataset(
    rows: Rows, target: Target, settings: Params, reference: lightgbm.Dataset | None = None
) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        rows.X.values,
        label=target.encode(rows.y),
        weight=rows.weight,
        reference=reference,
        feature_name=[f"f{i}" for i in range(rows.X.values.shape[1])],
        categorical_feature=list(rows.X.categorical),
        params=dict(settings),
        free_raw_data=True,
    )


def _settings(
    params: Params, rate: float, target: Target, train: Rows, limits: FitLimits
) -> dict[str, Any]:
    """Translate parameters into LightGBM's, deterministic and silent."""
    n_rows, n_features = train.X.values.shape
    own = {key: params[key] for key in params if key not in ("crosses", "max_rounds")}
    least = min(int(params["min_data_in_leaf"]), max(1, n_rows // 10))
    wide = n_features > 200 and n_rows < 20 * n_features
    return (
        own
        | _objective(target)
        | {
            "learning_rate": rate,
            "min_data_in_leaf": least,
            "bagging_freq": 1 if params["bagging_fraction"] < 1.0 else 0,
            "min_sum_hessian_in_leaf": _least_hessian(target, train),
            "max_bin": _MAX_BIN,
            "num_threads": useful_threads(limits, n_rows, n_features),
            "seed": limits.seed % (2**31),
            "deterministic": True,
            "force_col_wise" if wide else "force_row_wise": True,
            "verbosity": -1,
        }
    )


def _least_hessian(target: Target, train: Rows) -> float:
    """Return the least curvature of a leaf.

    With many classes a rare one has next to none, and leaves of unbounded value make the fit
    diverge: on kddcup99 (23 classes) the log loss is 0.43 with 1e-7 and 0.01 with 0.1.
    """
    weight = 1.0 if train.weight is None else float(train.weight.mean())
    return (0.1 if target.task == "multiclass" else 1e-3) * weight


def _objective(target: Target) -> dict[str, Any]:
    if target.task == "regression":
        return {"objective": "regression", "metric": "rmse"}
    if target.task == "binary":
        return {"objective": "binary", "metric": "binary_logloss"}
    return {
        "objective": "multiclass",
        "metric": "multi_logloss",
        "num_class": target.n_outputs,
    }


def _tree(
    rate: float, leaves: int, features: float, rows: float, least: int, extra: bool, **regular: Any
) -> Params:
    """Spell out a configuration; the rest are the portfolios' common values."""
    usual = {
        "lambda_l1": 0.0,
        "lambda_l2": 0.0,
        "min_data_per_group": 100,
        "cat_l2": 10.0,
        "cat_smooth": 10.0,
        "max_cat_to_onehot": 4,
        "max_rounds": MAX_ROUNDS,
        "crosses": False,
    }
    return (
        {
            "learning_rate": rate,
            "num_leaves": leaves,
            "feature_fraction": features,
            "bagging_fraction": rows,
            "min_data_in_leaf": least,
            "extra_trees": extra,
        }
        | usual
        | regular
    )


def _categories(least: int, l2: float, smooth: float, onehot: int) -> Params:
    return {
        "min_data_per_group": least,
        "cat_l2": l2,
        "cat_smooth": smooth,
        "max_cat_to_onehot": onehot,
    }


_TUNED_CLASSES = Entry(
    1, _tree(0.04, 50, 1.0, 0.75, 40, False), "pytabkit's tuned default for classes", tiny=3
)
_TUNED_REGRESSION = Entry(
    1, _tree(0.05, 100, 1.0, 0.7, 3, False), "pytabkit's tuned default for values", tiny=3
)
_ENTRIES = (
    Entry(
        0,
        _tree(0.1, 31, 0.9, 0.9, 20, False, max_rounds=150),
        "a quick first model: 31 leaves, at most 150 rounds",
    ),
    Entry(
        2,
        _tree(
            0.018,
            39,
            0.46,
            0.88,
            3,
            True,
            lambda_l1=0.24,
            lambda_l2=0.36,
            **_categories(9, 0.34, 15.4, 16),
        ),
        "AutoGluon 2025 r177: extremely randomised",
    ),
    Entry(
        6,
        _tree(0.012, 53, 0.70, 1.0, 14, False),
        "AutoGluon 2023 r131",
        tiny=9,
        text=None,
    ),
    Entry(
        8,
        _tree(
            0.0127,
            5,
            0.73,
            0.85,
            12,
            True,
            lambda_l1=0.24,
            lambda_l2=0.30,
            **_categories(93, 0.011, 5.1, 67),
        ),
        "AutoGluon 2025 r120: small trees",
        tiny=1,
    ),
    Entry(
        11,
        _tree(
            0.019,
            64,
            0.55,
            0.99,
            28,
            True,
            lambda_l1=0.91,
            lambda_l2=1.9,
            crosses=True,
            **_categories(54, 0.0143, 1.87, 18),
        ),
        "AutoGluon 2025 r13: generated features",
        text=None,
    ),
    Entry(
        13,
        _tree(
            0.0114,
            84,
            0.53,
            0.98,
            3,
            False,
            lambda_l1=0.027,
            lambda_l2=0.84,
            **_categories(75, 0.155, 0.0093, 42),
        ),
        "AutoGluon 2025 r163",
        tiny=None,
    ),
    Entry(
        16,
        _tree(
            0.018,
            180,
            0.40,
            0.95,
            12,
            True,
            lambda_l1=0.77,
            lambda_l2=1.6,
            **_categories(3, 0.216, 0.064, 11),
        ),
        "AutoGluon 2025 r72: large trees",
        tiny=None,
        large=None,
        text=None,
    ),
    Entry(
        18,
        _tree(
            0.04,
            16,
            0.58,
            0.96,
            1,
            False,
            lambda_l1=0.94,
            lambda_l2=0.99,
            crosses=True,
            **_categories(39, 1.9, 0.0215, 27),
        ),
        "AutoGluon 2025 r31: generated features",
        text=None,
    ),
    Entry(
        21,
        _tree(
            0.0154,
            68,
            0.62,
            0.96,
            1,
            False,
            lambda_l1=0.16,
            lambda_l2=0.69,
            **_categories(30, 0.124, 68.9, 17),
        ),
        "AutoGluon 2025 r33, for up to 10,000 rows",
        tiny=None,
        large=None,
        text=None,
    ),
    Entry(
        24,
        _tree(
            0.01,
            8,
            0.94,
            0.81,
            24,
            False,
            lambda_l1=0.44,
            lambda_l2=0.30,
            **_categories(3, 0.0058, 0.029, 28),
        ),
        "AutoGluon 2025 r6: small trees",
        tiny=10,
        large=None,
        text=None,
    ),
)
