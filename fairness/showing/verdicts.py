"""A disparity in words: what differs, between whom, and what can be said of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fairness.frames.disparities import LEFT_OUT_MARK
from fairness.metrics import METRICS, NOTIONS, notions_of
from fairness.result import Audit
from fairness.showing.words import (
    about,
    group_name,
    label,
    label_within,
    listed,
    number,
    percent,
    plural,
    points,
    with_interval,
)


@dataclass(frozen=True)
class Comparison:
    """One row of `disparities`, with the values of the two groups.

    Parameters
    ----------
    attribute, metric, kind : str
        What is compared.
    part : str
        The metric that the worst gap of a notion lies in; the metric itself otherwise.
    group, reference : str
        Between whom; empty where there are fewer than two groups to compare.
    group_value, reference_value : float
        The metric in both groups.
    value, low, high, tolerance : float
        The disparity with its interval, and what it was held against.
    verdict : str
        "beyond", "within" or "not enough data".
    needs : str
        Which group needs more rows.
    needs_rows : float
        About how many.
    also_needs : tuple of str
        Groups that have to grow with it, each by as many rows at most.
    left_out : str
        Groups that no verdict stands on.
    declared : bool
        Whether it was declared beforehand.
    confidence : float
        Of the interval.
    among : int
        Comparisons that its verdict is corrected for, itself included.
    """

    attribute: str
    metric: str
    kind: str
    part: str
    group: str
    reference: str
    group_value: float
    reference_value: float
    value: float
    low: float
    high: float
    tolerance: float
    verdict: str
    needs: str
    needs_rows: float
    also_needs: tuple[str, ...]
    left_out: str
    declared: bool
    confidence: float
    among: int

    @property
    def ends(self) -> tuple[str, str]:
        """Both groups as a sentence names them."""
        return group_name(self.attribute, self.group), group_name(self.attribute, self.reference)


def comparisons(
    audit: Audit, *, attribute: str | None = None, metrics: tuple[str, ...] | None = None
) -> list[Comparison]:
    """Return differences as comparisons, in the order of `disparities`."""
    frame = audit.disparities
    if frame.empty:
        return []
    chosen = frame[frame["kind"] == "difference"]
    if attribute is not None:
        chosen = chosen[chosen["attribute"] == attribute]
    if metrics is not None:
        chosen = chosen[chosen["metric"].isin(metrics)]
    values = audit.by_group.set_index(["attribute", "group", "metric"])["value"]
    confidence = audit.settings.confidence
    among = frame.loc[frame["p_value"].notna(), "family"].value_counts()
    return [
        _comparison(row, values, confidence, int(among.get(row["family"], 0)))
        for row in chosen.to_dict("records")
    ]


def notion_names(audit: Audit) -> tuple[str, ...]:
    """Return the named notions that this audit holds."""
    return tuple(one.name for one in notions_of(audit.table.groups(())))


def sentence(one: Comparison, positive: str = "") -> str:
    """Say a comparison in one or two sentences.

    The verdict is one of three: beyond the tolerance, within it, or not enough data.

    Parameters
    ----------
    one : Comparison
    positive : str
        The label that selects; a selection rate is then said by it.
    """
    if not one.group:
        return (
            f"{label(one.metric)} by {one.attribute}: fewer than two groups have enough rows to "
            "be compared."
        )
    group, reference = one.ends
    first, second = (said(one.part, end) for end in (one.group_value, one.reference_value))
    what = f"the {label_within(one.part)} is {first} for {group} and {second} for {reference}."
    if positive and one.part == "selection_rate":
        what = f"the model says “{positive}” to {first} of {group} and {second} of {reference}."
    return f"{what} The difference, {_size(one)}, {verdict_words(one)}."


def _size(one: Comparison) -> str:
    """Write a difference with its interval: between rates in percentage points."""
    write = points if is_rate(one.part) else number
    value, low, high = (write(end) for end in (one.value, one.low, one.high))
    unit = " points" if is_rate(one.part) else ""
    return f"{value}{unit} ({100 * one.confidence:g} % interval {low} to {high})"


def short_size(one: Comparison) -> str:
    """Write a difference with its interval for a column."""
    if not is_rate(one.part):
        return with_interval(one.value, one.low, one.high)
    return f"{points(one.value)} points [{points(one.low)}, {points(one.high)}]"


def limit(one: Comparison) -> str:
    """Write the tolerance in the unit of the difference."""
    return f"{100 * one.tolerance:.3g}" if is_rate(one.part) else number(one.tolerance)


def verdict_words(one: Comparison) -> str:
    """Say what can be said of a disparity."""
    if one.verdict == "beyond":
        return f"is beyond the tolerance of {limit(one)}"
    if one.verdict == "within":
        return f"is within the tolerance of {limit(one)}"
    if one.low > one.tolerance and not one.needs:
        return (
            f"is beyond the tolerance of {limit(one)} taken alone, but not after correction for "
            f"{plural(one.among, 'comparison')}: not enough data"
        )
    return (
        f"may or may not be beyond the tolerance of {limit(one)}: not enough data; {needed(one)}"
    )


def needed(one: Comparison) -> str:
    """Say what would settle an open question."""
    if one.needs and math.isfinite(one.needs_rows):
        others = [group_name(one.attribute, name) for name in one.also_needs]
        more = f", and {listed(others)} up to as many" if others else ""
        return f"{group_name(one.attribute, one.needs)} needs {about(one.needs_rows)}{more}"
    if math.isinf(one.needs_rows):
        return "the estimate is so close to the tolerance that more rows may not settle it"
    return "settled taken alone, but not after correction for the number of comparisons"


def said(metric: str, value: float) -> str:
    """Write a value of a metric: rates in percent."""
    return percent(value) if is_rate(metric) else number(value)


def is_rate(metric: str) -> bool:
    """Say whether a metric is a share, which people read in percent."""
    known = METRICS.get(metric.partition("[")[0])
    return known is not None and known.kind == "proportion"


def _comparison(
    row: dict[Any, Any], values: pd.Series[float], confidence: float, among: int
) -> Comparison:
    part = _part(row, values)
    keys = [(row["attribute"], row[side], part) for side in ("group", "reference")]
    first, second = (float(values.get(key, math.nan)) for key in keys)
    return Comparison(
        attribute=row["attribute"],
        metric=row["metric"],
        kind=row["kind"],
        part=part,
        group=row["group"],
        reference=row["reference"],
        group_value=first,
        reference_value=second,
        value=row["value"],
        low=row["low"],
        high=row["high"],
        tolerance=row["tolerance"],
        verdict=row["verdict"],
        needs=row["needs"],
        needs_rows=row["needs_rows"],
        also_needs=tuple(filter(None, row["also_needs"].split(LEFT_OUT_MARK))),
        left_out=row["left_out"],
        declared=row["family"] == "declared",
        confidence=confidence,
        among=among,
    )


def _part(row: dict[Any, Any], values: pd.Series[float]) -> str:
    """Find the metric of a notion in which the two groups differ by the notion's disparity."""
    notion = NOTIONS.get(row["metric"])
    parts = _parts(row, values) if notion is not None else (row["metric"],)

    def miss(metric: str) -> float:
        first = values.get((row["attribute"], row["group"], metric), math.nan)
        second = values.get((row["attribute"], row["reference"], metric), math.nan)
        gap = abs(abs(float(first) - float(second)) - abs(row["value"]))
        return gap if gap == gap else math.inf

    return min(parts, key=miss)


def _parts(row: dict[Any, Any], values: pd.Series[float]) -> tuple[str, ...]:
    """Return the metrics behind a notion that have values here; classes included."""
    wanted = {name.partition("[")[0] for name in NOTIONS[row["metric"]].metrics}
    present = dict.fromkeys(values.loc[row["attribute"]].index.get_level_values("metric"))
    return tuple(name for name in present if name.partition("[")[0] in wanted) or (row["metric"],)
