"""Empirical Bayes: what a small group most likely is, given all the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fairness.inference.intervals import check_confidence, is_undefined
from fairness.inference.limits import sample_of
from fairness.inference.values import Floats, Shrunk
from fairness.metrics.values import Estimates

_POINTS = 200
"""Amounts of shrinkage that are averaged over."""

_MOST_LOG_ODDS = 7.0
"""The most shrinkage, in log-odds: all but 1 part in 1,100 of the way."""

_LEAST = 1e-6
"""The least shrinkage of a mean."""

_MODERATION = 10.0
"""Rows whose variance is that of all groups, added to each group where variances are unequal."""


def shrink(estimates: Estimates, *, confidence: float) -> Shrunk:
    """Return shrunken estimates: each group's own value, drawn towards that of all groups.

    Parameters
    ----------
    estimates : Estimates
        One metric in each group, such as the intersections of several attributes.
    confidence : float
        Of each interval, between 0 and 1.

    Returns
    -------
    Shrunk
        Proportions: beta-binomial with mean mu and weight phi (in rows) of the other groups:
        ``(x + mu phi) / (n + phi)``. Others: normal with variance tau² between groups:
        ``mu + tau² / (tau² + s²) (value - mu)``; s² is moderated towards the variance of all
        groups, for that of a few rows is itself uncertain. The shrinkage ``B = phi / (n0 + phi)``,
        or ``s0² / (s0² + tau²)``, at a typical group is not fixed at its most likely value but
        averaged over by its marginal likelihood, flat in the variance between groups, with mu
        estimated at each. Intervals thus carry the uncertainty of mu, of the spread between
        groups, and of the group: over all groups they cover as often as they say with three
        groups or with many, and more often where the spread is nil (Morris 1983; Morris and Lysy
        2012). Groups without a value are NaN.

    Raises
    ------
    ArgumentError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Morris, C. N. (1983). Parametric empirical Bayes inference: theory and applications. Journal
    of the American Statistical Association 78, 47-55.
    Morris, C. N., and Lysy, M. (2012). Shrinkage estimation in multilevel normal models.
    Statistical Science 27, 115-134.
    Christiansen, C. L., and Morris, C. N. (1997). Hierarchical Poisson regression modeling.
    Journal of the American Statistical Association 92, 618-632.

    Examples
    --------
    >>> from fairness.metrics import estimate
    >>> from fairness.table.values import GroupCounts
    >>> cells = np.array([[[350, 150]], [[400, 100]], [[360, 140]], [[2, 6]]])
    >>> w = cells.astype(float)
    >>> counts = GroupCounts("binary", "x", ("a", "b", "c", "d"), ("0", "1"), cells, w, w)
    >>> rates = estimate("selection_rate", counts)
    >>> print(rates.value, shrink(rates, confidence=0.95).value.round(2))
    [0.3  0.2  0.28 0.75] [0.3  0.2  0.28 0.6 ]
    """
    check_confidence(confidence)
    defined = np.flatnonzero(~is_undefined(estimates))
    value, low, high = (np.full(len(estimates.groups), np.nan) for _ in range(3))
    if len(defined) == 0:
        return Shrunk(value, low, high)
    sample = sample_of(estimates)
    own, rows = sample.value[defined], sample.effective[defined]
    if sample.proportion:
        posterior = _beta_binomial(own, rows)
        ends = _beta_interval(posterior, confidence)
    else:
        posterior = _normal(own, _moderated(sample.error[defined], rows))
        ends = _normal_interval(posterior, confidence)
    bottom, top = sample.range
    doubt = sample.bin_error[defined]
    value[defined] = np.clip(posterior.mean, bottom, top)
    low[defined] = np.clip(ends[0] - doubt, bottom, top)
    high[defined] = np.clip(ends[1] + doubt, bottom, top)
    return Shrunk(value, low, high)


@dataclass(frozen=True)
class _Posterior:
    """Mean and variance of each group's value, given all groups."""

    mean: Floats
    variance: Floats


def _amounts(least: float) -> Floats:
    """Return amounts of shrinkage at a typical group, as a column, evenly spaced in log-odds."""
    ends = np.log(least) - np.log1p(-least), _MOST_LOG_ODDS
    amounts: Floats = 1 / (1 + np.exp(-np.linspace(*ends, _POINTS)))[:, None]
    return amounts


def _averaged(amount: Floats, log_weight: Floats, mean: Floats, variance: Floats) -> _Posterior:
    """Average over the amounts of shrinkage (rows) by their likelihood.

    Flat in the variance between groups, which is (1 - B) / B in units of a typical group's own
    variance; even steps in log-odds of B are steps in its logarithm. The variance is that within
    plus that between (the law of total variance): what a plug-in of one amount leaves out.
    """
    log_weight = log_weight + np.log1p(-amount[:, 0]) - np.log(amount[:, 0])
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    centre = weight @ mean
    return _Posterior(centre, weight @ (variance + (mean - centre) ** 2))


def _beta_binomial(share: Floats, rows: Floats) -> _Posterior:
    from scipy.special import betaln

    typical = len(rows) / np.sum(1 / rows)
    # The others weigh one row at least: less than the prior of Jeffreys is never assumed.
    amount = _amounts(1 / (1 + typical))
    phi = typical * amount / (1 - amount)
    # The variance of a share is mu (1 - mu) over this; an overdispersed binomial's rows.
    weight = rows * (phi + 1) / (rows + phi)
    total = weight.sum(axis=1, keepdims=True)
    # Half a success and half a failure keep mu off 0 and 1.
    mu = ((weight * share).sum(axis=1, keepdims=True) + 0.5) / (total + 1)
    uncertainty = mu * (1 - mu) / total
    hits, misses = rows * share, rows * (1 - share)
    before, after = mu * phi, (1 - mu) * phi
    likelihood = betaln(hits + before, misses + after) - betaln(before, after)
    mean = (hits + before) / (rows + phi)
    variance = mean * (1 - mean) / (rows + phi + 1) + (phi / (rows + phi)) ** 2 * uncertainty
    log_weight = likelihood.sum(axis=1) + np.log(uncertainty[:, 0]) / 2
    return _averaged(amount, log_weight, mean, variance)


def _normal(value: Floats, error: Floats) -> _Posterior:
    if not error.any():
        return _Posterior(value, np.zeros(len(value)))
    amount = _amounts(_LEAST)
    square = error**2
    between = len(square) / np.sum(1 / square) * (1 - amount) / amount
    weight = 1 / (square + between)
    total = weight.sum(axis=1, keepdims=True)
    mu = (weight * value).sum(axis=1, keepdims=True) / total
    drawn = square / (square + between)
    mean = drawn * mu + (1 - drawn) * value
    variance = (1 - drawn) * square + drawn**2 / total
    fit = np.log(weight) - weight * (value - mu) ** 2
    log_weight = (fit.sum(axis=1) - np.log(total[:, 0])) / 2
    return _averaged(amount, log_weight, mean, variance)


def _moderated(error: Floats, rows: Floats) -> Floats:
    """Return standard errors from each group's variance and that of all groups together."""
    per_row = error**2 * rows
    pooled = np.average(per_row, weights=rows)
    mixed = (per_row * rows + pooled * _MODERATION) / (rows + _MODERATION)
    moderated: Floats = np.sqrt(mixed / rows)
    return moderated


def _beta_interval(posterior: _Posterior, confidence: float) -> tuple[Floats, Floats]:
    """Return quantiles of the beta distribution with the posterior's mean and variance."""
    from scipy.special import betaincinv

    mean, variance = posterior.mean, posterior.variance
    weight = np.maximum(mean * (1 - mean) / variance - 1, 1e-6)
    tail = (1 - confidence) / 2
    first, second = mean * weight, (1 - mean) * weight
    return betaincinv(first, second, tail), betaincinv(first, second, 1 - tail)


def _normal_interval(posterior: _Posterior, confidence: float) -> tuple[Floats, Floats]:
    from scipy.special import ndtri

    half = float(ndtri((1 + confidence) / 2)) * np.sqrt(posterior.variance)
    return posterior.mean - half, posterior.mean + half
