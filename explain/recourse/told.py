"""Scores and intervals as a person reads them, with the digits that tell two of them apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explain.protocol import Scale
from explain.showing.words import MARKED, level, number, short

MOST_DIGITS = 12
"""Digits of a score at most."""

FIRST = 2
"""Digits from which on more are tried."""


def interval_text(low: float, high: float) -> str:
    """Write an interval; an infinite end is open.

    Examples
    --------
    >>> interval_text(18, 65), interval_text(-np.inf, 65), interval_text(18, np.inf)
    ('18 to 65', '65 or less', '18 or more')
    """
    if not np.isfinite(low) and not np.isfinite(high):
        return "any value in the data's range"
    least, most = short(number(low)), short(number(high))
    if not np.isfinite(high):
        return f"{least} or more"
    return f"{most} or less" if not np.isfinite(low) else f"{least} to {most}"


def digits_apart(score: float, others: Sequence[float], scale: Scale) -> int:
    """Return how many digits tell a score from others that differ from it; 0 if the usual do.

    Examples
    --------
    >>> digits_apart(0.49996, [0.5, 0.9], "probability"), digits_apart(0.4, [0.5], "probability")
    (3, 0)
    """
    digits = 0
    for other in others:
        if not (np.isfinite(score) and np.isfinite(other)) or score == other:
            continue
        while digits < MOST_DIGITS and told(score, scale, digits) == told(other, scale, digits):
            digits = max(digits + 1, FIRST)
    return digits


def told(score: float, scale: Scale, digits: int = 0) -> str:
    """Write a score: as usual, or with so many digits, of a percentage after the point.

    Examples
    --------
    >>> told(0.49996, "probability"), told(0.49996, "probability", 3), told(200004.2, "margin", 4)
    ('50.0 %', '49.996 %', '200,004')
    """
    if scale == "probability" and digits and score not in (0, 1):
        return f"{100 * score:.{digits}f} %"
    if scale == "probability" or not digits:
        return level(score, scale) if scale != "response" else number(float(f"{score:.6g}"))
    cut = float(f"{score:.{digits + FIRST}g}")
    text = f"{cut:,}" if abs(cut) >= MARKED else str(cut)
    return text.removesuffix(".0").replace("-", "−")
