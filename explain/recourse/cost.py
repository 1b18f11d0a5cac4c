"""What a change costs: how far it goes in the data's own distribution.

A number or time costs the difference of its percentiles, ``|F(new) - F(old)|`` with F the share of
the data below a value and half of the share that equals it, linear between values that occur
(Ustun, Spangher and Liu 2019). A level, or a missing value that gets one, costs 1 (Gower 1971).
A row costs the sum over its columns.
"""

from __future__ import annotations

import numpy as np

from explain.protocol import Floats
from explain.recourse.columns import Column
from explain.recourse.space import Space


def cost_of(column: Column, codes: Floats) -> Floats:
    """Return what it costs to give the row these codes of one column."""
    if not column.is_metric or np.isnan(column.origin):
        same = (codes == column.origin) | (np.isnan(codes) & np.isnan(column.origin))
        return np.where(same, 0.0, 1.0)
    moved = np.abs(column.place(codes) - column.place(np.array([column.origin])))
    return np.where(np.isnan(codes), 1.0, moved)


def costs_of(space: Space, codes: Floats) -> Floats:
    """Return the costs of every column, shape (n, n_columns)."""
    found = np.zeros(codes.shape)
    for place in space.free:
        found[:, place] = cost_of(space.columns[place], codes[:, place])
    return found
