"""Critical values that hold for all pairs of groups, in all metrics, at once (max-T)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fairness.inference.limits import Positions
from fairness.inference.values import Floats

DRAWS = 10_000
"""Simulated maxima: the level at the 95 % point is known to ± 0.2 points."""

MOST_PAIRS = 300
"""All pairs of 25 groups; beyond, the studentized range stands in for the simulation."""

CHUNK = 100_000
"""Numbers that are simulated at once, so that they stay in the processor's cache."""

LARGEST_CRITICAL = 37.0
"""Beyond, the normal tail is no number any more."""

_RESOLVED = 20 / DRAWS
_TABLED = 1e-7


@dataclass(frozen=True)
class MaxT:
    """Distribution of the largest standardised difference over all pairs and metrics.

    Metrics are taken as independent of each other. For any correlation between them that is
    conservative: the chance that two sets of symmetric normal statistics both stay inside their
    bounds is at least the product (the Gaussian correlation inequality, Royen 2014).

    Parameters
    ----------
    maxima : tuple of ndarray of float64
        For each metric sorted simulated maxima; empty where the others are used.
    range_of : int
        Groups whose studentized range is used instead; 0 for none.
    n_metrics : int
        Metrics in the family.
    comparisons : int
        Pairs times metrics.
    """

    maxima: tuple[Floats, ...]
    range_of: int
    n_metrics: int
    comparisons: int

    @property
    def resolved(self) -> float:
        """Smallest tail probability that `tail` can tell."""
        if self.comparisons == 1:
            return 0.0
        return _TABLED if self.range_of else _RESOLVED

    def tail(self, z: Floats) -> Floats:
        """Return the probability that the largest statistic exceeds `z`, as far as resolved."""
        from scipy.special import ndtr

        if self.comparisons == 1:
            single: Floats = 2 * ndtr(-z)
            return single
        if self.range_of:
            whole: Floats = -np.expm1(
                self.n_metrics * np.log1p(-range_exceedance(z, self.range_of))
            )
            return whole
        inside = [np.searchsorted(each, z) / len(each) for each in self.maxima]
        return np.asarray(1 - np.prod(inside, axis=0))

    def exceedance(self, z: Floats) -> Floats:
        """Return the probability that the largest statistic exceeds `z`."""
        return _bounded(self.tail(z), z, self.comparisons, self.resolved)

    def critical(self, confidence: float) -> float:
        """Return the smallest value that is exceeded with probability 1 - confidence at most."""
        return Joint((self,)).critical(confidence)


@dataclass(frozen=True)
class Joint:
    """Distribution of the largest of several maxima, each over groups and pairs of its own.

    Parameters
    ----------
    parts : tuple of MaxT
        One for each metric that has pairs; taken as independent, which is conservative.
    """

    parts: tuple[MaxT, ...]

    @property
    def comparisons(self) -> int:
        """Pairs of all metrics."""
        return sum(part.comparisons for part in self.parts)

    def exceedance(self, z: Floats) -> Floats:
        """Return the probability that the largest statistic exceeds `z`."""
        inside = np.prod([1 - part.tail(z) for part in self.parts], axis=0)
        resolved = max(part.resolved for part in self.parts)
        return _bounded(1 - inside, z, self.comparisons, resolved)

    def critical(self, confidence: float) -> float:
        """Return the smallest value that is exceeded with probability 1 - confidence at most."""
        if self.comparisons == 1:
            from scipy.special import ndtri

            return float(-ndtri((1 - confidence) / 2))
        low, high = 0.0, LARGEST_CRITICAL
        for _ in range(5):
            grid = np.linspace(low, high, 129)
            first = int(np.argmax(self.exceedance(grid) <= 1 - confidence))
            low, high = float(grid[max(first - 1, 0)]), float(grid[first])
        return high


def _bounded(tail: Floats, z: Floats, comparisons: int, resolved: float) -> Floats:
    """Return a tail probability, or Bonferroni's bound where it is smaller or not resolved.

    The bound is ``2 m sf(z)``; for a single comparison it is exact.
    """
    from scipy.special import ndtr

    bound: Floats = np.minimum(2 * comparisons * ndtr(-z), 1.0)
    if comparisons == 1:
        return bound
    p_value: Floats = np.where(
        tail > resolved, np.minimum(tail, bound), np.minimum(bound, max(resolved, 0.0))
    )
    return p_value


def max_t(errors: Sequence[Floats], first: Positions, second: Positions, seed: int) -> MaxT:
    """Return the distribution of the maximum for groups with the given standard errors.

    The groups are disjoint, so their estimates are independent and nearly normal:
    ``|z_a s_a - z_b s_b| / sqrt(s_a² + s_b²)`` is simulated for all pairs with shared draws z.
    For all pairs of many groups the studentized range over sqrt(2) bounds the maximum from above
    (Tukey 1953, Kramer 1956; proved by Hayter 1984 for unequal errors).

    Parameters
    ----------
    errors : sequence of ndarray of float64, shape (n_groups,)
        Standard errors of each metric.
    first, second : ndarray of int64, shape (n_pairs,)
        The pairs: all pairs of groups, or all with one group in common.
    seed : int
        Seed of the draws.
    """
    n_groups, n_metrics = len(errors[0]), len(errors)
    comparisons = len(first) * n_metrics
    to_all = len(first) >= n_groups
    if comparisons == 1:
        return MaxT((), 0, 1, 1)
    if to_all and len(first) > MOST_PAIRS:
        return MaxT((), n_groups, n_metrics, comparisons)
    maxima = _simulated(np.asarray(errors), first, second, seed)
    return MaxT(tuple(maxima), 0, n_metrics, comparisons)


def _simulated(errors: Floats, first: Positions, second: Positions, seed: int) -> list[Floats]:
    """Return the sorted simulated maxima of each metric; `errors` is (n_metrics, n_groups)."""
    rng = np.random.default_rng(seed)
    spread = np.hypot(errors[:, first], errors[:, second])
    # Two groups without any error never differ by chance.
    inverse = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    rows = max(1, CHUNK // len(first))
    parts: list[list[Floats]] = [[] for _ in errors]
    for start in range(0, DRAWS, rows):
        draws = rng.standard_normal((min(rows, DRAWS - start), errors.shape[1]))
        for part, scale, weight in zip(parts, errors, inverse, strict=True):
            shifted = (draws * scale).T
            gaps = shifted[first]
            gaps -= shifted[second]
            np.abs(gaps, out=gaps)
            gaps *= weight[:, None]
            part.append(gaps.max(axis=0))
    return [np.sort(np.concatenate(part)) for part in parts]


def range_exceedance(z: Floats, n_groups: int) -> Floats:
    """Return the chance that the range of normal variables, over sqrt(2), exceeds `z`."""
    grid, log_tail = _range_table(n_groups)
    tail: Floats = np.exp(np.interp(z, grid, log_tail))
    return np.minimum(tail, 1.0 - 1e-15)


@lru_cache(maxsize=64)
def _range_table(n_groups: int) -> tuple[Floats, Floats]:
    """Tabulate the logarithm of the tail of the range of `n_groups` standard normal variables.

    ``P(range <= w) = k ∫ φ(x) (Φ(x) - Φ(x - w))^(k-1) dx``, by the trapezoidal rule, which
    converges exponentially for an integrand that fades at both ends.
    """
    from scipy.special import ndtr

    grid = np.arange(0.0, 9.0, 0.01)
    nodes, step = np.linspace(-9.0, 9.0, 361, retstep=True)
    density = np.exp(-(nodes**2) / 2) / np.sqrt(2 * np.pi)
    between = ndtr(nodes) - ndtr(nodes - np.sqrt(2) * grid[:, None])
    inside = n_groups * step * (between ** (n_groups - 1) @ density)
    tail = np.log(np.clip(1 - inside, 1e-12, 1.0))
    for array in (grid, tail):
        array.setflags(write=False)
    return grid, tail
