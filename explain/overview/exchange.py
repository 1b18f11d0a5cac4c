"""Importance by exchange: how much worse a model does with columns of other rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.overview.asking import ask, check_chances
from explain.overview.importances import ColumnImportance
from explain.players import Players
from explain.profiles import permuted


def permutation_importance(
    model: Any,
    X: Any,
    y: Any,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    score: str | Callable[[Any, Any], float] = "auto",
    n_repeats: int = 5,
    max_rows: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> ColumnImportance:
    r"""Measure how much worse a model does when columns are exchanged between rows.

    Parameters
    ----------
    model : estimator
        Any fitted model that `explain.explain` takes.
    X : table of shape (n_rows, n_columns)
        Raw rows, best such on which the model was not fitted.
    y : array-like of shape (n_rows,)
        Their targets.
    groups : mapping of str to columns, optional
        Columns that are exchanged together; others stand alone.
    score : {"auto", "log_loss", "squared_error"} or callable, default "auto"
        "auto": log loss of classes, squared error of values. A callable
        ``(y, prediction) -> float``, higher is better, is given probabilities, of two classes
        those of the second; scores of a model without probabilities; or values.
    n_repeats : int, default 5
        Exchanges a column.
    max_rows : int, default 1000
        Rows that are used at most, drawn at random.
    confidence : float, default 0.95
        Of the intervals.
    seed : int, default 0
        Of all draws.

    Returns
    -------
    ColumnImportance
        With intervals over rows and exchanges, and ranks that cannot be ruled out.

    Raises
    ------
    ArgumentError
        y does not fit, a column is unknown or in two groups, the model has no probabilities for
        a log loss, the score fails or is no number, or a setting is out of range.
    ArgumentTypeError
        X is no table, the model is none, or the groups are no mapping.
    PredictionError
        The model fails.

    Notes
    -----
    With R exchanges, :math:`\pi_r(i)` the row that gives row i its values of column j, and L the
    loss (for a callable, minus the score of all rows):

    .. math:: \frac{1}{nR} \sum_r \sum_i L(y_i, f(x_{\pi_r(i),j}, x_{i,-j})) - L(y_i, f(x_i))

    No row keeps its own value, so the mean has no bias. Values are in units of the loss or score.
    Intervals are t intervals over rows as receivers and as givers; of a callable, by a jackknife
    over 20 blocks of rows. Of least squares it tends to :math:`2 w_j^2 \sigma_j^2`, twice the
    squared weight times the column's variance.

    References
    ----------
    Breiman, "Random forests", 2001. Fisher, Rudin and Dominici, "All models are wrong, but many
    are useful: learning a variable's importance by studying an entire class of prediction models
    simultaneously", 2019.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from explain import permutation_importance
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(400, 2)), columns=["a", "b"])
    >>> found = permutation_importance(
    ...     lambda rows: rows["a"] + 2 * rows["b"], X, X["a"] + 2 * X["b"]
    ... )
    >>> found.to_frame()["column"].tolist()
    ['b', 'a']
    """
    loss = _loss_of(model, score)
    asked = ask(
        model,
        X,
        _scale_of(model),
        seed=seed,
        confidence=confidence,
        n_repeats=n_repeats,
        max_rows=max_rows,
    )
    players = Players.of(asked.opened.columns, groups)
    predict = asked.predict
    classes = asked.opened.classes or None
    if asked.opened.task == "binary" and loss == "log_loss":
        single = asked.predict

        def predict(rows: pd.DataFrame) -> NDArray[np.float64]:
            p = single(rows)
            return np.column_stack([1 - p, p])

    found = permuted(
        predict,
        asked.frame,
        y,
        loss,
        groups={
            name: columns
            for name, columns in zip(players.names, players.columns, strict=True)
            if columns != (name,)
        },
        classes=classes if loss == "log_loss" else None,
        n_repeats=n_repeats,
        max_rows=max_rows,
        confidence=confidence,
        seed=seed,
    )
    return ColumnImportance(
        _without_rounding(found.to_frame(), y, found.base),
        "permutation",
        found.score.replace("_", " "),
        found.base,
        found.n_rows,
        asked.opened.name,
    )


def _loss_of(model: Any, score: Any) -> Any:
    """Return the loss or score that is measured."""
    classifies = getattr(model, "classes_", None) is not None
    loss = ("log_loss" if classifies else "squared_error") if score == "auto" else score
    if not callable(loss) and loss not in ("log_loss", "squared_error"):
        raise ArgumentError(
            f"there is no score {loss!r}", hint='"log_loss", "squared_error" or a callable'
        )
    if classifies and loss == "log_loss":
        check_chances(model, "score=a callable of its decision function, as roc_auc_score, or ")
    return loss


def _scale_of(model: Any) -> str:
    """Return the scale that losses are taken on: probabilities, else scores, or values."""
    if getattr(model, "classes_", None) is None:
        return "response"
    return "probability" if hasattr(model, "predict_proba") else "margin"


def _without_rounding(table: pd.DataFrame, y: Any, base: float) -> pd.DataFrame:
    """Set to 0 what is no more than the rounding of a loss as large as these."""
    target = pd.Series(np.asarray(y))
    size = 1.0
    if pd.api.types.is_numeric_dtype(target) and not pd.api.types.is_bool_dtype(target):
        size = float(np.square(target.astype(np.float64)).mean())
    least = 1e-12 * max(abs(base), float(table["value"].abs().max()), 1e-4 * min(size, 1e12))
    none = table[["value", "low", "high"]].abs().max(axis=1) <= least
    return table.assign(**{name: table[name].mask(none, 0.0) for name in ("value", "low", "high")})
