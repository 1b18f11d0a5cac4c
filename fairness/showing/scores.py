"""What the comparison of outcomes at equal score says, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from fairness.frames.rows import top_row
from fairness.result import Audit
from fairness.showing.words import group_name, points


def equal_score_sentences(audit: Audit) -> Iterator[str]:
    """Say how outcome rates differ at equal score: of each attribute the two largest groups.

    The other pairs are counted by verdict.
    """
    frame = audit.equal_score
    for attribute, rows in frame.groupby("attribute", sort=False) if len(frame) else ():
        estimated = rows[rows["value"].notna()]
        if estimated.empty:
            continue
        main = top_row(estimated, "rows")
        counted = estimated["verdict"].value_counts()
        verdicts = ("beyond", "within", "not enough data")
        counts = ", ".join(f"{counted[name]} {name}" for name in verdicts if name in counted)
        tail = f" (of {len(estimated)} pairs: {counts})" if len(estimated) > 1 else ""
        contrast = (
            ", although error rates are not"
            if calibrated_but_unequal(audit, str(attribute))
            else ""
        )
        yield f"{attribute}: {_pair(main, str(attribute), audit)}{contrast}{tail}"


def _pair(row: Mapping[Any, Any], attribute: str, audit: Audit) -> str:
    """Say how the outcome rates of two groups differ at equal score."""
    names = [group_name(attribute, row[side]) for side in ("group", "reference")]
    value, low, high = row["value"], row["low"], row["high"]
    if value < 0:
        names, value, low, high = names[::-1], -value, -high, -low
    tolerance = f"{100 * audit.settings.difference_tolerance('equal_score', 1.0):.3g}"
    verdict = {
        "beyond": f"beyond the tolerance of {tolerance}",
        "within": f"within the tolerance of {tolerance}",
    }.get(row["verdict"], f"not enough data for the tolerance of {tolerance}")
    return (
        f"at equal score the outcome rate of {names[0]} is {points(value)} points above that of "
        f"{names[1]} ({100 * audit.settings.confidence:g} % interval {points(low)} to "
        f"{points(high)}), {verdict}"
    )


def calibrated_but_unequal(audit: Audit, attribute: str) -> bool:
    """Say whether two groups agree within the tolerance at equal score, but not in error rates."""
    found, equal = audit.disparities, audit.equal_score
    if equal.empty or found.empty:
        return False
    beyond = found[
        (found["attribute"] == attribute)
        & (found["metric"] == "equalized_odds")
        & (found["kind"] == "difference")
        & (found["verdict"] == "beyond")
    ]
    within = equal[(equal["attribute"] == attribute) & (equal["verdict"] == "within")]
    return not _pairs(beyond).isdisjoint(_pairs(within))


def _pairs(rows: pd.DataFrame) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in zip(rows["group"], rows["reference"], strict=True)}
