"""Thresholds of models that read float32, as thresholds on the float64 value.

Rounding to float32 keeps order, so for every float32 number there is one largest float64 that
rounds to it or below. Comparing with that one decides every float64 as the model decides it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

BEYOND = 2.0**128
"""Where the number after the largest float32 would be."""


def at_most(threshold: ArrayLike) -> NDArray[np.float64]:
    """Rewrite ``float32(x) <= threshold`` as ``x <= result``."""
    wanted = np.asarray(threshold, dtype=np.float64)
    with np.errstate(over="ignore"):
        below = wanted.astype(np.float32)
        down = np.nextafter(below, np.float32(-np.inf))
    below = np.where(below.astype(np.float64) > wanted, down, below)
    return _last_rounding_to(below)


def less_than(threshold: ArrayLike) -> NDArray[np.float64]:
    """Rewrite ``float32(x) < float32(threshold)`` as ``x <= result``."""
    with np.errstate(over="ignore"):
        wanted = np.asarray(threshold, dtype=np.float64).astype(np.float32)
    return _last_rounding_to(np.nextafter(wanted, np.float32(-np.inf)))


def _last_rounding_to(number: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give the largest float64 that rounds to the number or below."""
    with np.errstate(over="ignore"):
        after = np.nextafter(number, np.float32(np.inf))
    low = np.clip(number.astype(np.float64), -BEYOND, BEYOND)
    high = np.clip(after.astype(np.float64), -BEYOND, BEYOND)
    middle = low + (high - low) / 2
    with np.errstate(over="ignore"):
        rounds_up = middle.astype(np.float32) > number
    result = np.where(rounds_up, np.nextafter(middle, -np.inf), middle)
    return np.where(np.isposinf(number), np.inf, result)
