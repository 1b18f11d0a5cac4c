"""The frames of an audit follow its settings, and leave nothing out in silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fairness
from fairness.result import Audit


def scored(n: int = 600, seed: int = 0, **options: object) -> Audit:
    rng = np.random.default_rng(seed)
    score = rng.random(n)
    sex = rng.choice(["f", "m"], n)
    return fairness.audit(rng.random(n) < score, y_score=score, sensitive={"sex": sex}, **options)


@pytest.mark.parametrize("name", ["calibration", "sweep", "abroca", "inequality", "equal_score"])
def test_every_interval_has_the_confidence_that_was_asked_for(name: str) -> None:
    wide, narrow = (getattr(scored(confidence=level), name) for level in (0.99, 0.6))
    outer = (wide["high"] - wide["low"]).to_numpy()
    inner = (narrow["high"] - narrow["low"]).to_numpy()
    known = ~np.isnan(inner)
    assert (outer[known] >= inner[known]).all()
    assert (outer[known] > inner[known]).any()


def test_seed_reaches_the_resampled_curves() -> None:
    first, second = scored(seed=1).abroca, scored(seed=1).abroca
    pd.testing.assert_frame_equal(first, second)
    rng = np.random.default_rng(1)
    score, sex = rng.random(300), rng.choice(["f", "m"], 300)
    outcome = rng.random(300) < score
    reach = {
        float(
            fairness.audit(outcome, y_score=score, sensitive={"sex": sex}, seed=seed).abroca[
                "high"
            ][0]
        )
        for seed in (0, 1)
    }
    assert len(reach) == 2


@pytest.mark.parametrize(("rows", "weight"), [(29, None), (60, 1.0)])
def test_no_verdict_at_equal_score_stands_on_few_rows(rows: int, weight: float | None) -> None:
    """29 rows, or 60 of which a few carry nearly all the weight."""
    score = np.r_[np.tile([0.2, 0.8], 500), np.tile([0.2, 0.8], 30)[:rows]]
    outcome = np.r_[np.zeros(1000), np.ones(rows)].astype(int)
    outcome[:2] = 1
    group = np.repeat(["large", "small"], [1000, rows])
    weights = None
    if weight is not None:
        weights = np.ones(1000 + rows)
        weights[1010:] = 1e-3
    found = fairness.audit(
        outcome, y_score=score, sensitive={"group": group}, weight=weights
    ).equal_score.iloc[0]
    assert abs(found["value"]) > 0.9
    assert found["smaller"] < 30
    assert found["verdict"] == "not enough data"


def test_verdict_at_equal_score_stands_on_thirty_rows_of_any_equal_weight() -> None:
    score = np.r_[np.tile([0.2, 0.8], 500), np.tile([0.2, 0.8], 15)]
    outcome = np.r_[np.tile([0, 0, 1, 0], 250), np.ones(30, int)]
    group = np.repeat(["large", "small"], [1000, 30])
    for weight in (None, np.full(1030, 0.1)):
        found = fairness.audit(
            outcome, y_score=score, sensitive={"group": group}, weight=weight
        ).equal_score.iloc[0]
        assert (found["smaller"], found["verdict"]) == (30, "beyond")


def rows_with_control(n: int = 900) -> tuple[dict[str, object], dict[str, object]]:
    rng = np.random.default_rng(3)
    group = rng.choice(np.array(["a", "b", None], dtype=object), n)
    return {"group": group}, {"area": rng.choice(["x", "y"], n)}


def test_several_classes_are_compared_within_strata_and_bounded() -> None:
    sensitive, control = rows_with_control()
    rng = np.random.default_rng(4)
    said, true = rng.choice(list("pqr"), 900), rng.choice(list("pqr"), 900)
    found = fairness.audit(true, said, sensitive=sensitive, control=control)
    wanted = {"accuracy", "selection_rate[p]", "tpr[q]", "fpr[r]"}
    assert wanted <= set(found.conditional["metric"])
    assert wanted <= set(found.missing_bounds["metric"])


def test_a_regression_is_compared_within_strata_in_its_own_units() -> None:
    sensitive, control = rows_with_control()
    rng = np.random.default_rng(5)
    true = rng.normal(50_000, 10_000, 900)
    said = true + np.where(sensitive["group"] == "a", 500.0, 0.0) + rng.normal(0, 100, 900)
    found = fairness.audit(true, said, sensitive=sensitive, control=control).conditional
    assert set(found["metric"]) == {"mean_prediction", "mae", "bias"}
    bias = found[found["metric"] == "bias"].set_index(["group", "reference"])
    row = bias.loc[("a", "b")] if ("a", "b") in bias.index else -bias.loc[("b", "a")]
    # 500 is a twentieth of the target's standard deviation
    assert row["pooled"] == pytest.approx(500, abs=30)
    assert bias.iloc[0]["verdict"] == "within"


def test_data_without_predictions_are_compared_within_strata_and_bounded() -> None:
    sensitive, control = rows_with_control()
    true = np.random.default_rng(6).integers(0, 2, 900)
    found = fairness.audit(true, sensitive=sensitive, control=control)
    assert set(found.conditional["metric"]) == {"base_rate"}
    assert set(found.missing_bounds["metric"]) == {"base_rate"}


@pytest.mark.parametrize("name", ["demographic_parity", "selection_rate"])
def test_tolerance_of_a_notion_holds_within_strata_too(name: str) -> None:
    rng = np.random.default_rng(7)
    n = 20_000
    group, area = rng.choice(["a", "b"], n), rng.choice(["x", "y"], n)
    said = rng.random(n) < np.where(group == "a", 0.45, 0.3)
    verdicts = {
        tolerance: fairness.audit(
            said,
            said,
            sensitive={"group": group},
            control={"area": area},
            tolerance={name: tolerance},
        )
        .conditional.set_index("metric")
        .loc["selection_rate", "verdict"]
        for tolerance in (0.05, 0.3)
    }
    assert verdicts == {0.05: "beyond", 0.3: "within"}


def test_every_group_that_has_to_grow_is_named() -> None:
    cells = pd.DataFrame(
        {
            "group": ["a", "a", "b", "b"],
            "y_true": [0, 0, 0, 0],
            "y_pred": [0, 1, 0, 1],
            "count": [35, 15, 35, 15],
        }
    )
    frame = fairness.audit_table(fairness.CountTable.from_cells(cells)).disparities
    row = frame.set_index(["metric", "kind"]).loc[("demographic_parity", "difference")]
    assert row["verdict"] == "not enough data"
    assert {row["needs"], row["also_needs"]} == {"a", "b"}
