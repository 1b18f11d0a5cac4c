"""Disparities with their verdicts."""

from __future__ import annotations

import pandas as pd

from candor.report import Block, Section, Table, Text
from fairness import drawing
from fairness.inference import Kind
from fairness.result import Audit
from fairness.showing.sections.tables import chosen
from fairness.showing.verdicts import comparisons, notion_names, sentence
from fairness.showing.words import label, plural

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

_COLUMNS = {
    "attribute": "attribute",
    "metric": "notion or metric",
    "group": "group",
    "reference": "against",
    "value": "value",
    "low": "low",
    "high": "high",
    "tolerance": "tolerance",
    "verdict": "verdict",
    "p_adjusted": "adjusted p",
    "all_groups": "among all groups",
    "detectable": "detectable",
    "needs": "needs rows of",
    "needs_rows": "about",
    "left_out": "left out",
}


def disparities_section(audit: Audit) -> Section | None:
    """Return the part on disparities; None where nothing is compared."""
    frame = audit.disparities
    if frame.empty:
        return None
    return Section("Disparities", _conclusion(audit), tuple(_blocks(audit)), _METHOD)


def _conclusion(audit: Audit) -> str:
    frame = audit.disparities
    declared = frame[(frame["family"] == "declared") & (frame["kind"] == "difference")]
    counted = declared["verdict"].value_counts()
    return (
        f"Of {plural(len(declared), 'declared difference')}, {counted.get('beyond', 0)} are "
        f"beyond the tolerance, {counted.get('within', 0)} are within it, and for "
        f"{counted.get('not enough data', 0)} there are not enough data."
    )


def _blocks(audit: Audit) -> list[Block]:
    frame = audit.disparities
    declared = frame[frame["family"] == "declared"]
    blocks: list[Block] = []
    found = comparisons(audit, metrics=notion_names(audit))
    spoken = tuple(f"{one.attribute}: {sentence(one)}" for one in found if one.declared)
    if spoken:
        blocks.append(Text("In words:", spoken))
    kinds: tuple[tuple[Kind, str], ...] = (("difference", "Differences"), ("ratio", "Ratios"))
    for kind, name in kinds:
        part = declared[declared["kind"] == kind]
        if part["value"].notna().any():
            blocks.append(
                drawing.as_block(
                    drawing.disparities_chart(part, kind=kind),
                    f"{name} with simultaneous intervals; the band is the tolerance",
                    drawing.disparities_alt(part, kind=kind),
                )
            )
    blocks.append(_table(declared, "Declared comparisons"))
    others = frame[frame["family"] != "declared"]
    if not others.empty:
        blocks.append(_table(others, "Exploratory comparisons"))
    return blocks


def _table(frame: pd.DataFrame, caption: str) -> Table:
    named = frame.assign(
        metric=[
            f"{label(metric)} ({kind})"
            for metric, kind in zip(frame["metric"], frame["kind"], strict=True)
        ]
    )
    formats = dict.fromkeys(("value", "low", "high", "among all groups", "detectable"), ".3f")
    formats |= {"adjusted p": ".3g", "about": ",.0f"}
    return Table(chosen(named, _COLUMNS), caption, formats=formats)
