"""Effects of columns: partial dependence, individual curves, accumulated local effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, get_args

import numpy as np

from explain.errors import ArgumentError
from explain.overview.asking import Asked, ask, check_names, output_names, strongest
from explain.overview.curves import Effects, Kind
from explain.profiles import (
    Effect,
    accumulated_local_effects,
    ice,
    partial_dependence,
    regions,
)
from explain.progress import steps
from explain.settings import check_count

WAYS: Mapping[str, Callable[..., Effect]] = {
    "pdp": partial_dependence,
    "ice": ice,
    "ale": accumulated_local_effects,
}
COLUMNS = 10
SEEN = 100
"""Rows whose predictions tell how large rounding is."""

UNEVEN = 0.3
"""Heterogeneity from which on rows are looked through for two regions."""


def effects(
    model: Any,
    X: Any,
    columns: Sequence[str] | str | None = None,
    kind: Kind = "pdp",
    *,
    scale: Literal["auto", "margin", "probability", "response"] = "auto",
    grid: int = 50,
    max_rows: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Effects:
    r"""Compute how a model's predictions go along columns.

    Parameters
    ----------
    model : estimator
        Any fitted model that `explain.explain` takes.
    X : table of shape (n_rows, n_columns)
        Raw rows.
    columns : sequence of str, optional
        Which columns. Default: the ten whose exchange between rows moves predictions most.
    kind : {"pdp", "ice", "ale"}, default "pdp"
        Partial dependence; with the curves of single rows, and the rows in two parts where these
        disagree; or accumulated local effects.
    scale : {"auto", "margin", "probability", "response"}, default "auto"
        Units of the effects.
    grid : int, default 50
        Points of a number or time at most, at quantiles; at least 2.
    max_rows : int, default 1000
        Rows that are used at most, drawn at random.
    confidence : float, default 0.95
        Of the bands.
    seed : int, default 0
        Of all draws.

    Returns
    -------
    Effects
        One effect a column, for numbers, times and categories, with intervals and heterogeneity.

    Raises
    ------
    ArgumentError
        A column is unknown, or a setting is out of range.
    ArgumentTypeError
        X is no table, the model is none, or the columns are no names.
    PredictionError
        The model fails.

    Notes
    -----
    With f the prediction on `scale`, n rows, and :math:`x_{-j}` a row's columns without j:

    - "ice" (Goldstein et al.), one curve for each row: :math:`f_i(v) = f(v, x_{i,-j})`.
    - "pdp" (Friedman), the mean of these curves: :math:`\frac{1}{n} \sum_i f(v, x_{i,-j})`. It
      asks the model about combinations that may never occur where columns are correlated.
    - "ale" (Apley and Zhu), with the rows cut at quantiles z of column j and :math:`N_k` the rows
      of the k-th interval: :math:`\sum_{k \le k(v)} \frac{1}{|N_k|} \sum_{i \in N_k}
      (f(z_k, x_{i,-j}) - f(z_{k-1}, x_{i,-j}))`, centred at its mean over the rows.

    Effects are in units of `scale`; those of "ale" are differences from the mean prediction.
    Bands are t intervals of the mean over rows. Heterogeneity is the variance of the rows' centred
    curves around their mean curve over their mean square (of "ale", that of the local effects
    within the intervals): 0 where all rows react alike.

    References
    ----------
    Friedman, "Greedy function approximation: a gradient boosting machine", 2001. Goldstein,
    Kapelner, Bleich and Pitkin, "Peeking inside the black box: visualizing statistical learning
    with plots of individual conditional expectation", 2015. Apley and Zhu, "Visualizing the
    effects of predictor variables in black box supervised learning models", 2020. Herbinger,
    Bischl and Casalicchio, "REPID: regional effect plots with implicit interaction detection",
    2022.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import effects
    >>> X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    >>> found = effects(LinearRegression().fit(X, 2 * X["a"] - X["b"]), X, columns=["a"])
    >>> found["a"].values.ravel().round(6).tolist()
    [-0.5, 1.5, 3.5, 5.5]
    """
    if kind not in get_args(Kind):
        raise ArgumentError(f"there is no kind {kind!r}", hint='"pdp", "ice" or "ale"')
    check_count(grid, "grid", least=2)
    asked = ask(model, X, scale, seed=seed, confidence=confidence, max_rows=max_rows)
    if columns is None:
        names = strongest(asked, COLUMNS, seed)
    else:
        names = check_names(columns, asked.frame)
    way = partial(
        WAYS[kind],
        asked.predict,
        asked.frame,
        grid=grid,
        max_rows=max_rows,
        confidence=confidence,
        seed=seed,
    )
    found = tuple(way(column=name) for name in steps(names, "effects of columns", len(names)))
    split = []
    if kind == "ice":
        split = [
            regions(one, asked.frame, seed=seed)
            for one in found
            if len(one.rows) >= 40 and float(one.heterogeneity.max()) > UNEVEN
        ]
    return Effects(
        found,
        tuple(one for one in split if one is not None),
        kind,
        asked.scale,
        asked.opened.unit(asked.scale),
        tuple(output_names(asked.opened)),
        asked.opened.name,
        min(max_rows, len(asked.frame)),
        _rounding(asked, found),
    )


def _rounding(asked: Asked, found: tuple[Effect, ...]) -> float:
    """Return what only rounding makes of predictions as large as the model's."""
    seen = np.abs(asked.predict(asked.frame.head(SEEN))).max(initial=0.0)
    largest = max([float(seen), *(float(np.abs(one.values).max(initial=0.0)) for one in found)])
    return 1e-9 * largest
