"""Candidates that the model has judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from explain.protocol import Floats
from explain.recourse.cost import costs_of
from explain.recourse.judging import Judge
from explain.recourse.space import Bools, Space


@dataclass(frozen=True, eq=False)
class Batch:
    """Candidates, one a row.

    Parameters
    ----------
    codes : ndarray of float64, shape (n, n_columns)
    valid : ndarray of bool, shape (n,)
        Whether the model says what is wanted, and what is new goes together in the data.
    gap : ndarray of float64, shape (n,)
        How far its score is from that.
    cost : ndarray of float64, shape (n,)
    changed : ndarray of bool, shape (n, n_columns)
    """

    codes: Floats
    valid: Bools
    gap: Floats
    cost: Floats
    changed: Bools

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def n_changed(self) -> Any:
        """Number of changed columns of each candidate."""
        return self.changed.sum(axis=1)

    def take(self, where: Any) -> Batch:
        """Return some candidates."""
        return Batch(
            self.codes[where], self.valid[where], self.gap[where], self.cost[where],
            self.changed[where],
        )  # fmt: skip

    def sets(self) -> Any:
        """Return a number for each candidate, equal where equal columns are changed."""
        numbers: dict[bytes, int] = {}
        packed = np.packbits(self.changed, axis=1)
        found = [numbers.setdefault(one.tobytes(), len(numbers)) for one in packed]
        return np.array(found, dtype=np.int64)

    def best(self, most_of_a_set: int, most: int, order: Any = None) -> Batch:
        """Return the first of an order, by default the cheapest, with few of equal columns."""
        order = np.lexsort((self.n_changed, self.cost)) if order is None else order
        sets = pd.Series(self.sets()[order])
        rank = sets.groupby(sets).cumcount().to_numpy()
        return self.take(order[rank < most_of_a_set][:most])


def judged(space: Space, judge: Judge, codes: Floats) -> Batch:
    """Let the model judge candidates; equal ones are asked once."""
    codes = codes.reshape(-1, len(space.columns))
    codes = codes[firsts(codes)]
    changed = space.changed(codes)
    codes, changed = codes[changed.any(axis=1)], changed[changed.any(axis=1)]
    valid, gap = judge(space.frame(codes)) if len(codes) else (np.empty(0, bool), np.empty(0))
    valid = valid & space.goes_together(codes)
    return Batch(codes, valid, gap, costs_of(space, codes).sum(axis=1), changed)


def soundness(space: Space, judge: Judge, codes: Floats) -> Bools:
    """Return which candidates are valid; the model is asked only of those that go together."""
    valid = space.goes_together(codes)
    valid[valid] = judge(space.frame(codes[valid]))[0]
    return valid


def joined(batches: Sequence[Batch]) -> Batch:
    """Put candidates together; equal ones once."""
    codes = np.concatenate([one.codes for one in batches])
    return Batch(
        codes, np.concatenate([one.valid for one in batches]),
        np.concatenate([one.gap for one in batches]),
        np.concatenate([one.cost for one in batches]),
        np.concatenate([one.changed for one in batches]),
    ).take(firsts(codes))  # fmt: skip


def firsts(codes: Floats) -> Any:
    """Return where each different candidate comes first."""
    # NaN differs from itself, yet a missing value is like another; −0 is 0.
    known = np.where(np.isnan(codes), np.finfo(np.float64).min, codes) + 0.0
    seen: dict[bytes, int] = {}
    for place, one in enumerate(known):
        seen.setdefault(one.tobytes(), place)
    return np.array(list(seen.values()), dtype=np.int64)
