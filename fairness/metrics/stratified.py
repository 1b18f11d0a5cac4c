"""Outcome rates of two groups compared at equal score."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.metrics.binning import bands, outcome_rate, scores_of
from fairness.metrics.cells import Floats
from fairness.table.values import Counts, GroupCounts, Histogram

Flags = NDArray[np.bool_]


def outcome_at_equal_score(counts: GroupCounts, n_bins: int = 10) -> pd.DataFrame:
    """Return how far outcome rates differ between groups at equal score.

    A score means the same in both groups (sufficiency) where this is 0, whether or not their
    error rates differ.

    Parameters
    ----------
    counts : GroupCounts
        Counts with binned scores of a binary outcome.
    n_bins : int, default 10
        Most bands of scores, as in `calibration`. Scores still differ within a band: ten bands
        leave about 3 % of the gap in outcome rates that scores explain, fifty less than 1 %.

    Returns
    -------
    DataFrame
        One row a pair of groups: group, reference, value (rate of the group minus rate of the
        reference), error (its standard error), rows (of both, in bands that hold both), smaller
        (those of the group that has fewer of them; with weights, effective rows); NaN where no
        band holds both.

    Raises
    ------
    ArgumentError
        If there are no scores of a binary outcome.

    Notes
    -----
    The pooled difference has Mantel-Haenszel weights n_a n_b / (n_a + n_b) (Greenland & Robins
    1985), its error is that of Sato, Greenland & Robins (1989), which holds for few large bands
    and for many small ones. With weights, effective rows take the place of rows.

    Examples
    --------
    >>> import numpy as np
    >>> from fairness.table import CountTable
    >>> rng = np.random.default_rng(0)
    >>> sex, score = np.repeat(["f", "m"], 500), rng.random(1000).round(1)
    >>> table = CountTable.from_rows(
    ...     rng.random(1000) < score, y_score=score, sensitive={"sex": sex}
    ... )
    >>> frame = outcome_at_equal_score(table.groups(["sex"]))
    >>> bool(abs(frame["value"][0]) < 3 * frame["error"][0])
    True
    """
    parts = bands(scores_of(counts, "the outcome at equal score"), n_bins)
    rate, effective = outcome_rate(parts)
    rows = parts.counts.sum(axis=1)
    found = []
    for b, a in combinations(range(len(counts.groups)), 2):
        both = (effective[a] > 0) & (effective[b] > 0)
        value, error = pooled_difference(
            rate[a, both], effective[a, both], rate[b, both], effective[b, both]
        )
        used = int(rows[a, both].sum() + rows[b, both].sum())
        smaller = min(_rows_of(parts, g, both, rows) for g in (a, b))
        found.append((counts.groups[a], counts.groups[b], value, error, used, smaller))
    return pd.DataFrame(found, columns=list(_COLUMNS))


_COLUMNS = ("group", "reference", "value", "error", "rows", "smaller")


def _rows_of(parts: Histogram, group: int, both: Flags, rows: Counts) -> float:
    """Return a group's effective rows in the bands that hold both; whole for equal weights."""
    weight = parts.weights[group][:, both].sum()
    square = parts.weights_squared[group][:, both].sum()
    there = float(rows[group, both].sum())
    kish = float(weight**2 / square) if square > 0 else 0.0
    return there if abs(kish - there) <= 1e-9 * there else kish


def pooled_difference(
    rate: Floats, rows: Floats, rate_b: Floats, rows_b: Floats
) -> tuple[float, float]:
    """Return the Mantel-Haenszel difference of rates over strata, and its error."""
    both = rows + rows_b
    weight = rows * rows_b / both
    total = float(weight.sum())
    if total == 0:
        return float("nan"), float("nan")
    hits, hits_b = rate * rows, rate_b * rows_b
    value = float((weight * (rate - rate_b)).sum()) / total
    p = (rows**2 * hits_b - rows_b**2 * hits + rows * rows_b * (rows_b - rows) / 2) / both**2
    q = (hits * (rows_b - hits_b) + hits_b * (rows - hits)) / (2 * both)
    variance = (value * float(p.sum()) + float(q.sum())) / total**2
    return value, max(variance, 0.0) ** 0.5
