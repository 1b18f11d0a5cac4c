"""Models whose ``predict`` is no quantity, rankers, and log-odds that would be infinite."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from explain import explain
from explain.errors import ArgumentTypeError
from explain.opening.outputs import n_clipped

RNG = np.random.default_rng(0)
ROWS = pd.DataFrame(RNG.normal(size=(200, 3)), columns=["a", "b", "c"])
LABELS = (ROWS["a"] + 0.2 * RNG.normal(size=200) > 0).astype(int)


def test_numbers_of_clusters_are_refused() -> None:
    from sklearn.cluster import KMeans

    model = KMeans(3, random_state=0).fit(ROWS)
    with pytest.raises(ArgumentTypeError, match="clusters are no quantity"):
        explain(model, ROWS)
    near = explain(lambda rows: -model.transform(rows)[:, 0], ROWS[:5], background=ROWS[:20])
    assert near.label == "exact"


def test_outlier_detectors_are_explained_by_their_score() -> None:
    from sklearn.ensemble import IsolationForest

    model = IsolationForest(n_estimators=10, random_state=0).fit(ROWS)
    with pytest.raises(ArgumentTypeError, match="score_samples"):
        explain(model, ROWS)
    found = explain(model.score_samples, ROWS[:5], background=ROWS[:20])
    np.testing.assert_allclose(
        found.base_values + found.values.sum(axis=1), model.score_samples(ROWS[:5])
    )


def test_a_result_is_no_model_and_says_where_its_model_is() -> None:
    result = SimpleNamespace(explain=lambda: None, leaderboard=None, model=None, predict=len)
    with pytest.raises(ArgumentTypeError, match=r"result\.model, or result\.explain\(\)"):
        explain(result, ROWS)


@pytest.mark.parametrize("objective", ["lambdarank", "rank_xendcg"])
def test_rankers_are_read(objective: str) -> None:
    from lightgbm import LGBMRanker

    model = LGBMRanker(objective=objective, n_estimators=5, min_child_samples=5, verbose=-1)
    found = explain(model.fit(ROWS, LABELS, group=[100, 100]), ROWS[:20])
    assert found.label == "exact"
    assert "1 tree model" in found.route


def test_a_booster_that_gives_labels_has_scores_of_its_classes() -> None:
    import xgboost

    labels = LABELS + (ROWS["b"] > 0)
    data = xgboost.DMatrix(ROWS, labels)
    booster = xgboost.train({"objective": "multi:softmax", "num_class": 3}, data, 5)
    found = explain(booster, ROWS[:20])
    assert found.values.shape == (20, 3, 3)
    chosen = (found.base_values + found.values.sum(axis=1)).argmax(axis=1)
    np.testing.assert_array_equal(chosen, booster.predict(data)[:20])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_log_odds_of_sure_predictions_are_told(n_classes: int) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    labels: Any = LABELS if n_classes == 2 else LABELS + (ROWS["b"] > 0)
    model = KNeighborsClassifier(3).fit(ROWS, labels)
    sure = (np.isin(model.predict_proba(ROWS[:50]), (0.0, 1.0))).any(axis=1).sum()
    found = explain(model, ROWS[:50])
    assert f"of {sure} of the 50 rows some class has a probability of 0 or 1" in (
        found.verification.note
    )
    assert not explain(model, ROWS[:50], scale="probability").verification.note


def test_large_margins_of_a_model_s_own_are_not_clipped() -> None:
    assert n_clipped(np.array([[20.0], [-30.0], [3.0]])) == 0
    clipped = np.log(1e-7) - np.log1p(-1e-7)
    assert n_clipped(np.array([[clipped], [-clipped], [0.0]])) == 2
