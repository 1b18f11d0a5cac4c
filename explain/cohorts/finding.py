"""The first half of the rows: slices are looked for, one after the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.cohorts.scoring import (
    Half,
    Places,
    best,
    best_condition,
    chance_line,
)
from explain.profiles import Condition
from explain.profiles.columns import Floats, Ints, read_column
from explain.profiles.conditions import cut_points

EDGES = 100
"""Places that are tried for the end of an interval, once its slice is found."""

ALIKE = 0.8
"""Overlap from which on two slices are the same for a reader; the first is told."""

Conditions = tuple[Condition, ...]


def find(frame: pd.DataFrame, half: Half, max_columns: int, most: int) -> list[Conditions]:
    """Return slices, each of which stands out among the rows that no earlier one holds.

    After each slice its own best part is looked for, which counts where it is worse than the
    slice beyond chance.

    Parameters
    ----------
    frame : DataFrame
        The rows of `half`.
    half : Half
        The same as cells.
    max_columns : int
        Columns of a slice at most.
    most : int
        Slices at most.
    """
    found: list[Conditions] = []
    held: list[NDArray[np.bool_]] = []
    free = np.ones(len(frame), dtype=bool)
    for _ in range(2 * most):  # some are left out, being nearly the same as others
        if len(found) >= most or free.sum() < 2 * half.least:
            break
        there = half.of(free)
        scored = best(there, max_columns)
        if scored is None:
            break
        conditions = _refined(frame, there, free, _conditions(half, scored[1]))
        rows = holds(conditions, frame)
        free &= ~rows
        new = [(conditions, rows)]
        if len(scored[1]) < max_columns:
            new += _part(frame, half, rows, conditions)
        for one, its_rows in new:
            if all(_overlap(its_rows, other) < ALIKE for other in held):
                found.append(one)
                held.append(its_rows)
    return found[:most]


def _overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return the shared rows as a share of the rows of either."""
    return float((one & other).sum() / (one | other).sum())


def holds(conditions: Conditions, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows pass all conditions, shape (n_rows,)."""
    passed = np.ones(len(frame), dtype=bool)
    for condition in conditions:
        passed &= condition.holds(frame)
    return passed


def positions(n_rows: int, most: int, seed: int) -> tuple[Ints, Ints]:
    """Split rows into those that slices are found on, `most` at most, and the others."""
    order = np.random.default_rng([seed, 0x51]).permutation(n_rows)
    cut = min(n_rows // 2, most)
    return np.sort(order[:cut]), np.sort(order[cut:])


def _conditions(half: Half, places: Places) -> Conditions:
    return tuple(one for column, place in places for one in half.cuts[column].parts[place])


def _part(
    frame: pd.DataFrame, half: Half, rows: NDArray[np.bool_], conditions: Conditions
) -> list[tuple[Conditions, NDArray[np.bool_]]]:
    """Return the slice's best part by one more column, where it is worse beyond chance."""
    inside = half.of(rows)
    used = {condition.column for condition in conditions}
    free = [k for k, cut in enumerate(inside.cuts) if cut.parts[0][0].column not in used]
    scored = [one for k in free if (one := best_condition(inside, k)) is not None]
    if not scored:
        return []
    score, places = max(scored, key=lambda one: one[0])
    if score <= chance_line(sum(len(inside.cuts[k].parts) for k in free)):
        return []
    part = (*conditions, *_refined(frame, inside, rows, _conditions(half, places)))
    return [(part, holds(part, frame))]


def _refined(
    frame: pd.DataFrame, half: Half, among: NDArray[np.bool_], conditions: Conditions
) -> Conditions:
    """Move the ends of intervals to where the slice stands out most; `half` is `among` alone."""
    best_so_far = list(conditions)
    for place, condition in enumerate(conditions):
        if condition.axis == "category" or np.isinf(condition.threshold):
            continue
        others = tuple(best_so_far[:place] + best_so_far[place + 1 :])
        others_hold = holds(others, frame)[among]
        values = read_column(frame, condition.column, condition.axis).values
        edges = cut_points(values[np.isfinite(values)], EDGES - 1, condition.axis)
        edges = np.union1d(edges, [condition.threshold])
        scores = _edge_scores(half, values[among], others_hold, edges, condition.test)
        best_so_far[place] = replace(condition, threshold=float(edges[np.argmax(scores)]))
    return tuple(best_so_far)


def _edge_scores(
    half: Half, values: Floats, rows: NDArray[np.bool_], edges: Floats, test: str
) -> Floats:
    """Return the score of a slice for each end of its interval."""
    rows = rows & ~np.isnan(values)
    places = np.searchsorted(edges, values[rows], side="right")
    size = len(edges) + 1
    n = np.bincount(places, minlength=size).astype(np.float64)
    total = np.bincount(places, weights=half.loss[rows], minlength=size)
    below = np.cumsum(n)[:-1].astype(np.float64), np.cumsum(total)[:-1].astype(np.float64)
    if test == "below":
        return half.score(*below)
    return half.score(n.sum() - below[0], total.sum() - below[1])
