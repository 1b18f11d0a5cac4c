"""Values against fairlearn and scikit-learn on random tables."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from grouped_rows import labels, numbers
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from fairness.metrics import estimate, estimates

fairlearn = pytest.importorskip("fairlearn.metrics")

FAIRLEARN = {
    "selection_rate": fairlearn.selection_rate,
    "tpr": fairlearn.true_positive_rate,
    "fpr": fairlearn.false_positive_rate,
    "fnr": fairlearn.false_negative_rate,
    "tnr": fairlearn.true_negative_rate,
    "accuracy": sk.accuracy_score,
    "ppv": partial(sk.precision_score, zero_division=np.nan),
    "npv": partial(sk.precision_score, pos_label=0, zero_division=np.nan),
    "f1": partial(sk.f1_score, zero_division=np.nan),
}
LABELS = list(FAIRLEARN)


def frame_of(counted: dict[str, np.ndarray]) -> object:
    """Return fairlearn's frame of the same rows."""
    weights = {name: {"sample_weight": counted["weight"]} for name in FAIRLEARN}
    return fairlearn.MetricFrame(
        metrics=FAIRLEARN,
        y_true=counted["y"],
        y_pred=counted["said"],
        sensitive_features=counted["group"],
        sample_params=weights,
    )


def rows(n: int, seed: int, weighted: bool, k: int = 2) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    score = np.clip(rng.dirichlet(np.ones(k), n).round(3), 0.001, None)
    score /= score.sum(axis=1, keepdims=True)
    said = score.argmax(axis=1)
    return {
        "y": np.where(rng.random(n) < 0.6, said, rng.integers(0, k, n)),
        "said": said,
        "score": score,
        "group": rng.choice(["a", "b", "c"], n),
        "weight": rng.exponential(1, n) + 0.01 if weighted else np.ones(n),
    }


@settings(max_examples=200)
@given(st.integers(2, 60), st.integers(0, 10**6), st.booleans())
def test_rates_equal_fairlearn(n: int, seed: int, weighted: bool) -> None:
    given = rows(n, seed, weighted)
    weight = given["weight"] if weighted else None
    found = estimates(labels(given["y"], given["said"], given["group"], weight=weight))
    theirs = frame_of(given).by_group  # type: ignore[attr-defined]
    for name in LABELS:
        ours = found[name]
        defined = ours.denominator > 0
        expected = theirs.loc[list(ours.groups), name].to_numpy(dtype=float)
        np.testing.assert_allclose(
            ours.value[defined], expected[defined], rtol=0, atol=1e-12, err_msg=name
        )


@settings(max_examples=200)
@given(st.integers(2, 60), st.integers(0, 10**6), st.booleans())
def test_scores_equal_scikit_learn(n: int, seed: int, weighted: bool) -> None:
    given = rows(n, seed, weighted)
    y, said, w = given["y"], given["said"], given["weight"]
    score = given["score"][:, 1]
    found = estimates(labels(y, said, ["a"] * n, score=score, weight=w))
    share = {"log_loss": sk.log_loss(y, score, sample_weight=w, labels=[0, 1])}
    share["brier"] = sk.brier_score_loss(y, score, sample_weight=w, pos_label=1)
    share["mean_score"] = np.average(score, weights=w)
    share["base_rate"] = np.average(y, weights=w)
    if 0 < y.sum() < n:
        share["auc"] = sk.roc_auc_score(y, score, sample_weight=w)
        share["balanced_accuracy"] = sk.balanced_accuracy_score(y, said, sample_weight=w)
    for name, expected in share.items():
        np.testing.assert_allclose(found[name].value, expected, rtol=1e-12, err_msg=name)


@given(st.integers(2, 300), st.integers(0, 10**6), st.booleans(), st.integers(1, 20))
def test_auc_is_within_its_bin_error(n: int, seed: int, weighted: bool, bins: int) -> None:
    rng = np.random.default_rng(seed)
    y, score = rng.integers(0, 2, n), rng.random(n)
    y[:2] = 0, 1
    w = rng.exponential(1, n) if weighted else np.ones(n)
    edges = np.linspace(0, 1, bins + 1)[1:-1]
    found = estimate("auc", labels(y, None, ["a"] * n, score=score, weight=w, edges=edges))
    exact = sk.roc_auc_score(y, score, sample_weight=w)
    assert abs(found.value[0] - exact) <= found.bin_error[0] + 1e-12


@given(st.integers(6, 80), st.integers(0, 10**6), st.booleans())
def test_classes_equal_scikit_learn(n: int, seed: int, weighted: bool) -> None:
    given = rows(n, seed, weighted, k=3)
    y, said, w = given["y"], given["said"], given["weight"]
    classes = ("x", "y", "z")
    found = estimates(labels(y, said, ["a"] * n, score=given["score"], weight=w, classes=classes))
    ours = {name: one.value[0] for name, one in found.items()}
    parts = sk.precision_recall_fscore_support(
        y, said, labels=[0, 1, 2], sample_weight=w, zero_division=np.nan
    )
    named = {"ppv": parts[0], "tpr": parts[1]}
    for base, values in named.items():
        for label, expected in zip(classes, values, strict=True):
            np.testing.assert_allclose(ours[f"{base}[{label}]"], expected, rtol=1e-12)
        np.testing.assert_allclose(ours[f"macro_{base}"], values.mean(), rtol=1e-12)
    np.testing.assert_allclose(ours["macro_f1"], parts[2].mean(), rtol=1e-12)
    for k, label in enumerate(classes):
        one = estimates(labels(y == k, said == k, ["a"] * n, weight=w))
        for base in ("selection_rate", "base_rate", "tpr", "fpr", "fnr", "ppv"):
            np.testing.assert_allclose(ours[f"{base}[{label}]"], one[base].value[0], rtol=1e-12)
    accuracy = sk.accuracy_score(y, said, sample_weight=w)
    np.testing.assert_allclose(ours["accuracy"], accuracy, rtol=1e-12)
    loss = sk.log_loss(y, given["score"], sample_weight=w, labels=[0, 1, 2])
    np.testing.assert_allclose(ours["log_loss"], loss, rtol=1e-12)
    squares = ((given["score"] - np.eye(3)[y]) ** 2).sum(axis=1)
    np.testing.assert_allclose(ours["brier"], np.average(squares, weights=w), rtol=1e-12)


@given(st.integers(2, 60), st.integers(0, 10**6), st.booleans())
def test_errors_equal_scikit_learn(n: int, seed: int, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    y, said = rng.normal(0, 3, n), rng.normal(1, 3, n)
    w = rng.exponential(1, n) if weighted else np.ones(n)
    found = estimates(numbers(y, said, ["a"] * n, weight=w, threshold=1.0))
    expected = {
        "mae": sk.mean_absolute_error(y, said, sample_weight=w),
        "rmse": sk.root_mean_squared_error(y, said, sample_weight=w),
        "bias": np.average(said - y, weights=w),
        "mean_prediction": np.average(said, weights=w),
        "mean_outcome": np.average(y, weights=w),
        "selection_rate": np.average(said >= 1, weights=w),
        "base_rate": np.average(y >= 1, weights=w),
    }
    assert set(found) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name].value, value, rtol=1e-12, atol=1e-12, err_msg=name)
