"""Tests of independence, for tables of counts of any size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairness.table.values import Floats

_SMALLEST_EXPECTED = 5.0
_DRAWS = 9_999


def independence_p(table: NDArray[np.int64], seed: int) -> float:
    """Return the p-value of independence of a 2 × k table.

    Pearson's chi-square where every expected count is at least 5 (Cochran 1954); otherwise the
    same statistic against its exact distribution given the margins: Fisher's test for 2 × 2, and
    9,999 seeded draws for more columns (Agresti 1992). NaN where a margin leaves nothing to test.
    """
    from scipy.special import chdtrc

    used = table[:, table.sum(axis=0) > 0]
    if used.shape[1] < 2 or (used.sum(axis=1) == 0).any():
        return np.nan
    if expected_counts(used).min() >= _SMALLEST_EXPECTED:
        return float(chdtrc(used.shape[1] - 1, chi_square(used)))
    if used.shape[1] == 2:
        from scipy.stats import fisher_exact

        return float(fisher_exact(used).pvalue)
    return _drawn_p(used, seed)


def expected_counts(table: NDArray[np.int64]) -> Floats:
    """Return what independence would make of the margins."""
    expected: Floats = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return expected


def chi_square(table: NDArray[np.int64]) -> float:
    """Return Pearson's statistic."""
    expected = expected_counts(table)
    return float(((table - expected) ** 2 / expected).sum())


def _drawn_p(table: NDArray[np.int64], seed: int) -> float:
    """Compare the statistic with tables drawn at random with the same margins."""
    rng = np.random.default_rng(seed)
    columns, hits = table.sum(axis=0), int(table[0].sum())
    drawn = rng.multivariate_hypergeometric(columns, hits, size=_DRAWS, method="marginals")
    expected = expected_counts(table)
    gaps = (drawn - expected[0]) ** 2
    # both rows differ from expectation by the same amount
    statistics = (gaps / expected[0] + gaps / expected[1]).sum(axis=1)
    reached = int((statistics >= chi_square(table) * (1 - 1e-12)).sum())
    return (1 + reached) / (1 + _DRAWS)


def association_p(table: NDArray[np.int64]) -> float:
    """Return the p-value of independence of a large sparse table.

    Pearson's statistic against a gamma distribution with its exact mean and variance given the
    margins (Haldane 1940): expected counts may be small.
    """
    from scipy.special import gammaincc

    used = table[np.ix_(table.sum(axis=1) > 0, table.sum(axis=0) > 0)]
    if min(used.shape) < 2:
        return 1.0
    mean, variance = permutation_moments(used)
    if variance <= 0:
        return 1.0
    shape, scale = mean**2 / variance, variance / mean
    return float(gammaincc(shape, chi_square(used) / scale))


def permutation_moments(table: NDArray[np.int64]) -> tuple[float, float]:
    """Return mean and variance of Pearson's statistic over all tables with the same margins."""
    n = float(table.sum())
    if n <= 3:
        return 0.0, 0.0
    terms = []
    for margin in (table.sum(axis=1), table.sum(axis=0)):
        k = len(margin)
        v = (k - 1) * (n - k) / (n - 1)
        w = ((1.0 / margin).sum() * n - k**2) / (n - 2)
        terms.append((v, w))
    (v1, w1), (v2, w2) = terms
    mean = (table.shape[0] - 1) * (table.shape[1] - 1) * n / (n - 1)
    variance = 2 * n / (n - 3) * (v1 - w1) * (v2 - w2) + n**2 / (n - 1) * w1 * w2
    return mean, variance
