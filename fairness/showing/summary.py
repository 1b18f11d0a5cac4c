"""An audit as lines of text, the most important first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fairness.frames.disparities import LEFT_OUT_MARK
from fairness.result import Audit
from fairness.showing.limits import WHAT_IT_DOES_NOT_ESTABLISH, base_rate_sentence
from fairness.showing.scores import equal_score_sentences
from fairness.showing.verdicts import Comparison, comparisons, needed, notion_names, said
from fairness.showing.words import label, listed, number, plural, short_label, with_interval
from fairness.table import ALL

WIDTH = 118
INDENT = 10

_RATES = ("selection_rate", "fpr", "fnr", "ppv")
_SCORED = ("base_rate", "mean_score", "auc")
_VALUES = ("mean_prediction", "mae", "bias", "selection_rate")
_MOST_GROUPS = 8
_SHOWN = 3


def lines(audit: Audit) -> list[str]:
    """Return the audit as lines of text."""
    found = [f"Audit of {audit.target} · {audit.rows_used}"]
    for attribute in audit.attributes:
        part = _rates(audit, attribute) + _verdicts(audit, attribute)
        found += ["", attribute, *(f"  {line}".rstrip() for line in part)]
    found += [""]
    found += _labelled("At score", equal_score_sentences(audit))
    found += _labelled("Family", _family(audit))
    found += _labelled("Base", base_rate_sentence(audit))
    found += _labelled("Proxies", _proxies(audit))
    found += _labelled("Template", (s for one in audit.templates for s in one.statements))
    found += _labelled("Notes", audit.notes)
    found += _labelled("Unsaid", WHAT_IT_DOES_NOT_ESTABLISH)
    return found


def _labelled(name: str, texts: Iterable[str]) -> list[str]:
    """Set texts beside a label, wrapped."""
    wrapped: list[str] = []
    for text in texts:
        wrapped += textwrap.wrap(text, WIDTH - INDENT, break_long_words=False)
    pad = " " * INDENT
    return [
        (name.ljust(INDENT) if place == 0 else pad) + line for place, line in enumerate(wrapped)
    ]


def _columns(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Set cells in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


# -- rates of the groups ----------------------------------------------------------------------


def _rates(audit: Audit, attribute: str) -> list[str]:
    """Lay out the rates of the groups of a single attribute, the largest groups first."""
    if attribute not in audit.table.sensitive:
        return []
    frame = audit.by_group[audit.by_group["attribute"] == attribute]
    present = set(frame["metric"])
    wanted = _RATES if "fpr" in present else _VALUES if "mae" in present else _SCORED
    metrics = [name for name in (*wanted, "accuracy") if name in present][:4]
    if not metrics:
        return []
    sizes = frame.drop_duplicates("group").set_index("group")["n"]
    order = sizes.sort_values(ascending=False, kind="stable")
    cells = {(row["group"], row["metric"]): row for row in frame.to_dict("records")}
    head = ["", "rows", *(short_label(name) for name in metrics)]
    rows = [
        [str(group), f"{n:,}", *(_cell(cells[str(group), name], name) for name in metrics)]
        for group, n in order.head(_MOST_GROUPS).items()
    ]
    more = len(order) - len(rows)
    tail = [f"and {plural(more, 'smaller group')}"] if more else []
    return [*_columns([head, *rows], frozenset({1})), *tail, ""]


def _cell(row: dict[Any, Any], metric: str) -> str:
    """Write a value with its interval, or why it is none."""
    if row["state"] == "undefined":
        return "undefined"
    if row["state"] == "not estimable":
        return f"not estimable ({said(metric, row['value'])} of {row['denominator']:,})"
    ends = ", ".join(said(metric, row[end]).removesuffix(" %") for end in ("low", "high"))
    return f"{said(metric, row['value'])} [{ends}]"


# -- verdicts ---------------------------------------------------------------------------------


def _verdicts(audit: Audit, attribute: str) -> list[str]:
    """Lay the notions of one attribute out in columns."""
    names = notion_names(audit) if audit.table.groups(()).has_predictions or (
        audit.table.task == "regression"
    ) else ("base_rate", "mean_score", "auc")  # fmt: skip
    found = comparisons(audit, attribute=attribute, metrics=names)
    if not found:
        return ["nothing to compare"]
    laid_out = _columns([_verdict_cells(one) for one in found])
    out = [
        line
        for one, row in zip(found, laid_out, strict=True)
        for line in ([row, f"    {needed(one)}"] if _is_open(one) else [row])
    ]
    return out + _left_out(audit, found)


def _is_open(one: Comparison) -> bool:
    return bool(one.group) and one.verdict == "not enough data"


def _verdict_cells(one: Comparison) -> list[str]:
    mark = {"beyond": "!", "within": "=", "not enough data": "?"}[one.verdict]
    name = f"{mark} {label(one.metric)}"
    if not one.group:
        return [name, "–", one.verdict, "fewer than two groups have enough rows"]
    limit = "" if _is_open(one) else f" {number(one.tolerance)}"
    between = (
        f"{short_label(one.part)} of {one.group} {said(one.part, one.group_value)}, "
        f"of {one.reference} {said(one.part, one.reference_value)}"
    )
    size = with_interval(one.value, one.low, one.high)
    return [name, size, f"{one.verdict}{limit}", between]


def _left_out(audit: Audit, found: list[Comparison]) -> list[str]:
    """Say which groups no verdict stands on, and in what."""
    missing: dict[str, list[str]] = {}
    for one in found:
        for group in filter(None, one.left_out.split(LEFT_OUT_MARK)):
            missing.setdefault(group, []).append(label(one.metric).lower())
    by_extent: dict[str, list[str]] = {}
    for group, names in missing.items():
        extent = "everything" if len(names) == len(found) else listed(names, _SHOWN)
        by_extent.setdefault(extent, []).append(group)
    texts = [
        f"not estimable, fewer than 30 rows: {listed(groups, _SHOWN)} in {extent}"
        for extent, groups in by_extent.items()
    ]
    return [line for text in texts for line in textwrap.wrap(text, WIDTH, subsequent_indent="  ")]


# -- beside the verdicts ----------------------------------------------------------------------


def _family(audit: Audit) -> Iterator[str]:
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


def _proxies(audit: Audit) -> Iterator[str]:
    """Say how well the attributes can be told from the other columns."""
    proxies = audit.row_findings.proxies
    if proxies is None:
        return
    for row in proxies.attributes.to_dict("records"):
        if row["group"] == ALL and row["auc"] == row["auc"]:
            size = with_interval(row["auc"], row["low"], row["high"])
            columns = proxies.columns[proxies.columns["attribute"] == row["attribute"]]
            best = listed([str(name) for name in columns["column"].head(_SHOWN)], _SHOWN)
            yield (
                f"{row['attribute']} can be told from the other columns with ROC AUC {size}"
                + (f"; most by {best} alone" if best else "")
            )
