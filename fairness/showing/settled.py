"""Verdicts as lines of text: in full for single attributes, in short for crossed ones."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from fairness.frames.disparities import LEFT_OUT_MARK
from fairness.result import Audit
from fairness.showing.columns import WIDTH, set_in_columns
from fairness.showing.verdicts import (
    Comparison,
    comparisons,
    limit,
    needed,
    notion_names,
    said,
    short_size,
)
from fairness.showing.words import label, listed, plural, short_label

_SHOWN = 3
_MOST_CROSSED = 4
_BEFORE_PREDICTIONS = ("base_rate", "mean_score", "auc")
_MARKS = {"beyond": "!", "within": "=", "not enough data": "?"}


def verdict_lines(audit: Audit, attribute: str) -> list[str]:
    """Say every verdict on one attribute, and what would settle the open ones."""
    found = _compared(audit, attribute)
    if not found:
        return ["nothing to compare"]
    return [*_rows(found), *_left_out(found)]


def crossed_lines(audit: Audit) -> list[str]:
    """Say what lies beyond the tolerance in crossed groups; the rest is counted."""
    crossed = [name for name in audit.attributes if name not in audit.table.sensitive]
    found = {name: _compared(audit, name) for name in crossed}
    beyond = {name: sum(one.verdict == "beyond" for one in every) for name, every in found.items()}
    order = sorted(crossed, key=lambda name: -beyond[name])
    shown = [name for name in crossed if name in order[:_MOST_CROSSED]]
    lines: list[str] = []
    for name in shown:
        part = [f"  {line}".rstrip() for line in _in_short(found[name])]
        lines += [f"{name}, {plural(_n_groups(audit, name), 'group')}", *part, ""]
    rest = order[_MOST_CROSSED:]
    if rest:
        lines += _wrapped(
            f"{len(rest)} more crossings: {sum(beyond[name] > 0 for name in rest)} of them with "
            "something beyond the tolerance; all are in the report and in the JSON"
        )
        lines.append("")
    return lines


def _compared(audit: Audit, attribute: str) -> list[Comparison]:
    """Return the notions that an attribute is judged by; before any model, the outcomes."""
    judged = audit.table.task == "regression" or audit.table.groups(()).has_predictions
    names = notion_names(audit) if judged else _BEFORE_PREDICTIONS
    return comparisons(audit, attribute=attribute, metrics=names)


def _n_groups(audit: Audit, attribute: str) -> int:
    return int(audit.by_group.loc[audit.by_group["attribute"] == attribute, "group"].nunique())


def _in_short(found: list[Comparison]) -> list[str]:
    """Say in full what lies beyond, and name the rest."""
    lines = _rows([one for one in found if one.verdict == "beyond"])
    for verdict in ("within", "not enough data"):
        names = [label(one.metric).lower() for one in found if one.verdict == verdict]
        if names:
            joined = listed(names, len(names))
            between = " for " if verdict == "not enough data" else " the tolerance in "
            lines += _wrapped(f"{_MARKS[verdict]} {verdict}{between}{joined}")
    return [*lines, *_left_out(found)]


def _rows(found: Iterable[Comparison]) -> list[str]:
    """Set verdicts in columns; what does not fit beside them stands below."""
    found = list(found)
    if not found:
        return []
    heads = set_in_columns([_cells(one) for one in found])
    width = max(map(len, heads))
    lines: list[str] = []
    for one, head in zip(found, heads, strict=True):
        between, below = _between(one), _below(one)
        beside = f"{head.ljust(width)}  {between}"
        if len(beside) <= WIDTH - 2:
            lines.append(beside)
        else:
            lines.append(head)
            below = f"{between}; {below}" if below else between
        lines += _wrapped(below, "    ") if below else []
    return lines


def _cells(one: Comparison) -> list[str]:
    name = f"{_MARKS[one.verdict]} {label(one.metric)}"
    if not one.group:
        return [name, "–", one.verdict]
    end = f" {limit(one)}" if one.verdict != "not enough data" else ""
    return [name, short_size(one), f"{one.verdict}{end}"]


def _between(one: Comparison) -> str:
    if not one.group:
        return "fewer than two groups have enough rows"
    group, reference = one.ends
    return (
        f"{short_label(one.part)}: {group} {said(one.part, one.group_value)}, "
        f"{reference} {said(one.part, one.reference_value)}"
    )


def _below(one: Comparison) -> str:
    """Say what would settle an open question."""
    return needed(one) if one.group and one.verdict == "not enough data" else ""


def _left_out(found: list[Comparison]) -> list[str]:
    """Say which groups no verdict stands on, and in what."""
    missing: dict[str, list[str]] = {}
    for one in found:
        for group in dict.fromkeys(filter(None, one.left_out.split(LEFT_OUT_MARK))):
            named = missing.setdefault(group, [])
            named += [] if label(one.metric).lower() in named else [label(one.metric).lower()]
    everything = len({one.metric for one in found})
    by_extent: dict[str, list[str]] = {}
    for group, names in missing.items():
        extent = "everything" if len(names) == everything else listed(names, _SHOWN)
        by_extent.setdefault(extent, []).append(group)
    return [
        line
        for extent, groups in by_extent.items()
        for line in _wrapped(
            f"no verdict stands on {listed(groups, _SHOWN)} in {extent}: fewer than 30 rows"
        )
    ]


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH - 2,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
    )
