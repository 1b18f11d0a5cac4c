"""The same values as shap's explainers for any function."""

from __future__ import annotations

import numpy as np
import pytest

from explain.games import MarginalGame, enumerate_values, sample_values

D = 5


def model(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.tanh(rows[:, 0] * rows[:, 1]) + np.exp(rows[:, 2] / 3) * rows[:, 3])


def game() -> MarginalGame:
    rng = np.random.default_rng(0)
    rows, background = rng.normal(size=(3, D)), rng.normal(size=(20, D))
    return MarginalGame(model, rows, background, tuple((j,) for j in range(D)))


@pytest.mark.slow  # shap compiles for seconds
def test_as_shaps_exact_explainer() -> None:
    shap = pytest.importorskip("shap")
    ours = game()
    masker = shap.maskers.Independent(ours.background, max_samples=20)
    theirs = shap.explainers.Exact(model, masker)(ours.rows)
    for row in range(3):
        found = enumerate_values(ours, row)
        np.testing.assert_allclose(found.values[:, 0], theirs.values[row], atol=1e-9)
        assert found.base[0] == pytest.approx(theirs.base_values[row])


def test_as_shaps_kernel_explainer_on_all_coalitions() -> None:
    shap = pytest.importorskip("shap")
    ours = game()
    theirs = shap.KernelExplainer(model, ours.background).shap_values(ours.rows[0], silent=True)
    np.testing.assert_allclose(enumerate_values(ours, 0).values[:, 0], theirs, atol=1e-9)
    sampled = sample_values(ours, 0, n_coalitions=30, seed=0)
    assert sampled.label == "estimated"
    assert (np.abs(sampled.values[:, 0] - theirs) <= 4 * sampled.errors[:, 0] + 1e-9).all()
