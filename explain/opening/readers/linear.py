"""Models that are linear in what they take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from explain.opening.structures import Reading
from explain.protocol import Encoding, Floats, Linear, Parts, Scale

NAMES = frozenset(
    {
        "ARDRegression", "BayesianRidge", "ElasticNet", "ElasticNetCV", "GammaRegressor",
        "HuberRegressor", "Lars", "LarsCV", "Lasso", "LassoCV", "LassoLars", "LassoLarsCV",
        "LinearDiscriminantAnalysis", "LinearRegression", "LinearSVC", "LinearSVR",
        "LogisticRegression", "LogisticRegressionCV", "OrthogonalMatchingPursuit",
        "PassiveAggressiveClassifier", "PassiveAggressiveRegressor", "Perceptron",
        "PoissonRegressor", "QuantileRegressor", "RANSACRegressor", "Ridge", "RidgeCV",
        "RidgeClassifier", "RidgeClassifierCV", "SGDClassifier", "SGDRegressor",
        "TheilSenRegressor", "TweedieRegressor",
    }
)  # fmt: skip
"""Estimators with ``coef_`` and ``intercept_`` whose score is their product with the row."""

LOG_LINK = frozenset({"GammaRegressor", "PoissonRegressor", "TweedieRegressor"})


def read_linear(reading: Reading) -> Parts | None:
    """Read coefficients; that they give the score is checked by the caller."""
    model = reading.model
    names = {kind.__name__ for kind in type(model).__mro__}
    if not names & NAMES:
        return None
    model = getattr(model, "estimator_", model)
    coef = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64)).T
    intercept = np.atleast_1d(np.asarray(model.intercept_, dtype=np.float64))
    intercept = np.broadcast_to(intercept, coef.shape[1:]).copy()
    scale: Scale = "response" if reading.task == "regression" else "margin"
    if names & LOG_LINK and not _is_identity(model):
        scale = "margin"
    return Parts(Linear(coef, intercept, numeric(reading.encoding)), scale)


def numeric(encoding: Encoding) -> Encoding:
    """Return the encoding with matrices of numbers in place of frames."""

    def transform(frame: Any) -> Any:
        found = encoding.transform(frame)
        return as_numbers(found)

    return Encoding(transform, encoding.sources)


def as_numbers(rows: Any) -> Any:
    """Turn a frame into a matrix of float64; matrices stay as they are."""
    if isinstance(rows, pd.DataFrame):
        matrix: Floats = rows.to_numpy(dtype=np.float64, na_value=np.nan)
        return matrix
    if isinstance(rows, np.ndarray) and rows.dtype.kind == "O":
        return np.asarray(rows, dtype=np.float64)  # numbers and booleans side by side
    return rows


def _is_identity(model: Any) -> bool:
    """Tell whether a Tweedie regressor has no link."""
    return type(model._base_loss.link).__name__ == "IdentityLink"
