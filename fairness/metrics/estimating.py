"""What each metric comes to in each group."""

from __future__ import annotations

import numpy as np

from fairness.errors import ArgumentError
from fairness.metrics import cells, moments, ranking
from fairness.metrics.choose import MOMENT_OF, metrics_of, resolve
from fairness.metrics.values import Estimates, Metric
from fairness.table.values import GroupCounts


def estimate(metric: Metric | str, counts: GroupCounts) -> Estimates:
    """Estimate one metric in each group, with its standard error.

    Parameters
    ----------
    metric : Metric or str
        A metric or its name.
    counts : GroupCounts
        Counts of the groups of one attribute.

    Returns
    -------
    Estimates
        Value, standard error by linearisation, and the rows that each value stands on. A metric
        whose denominator is 0 is NaN, never 0; a mean of several ratios (balanced accuracy and
        the macro averages) is NaN where any of them is.

    Raises
    ------
    ArgumentError
        If there is no such metric, it is not defined for the task, or the counts do not tell it.

    Examples
    --------
    >>> cells = np.array([[[3, 1], [2, 4]], [[5, 0], [0, 0]]])
    >>> w = cells.astype(float)
    >>> counts = GroupCounts("binary", "sex", ("f", "m"), ("0", "1"), cells, w, w)
    >>> estimate("fnr", counts).value.round(3).tolist()
    [0.333, nan]
    """
    return _estimated(resolve(metric, counts), counts)


def estimates(counts: GroupCounts) -> dict[str, Estimates]:
    """Estimate every metric that applies to the counts.

    Parameters
    ----------
    counts : GroupCounts
        Counts of the groups of one attribute.

    Returns
    -------
    dict of str to Estimates
        By name of the metric, in the order of `metrics_of`.

    Examples
    --------
    >>> cells = np.array([[[3, 1], [2, 4]]])
    >>> w = cells.astype(float)
    >>> counts = GroupCounts("binary", "sex", ("f",), ("0", "1"), cells, w, w)
    >>> float(estimates(counts)["accuracy"].value[0])
    0.7
    """
    return {metric.name: _estimated(metric, counts) for metric in metrics_of(counts)}


def _estimated(metric: Metric, counts: GroupCounts) -> Estimates:
    bin_error = np.zeros(len(counts.groups))
    ratios = cells.ratios_of(metric, counts)
    if ratios is not None:
        values = cells.values_of(ratios, counts)
    elif metric.name in MOMENT_OF:
        values = moments.values_of(metric.name, counts)
    elif counts.histogram is not None:
        values, bin_error = ranking.values_of(counts.histogram)
    else:
        raise ArgumentError(f"{metric.name} cannot be told from these counts")
    return Estimates(
        metric=metric,
        attribute=counts.attribute,
        groups=counts.groups,
        n=counts.n,
        denominator=values.denominator,
        effective=values.effective,
        value=values.value,
        error=values.error,
        bin_error=bin_error,
    )
