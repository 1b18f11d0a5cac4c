"""From the row toward rows that are decided as wanted, taking over what helps most first.

The candidates are built from what a nearest unlike neighbour has (Keane and Smyth 2020; Poyiadzi
et al. 2020 go along such rows, too), so that few of its values are needed.
"""

from __future__ import annotations

import numpy as np

from explain.protocol import Floats
from explain.recourse.batch import Batch, judged
from explain.recourse.candidates import Ints
from explain.recourse.cost import costs_of
from explain.recourse.judging import Judge
from explain.recourse.space import Space

CHANGES = 240
"""Values of neighbours that are tried, one by one."""


def grown(space: Space, judge: Judge, ends: Batch) -> Batch:
    """Return the steps toward neighbours, each step one value more.

    Parameters
    ----------
    space : Space
    judge : Judge
    ends : Batch
        Valid candidates, which may change more columns than are allowed.
    """
    if not len(ends):
        return ends
    order = np.lexsort((ends.n_changed, ends.cost))
    total = np.cumsum(ends.n_changed[order])
    ends = ends.take(order[: max(4, int((total <= space.fewer(CHANGES)).sum()))])
    owner, column = np.nonzero(ends.changed)
    codes = np.tile(space.origin, (len(owner), 1))
    codes[np.arange(len(owner)), column] = ends.codes[owner, column]
    _, gap = judge(space.frame(codes))
    cost = costs_of(space, codes).sum(axis=1)
    strongest = np.lexsort((cost, gap, owner))
    worth = (gap - gap.max()) / np.maximum(cost, 1e-3)
    dearest = np.lexsort((gap, worth, owner))
    steps = [_steps(space, ends, owner[way], column[way]) for way in (strongest, dearest)]
    return judged(space, judge, np.concatenate(steps))


def _steps(space: Space, ends: Batch, owner: Ints, column: Ints) -> Floats:
    """Return the row after each step toward its neighbour, up to the changes allowed."""
    parts = []
    for place in range(len(ends)):
        way = column[owner == place][: space.most]
        codes = np.tile(space.origin, (len(way), 1))
        for step, one in enumerate(way):
            codes[step:, one] = ends.codes[place, one]
        parts.append(codes)
    return np.concatenate(parts)
