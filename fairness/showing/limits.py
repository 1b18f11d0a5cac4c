"""What an audit does not establish, and what base rates rule out: said beside every verdict."""

from __future__ import annotations

from collections.abc import Iterator

from fairness.result import Audit
from fairness.showing.words import percent, points

WHAT_IT_DOES_NOT_ESTABLISH = (
    "These counts do not say whether the recorded outcomes are right for every group (label "
    "bias), whether the target stands for what it is used for (construct validity), or what the "
    "decision does to people. A disparity within the tolerance is no certificate.",
)


def base_rate_sentence(audit: Audit) -> Iterator[str]:
    """Say how far base rates differ, and what follows (Chouldechova 2017; Kleinberg 2016)."""
    if audit.table.task != "binary":
        return
    rates = audit.by_group[audit.by_group["metric"] == "base_rate"]
    for name in audit.table.sensitive:
        rows = rates[(rates["attribute"] == name) & rates["state"].isin(["estimable", "weak"])]
        if len(rows) < 2:
            continue
        ordered = rows.sort_values("value").to_dict("records")
        lowest, highest = ordered[0], ordered[-1]
        if highest["low"] <= lowest["high"]:
            continue
        yield (
            f"{name}: base rates run from {percent(lowest['value'])} ({lowest['group']}) to "
            f"{percent(highest['value'])} ({highest['group']}){_difference(audit, name)}, so that "
            "equal predictive values and equal error rates cannot hold together unless nothing is "
            "predicted wrongly"
        )


def _difference(audit: Audit, attribute: str) -> str:
    """Write the widest difference of base rates with its interval."""
    frame = audit.disparities
    rows = frame[
        (frame["attribute"] == attribute)
        & (frame["metric"] == "base_rate")
        & (frame["kind"] == "difference")
    ]
    if len(rows) != 1 or attribute in audit.settings.reference or rows["value"].isna().any():
        return ""
    value, low, high = (points(float(rows[end].iloc[0])) for end in ("value", "low", "high"))
    return f", by {value} points [{low}, {high}]"
