"""Calibration within groups: curves, and a test that needs no bins of its own choosing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from fairness.errors import ArgumentError
from fairness.metrics.binning import bands, outcome_rate, scores_of
from fairness.metrics.cells import Floats, divide
from fairness.metrics.normal import wilson
from fairness.table.values import GroupCounts, Histogram

SMALLEST = 5.0
"""Expected variance of the number of positives below which the limit law is not relied on."""


def calibration(
    counts: GroupCounts, n_bins: int = 10, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the outcome rate of each group by band of scores.

    Bands are common to all groups and hold about equally many rows of all groups together; up to
    15 distinct scores are a band each. For scores that are no probabilities this is the outcome
    rate by score.

    Parameters
    ----------
    counts : GroupCounts
        Counts with binned scores of a binary outcome.
    n_bins : int, default 10
        Most bands.
    confidence : float, default 0.95
        Coverage of each interval by itself.

    Returns
    -------
    DataFrame
        One row a group and band: group, score_low, score_high (of all groups), n, score (mean
        score of the group in the band), value (its outcome rate), low, high (Wilson, of the
        effective rows); NaN where the group has no rows in the band.

    Raises
    ------
    ArgumentError
        If there are no scores of a binary outcome.

    Notes
    -----
    A score is calibrated within groups where its value equals the outcome rate in every group
    (Kleinberg, Mullainathan & Raghavan 2016).

    Examples
    --------
    >>> import numpy as np
    >>> from fairness.table import CountTable
    >>> rng = np.random.default_rng(0)
    >>> sex, score = np.repeat(["f", "m"], 500), rng.random(1000).round(1)
    >>> table = CountTable.from_rows(
    ...     rng.random(1000) < score, y_score=score, sensitive={"sex": sex}
    ... )
    >>> frame = calibration(table.groups(["sex"]))
    >>> len(frame), int(frame["n"].sum())
    (22, 1000)
    """
    parts = bands(scores_of(counts, "calibration"), n_bins)
    rate, effective = outcome_rate(parts)
    low, high = wilson(rate, effective, confidence)
    score = divide(parts.scores.sum(axis=1), parts.weights.sum(axis=1))
    n_groups, n_bands = rate.shape
    return pd.DataFrame(
        {
            "group": np.repeat(np.array(counts.groups, dtype=object), n_bands),
            "score_low": np.tile(parts.low, n_groups),
            "score_high": np.tile(parts.high, n_groups),
            "n": parts.counts.sum(axis=1).ravel(),
            "score": score.ravel(),
            "value": rate.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
        }
    )


def calibration_test(counts: GroupCounts) -> pd.DataFrame:
    """Test in each group whether its probabilities are calibrated.

    Parameters
    ----------
    counts : GroupCounts
        Counts with binned probabilities of a binary outcome.

    Returns
    -------
    DataFrame
        One row a group: group, n, statistic, p_value. NaN where the probabilities leave an
        expected variance of less than 5 positives, too little for the limit law. P-values are of
        each group by itself: correct them for the number of groups.

    Raises
    ------
    ArgumentError
        If there are no probabilities of a binary outcome.

    Notes
    -----
    With rows in order of score, the statistic is max over k of |Σ_{i≤k} w_i (y_i - s_i)| /
    √(Σ w_i² s_i (1 - s_i)), the cumulative difference of Arrieta-Ibarra, Gujral, Tannen, Tygert &
    Xu (2022, JMLR 23), "Metrics of calibration for probabilistic predictions". For a calibrated
    score it tends to the supremum of |Brownian motion| on [0, 1]. It is taken at the borders of
    the score's bins, which can only lower it. With weights, w² in a bin is taken as unrelated to
    s (1 - s) in the bin.

    Examples
    --------
    >>> import numpy as np
    >>> from fairness.table import CountTable
    >>> rng = np.random.default_rng(0)
    >>> sex, score = np.repeat(["f", "m"], 500), rng.random(1000).round(1)
    >>> table = CountTable.from_rows(
    ...     rng.random(1000) < score, y_score=score, sensitive={"sex": sex}
    ... )
    >>> frame = calibration_test(table.groups(["sex"]))
    >>> frame["group"].tolist(), bool((frame["p_value"] > 0.001).all())
    (['f', 'm'], True)
    """
    histogram = scores_of(counts, "a test of calibration")
    if not counts.probability:
        raise ArgumentError(
            "a test of calibration needs probabilities",
            got="the scores are not all between 0 and 1",
            hint="calibration, which shows the outcome rate by score",
        )
    statistic = _cumulative_difference(histogram)
    return pd.DataFrame(
        {
            "group": np.array(counts.groups, dtype=object),
            "n": histogram.counts.sum(axis=(1, 2)),
            "statistic": statistic,
            "p_value": beyond_brownian(statistic),
        }
    )


def _cumulative_difference(histogram: Histogram) -> Floats:
    """Return the largest standardised cumulative difference of each group."""
    scores = histogram.scores.sum(axis=1)
    walk = np.cumsum(histogram.weights[:, 1] - scores, axis=1)
    spread = np.maximum(scores - histogram.scores_squared.sum(axis=1), 0)
    weight = histogram.weights.sum(axis=1)
    squares = histogram.weights_squared.sum(axis=1)
    variance = np.nan_to_num(divide(spread * squares, weight)).sum(axis=1)
    typical = np.nan_to_num(divide(squares.sum(axis=1), weight.sum(axis=1)))
    enough = variance >= SMALLEST * typical**2
    deviation = np.where(enough, np.sqrt(variance), np.nan)
    statistic: Floats = np.abs(walk).max(axis=1) / deviation
    return statistic


def beyond_brownian(x: Floats) -> Floats:
    """Return P(sup over [0, 1] of |Brownian motion| > x), by reflection.

    P = 4 Σ_{k≥0} (-1)^k (1 - Φ((2k + 1) x)) (Feller, volume II, X.5), and for small x the series
    in exp(-(2k + 1)² π² / (8 x²)), which then converges in a few terms.
    """
    k = np.arange(20)
    sign, odd = (-1.0) ** k, 2 * k + 1
    x = np.asarray(x, dtype=np.float64)[..., None]
    above = np.maximum(x, 0.5)
    tail = 4 * (sign * ndtr(-odd * above)).sum(axis=-1)
    below = np.clip(x, 1e-3, 1.0)
    inside = 4 / np.pi * (sign / odd * np.exp(-((odd * np.pi / below) ** 2) / 8)).sum(axis=-1)
    p_value: Floats = np.where(x[..., 0] > 1, tail, 1 - inside)
    return np.where(np.isnan(x[..., 0]), np.nan, np.clip(p_value, 0, 1))
