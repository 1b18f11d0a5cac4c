"""Importance by omission: how much worse a model does that is fitted without columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.errors import ArgumentError, ArgumentTypeError, PredictionError
from explain.opening.failures import said
from explain.overview.asking import ask, check_chances, check_names
from explain.overview.importances import ColumnImportance
from explain.profiles.effect import t_quantile
from explain.profiles.losses import checked_target
from explain.progress import steps

HELD_OUT = 0.3


def drop_column_importance(
    model: Any,
    X: Any,
    y: Any,
    columns: Sequence[str] | None = None,
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> ColumnImportance:
    r"""Measure how much worse a model does when it is fitted again without columns.

    Parameters
    ----------
    model : estimator
        Its class and parameters are fitted anew, once with all columns and once without each.
    X : table of shape (n_rows, n_columns)
        Raw rows, on which 70 % are fitted and 30 % measured.
    y : array-like of shape (n_rows,)
        Their targets.
    columns : sequence of str, optional
        Which columns. Default: all.
    confidence : float, default 0.95
        Of the intervals.
    seed : int, default 0
        Of the split.

    Returns
    -------
    ColumnImportance
        Mean rise of the held-out loss (log loss, squared error), with t intervals over rows.

    Raises
    ------
    ArgumentError
        A column is unknown, y does not fit, or a setting is out of range.
    ArgumentTypeError
        The model cannot be fitted again, as a search's winner.
    PredictionError
        A fit fails.

    Notes
    -----
    With :math:`f` fitted with all columns, :math:`f_{-j}` without column j, and m held-out rows:

    .. math:: \frac{1}{m} \sum_i L(y_i, f_{-j}(x_i)) - L(y_i, f(x_i))

    in units of the loss. Where another column tells the same, it is 0 although the model uses the
    column: `permutation_importance` says what this model uses, this what a new one could do
    without. The intervals hold the fits fixed.

    References
    ----------
    Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, "Distribution-free predictive inference for
    regression", 2018 (leave-one-covariate-out).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import drop_column_importance
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 2)), columns=["a", "b"])
    >>> y = X["a"] + 2 * X["b"]
    >>> found = drop_column_importance(LinearRegression().fit(X, y), X, y)
    >>> found.to_frame()["column"].tolist()
    ['b', 'a']
    """
    from sklearn.base import clone

    if (
        not hasattr(model, "get_params")
        or not hasattr(model, "fit")
        or hasattr(model, "explain_parts")
    ):
        raise ArgumentTypeError(
            "the model cannot be fitted again",
            got=type(model).__name__,
            hint="permutation_importance, which needs no fit",
        )
    if hasattr(model, "classes_"):
        check_chances(model)
    scale = "probability" if hasattr(model, "classes_") else "auto"
    asked = ask(model, X, scale, seed=seed, confidence=confidence)
    frame = asked.frame
    target = checked_target(y, len(frame))
    names = list(frame.columns) if columns is None else check_names(columns, frame)
    if frame.shape[1] < 2:
        raise ArgumentError("without its only column there is nothing to fit", got="1 column")
    held, fitted = _split(len(frame), seed)

    def losses(kept: list[str]) -> NDArray[np.float64]:
        fresh = clone(model)
        try:
            fresh.fit(frame[kept].iloc[fitted], target[fitted])
            return _losses(fresh, frame[kept].iloc[held], target[held])
        except Exception as error:  # whatever an estimator of the caller's own raises
            raise PredictionError(
                f"{type(model).__name__} could not be fitted on {len(kept)} columns",
                got=said(error),
            ) from error

    whole = losses(list(frame.columns))
    found = []
    for name in steps(names, "columns left out", len(names)):
        rise = losses([one for one in frame.columns if one != name]) - whole
        error = rise.std(ddof=1) / np.sqrt(len(rise))
        reach = t_quantile(confidence, len(rise) - 1) * error
        found.append((name, rise.mean(), rise.mean() - reach, rise.mean() + reach))
    table = pd.DataFrame(found, columns=["column", "value", "low", "high"])
    table = table.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    loss = "log loss" if asked.opened.task != "regression" else "squared error"
    return ColumnImportance(
        table, "drop-column", loss, float(whole.mean()), len(held), asked.opened.name
    )


def _split(n: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = np.random.default_rng([seed, 0xD0]).permutation(n)
    cut = max(2, round(n * HELD_OUT))
    if n - cut < 2:
        raise ArgumentError("there are too few rows to fit and to measure", got=f"{n} rows")
    return np.sort(order[:cut]), np.sort(order[cut:])


def _losses(model: Any, rows: pd.DataFrame, y: NDArray[Any]) -> NDArray[np.float64]:
    """Return each row's loss."""
    if not hasattr(model, "predict_proba"):
        return (np.asarray(model.predict(rows), dtype=np.float64) - y.astype(np.float64)) ** 2
    places = pd.Index(model.classes_).get_indexer(pd.Index(y))
    chances = np.asarray(model.predict_proba(rows), dtype=np.float64)
    own = np.where(places >= 0, chances[np.arange(len(y)), places], 0.0)
    return np.asarray(-np.log(np.clip(own, 1e-15, 1.0)))
