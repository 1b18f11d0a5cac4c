"""Faithfulness: whether the columns with the largest values move the prediction most.

For every row, columns are exchanged for those of background rows one after the other; the model
is asked on the way.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from explain.card.matching import Judged
from explain.card.measures import Measure, ratio, unmeasured
from explain.games.tables import Table, pool
from explain.progress import steps as watched
from explain.protocol import Floats

REFERENCES = 20
RANDOM_ORDERS = 3
STEPS = 8
"""Numbers of columns at which the model is asked, at most."""

BATCH_CELLS = 4_000_000


def faithfulness(judged: Judged, max_rows: int, seed: int) -> tuple[Measure, Measure]:
    """Return deletion and insertion; see their definitions."""
    p = judged.values.shape[1]
    if p < 2:
        note = "there is one column only, so there is no order"
        return unmeasured(note), unmeasured(note)
    rng = np.random.default_rng([seed, 0xFA])
    rows = judged.drawn(max_rows, seed)
    chosen = rng.permutation(len(judged.background))[:REFERENCES]
    own = judged.opened.read(judged.explanation.data.iloc[rows])
    references = judged.background.iloc[chosen].reset_index(drop=True)
    order = np.argsort(-np.abs(judged.values[rows]).mean(axis=2), axis=1, kind="stable")
    orders = [order, *(_shuffled(rng, *order.shape) for _ in range(RANDOM_ORDERS))]
    steps = np.unique(np.round(np.geomspace(1, p - 1, STEPS)).astype(np.int64))
    table = pool(own, references)
    there, away = judged.predict(own), judged.predict(references)
    whole = np.abs(there[:, None] - away[None]).mean(axis=(1, 2))
    deleted, inserted = [], []
    for each in orders:
        first = _leading(each, steps)
        deleted.append(_distance(judged, table, there, ~first, len(chosen)))
        inserted.append(_distance(judged, table, there, first, len(chosen)))
    gained = deleted[0] - np.mean(deleted[1:], axis=0)
    saved = np.mean(inserted[1:], axis=0) - inserted[0]
    return ratio(gained, whole), ratio(saved, whole)


def _shuffled(rng: np.random.Generator, n: int, p: int) -> NDArray[np.int64]:
    return rng.permuted(np.tile(np.arange(p), (n, 1)), axis=1)


def _leading(order: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which players are among the first k of each row: shape (n, steps, p)."""
    rank = np.argsort(order, axis=1)
    leading: NDArray[np.bool_] = rank[:, None, :] < steps[None, :, None]
    return leading


def _distance(
    judged: Judged, table: Table, there: Floats, kept: NDArray[np.bool_], m: int
) -> Floats:
    """Return the mean distance of mixtures to each row's prediction, shape (n,).

    Parameters
    ----------
    judged : Judged
    table : Table
        The rows, then the references.
    there : ndarray, shape (n, K)
        The rows' predictions.
    kept : ndarray of bool, shape (n, steps, p)
        Players that have the row's own values; the others have the reference's.
    m : int
        Number of references.
    """
    n, steps, _ = kept.shape
    seat = _seats(judged)
    size = max(1, BATCH_CELLS // (steps * m * len(seat)))
    found = np.empty(n)
    for start in watched(range(0, n, size), "batches of mixed rows", ceil(n / size)):
        part = np.arange(start, min(n, start + size))
        count = len(part) * steps * m
        mine = np.repeat(part, steps * m)
        other = n + np.tile(np.arange(m), len(part) * steps)
        own = np.repeat(kept[part].reshape(-1, kept.shape[2]), m, axis=0)
        mixed = table.take([np.where(own[:, q], mine, other) for q in seat], count)
        gaps = np.abs(judged.predict(mixed) - there[mine]).mean(axis=1)
        found[part] = gaps.reshape(len(part), -1).mean(axis=1)
    return found


def _seats(judged: Judged) -> list[int]:
    """Return the player that each raw column belongs to, in the model's order of columns."""
    groups = judged.explanation.groups
    owner = {
        column: place
        for place, name in enumerate(judged.explanation.columns)
        for column in groups[name]
    }
    return [owner[column] for column in judged.opened.columns]
