"""Rates of each group, and of crossed groups raw and shrunk."""

from __future__ import annotations

import pandas as pd

from candor.report import Block, Chart, Section, Table
from fairness import drawing
from fairness.metrics import METRICS
from fairness.result import Audit
from fairness.showing.sections.tables import chosen
from fairness.showing.words import label, plural

_DRAWN = ("selection_rate", "fpr", "fnr", "ppv", "mae", "bias", "mean_prediction")
"""Metrics that get a picture of their own."""

_COLUMNS = {
    "attribute": "attribute",
    "group": "group",
    "n": "rows",
    "metric": "metric",
    "value": "value",
    "low": "low",
    "high": "high",
    "shrunk": "shrunk",
    "shrunk_low": "shrunk low",
    "shrunk_high": "shrunk high",
    "state": "state",
    "denominator": "rows in the denominator",
    "method": "interval",
}

_FORMATS = {
    "rows": ",d",
    "rows in the denominator": ",d",
    **dict.fromkeys(("value", "low", "high", "shrunk", "shrunk low", "shrunk high"), ".3f"),
}

_METHOD = (
    "Each interval holds by itself at the stated confidence: Clopper-Pearson where there are "
    "fewer than 10 hits or misses, Wilson for other rates, linearised (delta method) for "
    "everything else. not estimable: fewer than 30 rows in the denominator. weak: the interval "
    "is wider than the tolerance. undefined: no rows in the denominator; never counted as 0."
)

_SHRUNK_METHOD = (
    "Shrunk estimates draw each group towards the mean of all by as much as its size and the "
    "spread between groups warrant (empirical Bayes). In small groups they err less than raw "
    "ones; they are never shown alone."
)


def groups_section(audit: Audit) -> Section:
    """Return the part on single attributes."""
    frame = audit.by_group[audit.by_group["attribute"].isin(audit.table.sensitive)]
    blocks = _charts(audit, frame)
    blocks.append(_table(frame, "Every metric in every group"))
    formulas = "\n\n".join(_formula(name) for name in dict.fromkeys(frame["metric"]))
    return Section("Groups", _conclusion(frame), tuple(blocks), f"{_METHOD}\n\n{formulas}")


def crossed_section(audit: Audit) -> Section | None:
    """Return the part on crossed groups; None for a single attribute."""
    frame = audit.by_group[~audit.by_group["attribute"].isin(audit.table.sensitive)]
    if frame.empty:
        return None
    blocks: list[Block] = []
    for attribute in dict.fromkeys(frame["attribute"]):
        part = frame[frame["attribute"] == attribute]
        metric = next((name for name in _DRAWN if name in set(part["metric"])), None)
        if metric is not None and part["shrunk"].notna().any():
            blocks.append(
                drawing.as_block(
                    drawing.shrunk_chart(part, attribute, metric),
                    f"{label(metric)} by {attribute}: raw and shrunk",
                    drawing.shrunk_alt(part, attribute, metric),
                )
            )
    blocks.append(_table(frame, "Crossed groups, raw and shrunk"))
    return Section("Crossed groups", _conclusion(frame), tuple(blocks), _SHRUNK_METHOD)


def _charts(audit: Audit, frame: pd.DataFrame) -> list[Block]:
    both = pd.concat([audit.overall, frame], ignore_index=True)
    blocks: list[Block] = []
    for attribute in audit.table.sensitive:
        present = set(frame.loc[frame["attribute"] == attribute, "metric"])
        blocks += [
            _chart(both, metric, attribute, audit.settings.confidence)
            for metric in _DRAWN
            if metric in present
        ]
    return blocks


def _chart(frame: pd.DataFrame, metric: str, attribute: str, confidence: float) -> Chart:
    name = label(metric)
    return drawing.as_block(
        drawing.groups_chart(frame, metric, attribute, label=name),
        f"{name} by {attribute}, with {100 * confidence:g} % intervals",
        drawing.groups_alt(frame, metric, attribute, label=name),
    )


def _conclusion(frame: pd.DataFrame) -> str:
    counted = frame["state"].value_counts()
    groups = frame[["attribute", "group"]].drop_duplicates()
    return (
        f"{plural(len(groups), 'group')}: {counted.get('estimable', 0)} values are estimable, "
        f"{counted.get('weak', 0)} weak, {counted.get('not estimable', 0)} not estimable and "
        f"{counted.get('undefined', 0)} undefined."
    )


def _formula(name: str) -> str:
    metric = METRICS.get(name.partition("[")[0])
    return f"{label(name)}: {metric.formula}. {metric.reference}" if metric else label(name)


def _table(frame: pd.DataFrame, caption: str) -> Table:
    named = frame.assign(metric=[label(name) for name in frame["metric"]])
    return Table(chosen(named, _COLUMNS), caption, formats=_FORMATS)
