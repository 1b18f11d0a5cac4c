"""Calibration finds planted maps, leaves calibrated predictions alone and keeps their order."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import sigmoid
from scipy.optimize import minimize

from automl.ensemble import Calibration, calibrate, from_margin, to_margin
from automl.ensemble.calibration import _fit_scale, _fit_scale_and_shift, _losses
from automl.metrics import get_metric


def planted(
    task: str, scale: float, shift: float = 0.0, n_rows: int = 4_000, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions with the true margin scale * margin + shift, and targets."""
    rng = np.random.default_rng(seed)
    if task == "binary":
        margin = 1.2 * rng.normal(size=n_rows) / scale
        y = (rng.random(n_rows) < sigmoid(scale * margin + shift)).astype(np.int64)
        return sigmoid(margin), y
    margin = 1.5 * rng.normal(size=(n_rows, 4)) / scale
    truth = from_margin(scale * margin, "multiclass")
    y = (truth.cumsum(axis=1) < rng.random((n_rows, 1))).sum(axis=1)
    return from_margin(margin, "multiclass"), y


FOLDS = np.arange(4_000) % 5


@pytest.mark.parametrize("scale", [0.4, 2.5])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_planted_temperature_is_found(task: str, scale: float) -> None:
    prediction, y = planted(task, scale)
    found = calibrate(prediction, y, FOLDS, task=task)
    assert found.scale == pytest.approx(scale, rel=0.1)
    assert found.shift == 0
    metric = get_metric("log_loss", task)
    assert found.loss_before == pytest.approx(metric.score(y, prediction))
    assert found.loss_after is not None
    assert found.loss_after == pytest.approx(
        metric.score(y, found.apply(prediction, task)), rel=2e-3
    )
    assert found.loss_after < found.loss_before


def test_a_planted_shift_is_found() -> None:
    prediction, y = planted("binary", 0.5, shift=-1.0)
    found = calibrate(prediction, y, FOLDS, task="binary")
    assert found.scale == pytest.approx(0.5, rel=0.15)
    assert found.shift == pytest.approx(-1.0, rel=0.15)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_calibrated_predictions_stay_as_they_are(task: str) -> None:
    kept = 0
    for seed in range(10):
        prediction, y = planted(task, 1.0, seed=seed)
        found = calibrate(prediction, y, FOLDS, task=task)
        kept += found.is_identity
        if found.is_identity:
            assert found.apply(prediction, task) is prediction
    assert kept >= 8


def test_few_rows_regression_and_broken_predictions_are_not_calibrated() -> None:
    prediction, y = planted("binary", 0.3, n_rows=999)
    assert calibrate(prediction, y, FOLDS[:999], task="binary").is_identity
    values = np.linspace(0, 1, 4_000)
    assert calibrate(values, values, FOLDS, task="regression").is_identity
    prediction, y = planted("binary", 0.3)
    prediction[0] = np.nan
    assert calibrate(prediction, y, FOLDS, task="binary").is_identity


@pytest.mark.parametrize("columns", [1, 4])
def test_fits_equal_a_general_minimiser(columns: int) -> None:
    prediction, y = planted("binary" if columns == 1 else "multiclass", 0.5, 0.7, n_rows=600)
    margin = to_margin(prediction, "binary" if columns == 1 else "multiclass")
    weight = np.random.default_rng(0).uniform(0.5, 2, 600)

    def loss(values: np.ndarray) -> float:
        shift = values[1] if len(values) > 1 else 0.0
        return float(np.average(_losses(values[0] * margin + shift, y), weights=weight))

    scale, _ = _fit_scale(margin, y, weight)
    assert scale == pytest.approx(minimize(loss, [1.0]).x[0], rel=1e-3)
    if columns == 1:
        assert _fit_scale_and_shift(margin, y, weight) == pytest.approx(
            minimize(loss, [1.0, 0.0]).x, rel=1e-3
        )


def test_separable_rows_do_not_throw_the_scale_out() -> None:
    y = np.repeat([0, 1], 1_000)
    margin = 2.0 * y - 1
    ones = np.ones(2_000)
    assert 1 < _fit_scale(margin, y, ones)[0] <= 20
    scale, shift = _fit_scale_and_shift(margin, y, ones)
    assert 1 < scale <= 20
    assert abs(shift) < 1
    assert _fit_scale(-margin, y, ones)[0] == pytest.approx(0.05)


@given(
    scale=st.floats(0.05, 20),
    shift=st.floats(-5, 5),
    p=st.lists(st.floats(0, 1), min_size=2, max_size=20),
)
def test_order_is_kept(scale: float, shift: float, p: list[float]) -> None:
    prediction = np.sort(np.array(p))
    after = Calibration(scale, shift).apply(prediction, "binary")
    assert (np.diff(after) >= 0).all()
    assert ((after >= 0) & (after <= 1)).all()


@pytest.mark.parametrize("shift", [0.0, 0.8])
def test_auc_is_unchanged(shift: float) -> None:
    prediction, y = planted("binary", 0.5, shift)
    found = calibrate(prediction, y, FOLDS, task="binary")
    metric = get_metric("roc_auc", "binary")
    assert not found.is_identity
    assert metric.score(y, found.apply(prediction, "binary")) == metric.score(y, prediction)


def test_groups_make_the_comparison_more_careful() -> None:
    """Rows that are copies of one another prove nothing anew."""
    prediction, y = planted("binary", 0.4, n_rows=80)
    copies = np.repeat(np.arange(80), 50)
    rows = prediction[copies], y[copies], copies % 5
    assert not calibrate(*rows, task="binary").is_identity
    assert calibrate(*rows, task="binary", groups=copies).is_identity


def test_weights_are_repetitions() -> None:
    prediction, y = planted("binary", 0.5)
    times = np.arange(4_000) % 2 + 1
    rows = np.repeat(np.arange(4_000), times)
    weighted = calibrate(prediction, y, FOLDS, task="binary", weight=times.astype(float))
    repeated = calibrate(prediction[rows], y[rows], FOLDS[rows], task="binary")
    assert weighted.scale == pytest.approx(repeated.scale, rel=1e-6)
    assert weighted.loss_after == pytest.approx(repeated.loss_after)


def test_large_tables_are_sampled() -> None:
    prediction, y = planted("binary", 0.5, n_rows=300_000)
    found = calibrate(prediction, y, np.arange(300_000) % 3, task="binary", seed=1)
    assert found.scale == pytest.approx(0.5, rel=0.02)
    assert found == calibrate(prediction, y, np.arange(300_000) % 3, task="binary", seed=1)


def test_calibrations_survive_json() -> None:
    for found in (Calibration(), Calibration(0.5, 0.1, 0.4, 0.3)):
        assert Calibration.from_dict(json.loads(json.dumps(found.to_dict()))) == found
