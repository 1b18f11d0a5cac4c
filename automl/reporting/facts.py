"""Everything that a report reads: computed once, then only read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    import numpy as np

    from explain import (
        Counterfactuals,
        Disparity,
        Effects,
        Explanation,
        Interactions,
        Price,
        QualityCard,
        Slices,
    )
    from fairness import Audit

Task = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions of rows that the models behind them were not fitted on.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
    classes : tuple
        Labels; empty for regression.
    y : ndarray, shape (n,)
        True class numbers, or values.
    predicted : ndarray of float64, shape (n,) or (n, K)
        Probability of the second class, of all classes, or values.
    weight : ndarray of float64, shape (n,), or None
        Weights of the rows.
    threshold : float
        Probability from which on the second of two classes is predicted.
    rows_used : str
        Which rows these are, in words.
    sealed : bool
        Whether no fit and no choice has seen them.
    """

    task: Task
    classes: tuple[Any, ...]
    y: NDArray[Any]
    predicted: NDArray[np.float64]
    weight: NDArray[np.float64] | None
    threshold: float
    rows_used: str
    sealed: bool = False


@dataclass(frozen=True, eq=False)
class Performance:
    """How good predictions are, as frames.

    Parameters
    ----------
    predictions : Predictions
        What was judged.
    scores : DataFrame
        Columns: metric, value, low, high, meaning.
    curves : mapping of str to DataFrame
        By name (roc, precision_recall, calibration, lift; residuals, predicted_actual): columns
        are told by each name's section.
    thresholds : DataFrame
        Of two classes: threshold, tp, fp, tn, fn, and rates with intervals. Empty otherwise.
    by_class : DataFrame
        Of classes: class, n, precision, recall, with intervals. Empty for regression.
    confusion : DataFrame
        Of classes: true, predicted, n, share (of the true class). Empty for regression.
    """

    predictions: Predictions
    scores: pd.DataFrame
    curves: Mapping[str, pd.DataFrame]
    thresholds: pd.DataFrame
    by_class: pd.DataFrame
    confusion: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Why:
    """Why the winner decides as it does.

    Parameters
    ----------
    explanation : explain.Explanation
    effects : explain.Effects or None
        Of the strongest columns; None where none has a curve.
    interactions : explain.Interactions or None
    quality : explain.QualityCard or None
    changes : mapping of int to explain.Counterfactuals
        By the position of an example row among the explained rows.
    """

    explanation: Explanation
    effects: Effects | None
    interactions: Interactions | None
    quality: QualityCard | None
    changes: Mapping[int, Counterfactuals]


@dataclass(frozen=True, eq=False)
class Facts:
    """What a report is made of.

    Parameters
    ----------
    target, metric : str
        What is predicted, and what was optimised.
    task : {"binary", "multiclass", "regression"}
    source : str
        Name of the table, in words.
    score : mapping of str to Any
        value, low, high, scored_on, baseline (the trivial guess's score), greater_is_better.
    leaderboard, trials, checks, schema, timing, pareto, members : DataFrame
        As those of `automl.Result`.
    parameters : DataFrame
        Importance of hyperparameters: family, parameter, importance. Empty where not estimable.
    sensitive : tuple of str
        Columns audited by.
    arguments : mapping of str to Any
        The call.
    versions : mapping of str to str
        Of Candor, Python and libraries, as the run recorded them.
    rows : mapping of str to str
        What rows were used for what: purpose to words.
    fingerprint : str
        Digest of the data.
    seed : int
    performance : Performance or None
        None where the run keeps no rows.
    why : Why or None
    audit : fairness.Audit or None
        None without sensitive columns.
    slices : explain.Slices or None
        Where it errs most.
    price : explain.Price or None
        What the best interpretable family costs.
    notes : tuple of str
        What was left out, and why.
    personal : bool
        Whether the page may show people's rows.
    gaps : explain.Disparity or None
        Gaps in mean prediction between groups, split over columns; None without an audit.
    n_rows : int
        Rows of the table, sealed ones among them; 0 where not known.
    """

    target: str
    metric: str
    task: Task
    source: str
    score: Mapping[str, Any]
    leaderboard: pd.DataFrame
    trials: pd.DataFrame
    checks: pd.DataFrame
    schema: pd.DataFrame
    timing: pd.DataFrame
    pareto: pd.DataFrame
    members: pd.DataFrame
    parameters: pd.DataFrame
    sensitive: tuple[str, ...]
    arguments: Mapping[str, Any]
    versions: Mapping[str, str]
    rows: Mapping[str, str]
    fingerprint: str
    seed: int
    performance: Performance | None
    why: Why | None
    audit: Audit | None
    slices: Slices | None
    price: Price | None
    notes: tuple[str, ...]
    personal: bool
    gaps: Disparity | None = None
    n_rows: int = 0
