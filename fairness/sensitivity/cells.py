"""Rates as ratios of sums over cells: which cells stand above the line, and which below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fairness.errors import ArgumentError
from fairness.metrics.cells import divide, ratios_of
from fairness.metrics.choose import resolve
from fairness.table.values import Counts, Floats, GroupCounts


@dataclass(frozen=True)
class Cells:
    """A share of rows as a ratio of sums over cells.

    Parameters
    ----------
    above, below : ndarray of float64, shape (n_outcomes, n_predictions)
        How much a row of each cell adds above and below the line: 0 or 1; above is never more
        than below.
    """

    above: Floats
    below: Floats

    def rates(self, weights: Floats) -> Floats:
        """Return the rate of cells of shape (..., n_outcomes, n_predictions); NaN for none."""
        return divide(total(weights, self.above), total(weights, self.below))


def rate_cells(counts: GroupCounts, metric: str) -> Cells:
    """Return the cells behind a rate.

    Parameters
    ----------
    counts : GroupCounts
        Counts of an outcome with classes, or of a regression with a threshold.
    metric : str
        Name of a metric that is a share of rows, such as "tpr" or "tpr[setosa]".

    Raises
    ------
    ArgumentError
        The metric is no share of rows, or the counts do not tell it.
    """
    found = resolve(metric, counts)
    ratios = ratios_of(found, counts)
    if found.kind != "proportion" or ratios is None:
        raise ArgumentError(
            f"{metric!r} is no share of rows", got=f"it is {found.formula}", hint="selection_rate"
        )
    shape = counts.counts.shape[1:]
    return Cells(ratios.above.reshape(shape), ratios.below.reshape(shape))


def total(cells: Floats | Counts, mask: Floats) -> Floats:
    """Add up cells, shape (..., n_outcomes, n_predictions), by a mask of the last two axes."""
    added: Floats = np.asarray((cells * mask).sum(axis=(-2, -1)), dtype=np.float64)
    return added


def find_group(counts: GroupCounts, group: str) -> int:
    """Return the position of a group.

    Raises
    ------
    ArgumentError
        There is no such group.
    """
    if group not in counts.groups:
        raise ArgumentError(
            f"{counts.attribute} has no group {group!r}",
            got=f"groups: {', '.join(counts.groups[:10])}",
        )
    return counts.groups.index(group)
