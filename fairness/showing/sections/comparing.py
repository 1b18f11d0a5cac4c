"""Disparities with their verdicts."""

from __future__ import annotations

import pandas as pd

from candor.report import Block, Section, Table, Text
from fairness import drawing
from fairness.inference import Kind
from fairness.result import Audit
from fairness.showing.sections import titles
from fairness.showing.sections.tables import readable
from fairness.showing.verdicts import comparisons, notion_names, sentence
from fairness.showing.words import label, plural, rows_cell

_METHOD = (
    "A difference is that between the two groups that lie farthest apart (or to the reference "
    "group). Its interval holds for all pairs of groups at once: max-T over the pairs, with "
    "Newcombe's hybrid score limits for rates (Newcombe 1998; Hothorn, Bretz and Westfall "
    "2008). A bootstrap percentile interval of the largest difference is not used: it misses "
    "the truth nearly always where groups are equal.\n\n"
    "beyond: the whole interval lies beyond the tolerance, also after Holm's correction among "
    "the declared comparisons (Benjamini-Hochberg among the exploratory). within: the whole "
    "interval lies inside it. not enough data: neither; the table says which group would need "
    "how many more rows. Groups with fewer than 30 rows in a denominator take no part; the "
    "value among all groups stands beside it.\n\n"
    "Detectable is the smallest true difference that would be told from none with 80 % power."
)

_COLUMNS = (
    "attribute",
    "metric",
    "verdict",
    "value",
    "low",
    "high",
    "group",
    "reference",
    "needs",
    "needs_rows",
    "p_adjusted",
    "tolerance",
    "detectable",
    "all_groups",
    "left_out",
)


_NAMES: dict[Kind, str] = {"difference": "Differences", "ratio": "Ratios"}
_MOST_SPOKEN = 20


def disparities_section(audit: Audit) -> Section | None:
    """Return the part on disparities; None where nothing is compared."""
    frame = audit.disparities
    if frame.empty:
        return None
    return Section(titles.DISPARITIES, _conclusion(audit), tuple(_blocks(audit)), _METHOD)


def declared_section(audit: Audit) -> Section | None:
    """Return the declared comparisons alone; None without any."""
    declared = audit.disparities[audit.disparities["family"] == "declared"]
    if declared.empty:
        return None
    table = _table(declared, "Declared comparisons")
    return Section(titles.DISPARITIES, _conclusion(audit), (table,), _METHOD)


def _conclusion(audit: Audit) -> str:
    frame = audit.disparities
    declared = frame[(frame["family"] == "declared") & (frame["kind"] == "difference")]
    counted = declared["verdict"].value_counts()
    return (
        f"{plural(len(declared), 'declared difference')}: {counted.get('beyond', 0)} beyond the "
        f"tolerance, {counted.get('within', 0)} within it, {counted.get('not enough data', 0)} "
        "without enough data to tell."
    )


def _blocks(audit: Audit) -> list[Block]:
    frame = audit.disparities
    declared = frame[frame["family"] == "declared"]
    blocks = _charts(declared, ("difference",))
    found = comparisons(audit, metrics=notion_names(audit))
    spoken = tuple(
        f"{one.attribute}, {label(one.metric).lower()}: {sentence(one)}"
        for one in found
        if one.declared and one.group
    )
    if spoken:
        blocks.append(Text("In words:", spoken[:_MOST_SPOKEN]))
    blocks.append(_table(declared, "Declared comparisons"))
    blocks += _charts(declared, ("ratio",))
    others = frame[frame["family"] != "declared"]
    if not others.empty:
        blocks.append(_table(_gravest_first(others), "Exploratory comparisons, gravest first"))
    return blocks


def _charts(declared: pd.DataFrame, kinds: tuple[Kind, ...]) -> list[Block]:
    """Draw the declared comparisons that have values."""
    parts = [(kind, declared[declared["kind"] == kind]) for kind in kinds]
    return [
        drawing.as_block(
            drawing.disparities_chart(part, kind=kind),
            f"{_NAMES[kind]} with simultaneous intervals; the band is the tolerance",
            drawing.disparities_alt(part, kind=kind),
        )
        for kind, part in parts
        if part["value"].notna().any()
    ]


def _gravest_first(frame: pd.DataFrame) -> pd.DataFrame:
    order = frame["verdict"].map({"beyond": 0, "not enough data": 1, "within": 2})
    return frame.assign(order=order).sort_values("order", kind="stable").drop(columns="order")


def _table(frame: pd.DataFrame, caption: str) -> Table:
    named = frame.assign(
        metric=[
            f"{label(metric)}, {kind}"
            for metric, kind in zip(frame["metric"], frame["kind"], strict=True)
        ],
        needs_rows=pd.Series(map(rows_cell, frame["needs_rows"]), frame.index, dtype=object),
    )
    return readable(named, caption, columns=_COLUMNS, heads={"metric": "notion or metric"})
