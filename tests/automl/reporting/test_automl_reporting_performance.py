"""Scores, curves, thresholds and classes, against scikit-learn and simulations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics

from automl.errors import ArgumentError
from automl.reporting import Predictions
from automl.reporting.calibration import calibration_curve, calibration_error
from automl.reporting.curves import apart, roc
from automl.reporting.performance import judge
from automl.reporting.tally import Tally


def binary(
    n: int, *, seed: int = 0, weighted: bool = False, threshold: float = 0.5, digits: int = 9
) -> Predictions:
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 2, n).round(digits)
    y = (rng.random(n) < p**1.3).astype(np.int64)
    weight = rng.gamma(2.0, 3.0, n) if weighted else None
    return Predictions("binary", ("no", "yes"), y, p, weight, threshold, "rows of a test")


def multiclass(n: int, k: int, *, seed: int = 0, weighted: bool = False) -> Predictions:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(k, 0.4), n)
    y = np.array([rng.choice(k, p=row) for row in p])
    weight = rng.gamma(2.0, 3.0, n) if weighted else None
    classes = tuple(f"class {place}" for place in range(k))
    return Predictions("multiclass", classes, y, p, weight, 0.5, "rows of a test")


def regression(n: int, *, seed: int = 0, weighted: bool = False) -> Predictions:
    rng = np.random.default_rng(seed)
    predicted = rng.normal(50, 20, n)
    y = predicted + rng.normal(0, 1 + np.abs(predicted) / 10, n)
    weight = rng.gamma(2.0, 3.0, n) if weighted else None
    return Predictions("regression", (), y, predicted, weight, 0.5, "rows of a test")


def by_metric(predictions: Predictions) -> dict[str, float]:
    frame = judge(predictions).scores
    return dict(zip(frame["metric"], frame["value"], strict=True))


WEIGHTED = pytest.mark.parametrize("weighted", [False, True])


@WEIGHTED
def test_scores_of_two_classes_are_those_of_scikit_learn(weighted: bool) -> None:
    rows = binary(700, weighted=weighted, threshold=0.4)
    found, w = by_metric(rows), rows.weight
    label = rows.predicted >= 0.4
    expected = {
        "roc_auc": metrics.roc_auc_score(rows.y, rows.predicted, sample_weight=w),
        "average_precision": metrics.average_precision_score(
            rows.y, rows.predicted, sample_weight=w
        ),
        "log_loss": metrics.log_loss(rows.y, rows.predicted, sample_weight=w),
        "brier": metrics.brier_score_loss(rows.y, rows.predicted, sample_weight=w),
        "accuracy": metrics.accuracy_score(rows.y, label, sample_weight=w),
        "balanced_accuracy": metrics.balanced_accuracy_score(rows.y, label, sample_weight=w),
        "f1": metrics.f1_score(rows.y, label, sample_weight=w),
        "precision": metrics.precision_score(rows.y, label, sample_weight=w),
        "recall": metrics.recall_score(rows.y, label, sample_weight=w),
    }
    assert set(found) - set(expected) == {"calibration_error"}
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-9)


@WEIGHTED
def test_scores_of_many_classes_are_those_of_scikit_learn(weighted: bool) -> None:
    rows = multiclass(500, 4, weighted=weighted)
    found, w = by_metric(rows), rows.weight
    label = rows.predicted.argmax(axis=1)
    expected = {
        "log_loss": metrics.log_loss(rows.y, rows.predicted, sample_weight=w),
        "accuracy": metrics.accuracy_score(rows.y, label, sample_weight=w),
        "balanced_accuracy": metrics.balanced_accuracy_score(rows.y, label, sample_weight=w),
        "roc_auc_ovr": metrics.roc_auc_score(
            rows.y, rows.predicted, sample_weight=w, multi_class="ovr"
        ),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-9)


@WEIGHTED
def test_scores_of_values_are_those_of_scikit_learn(weighted: bool) -> None:
    rows = regression(501, weighted=weighted)
    found, w = by_metric(rows), rows.weight
    expected = {
        "rmse": metrics.root_mean_squared_error(rows.y, rows.predicted, sample_weight=w),
        "mae": metrics.mean_absolute_error(rows.y, rows.predicted, sample_weight=w),
        "r2": metrics.r2_score(rows.y, rows.predicted, sample_weight=w),
    }
    if not weighted:
        expected["median_absolute_error"] = metrics.median_absolute_error(rows.y, rows.predicted)
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "rows", [binary(300), binary(300, weighted=True), multiclass(200, 3), regression(200)]
)
def test_every_score_has_an_interval_around_it_and_a_meaning(rows: Predictions) -> None:
    frame = judge(rows).scores
    assert (frame["low"] <= frame["value"]).all()
    assert (frame["value"] <= frame["high"]).all()
    assert frame["meaning"].str.len().gt(10).all()


def test_a_narrower_confidence_gives_narrower_intervals() -> None:
    wide, narrow = judge(binary(300)).scores, judge(binary(300), confidence=0.5).scores
    assert ((narrow["high"] - narrow["low"]) < (wide["high"] - wide["low"])).all()


# Curves


@WEIGHTED
def test_the_roc_curve_runs_through_points_of_scikit_learns(weighted: bool) -> None:
    rows = binary(4000, weighted=weighted)
    found = judge(rows).curves["roc"]
    fpr, tpr, threshold = metrics.roc_curve(
        rows.y, rows.predicted, sample_weight=rows.weight, drop_intermediate=False
    )
    assert len(found) <= 300
    known = {round(t, 12): (f, g) for t, f, g in zip(threshold[1:], fpr[1:], tpr[1:], strict=True)}
    for row in found.iloc[1:].itertuples():
        assert known[round(row.threshold, 12)] == pytest.approx((row.fpr, row.tpr), abs=1e-9)
    assert found[["fpr", "tpr"]].iloc[0].tolist() == [0, 0]
    assert found[["fpr", "tpr"]].iloc[-1].tolist() == pytest.approx([1, 1])


def test_thinning_loses_nothing_that_is_seen() -> None:
    rows = binary(20_000)
    found = judge(rows).curves["roc"]
    fpr, tpr, _ = metrics.roc_curve(rows.y, rows.predicted, drop_intermediate=False)
    drawn = np.interp(fpr + tpr, found["fpr"] + found["tpr"], found["tpr"])
    assert np.abs(drawn - tpr).max() < 1 / 150
    assert metrics.auc(found["fpr"], found["tpr"]) == pytest.approx(
        metrics.roc_auc_score(rows.y, rows.predicted), abs=1e-3
    )


@WEIGHTED
def test_precision_and_recall_are_those_of_scikit_learn(weighted: bool) -> None:
    rows = binary(3000, weighted=weighted)
    found = judge(rows).curves["precision_recall"]
    precision, recall, threshold = metrics.precision_recall_curve(
        rows.y, rows.predicted, sample_weight=rows.weight
    )
    known = {
        round(t, 12): (p, r)
        for t, p, r in zip(threshold, precision[:-1], recall[:-1], strict=True)
    }
    assert len(found) <= 300
    for row in found.itertuples():
        assert known[round(row.threshold, 12)] == pytest.approx((row.precision, row.recall))
    assert ((found["low"] <= found["precision"]) & (found["precision"] <= found["high"])).all()


def test_the_roc_band_covers_the_true_curve() -> None:
    from scipy.stats import norm

    at, truth, covered, n_runs = 0.2, norm.cdf(norm.ppf(0.2) + 1.0), 0, 300
    for seed in range(n_runs):
        rng = np.random.default_rng(seed)
        y = np.repeat([0, 1], [200, 120])
        score = rng.normal(size=320) + y
        frame = roc(Tally.of(y, score, np.ones(320)), 0.95)
        row = frame[frame["fpr"] <= at + 1e-12].iloc[-1]
        covered += row["low"] <= truth <= row["high"]
    assert 0.93 <= covered / n_runs <= 0.995


def test_gain_is_the_share_of_positives_among_the_highest_scores() -> None:
    rows = binary(2000)
    found = judge(rows).curves["lift"].set_index("share")
    best = np.argsort(-rows.predicted, kind="stable")[:200]
    gain = rows.y[best].sum() / rows.y.sum()
    assert found.loc[0.1, "gain"] == pytest.approx(gain)
    assert found.loc[0.1, "lift"] == pytest.approx(10 * gain)
    assert found.loc[1.0, "gain"] == pytest.approx(1)
    assert ((found["gain_low"] <= found["gain"]) & (found["gain"] <= found["gain_high"])).all()


def test_gain_of_one_score_alone_is_a_straight_line() -> None:
    rows = binary(100)
    same = Predictions("binary", (0, 1), rows.y, np.full(100, 0.3), None, 0.5, "rows")
    found = judge(same).curves["lift"]
    assert found["gain"].to_numpy() == pytest.approx(found["share"].to_numpy())
    assert judge(same).curves["roc"]["fpr"].tolist() == [0, 1]


# Calibration


@WEIGHTED
def test_bins_of_calibration_are_means_of_their_rows(weighted: bool) -> None:
    rows = binary(1000, weighted=weighted)
    found = judge(rows).curves["calibration"]
    assert found["n"].tolist() == [100] * 10
    order = np.argsort(rows.predicted)[:100]
    weight = None if rows.weight is None else rows.weight[order]
    first = found.iloc[0]
    assert first["predicted"] == pytest.approx(np.average(rows.predicted[order], weights=weight))
    assert first["observed"] == pytest.approx(np.average(rows.y[order], weights=weight))


def test_equal_predictions_share_a_bin() -> None:
    p = np.repeat([0.2, 0.7], [500, 500])
    y = (np.arange(1000) % 10 < p * 10).astype(int)
    found = calibration_curve(y, p, np.ones(1000), 0.95)
    assert found["predicted"].tolist() == pytest.approx([0.2, 0.7])
    assert found["observed"].tolist() == pytest.approx([0.2, 0.7])


@pytest.mark.parametrize("shift", [0.0, 0.03, 0.06, 0.15])
def test_the_calibration_error_finds_the_true_one(shift: float) -> None:
    n_runs, n = 200, 1500
    found = []
    for seed in range(n_runs):
        rng = np.random.default_rng(seed)
        p = rng.uniform(0.2, 0.7, n)
        y = (rng.random(n) < p + shift).astype(float)
        found.append(calibration_error(y, p, np.ones(n), 0.95))
    value, low, high = np.array(found).T
    assert np.mean((low <= shift) & (shift <= high)) >= 0.91
    assert np.sqrt(np.mean(value**2)) == pytest.approx(shift, abs=0.03)


# Thresholds and classes


@WEIGHTED
def test_each_threshold_counts_what_scikit_learn_counts(weighted: bool) -> None:
    rows = binary(900, weighted=weighted, threshold=0.37)
    sweep = judge(rows).thresholds
    assert 40 <= len(sweep) <= 51
    assert 0.37 in set(sweep["threshold"])
    scale = 1.0 if rows.weight is None else len(rows.y) / rows.weight.sum()
    for row in sweep.itertuples():
        label = rows.predicted >= row.threshold
        matrix = metrics.confusion_matrix(rows.y, label, sample_weight=rows.weight, labels=[0, 1])
        assert [row.tn, row.fp, row.fn, row.tp] == pytest.approx((matrix * scale).ravel())
        assert row.n == label.sum()
        assert row.fpr == pytest.approx(matrix[0, 1] / matrix[0].sum())
        assert row.selection_rate == pytest.approx(matrix[:, 1].sum() / matrix.sum())
        assert row.recall_low <= row.recall <= row.recall_high


def test_the_sweep_reaches_rare_classes() -> None:
    rows = binary(2000)
    rare = Predictions("binary", (0, 1), rows.y, rows.predicted / 50, None, 0.5, "rows")
    sweep = judge(rare).thresholds
    assert sweep["selection_rate"].between(0.1, 0.9).sum() >= 10


@WEIGHTED
def test_classes_are_those_of_scikit_learn(weighted: bool) -> None:
    rows = multiclass(600, 5, weighted=weighted)
    found = judge(rows)
    label = rows.predicted.argmax(axis=1)
    precision, recall, _, _ = metrics.precision_recall_fscore_support(
        rows.y, label, sample_weight=rows.weight, labels=range(5), zero_division=np.nan
    )
    assert found.by_class["precision"].to_numpy() == pytest.approx(precision)
    assert found.by_class["recall"].to_numpy() == pytest.approx(recall)
    assert found.by_class["n"].tolist() == np.bincount(rows.y, minlength=5).tolist()
    matrix = metrics.confusion_matrix(rows.y, label, sample_weight=rows.weight, normalize="true")
    assert found.confusion["share"].to_numpy() == pytest.approx(matrix.ravel())
    worst = np.argmax(np.where(np.eye(5, dtype=bool), 0, matrix)[2])
    assert found.by_class["taken_for"][2] == f"class {worst}"


def test_many_classes_give_the_pairs_that_are_confused_most() -> None:
    rows = multiclass(3000, 40)
    found = judge(rows).confusion
    label = rows.predicted.argmax(axis=1)
    matrix = metrics.confusion_matrix(rows.y, label, labels=range(40))
    np.fill_diagonal(matrix, 0)
    assert len(found) == 50
    assert found["n"].tolist() == np.sort(matrix.ravel())[::-1][:50].tolist()
    assert (found["true"] != found["predicted"]).all()


def test_a_class_without_rows_has_no_recall() -> None:
    rows = multiclass(60, 3)
    kept = rows.y != 2
    part = Predictions(
        "multiclass", rows.classes, rows.y[kept], rows.predicted[kept], None, 0.5, "rows"
    )
    last = judge(part).by_class.iloc[2]
    assert last["n"] == 0
    assert last[["recall", "recall_low", "recall_high", "taken_share"]].isna().all()


# Values


def test_tenths_hold_quantiles_of_their_residuals() -> None:
    rows = regression(2000)
    found = judge(rows).curves["residual_quantiles"]
    order = np.argsort(rows.predicted)[:200]
    residual = (rows.y - rows.predicted)[order]
    assert found["n"].tolist() == [200] * 10
    assert found["q50"][0] == pytest.approx(np.quantile(residual, 0.5, method="inverted_cdf"))
    assert found["q95"][0] == pytest.approx(np.quantile(residual, 0.95, method="inverted_cdf"))
    assert found["actual"][0] == pytest.approx(rows.y[order].mean())
    assert (found["low"] < found["actual"]).all()


def test_the_cloud_keeps_the_largest_misses() -> None:
    rows = regression(5000)
    cloud = judge(rows).curves["residuals"]
    residual = rows.y - rows.predicted
    assert len(cloud) <= 300
    assert {residual.min(), residual.max()} <= set(cloud["residual"])
    assert (cloud["residual"] == cloud["actual"] - cloud["predicted"]).all()


# Odd input


def test_one_class_alone_leaves_no_curve_and_says_nan() -> None:
    rows = Predictions(
        "binary", ("no", "yes"), np.zeros(20, int), np.linspace(0, 1, 20), None, 0.5, "rows"
    )
    found = judge(rows)
    assert found.curves["roc"].empty
    assert found.curves["lift"].empty
    assert np.isnan(found.scores.set_index("metric").loc["roc_auc", "value"])
    assert found.thresholds["recall"].isna().all()
    assert found.thresholds["fpr"].notna().all()


@given(
    n=st.integers(1, 12),
    seed=st.integers(0, 10_000),
    weighted=st.booleans(),
    digits=st.integers(0, 3),
)
@settings(max_examples=60, deadline=None)
def test_few_rows_never_break_it(n: int, seed: int, weighted: bool, digits: int) -> None:
    rows = binary(n, seed=seed, weighted=weighted, digits=digits)
    found = judge(rows)
    sweep = found.thresholds
    assert (sweep[["tp", "fp", "tn", "fn"]].sum(axis=1) - n).abs().max() < 1e-9
    assert (sweep["n"].diff().dropna() <= 0).all()
    assert found.confusion["n"].sum() == pytest.approx(n)
    assert judge(regression(n, seed=seed)).curves["residual_quantiles"]["n"].sum() == n


def test_nothing_to_judge_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="no predictions to judge"):
        judge(binary(0))
    with pytest.raises(ArgumentError, match="confidence must lie between 0 and 1"):
        judge(binary(10), confidence=95)


@given(steps=st.lists(st.integers(0, 30), max_size=40), rows=st.integers(1, 15))
def test_kept_entries_are_far_enough_apart(steps: list[int], rows: int) -> None:
    reached: NDArray[Any] = np.cumsum(np.array(steps, dtype=np.int64))
    kept = reached[apart(reached, rows)]
    assert (np.diff(kept) >= rows).all()
    assert len(kept) >= min(1, len(steps))


def test_what_was_given_is_not_changed() -> None:
    rows = binary(200, weighted=True)
    before = (rows.y.copy(), rows.predicted.copy(), np.array(rows.weight))
    judge(rows)
    after = (rows.y, rows.predicted, rows.weight)
    for old, new in zip(before, after, strict=True):
        assert (old == new).all()
    assert isinstance(judge(rows).scores, pd.DataFrame)
