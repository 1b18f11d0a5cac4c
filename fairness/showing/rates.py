"""The rates of groups as lines of text: a table, and what is not estimable under it."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd

from fairness.result import Audit
from fairness.showing.columns import WIDTH, set_in_columns
from fairness.showing.verdicts import said
from fairness.showing.words import plural, short_label, shortened

WEAK_SIGN = "~"
"""Stands before a value whose interval is wider than the tolerance."""

_RATES = ("selection_rate", "fpr", "fnr", "ppv")
_SCORED = ("base_rate", "mean_score", "auc")
_VALUES = ("mean_prediction", "mae", "bias", "selection_rate")
_MOST_GROUPS = 8
_MOST_SMALL = 3
_NAME = 28


def rate_lines(audit: Audit, attribute: str) -> list[str]:
    """Lay out the rates of a single attribute, the largest groups first; bins in their order."""
    frame = audit.by_group[audit.by_group["attribute"] == attribute]
    present = set(frame["metric"])
    wanted = _RATES if "fpr" in present else _VALUES if "mae" in present else _SCORED
    metrics = [name for name in (*wanted, "accuracy") if name in present][:4]
    if not metrics:
        return []
    groups = _in_order(audit, attribute, frame)
    cells = {(row["group"], row["metric"]): row for row in frame.to_dict("records")}
    shown = groups[:_MOST_GROUPS]
    small = [line for group in shown if (line := _small(group, metrics, cells))]
    more = [f"and {plural(len(groups) - len(shown), 'smaller group')}"] * (groups != shown)
    return [
        *_table(shown, metrics, cells),
        *more,
        *[part for line in small[:_MOST_SMALL] for part in line],
        "",
    ]


def _in_order(audit: Audit, attribute: str, frame: pd.DataFrame) -> list[str]:
    """Return the groups: cut numbers from low to high, others by size."""
    sizes = frame.drop_duplicates("group").set_index("group")["n"]
    cut = next(one for one in audit.table.attributes if one.name == attribute).edges
    if not cut:
        sizes = sizes.sort_values(ascending=False, kind="stable")
    return [str(group) for group in sizes.index]


def _table(
    groups: list[str], metrics: list[str], cells: dict[tuple[str, str], dict[Any, Any]]
) -> list[str]:
    """Set as many metrics in columns as a line holds."""
    for kept in range(len(metrics), 0, -1):
        names = metrics[:kept]
        head = ["", "rows", *(short_label(name) for name in names)]
        rows = [
            [
                shortened(group, _NAME),
                f"{cells[group, names[0]]['n']:,}",
                *(_cell(cells[group, name], name) for name in names),
            ]
            for group in groups
        ]
        lines = set_in_columns([head, *rows], frozenset({1}))
        if max(map(len, lines)) <= WIDTH - 2:
            break
    return lines


def _cell(row: dict[Any, Any], metric: str) -> str:
    """Write a value with its interval, or that it is none."""
    if row["state"] in ("undefined", "not estimable"):
        return str(row["state"])
    sign = WEAK_SIGN if row["state"] == "weak" else ""
    return sign + _with_ends(row, metric)


def _with_ends(row: dict[Any, Any], metric: str) -> str:
    ends = ", ".join(said(metric, row[end]).removesuffix(" %") for end in ("low", "high"))
    return f"{said(metric, row['value'])} [{ends}]"


def _small(
    group: str, metrics: list[str], cells: dict[tuple[str, str], dict[Any, Any]]
) -> list[str]:
    """Say what was counted in a group that is too small in something."""
    texts = [
        f"{short_label(name)} {_with_ends(cells[group, name], name)} "
        f"of {cells[group, name]['denominator']:,}"
        for name in metrics
        if cells[group, name]["state"] == "not estimable"
    ]
    if not texts:
        return []
    text = f"not estimable, fewer than 30 rows: {group}: {' · '.join(texts)}"
    return textwrap.wrap(text, WIDTH - 2, subsequent_indent="  ", break_long_words=False)
