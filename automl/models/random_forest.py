"""Random forests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.models.base import Facts, Params, Preset
from automl.models.forests import ForestFamily
from automl.models.portfolio import Entry, select
from automl.models.targets import Target

if TYPE_CHECKING:
    import optuna


class RandomForest(ForestFamily):
    """Trees on bootstrap samples with random features at each split, averaged."""

    name = "random_forest"

    def space(self, trial: optuna.trial.BaseTrial, facts: Facts) -> Params:
        """Suggest from TabArena's ranges."""
        name = "random_forest."
        params: Params = {
            "n_trees": trial.suggest_int(name + "n_trees", 50, 200, step=25),
            "max_features": trial.suggest_float(name + "max_features", 0.1, 1.0),
            "min_samples_leaf": trial.suggest_int(name + "min_samples_leaf", 1, 40, log=True),
        }
        if facts.task != "regression":
            choices = ["gini", "entropy"]
            params["criterion"] = trial.suggest_categorical(name + "criterion", choices)
        return params

    def presets(self, facts: Facts) -> tuple[Preset, ...]:
        """Return two shapes from learned portfolios."""
        gini: Params = {} if facts.task == "regression" else {"criterion": "gini"}
        entropy: Params = {} if facts.task == "regression" else {"criterion": "entropy"}
        share = 0.75 if facts.task == "regression" else 0.3
        entries = (
            Entry(
                10,
                {"n_trees": 100, "max_features": share, "min_samples_leaf": 1} | entropy,
                "between AutoGluon's default and r195",
                tiny=6,
                text=None,
            ),
            Entry(
                25,
                {"n_trees": 100, "max_features": 0.75, "min_samples_leaf": 20} | gini,
                "AutoGluon 2023 r34: large leaves",
                tiny=7,
                large=None,
                text=None,
            ),
        )
        return select(entries, facts)

    def estimator(self, params: Params, target: Target, settings: Params) -> Any:
        """Make the unfitted forest."""
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        if not target.classifies:
            return RandomForestRegressor(**settings)
        return RandomForestClassifier(criterion=params["criterion"], **settings)
