"""Dealing rows to folds like cards, so that every fold gets its share of everything."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Folds = NDArray[np.int64]


def by_class(y: NDArray[Any], k: int, rng: np.random.Generator) -> Folds:
    """Deal the rows of each class in turn to k folds; a class of one row gets -1: in no fold."""
    shuffled = rng.permutation(len(y))
    order = shuffled[np.argsort(y[shuffled], kind="stable")]
    counts = np.bincount(y)
    alone = counts[y[order]] == 1
    dealt = np.empty(len(y), dtype=np.int64)
    dealt[order[alone]] = -1
    # one deal over all classes: fold sizes differ by one row at most, and a class with fewer rows
    # than folds falls into different folds
    kept = order[~alone]
    dealt[kept] = np.arange(len(kept)) % k
    return dealt


def by_value(y: NDArray[Any], k: int, rng: np.random.Generator) -> Folds:
    """Deal each k neighbours in the order of y to k different folds, at random."""
    shuffled = rng.permutation(len(y))
    order = shuffled[np.argsort(y[shuffled], kind="stable")]
    blocks = -(-len(y) // k)
    hands = rng.permuted(np.tile(np.arange(k), (blocks, 1)), axis=1).ravel()
    # the last block is not full: its rows take the first folds of a random order
    dealt = np.empty(len(y), dtype=np.int64)
    dealt[order] = hands[: len(y)]
    return dealt


def by_group(group: NDArray[np.int64], y: NDArray[Any], k: int, rng: np.random.Generator) -> Folds:
    """Deal whole groups to k folds of about equal size and with about equal targets.

    Large groups go first, each to the smallest fold. The others are ordered by their mean target
    and dealt in blocks of k, the largest of a block to the smallest fold.
    """
    _, member = np.unique(group, return_inverse=True)
    size = np.bincount(member)
    mean = np.bincount(member, weights=y.astype(np.float64)) / size
    load = np.zeros(k)
    fold_of = np.empty(len(size), dtype=np.int64)
    large = np.flatnonzero(size > len(y) / (5 * k))
    for one in large[np.argsort(-size[large], kind="stable")]:
        fold = int(np.argmin(load))
        fold_of[one] = fold
        load[fold] += size[one]
    small = rng.permutation(np.setdiff1d(np.arange(len(size)), large))
    small = small[np.argsort(mean[small], kind="stable")]
    for start in range(0, len(small), k):
        block = small[start : start + k]
        block = block[np.argsort(-size[block], kind="stable")]
        folds = np.argsort(load, kind="stable")[: len(block)]
        fold_of[block] = folds
        load[folds] += size[block]
    return fold_of[member]
