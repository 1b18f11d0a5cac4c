"""Of very many columns, those with which the model's scores go most."""

from __future__ import annotations

import numpy as np

from explain.protocol import Floats
from explain.recourse.batch import judged
from explain.recourse.candidates import carried
from explain.recourse.columns import Column
from explain.recourse.judging import Judge
from explain.recourse.space import Space

MOST, LEAST = 300, 150
"""Columns that are tried; of very wide tables fewer."""

ROWS = 400
"""Rows of the data, carried over, from which it is told."""


def foremost(space: Space, judge: Judge) -> Space:
    """Return the space with the columns whose values go most with the scores, if there are many.

    Measured by the correlation ratio for levels, and the correlation of percentiles for numbers,
    over rows of the data that are carried over to the row.
    """
    most = max(LEAST, space.fewer(MOST))
    if len(space.free) <= most:
        return space
    codes = carried(space)
    spread = np.unique(np.linspace(0, len(codes) - 1, ROWS).astype(int))
    batch = judged(space, judge, codes[spread])
    if not len(batch):
        return space
    shares = np.zeros(len(space.columns))
    for place in space.free:
        shares[place] = _share(space.columns[place], batch.codes[:, place], batch.gap)
    order = sorted(space.free, key=lambda place: (-shares[place], place))
    stays = np.ones(len(space.columns), dtype=bool)
    stays[order[:most]] = False
    return space.without(stays)


def _share(column: Column, codes: Floats, gap: Floats) -> float:
    """Return the share of the variance of the gaps that a column goes with."""
    total = float(gap.var())
    known = np.isfinite(codes)
    if total == 0 or known.sum() < 2:
        return 0.0
    values = np.where(known, codes, -1.0)
    if column.is_metric:
        places = column.place(values[known])
        if np.ptp(places) == 0 or np.ptp(gap[known]) == 0:
            return 0.0
        return float(np.corrcoef(places, gap[known])[0, 1] ** 2)
    levels = np.unique(values, return_inverse=True)[1]
    counts = np.bincount(levels)
    means = np.bincount(levels, weights=gap) / counts
    return float(((means - gap.mean()) ** 2 * counts).sum() / len(gap) / total)
