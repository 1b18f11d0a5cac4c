"""Path-dependent values as LightGBM and XGBoost compute them themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explain.errors import ArgumentError, UnreadableModelError
from explain.trees import from_lightgbm, from_xgboost

LIBRARIES = ("lightgbm", "xgboost")
"""Those that compute path-dependent values themselves."""


def library_of(model: Any) -> str:
    """Return the name of a model's library."""
    return type(model).__module__.split(".")[0]


def path_dependent(model: Any, X: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the library's own path-dependent values of the margin.

    These are not interventional values: absent columns follow the training rows down each tree.
    LightGBM weighs branches by rows and XGBoost by sums of hessians, so values of the two must
    not be added up.

    Parameters
    ----------
    model : object
        A fitted LightGBM or XGBoost model.
    X : array-like of shape (n, n_features)
        Rows as the model reads them.

    Returns
    -------
    values : ndarray of shape (n, n_features, n_outputs)
        In float64; XGBoost computes them in float32.
    base : ndarray of shape (n_outputs,)
        The expectation to which they add.

    Raises
    ------
    explain.errors.UnreadableModelError
        The model is of another library.
    explain.errors.ArgumentError
        X has no rows or is no matrix.

    References
    ----------
    Lundberg, Erion and Lee (2018), "Consistent individualized feature attribution for tree
    ensembles", arXiv 1802.03888.

    Examples
    --------
    >>> import lightgbm, numpy as np
    >>> X = np.arange(40.0).reshape(20, 2)
    >>> model = lightgbm.LGBMRegressor(n_estimators=2, min_child_samples=2, verbose=-1)
    >>> values, base = path_dependent(model.fit(X, X[:, 0]), X)
    >>> bool(np.allclose(values.sum(axis=1) + base, model.booster_.predict(X)[:, None]))
    True
    """
    rows = np.asarray(X, dtype=np.float64)
    if rows.ndim != 2 or not len(rows):
        raise ArgumentError("there are no rows to explain", got=f"shape {rows.shape}")
    library = library_of(model)
    if library == "lightgbm":
        booster = from_lightgbm.booster_of(model)
        flat = np.asarray(booster.predict(rows, pred_contrib=True))
        parts = flat.reshape(len(rows), -1, rows.shape[1] + 1) / from_lightgbm.n_averaged(booster)
    elif library == "xgboost":
        parts = from_xgboost.booster_of(model).predict(
            from_xgboost.matrix_for(model, rows),
            pred_contribs=True,
            iteration_range=(0, from_xgboost.n_iterations(model)),
            strict_shape=True,
        )
    else:
        raise UnreadableModelError(
            "only LightGBM and XGBoost compute path-dependent values themselves",
            got=type(model).__name__,
            hint='method="auto": interventional values, which every tree model has',
        )
    parts = np.asarray(parts, dtype=np.float64).transpose(0, 2, 1)
    return parts[:, :-1], parts[0, -1].copy()
