"""Scorers of scikit-learn and callables of the caller, asked through a stand-in estimator."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import is_classifier, is_regressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, get_scorer, get_scorer_names

from automl.errors import ArgumentError, AutoMLError
from automl.metrics import get_metric
from automl.metrics.choose import CLUSTERING, REGRESSION
from automl.metrics.foreign import UNWEIGHTED, ForeignMetric

rng = np.random.default_rng(0)
Y = (rng.random(200) < 0.4).astype(np.int64)
P = np.clip(0.3 * Y + 0.7 * rng.random(200), 0, 1)
LABELS = ("no", "yes")


def fitting(task: str, n_classes: int) -> list[str]:
    """Return the scorers of scikit-learn that are accepted for a task."""
    accepted = []
    for name in get_scorer_names():
        try:
            get_metric(name, task, range(n_classes))
        except ArgumentError:
            continue
        accepted.append(name)
    return accepted


def test_every_scorer_has_its_tasks() -> None:
    binary, multiclass = set(fitting("binary", 2)), set(fitting("multiclass", 3))
    regression = set(fitting("regression", 0))
    assert regression == REGRESSION & set(get_scorer_names())
    assert not (binary | multiclass) & (REGRESSION | CLUSTERING)
    assert {"jaccard", "neg_negative_likelihood_ratio"} <= binary - multiclass
    assert {"jaccard_macro", "roc_auc_ovo"} <= multiclass
    # Only scorers for several labels a row are left without a task.
    left = set(get_scorer_names()) - binary - multiclass - regression - CLUSTERING
    assert {name for name in left if "samples" not in name} <= {"roc_auc_ovr"}


@pytest.mark.parametrize("name", sorted({*fitting("binary", 2)} - {"top_k_accuracy"}))
def test_scorers_see_the_given_predictions(name: str) -> None:
    """An estimator with the same predictions gets the same score from scikit-learn itself."""
    X = Y[:, None] + np.random.default_rng(1).normal(size=(200, 3))
    model = LogisticRegression().fit(X, Y)
    metric = get_metric(name, "binary", LABELS)
    score = metric.score(Y, model.predict_proba(X)[:, 1])
    assert score == pytest.approx(get_scorer(name)(model, X, Y))


@pytest.mark.parametrize(
    ("name", "response"),
    [("jaccard", "label"), ("d2_log_loss_score", "probability")],
)
def test_what_a_scorer_asks_for_is_found_out(name: str, response: str) -> None:
    assert get_metric(name, "binary", LABELS).response == response


def test_weights_reach_every_scorer_that_takes_them() -> None:
    weight = np.repeat([1.0, 3.0], 100)
    for task, names in (
        ("binary", fitting("binary", 2)),
        ("regression", fitting("regression", 0)),
    ):
        y, p = (Y, P) if task == "binary" else (P + 0.5, P + 0.4 * rng.random(200) + 0.3)
        for name in names:
            metric = get_metric(name, task, LABELS)
            if not isinstance(metric, ForeignMetric) or name.startswith("top_k"):
                continue
            same = metric.score(y, p, weight) == metric.score(y, p)
            assert same == (name in UNWEIGHTED), name


def test_library_warnings_do_not_leak() -> None:
    metric = get_metric("jaccard", "binary", LABELS)
    assert metric.score(np.zeros(5, dtype=np.int64), np.zeros(5)) == 0


def test_named_scorers_can_be_pickled() -> None:
    metric = pickle.loads(pickle.dumps(get_metric("jaccard", "binary", LABELS)))
    assert 0 < metric.score(Y, P) < 1


# Callables


def share_right(estimator: Any, X: pd.DataFrame, y: np.ndarray) -> float:
    assert is_classifier(estimator)
    return accuracy_score(y, estimator.predict(X))


FRAME = pd.DataFrame({"sex": np.where(np.arange(200) % 2, "f", "m")}, index=np.arange(200) + 7)


def test_callables_see_original_labels_and_raw_rows() -> None:
    seen = {}

    def spy(estimator: Any, X: pd.DataFrame, y: np.ndarray) -> float:
        seen.update(y=y, X=X, classes=estimator.classes_, p=estimator.predict_proba(X))
        return 1

    metric = get_metric(spy, "binary", LABELS)
    assert metric.name == "spy"
    assert metric.greater_is_better
    assert metric.score(Y, P, frame=FRAME) == 1
    assert seen["y"].tolist() == np.array(LABELS)[Y].tolist()
    assert seen["classes"].tolist() == list(LABELS)
    assert seen["X"]["sex"].tolist() == FRAME["sex"].tolist()
    assert seen["p"][:, 1].tolist() == P.tolist()


def test_callables_may_predict_on_a_part_of_the_rows() -> None:
    def on_women(estimator: Any, X: pd.DataFrame, y: np.ndarray) -> float:
        part = X[X["sex"] == "f"].sort_values("sex", kind="stable")
        return accuracy_score(y[part.index], estimator.predict(part))

    metric = get_metric(on_women, "binary", LABELS)
    expected = np.mean((P[1::2] >= 0.5) == Y[1::2])
    assert metric.score(Y, P, frame=FRAME) == pytest.approx(expected)


def test_callables_may_not_ask_about_other_rows() -> None:
    def curious(estimator: Any, X: pd.DataFrame, y: np.ndarray) -> float:
        return float(len(estimator.predict(np.zeros((3, 2)))))

    with pytest.raises(ArgumentError, match="knows only the rows that it came with"):
        get_metric(curious, "binary", LABELS).score(Y, P)


@pytest.mark.parametrize("frame", [None, FRAME, pl.from_pandas(FRAME), FRAME.to_numpy()])
def test_any_kind_of_frame_will_do(frame: Any) -> None:
    metric = get_metric(share_right, "binary", LABELS)
    score = metric.score(Y, P, frame=frame)
    assert score == pytest.approx(get_metric("accuracy", "binary").score(Y, P))
    low, high = metric.interval(Y, P, frame=frame)
    assert low < score < high


def test_regression_has_values() -> None:
    def bias(estimator: Any, X: pd.DataFrame, y: np.ndarray) -> float:
        assert is_regressor(estimator)
        return -abs(float((estimator.predict(X) - y).mean()))

    metric = get_metric(bias, "regression")
    assert metric.response == "value"
    assert metric.score(P, P + 0.25) == pytest.approx(-0.25)


def test_multiclass_has_columns() -> None:
    y = np.arange(30) % 3
    p = np.eye(3)[y] * 0.6 + 0.1
    metric = get_metric(share_right, "multiclass", ["a", "b", "c"])
    assert metric.score(y, p) == 1


def test_weights_reach_callables_that_take_them() -> None:
    def weighted(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
        return accuracy_score(y, estimator.predict(X), sample_weight=sample_weight)

    weight = np.repeat([1.0, 5.0], 100)
    expected = get_metric("accuracy", "binary").score(Y, P, weight)
    assert get_metric(weighted, "binary", LABELS).score(Y, P, weight) == pytest.approx(expected)
    assert get_metric(share_right, "binary", LABELS).score(Y, P, weight) != expected


def test_threshold_reaches_callables() -> None:
    metric = get_metric(share_right, "binary", LABELS)
    assert metric.score(Y, P, threshold=2.0) == pytest.approx((Y == 0).mean())


def test_errors_of_callables_are_chained() -> None:
    def broken(estimator: Any, X: Any, y: Any) -> float:
        raise ZeroDivisionError("no women here")

    with pytest.raises(AutoMLError, match="the metric broken failed on 200 rows") as caught:
        get_metric(broken, "binary", LABELS).score(Y, P)
    assert "ZeroDivisionError: no women here" in str(caught.value)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("value", ["0.5", None, np.array([0.1, 0.2]), {"a": 1}])
def test_callables_return_one_number(value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"must return one number\n  it returned \w+"):
        get_metric(lambda e, X, y: value, "binary", LABELS).score(Y, P)


def test_numbers_of_any_kind_will_do() -> None:
    assert get_metric(lambda e, X, y: np.float32(0.5), "binary", LABELS).score(Y, P) == 0.5
    assert math.isnan(get_metric(lambda e, X, y: math.nan, "binary", LABELS).score(Y, P))


def test_intervals_agree_with_the_native_ones() -> None:
    own = get_metric(share_right, "binary", LABELS)
    low, high = get_metric("accuracy", "binary").interval(Y, P)
    ends = own.interval(Y, P)
    assert ends[1] - ends[0] == pytest.approx(high - low, rel=0.5)
    groups = np.repeat(np.arange(20), 10)
    assert own.interval(Y, P, groups=groups) != ends
    assert all(map(math.isnan, own.interval(Y, np.full(200, np.nan))))
