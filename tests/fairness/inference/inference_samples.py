"""Estimates built by hand, and simulated ones, for the tests of inference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fairness.metrics.values import Estimates, Metric

RATE = Metric(
    name="selection_rate",
    label="Selection rate",
    formula="(TP + FP) / n",
    range=(0.0, 1.0),
    better="higher",
    tasks=("binary",),
    needs="predictions",
    kind="proportion",
    reference="",
)


def metric(kind: str, low: float = 0.0, high: float = 1.0, *, ratio: bool = True) -> Metric:
    """Return a metric that is no proportion."""
    return Metric(
        name="quantity",
        label="Quantity",
        formula="",
        range=(low, high),
        better="neither",
        tasks=("regression",),
        needs="predictions",
        kind=kind,  # type: ignore[arg-type]
        reference="",
        ratio=ratio,
    )


def rates(
    hits: ArrayLike,
    n: ArrayLike,
    rows: ArrayLike | None = None,
    bin_error: float = 0.0,
) -> Estimates:
    """Return unweighted proportions: `hits` of `n`, in groups of `rows` rows."""
    hits, n = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.int64)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = hits / n
        error = np.sqrt(value * (1 - value) / n)
    return Estimates(
        metric=RATE,
        attribute="x",
        groups=tuple(f"g{i}" for i in range(len(n))),
        n=n if rows is None else np.asarray(rows, dtype=np.int64),
        denominator=n,
        effective=n.astype(np.float64),
        value=value,
        error=error,
        bin_error=np.full(len(n), bin_error),
    )


def means(
    value: ArrayLike,
    error: ArrayLike,
    n: ArrayLike,
    what: Metric | None = None,
    bin_error: float = 0.0,
) -> Estimates:
    """Return means, or scores, with their standard errors."""
    n = np.asarray(n, dtype=np.int64)
    return Estimates(
        metric=what or metric("mean", -np.inf, np.inf, ratio=False),
        attribute="x",
        groups=tuple(f"g{i}" for i in range(len(n))),
        n=n,
        denominator=n,
        effective=n.astype(np.float64),
        value=np.asarray(value, dtype=np.float64),
        error=np.asarray(error, dtype=np.float64),
        bin_error=np.full(len(n), bin_error),
    )


def weighted_rates(
    rng: np.random.Generator, n: Sequence[int], share: ArrayLike, spread: float = 0.5
) -> Estimates:
    """Draw rows with lognormal weights and return their weighted proportions."""
    shares = np.broadcast_to(np.asarray(share, dtype=np.float64), len(n))
    parts = [_weighted(rng, rows, p, spread) for rows, p in zip(n, shares, strict=True)]
    value, error, effective = (np.array(part) for part in zip(*parts, strict=True))
    rows = np.asarray(n, dtype=np.int64)
    return Estimates(
        metric=RATE,
        attribute="x",
        groups=tuple(f"g{i}" for i in range(len(n))),
        n=rows,
        denominator=rows,
        effective=effective,
        value=value,
        error=error,
        bin_error=np.zeros(len(n)),
    )


def _weighted(
    rng: np.random.Generator, rows: int, share: float, spread: float
) -> tuple[float, float, float]:
    weight = rng.lognormal(0, spread, rows)
    hit = (rng.random(rows) < share).astype(float)
    total = weight.sum()
    value = float(weight @ hit / total)
    error = float(np.sqrt(((weight * (hit - value)) ** 2).sum()) / total)
    return value, error, float(total**2 / (weight @ weight))


def drawn(rng: np.random.Generator, n: ArrayLike, share: ArrayLike) -> Estimates:
    """Draw binomial counts and return their proportions."""
    n = np.asarray(n)
    return rates(rng.binomial(n, share), n)


SETTINGS: dict[str, tuple[NDArray[np.int64], float]] = {
    "2 x 1000, equal": (np.array([1000, 1000]), 0.0),
    "2 x 1000, gap .1": (np.array([1000, 1000]), 0.1),
    "5 groups 3000..50, equal": (np.array([3000, 1000, 400, 150, 50]), 0.0),
    "10 groups 3000..30, equal": (np.geomspace(3000, 30, 10).round().astype(int), 0.0),
    "10 groups 3000..30, gap .1": (np.geomspace(3000, 30, 10).round().astype(int), 0.1),
    "20 x 100, equal": (np.full(20, 100), 0.0),
    "10 x 10,000, equal": (np.full(10, 10_000), 0.0),
}
"""Rows of the groups, and the true gap (the second largest group lies higher)."""


def true_rates(n: NDArray[np.int64], base: float, gap: float) -> NDArray[np.float64]:
    """Return equal rates, but for the second group's, which lies higher by the gap."""
    share = np.full(len(n), base)
    share[1] += gap
    return share
