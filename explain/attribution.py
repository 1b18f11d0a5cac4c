"""The public call: attributions of any fitted model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.errors import ArgumentError, ArgumentTypeError
from explain.explanation import Explanation
from explain.opening import OpenModel, open_model
from explain.players import Players
from explain.protocol import Floats
from explain.routes.attributing import Attributed, Question, attribute
from explain.rows import with_equal_levels

OWN_BACKGROUND = 10_000
"""Rows of X that are its own background at most."""


def explain(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    background: Any = None,
    scale: Literal["auto", "margin", "probability", "response"] = "auto",
    groups: Mapping[str, Iterable[str]] | None = None,
    method: Literal["auto", "path_dependent"] = "auto",
    max_rows: int | None = None,
    seed: int = 0,
) -> Explanation:
    r"""Explain a fitted model's predictions by Shapley values of its raw columns.

    Parameters
    ----------
    model : estimator
        Any fitted scikit-learn-compatible model, pipeline or ensemble, a LightGBM or XGBoost
        booster, a model with ``explain_parts()``, or a function of rows.
    X : table of shape (n_rows, n_columns)
        Rows to explain, as the model takes them: a pandas, polars or Arrow frame, or an array.
    y : array-like of shape (n_rows,), optional
        Their true targets; kept beside the values.
    background : table like X, optional
        The references that absent columns are taken from. Default: X itself, at most 10,000 rows
        of it.
    scale : {"auto", "margin", "probability", "response"}, default "auto"
        What the values add up to. margin: log-odds of ``classes_[1]``, or log-probabilities of
        each class up to a constant of the row, or the decision function of a model without
        probabilities; probability; response: predicted values. "auto": margin for classes,
        response for regression.
    groups : mapping of str to columns, optional
        Columns that act together as one player, such as correlated ones; see `column_groups`.
    method : {"auto", "path_dependent"}, default "auto"
        path_dependent: the trees' own branch shares take the background's place. Quick, but not
        the same game in every library, and labelled approximate; single tree models only.
    max_rows : int, optional
        Explain so many rows of X at most, drawn at random. Default: 10,000 where values have a
        closed form; where they are sampled, at least 50, and as many as the budget of
        predictions allows: about 500,000 of a model of 500 trees, more of a cheaper one.
    seed : int, default 0
        Of all draws.

    Returns
    -------
    Explanation
        `values` of shape (n, p), or (n, p, K) for K > 2 classes, with labels and errors.

    Raises
    ------
    ArgumentError
        X or the background have no rows or lack columns, X is one row without a background, y has
        another length, the model has no such scale, or a group names unknown columns.
    ArgumentTypeError
        X is no table, or the model is none.
    PredictionError
        The model fails on the rows.
    UnreadableModelError
        Path-dependent values are asked for of a model that is not made of trees.
    VerificationError
        The values add up to something else than the model's predictions.

    Notes
    -----
    The values are those of the interventional game
    :math:`v(S) = \frac{1}{m} \sum_r f(x_S, r_{\bar S})`:

    .. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|! (p-|S|-1)!}{p!} (v(S \cup i) - v(S))

    The output is split into a part with closed forms (trees, linear and additive models, and
    their weighted sums) and the rest. The first is exact against the whole background. Of the
    rest all coalitions are evaluated where few columns differ, otherwise a sample, with the tree
    members as control variate; then ``standard_errors`` say how far values may be off. Every
    value is checked: ``base_values + values.sum(axis=1)`` has to be the model's own prediction.

    References
    ----------
    Shapley, "A value for n-person games", 1953. Lundberg and Lee, "A unified approach to
    interpreting model predictions", 2017. Janzing, Minorics and Bloebaum, "Feature relevance
    quantification in explainable AI: a causal problem", 2020 (why interventional).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import explain
    >>> X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    >>> found = explain(LinearRegression().fit(X, 2 * X["a"] - X["b"]), X)
    >>> found.label, found.scale
    ('exact', 'response')
    >>> found.values[3].round(6).tolist()
    [3.0, 0.5]
    """
    opened = open_model(model, X)
    frame = opened.read(X)
    _check_numbers(max_rows, seed)
    targets = _targets(y, len(frame))
    frame, references = with_equal_levels(frame, _background(opened, frame, background, seed))
    asked = Question(
        opened,
        opened.scale(scale),
        frame,
        references,
        Players.of(opened.columns, groups),
        max_rows,
        seed,
    )
    if method == "path_dependent":
        from explain.routes.path_dependent import attribute_by_paths

        return _explanation(asked, attribute_by_paths(asked), targets, "path_dependent")
    if method != "auto":
        raise ArgumentError(
            f"there is no method {method!r}", hint='method="auto" or "path_dependent"'
        )
    return _explanation(asked, attribute(asked), targets, "interventional")


def _background(opened: OpenModel, frame: pd.DataFrame, given: Any, seed: int) -> pd.DataFrame:
    """Return the background: as given, or rows of X."""
    if given is not None:
        return opened.read(given, "the background")
    if len(frame) == 1:
        raise ArgumentError(
            "one row cannot be its own background",
            got="X with 1 row, and no background",
            hint="background=training_rows",
        )
    if len(frame) <= OWN_BACKGROUND:
        return frame
    drawn = np.random.default_rng([seed, 0xB0]).permutation(len(frame))[:OWN_BACKGROUND]
    return frame.iloc[np.sort(drawn)].reset_index(drop=True)


def _check_numbers(max_rows: Any, seed: Any) -> None:
    whole = (int, np.integer)
    if max_rows is not None and (
        not isinstance(max_rows, whole) or isinstance(max_rows, bool) or max_rows < 1
    ):
        raise ArgumentError("max_rows must be a whole number above 0", got=repr(max_rows))
    if not isinstance(seed, whole) or isinstance(seed, bool) or seed < 0:
        raise ArgumentTypeError("the seed must be a whole number of at least 0", got=repr(seed))


def _targets(y: Any, n_rows: int) -> NDArray[Any] | None:
    if y is None:
        return None
    targets = np.asarray(y)
    if targets.shape != (n_rows,):
        raise ArgumentError(
            "y must have one target for each row of X",
            got=f"shape {targets.shape} for {n_rows:,} rows",
        )
    return targets


def _explanation(
    asked: Question,
    done: Attributed,
    targets: NDArray[Any] | None,
    method: Literal["interventional", "path_dependent"],
) -> Explanation:
    """Put everything into the result, without the axis of outputs where there is one."""
    found, opened = done.found, asked.opened
    labels = np.where(found.exact, "exact", "estimated")
    if method == "path_dependent":
        labels = np.full(len(done.rows), "approximate")

    def shaped(array: Floats) -> Floats:
        return array if opened.task == "multiclass" else array[..., 0]

    return Explanation(
        values=shaped(found.values),
        base_values=shaped(found.base),
        standard_errors=shaped(found.errors),
        background_errors=shaped(found.background_errors),
        row_labels=labels,
        columns=asked.players.names,
        groups=dict(zip(asked.players.names, asked.players.columns, strict=True)),
        scale=asked.scale,
        unit=opened.unit(asked.scale),
        task=opened.task,
        classes=opened.classes,
        data=asked.frame.iloc[done.rows].reset_index(drop=True),
        rows=done.rows,
        predictions=shaped(done.predictions),
        importance_errors=shaped(found.importance_errors),
        y=None if targets is None else targets[done.rows],
        model=opened.name,
        route=done.route,
        method=method,
        n_background=found.n_references,
        background_size=len(asked.background),
        evaluations=found.evaluations,
        rows_used=_rows_used(len(done.rows), len(asked.frame), asked.seed),
        verification=done.verification,
        seed=asked.seed,
        exact_on=() if found.exact.all() else asked.exact_elsewhere(),
    )


def _rows_used(n: int, n_all: int, seed: int) -> str:
    if n == n_all:
        return f"{n:,} row{'' if n == 1 else 's'} of X"
    return f"{n:,} of {n_all:,} rows of X, drawn at random (seed {seed})"
