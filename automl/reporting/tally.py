"""Weights of rows, and the weight of both classes above every score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candor.statistics import wilson

Floats = NDArray[np.float64]


def unit_weights(weight: Floats | None, n_rows: int) -> Floats:
    """Return weights that are 1 on average, so that they add up to rows."""
    if weight is None or n_rows == 0 or not float(weight.sum()) > 0:
        return np.ones(n_rows)
    scaled: Floats = np.asarray(weight, dtype=np.float64) * (n_rows / float(weight.sum()))
    return scaled


def critical_value(confidence: float) -> float:
    """Return the normal quantile of a two-sided interval."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2))


def divide(above: Any, below: Any) -> Floats:
    """Divide, with NaN where there is nothing to divide by."""
    top, bottom = np.broadcast_arrays(np.asarray(above, float), np.asarray(below, float))
    quotient: Floats = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
    return quotient


@dataclass(frozen=True, eq=False)
class Share:
    """A share of weighted rows, and how many equally weighted rows it is worth.

    Parameters
    ----------
    value : ndarray of float64
        The share; NaN where there is no row.
    rows : ndarray of float64
        Effective rows behind it: the squared sum of weights over the sum of squares.
    """

    value: Floats
    rows: Floats

    @classmethod
    def of(cls, hits: Any, weight: Any, squares: Any) -> Share:
        """Return hits over weight; `squares` are sums of squared weights."""
        total = np.asarray(weight, dtype=np.float64)
        rows = np.nan_to_num(divide(total**2, squares))
        return cls(np.clip(divide(hits, total), 0.0, 1.0), rows)

    def interval(self, confidence: float) -> tuple[Floats, Floats]:
        """Return Wilson's interval of the effective rows; NaN where there is no row."""
        return wilson(self.value, self.rows, critical_value(confidence))


@dataclass(frozen=True, eq=False)
class Tally:
    """Weight of both classes at or above each distinct score, the highest score first.

    The first entry is for a threshold above every score: nothing is reached yet.

    Parameters
    ----------
    score : ndarray of float64, shape (n_levels + 1,)
        Thresholds, descending; the first is infinite.
    hits, false : ndarray of float64, shape (n_levels + 1,)
        Weight of the positives and the negatives at or above each.
    hits_squared, false_squared : ndarray of float64, shape (n_levels + 1,)
        The same of squared weights.
    rows : ndarray of int64, shape (n_levels + 1,)
        Rows at or above each.
    """

    score: Floats
    hits: Floats
    false: Floats
    hits_squared: Floats
    false_squared: Floats
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, y: NDArray[Any], score: Floats, weight: Floats) -> Tally:
        """Sort the scores once and add up from the top."""
        order = np.argsort(-score, kind="stable")
        ordered, hit, mass = score[order], y[order] == 1, weight[order]
        last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))[: len(order)]

        def summed(part: Floats) -> Floats:
            return np.concatenate([[0.0], np.cumsum(part)[last]])

        return cls(
            score=np.concatenate([[np.inf], ordered[last]]),
            hits=summed(mass * hit),
            false=summed(mass * ~hit),
            hits_squared=summed(mass**2 * hit),
            false_squared=summed(mass**2 * ~hit),
            rows=np.concatenate([[0], last + 1]),
        )

    def reached_by(self, thresholds: Floats) -> NDArray[np.int64]:
        """Return for each threshold the entry of what scores at least so much."""
        ascending = self.score[::-1]
        from_top = np.searchsorted(ascending, thresholds, side="left")
        places: NDArray[np.int64] = len(self.score) - 1 - from_top
        return places

    @property
    def recall(self) -> Share:
        """Share of the positives that is reached."""
        return Share.of(self.hits, self._all(self.hits), self._all(self.hits_squared))

    @property
    def fall_out(self) -> Share:
        """Share of the negatives that is reached."""
        return Share.of(self.false, self._all(self.false), self._all(self.false_squared))

    @property
    def precision(self) -> Share:
        """Share of what is reached that is positive."""
        return Share.of(self.hits, self.hits + self.false, self.hits_squared + self.false_squared)

    @property
    def selected(self) -> Share:
        """Share of all rows that is reached."""
        every = self._all(self.hits) + self._all(self.false)
        squares = self._all(self.hits_squared) + self._all(self.false_squared)
        return Share.of(self.hits + self.false, every, squares)

    def _all(self, part: Floats) -> Floats:
        return np.full(len(part), part[-1])
