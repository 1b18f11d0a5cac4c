"""One row for each metric in each group: values, intervals, states, shrunk estimates."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from fairness.inference import group_intervals, shrink
from fairness.metrics import Estimates, Metric, estimates
from fairness.settings import Settings
from fairness.table import CountTable, GroupCounts

COLUMNS = (
    "attribute",
    "group",
    "n",
    "metric",
    "value",
    "low",
    "high",
    "state",
    "denominator",
    "method",
    "shrunk",
    "shrunk_low",
    "shrunk_high",
)

_MOST_CROSSED = 3
"""With so many attributes all of them are crossed at once, too; with more only pairs are."""


def attribute_sets(table: CountTable) -> tuple[tuple[str, ...], ...]:
    """Return the attributes one by one, then their pairs, then all three of three."""
    names = table.sensitive
    sets: list[tuple[str, ...]] = [(name,) for name in names]
    sets += combinations(names, 2)
    if len(names) == _MOST_CROSSED:
        sets.append(tuple(names))
    return tuple(sets)


def spread_of(metric: Metric, overall: GroupCounts) -> float:
    """Return what a tolerance of 1 stands for in the metric's units.

    1 for rates and probabilities; for a regression's quantities the standard deviation of the
    target, for scores on another scale that of the score, each over all rows.
    """
    weight = float(overall.weights.sum())
    if overall.task == "regression" and metric.kind != "proportion":
        mean = float(overall.moments["outcome"].total[0]) / weight
        square = float(overall.moments["outcome_squared"].total[0]) / weight
    elif metric.name == "mean_score" and not overall.probability and overall.histogram:
        mean = float(overall.histogram.scores.sum()) / weight
        square = float(overall.histogram.scores_squared.sum()) / weight
    else:
        return 1.0
    return float(np.sqrt(max(square - mean**2, 0.0)))


def is_bounded(metric: Metric) -> bool:
    """Say whether a difference can be held against a tolerance for rates."""
    return bool(np.isfinite(metric.range).all()) or metric.name.partition("[")[0] in _IN_UNITS


_IN_UNITS = ("mean_prediction", "mean_outcome", "mae", "rmse", "bias", "mean_score")
"""Unbounded quantities whose tolerance counts standard deviations of the target."""


def group_frame(
    found: dict[str, Estimates], overall: GroupCounts, settings: Settings, *, crossed: bool
) -> pd.DataFrame:
    """Lay out the estimates of one attribute set.

    Parameters
    ----------
    found : dict of str to Estimates
        By name of the metric.
    overall : GroupCounts
        All rows together.
    settings : Settings
        Confidence and tolerances.
    crossed : bool
        Whether to set shrunk estimates beside the raw ones.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, a row for each group and metric.
    """
    parts = [_rows(one, overall, settings, crossed) for one in found.values()]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def overall_frame(table: CountTable, settings: Settings) -> pd.DataFrame:
    """Lay out every metric over all rows together."""
    counts = table.groups(())
    return group_frame(estimates(counts), counts, settings, crossed=False)


def _rows(one: Estimates, overall: GroupCounts, settings: Settings, crossed: bool) -> pd.DataFrame:
    tolerance = settings.difference_tolerance(one.metric.name, spread_of(one.metric, overall))
    intervals = group_intervals(one, confidence=settings.confidence, tolerance=tolerance)
    missing = np.full(len(one.groups), np.nan)
    shrunk, low, high = missing, missing, missing
    if crossed and len(one.groups) > 1:
        estimate = shrink(one, confidence=settings.confidence)
        shrunk, low, high = estimate.value, estimate.low, estimate.high
    return pd.DataFrame(
        {
            "attribute": one.attribute,
            "group": list(one.groups),
            "n": one.n,
            "metric": one.metric.name,
            "value": one.value,
            "low": intervals.low,
            "high": intervals.high,
            "state": list(intervals.state),
            "denominator": one.denominator,
            "method": list(intervals.method),
            "shrunk": shrunk,
            "shrunk_low": low,
            "shrunk_high": high,
        }
    )
