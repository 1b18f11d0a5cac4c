"""Which predictions are judged: never those of rows that the model was fitted on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import automl
from automl.demo import loans
from automl.reporting import Predictions
from automl.reporting.performance import judge
from automl.reporting.predictions import kept_predictions
from automl.tuning.kept_rows import load_kept_rows


def searched(folder: Path, **options: object) -> automl.Result:
    return automl.search(
        loans(500),
        target="approved",
        n_trials=1,
        families=["linear"],
        run_dir=folder,
        progress=False,
        **options,  # type: ignore[arg-type]
    )


def of(result: automl.Result) -> Predictions:
    kept = load_kept_rows(result.run_dir)
    assert kept is not None
    return kept_predictions(kept, result.model, result.model.schema)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> automl.Result:
    return searched(tmp_path_factory.mktemp("runs") / "sealed", sensitive=["sex"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> automl.Result:
    return searched(tmp_path_factory.mktemp("runs") / "whole")


def test_sealed_rows_get_the_winners_own_predictions(sealed: automl.Result) -> None:
    found = of(sealed)
    rows = loans(500).iloc[sealed.sealed_rows]
    assert found.predicted == pytest.approx(sealed.predict_proba(rows)[:, 1], abs=1e-9)
    assert np.array(found.classes)[found.y].tolist() == rows["approved"].tolist()
    assert found.rows_used == "100 sealed rows, which no fit and no choice has seen"
    assert found.sealed


def test_without_sealed_rows_predictions_are_out_of_fold(whole: automl.Result) -> None:
    found = of(whole)
    fitted = whole.predict_proba(loans(500))[:, 1]
    assert len(found.predicted) == 500
    assert not np.allclose(found.predicted, fitted, atol=1e-6)
    assert "these rows also chose the ensemble" in found.rows_used
    assert "out-of-fold" in found.rows_used
    assert not found.sealed


def test_what_is_judged_is_what_the_leaderboard_says(whole: automl.Result) -> None:
    frame = judge(of(whole)).scores.set_index("metric")
    board = whole.leaderboard.set_index("name").loc["ensemble"]
    assert frame.loc["roc_auc", ["value", "low", "high"]].tolist() == pytest.approx(
        board[["score", "low", "high"]].tolist(), abs=1e-9
    )


def test_the_threshold_that_is_set_is_the_one_that_is_judged(sealed: automl.Result) -> None:
    sealed.threshold = 0.3
    try:
        found = judge(of(sealed))
        rows = loans(500).iloc[sealed.sealed_rows]
        n_called = int((sealed.predict(rows) == "yes").sum())
    finally:
        sealed.threshold = 0.5
    sweep = found.thresholds.set_index("threshold")
    assert sweep.loc[0.3, "n"] == n_called
    assert found.by_class["n_predicted"].tolist() == [100 - n_called, n_called]
