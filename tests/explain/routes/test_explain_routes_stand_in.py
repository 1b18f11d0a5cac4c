"""Trees that stand in for a black box: what they leave over, and what they spare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from explain import explain
from explain.parts import evaluate
from explain.protocol import Floats, Opaque
from explain.routes.budget import Budget
from explain.routes.stand_in import MOST_OUTPUTS, StandIn, fit_stand_in


def table(n: int, p: int = 4, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, p)), columns=[f"x{j}" for j in range(p)])
    frame["level"] = pd.Categorical(rng.choice(["low", "mid", "high"], n))
    return frame


def smooth(frame: pd.DataFrame) -> Floats:
    step = frame["level"].astype(object).map({"low": -1.0, "mid": 0.0, "high": 2.0})
    return np.asarray(frame["x0"] * frame["x1"] + np.tanh(frame["x2"]) + step.fillna(5.0))


def black_box(function: Callable[[pd.DataFrame], Any], n_outputs: int = 1) -> Opaque:
    return Opaque(
        lambda frame: np.asarray(function(frame), float).reshape(len(frame), -1), n_outputs
    )


def fitted(node: Opaque, n_mixed: int = 4_000, **changed: Any) -> StandIn | None:
    frame = table(500)
    options: dict[str, Any] = {"n_players": 5, "n_mixed": n_mixed, "seed": 0}
    return fit_stand_in(node, frame.iloc[:50], frame, **options | changed)


def test_node_is_stand_in_plus_remainder() -> None:
    node = black_box(lambda frame: np.column_stack([smooth(frame), -(frame["x0"] ** 2)]), 2)
    found = fitted(node)
    assert found is not None
    rows = table(200, seed=1)
    both = evaluate(found.node, rows) + evaluate(found.remainder(node), rows)
    np.testing.assert_allclose(both, evaluate(node, rows), rtol=0, atol=1e-12)


def test_fidelity_is_measured_on_rows_that_were_not_fitted_on() -> None:
    node = black_box(smooth)
    found = fitted(node)
    assert found is not None
    assert found.evaluations == 4_000
    rows = table(5_000, seed=2)
    left = evaluate(found.remainder(node), rows).var() / evaluate(node, rows).var()
    assert found.r_squared == pytest.approx(1 - left, abs=0.05)


def test_noise_has_no_stand_in() -> None:
    def noise(frame: pd.DataFrame) -> Floats:
        return np.sin(1e6 * frame["x0"] * frame["x1"] * frame["x2"]).to_numpy()

    assert fitted(black_box(noise)) is None


def test_few_mixtures_and_many_outputs_have_none() -> None:
    k = MOST_OUTPUTS + 1
    many = black_box(lambda frame: np.tile(smooth(frame)[:, None], MOST_OUTPUTS + 1), k)
    assert fitted(many) is None
    assert fitted(black_box(smooth), n_mixed=500) is None


def test_constant_has_a_stand_in_that_leaves_nothing() -> None:
    node = black_box(lambda frame: np.full(len(frame), 3.0))
    found = fitted(node)
    assert found is not None
    assert np.abs(evaluate(found.remainder(node), table(50))).max() < 1e-9


def test_levels_that_were_not_met_are_as_missing() -> None:
    found = fitted(black_box(smooth))
    assert found is not None
    rows = table(3, seed=3)
    new = rows.assign(level=pd.Categorical(["never", "never", "never"]))
    missing = rows.assign(level=pd.Categorical([None, None, None], categories=["low"]))
    np.testing.assert_array_equal(evaluate(found.node, new), evaluate(found.node, missing))


@pytest.mark.parametrize("p", [14, 24])
def test_values_of_a_black_box_are_nearer_to_the_truth(
    p: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An additive function's values are known: coef * (x - mean over the whole background)."""
    background, rows = table(3_000, p, seed=4), table(60, p, seed=5)
    coef = np.linspace(1, 2, p)
    names = [f"x{j}" for j in range(p)]

    def additive(frame: pd.DataFrame) -> Floats:
        return frame[names].to_numpy() @ coef

    truth = coef * (rows[names] - background[names].mean()).to_numpy()
    helped = explain(additive, rows, background=background)
    monkeypatch.setattr("explain.routes.stand_in.WORTHWHILE", 2.0)
    alone = explain(additive, rows, background=background)
    assert "R²" in helped.route
    assert "R²" not in alone.route
    assert helped.n_background == alone.n_background < 3_000

    def missed(found: Any) -> float:
        return float(np.sqrt(((found.values[:, :p] - truth) ** 2).mean()))

    assert missed(helped) < missed(alone) / 2
    assert helped.standard_errors.mean() < alone.standard_errors.mean() / 2
    # and the errors say so: most values lie within two of them
    off = np.abs(helped.values[:, :p] - truth)
    assert (off <= 2 * helped.standard_errors[:, :p] + 1e-9).mean() > 0.85


def test_budget_counts_what_a_call_may_predict() -> None:
    budget = Budget(evaluations=100_000, n_players=10, n_all=1_000)
    for n_rows in (1, 10, 50, 1_000):
        assert 10 <= budget.references(n_rows) <= 1_000
        most = max(100_000, n_rows * budget.least * budget.references(n_rows))
        assert budget.mixtures(n_rows) <= most / 10
    assert budget.references(1) >= budget.references(1_000)
    assert 50 <= budget.rows() <= 10_000
    assert not budget.enumerates(50)
    assert Budget(10**9, 3, 100).enumerates(10)
