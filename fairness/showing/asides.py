"""What stands beside the verdicts: strata, missing values, proxies, the family's size."""

from __future__ import annotations

from collections.abc import Iterator

from fairness.frames.rows import top_row
from fairness.result import Audit
from fairness.showing.verdicts import is_rate
from fairness.showing.words import (
    group_name,
    label_within,
    listed,
    number,
    plural,
    points,
    with_interval,
)
from fairness.table import ALL

_SHOWN = 3
_WORST = "(worst pair)"
_FIRST = ("selection_rate", "mean_prediction", "base_rate")


def family_sentences(audit: Audit) -> Iterator[str]:
    """Print the size of both families."""
    frame = audit.disparities
    if frame.empty:
        return
    tested = frame["p_value"].notna()
    declared = int(((frame["family"] == "declared") & tested).sum())
    others = int(((frame["family"] != "declared") & tested).sum())
    yield (
        f"{plural(declared, 'declared comparison')}, corrected by Holm; {others:,} exploratory, "
        f"by Benjamini-Hochberg; each interval holds for all its pairs at once "
        f"({100 * audit.settings.confidence:g} %)"
    )


def within_strata_sentences(audit: Audit) -> Iterator[str]:
    """Say how the widest gap of each attribute stands within strata of the control features."""
    frame = audit.conditional
    if frame.empty:
        return
    for (attribute, control), rows in frame.groupby(["attribute", "control"], sort=False):
        present = set(rows["metric"])
        metric = next((name for name in _FIRST if name in present), rows["metric"].iloc[0])
        chosen = rows[(rows["metric"] == metric) & rows["pooled"].notna()]
        if chosen.empty:
            continue
        row = top_row(chosen, "gap")
        write = points if is_rate(metric) else number
        unit = " points" if is_rate(metric) else ""
        ends = [group_name(str(attribute), row[side]) for side in ("group", "reference")]
        yield (
            f"{attribute}: {label_within(metric)} of {ends[0]} minus that of {ends[1]} is "
            f"{write(row['gap'])}{unit}; within strata of {control} it is {write(row['pooled'])} "
            f"[{write(row['low'])}, {write(row['high'])}]: {row['verdict']}"
        )


def missing_sentences(audit: Audit) -> Iterator[str]:
    """Say how far the rows without an attribute could change its worst gap."""
    frame = audit.missing_bounds
    if frame.empty:
        return
    worst = frame[frame["group"] == _WORST]
    for attribute, rows in worst.groupby("attribute", sort=False):
        present = set(rows["metric"])
        metric = next((name for name in _FIRST if name in present), rows["metric"].iloc[0])
        row = rows[rows["metric"] == metric].iloc[0]
        write = points if is_rate(metric) else number
        unit = " points" if is_rate(metric) else ""
        yield (
            f"{attribute}: wherever the {row['missing']:,} rows without it belong, the widest "
            f"gap in {label_within(metric)} among the known groups lies between "
            f"{write(row['low'])} and {write(row['high'])}{unit}"
        )


def proxy_sentences(audit: Audit) -> Iterator[str]:
    """Say how well the attributes can be told from the other columns."""
    proxies = audit.row_findings.proxies
    if proxies is None:
        return
    for row in proxies.attributes.to_dict("records"):
        if row["group"] != ALL or row["auc"] != row["auc"]:
            continue
        size = with_interval(row["auc"], row["low"], row["high"])
        if row["low"] <= 0.5:
            yield f"{row['attribute']} cannot be told from the other columns: ROC AUC {size}"
            continue
        columns = proxies.columns[proxies.columns["attribute"] == row["attribute"]]
        alone = columns[columns["low"] > 0.5]
        best = listed([str(name) for name in alone["column"].head(_SHOWN)], _SHOWN)
        yield (
            f"{row['attribute']} can be told from the other columns with ROC AUC {size}"
            + (f"; most by {best} alone" if best else "")
        )


def template_sentences(audit: Audit) -> Iterator[str]:
    """Say what each regulation template says, under its title."""
    for report in audit.templates:
        yield f"{report.title} ({report.status}):"
        yield from report.statements
