"""Ranking scores against scikit-learn, published numbers and numerical derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from candor.statistics import (
    average_precision,
    average_precision_influence,
    roc_auc,
    roc_auc_influence,
    standard_error,
)

SCORES = {
    "roc_auc": (roc_auc, roc_auc_influence, roc_auc_score),
    "average_precision": (average_precision, average_precision_influence, average_precision_score),
}


def tied_rows(seed: int, n: int = 200) -> tuple[NDArray, NDArray, NDArray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    score = np.round(rng.normal(size=n) + y, 1)
    return y, score, rng.integers(0, 4, n).astype(float)


@pytest.mark.parametrize("name", SCORES)
@given(st.data())
def test_scores_equal_scikit_learn(name: str, data: st.DataObject) -> None:
    ours, _, theirs = SCORES[name]
    n = data.draw(st.integers(2, 40))
    rows = st.lists(st.integers(0, 1), min_size=n, max_size=n).filter(lambda v: 0 < sum(v) < n)
    y = np.array(data.draw(rows))
    score = np.array(data.draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))) / 6
    weight = np.array(data.draw(st.lists(st.floats(0.1, 9), min_size=n, max_size=n)))
    assert ours(y, score) == pytest.approx(theirs(y, score))
    assert ours(y, score, weight) == pytest.approx(theirs(y, score, sample_weight=weight))


@pytest.mark.parametrize("name", SCORES)
def test_weights_are_repetitions(name: str) -> None:
    y, score, weight = tied_rows(0)
    rows = np.repeat(np.arange(len(y)), weight.astype(int))
    assert SCORES[name][0](y, score, weight) == pytest.approx(
        SCORES[name][0](y[rows], score[rows])
    )


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize("weighted", [False, True])
def test_influence_is_the_derivative(name: str, weighted: bool) -> None:
    score_of, influence_of, _ = SCORES[name]
    y, score, weight = tied_rows(1, 60)
    mass = weight + 0.5 if weighted else np.ones(60)
    influence = influence_of(y, score, mass if weighted else None)
    assert np.average(influence, weights=mass) == pytest.approx(0, abs=1e-12)
    step = 1e-6
    for row in range(0, 60, 7):
        more = mass.copy()
        more[row] += step
        slope = (score_of(y, score, more) - score_of(y, score, mass)) / step * mass.sum()
        assert influence[row] == pytest.approx(slope, abs=1e-3)


def test_one_outcome_has_no_auc() -> None:
    ones = np.ones(3, dtype=np.int64)
    assert np.isnan(roc_auc(ones, np.array([0.1, 0.2, 0.3])))
    assert np.isnan(roc_auc(ones - 1, np.array([0.1, 0.2, 0.3])))
    assert np.isnan(roc_auc(np.array([0, 1]), np.array([0.1, 0.2]), np.array([0.0, 1.0])))
    assert np.isnan(roc_auc(ones[:0], np.array([])))
    assert np.isnan(average_precision(ones - 1, np.array([0.1, 0.2, 0.3])))
    assert np.isnan(average_precision(ones[:0], np.array([])))


def test_error_equals_delong() -> None:
    """The variance of DeLong et al. from its definition: placements among all pairs."""
    y, score, _ = tied_rows(2, 300)
    positive, negative = score[y == 1], score[y == 0]
    wins = (positive[:, None] > negative).astype(float) + 0.5 * (positive[:, None] == negative)
    by_positive, by_negative = wins.mean(axis=1), wins.mean(axis=0)
    variance = by_positive.var(ddof=1) / len(positive) + by_negative.var(ddof=1) / len(negative)
    error = standard_error(roc_auc_influence(y, score)).value
    assert error == pytest.approx(np.sqrt(variance), rel=0.01)


def test_error_equals_the_bootstrap() -> None:
    y, score, _ = tied_rows(3, 400)
    rng = np.random.default_rng(0)
    draws = rng.integers(0, 400, (400, 400))
    for score_of, influence_of, _ in SCORES.values():
        spread = np.std([score_of(y[rows], score[rows]) for rows in draws])
        assert standard_error(influence_of(y, score)).value == pytest.approx(spread, rel=0.12)
