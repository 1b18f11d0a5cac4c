"""How many more rows would settle what is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fairness.inference.gaps import Gap, Tolerance
from fairness.inference.limits import Positions, smooth_error
from fairness.inference.values import Floats

Mask: TypeAlias = NDArray[np.bool_]
Counts: TypeAlias = NDArray[np.int64]
Way: TypeAlias = Callable[[Floats], tuple[Floats, Floats]]
"""From doublings to the factors by which first and second grow."""

_MOST_DOUBLINGS = 30.0
"""A group that has to grow by more than 2^30 is as good as one that cannot settle it."""

_STEPS = 30
"""Halvings of the number of doublings: rows to a relative 2e-8."""

_PATIENCE = 2.0
"""How many times the rows that both need one group alone may take: one is easier to find."""

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
    others : tuple of int
        Positions of the groups that have to grow besides, each by at most as many rows.
    """

    group: int
    rows: float
    others: tuple[int, ...] = ()


NO_HELP = Need(-1, float("inf"))
SETTLED = Need(-1, float("nan"))


def need(gaps: list[Gap], rows: Counts, held: Tolerance, critical: float) -> Need:
    """Return the rows that would settle a family of pairs at the present estimates.

    Where an estimate lies beyond the tolerance one pair settles it: that which needs the fewest
    rows. Otherwise every pair's interval has to come inside, and each group needs the most that
    any of its pairs does.

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
    aim = _Aim(held, critical, beyond)
    found = []
    for gap, each in zip(gaps, outside, strict=True):
        asked = _shortlist(gap.taken(np.flatnonzero(each)) if beyond else gap, held, rows, beyond)
        if len(asked.first):
            more = _growth(asked, rows, aim)
            found.append(
                _fewest(asked, more, len(rows)) if beyond else _all(asked, more, len(rows))
            )
    if not found:
        return NO_HELP
    least = min(found, key=np.max) if beyond else np.max(found, axis=0)
    return _named(least)


def _fewest(gap: Gap, more: tuple[Floats, Floats], n_groups: int) -> Floats:
    """Return the rows by group of the pair that needs the fewest."""
    pair = int(np.argmin(np.maximum(*more)))
    return _all(gap.taken(np.array([pair])), (more[0][[pair]], more[1][[pair]]), n_groups)


def _all(gap: Gap, more: tuple[Floats, Floats], n_groups: int) -> Floats:
    """Return the rows by group that all pairs need."""
    needed = np.zeros(n_groups)
    np.maximum.at(needed, gap.first, more[0])
    np.maximum.at(needed, gap.second, more[1])
    return needed


def _named(needed: Floats) -> Need:
    """Return the group that needs the most rows, and the others that need any."""
    group = int(np.argmax(needed))
    if not 0 < needed[group] < np.inf:
        return NO_HELP
    others = np.flatnonzero(needed > 0)
    others = others[np.argsort(-needed[others], kind="stable")]
    return Need(group, float(needed[group]), tuple(others[others != group].tolist()))


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
    kept = order[:_SHORTLIST]
    if not beyond:
        kept = np.union1d(kept, _hardest(gap, order))
    return gap.taken(kept)


def _hardest(gap: Gap, order: Positions) -> Positions:
    """Return the first pair, in an order, of each group."""
    groups = np.stack([gap.first[order], gap.second[order]], axis=1).ravel()
    _, place = np.unique(groups, return_index=True)
    hardest: Positions = order[place // 2]
    return hardest


def _growth(gap: Gap, rows: Counts, aim: _Aim) -> tuple[Floats, Floats]:
    """Return for each pair by how many rows its groups have to grow; inf where none would do.

    The group with the larger error grows alone. Where no number of its rows would do, or more than
    twice what both need together, both grow: first that one until the errors are equal, then the
    two together.
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

    single, both = _least(gap, aim, alone), _least(gap, aim, together)
    by_one, by_both = _rows_of(gap, rows, alone, single), _rows_of(gap, rows, together, both)
    possible = np.isfinite(single) & (np.add(*by_one) <= _PATIENCE * np.add(*by_both))
    return np.where(possible, by_one[0], by_both[0]), np.where(possible, by_one[1], by_both[1])


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


def _rows_of(gap: Gap, rows: Counts, way: Way, doublings: Floats) -> tuple[Floats, Floats]:
    """Return by how many rows first and second grow; inf where no doubling is enough."""
    growth = way(np.minimum(doublings, _MOST_DOUBLINGS))
    hopeless = ~np.isfinite(doublings)
    first = np.where(hopeless, np.inf, (growth[0] - 1) * rows[gap.first])
    second = np.where(hopeless, np.inf, (growth[1] - 1) * rows[gap.second])
    return first, second
