"""The smallest true gap that a comparison would find."""

from __future__ import annotations

import numpy as np

from candor.statistics import wilson
from fairness.inference.gaps import Gap
from fairness.inference.limits import Positions, Sample, smooth_error, student
from fairness.inference.values import Floats

POWER = 0.8778962950512288
"""The 81 % point of the standard normal: one more than is promised, since counts are discrete."""

_STEPS = 10


def detectable(gap: Gap, critical: float) -> Floats:
    """Return the true gaps that intervals at the critical value tell from 0 with 80 % power.

    At least ``(c + .878) sqrt(s_a² + s_b²)``, and in large samples just that. The error of a
    proportion changes with the gap, and its interval is not symmetric: the group with the smaller
    error is taken as it is, the other at the gap above or below it, whichever is harder to find.
    Inf where no gap in the range of a proportion would be found.
    """
    errors = smooth_error(gap.sample)
    first, second = errors[gap.first], errors[gap.second]
    if gap.sample.proportion:
        moves = np.where(first >= second, gap.first, gap.second)
        stays = np.where(first >= second, gap.second, gap.first)
        found = np.fmax(
            _away(gap.sample, moves, stays, critical, 1.0),
            _away(gap.sample, moves, stays, critical, -1.0),
        )
        normal = (critical + POWER) * np.hypot(first, second)
        return np.where(np.isnan(found), np.inf, np.maximum(found, normal))
    degrees = np.maximum(gap.sample.effective - 1, 1.0)
    quantile = student(critical, degrees)
    half = np.hypot(first * quantile[gap.first], second * quantile[gap.second])
    total: Floats = half + POWER * np.hypot(first, second)
    return total


def _away(
    sample: Sample, moves: Positions, stays: Positions, critical: float, sign: float
) -> Floats:
    """Return the gap in one direction; NaN where there is not so much room.

    The gap sought is as large as the half-width of the interval plus .878 standard errors, both
    in a sample whose gap fell short of the true one by that much.
    """
    anchor, quiet = sample.value[stays], smooth_error(sample)[stays] ** 2
    rows, others = sample.effective[moves], sample.effective[stays]
    room = 1 - anchor if sign > 0 else anchor

    def needed(distance: Floats) -> Floats:
        share = np.clip(anchor + sign * distance, 0.0, 1.0)
        noisy = share * (1 - share) / rows
        error = np.sqrt(noisy + quiet)
        seen = np.clip(share - sign * POWER * noisy / error, 0.0, 1.0)
        seen_other = np.clip(anchor + sign * POWER * quiet / error, 0.0, 1.0)
        low, high = wilson(seen, rows, critical)
        low_other, high_other = wilson(seen_other, others, critical)
        near = seen - low if sign > 0 else high - seen
        near_other = high_other - seen_other if sign > 0 else seen_other - low_other
        total: Floats = np.hypot(near, near_other) + POWER * error
        return total

    found = np.minimum(needed(room / 2), room)
    for _ in range(_STEPS):
        # Half steps, for near the end of the range the error shrinks fast as the gap grows.
        found = (found + np.minimum(needed(found), room)) / 2
    return np.where(needed(room) <= room, found, np.nan)
