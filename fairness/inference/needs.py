"""How many more rows would settle what is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fairness.inference.gaps import Gap, Tolerance
from fairness.inference.limits import smooth_error
from fairness.inference.values import Floats

Mask: TypeAlias = NDArray[np.bool_]
Counts: TypeAlias = NDArray[np.int64]
Way: TypeAlias = Callable[[Floats], tuple[Floats, Floats]]
"""From doublings to the factors by which first and second grow."""

_MOST_DOUBLINGS = 30.0
"""A group that has to grow by more than 2^30 is as good as one that cannot settle it."""

_STEPS = 30
"""Halvings of the number of doublings: rows to a relative 2e-8."""

_SHORTLIST = 200
"""Pairs whose need is found exactly."""


@dataclass(frozen=True)
class Need:
    """The group that has to grow.

    Parameters
    ----------
    group : int
        Its position; -1 where rows do not help.
    rows : float
        About how many more rows; inf where rows do not help.
    """

    group: int
    rows: float


NOTHING = Need(-1, 0.0)
NO_HELP = Need(-1, float("inf"))
SETTLED = Need(-1, float("nan"))


def need(gaps: list[Gap], rows: Counts, held: Tolerance, critical: float) -> Need:
    """Return the rows that would settle a family of pairs at the present estimates.

    Where an estimate lies beyond the tolerance one pair settles it: that which needs the fewest
    rows. Otherwise every pair's interval has to come inside: that which needs the most decides.

    Parameters
    ----------
    gaps : list of Gap
        The pairs, in each metric; the first of a pair is the larger.
    rows : ndarray of int64
        Rows of all groups.
    held : Tolerance
        What the disparity is held against.
    critical : float
        Critical value of the intervals; that it shifts a little as groups grow is neglected.
    """
    outside = [_is_outside(gap, held) for gap in gaps]
    beyond = any(each.any() for each in outside)
    best = NOTHING
    for gap, each in zip(gaps, outside, strict=True):
        asked = _shortlist(gap.taken(np.flatnonzero(each)) if beyond else gap, held, rows, beyond)
        if len(asked.first) == 0:
            continue
        group, more = _growth(asked, rows, _Aim(held, critical, beyond))
        chosen = int(np.argmin(more) if beyond else np.argmax(more))
        found = Need(int(group[chosen]), float(more[chosen]))
        if best.group < 0 or (found.rows < best.rows) == beyond:
            best = found
    return best if np.isfinite(best.rows) else NO_HELP


@dataclass(frozen=True)
class _Aim:
    """What intervals are to say: beyond the tolerance, or within it."""

    held: Tolerance
    critical: float
    beyond: bool

    def is_reached(self, gap: Gap, growth: tuple[Floats, Floats]) -> Mask:
        if self.beyond:
            return gap.is_beyond(self.held, self.critical, growth)
        back = gap.swapped().is_inside(self.held, self.critical, growth[::-1])
        return gap.is_inside(self.held, self.critical, growth) & back


def _is_outside(gap: Gap, held: Tolerance) -> Mask:
    surplus, noise = gap.surplus(held)
    return surplus > noise


def _shortlist(gap: Gap, held: Tolerance, rows: Counts, beyond: bool) -> Gap:
    """Return the pairs whose need is worth finding exactly, by the normal approximation."""
    if len(gap.first) <= _SHORTLIST:
        return gap
    errors = smooth_error(gap.sample)
    first, second = errors[gap.first], errors[gap.second]
    surplus, noise = gap.surplus(held, 1.0 if beyond else -1.0)
    margin = np.maximum(np.abs(surplus), noise + np.finfo(float).tiny)
    noisier = np.where(first >= second, gap.first, gap.second)
    rough = np.hypot(first, held.slope * second) / margin * np.sqrt(rows[noisier])
    order = np.argsort(rough if beyond else -rough, kind="stable")
    return gap.taken(order[:_SHORTLIST])


def _growth(gap: Gap, rows: Counts, aim: _Aim) -> tuple[Counts, Floats]:
    """Return for each pair the group that has to grow, and by how many rows.

    The group with the larger error grows alone. Where no number of its rows would do, both grow:
    first that one until the errors are equal, then the two together.
    """
    errors = smooth_error(gap.sample)
    first, second = errors[gap.first], errors[gap.second]
    larger, grows_first = np.maximum(first, second), first >= second

    def alone(doublings: Floats) -> tuple[Floats, Floats]:
        factor = np.exp2(doublings)
        return np.where(grows_first, factor, 1.0), np.where(grows_first, 1.0, factor)

    def together(doublings: Floats) -> tuple[Floats, Floats]:
        target = np.where(larger > 0, larger**2, 1.0) / np.exp2(doublings)
        return np.maximum(first**2 / target, 1.0), np.maximum(second**2 / target, 1.0)

    group_alone, rows_alone = _rows_of(gap, rows, alone, _least(gap, aim, alone))
    group_both, rows_both = _rows_of(gap, rows, together, _least(gap, aim, together))
    possible = np.isfinite(rows_alone)
    return np.where(possible, group_alone, group_both), np.where(possible, rows_alone, rows_both)


def _least(gap: Gap, aim: _Aim, way: Way) -> Floats:
    """Return how often the rows have to double; inf where no doubling reaches the aim."""
    low, high = np.zeros(len(gap.first)), np.full(len(gap.first), _MOST_DOUBLINGS)
    settled = aim.is_reached(gap, way(low))
    hopeless = ~aim.is_reached(gap, way(high))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        reached = aim.is_reached(gap, way(middle))
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return np.where(settled, 0.0, np.where(hopeless, np.inf, high))


def _rows_of(gap: Gap, rows: Counts, way: Way, doublings: Floats) -> tuple[Counts, Floats]:
    """Return the group that has to grow by more rows, and by how many."""
    growth = way(np.minimum(doublings, _MOST_DOUBLINGS))
    first = (growth[0] - 1) * rows[gap.first]
    second = (growth[1] - 1) * rows[gap.second]
    named = np.where(first >= second, gap.first, gap.second)
    return named, np.where(np.isfinite(doublings), np.maximum(first, second), np.inf)
