"""Any ratio of two sums over rows, share or mean, of every group, ready to be pooled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fairness.errors import ArgumentError
from fairness.metrics import Estimates, estimate
from fairness.sensitivity.cells import rate_cells, total
from fairness.table.values import Floats, GroupCounts


@dataclass(frozen=True)
class Sums:
    """A ratio of sums in each group; every array has the shape (n_groups,).

    Parameters
    ----------
    estimates : Estimates
        The ratio, its error, and the rows it stands on.
    below : ndarray of float64
        Sum of weights below the line.
    """

    estimates: Estimates
    below: Floats


def ratio_sums(counts: GroupCounts, metric: str) -> Sums:
    """Return the sums behind a metric that is a ratio of two.

    Raises
    ------
    ArgumentError
        The metric is no such ratio, or the counts do not tell it.
    """
    found = estimate(metric, counts)
    if found.metric.kind == "mean":
        return Sums(found, counts.weights.sum(axis=(1, 2)))
    if found.metric.kind != "proportion":
        raise ArgumentError(
            f"{metric!r} cannot be pooled over strata: it is neither a share of rows nor a mean",
            got=f"it is {found.metric.formula}",
            hint="selection_rate",
        )
    cells = rate_cells(counts, metric)
    return Sums(found, np.asarray(total(counts.weights, cells.below)))
