"""From a fitted model to a `Forest`, checked against the model's own output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explain.errors import ArgumentError, UnreadableModelError
from explain.trees import from_catboost, from_histogram, from_lightgbm, from_sklearn, from_xgboost
from explain.trees.forest import Forest, as_matrix

FLOAT32 = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Family:
    """How one library's models are recognised, read and asked for their raw output.

    `tolerance` is relative to the sum of a row's absolute leaf values and base.
    """

    library: str
    names: frozenset[str]
    read: Callable[[Any], Forest]
    raw: Callable[[Any, NDArray[np.float64]], NDArray[np.float64]]
    tolerance: float


FAMILIES = (
    Family(
        "lightgbm",
        frozenset({"Booster", "LGBMModel"}),
        from_lightgbm.read,
        from_lightgbm.raw_prediction,
        1e-9,
    ),
    Family(
        "xgboost",
        frozenset({"Booster", "XGBModel"}),
        from_xgboost.read,
        from_xgboost.raw_prediction,
        1e-6,
    ),
    Family(
        "catboost",
        frozenset({"CatBoost"}),
        from_catboost.read,
        from_catboost.raw_prediction,
        1e-9,
    ),
    Family(
        "sklearn",
        frozenset({"HistGradientBoostingClassifier", "HistGradientBoostingRegressor"}),
        from_histogram.read,
        from_histogram.raw_prediction,
        1e-9,
    ),
    Family(
        "sklearn",
        frozenset({"GradientBoostingClassifier", "GradientBoostingRegressor"}),
        from_sklearn.read_boosting,
        from_sklearn.raw_boosting,
        1e-9,
    ),
    Family(
        "sklearn",
        frozenset({"DecisionTreeClassifier", "DecisionTreeRegressor"}),
        from_sklearn.read_tree,
        from_sklearn.raw_average,
        1e-9,
    ),
    Family(
        "sklearn",
        frozenset(
            {
                "BaggingClassifier",
                "BaggingRegressor",
                "ExtraTreesClassifier",
                "ExtraTreesRegressor",
                "RandomForestClassifier",
                "RandomForestRegressor",
            }
        ),
        from_sklearn.read_average,
        from_sklearn.raw_average,
        1e-9,
    ),
)
"""Every family of models that `read_forest` reads."""


def read_forest(model: Any, *, check: ArrayLike | None = None) -> Forest:
    """Read a fitted tree model into one form, without retraining or approximation.

    Read are LightGBM (`Booster` and its scikit-learn wrappers), XGBoost (the same), CatBoost
    without categories, and scikit-learn's histogram gradient boosting, gradient boosting,
    decision trees, random forests, extra trees and bagged trees.

    Parameters
    ----------
    model : object
        A fitted model. Boosting is read on its margin, averages of classification trees on
        their class probabilities in the order of ``classes_``.
    check : array-like of shape (n, n_features), optional
        Rows, as the model reads them, on which the forest's output is compared with the
        library's own. A few hundred are enough.

    Returns
    -------
    Forest
        Its `predict` equals the library's raw output: within rounding in float64 where the
        library adds in float64, and within float32's rounding for XGBoost.

    Raises
    ------
    explain.errors.UnreadableModelError
        The model is of another kind, is not fitted, has leaves that are no constants, or what was
        read does not give its predictions.
    explain.errors.ArgumentError
        `check` has no rows or is no matrix of numbers with the model's columns.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> X = np.arange(20.0).reshape(10, 2)
    >>> model = RandomForestClassifier(3, random_state=0).fit(X, [0] * 5 + [1] * 5)
    >>> forest = read_forest(model, check=X)
    >>> forest.scale, forest.n_trees, forest.n_outputs
    ('probability', 3, 2)
    """
    family = _family(model)
    try:
        forest = family.read(model)
    except (AttributeError, KeyError) as error:
        raise UnreadableModelError(
            f"the trees of {type(model).__name__} cannot be read",
            got=f"{type(error).__name__}: {error}",
            hint="fit the model first",
        ) from error
    if check is not None:
        check_forest(model, forest, check)
    return forest


def check_forest(model: Any, forest: Forest, rows: ArrayLike) -> None:
    """Raise where a forest does not give the raw output of the model that it was read from.

    Raises
    ------
    explain.errors.UnreadableModelError
        It does not.
    explain.errors.ArgumentError
        There are no rows, or they are no matrix of numbers with the model's columns.
    """
    _compare(_family(model), model, forest, as_matrix(rows, forest.n_features, "rows"))


def is_readable(model: Any) -> bool:
    """Tell whether the model belongs to a family that `read_forest` knows.

    Parameters
    ----------
    model : object
        Any model.

    Returns
    -------
    bool
        True where `read_forest` would try.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> is_readable(LinearRegression())
    False
    """
    return _find(model) is not None


def raw_output(model: Any) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the library's own raw output of a matrix, which `read_forest` is compared with.

    Raises
    ------
    explain.errors.UnreadableModelError
        The model is of another kind.
    """
    family = _family(model)
    return lambda matrix: family.raw(model, matrix)


def _find(model: Any) -> Family | None:
    """Find the model's family by the names of its class and the classes above it."""
    for kind in type(model).__mro__:
        for family in FAMILIES:
            if kind.__name__ in family.names and kind.__module__.split(".")[0] == family.library:
                return family
    return None


def _family(model: Any) -> Family:
    """Find the model's family or say which there are."""
    family = _find(model)
    if family is None:
        raise UnreadableModelError(
            "the model is not made of trees that can be read",
            got=type(model).__name__,
            hint="LightGBM, XGBoost, CatBoost, or a tree model of scikit-learn",
        )
    return family


def _compare(family: Family, model: Any, forest: Forest, X: NDArray[np.float64]) -> None:
    """Raise where the forest's output is not the library's."""
    if not len(X):
        raise ArgumentError("there are no rows to check the forest on", hint="check=None")
    theirs = family.raw(model, X)
    leaves = forest.leaves(X)
    ours = forest.base + forest.value[leaves].sum(axis=1)
    if theirs.shape != ours.shape:
        raise UnreadableModelError(
            f"the forest read from {type(model).__name__} has another number of outputs",
            got=f"{ours.shape[1]} instead of {theirs.shape[1]}",
        )
    size = np.abs(forest.base) + np.abs(forest.value)[leaves].sum(axis=1)
    # Adding many leaves in float32, as XGBoost does, rounds once for each tree.
    rounding = FLOAT32 * np.sqrt(forest.n_trees) if family.library == "xgboost" else 0.0
    allowed = max(family.tolerance, rounding) * size + np.finfo(np.float64).tiny
    gap = np.abs(ours - theirs)
    if not np.all(gap <= allowed):
        row = int(np.argmax(np.where(np.isnan(gap), np.inf, gap - allowed).max(axis=1)))
        raise UnreadableModelError(
            f"what was read from {type(model).__name__} does not give its predictions",
            got=f"row {row}: {ours[row].tolist()} instead of {theirs[row].tolist()}",
            hint="a route by sampling, which asks the model itself",
        )
