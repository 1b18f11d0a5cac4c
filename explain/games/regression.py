"""Paired KernelSHAP and Leverage SHAP: constrained least squares on sampled coalitions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.games.designs import Design
from explain.games.values import Bools, Floats

Ints = NDArray[np.int64]

_GUARD = 1.0
"""Share of the players' mean variance that is added, divided by the pairs' degrees of freedom."""

_DRAWS = 100
"""Draws of coalitions before giving up."""


@dataclass(frozen=True)
class Stratum:
    """Pairs of a coalition and its complement, of one size of the smaller coalition."""

    size: int
    population: int
    n: int

    @property
    def share(self) -> float:
        """Share of the stratum's pairs that are evaluated."""
        return self.n / self.population

    def weight(self, d: int) -> float:
        """Return the kernel's weight of a pair over its chance of being drawn."""
        half = 0.5 if 2 * self.size == d else 1.0
        return half * (d - 1) / (self.size * (d - self.size) * self.n)


def regression_design(
    d: int, n_coalitions: int, rng: np.random.Generator, leverage: bool
) -> Design:
    r"""Return the design of least squares on pairs of complementary coalitions.

    Shapley values minimise :math:`\sum_S \mu(S) (v(S) - v(\emptyset) - \sum_{i \in S} \phi_i)^2`
    with :math:`\mu(S) = (d-1) / (\binom{d}{|S|} |S| (d-|S|))` under efficiency (Lundberg and Lee,
    2017). With a coalition and its complement both present only :math:`v(S) - v(\bar S)` matters.
    Pairs are drawn without replacement within each size. The number of each size follows the
    leverage scores, which are equal for all sizes (Musco and Witter, "Provably accurate Shapley
    value estimation via leverage score sampling", 2025), or the kernel's own mass. Sizes whose
    pairs are all evaluated add no error.
    """
    strata = allocated(d, (n_coalitions - 2) // 2, leverage)
    stratum_of = np.repeat(np.arange(len(strata)), [each.n for each in strata])
    weights = np.array([each.weight(d) for each in strata])[stratum_of]
    inside, solve, leverages = _identified(d, strata, weights, rng)
    signs = _signs(inside)
    operator = _operator(signs, solve)
    coalitions = np.concatenate(
        [np.zeros((1, d), dtype=bool), inside, ~inside, np.ones((1, d), dtype=bool)]
    )

    def errors(worth: Floats) -> Floats:
        n = len(inside)
        differences = worth[1 : n + 1] - worth[n + 1 : 2 * n + 1]
        residuals = differences - signs @ (operator @ worth)
        return _sandwich(solve, residuals, leverages, strata, stratum_of)

    return Design(coalitions, operator, errors)


def allocated(d: int, n_pairs: int, leverage: bool) -> list[Stratum]:
    """Share n pairs among the sizes; no size gets more pairs than it has, or fewer than two."""
    sizes = np.arange(1, d // 2 + 1)
    population = [comb(d, int(s)) // (2 if 2 * s == d else 1) for s in sizes]
    mass = np.where(2 * sizes == d, 0.5, 1.0)
    if not leverage:
        mass = mass / (sizes * (d - sizes))
    counts = [min(2, each) for each in population]
    while sum(counts) < n_pairs:
        # the size furthest below its share that still has pairs left
        want = [
            m / (c + 1) if c < p else -1.0
            for m, c, p in zip(mass, counts, population, strict=True)
        ]
        counts[int(np.argmax(want))] += 1
    return [Stratum(int(s), p, n) for s, p, n in zip(sizes, population, counts, strict=True)]


def _drawn(d: int, stratum: Stratum, rng: np.random.Generator) -> Bools:
    """Draw distinct coalitions of one size; of a half-sized pair the one that holds player 0."""
    half = 2 * stratum.size == d
    if stratum.population <= 4 * stratum.n:
        members = list(combinations(range(int(half), d), stratum.size - int(half)))
        chosen = np.sort(rng.choice(len(members), stratum.n, replace=False))
        subsets = [members[c] for c in chosen]
    else:
        subsets = _rejected(d, stratum, rng, half)
    inside = np.zeros((stratum.n, d), dtype=bool)
    inside[:, 0] = half
    rows = np.repeat(np.arange(stratum.n), stratum.size - int(half))
    inside[rows, np.array(subsets, dtype=np.int64).ravel()] = True
    return inside


def _rejected(
    d: int, stratum: Stratum, rng: np.random.Generator, half: bool
) -> list[tuple[int, ...]]:
    """Draw distinct subsets where they are many: a repeated one is drawn anew."""
    found: dict[tuple[int, ...], None] = {}
    while len(found) < stratum.n:
        subset = rng.choice(d - int(half), stratum.size - int(half), replace=False) + int(half)
        found[tuple(np.sort(subset).tolist())] = None
    return list(found)


def _identified(
    d: int, strata: list[Stratum], weights: Floats, rng: np.random.Generator
) -> tuple[Bools, Floats, Floats]:
    """Draw coalitions that tell all players apart, and solve for them.

    With the fewest coalitions about one draw in a hundred does not; it is drawn anew, which
    looks at no worth and so biases nothing.
    """
    for _ in range(_DRAWS):
        inside = np.concatenate([_drawn(d, stratum, rng) for stratum in strata])
        solved = _least_squares(_signs(inside), weights)
        if solved is not None:
            return inside, *solved
    raise ArgumentError(
        f"{2 * len(weights) + 2} coalitions do not tell all {d} players apart",
        hint="a larger n_coalitions",
    )


def _signs(inside: Bools) -> Floats:
    return np.where(inside, 1.0, -1.0)


def _least_squares(signs: Floats, weights: Floats) -> tuple[Floats, Floats] | None:
    """Return the map (d, n) from pair differences to values that sum to zero, and leverages.

    None where the pairs do not determine the values.
    """
    d = signs.shape[1]
    basis = _zero_sum_basis(d)
    root = np.sqrt(weights / weights.max())
    left, right = np.linalg.qr(root[:, None] * (signs @ basis))
    diagonal = np.abs(np.diag(right))
    if diagonal.min() <= 1e-10 * diagonal.max():
        return None
    solve = basis @ np.linalg.solve(right, left.T) * root
    return solve, np.asarray((left**2).sum(axis=1))


def _zero_sum_basis(d: int) -> Floats:
    """Return an orthonormal basis (d, d - 1) of the vectors that sum to zero."""
    steps = np.arange(1, d)
    basis = np.where(np.arange(d)[:, None] < steps, 1.0, 0.0)
    basis[steps, steps - 1] = -steps
    return np.asarray(basis / np.sqrt(steps * (steps + 1.0)))


def _operator(signs: Floats, solve: Floats) -> Floats:
    """Return the map from all worths to values; efficiency holds by construction."""
    d = signs.shape[1]
    total = (1 - solve @ signs.sum(axis=1)) / d
    return np.concatenate([-total[:, None], solve, -solve, total[:, None]], axis=1)


def _sandwich(
    solve: Floats, residuals: Floats, leverages: Floats, strata: list[Stratum], stratum_of: Ints
) -> Floats:
    """Return the design-based standard error of stratified sampling without replacement.

    Residuals are enlarged by 1 / (1 - leverage), the jackknife's correction (HC3). With few pairs
    one player's may vanish by chance: a share of the players' mean variance, which itself vanishes
    as pairs become many, guards against errors that look like 0.
    """
    room = np.maximum(1 - leverages, 1e-9)
    parts = solve[:, :, None] * (residuals / room[:, None])[None]
    variance = np.zeros((len(solve), residuals.shape[1]))
    for index, stratum in enumerate(strata):
        if stratum.n == stratum.population:
            continue
        own = parts[:, stratum_of == index]
        centred = own - own.mean(axis=1, keepdims=True)
        factor = (1 - stratum.share) * stratum.n / (stratum.n - 1)
        variance += factor * (centred**2).sum(axis=1)
    free = max(1, sum(one.n - 1 for one in strata if one.n < one.population))
    guard = variance.mean(axis=0) * _GUARD / free
    return np.asarray(np.sqrt(variance + guard))
