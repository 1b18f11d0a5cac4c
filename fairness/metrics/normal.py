"""Intervals from the normal law."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from fairness.errors import ArgumentError
from fairness.metrics.cells import Floats


def quantile(confidence: float) -> float:
    """Return how many standard errors a two-sided interval reaches to each side."""
    if not 0 < confidence < 1:
        raise ArgumentError(
            "confidence has to lie between 0 and 1",
            got=f"got {confidence}",
            hint="confidence=0.95",
        )
    return float(ndtri(0.5 + confidence / 2))


def wilson(share: Floats, rows: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return the score interval of shares of (effective) rows (Wilson 1927); NaN without rows."""
    z = quantile(confidence)
    n = np.where(rows > 0, rows, np.nan)
    shrink = 1 + z**2 / n
    centre = (share + z**2 / (2 * n)) / shrink
    half = z / shrink * np.sqrt(share * (1 - share) / n + (z / n / 2) ** 2)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
