"""A few options of many: cheap ones that change different columns."""

from __future__ import annotations

import numpy as np

from explain.recourse.batch import Batch


def diverse(batch: Batch, n: int) -> Batch:
    """Choose the cheapest, then again and again the least ``cost * (1 + J)``.

    J is the greatest share of columns in common with a chosen option (Jaccard). No option changes
    all the columns that a cheaper one does, and perhaps more. This is the greedy form of the
    trade of nearness and diversity of Mothilal, Sharma and Tan (2020).
    """
    batch = _undominated(batch.best(1, len(batch)))
    if not len(batch):
        return batch
    chosen = [0]
    while len(chosen) < min(n, len(batch)):
        picked = batch.changed[chosen]
        common = (batch.changed[:, None, :] & picked[None, :, :]).sum(axis=2)
        either = (batch.changed[:, None, :] | picked[None, :, :]).sum(axis=2)
        likeness = (common / np.maximum(either, 1)).max(axis=1)
        price = batch.cost * (1 + likeness)
        price[chosen] = np.inf
        chosen.append(int(price.argmin()))
    found = batch.take(np.array(chosen))
    return found.take(np.lexsort((found.n_changed, found.cost)))


def _undominated(batch: Batch) -> Batch:
    """Return candidates, the cheapest first, but for those that only add columns to one before."""
    kept: list[int] = []
    for place, changed in enumerate(batch.changed):
        if not (batch.changed[kept] <= changed).all(axis=1).any():
            kept.append(place)
    return batch.take(np.array(kept, dtype=np.int64))


def apart_from(found: Batch, valid: Batch) -> Batch:
    """Return candidates that do not change all the columns that one which was found changes.

    Another that does would shrink to it, or be little else.
    """
    sets = found.best(1, len(found)).changed
    lacking = np.asarray((~valid.changed[:, None, :] & sets[None, :, :]).any(axis=2))
    return valid.take(np.flatnonzero(lacking.all(axis=1)))
