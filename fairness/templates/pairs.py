"""A ratio of two shares: its interval, and how likely chance alone makes such a difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import chdtrc, ndtri
from scipy.stats import fisher_exact

LARGE = 20_000
"""Rows of two groups from which the z test stands in for Fisher's."""

EXPECTED = 50.0
"""Rows that each cell has to be expected to hold for that."""

STEPS = 100
FARTHEST = 60.0
"""Logarithm of the largest ratio that is looked for."""


@dataclass(frozen=True)
class Share:
    """A number of people, and how many of them were chosen; weighted ones in effective numbers.

    Parameters
    ----------
    chosen, n : float
        ``0 <= chosen <= n``.
    whole : bool
        Whether both are counts.
    """

    chosen: float
    n: float
    whole: bool = True


def p_value(group: Share, other: Share, test: str) -> tuple[float, str]:
    """Return the two-sided p-value of equal rates, and the name of the test.

    Fisher's exact test where both are counts; the z test with pooled variance (the same as
    chi-square without correction) where it is asked for, for weighted rows, and for tables in
    which both agree to well below any level that is used.
    """
    pooled = (group.chosen + other.chosen) / (group.n + other.n)
    least = min(group.n, other.n) * min(pooled, 1 - pooled)
    exact = group.whole and other.whole
    large = group.n + other.n >= LARGE and least >= EXPECTED
    if test == "fisher" and exact and not large:
        table = [
            [round(group.chosen), round(group.n - group.chosen)],
            [round(other.chosen), round(other.n - other.chosen)],
        ]
        return float(fisher_exact(table)[1]), "Fisher"
    if pooled in (0.0, 1.0):
        return 1.0, "z"
    gap = group.chosen / group.n - other.chosen / other.n
    variance = pooled * (1 - pooled) * (1 / group.n + 1 / other.n)
    return float(chdtrc(1, gap * gap / variance)), "z"


def ratio_interval(group: Share, other: Share, error: float) -> tuple[float, float]:
    """Return the score interval of rate(group) / rate(other) with two-sided error rate `error`.

    Source: Koopman, P.A.R. (1984), Confidence intervals for the ratio of two binomial
    proportions, Biometrics 40, 513-517. It inverts the score test of each ratio, so that it
    holds for no chosen one in a group, where intervals by logarithms have no end.
    """
    if group.n <= 0 or other.n <= 0 or (group.chosen == 0 and other.chosen == 0):
        return math.nan, math.nan
    limit = float(ndtri(1 - error / 2)) ** 2
    plain = math.inf if other.chosen == 0 else group.chosen / group.n / (other.chosen / other.n)
    low = 0.0 if group.chosen == 0 else _end(group, other, limit, plain, down=True)
    high = math.inf if other.chosen == 0 else _end(group, other, limit, plain, down=False)
    return low, high


def _end(group: Share, other: Share, limit: float, plain: float, *, down: bool) -> float:
    """Search the logarithm of the ratio at which the score test just rejects."""
    step = -1.0 if down else 1.0
    inside = math.log(plain) if 0 < plain < math.inf else -step * FARTHEST
    outside = inside
    while _score(group, other, math.exp(outside)) <= limit and abs(outside) <= FARTHEST:
        outside += step
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        if _score(group, other, math.exp(middle)) <= limit:
            inside = middle
        else:
            outside = middle
        if abs(inside - outside) < 1e-12:
            break
    return math.exp(inside)


def _score(group: Share, other: Share, ratio: float) -> float:
    """Return the score statistic of a ratio: at most the limit, and the interval holds it."""
    x, n, y, m = group.chosen, group.n, other.chosen, other.n
    a = (n + m) * ratio
    b = ratio * n + x + m + ratio * y
    root = math.sqrt(max(b * b - 4 * a * (x + y), 0.0))
    q = 2 * (x + y) / (b + root)  # rate of `other` under this ratio; this form loses no digits
    p = min(ratio * q, 1.0)
    variance = p * (1 - p) / n + ratio * ratio * q * (1 - q) / m
    gap = x / n - ratio * y / m
    if variance <= 0:
        return 0.0 if abs(gap) < 1e-12 else math.inf
    return gap * gap / variance
