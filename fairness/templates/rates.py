"""Rates of groups: who was selected, or has a score above the median, from counts alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairness.table.values import Attribute, Counts, Floats, GroupCounts, Histogram
from fairness.templates.unknown import is_unknown

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rates:
    """How many of each group were chosen; every array has the shape (n_groups,).

    Parameters
    ----------
    groups : tuple of str
        Names of the groups.
    n : ndarray of int64
        Rows.
    chosen : ndarray of int64 or None
        Rows that were chosen; None where it is not known to the row.
    weight, weight_chosen : ndarray of float64
        Weight of all rows and of the chosen ones; without weights, rows.
    effective : ndarray of float64
        Kish's effective number of rows; without weights, rows.
    unknown : ndarray of bool
        Groups that mean that nothing is known.
    weighted : bool
        Whether rows have weights.
    meaning : str
        What it is to be chosen, in words.
    notes : tuple of str
        What a reader has to know of these numbers.
    """

    groups: tuple[str, ...]
    n: Counts
    chosen: Counts | None
    weight: Floats
    weight_chosen: Floats
    effective: Floats
    unknown: Flags
    weighted: bool
    meaning: str
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> Floats:
        """Share that was chosen; NaN without weight."""
        out = np.full(len(self.groups), np.nan)
        np.divide(self.weight_chosen, self.weight, out=out, where=self.weight > 0)
        return out

    @property
    def exact(self) -> bool:
        """Whether counts say it all: no weights, and each row known."""
        return self.chosen is not None and not self.weighted


def selection_rates(
    counts: GroupCounts, attributes: tuple[Attribute, ...], words: tuple[str, ...]
) -> Rates | str:
    """Return who was predicted the positive label, or why that cannot be told."""
    if not counts.has_predictions:
        return "there are no predictions, so nobody is selected"
    if counts.counts.shape[2] != 2:
        return "with more than two classes there is no single outcome that is a selection"
    weight = counts.weights.sum(axis=(1, 2))
    squared = counts.weights_squared.sum(axis=(1, 2))
    label = counts.classes[1] if len(counts.classes) == 2 else "at or above the threshold"
    return Rates(
        groups=counts.groups,
        n=counts.n,
        chosen=counts.counts[:, :, 1].sum(axis=1),
        weight=weight,
        weight_chosen=counts.weights[:, :, 1].sum(axis=1),
        effective=_effective(counts, weight, squared),
        unknown=_unknown(counts, attributes, words),
        weighted=counts.weighted,
        meaning=f'predicted "{label}"',
    )


def scoring_rates(
    counts: GroupCounts, attributes: tuple[Attribute, ...], words: tuple[str, ...]
) -> Rates | str:
    """Return who has a score above the median of all rows, or why that cannot be told."""
    if counts.histogram is None:
        return "there are no scores"
    above = above_median(counts.histogram, counts.weighted)
    sums = counts.histogram.weights.sum(axis=(1, 2))
    squared = counts.histogram.weights_squared.sum(axis=(1, 2))
    exact = above.split is None
    chosen = counts.histogram.counts[:, :, above.first :].sum(axis=(1, 2)) if exact else None
    return Rates(
        groups=counts.groups,
        n=counts.n,
        chosen=chosen,
        weight=sums,
        weight_chosen=above.weights,
        effective=_effective(counts, sums, squared),
        unknown=_unknown(counts, attributes, words),
        weighted=counts.weighted,
        meaning="score above the median of all rows",
        notes=(above.in_words(),),
    )


@dataclass(frozen=True)
class AboveMedian:
    """Which part of a histogram lies above the median of all rows.

    Parameters
    ----------
    median : tuple of float
        Smallest and largest value that the median can have.
    first : int
        First bin that is above it as a whole.
    split : int or None
        Bin that it lies within, whose scores differ; None where the median is exact.
    weights : ndarray of float64, shape (n_groups,)
        Weight above it; of a split bin, the same share for every group.
    uncertain : ndarray of float64, shape (n_groups,)
        Largest error of each group's rate from that.
    """

    median: tuple[float, float]
    first: int
    split: int | None
    weights: Floats
    uncertain: Floats

    def in_words(self) -> str:
        """Say what the median is, and how far its bin can have moved a rate."""
        low, high = self.median
        if self.split is None:
            return f"The median of all scores is {low:.6g}; rows at the median are not above it."
        return (
            f"The median of all scores lies between {low:.6g} and {high:.6g}, inside one bin of "
            "scores; rows of that bin are counted as above it in the same share for every group, "
            f"which moves a rate by at most {np.nanmax(self.uncertain):.2g}."
        )


def above_median(histogram: Histogram, weighted: bool) -> AboveMedian:
    """Find the median in binned scores, and what of each group is strictly above it.

    Bins are in ascending order and do not overlap. Where the middle lies between two bins, the
    median lies between them too and every bin is on one side as a whole; where it lies in a bin
    with one single score, the rows of that bin are at the median, not above it. Both are exact.
    """
    by_bin = (histogram.weights if weighted else histogram.counts).sum(axis=1).astype(np.float64)
    below = np.cumsum(by_bin.sum(axis=0))
    half = below[-1] / 2
    # A tolerance: sums of weights that should be equal may differ in their last digits.
    slack = 1e-12 * below[-1] if weighted else 0.0
    middle = int(np.searchsorted(below, half - slack))
    nothing = np.zeros(len(by_bin))
    upper = by_bin[:, middle + 1 :].sum(axis=1)
    if abs(below[middle] - half) <= slack and middle + 1 < len(below):
        low, high = float(histogram.high[middle]), float(histogram.low[middle + 1])
        between = (low + high) / 2
        return AboveMedian((between, between), middle + 1, None, upper, nothing)
    low, high = float(histogram.low[middle]), float(histogram.high[middle])
    if low == high:
        return AboveMedian((low, low), middle + 1, None, upper, nothing)
    inside = by_bin[:, middle]
    over = half if weighted else below[-1] // 2
    share = (over - upper.sum()) / inside.sum()
    totals = np.where(by_bin.sum(axis=1) > 0, by_bin.sum(axis=1), np.nan)
    uncertain = inside * max(share, 1 - share) / totals
    return AboveMedian((low, high), middle + 1, middle, upper + share * inside, uncertain)


def _effective(counts: GroupCounts, weight: Floats, squared: Floats) -> Floats:
    """Return Kish's effective number of rows; 0 where nothing weighs anything."""
    if not counts.weighted:
        return counts.n.astype(np.float64)
    out = np.zeros(len(weight))
    np.divide(weight**2, squared, out=out, where=squared > 0)
    return out


def _unknown(
    counts: GroupCounts, attributes: tuple[Attribute, ...], words: tuple[str, ...]
) -> Flags:
    """Mark groups in which any of the crossed attributes is unknown."""
    groups = {attribute.name: attribute.groups for attribute in attributes}
    parts = [
        [
            is_unknown(groups[name][code], words)
            for name, code in zip(counts.names, row, strict=True)
        ]
        for row in counts.codes
    ]
    return np.array([any(row) for row in parts], dtype=bool)
