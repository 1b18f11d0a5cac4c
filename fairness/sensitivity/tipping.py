"""How much error in one group's recorded outcomes would make a gap disappear.

A share s of the recorded positives (or negatives) of one group is wrong, independently of the
prediction given the recorded label. Then a row of that label is, on average, s of a row with the
other label and 1 - s of a row with its own, so that every rate stays a ratio of two sums that are
linear in s, and the share at which it meets the other group's rate has a closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from fairness.errors import ArgumentError
from fairness.sensitivity.cells import Cells, find_group, rate_cells, total
from fairness.table.values import Floats, GroupCounts

Label = Literal["positive", "negative"]

TIPPING_METRICS = (
    "base_rate",
    "tpr",
    "fpr",
    "fnr",
    "tnr",
    "ppv",
    "npv",
    "fdr",
    "for",
    "accuracy",
)
"""Metrics that recorded outcomes have a part in."""

_CODES: dict[Label, int] = {"negative": 0, "positive": 1}
_NEVER = "no share of wrong labels removes the gap"
_UNMOVED = "such errors do not move this metric"
_NO_GAP = "there is no gap"
_UNDEFINED = "the metric is undefined in one of the groups"


@dataclass(frozen=True)
class _Case:
    """One group's cells and the labels of it that may be wrong."""

    weights: Floats
    weights_squared: Floats
    n: float
    cells: Cells
    label: int

    def mixed(self, share: float) -> Cells:
        """Return what a row of each cell adds when a share of the label's rows is wrong."""
        above, below = self.cells.above.copy(), self.cells.below.copy()
        for mask in (above, below):
            own, other = mask[self.label].copy(), mask[1 - self.label]
            mask[self.label] = (1 - share) * own + share * other
        return Cells(above, below)

    def value(self, share: float) -> float:
        """Return the rate when a share of the label's rows is wrong."""
        cells = self.mixed(share)
        above, below = total(self.weights, cells.above), total(self.weights, cells.below)
        return float(above / below) if below > 1e-12 * self.weights.sum() else np.nan

    def variance(self, share: float) -> float:
        """Return the variance of `value` by linearisation, the share being known."""
        cells = self.mixed(share)
        below = float(total(self.weights, cells.below))
        residual = cells.above - self.value(share) * cells.below
        return float(total(self.weights_squared, residual**2)) / below**2


def tipping_points(counts: GroupCounts, metric: str, group: str, reference: str) -> pd.DataFrame:
    """Say which share of wrong labels would make the gap between two groups disappear.

    Parameters
    ----------
    counts : GroupCounts
        Counts of a binary outcome.
    metric : str
        Any of `TIPPING_METRICS`.
    group, reference : str
        The two groups whose gap it is: value of `group` minus value of `reference`.

    Returns
    -------
    DataFrame
        A row for each group whose labels may be wrong and each label: `metric`, `group`,
        `reference`, `gap` as recorded, `whose` (the group with wrong labels), `label` ("positive"
        or "negative": the recorded label that is wrong), `share` of those labels at which the gap
        is 0, and `rows`, the number of such rows; both NaN where no share would do, and `note`
        says why.

    Raises
    ------
    ArgumentError
        The metric does not depend on outcomes, the outcome is not binary, or there is no such
        group.

    Notes
    -----
    With sums a + b s above and c + d s below the line and a target t, the share is
    ``s = (a - t c) / (t d - b)``. The other group's labels are taken to be right.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.array([[[60, 20], [10, 30]], [[70, 10], [10, 30]]])
    >>> counts = GroupCounts(
    ...     "binary", "sex", ("f", "m"), ("no", "yes"), cells, cells * 1.0, cells * 1.0
    ... )
    >>> found = tipping_points(counts, "fpr", "f", "m")
    >>> found[["gap", "whose", "label", "share", "rows"]].round(3)
         gap whose     label  share  rows
    0  0.125     f  positive    NaN   NaN
    1  0.125     f  negative    NaN   NaN
    2  0.125     m  positive    0.5  20.0
    3  0.125     m  negative    NaN   NaN
    """
    _check(counts, metric)
    pair = find_group(counts, group), find_group(counts, reference)
    values = [_case(counts, metric, one, "positive").value(0.0) for one in pair]
    gap = values[0] - values[1]
    rows = []
    for position, (own, name) in enumerate(zip(pair, (group, reference), strict=True)):
        for label in ("positive", "negative"):
            case = _case(counts, metric, own, label)
            share, note = _solve(case, values[1 - position], gap)
            rows.append(
                {
                    "metric": metric,
                    "group": group,
                    "reference": reference,
                    "gap": gap,
                    "whose": name,
                    "label": label,
                    "share": share,
                    "rows": share * case.n,
                    "note": note,
                }
            )
    return pd.DataFrame(rows)


def tipping_curve(
    counts: GroupCounts,
    metric: str,
    group: str,
    reference: str,
    *,
    whose: str | None = None,
    label: Label = "positive",
    points: int = 51,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the gap between two groups by the share of wrong labels in one of them.

    Parameters
    ----------
    counts : GroupCounts
        Counts of a binary outcome.
    metric : str
        Any of `TIPPING_METRICS`.
    group, reference : str
        The two groups whose gap it is.
    whose : str, optional
        The one of the two whose labels may be wrong. Default: `group`.
    label : {"positive", "negative"}, default "positive"
        The recorded label that may be wrong.
    points : int, default 51
        Shares from 0 to 1.
    confidence : float, default 0.95
        Of the interval at each share by itself; the share is taken as known.

    Returns
    -------
    DataFrame
        Columns `metric`, `group`, `reference`, `whose`, `label`, `share`, `gap`, `low`, `high`;
        NaN where the metric is undefined.

    Raises
    ------
    ArgumentError
        As `tipping_points`, or `whose` is neither of the two groups.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.array([[[60, 20], [10, 30]], [[70, 10], [10, 30]]])
    >>> counts = GroupCounts(
    ...     "binary", "sex", ("f", "m"), ("no", "yes"), cells, cells * 1.0, cells * 1.0
    ... )
    >>> curve = tipping_curve(counts, "fpr", "f", "m", whose="m", points=3)
    >>> curve[["share", "gap"]].round(3)
       share    gap
    0    0.0  0.125
    1    0.5 -0.000
    2    1.0 -0.083
    """
    from scipy.special import ndtri

    _check(counts, metric)
    chosen = group if whose is None else whose
    if chosen not in (group, reference):
        raise ArgumentError(
            "whose must be one of the two groups", got=f"got {chosen!r}", hint=f"whose={group!r}"
        )
    other = reference if chosen == group else group
    case = _case(counts, metric, find_group(counts, chosen), label)
    fixed = _case(counts, metric, find_group(counts, other), label)
    sign = 1.0 if chosen == group else -1.0
    shares = np.linspace(0.0, 1.0, points)
    moved = np.array([case.value(share) for share in shares])
    gaps = sign * (moved - fixed.value(0.0))
    errors = [
        np.sqrt(case.variance(share) + fixed.variance(0.0)) if np.isfinite(gap) else np.nan
        for share, gap in zip(shares, gaps, strict=True)
    ]
    half = float(ndtri(0.5 + confidence / 2)) * np.array(errors)
    return pd.DataFrame(
        {
            "metric": metric,
            "group": group,
            "reference": reference,
            "whose": chosen,
            "label": label,
            "share": shares,
            "gap": gaps,
            "low": gaps - half,
            "high": gaps + half,
        }
    )


def _check(counts: GroupCounts, metric: str) -> None:
    if metric == "selection_rate":
        raise ArgumentError(
            "the selection rate does not depend on recorded outcomes",
            hint=f"one of {', '.join(TIPPING_METRICS)}",
        )
    if counts.counts.shape[1] != 2:
        raise ArgumentError(
            "tipping points need a binary outcome", got=f"got {len(counts.classes)} classes"
        )


def _case(counts: GroupCounts, metric: str, group: int, label: Label) -> _Case:
    code = _CODES[label]
    return _Case(
        counts.weights[group],
        counts.weights_squared[group],
        float(counts.counts[group, code].sum()),
        rate_cells(counts, metric),
        code,
    )


def _solve(case: _Case, target: float, gap: float) -> tuple[float, str]:
    """Return the share at which the case's rate is the target, or NaN and why there is none."""
    if not np.isfinite(gap):
        return np.nan, _UNDEFINED
    if gap == 0:
        return 0.0, _NO_GAP
    start, end = case.mixed(0.0), case.mixed(1.0)
    a, c = total(case.weights, start.above), total(case.weights, start.below)
    b, d = total(case.weights, end.above) - a, total(case.weights, end.below) - c
    if abs(b * c - a * d) <= 1e-12 * c**2:
        return np.nan, _UNMOVED
    slope = target * d - b
    share = float((a - target * c) / slope) if slope != 0 else np.nan
    if not 0 <= share <= 1 or not np.isfinite(case.value(share)):
        return np.nan, _NEVER
    return share, ""
