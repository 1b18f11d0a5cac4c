"""What the parts of an audit come to, in a sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from explain.showing.words import listed, plural, records, short

if TYPE_CHECKING:
    from fairness import Audit

SPOKEN = (
    "selection_rate",
    "accuracy",
    "mae",
    "bias",
    "mean_prediction",
    "mean_score",
    "base_rate",
)
"""Metrics that a range over groups is told of: the first that there is."""

ATTRIBUTES = 3
"""Attributes that are told one by one."""

LARGEST = 3
"""Groups that are told by their size."""


def rates(audit: Audit, *, crossed: bool, positive: str = "") -> str:
    """Say between which groups a rate lies, and how many values are sure enough.

    Parameters
    ----------
    audit : fairness.Audit
    crossed : bool
        Whether of crossed groups, or of single attributes.
    positive : str
        The label that selects, where it is known.
    """
    frame = audit.by_group
    frame = frame[frame["attribute"].isin(audit.table.sensitive) != crossed]
    parts = frame.groupby("attribute", sort=False)
    said = [_range(str(name), part, positive) for name, part in parts]
    text = ". ".join([one for one in said if one][:ATTRIBUTES])
    counted = frame["state"].value_counts()
    weak, few = (int(counted.get(name, 0)) for name in ("weak", "not estimable"))
    sure = f"{int(counted.get('estimable', 0)):,} of {plural(len(frame), 'value')} are sure enough"
    if weak:
        sure += f"; {weak:,} are weak, with an interval wider than the tolerance"
    if few:
        sure += f"; {few:,} stand on fewer than 30 rows"
    return f"{text}. {sure}." if text else f"{sure}."


def _range(attribute: str, frame: pd.DataFrame, positive: str) -> str:
    """Say the lowest and the highest value of an attribute's groups that are large enough."""
    from fairness.showing.verdicts import said
    from fairness.showing.words import group_name, label_within

    known = frame[frame["state"].isin(["estimable", "weak"])]
    metric = next((one for one in SPOKEN if one in set(known["metric"])), None)
    values = known[known["metric"] == metric].sort_values("value", kind="stable")
    if metric is None or len(values) < 2:
        return ""
    low, high = (next(records(values.iloc[place : place + 1])) for place in (0, -1 % len(values)))
    ends = [
        f"{said(metric, row.value)} ({short(group_name(attribute, row.group), 40)})"
        for row in (low, high)
    ]
    what = label_within(metric)
    if positive and metric == "selection_rate":
        what = f"the share that is called “{positive}”"
    return f"By {short(attribute)}, {what} runs from {ends[0]} to {ends[1]}"


def sizes(audit: Audit) -> str:
    """Say which groups there are, and how large."""
    frame = audit.by_group[audit.by_group["attribute"].isin(audit.table.sensitive)]
    frame = frame.drop_duplicates(["attribute", "group"])
    said = []
    for attribute, part in frame.groupby("attribute", sort=False):
        ordered = part.sort_values("n", ascending=False, kind="stable")
        texts = [f"{short(row.group, 40)} ({row.n:,})" for row in records(ordered[["group", "n"]])]
        said.append(f"{short(attribute)}: {listed(texts, LARGEST)}")
    return f"Rows of each group: {'; '.join(said[:ATTRIBUTES])}." if said else "No group is told."
