"""What an explanation says of itself: how many columns it needs, and its errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import bdtr

from explain.card.matching import CHECKED, Judged
from explain.card.measures import Measure, ratio, resampled, unmeasured
from explain.protocol import Floats

MASS = 0.9
"""Share of the sum of absolute values."""


def sparsity(judged: Judged, seed: int) -> tuple[Measure, Measure]:
    """Return the columns behind 90 % of the mass: of all rows, and of the median row."""
    sizes = np.abs(judged.values).mean(axis=2)

    def counted(rows: Any) -> float:
        return float(needed(sizes[rows].mean(axis=0)[None])[0])

    return resampled(counted, len(sizes), seed), _median(needed(sizes))


def needed(sizes: Floats) -> Floats:
    """Return how many columns carry 90 % of each row's sum, shape (n_rows,)."""
    ordered = -np.sort(-sizes, axis=1)
    reached = np.cumsum(ordered, axis=1)
    # The last sum in another order may be a hair smaller than the whole.
    wanted = MASS * reached[:, -1:] * (1 - 1e-12)
    found: Floats = np.where(reached[:, -1] > 0, 1 + (reached < wanted).sum(axis=1), 0).astype(
        np.float64
    )
    return found


def _median(counts: Floats) -> Measure:
    """Return the median with the order statistics that hold it in at least 95 % of samples."""
    ordered, n = np.sort(counts), len(counts)
    outside = int(np.searchsorted(bdtr(np.arange(n), n, 0.5), 0.025, side="right"))
    if outside == 0:
        return Measure(float(np.median(counts)))
    return Measure(
        float(np.median(counts)), float(ordered[outside - 1]), float(ordered[n - outside])
    )


def errors(judged: Judged) -> tuple[Measure, Measure]:
    """Return sampling error and background error as shares of the mean absolute value."""
    n = len(judged.values)
    sizes = np.abs(judged.values).reshape(n, -1)
    own = judged.explanation.standard_errors.reshape(n, -1)
    background = judged.explanation.background_errors.reshape(n, -1)
    known = np.isfinite(background).all(axis=1)
    return ratio(own.mean(axis=1), sizes.mean(axis=1)), (
        ratio(background[known].mean(axis=1), sizes[known].mean(axis=1))
        if known.any()
        else unmeasured("the explanation was made without it")
    )


def additivity_gap(judged: Judged, seed: int) -> Measure:
    """Return how far values miss the model's own predictions at most."""
    rows = judged.drawn(CHECKED, seed)
    base = np.asarray(judged.explanation.base_values, dtype=np.float64).reshape(1, -1)
    own = judged.predict(judged.opened.read(judged.explanation.data.iloc[rows]))
    gap = float(np.abs(base + judged.values[rows].sum(axis=1) - own).max())
    return Measure(gap, math.nan, math.nan, f"{len(rows):,} rows")
