"""How far the mean loss of conditions, and of their conjunctions, lies above that of all rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from explain.cohorts.cuts import Cut
from explain.profiles.columns import Floats

PAIRED = 60
"""Columns that are combined at most; of more, those that stand out most alone."""

BEAM = 30
"""Best pairs that a third column is added to."""

Places = tuple[tuple[int, int], ...]
"""A slice as places of columns and of their conditions."""

Scored = tuple[float, Places]


@dataclass(frozen=True, eq=False)
class Half:
    """Rows that slices are looked for on.

    Parameters
    ----------
    cuts : tuple of Cut
        The columns.
    loss : ndarray of float64, shape (n_rows,)
        Their losses, of moderate size.
    least : int
        Rows of a slice, and of the rest, at least.
    """

    cuts: tuple[Cut, ...]
    loss: Floats
    least: int

    def rows(self, places: Places) -> NDArray[np.bool_]:
        """Return which rows are in a slice, shape (n_rows,)."""
        passed = np.ones(len(self.loss), dtype=bool)
        for column, condition in places:
            passed &= self.cuts[column].rows(condition)
        return passed

    def of(self, rows: NDArray[np.bool_]) -> Half:
        """Return some of the rows."""
        return Half(tuple(cut.of(rows) for cut in self.cuts), self.loss[rows], self.least)

    def score(self, n: Floats, total: Floats) -> Floats:
        """Return scores of parts from their rows and sums of losses; -inf where too small."""
        sums = float(len(self.loss)), float(self.loss.sum()), float(self.loss @ self.loss)
        large = (n >= self.least) & (n <= len(self.loss) - self.least)
        return np.where(large, excess(n, total, *sums), -np.inf)


def excess(
    n: Floats,
    total: Floats,
    n_all: Floats | float,
    total_all: Floats | float,
    square_all: Floats | float,
) -> Floats:
    """Return how far the mean of some rows lies above that of all, in standard errors.

    Under the hypothesis that the n rows are a draw without replacement from n_all; -inf where
    nothing can be said.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total_all / n_all
        variance = np.maximum(square_all / n_all - mean**2, 0.0)
        error = np.sqrt(variance / n * (n_all - n) / np.maximum(n_all - 1, 1))
        score = (total / n - mean) / error
    found: Floats = np.where((n > 0) & (n < n_all) & (error > 0), score, -np.inf)
    return found


def chance_line(count: int) -> float:
    """Return what the best of so many scores exceeds by chance in 5 % of cases."""
    return float(norm.isf(0.05 / max(count, 1)))


def expected_line(count: int, order: int) -> float:
    """Return what the best conjunction of so many of so many conditions is expected to reach.

    By chance, were all conjunctions independent: one in their number exceeds it.
    """
    return float(norm.isf(min(0.5, factorial(order) / max(count, 1) ** order)))


def best(half: Half, max_columns: int) -> Scored | None:
    """Return the slice that stands out most, of those that do so more than chance explains."""
    singles = [best_condition(half, column) for column in range(len(half.cuts))]
    found = [one for one in singles if one is not None]
    count = _conditions(half, range(len(half.cuts)))
    lines = {order: expected_line(count, order) for order in (1, 2, 3)}
    if max_columns > 1:
        paired = strongest(singles)
        pairs = list(_pairs(half, paired))
        found += pairs
        if max_columns > 2:
            found += _triples(half, paired, pairs)
    clear = [one for one in found if one[0] > lines[len(one[1])]]
    return min(clear, key=lambda one: (-one[0], len(one[1]), one[1]), default=None)


def strongest(singles: Sequence[Scored | None]) -> list[int]:
    """Return the columns that are combined."""
    scores = np.array([-np.inf if one is None else one[0] for one in singles])
    return sorted(np.argsort(-scores, kind="stable")[:PAIRED].tolist())


def best_condition(half: Half, column: int) -> Scored | None:
    """Return the best condition on one column.

    An interval with two ends counts only where it beats both with one end beyond chance.
    """
    cut = half.cuts[column]
    n, total = cut.sums(), cut.sums(half.loss)
    score = half.score(n, total)
    square = cut.sums(half.loss**2)
    line = chance_line(len(n))
    for side in cut.wider.T:
        better = excess(n, total, n[side], total[side], square[side]) > line
        score = np.where((side < 0) | better, score, -np.inf)
    place = int(np.argmax(score))
    return (float(score[place]), ((column, place),)) if np.isfinite(score[place]) else None


@dataclass(frozen=True, eq=False)
class _Sums:
    """Rows, loss and squared loss under each condition of a column."""

    n: Floats
    total: Floats
    square: Floats

    def excess(self, n: Floats, total: Floats) -> Floats:
        """Return how far parts of each condition lie above it: shape (n_conditions, …)."""
        return excess(n, total, self.n[:, None], self.total[:, None], self.square[:, None])


def _pairs(half: Half, columns: Sequence[int]) -> Iterator[Scored]:
    """Yield the best conjunction of each two columns that beats each of its two parts."""
    square = half.loss**2
    sums = {}
    for k in columns:
        cut = half.cuts[k]
        sums[k] = _Sums(cut.sums(), cut.sums(half.loss), cut.sums(square))
    line = chance_line(_conditions(half, columns))
    for a, b in combinations(columns, 2):
        n, total = _crossed(half.cuts[a], half.cuts[b], half.loss)
        score = half.score(n, total)
        over_first, over_second = sums[a].excess(n, total), sums[b].excess(n.T, total.T).T
        score = np.where(np.minimum(over_first, over_second) > line, score, -np.inf)
        i, j = divmod(int(np.argmax(score)), score.shape[1])
        if np.isfinite(score[i, j]):
            yield float(score[i, j]), ((a, i), (b, j))


def _crossed(first: Cut, second: Cut, loss: Floats) -> tuple[Floats, Floats]:
    """Return rows and losses under each condition of one column and each of another."""
    shape = first.member.shape[1], second.member.shape[1]
    flat = first.codes.astype(np.int64) * shape[1] + second.codes
    n, total = (
        first.member
        @ np.bincount(flat, weights=weight, minlength=shape[0] * shape[1]).reshape(shape)
        @ second.member.T
        for weight in (None, loss)
    )
    return n, total


def _conditions(half: Half, columns: Sequence[int]) -> int:
    """Return how many conditions columns have together."""
    return sum(len(half.cuts[k].parts) for k in columns)


def _triples(half: Half, columns: Sequence[int], pairs: Sequence[Scored]) -> list[Scored]:
    """Add a third column to the best pairs, where that beats each of its three parts."""
    line = chance_line(_conditions(half, columns))
    found: dict[Places, float] = {}
    for _, pair in sorted(pairs, key=lambda one: -one[0])[:BEAM]:
        rows = half.rows(pair)
        for column in set(columns) - {place for place, _ in pair}:
            cut = half.cuts[column].of(rows)
            score = half.score(cut.sums(), cut.sums(half.loss[rows]))
            place = int(np.argmax(score))
            places = tuple(sorted((*pair, (column, place))))
            if np.isfinite(score[place]) and _beats_its_parts(half, places, line):
                found[places] = float(score[place])
    return [(score, places) for places, score in found.items()]


def _beats_its_parts(half: Half, places: Places, line: float) -> bool:
    inside = half.rows(places)
    n, total = np.array(float(inside.sum())), np.array(half.loss[inside].sum())
    for k in range(len(places)):
        outer = half.loss[half.rows(places[:k] + places[k + 1 :])]
        if excess(n, total, float(len(outer)), float(outer.sum()), float(outer @ outer)) <= line:
            return False
    return True
