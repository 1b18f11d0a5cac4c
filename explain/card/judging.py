"""The public call: the quality card of an explanation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from explain.card.counting import additivity_gap, errors, sparsity
from explain.card.faithful import faithfulness
from explain.card.matching import Judged, match
from explain.card.measures import DEFINITIONS, Measure, unmeasured
from explain.card.result import QualityCard
from explain.card.steady import randomisation as refitted_check
from explain.card.steady import stability
from explain.explanation import Explanation
from explain.overview import surrogate
from explain.settings import check_count, check_seed

FEWEST = 10
"""Rows that a surrogate needs."""


def quality(
    explanation: Explanation,
    model: Any,
    X: Any,
    *,
    background: Any = None,
    y: Any = None,
    randomisation: bool = False,
    max_rows: int = 100,
    seed: int = 0,
) -> QualityCard:
    r"""Measure how far an explanation can be relied on.

    Parameters
    ----------
    explanation : Explanation
        What `explain.explain` returned.
    model : estimator
        The model that was explained.
    X : table
        The table that was explained, all of its rows.
    background : table, optional
        The background that the explanation had. Default: X.
    y : array-like of shape (n_rows,), optional
        Targets of X; for `randomisation` only.
    randomisation : bool, default False
        Refit the model to permuted labels and compare the explanations.
    max_rows : int, default 100
        Rows whose columns are deleted and inserted, and that are explained again, at most; they
        make most of the cost.
    seed : int, default 0
        Of all draws; the same seed gives the same card.

    Returns
    -------
    QualityCard
        Each measure with its value, interval, direction and definition.

    Raises
    ------
    ArgumentError
        The explanation is not of this model or X, or `y` is missing or does not fit.
    ArgumentTypeError
        It is no explanation, or the model cannot be fitted again.
    PredictionError
        The model fails.

    Notes
    -----
    With f(x) the prediction, r background rows, and :math:`x_{-k}^r` the row with its k columns
    of largest :math:`|\phi|` taken from r:

    .. math:: \text{deletion} = \frac{E|f(x) - f(x_{-k}^r)| - E|f(x) - f(x_{-\pi(k)}^r)|}
        {E|f(x) - f(r)|}

    averaged over k, with :math:`\pi` a random order; insertion likewise from the other side. At
    most 200 rows are used; where values are sampled, 8 rows and 20 references a half are explained
    again.

    References
    ----------
    Samek, Binder, Montavon, Lapuschkin and Müller, "Evaluating the visualization of what a deep
    neural network has learned", 2017. Petsiuk, Das and Saenko, "RISE: randomized input sampling
    for explanation of black-box models", 2018. Adebayo, Gilmer, Muelly, Goodfellow, Hardt and
    Kim, "Sanity checks for saliency maps", 2018.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from explain import explain, quality
    >>> X = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 3)), columns=list("abc"))
    >>> y = 3 * X["a"] + X["b"]
    >>> model = LinearRegression().fit(X, y)
    >>> card = quality(explain(model, X), model, X, y=y, randomisation=True)
    >>> card.score("deletion") > 0.1, card.score("additivity_gap") < 1e-9
    (True, True)
    """
    check_seed(seed)
    check_count(max_rows, "max_rows")
    judged = match(explanation, model, X, background)
    deletion, insertion = faithfulness(judged, max_rows, seed)
    steady, apart = stability(judged, max_rows, seed)
    sparse, row_sparse = sparsity(judged, seed)
    sampling, background_error = errors(judged)
    found = {
        "deletion": deletion,
        "insertion": insertion,
        "stability": steady,
        "disagreement": apart,
        "sparsity": sparse,
        "row_sparsity": row_sparse,
        "sampling_error": sampling,
        "background_error": background_error,
        "additivity_gap": additivity_gap(judged, seed),
        "surrogate_fidelity": _fidelity(judged, seed),
    }
    if randomisation:
        found["randomisation"] = refitted_check(judged, y, seed)
    return QualityCard(
        _table(found), explanation.scale, judged.opened.name, len(explanation.values), seed
    )


def _fidelity(judged: Judged, seed: int) -> Measure:
    if len(judged.frame) < FEWEST:
        return unmeasured(f"a surrogate needs at least {FEWEST} rows")
    scale = judged.explanation.scale
    found = surrogate(judged.model, judged.frame, scale=scale, max_rows=2000, seed=seed)
    if not np.isfinite(found.fidelity):
        return unmeasured("all predictions are the same")
    return Measure(found.fidelity, found.low, found.high, f"{found.held_out:,} held-out rows")


def _table(found: Mapping[str, Measure]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (
                name,
                one.value,
                one.low,
                one.high,
                DEFINITIONS[name].better,
                DEFINITIONS[name].text,
                one.note,
            )
            for name, one in found.items()
        ],
        columns=["measure", "value", "low", "high", "better", "definition", "note"],
    )
