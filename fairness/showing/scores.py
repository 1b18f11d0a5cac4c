"""What the comparison of outcomes at equal score says, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from candor.statistics import difference_limit
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
    """Say whether the two largest groups agree at equal score, but not in error rates.

    Both against the tolerance: at equal score within it, a rate's difference surely beyond it.
    """
    equal = audit.equal_score
    rows = (
        equal[(equal["attribute"] == attribute) & equal["value"].notna()] if len(equal) else equal
    )
    if rows.empty:
        return False
    main = top_row(rows, "rows")
    pair = [str(main[side]) for side in ("group", "reference")]
    return main["verdict"] == "within" and any(
        _least_gap(audit, attribute, metric, pair)
        > audit.settings.difference_tolerance(metric, 1.0)
        for metric in ("tpr", "fpr")
    )


def _least_gap(audit: Audit, attribute: str, metric: str, pair: list[str]) -> float:
    """Return the lower limit of the absolute difference of two groups' rates; 0 if unknown."""
    found = audit.by_group
    found = found[(found["attribute"] == attribute) & (found["metric"] == metric)]
    by_name = found.drop_duplicates("group").set_index("group")
    if not set(pair) <= set(by_name.index) or by_name.loc[pair, "value"].isna().any():
        return 0.0
    value, low, high = (by_name.loc[pair, name].to_numpy(np.float64) for name in _LIMITS)
    one, other = (0, 1) if value[0] >= value[1] else (1, 0)
    return float(
        difference_limit(
            value[one], value[one] - low[one], value[other], high[other] - value[other]
        )
    )


_LIMITS = ("value", "low", "high")
