"""Disparities within strata of control features, pooled, with a split of the raw gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.errors import ArgumentError
from fairness.inference import group_intervals
from fairness.inference.gaps import SAME
from fairness.inference.intervals import entering
from fairness.inference.values import SMALLEST
from fairness.metrics import Estimates, estimate, estimates
from fairness.sensitivity.pooling import Pooled, critical_value, pool
from fairness.sensitivity.strata import Strata, crossed_counts, lay_out, stratum_name
from fairness.table.values import TIMES

if TYPE_CHECKING:
    from fairness.table import CountTable

COLUMNS = (
    "attribute",
    "control",
    "metric",
    "group",
    "reference",
    "gap",
    "pooled",
    "low",
    "high",
    "composition",
    "within",
    "strata",
    "rows_share",
    "verdict",
    "compared_gap",
    "strata_left_out",
    "comparisons",
)


def conditional(
    table: CountTable,
    attribute: str,
    controls: Sequence[str],
    metric: str,
    *,
    reference: str | None = None,
    confidence: float = 0.95,
    tolerance: float = 0.1,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare groups within strata of control features, and pool the differences.

    Parameters
    ----------
    table : CountTable
        The counts.
    attribute : str
        The attribute whose groups are compared.
    controls : sequence of str
        Attributes whose crossed groups are the strata.
    metric : str
        A share of rows (such as "selection_rate" or "tpr[setosa]") or a mean (such as "mae").
    reference : str, optional
        Compare each other group with this one. Default: every pair of groups.
    confidence : float, default 0.95
        Of the intervals of all compared pairs at once.
    tolerance : float, default 0.1
        Largest difference that is tolerated.
    seed : int, default 0
        Seed of the draws behind the simultaneous quantile.

    Returns
    -------
    DataFrame
        A row for each pair, the one with the largest pooled difference first. `gap`: raw
        difference, group minus reference; `pooled`, `low`, `high`: the difference within strata
        and its simultaneous interval; `composition` + `within` = `compared_gap`, the raw
        difference among rows of the strata in which both groups have a denominator; `strata`,
        `strata_left_out`: numbers of strata that are and are not compared; `rows_share`: share of
        the two groups' rows (of the metric's denominator) that lie in compared strata; `verdict`:
        "beyond", "within" or "not enough data", of the pooled difference; `comparisons`: pairs
        that the intervals hold for at once. Only groups with at least 30 rows in the metric's
        denominator are compared. Without a reference a pair is turned so that its gap is not
        negative.

    Raises
    ------
    ArgumentError
        No control is named, the attribute is one of them, the metric is no ratio of two sums, or
        there is no such reference.

    Notes
    -----
    Stratum s has the weight ``n_as n_rs / (n_as + n_rs)`` (Mantel and Haenszel 1959), n being
    rows in the metric's denominator, or Kish's effective number of weighted rows. The variance of
    rates is Sato's (1989), which holds for few large and for many small strata (in large ones it
    agrees with Greenland and Robins 1985); with unequal weights it is taken in effective rows, or
    by linearisation where that is larger. That of means is by linearisation. The split is
    Kitagawa's (1955): with shares c and rates r of the strata, composition is
    ``sum (c_a - c_r) (r_a + r_r) / 2`` and within ``sum (r_a - r_r) (c_a + c_r) / 2``.

    That a gap is smaller within strata does not justify it: the control itself may carry the
    disadvantage.

    Examples
    --------
    Graduate admissions at Berkeley in 1973, by department (Bickel et al. 1975):

    >>> from fairness import CountTable
    >>> departments = {
    ...     "A": (512, 313, 89, 19),
    ...     "B": (353, 207, 17, 8),
    ...     "C": (120, 205, 202, 391),
    ...     "D": (138, 279, 131, 244),
    ...     "E": (53, 138, 94, 299),
    ...     "F": (22, 351, 24, 317),
    ... }
    >>> cells = pd.DataFrame(
    ...     [
    ...         (name, sex, admitted, n)
    ...         for name, counts in departments.items()
    ...         for (sex, admitted), n in zip(
    ...             [("men", 1), ("men", 0), ("women", 1), ("women", 0)], counts
    ...         )
    ...     ],
    ...     columns=["department", "sex", "admitted", "n"],
    ... )
    >>> rows = cells.loc[cells.index.repeat(cells["n"])]
    >>> table = CountTable.from_rows(
    ...     rows["admitted"],
    ...     rows["admitted"],
    ...     sensitive={"sex": rows["sex"]},
    ...     control={"department": rows["department"]},
    ... )
    >>> found = conditional(table, "sex", ["department"], "selection_rate").iloc[0]
    >>> print(f"{found['gap']:.3f} raw, {found['pooled']:.3f} within departments")
    0.142 raw, -0.018 within departments
    >>> print(f"{found['composition']:.3f} + {found['within']:.3f}")
    0.178 + -0.036
    """
    laid = lay_out(table, attribute, controls, metric)
    whole = estimate(metric, table.groups((attribute,)))
    pairs = _pairs(whole, reference)
    found = [replace(pool(laid, *pair), comparisons=len(pairs)) for pair in pairs]
    critical = critical_value(laid, found, confidence, seed)
    rows = [
        _row(laid, whole, pair, pooled, critical, tolerance)
        for pair, pooled in zip(pairs, found, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    order = frame["pooled"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def strata_frame(
    table: CountTable,
    attribute: str,
    controls: Sequence[str],
    metric: str,
    *,
    confidence: float = 0.95,
    tolerance: float = 0.1,
) -> pd.DataFrame:
    """Return a metric of every group within every stratum of the control features.

    Parameters
    ----------
    table : CountTable
        The counts.
    attribute : str
        The attribute whose groups are compared.
    controls : sequence of str
        Attributes whose crossed groups are the strata.
    metric : str
        Name of a metric.
    confidence : float, default 0.95
        Of each interval by itself.
    tolerance : float, default 0.1
        Intervals wider than this make a rate "weak".

    Returns
    -------
    DataFrame
        Columns `attribute`, `control`, `metric`, `stratum`, `group`, `n`, `denominator`, `value`,
        `low`, `high`, `state`; a row for each group that occurs in a stratum.

    Raises
    ------
    ArgumentError
        No control is named, the attribute is one of them, or the metric is not estimated.

    Examples
    --------
    >>> from fairness import CountTable
    >>> said = [0, 1] * 60
    >>> table = CountTable.from_rows(
    ...     said, said, sensitive={"sex": ["f", "f", "m"] * 40}, control={"area": ["x", "y"] * 60}
    ... )
    >>> strata_frame(table, "sex", ["area"], "selection_rate")[["stratum", "group", "n", "value"]]
      stratum group   n  value
    0       x     f  40    0.0
    1       x     m  20    0.0
    2       y     f  40    1.0
    3       y     m  20    1.0
    """
    crossed = crossed_counts(table, attribute, controls)
    found = estimates(crossed)
    if metric not in found:
        raise ArgumentError(
            f"{metric!r} is not among the metrics of this table", got=f"got {', '.join(found)}"
        )
    one = found[metric]
    intervals = group_intervals(one, confidence=confidence, tolerance=tolerance)
    names = next(each.groups for each in table.attributes if each.name == attribute)
    frame = pd.DataFrame(
        {
            "attribute": attribute,
            "control": TIMES.join(controls),
            "metric": metric,
            "stratum": [stratum_name(table, controls, codes) for codes in crossed.codes[:, 1:]],
            "group": [names[code] for code in crossed.codes[:, 0]],
            "n": one.n,
            "denominator": one.denominator,
            "value": one.value,
            "low": intervals.low,
            "high": intervals.high,
            "state": list(intervals.state),
        }
    )
    order = np.lexsort((crossed.codes[:, 0], *crossed.codes[:, :0:-1].T))
    return frame.iloc[order].reset_index(drop=True)


def _pairs(whole: Estimates, reference: str | None) -> list[tuple[int, int]]:
    """Return the positions of the groups that are compared."""
    large = np.flatnonzero(entering([whole])).tolist()
    if reference is not None:
        if reference not in whole.groups:
            raise ArgumentError(
                f"{whole.attribute} has no group {reference!r}",
                got=f"groups: {', '.join(whole.groups[:10])}",
            )
        against = whole.groups.index(reference)
        return [(one, against) for one in large if one != against] if against in large else []
    values = whole.value
    return [(a, b) if values[a] >= values[b] else (b, a) for a, b in combinations(large, 2)]


@dataclass(frozen=True)
class _Split:
    """A gap split by Kitagawa's formula."""

    gap: float
    composition: float
    within: float


def _split(laid: Strata, pair: tuple[int, int], common: NDArray[np.bool_]) -> _Split:
    """Split the gap among the rows of the common strata."""
    if not common.any():
        return _Split(np.nan, np.nan, np.nan)
    here = np.ix_(np.array(pair), np.flatnonzero(common))
    below, rate = laid.below[here], laid.rate[here]
    share = below / below.sum(axis=1, keepdims=True)
    composition = float(((share[0] - share[1]) * rate.sum(axis=0)).sum() / 2)
    within = float(((rate[0] - rate[1]) * share.sum(axis=0)).sum() / 2)
    gap = float((share[0] * rate[0]).sum() - (share[1] * rate[1]).sum())
    return _Split(gap, composition, within)


def _row(
    laid: Strata,
    whole: Estimates,
    pair: tuple[int, int],
    pooled: Pooled,
    critical: float,
    tolerance: float,
) -> list[object]:
    split = _split(laid, pair, pooled.common)
    low, high = pooled.interval(critical)
    rows = laid.rows[list(pair)]
    share = float(rows[:, pooled.common].sum() / max(rows.sum(), 1))
    occupied = int((rows.sum(axis=0) > 0).sum())
    compared = int(pooled.common.sum())
    return [
        laid.attribute,
        laid.control,
        whole.metric.name,
        laid.groups[pair[0]],
        laid.groups[pair[1]],
        float(whole.value[pair[0]] - whole.value[pair[1]]),
        pooled.value,
        low,
        high,
        split.composition,
        split.within,
        compared,
        share,
        _verdict(pooled, low, high, tolerance),
        split.gap,
        occupied - compared,
        pooled.comparisons,
    ]


def _verdict(pooled: Pooled, low: float, high: float, tolerance: float) -> str:
    if pooled.smaller < SMALLEST or not np.isfinite(low):
        return "not enough data"
    # An end exactly at the tolerance is not beyond it, whatever the last digit says.
    edge = tolerance * (1 + SAME)
    if low > edge or high < -edge:
        return "beyond"
    return "within" if -edge <= low and high <= edge else "not enough data"
