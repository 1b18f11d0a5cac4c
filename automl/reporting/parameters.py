"""How much each hyperparameter mattered, by family."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

FEWEST = 10
"""Finished candidates of a family below which nothing is estimated."""

COLUMNS = ("family", "parameter", "importance", "trials")


def parameter_importance(trials: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Estimate how much of the variation of scores each hyperparameter explains.

    Functional analysis of variance of a forest fitted to the ranks of the scores (Hutter, Hoos
    and Leyton-Brown 2014): ranks, so that one hopeless candidate does not decide alone. Only
    candidates that finished all folds have comparable scores; families with fewer than ten of
    them are left out.

    Parameters
    ----------
    trials : DataFrame
        As `Result.trials`.
    seed : int
        Seed of the forest.

    Returns
    -------
    DataFrame
        Columns family, parameter, importance (shares of a family add up to 1), trials (finished
        candidates behind it); the strongest family and parameter first. Empty where nothing can
        be estimated.
    """
    if trials.empty:
        return pd.DataFrame({name: [] for name in COLUMNS})
    parts = [
        _of_family(str(family), part, seed)
        for family, part in finished(trials).groupby("family", sort=False)
        if len(part) >= FEWEST
    ]
    parts = [part for part in parts if not part.empty]
    if not parts:
        return pd.DataFrame({name: [] for name in COLUMNS})
    return pd.concat(parts, ignore_index=True)


def finished(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the candidates that have a score on all rows."""
    return trials[(trials["status"] == "complete") & trials["score"].map(math.isfinite)]


def _of_family(family: str, trials: pd.DataFrame, seed: int) -> pd.DataFrame:
    import optuna

    params = [dict(one) for one in trials["params"]]
    spaces = _distributions(params)
    ranks = trials["score"].rank().to_numpy(dtype=np.float64)
    if not spaces or np.ptp(ranks) == 0:
        return pd.DataFrame({name: [] for name in COLUMNS})
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    for one, rank in zip(params, ranks, strict=True):
        study.add_trial(
            optuna.trial.create_trial(
                params={name: one[name] for name in spaces},
                distributions=spaces,
                value=float(rank),
            )
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    frame = pd.DataFrame({"parameter": list(found), "importance": list(found.values())})
    frame = frame.assign(family=family, trials=len(trials))[list(COLUMNS)]
    return frame.sort_values("importance", ascending=False, kind="stable")


def _distributions(params: Sequence[Mapping[str, Any]]) -> dict[str, BaseDistribution]:
    """Return the spaces that all candidates have values in, from the values themselves."""
    shared = set(params[0]).intersection(*params[1:])
    found = {}
    for name in (one for one in params[0] if one in shared):
        space = _distribution([one[name] for one in params])
        if space is not None:
            found[name] = space
    return found


def _distribution(values: Sequence[Any]) -> BaseDistribution | None:
    """Return the smallest space around values; None where they are all the same."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if not all(one is None or isinstance(one, bool | int | float | str) for one in values):
        return None
    distinct = list(dict.fromkeys(values))
    if len(distinct) < 2:
        return None
    if any(isinstance(one, bool | str) or one is None for one in distinct):
        return CategoricalDistribution(distinct)
    if not all(map(math.isfinite, distinct)):
        return None
    low, high = min(distinct), max(distinct)
    log = low > 0 and high / low > 10
    if all(isinstance(one, int) for one in distinct):
        return IntDistribution(low, high, log=log)
    return FloatDistribution(float(low), float(high), log=log)
