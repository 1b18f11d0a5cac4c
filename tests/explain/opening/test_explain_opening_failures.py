"""Structures that are not known: the note is a sentence, with what a library said in brackets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

from explain import explain

X = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"])


class Strange(LinearRegression):  # type: ignore[misc]
    """A linear model in name, whose coefficients are texts."""

    def fit(self, rows: Any, y: Any) -> Strange:
        """Take other coefficients."""
        super().fit(rows, y)
        self.slope_, self.coef_ = self.coef_, np.array(["steep", "flat"])
        return self

    def predict(self, rows: Any) -> Any:
        """Predict by those that were learnt."""
        return rows.to_numpy() @ self.slope_


def test_what_cannot_be_read_is_told_in_a_sentence() -> None:
    found = explain(Strange().fit(X, X["a"]), X)
    assert found.label == "exact"
    assert found.verification.note.startswith(
        "Strange could not be read and is treated as a black box: its structure is not one that "
        "is known (ValueError: could not convert string to float"
    )
    np.testing.assert_allclose(found.values[:, 0], X["a"] - X["a"].mean(), atol=1e-9)
