"""Rates of each group, and of crossed groups raw and shrunk."""

from __future__ import annotations

import pandas as pd

from candor.report import Block, Chart, Section, Table
from fairness import drawing
from fairness.metrics import METRICS
from fairness.result import Audit
from fairness.showing.sections import titles
from fairness.showing.sections.tables import readable
from fairness.showing.words import label, plural

_DRAWN = ("selection_rate", "fpr", "fnr", "ppv", "mae", "bias", "mean_prediction")
"""Metrics that get a picture of their own."""
_ELSE_DRAWN = ("accuracy", "mean_score", "base_rate")
"""Metrics that get one where there is none of those: the first that there is."""
_MOST_ROWS = 500
"""Rows of the table of crossed groups."""

_COLUMNS = (
    "attribute",
    "group",
    "n",
    "metric",
    "value",
    "low",
    "high",
    "state",
    "shrunk",
    "shrunk_low",
    "shrunk_high",
    "denominator",
    "method",
)
_MOST_DRAWN = 12
"""Pictures of single attributes; the table holds everything."""
_MOST_CROSSED = 3
"""Pictures of crossed attributes."""

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
    blocks = _charts(audit, frame)[:_MOST_DRAWN]
    blocks.append(_table(frame, "Every metric in every group"))
    formulas = "\n\n".join(_formula(name) for name in dict.fromkeys(frame["metric"]))
    method = f"{_METHOD}\n\n{formulas}"
    return Section(titles.GROUPS, _conclusion(frame), tuple(blocks), method)


def crossed_section(audit: Audit) -> Section | None:
    """Return the part on crossed groups; None for a single attribute."""
    frame = audit.by_group[~audit.by_group["attribute"].isin(audit.table.sensitive)]
    if frame.empty:
        return None
    blocks: list[Block] = []
    for attribute in list(dict.fromkeys(frame["attribute"]))[:_MOST_CROSSED]:
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
    blocks.append(_crossed_table(frame))
    return Section(titles.CROSSED, _conclusion(frame), tuple(blocks), _SHRUNK_METHOD)


def _crossed_table(frame: pd.DataFrame) -> Table:
    """Return the crossed groups, the largest first; a long table keeps to the main metrics."""
    ordered = frame.sort_values("n", ascending=False, kind="stable")
    caption = "Crossed groups, raw and shrunk, the largest first"
    if len(ordered) <= _MOST_ROWS:
        return readable(ordered, caption, columns=_COLUMNS)
    main = ordered[ordered["metric"].isin([*_DRAWN, *_ELSE_DRAWN])].head(_MOST_ROWS)
    note = (
        f"{len(ordered) - len(main):,} of {len(ordered):,} rows, of other metrics and smaller "
        "groups, are in the JSON and in audit.by_group."
    )
    return readable(main, caption, columns=_COLUMNS, notes=(note,))


def _charts(audit: Audit, frame: pd.DataFrame) -> list[Block]:
    both = pd.concat([audit.overall, frame], ignore_index=True)
    blocks: list[Block] = []
    for attribute in audit.table.sensitive:
        present = set(frame.loc[frame["attribute"] == attribute, "metric"])
        drawn = [metric for metric in _DRAWN if metric in present]
        drawn = drawn or [metric for metric in _ELSE_DRAWN if metric in present][:1]
        blocks += [_chart(both, metric, attribute, audit.settings.confidence) for metric in drawn]
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
    return readable(frame, caption, columns=_COLUMNS)
