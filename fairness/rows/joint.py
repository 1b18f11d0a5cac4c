"""How well all columns together tell the groups of an attribute apart: boosted trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairness.rows.ranking import FOLDS
from fairness.rows.reading import Column
from fairness.table.values import Floats

_TREES = 120
_ROUNDS = (10, 60)
"""Fewest and most rounds of boosting; a round has one tree a group beyond two groups."""

_TRIED = 400
"""Of more columns than this, every tree looks at so many."""

_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.1,
    "num_leaves": 15,
    "max_bin": 63,
    "bagging_freq": 0,
    "deterministic": True,
    "force_row_wise": True,
    "feature_pre_filter": False,
    "verbosity": -1,
}


def held_out_scores(
    columns: Sequence[Column],
    codes: NDArray[np.int64],
    fold: NDArray[np.int64],
    n_groups: int,
    *,
    seed: int,
    n_jobs: int,
) -> tuple[Floats, Floats]:
    """Predict each row's group from fits on the other folds.

    Parameters
    ----------
    columns : sequence of Column
        At least one.
    codes, fold : ndarray of int64, shape (n_rows,)
        Group and fold of each row.
    n_groups : int
        Number of groups.
    seed : int
        Seed of the fits.
    n_jobs : int
        Threads.

    Returns
    -------
    tuple of ndarray
        Probabilities, shape (n_rows, n_groups), and each column's share of the gain of all
        splits, mean over the folds' fits.
    """
    import lightgbm as lgb

    matrix = np.column_stack([column.values for column in columns])
    categorical = [place for place, column in enumerate(columns) if column.levels > 0]
    settings = {
        **_SETTINGS,
        **_objective(n_groups),
        "min_data_in_leaf": int(np.clip(len(codes) // 50, 1, 20)),
        "feature_fraction": min(1.0, _TRIED / len(columns)),
        "seed": seed % 2**31,
        "num_threads": n_jobs,
    }
    rounds = int(np.clip(_TREES // (n_groups if n_groups > 2 else 1), *_ROUNDS))
    scores = np.zeros((len(codes), n_groups))
    gains = np.zeros(len(columns))
    # bins come from the columns alone, so that all folds may share them
    data = lgb.Dataset(
        matrix, codes, categorical_feature=categorical, params=settings, free_raw_data=False
    ).construct()
    for k in range(FOLDS):
        rows, others = fold == k, np.flatnonzero(fold != k)
        model = lgb.train(settings, data.subset(others.tolist()), num_boost_round=rounds)
        predicted = np.asarray(model.predict(matrix[rows], num_threads=n_jobs))
        scores[rows] = np.column_stack([1 - predicted, predicted]) if n_groups == 2 else predicted
        gain = np.asarray(model.feature_importance("gain"), dtype=np.float64)
        gains += gain / max(gain.sum(), 1e-300) / FOLDS
    return scores, gains


def _objective(n_groups: int) -> dict[str, Any]:
    if n_groups == 2:
        return {"objective": "binary"}
    return {"objective": "multiclass", "num_class": n_groups}
