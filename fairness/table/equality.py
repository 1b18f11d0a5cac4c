"""When two tables are the same: counts exactly, sums but for the order of adding up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fairness.table.values import Floats

if TYPE_CHECKING:
    from fairness.table.table import CountTable

_DIGITS = 1e-9
"""Sums may differ by this share of the sum of absolute values."""


def same(a: CountTable, b: CountTable) -> bool:
    """Say whether two tables are equal."""
    described = ("task", "attributes", "classes", "grid", "threshold")
    if any(getattr(a, name) != getattr(b, name) for name in described):
        return False
    if a.moments.keys() != b.moments.keys() or (a.scores is None) != (b.scores is None):
        return False
    if not (np.array_equal(a.keys, b.keys) and np.array_equal(a.counts, b.counts)):
        return False
    if not (
        _close(a.weights, b.weights, a.weights)
        and _close(a.weights_squared, b.weights_squared, a.weights_squared)
    ):
        return False
    return _same_moments(a, b) and _same_scores(a, b)


def _same_moments(a: CountTable, b: CountTable) -> bool:
    for name, one in a.moments.items():
        other = b.moments[name]
        # Cauchy and Schwarz: the sum of |w x| is at most the root of n Σw²x²
        scale = np.sqrt(a.counts * one.squared)
        scale_weighted = np.sqrt(a.weights_squared * one.squared)
        if not (
            _close(one.total, other.total, scale)
            and _close(one.weighted, other.weighted, scale_weighted)
            and _close(one.squared, other.squared, one.squared)
        ):
            return False
    return True


def _same_scores(a: CountTable, b: CountTable) -> bool:
    if a.scores is None or b.scores is None:
        return True
    return (
        np.array_equal(a.scores.low, b.scores.low)
        and np.array_equal(a.scores.high, b.scores.high)
        and _close(a.scores.squared, b.scores.squared, a.scores.squared)
    )


def _close(a: Floats, b: Floats, scale: Floats) -> bool:
    return bool(np.all(np.abs(a - b) <= _DIGITS * np.maximum(scale, np.abs(a))))
