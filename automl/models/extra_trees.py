"""Extremely randomised trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.models.base import Facts, Params, Preset
from automl.models.forests import ForestFamily
from automl.models.portfolio import Entry, select
from automl.models.targets import Target

if TYPE_CHECKING:
    import optuna


class ExtraTrees(ForestFamily):
    """Trees with random thresholds on all rows, averaged."""

    name = "extra_trees"

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest from TabArena's ranges."""
        name = "extra_trees."
        params: Params = {
            "n_trees": trial.suggest_int(name + "n_trees", 50, 200, step=25),
            "max_features": trial.suggest_float(name + "max_features", 0.1, 1.0),
            "min_samples_leaf": trial.suggest_int(name + "min_samples_leaf", 1, 20, log=True),
        }
        if facts.task != "regression":
            choices = ["gini", "entropy"]
            params["criterion"] = trial.suggest_categorical(name + "criterion", choices)
        return params

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return three shapes from learned portfolios."""
        share = 1.0 if facts.task == "regression" else 0.75
        extra: Params = {} if facts.task == "regression" else {"criterion": "gini"}
        entropy: Params = {} if facts.task == "regression" else {"criterion": "entropy"}
        few = {"n_trees": 100}
        entries = (
            Entry(
                4,
                few | {"max_features": share, "min_samples_leaf": 1} | extra,
                "TabRepo's extra trees r42",
                tiny=2,
            ),
            Entry(
                15,
                few | {"max_features": 1.0, "min_samples_leaf": 4} | entropy,
                "AutoGluon 2023 r172",
                large=None,
                text=None,
            ),
            Entry(
                23,
                {"n_trees": 150, "max_features": 0.3, "min_samples_leaf": 1} | entropy,
                "more random: three features in ten at a split",
                large=None,
                text=None,
            ),
        )
        return select(entries, facts)

    def estimator(self, params: Params, target: Target, settings: Params) -> Any:
        """Make the unfitted forest."""
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

        if not target.classifies:
            return ExtraTreesRegressor(**settings)
        return ExtraTreesClassifier(criterion=params["criterion"], **settings)
