"""Every kind of model, on every scale, against all coalitions of the game in raw columns."""

from __future__ import annotations

from functools import cache
from typing import Any

import fitted_ensembles  # noqa: F401  enters more cases
import numpy as np
import pandas as pd
import pytest
from brute_force import brute_force, three
from fitted_models import CASES, CLOSED, Case

from explain import Explanation, explain

ROWS, REFERENCES = 3, 12


@cache
def fitted(name: str) -> Case:
    return CASES[name]()


def scales() -> list[Any]:
    """Return every case's name; the scales are known when it is fitted."""
    return [pytest.param(name, id=name) for name in CASES]


def rows_of(case: Case) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a few rows and other ones as their background; a column that was idle varies now."""
    X = case.X.iloc[: ROWS + REFERENCES].reset_index(drop=True)
    if "idle" in X:
        X["idle"] = np.linspace(-3, 3, len(X))
    return X.iloc[:ROWS], X.iloc[ROWS:].reset_index(drop=True)


def has_sure_rows(case: Case, rows: pd.DataFrame) -> bool:
    """Say whether some class is sure, so that its log-odds would be infinite."""
    if "probability" not in case.outputs:
        return False
    chances = np.asarray(case.outputs["probability"](rows))
    return bool(np.any((chances <= 1e-7) | (chances >= 1 - 1e-7)))


@pytest.mark.parametrize("name", scales())
def test_values_are_those_of_all_coalitions(name: str) -> None:
    case = fitted(name)
    rows, background = rows_of(case)
    for scale, predict in case.outputs.items():
        found = explain(case.model, rows, background=background, scale=scale)
        truth = brute_force(predict, rows, background)
        check_faces(found, case, scale, truth)
        check_additivity(found, np.asarray(predict(rows)), np.asarray(predict(background)))
        allowed = case.rounding * np.abs(truth).mean()
        np.testing.assert_allclose(three(found.values), truth, rtol=0, atol=allowed, err_msg=scale)
        assert found.label == "exact", scale
        assert (found.evaluations == 0) == (case.routes[scale] == CLOSED), found.route
        note = found.verification.note
        cut = "a probability of 0 or 1" in note
        assert case.note in note
        assert case.note or cut or not note, note
        assert cut == (scale == "margin" and has_sure_rows(case, rows)), note


def check_faces(found: Explanation, case: Case, scale: str, truth: Any) -> None:
    n, p, k = truth.shape
    shape = (n, p) if k == 1 else (n, p, k)
    assert found.values.shape == found.standard_errors.shape == shape
    assert found.background_errors.shape == found.labels.shape == shape
    assert found.values.dtype == found.predictions.dtype == np.float64
    assert found.columns == tuple(case.X.columns)
    assert found.scale == scale
    assert found.classes == case.classes
    assert not found.standard_errors.any()


def check_additivity(found: Explanation, predicted: Any, references: Any) -> None:
    """Compare base + sum of values with the model's own predictions, in float64."""
    predicted, references = (np.asarray(one, dtype=np.float64) for one in (predicted, references))
    both = np.concatenate([predicted, references])
    allowed = max(1e-5 * both.std(axis=0).max(), 2e-6 * np.abs(both).max(), 1e-12)
    gap = np.abs(found.base_values + found.values.sum(axis=1) - predicted).max()
    assert gap <= allowed
    assert np.abs(found.base_values - references.mean(axis=0)).max() <= allowed
    assert found.verification.gap <= found.verification.tolerance
    assert found.verification.n_rows == len(predicted)
