"""One number, one interval and one verdict, read from many pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fairness.inference.gaps import SAME, Tolerance
from fairness.inference.intervals import is_undefined
from fairness.inference.limits import Positions
from fairness.inference.values import Floats, Kind, Pairs, Verdict
from fairness.metrics.values import Estimates


@dataclass(frozen=True)
class Reading:
    """The worst of some pairs, whichever of two groups comes first.

    Parameters
    ----------
    value, low, high : float
        Largest absolute difference, or smallest ratio of the smaller to the larger value, and
        the interval of the worst true one.
    at : int
        Position of the worst pair.
    """

    value: float
    low: float
    high: float
    at: int


def read(found: Pairs, chosen: Positions) -> Reading:
    """Read the worst of the chosen pairs."""
    value, low, high = found.value[chosen], found.low[chosen], found.high[chosen]
    if found.kind == "difference":
        least = np.maximum(np.maximum(low, -high), 0.0)
        most = np.maximum(np.abs(low), np.abs(high))
        size = np.abs(value)
        at = int(np.argmax(size))
        return Reading(float(size[at]), float(least.max()), float(most.max()), at)
    with np.errstate(divide="ignore"):
        least = np.minimum(low, 1 / high)
        most = np.minimum(np.minimum(high, 1 / low), 1.0)
        size = np.minimum(value, 1 / value)
    # Nothing over nothing is no ratio; such a pair is the worst only where there is no other.
    at = int(np.argmin(np.where(np.isnan(size), np.inf, size)))
    return Reading(float(size[at]), float(least.min()), float(most.min()), at)


def verdict(held: Tolerance, reading: Reading) -> Verdict:
    """Say what the interval says; exactly at the tolerance is inside it."""
    if held.kind == "difference":
        edge = held.value * (1 + SAME)
        beyond, within = reading.low > edge, reading.high <= edge
    else:
        edge = held.value * (1 - SAME)
        beyond, within = reading.high < edge, reading.low >= edge
    if beyond:
        return "beyond"
    return "within" if within else "not enough data"


def of_all_groups(estimates: Sequence[Estimates], kind: Kind) -> float:
    """Return the plug-in disparity among all groups that have a value, however small.

    NaN where there are fewer than two, or the ratio is nothing over nothing.
    """
    found = []
    for one in estimates:
        value = one.value[~is_undefined(one)]
        if len(value) < 2:
            continue
        found.append(_gap(kind, float(value.max()), float(value.min())))
    return _worst(kind, found)


def of_pair(estimates: Sequence[Estimates], kind: Kind, group: int, reference: int) -> float:
    """Return the plug-in disparity of a group to the reference.

    Group minus (or over) reference in a single metric; in several the largest absolute difference
    or the smallest ratio.
    """
    first = [float(one.value[group]) for one in estimates]
    second = [float(one.value[reference]) for one in estimates]
    if len(estimates) == 1:
        if kind == "difference":
            return first[0] - second[0]
        return _ratio(first[0], second[0])
    return _worst(kind, [_gap(kind, max(p), min(p)) for p in zip(first, second, strict=True)])


def _gap(kind: Kind, larger: float, smaller: float) -> float:
    return larger - smaller if kind == "difference" else _ratio(smaller, larger)


def _ratio(top: float, bottom: float) -> float:
    if bottom == 0:
        return float("nan") if top == 0 or np.isnan(top) else float("inf")
    return top / bottom


def _worst(kind: Kind, found: list[float]) -> float:
    known: Floats = np.array([one for one in found if not np.isnan(one)])
    if len(known) == 0:
        return float("nan")
    return float(known.max() if kind == "difference" else known.min())
