"""Valid candidates made smaller: changes taken back that are not needed, numbers brought nearer.

At the end no single change of a candidate can be taken back, and none of its numbers can be moved
to the next value that occurs and is nearer to the row's own, without losing what is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.protocol import Floats
from explain.recourse.batch import Batch, joined, judged, soundness
from explain.recourse.cost import costs_of
from explain.recourse.judging import Judge
from explain.recourse.space import Bools, Space

POINTS = 7
"""Values between two others that are tried at once."""

MOST_STEPS = 10_000
"""Round values of a continuous column between two that are near to some that occur."""

TURNS = 60
"""Numbers of a candidate that are brought nearer; of very wide tables fewer."""

ROUNDS = 5
"""Times that taking back and bringing nearer follow each other at most."""


def spared(space: Space, judge: Judge, batch: Batch) -> Batch:
    """Return valid candidates with no change too many or too large."""
    done: list[Batch] = []
    for _ in range(space.fewer(ROUNDS)):
        fewer = taken_back(space, judge, batch)
        nearer = _nearer(space, judge, fewer)
        before = {one.tobytes() for one in fewer.codes}
        rest = np.array([one.tobytes() not in before for one in nearer.codes], dtype=bool)
        done.append(nearer.take(~rest))
        batch = nearer.take(rest)
        if not len(batch):
            break
    found = joined([*done, batch])
    return found.take(found.valid)


def taken_back(space: Space, judge: Judge, batch: Batch) -> Batch:
    """Take back the dearest change that is not needed, until all are."""
    codes, open_ = batch.codes.copy(), np.arange(len(batch))
    while len(open_):
        changed = space.changed(codes[open_])
        owner, column = np.nonzero(changed & (changed.sum(axis=1) > 1)[:, None])
        if not len(owner):
            break
        trial = codes[open_[owner]]
        trial[np.arange(len(owner)), column] = space.origin[column]
        valid = soundness(space, judge, trial)
        saved = costs_of(space, codes[open_])[owner, column]
        order = np.lexsort((column, -saved, owner))
        order = order[valid[order]]
        chosen = order[np.unique(owner[order], return_index=True)[1]]
        codes[open_[owner[chosen]]] = trial[chosen]
        open_ = open_[owner[chosen]]
    return judged(space, judge, codes)


def _nearer(space: Space, judge: Judge, batch: Batch) -> Batch:
    """Bring the numbers of each candidate nearer to the row's own, the dearest first."""
    codes = batch.codes.copy()
    moved = batch.changed & _movable(space)[None, :]
    costs = np.where(moved, costs_of(space, codes), -1.0)
    order = np.argsort(-costs, axis=1, kind="stable")
    turns = min(int(moved.sum(axis=1).max(initial=0)), space.fewer(TURNS))
    for turn in range(turns):
        who = np.flatnonzero(moved.sum(axis=1) > turn)
        place = order[who, turn]
        for between in (_seen_between, _grid_between):
            pairs = zip(place, codes[who, place], strict=True)
            rails = [between(space, int(one), float(code)) for one, code in pairs]
            _slide(space, judge, codes, who, place, rails)
    return judged(space, judge, codes)


def _movable(space: Space) -> Bools:
    """Return the columns of which values lie between others."""
    return np.array([one.has_order and not np.isnan(one.origin) for one in space.columns])


@dataclass
class _Rail:
    """Values, the nearest first: that at `high` is valid, the one before `low` is not."""

    values: Floats
    low: int
    high: int


def _slide(
    space: Space, judge: Judge, codes: Floats, who: Any, place: Any, values: list[Floats]
) -> None:
    """Search each candidate's rail for the nearest valid value, all of them at once."""
    rails = [_Rail(one, 0, len(one) - 1) for one in values]
    while True:
        tries = [np.unique(np.linspace(one.low, one.high, POINTS + 1).astype(int)[:-1])
                 if one.low < one.high else np.empty(0, dtype=int) for one in rails]  # fmt: skip
        counts = [len(one) for one in tries]
        if not sum(counts):
            break
        owner = np.repeat(np.arange(len(rails)), counts)
        trial = codes[who[owner]]
        trial[np.arange(len(owner)), place[owner]] = np.concatenate(
            [rail.values[one] for rail, one in zip(rails, tries, strict=True)]
        )
        valid = soundness(space, judge, trial)
        for number, rail in enumerate(rails):
            if counts[number]:
                _narrow(rail, tries[number], valid[owner == number])
    for number, rail in enumerate(rails):
        if len(rail.values):
            codes[who[number], place[number]] = rail.values[rail.high]


def _narrow(rail: _Rail, tried: Any, valid: Bools) -> None:
    """Go on between the nearest valid value and the invalid one before it."""
    first = int(valid.argmax()) if valid.any() else len(tried)
    rail.high = int(tried[first]) if first < len(tried) else rail.high
    rail.low = min(rail.high, int(tried[first - 1]) + 1 if first else rail.high)


def _seen_between(space: Space, place: int, code: float) -> Floats:
    """Return values that are allowed between the row's own and a code, the nearest first."""
    span, origin = space.spans[place], space.origin[place]
    values = span.values
    between = values[(values > min(origin, code)) & (values < max(origin, code))]
    between = between if code > origin else between[::-1]
    return np.append(between, code)


def _grid_between(space: Space, place: int, code: float) -> Floats:
    """Return round values of a continuous column before a code, the nearest first.

    They reach to the next value that is offered, where the data lie close enough to them.
    """
    column, origin = space.columns[place], space.origin[place]
    if not column.step:
        return np.array([code])
    seen = _seen_between(space, place, code)
    behind = float(seen[-2]) if len(seen) > 1 else float(origin)
    steps = int(min(MOST_STEPS, abs(code - behind) / column.step + 1))
    side = np.sign(behind - code)
    grid = column.on_grid(code + side * column.step * np.arange(steps, 0, -1))
    span = space.spans[place]
    inside = (grid > min(behind, code)) & (grid < max(behind, code))
    inside &= (grid >= span.low) & (grid <= span.high) & ~column.is_rare(grid)
    return np.append(grid[inside], code)
