"""The search: sweeps, combinations, and ways toward rows that the model decides as wanted.

Judged first are all values of single columns; then combinations that, if effects added up, would
do, the cheapest and the strongest first (a beam); then rows of the data carried over, the nearest
first, and the row on its way to them. Where there are few combinations, all are judged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.protocol import Floats
from explain.recourse.batch import Batch, joined, judged
from explain.recourse.candidates import carried, grid, grid_size, swept, values_of
from explain.recourse.foremost import foremost
from explain.recourse.growing import grown
from explain.recourse.judging import Judge
from explain.recourse.space import Space
from explain.recourse.sparing import taken_back

EVERY = 4_000
"""All combinations are judged where there are no more."""

DEEPEST = 5
"""Columns that the beam changes at most; ways toward neighbours change more."""

BEAM, WIDTH = 80, 600
"""Candidates that are gone on with, and that are judged at each depth."""

OF_A_SET = 6
"""Candidates of a depth that change the same columns."""

NEAREST = (300, 1_000, 3_000)
"""Rows of the data that are carried over, until enough of them are decided as wanted."""

CARRIED = 5_000
"""The nearest rows, of which those go on that have levels that go together."""

ENOUGH = 12
"""Of them decided as wanted."""

RETURNED = 6
"""Rows carried over that are led back to the row where nothing else was found."""

CLIMB = 6
"""Rounds of sweeps from the best candidate where nothing else was found."""


@dataclass(frozen=True, eq=False)
class Search:
    """What a search has judged.

    Parameters
    ----------
    seen : Batch
        Every candidate within the limits.
    every : bool
        Whether all combinations of the values that occur are among them.
    left_out : int
        Columns that may change and were not tried, there being very many.
    """

    seen: Batch
    every: bool
    left_out: int = 0

    @property
    def valid(self) -> Batch:
        """The candidates that the model decides as wanted."""
        return self.seen.take(self.seen.valid)


def search(space: Space, judge: Judge, n: int, first: bool = False) -> Search:
    """Look for candidates.

    Parameters
    ----------
    space : Space
    judge : Judge
    n : int
        Options that are wanted.
    first : bool, default False
        Stop at the first valid candidate.
    """
    all_free = len(space.free)
    space = foremost(space, judge)
    left_out = all_free - len(space.free)
    everything = {place: space.spans[place].values for place in space.free}
    if not left_out and grid_size(everything, space.most) <= space.fewer(EVERY):
        return Search(judged(space, judge, grid(space, everything)), every=True)
    values = values_of(space)
    gap = float(judge(space.row)[1][0])
    single = judged(space, judge, swept(space, values))
    seen = [single]
    if not (first and single.valid.any()):
        seen += _combined(space, judge, single, gap, n, first)
    if not (first and any(one.valid.any() for one in seen)):
        seen += _toward(space, judge, single, gap, first)
    if not any(one.valid.any() for one in seen):
        seen += _climbed(space, judge, values, joined(seen))
    return Search(joined(seen), every=False, left_out=left_out)


def _combined(
    space: Space, judge: Judge, single: Batch, gap: float, n: int, first: bool
) -> list[Batch]:
    """Combine changes, one column more at each depth."""
    found: list[Batch] = [single]
    states = single
    for _ in range(2, min(space.most, DEEPEST) + 1):
        known = joined(found)
        cheapest = known.take(known.valid).best(1, n).cost
        bound = float(cheapest[-1]) if len(cheapest) == n else np.inf
        codes = _extended(space, states, single, gap, judge.target, bound)
        if not len(codes):
            break
        states = judged(space, judge, codes)
        found.append(states)
        if first and states.valid.any():
            break
    return found[1:]


def _extended(
    space: Space, states: Batch, single: Batch, gap: float, target: float, bound: float
) -> Floats:
    """Return the most promising changes of one column more.

    What they do is estimated as if effects added up; half of them are the cheapest that should
    do, the others those that go farthest.
    """
    open_ = states.take(~states.valid)
    if not len(open_):
        return np.empty((0, len(space.columns)))
    few, width = BEAM // 2, space.fewer(WIDTH)
    reach = np.lexsort((open_.cost, open_.gap))
    worth = np.argsort((open_.gap - gap) / np.maximum(open_.cost, 1e-3), kind="stable")
    bases = joined([open_.best(OF_A_SET, few, reach), open_.best(OF_A_SET, few, worth)])
    column = single.changed.argmax(axis=1)
    fits = ~bases.changed[:, column] & (bases.cost[:, None] + single.cost[None, :] < bound)
    base, extra = np.nonzero(fits)
    if not len(base):
        return np.empty((0, len(space.columns)))
    estimate = bases.gap[base] + single.gap[extra] - gap
    cost = bases.cost[base] + single.cost[extra]
    # Only the head of each order is looked at, so that no long list of codes is built.
    does = np.flatnonzero(estimate <= target)
    cheap = does[np.argsort(cost[does], kind="stable")][: 8 * width]
    far = np.argsort(estimate, kind="stable")[: 2 * width]
    parts = []
    for chosen, share in ((cheap, width // 2), (far, width // 2)):
        codes = bases.codes[base[chosen]]
        codes[np.arange(len(chosen)), column[extra[chosen]]] = single.codes[
            extra[chosen], column[extra[chosen]]
        ]
        # One that is as wanted has to go together; on the way there it need not yet.
        codes = codes[space.goes_together(codes)] if chosen is cheap else codes
        parts.append(_quota(space, codes, OF_A_SET, share))
    return np.concatenate(parts)


def _quota(space: Space, codes: Floats, of_a_set: int, most: int) -> Floats:
    """Keep the first candidates of each set of columns."""
    nothing = np.zeros(len(codes))
    batch = Batch(codes, nothing > 0, nothing, nothing, space.changed(codes))
    return batch.best(of_a_set, most, np.arange(len(codes))).codes


def _toward(space: Space, judge: Judge, single: Batch, gap: float, first: bool) -> list[Batch]:
    """Carry rows of the data over, and go toward those that are decided as wanted."""
    codes = carried(space)[:CARRIED]
    codes = codes[space.goes_together(codes)]
    ladder = judged(space, judge, _ladder(space, single, gap))
    parts = [ladder]
    start = 0
    for end in NEAREST:
        parts.append(judged(space, judge, codes[start:end]))
        start = end
        if sum(int(one.valid.sum()) for one in parts[1:]) >= (1 if first else ENOUGH):
            break
    rows = joined(parts)
    ends = rows.take(rows.valid)
    within = rows.take(rows.n_changed <= space.most)
    if first and within.valid.any():
        return [within]
    found = [within, grown(space, judge, ends)]
    if len(ends) and not any(one.valid.any() for one in (single, *found)):
        # Changes that do nothing one by one can only be found by taking others back.
        fewer = taken_back(space, judge, ends.best(1, RETURNED))
        found.append(fewer.take(fewer.n_changed <= space.most))
    return found


def _ladder(space: Space, single: Batch, gap: float) -> Floats:
    """Return the row with its strongest single changes put together, one column after another."""
    column = single.changed.argmax(axis=1)
    order = np.argsort(single.gap, kind="stable")
    first = np.sort(np.unique(column[order], return_index=True)[1])
    steps = [one for one in order[first] if single.gap[one] < gap]
    codes = np.tile(space.origin, (len(steps), 1))
    for rung, step in enumerate(steps):
        codes[rung:, column[step]] = single.codes[step, column[step]]
    return codes


def _climbed(space: Space, judge: Judge, values: dict[int, Floats], seen: Batch) -> list[Batch]:
    """Sweep again from the candidate that is nearest to what is wanted, while it helps."""
    if not len(seen):
        return []
    found = []
    best = seen.take(np.lexsort((seen.cost, seen.gap))[:1])
    for _ in range(CLIMB):
        codes = swept(space, values)
        moved = space.changed(codes)
        around = np.where(moved, codes, best.codes)
        around = around[space.changed(around).sum(axis=1) <= space.most]
        batch = judged(space, judge, around)
        if not len(batch):
            break
        found.append(batch)
        nearest = batch.take(np.lexsort((batch.cost, batch.gap))[:1])
        if batch.valid.any() or nearest.gap[0] >= best.gap[0] - 1e-9:
            break
        best = nearest
    return found
