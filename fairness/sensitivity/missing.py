"""What rows with a missing attribute could change, whichever group they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fairness.inference.values import SMALLEST
from fairness.metrics.cells import divide
from fairness.sensitivity.cells import rate_cells, total
from fairness.table.values import MISSING, Floats, GroupCounts

if TYPE_CHECKING:
    from fairness.table import CountTable

WORST_PAIR = "(worst pair)"
"""Group of the row that bounds the difference between the two groups farthest apart."""

COLUMNS = ("attribute", "metric", "group", "value", "low", "high", "missing", "missing_share")


def missing_bounds(
    table: CountTable, attribute: str, metric: str, *, smallest: int = SMALLEST
) -> pd.DataFrame:
    """Bound a rate in each group when rows with a missing attribute may belong to any group.

    Parameters
    ----------
    table : CountTable
        The counts.
    attribute : str
        A sensitive attribute.
    metric : str
        A share of rows: any of selection_rate, base_rate, accuracy, tpr, fnr, fpr, tnr, ppv, fdr,
        npv, for; for one class of several, such as "tpr[setosa]".
    smallest : int, default 30
        Rows with a known attribute that a group needs in the metric's denominator to count for
        the worst pair.

    Returns
    -------
    DataFrame
        Columns `attribute`, `metric`, `group`, `value` among the rows whose attribute is known,
        `low` and `high`: the smallest and largest value that any assignment of the other rows
        gives, `missing` (number of those rows) and `missing_share`. The last row, group
        "(worst pair)", holds the difference between the two groups farthest apart; NaN for fewer
        than two groups. Without rows whose attribute is missing, all three values agree.

    Raises
    ------
    ArgumentError
        The metric is no share of rows.

    Notes
    -----
    A group's rate is largest when it gets every missing row that adds to the numerator and none
    of those that add to the denominator alone, smallest the other way round (Manski 1990; Chen
    et al. 2019 on missing protected classes). Both ends of each group, and the upper end of the
    worst pair, are attained; the lower end of the worst pair is attained with two groups where it
    is above 0 (where it is 0, some assignment comes as near to it as whole rows allow), and is an
    outer bound with more. The bounds hold for these rows; sampling error comes on top of it.

    Examples
    --------
    >>> from fairness import CountTable
    >>> sex = ["f"] * 40 + ["m"] * 40 + [None] * 10
    >>> said = [0, 1] * 20 + [1] * 40 + [0] * 5 + [1] * 5
    >>> table = CountTable.from_rows(said, said, sensitive={"sex": sex})
    >>> missing_bounds(table, "sex", "selection_rate")[["group", "value", "low", "high"]].round(3)
              group  value    low   high
    0             f    0.5  0.444  0.556
    1             m    1.0  0.889  1.000
    2  (worst pair)    0.5  0.333  0.556
    """
    return bounds_of_counts(table.groups((attribute,)), metric, smallest)


def bounds_of_counts(counts: GroupCounts, metric: str, smallest: int) -> pd.DataFrame:
    """Bound a rate in each group of one attribute."""
    cells = rate_cells(counts, metric)
    above = total(counts.weights, cells.above)
    below = total(counts.weights, cells.below)
    missing = np.array([group == MISSING for group in counts.groups], dtype=bool)
    free_above = float(above[missing].sum())
    free_rest = float(below[missing].sum()) - free_above
    known = ~missing
    value = divide(above[known], below[known])
    low, high = _ends(above[known], below[known], free_above, free_rest)
    n = counts.n
    n_missing = int(n[missing].sum())
    large = total(counts.counts, cells.below)[known] >= smallest
    pair = _pair_bounds(value[large], low[large], high[large])
    names = [name for name, present in zip(counts.groups, known, strict=True) if present]
    return pd.DataFrame(
        {
            "attribute": counts.attribute,
            "metric": metric,
            "group": [*names, WORST_PAIR],
            "value": np.append(value, pair[0]),
            "low": np.append(low, pair[1]),
            "high": np.append(high, pair[2]),
            "missing": n_missing,
            "missing_share": n_missing / max(int(n.sum()), 1),
        },
        columns=list(COLUMNS),
    )


def _ends(
    above: Floats, below: Floats, free_above: float, free_rest: float
) -> tuple[Floats, Floats]:
    """Return the smallest and largest rate of each group.

    A group without any row in the denominator is undefined unless it gets some: then its rate
    can only be 1 when none but rows of the numerator can come, and so on.
    """
    low = divide(above, below + free_rest)
    high = divide(above + free_above, below + free_above)
    if free_above > 0:
        low[np.isnan(low)] = 1.0
    if free_rest > 0:
        high[np.isnan(high)] = 0.0
    return low, high


def _pair_bounds(value: Floats, low: Floats, high: Floats) -> tuple[float, float, float]:
    """Return the largest difference between two groups, and its bounds."""
    if len(value) < 2 or not np.isfinite(value).all():
        return np.nan, np.nan, np.nan
    apart = high[:, None] - low[None, :]
    np.fill_diagonal(apart, -np.inf)
    # the groups that are lowest and highest may differ from one assignment to the next
    least = float((low[:, None] - high[None, :]).max())
    return float(value.max() - value.min()), max(least, 0.0), float(apart.max())
